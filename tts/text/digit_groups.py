"""Numbers that are written as several words: 10 000, +1 212 555 0100."""

import re
from collections.abc import Sequence

import regex

# Languages that group thousands by a space. Elsewhere only a non-breaking space joins two words.
SPACES = {"bg", "cs", "et", "fi", "fr", "hu", "lt", "lv", "nb", "nn", "no", "pl", "ru", "sk", "sv"}
SPACES |= {"uk"}
# Here so many figures of groups are one number even after a plain space; "2 000" is one too.
_SOMETIMES_BY_SPACE = {"da", "de", "es", "it", "nl", "pt", "ro"}
_MIN_FIGURES = 5
_GROUPS = re.compile(r"[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d{1,3})?")
# The unit of a number whose groups no-break spaces hold together, or the language: 1 250km.
_UNIT = re.compile(r"[^\W\d_]{1,5}[²³]?[.,;:!?]*")
# The ending of an ordinal in Spanish, Portuguese and Italian: 1 000.º
_ORDINAL = re.compile(r"\.?(?:[ºª]|ᵉʳ)[.,;:!?]*")
# What may stand before the first figure: a sign of comparison, a minus, a currency: ~$1 250.
_BEFORE = regex.compile(r"^[-−–+~<>≈≥≤±]?(?:[A-Z]{0,3}\p{Sc})?[-−]?(?=\d)")
_PHONE = re.compile(
    r"\+(?=(?: ?\d){8,15}$)\d{1,3}(?: \d{1,10}){1,5}"
    r"|\+\d{1,3}(?: \d{1,4}){2,5}|0\d{1,4}(?: \d{3,4}){2}|(?:1 )?\d{3} \d{3} \d{4}|0\d(?: \d\d){4}"
    r"|1[38]00 \d{3} \d{3}|0\d{3,4} \d{6}|00[1-9]\d{0,2}(?: \d{1,4}){2,5}"
)
# The trunk prefix, which is not dialled after a country code: +49 (0)30.
_TRUNK = re.compile(r"^0\)(?=\d)")
_MAX_GROUPS = 7


def join_digit_groups(
    pieces: Sequence[str], bound: Sequence[bool], language: str
) -> tuple[list[str], list[int]]:
    """Join the words of each such number into one.

    pieces: the words without quotes and brackets.
    bound: for each word, whether a non-breaking space follows it.
    Returns the words, and for each of them how many written words it stands for.
    """
    joined: list[str] = []
    counts: list[int] = []
    index = 0
    while index < len(pieces):
        piece, count = pieces[index], 1
        if _BEFORE.sub("", piece).isdecimal():
            piece, count = _longest(pieces, bound, index, language)
        joined.append(piece)
        counts.append(count)
        index += count
    return joined, counts


def _longest(
    pieces: Sequence[str], bound: Sequence[bool], first: int, language: str
) -> tuple[str, int]:
    """The longest number that begins at word `first`, as one word, and its count of words."""
    language = language.partition("-")[0]
    digits_only = _BEFORE.sub("", pieces[first])
    sign = pieces[first].removesuffix(digits_only)
    run, tail = [digits_only], ""
    for piece, is_bound in zip(
        pieces[first + 1 : first + _MAX_GROUPS], bound[first:], strict=False
    ):
        if sign == "+":
            piece = _TRUNK.sub("", piece)
        digits = re.match(r"\d+(?:[.,]\d+)?", piece)
        if not digits or tail or not run[-1].isdecimal():
            break
        after = piece[digits.end() :]
        may_have_unit = is_bound or language in SPACES
        is_suffix = _ORDINAL.fullmatch(after) or (may_have_unit and _UNIT.fullmatch(after))
        if re.search(r"\w|[-/]", after) and not is_suffix:
            break
        run.append(digits[0])
        tail = after
    text = " ".join(run)
    if len(run) > 1 and sign in ("", "+") and _PHONE.fullmatch(sign + text):
        return sign + text.replace(" ", "-") + tail, len(run)
    is_bound = all(bound[first : first + len(run) - 1])
    follows = "".join(pieces[first + len(run) : first + len(run) + 1]).rstrip(".,;:!?")
    money = not tail and follows in ("€", "EUR", "euro", "euros", "reais", "kr", "zł", "Kč", "₽")
    # English writes 2,000. "Buy 3 250 g bags" has two numbers, but "2 000" and "3 250 €" are one.
    is_plain = " 000" in text or money or bool(_ORDINAL.fullmatch(tail))
    if language in _SOMETIMES_BY_SPACE:
        # "+58 (212) 555-0147" begins with no number of thousands.
        is_plain = is_plain or (sign != "+" and sum(map(str.isdecimal, text)) >= _MIN_FIGURES)
    is_number = language in SPACES or is_bound
    is_number = is_number or (language in ("en", *_SOMETIMES_BY_SPACE) and is_plain)
    if len(run) > 1 and _GROUPS.fullmatch(text) and is_number:
        number = text.replace(",", ".").replace(" ", ",") if language == "en" else text
        return sign + number.replace(" ", "") + tail, len(run)
    return pieces[first], 1


def distribute(spoken: Sequence[str], words: Sequence[str]) -> list[list[str]]:
    """Give each written word its share of the spoken ones, by its number of digits."""
    lengths = [sum(map(str.isdecimal, word)) + word.startswith("+") for word in words]
    total, done, start = sum(lengths), 0, 0
    shares: list[list[str]] = []
    for length in lengths:
        done += length
        end = round(len(spoken) * done / total)
        shares.append(list(spoken[start:end]))
        start = end
    return shares
