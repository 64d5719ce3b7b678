"""Which characters belong to a script without spaces, and which are marks: the one definition.

The strings here are the members of a set: `f"[{UNSPACED}]"` is a pattern of the `regex` package,
whose `\\p{...}` classes come from Unicode's own tables; the others are plain characters, which
`str.strip` takes too. Any package may import this module; it imports none of ours.
"""

# Unicode gives these to both kana, so no `\p{Hiragana}` or `\p{Katakana}` has them: the sound
# marks, the middle dot of foreign names, the mark of a long vowel, and their half-width forms.
_SHARED_BY_KANA = r"\u3099-\u309c\u30a0\u30fb\u30fc\uff70\uff9e\uff9f"
KANA = rf"\p{{Hiragana}}\p{{Katakana}}{_SHARED_BY_KANA}"
# U+3006 is written as a letter of Japanese (〆切), but has no script in Unicode.
HAN = r"\p{Han}\u3006"
UNSPACED = rf"{HAN}{KANA}\p{{Thai}}\p{{Lao}}\p{{Myanmar}}\p{{Khmer}}"
"""Scripts that put no space between words: `regex` set members."""

SYLLABIC = rf"{HAN}{KANA}\p{{Hangul}}"
"""Scripts of which one character is about one spoken syllable: `regex` set members."""

# Which of them opens and which closes depends on the language: „German“, »Danish«, ”Swedish”.
QUOTES = "\"'“”„‘’‚«»‹›"
_OPENING_CORNERS, _CLOSING_CORNERS = "「『《〈", "」』》〉"
OPENING_BRACKETS, CLOSING_BRACKETS = "([{（【〔", ")]}）】〕"
"""They enclose an aside, before and after which a voice pauses."""
OPENS, CLOSES = r"\p{Ps}\p{Pi}", r"\p{Pe}\p{Pf}"
"""Brackets and quotes that have a direction in Unicode: `regex` set members."""
# Those of Markdown and of HTML tags stand on both sides of a word.
_MARKUP = "*_~`|"
OPENING = QUOTES + _OPENING_CORNERS + OPENING_BRACKETS + "<" + _MARKUP + "¿¡"
"""What may stand before a word without being part of it."""
CLOSING = QUOTES + _CLOSING_CORNERS + CLOSING_BRACKETS + ">" + _MARKUP
"""What may stand after a word, and after its final mark, without being part of it."""

DASHES = "-‐‑‒–—―"

VOICE_MARKS = ",;:.!?"
"""The marks that a voice model was trained on. Every other mark is read as one of them."""

# These need no space after them: what follows is a new word all the same.
_SPACELESS = {
    "。": ".", "｡": ".", "、": ",", "､": ",", "，": ",", "！": "!", "？": "?", "；": ";", "：": ":",
    "।": ".", "॥": ".",  # India
    "።": ".", "፧": "?", "፣": ",", "፤": ";",  # Ethiopia
    "။": ".", "၊": ",", "។": ".",  # Burmese, Khmer
}  # fmt: skip
PAUSES = {
    "…": ",", "...": ",", "‥": ",", "—": ",", "–": ",",
    **_SPACELESS,
    # A figure may follow the full-width period: ３．５.
    "．": ".",
    "؟": "?", "،": ",", "؛": ";", "۔": ".", "։": ".",  # Arabic, Urdu, Armenian
}  # fmt: skip
"""What ends a clause or a sentence, and which of VOICE_MARKS it is read as."""

SPACELESS_MARKS = "".join(_SPACELESS)
CLAUSE_MARKS = VOICE_MARKS + "".join(mark for mark in PAUSES if len(mark) == 1)
"""Every single character that ends a clause or a sentence, in any script."""
SENTENCE_MARKS = ".!?" + "".join(mark for mark, read_as in PAUSES.items() if read_as in ".!?")
