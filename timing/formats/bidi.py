"""Lines of Hebrew and Arabic for players that assume that every line runs from left to right.

The rules W7, N1 and N2 are those of the Unicode Bidirectional Algorithm,
https://www.unicode.org/reports/tr9/.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from timing.subtitles.captions import Captions, runs_right_to_left
from timing.subtitles.units import CueUnit

EMBED, END = "\u202b", "\u202c"
LEFT_TO_RIGHT = "\u200e"

Kind = Literal["L", "R", "number", "neutral"]


class DisplayedWord(NamedTuple):
    """A word of a line as it stands on the screen.

    embedded: true if the word and its marks run from right to left.
    """

    unit: CueUnit
    embedded: bool


def embedding(text: str, captions: Captions) -> tuple[str, str]:
    """The text before and after a line: an invisible right-to-left embedding, or nothing.

    Without it the full stop of a Hebrew line stands at its right end, and Latin words at its start
    come before the Hebrew ones. Without U+202B and U+202C the line is the original.
    """
    return (EMBED, END) if runs_right_to_left(text, captions.right_to_left) else ("", "")


def second_embedding(text: str, captions: Captions) -> tuple[str, str]:
    """The same for a line of the second language, whose script has a direction of its own."""
    in_script = captions.second is not None and captions.second.right_to_left
    return (EMBED, END) if runs_right_to_left(text, in_script) else ("", "")


def visual_order(line: Sequence[CueUnit], to_the_left: bool) -> list[DisplayedWord]:
    """The words of a line in their order on the screen, from left to right.

    line: the words in the order of writing.
    to_the_left: whether the line runs from right to left.

    Numbers after Latin, and marks between two Latin words, belong to the Latin run. The player
    itself orders the letters inside a word.
    """
    words = _join_unspaced(line)
    kinds: list[Kind] = ["neutral"] * (2 * len(words))  # each word's, and that of the space after
    kinds[::2] = [_kind(word.text) for word in words]
    base: Kind = "R" if to_the_left else "L"
    kinds = _resolve(kinds, base)
    levels = [{"L": 2 * to_the_left, "R": 1, "number": 2}[kind] for kind in kinds]
    # Rule L2: reverse every run of the highest level, then every run of that level or the next.
    order = list(range(len(kinds) - 1))
    for level in (2, 1):
        order = [
            index
            for is_turned, run in groupby(order, key=lambda at: levels[at] >= level)
            for index in (reversed(list(run)) if is_turned else run)
        ]
    return [DisplayedWord(words[at // 2], kinds[at + 1] == "R") for at in order if at % 2 == 0]


def _resolve(kinds: Sequence[Kind], base: Kind) -> list[Kind]:
    """Give numbers and neutrals the direction of what is around them (rules W7, N1, N2).

    A number after Latin is Latin. A neutral follows its neighbours if both run the same way, else
    the line (`base`).
    """
    resolved: list[Kind] = []
    strong = base
    for kind in kinds:
        strong = kind if kind in ("L", "R") else strong
        resolved.append("L" if kind == "number" and strong == "L" else kind)
    sides: list[Kind] = ["R" if kind == "number" else kind for kind in resolved]
    # The first side at each place or after it that is no neutral, from the end to the beginning.
    afters: list[Kind] = []
    after = base
    for side in reversed(sides):
        after = after if side == "neutral" else side
        afters.append(after)
    before = base
    for index, (side, after) in enumerate(zip(sides, reversed(afters), strict=True)):
        if side == "neutral":
            before = resolved[index] = after if after == before else base
        else:
            before = side
    return resolved


def _join_unspaced(line: Sequence[CueUnit]) -> list[CueUnit]:
    """The line's words; units without a space between them become one, since no order separates
    them."""
    words: list[CueUnit] = []
    for unit in line:
        if words and unit.no_space_before:
            text = words[-1].text + unit.text
            words[-1] = words[-1]._replace(text=text, end_ms=unit.end_ms)
        else:
            words.append(unit)
    return words


def _kind(text: str) -> Kind:
    if any(map(str.isalpha, text)):
        return "R" if runs_right_to_left(text, False) else "L"
    return "number" if any(map(str.isdecimal, text)) else "neutral"
