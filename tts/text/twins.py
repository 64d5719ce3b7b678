"""Signs that look alike: each is folded into the one that the rules of all languages know.

Keyboards, word processors and PDFs write one sign in many ways: the hyphens ‐ ‑ -, the slashes ⁄ ∕
/, the apostrophes ´ ` ‘ ʼ '. The folded text has the length of the written one, so that the offsets
of its words stay.
"""

import re
import unicodedata

from tts.text.words import INVISIBLE

_TWINS = {
    "-": "‐‑‒⁃˗",
    "—": "―⸺⸻",
    "−": "➖",
    "+": "➕",
    "×": "✕✖⨯",
    "÷": "➗",
    "*": "∗⁎✱",
    "/": "⁄∕⧸",
    "~": "∼〜˜∽",
    "≈": "≃≅≂",
    "≤": "≦⩽",
    "≥": "≧⩾",
    "→": "⇒⟶⟹➔➜➝➞➙⭢",
    ":": "∶꞉",
    ".": "․٫",
    ",": "٬",
    "…": "⋯",
    "%": "٪",
    "‰": "؉",
    "″": "ʺ˝",
    "“": "❝〝‟",
    "”": "❞〞",
    "‘": "❛",
    "’": "❜",
    "〈": "⟨〈❬",
    "〉": "⟩〉❭",
}
# Full-width forms of ASCII and of currency signs, and small forms of signs.
_RANGES = (range(0xFF01, 0xFF5F), range(0xFFE0, 0xFFE7), range(0xFE50, 0xFE6C))
_TABLE = {ord(twin): sign for sign, twins in _TWINS.items() for twin in twins} | {
    code: plain
    for codes in _RANGES
    for code in codes
    if len(plain := unicodedata.normalize("NFKC", chr(code))) == 1
}
# Whatever shows nothing is a zero-width space, but for the joiners that some languages write with.
_UNSEEN = re.compile(f"(?![\u200c\u200d])[{INVISIBLE}]")
# Between two letters these are apostrophes. Elsewhere they are quotes, accents or prime marks.
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])[´`‘’ʼʹ′‛ʻʽꞌ](?=[^\W\d_])")
# At the start of a word they stand for what is left out: ´tis, ´90s.
_CUT = re.compile(r"(?<![\w´`'‘’])[´ʼ‛′](?=[^\W\d_]|\d\d(?!\d))")
# After a figure these are marks of feet, and two of them are one of inches: 6´ 2''.
_PRIME = re.compile(r"(?<=\d)(?:['’´′]{2}(?![\w'’´′])|[´ʹ](?![^\W\d]|['’´′]))")
# In a text that quotes with two signs, as TeX does, two after a figure may close a quotation.
_TYPED_QUOTE = re.compile(r"(?<![\w'’´′`])(?:``|''|´´)(?=\w)")
# A fraction of raised and lowered figures, as PDFs have it: ¹⁄₂.
_FRACTION = re.compile(r"(?<![⁰¹²³⁴-⁹])[⁰¹²³⁴-⁹]{1,3}/[₀-₉]{1,3}(?![₀-₉])")
_FIGURES = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "01234567890123456789")
_VULGAR = {unicodedata.normalize("NFKC", sign): sign for sign in "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒"}


def fold_twins(text: str) -> str:
    """The text with each sign in its plain form. Its length stays."""
    if text.isascii() and "''" not in text and "`" not in text:
        return text
    text = _UNSEEN.sub("\u200b", text.translate(_TABLE))
    text = _CUT.sub("'", _APOSTROPHE.sub("'", text))
    inches = None if _TYPED_QUOTE.search(text) else "″\u200b"
    text = _PRIME.sub(lambda m: "′" if len(m[0]) == 1 else inches or m[0], text)
    return _FRACTION.sub(_fraction, text)


def _fraction(match: re.Match[str]) -> str:
    """1/2 for ¹/₂, and ½ after a figure: 5¹/₂ is five and a half."""
    plain = match[0].translate(_FIGURES)
    if not match.string[match.start() - 1 : match.start()].isdecimal():
        return plain
    # Zero-width spaces fill the length.
    sign = _VULGAR.get(plain.replace("/", "⁄"))
    return sign.ljust(len(plain), "\u200b") if sign else match[0]
