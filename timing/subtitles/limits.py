"""How long a line may be in a language, and how quickly people read it.

The numbers are those of Netflix's Timed Text Style Guides for adult programmes. Columns: a
full-width character counts two. Reading speeds: columns a second, spaces included.
"""

FULL_WIDTH_COLUMNS = {"zh": 32, "ja": 26, "ko": 32}
"""16 full-width characters in Chinese and Korean, 13 in Japanese."""
FULL_WIDTH_CPS = {"zh": 18.0, "ja": 8.0, "ko": 24.0}
"""9 full-width characters a second in Chinese, 4 in Japanese, 12 in Korean."""

COLUMNS = {**FULL_WIDTH_COLUMNS, "ru": 39, "th": 35}
"""The languages whose lines have other limits than 42 columns."""
CPS = {**FULL_WIDTH_CPS, "en": 20.0}
"""The languages that are read quicker or slower than 17 characters a second."""
