"""Lines of Hebrew and Arabic for players that take every line to run from left to right."""

from collections.abc import Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from timing.subtitles.captions import Captions, runs_right_to_left
from timing.subtitles.units import CueUnit

EMBED, END = "\u202b", "\u202c"
LEFT_TO_RIGHT = "\u200e"

Kind = Literal["L", "R", "number", "neutral"]


class DisplayedWord(NamedTuple):
    """A word of a line as it stands on the screen; `embedded` where its marks run to the left."""

    piece: CueUnit
    embedded: bool


def embedding(text: str, captions: Captions) -> tuple[str, str]:
    """What stands before and after a line: nothing, or an invisible right-to-left embedding.

    Without it the full stop of a Hebrew line stands at its right end, and words of its Latin
    beginning come before the Hebrew ones. Take U+202B and U+202C out to have the text back.
    """
    return (EMBED, END) if runs_right_to_left(text, captions.right_to_left) else ("", "")


def visual_order(line: Sequence[CueUnit], to_the_left: bool) -> list[DisplayedWord]:
    """The words of a line from left to right, as the Unicode Bidirectional Algorithm has them.

    Numbers after Latin, and marks between two Latin words, belong to their run; the order inside a
    word is the player's business.
    """
    words = _whole(line)
    kinds: list[Kind] = ["neutral"] * (2 * len(words))  # each word's, and that of the space after
    kinds[::2] = [_kind(word.text) for word in words]
    base: Kind = "R" if to_the_left else "L"
    kinds = _resolved(kinds, base)
    levels = [{"L": 2 * to_the_left, "R": 1, "number": 2}[kind] for kind in kinds]
    order = list(range(len(kinds) - 1))
    for level in (2, 1):
        order = [
            place
            for is_turned, run in groupby(order, key=lambda at: levels[at] >= level)
            for place in (reversed(list(run)) if is_turned else run)
        ]
    return [DisplayedWord(words[at // 2], kinds[at + 1] == "R") for at in order if at % 2 == 0]


def _resolved(kinds: Sequence[Kind], base: Kind) -> list[Kind]:
    """Numbers after Latin are Latin; what is neutral is as both its neighbours, else as the line
    (rules W7, N1, N2)."""
    found: list[Kind] = []
    strong = base
    for kind in kinds:
        strong = kind if kind in ("L", "R") else strong
        found.append("L" if kind == "number" and strong == "L" else kind)
    sides: list[Kind] = [base, *("R" if kind == "number" else kind for kind in found), base]
    for place, kind in enumerate(sides[1:-1], 1):
        if kind == "neutral":
            after = next(side for side in sides[place:] if side != "neutral")
            sides[place] = found[place - 1] = after if after == sides[place - 1] else base
    return found


def _whole(line: Sequence[CueUnit]) -> list[CueUnit]:
    """The line's words, those of scripts without spaces in one: they have no order of their own."""
    words: list[CueUnit] = []
    for piece in line:
        if words and piece.no_space_before:
            text = words[-1].text + piece.text
            words[-1] = words[-1]._replace(text=text, end_ms=piece.end_ms)
        else:
            words.append(piece)
    return words


def _kind(text: str) -> Kind:
    if any(map(str.isalpha, text)):
        return "R" if runs_right_to_left(text, False) else "L"
    return "number" if any(map(str.isdecimal, text)) else "neutral"
