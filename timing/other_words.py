"""What a client is told where text and audio have other words."""

from collections.abc import Sequence
from itertools import groupby

from messages import SHOWN, cut, quote_value
from timing.words import TimedWord

_MAX_RUNS = 20
"""Most runs of words that have a sentence of their own."""
_MAX_QUOTED = SHOWN - len('"..."')


def warnings(words: Sequence[TimedWord]) -> list[str]:
    """A sentence for each run of words that nobody says, and one for the words that were inserted.

    words: all words, in order.
    """
    found: list[str] = []
    groups = groupby(words, key=lambda word: word.is_spoken)
    runs = [list(run) for is_spoken, run in groups if not is_spoken]
    for run in runs[:_MAX_RUNS]:
        count = "1 word of the text is" if len(run) == 1 else f"{len(run)} words of the text are"
        text = _quoted([word.word for word in run])
        found.append(
            f"{run[0].start_ms / 1000:.1f} s: {count} not said there, and cues leave them "
            f"out: {text}"
        )
    if len(runs) > _MAX_RUNS:
        rest = sum(map(len, runs[_MAX_RUNS:]))
        found.append(f"{rest} more words of the text are not said")
    inserted = [word.word for word in words if not word.is_scripted]
    if inserted:
        count = "1 word" if len(inserted) == 1 else f"{len(inserted)} words"
        text = _quoted(inserted)
        found.append(f"the worker inserted {count} that the text lacks: {text}")
    return found


def _quoted(words: Sequence[str]) -> str:
    """The first of these words in quotes, with "..." inside them if there are more."""
    return quote_value(cut(" ".join(words[:_MAX_QUOTED]), _MAX_QUOTED))
