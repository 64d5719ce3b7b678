"""Reading number words as numbers: the inverse of tts/text/numbers.py, by tables of the parts."""

from collections.abc import Iterator, Mapping
from functools import cache

from tts.text import numbers

_THOUSANDS = (10**12, 10**9, 10**6, 1000)
_MYRIADS = (10**12, 10**8, 10**4)
_LAKHS = (10**7, 10**5, 1000)
SCALES: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(("ja", "ko", "zh"), _MYRIADS),
    **dict.fromkeys(("bn", "hi", "mr", "ta"), _LAKHS),
}
"""The numbers that have words of their own, where these are not the powers of a thousand."""
MAX_DIGITS: Mapping[str, int] = {
    **dict.fromkeys(("bn", "ca", "es", "eu", "hi", "mr", "pt", "ta", "th"), 9),
    **dict.fromkeys(("bg", "vi"), 12),
}
"""How long a number may be where more than a thousand of the greatest scale are counted."""
FEW = (1, 2, 3, 5, 7, 10, 11, 12, 20, 21, 22, 31, 70, 99, 100, 101, 200, 345, 999)
"""How many of a scale over a million there may be."""
# What may stand between the parts of a number, besides spaces and hyphens.
_JOINERS: Mapping[str, tuple[str, ...]] = {
    "am": ("አንድ",), "ar": ("و", "اًو"), "bg": ("и",), "da": ("og",), "en": ("and",), "fa": ("و",),
    "he": ("ו",), "is": ("og",), "it": ("e",), "nb": ("og",), "no": ("og",), "pt": ("e",),
    "sq": ("e",), "sw": ("na",), "vi": ("khôngtrămlẻ", "khôngtrăm"), "zh": ("零一", "零"),
}  # fmt: skip
# How a part is written with another one after it, and how it is written there.
_BEFORE_OTHERS = {"sv": {"tusen": "ettusen"}}
_AFTER_OTHERS = {"th": {"เอ็ด": "หนึ่ง"}}


def read_number(words: list[str], language: str) -> set[int]:
    """All the numbers that the words may mean: one if they are right.

    words: of an integer, with MAX_DIGITS digits at most, and FEW of what is over a million; or
    digits one by one. language: as for `tts.text.numbers.in_language`.
    """
    digits = _parts(1, language)
    if len(words) > 1 and all(digits.get(word, 10) < 10 for word in words):
        return {int("".join(str(digits[word]) for word in words))}
    return set(_read("".join(words), SCALES.get(language[:2], _THOUSANDS), language))


def read_digits(words: list[str], language: str) -> str:
    """The digits that are named one by one. Raises KeyError for other words."""
    digits = {"".join(numbers.cardinal_in(digit, language)): str(digit) for digit in range(10)}
    return "".join(digits[word] for word in words)


@cache
def _parts(scale: int, language: str) -> Mapping[str, int]:
    """The words of the multiples of a scale, without spaces."""
    scales = SCALES.get(language[:2], _THOUSANDS)
    greater = next((other for other in reversed(scales) if other > scale), 100 * scale)
    multiples = range(greater // scale) if scale < 10**8 else FEW
    found: dict[str, int] = {}
    for multiple in multiples:
        words = "".join(numbers.cardinal_in(multiple * scale, language))
        assert words not in found, f"{words} is {found[words]} and {multiple * scale}"
        if multiple or scale == 1:
            found[words] = multiple * scale
    return found


def _read(
    text: str, scales: tuple[int, ...], language: str, is_after_others: bool = False
) -> Iterator[int]:
    if is_after_others:
        text = _AFTER_OTHERS.get(language, {}).get(text, text)
    units = _parts(1, language)
    if text in units and not (is_after_others and units[text] == 0):
        yield units[text]
    for index, scale in enumerate(scales):
        parts = _parts(scale, language)
        if text in parts:
            yield parts[text]
        for end in range(1, len(text)):
            head, rest = text[:end], text[end:]
            value = parts.get(_BEFORE_OTHERS.get(language, {}).get(head, head))
            for joiner in ("", *_JOINERS.get(language[:2], ())) if value else ():
                if rest.startswith(joiner):
                    smaller = _read(rest.removeprefix(joiner), scales[index + 1 :], language, True)
                    yield from (value + number for number in smaller)  # type: ignore[operator]
