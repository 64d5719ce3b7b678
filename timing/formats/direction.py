"""Lines of Hebrew and Arabic for players that take every line to run from left to right."""

from collections.abc import Sequence
from itertools import groupby

from timing.captions import Captions, runs_right_to_left
from timing.pieces import Piece

EMBED, END = "\u202b", "\u202c"
LEFT_TO_RIGHT = "\u200e"


def marks(captions: Captions) -> tuple[str, str]:
    """What stands before and after each line: nothing, or an invisible right-to-left embedding.

    Without it the full stop of a Hebrew line stands at its right end, and words of its Latin
    beginning come before the Hebrew ones. Take U+202B and U+202C out to have the text back.
    """
    return (EMBED, END) if captions.right_to_left else ("", "")


def on_screen(line: Sequence[Piece]) -> list[Piece]:
    """The words of a right-to-left line from left to right; Latin ones keep their own order."""
    words: list[Piece] = []
    for is_latin, run in groupby(_whole(line), key=lambda piece: _is_latin(piece.text)):
        run_words = list(run)
        words = (run_words if is_latin else run_words[::-1]) + words
    return words


def _whole(line: Sequence[Piece]) -> list[Piece]:
    """The line's words, those of scripts without spaces in one: they have no order of their own."""
    words: list[Piece] = []
    for piece in line:
        if words and piece.glued:
            text = words[-1].text + piece.text
            words[-1] = words[-1]._replace(text=text, end_ms=piece.end_ms)
        else:
            words.append(piece)
    return words


def _is_latin(text: str) -> bool:
    return any(map(str.isalpha, text)) and not runs_right_to_left(text)
