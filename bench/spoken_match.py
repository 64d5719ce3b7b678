"""When what is said counts as what should be said: the differences that no listener minds.

Capitals, punctuation, hyphens, spaces and apostrophes do not count; nor do accents in Spanish,
French, Italian, Portuguese and Catalan, ß for ss, and ё for е. In English "and" may be left out, 0
may be "oh" or "zero", and British spellings count as American ones. Chinese characters may be
traditional, and 两 is 二.
"""

import re
import unicodedata

_WITHOUT_ACCENTS = ("ca", "en", "es", "fr", "it", "pt")
_EAST_ASIAN = ("ja", "ko", "zh")
_SAME_WORDS = {
    **dict.fromkeys(("o", "oh"), "zero"),
    "negative": "minus",
    "misses": "missus",
    "jpeg": "jpg",
    **{
        f"{prefix}{stem}re{plural}": f"{prefix}{stem}er{plural}"
        for prefix, stem in (("", "met"), ("kilo", "met"), ("", "lit"))
        for plural in ("", "s")
    },
}
_SAME_CHARACTERS = {
    "zh": str.maketrans("〇兩两點萬億負個號樓鐘幺", "零二二点万亿负个号楼钟一"),
    "ja": str.maketrans("〇", "零"),
    "ko": str.maketrans("〇", "零"),
}
_SAME_LETTERS = {"ß": "ss", "ё": "е"}
_APOSTROPHES = str.maketrans("’`", "''")
_INNER_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_ENGLISH_WORD = re.compile(r"[^\W\d_]+|\d+")


def is_accepted(language: str, said: str, right: str) -> bool:
    """Whether `said` is one of the right forms.

    language: ISO 639-1. right: the forms, with " | " between them.
    """
    heard = _essence(language, said)
    return any(heard == _essence(language, form) for form in right.split(" | "))


def _essence(language: str, text: str) -> str:
    """What of a text counts."""
    text = unicodedata.normalize("NFC", text).lower().translate(_APOSTROPHES)
    if language in _EAST_ASIAN:
        text = unicodedata.normalize("NFKC", text).translate(_SAME_CHARACTERS[language])
    if language == "en":
        text = _INNER_APOSTROPHE.sub("", text)
    if language in _WITHOUT_ACCENTS:
        apart = unicodedata.normalize("NFD", text)
        text = "".join(char for char in apart if unicodedata.category(char) != "Mn")
    if language == "en":
        words = _ENGLISH_WORD.findall(text)
        return "".join(_SAME_WORDS.get(word, word) for word in words if word != "and")
    for letter, same in _SAME_LETTERS.items():
        text = text.replace(letter, same)
    return "".join(char for char in text if unicodedata.category(char)[0] in "LMN")
