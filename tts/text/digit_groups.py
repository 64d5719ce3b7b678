"""Figures that several written words hold: 10 000, +1 212 555 0100."""

import re
from collections.abc import Sequence

# Languages that part thousands by a space; elsewhere a space that does not break must show it.
SPACES = {"bg", "cs", "et", "fi", "fr", "hu", "lt", "lv", "nb", "nn", "no", "pl", "ru", "sk", "sv"}
SPACES |= {"uk"}
_GROUPS = re.compile(r"[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d{1,3})?")
_PHONE = re.compile(
    r"\+(?=(?: ?\d){8,15}$)\d{1,3}(?: \d{1,10}){1,5}"
    r"|\+\d{1,3}(?: \d{1,4}){2,5}|0\d{1,4}(?: \d{3,4}){2}|(?:1 )?\d{3} \d{3} \d{4}|0\d(?: \d\d){4}"
    r"|0\d{3,4} \d{6}|00[1-9]\d{0,2}(?: \d{1,4}){2,5}"
)
# Not dialled after a country's code: +49 (0)30.
_TRUNK = re.compile(r"^0\)(?=\d)")
_MAX_GROUPS = 7


def join_digit_groups(
    pieces: Sequence[str], bound: Sequence[bool], language: str
) -> tuple[list[str], list[int]]:
    """The pieces with such words made one, and how many words each of them stands for.

    `bound` says of each word whether a space that does not break follows it.
    """
    found: list[str] = []
    counts: list[int] = []
    index = 0
    while index < len(pieces):
        piece, count = pieces[index], 1
        if pieces[index].removeprefix("+").isdecimal():
            piece, count = _longest(pieces, bound, index, language)
        found.append(piece)
        counts.append(count)
        index += count
    return found, counts


def _longest(
    pieces: Sequence[str], bound: Sequence[bool], first: int, language: str
) -> tuple[str, int]:
    """The run of figures that begins at a word, as one piece, and how many words it has."""
    run, tail = [pieces[first]], ""
    for piece in pieces[first + 1 : first + _MAX_GROUPS]:
        if run[0].startswith("+"):
            piece = _TRUNK.sub("", piece)
        figures = re.match(r"\d+(?:[.,]\d+)?", piece)
        if (
            not figures
            or tail
            or not run[-1].removeprefix("+").isdecimal()
            or re.search(r"\w|[-/]", piece[figures.end() :])
        ):
            break
        run.append(figures[0])
        tail = piece[figures.end() :]
    text = " ".join(run)
    if len(run) > 1 and _PHONE.fullmatch(text):
        return text.replace(" ", "-") + tail, len(run)
    together = all(bound[first : first + len(run) - 1])
    follows = "".join(pieces[first + len(run) : first + len(run) + 1]).rstrip(".,;:!?")
    money = not tail and follows in ("€", "EUR", "kr", "zł", "Kč", "₽")
    known = language in SPACES or together or (language == "en" and (" 000" in text or money))
    if len(run) > 1 and _GROUPS.fullmatch(text) and known:
        return text.replace(" ", "," if language == "en" else "") + tail, len(run)
    return pieces[first], 1


def distribute(spoken: Sequence[str], words: Sequence[str]) -> list[list[str]]:
    """What is said for words together, each word's share by the figures that it has."""
    lengths = [sum(map(str.isdecimal, word)) + word.startswith("+") for word in words]
    total, done, start = sum(lengths), 0, 0
    shares: list[list[str]] = []
    for length in lengths:
        done += length
        end = round(len(spoken) * done / total)
        shares.append(list(spoken[start:end]))
        start = end
    return shares
