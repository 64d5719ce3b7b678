"""Where the sentences and lines of a script end, for the cues."""

import re
from collections.abc import Sequence

from timing.words import TimedWord
from tts.speech import Script
from unicode_sets import CLAUSE_MARKS, CLOSING

_LIST_NUMBER = re.compile(r"\(?(?:\d{1,3}|[A-Za-z])[.)]")
_BLANK_LINE = re.compile(r"\n\s*\n")
_NO_END = tuple(CLAUSE_MARKS.replace(":", ""))


def cue_ends(script: Script, words: Sequence[TimedWord]) -> set[int]:
    """The indices of the words after which a cue ends best: sentences, titles, items of lists.

    script: as it is written.
    words: its words, with what captions show for each.

    A line ends a cue if the voice pauses there; the number of an item does not, "1. Mix the flour".
    Words without sound that begin a line stand after the end, the others before it.
    """
    pauses = {token.word: token.pause for token in script.tokens}
    ends: set[int] = set()
    starts = _starts(script, words)
    last = -1
    for index in pauses:
        if last >= 0 and _ends(script, words, last, index, pauses[last], starts[last]):
            ends.update(_edge(words, last, index))
        last = index
    return {*ends, len(words) - 1}


def _starts(script: Script, words: Sequence[TimedWord]) -> list[int]:
    """For each word the offset where the word before it ends that is shown; -1 without one."""
    starts: list[int] = []
    start = -1
    for written, word in zip(script.words, words, strict=True):
        starts.append(start)
        start = start if word.shown == "" else written.char_end
    return starts


def _ends(
    script: Script,
    words: Sequence[TimedWord],
    last: int,
    following: int,
    pause: str,
    start: int,
) -> bool:
    """Whether a cue ends best between two words that sound, neighbours but for silent words.

    start: where the word that is shown before `last` ends.
    """
    written = script.words[last]
    between = script.text[written.char_end : script.words[following].char_start]
    if _BLANK_LINE.search(between):
        return True
    # A number begins its line after a mark that is not shown, too: "## 1. Mix".
    begins_line = start < 0 or "\n" in script.text[start : written.char_start]
    is_number = begins_line and _LIST_NUMBER.fullmatch(written.shown or written.text)
    if is_number and "\n" not in between:
        return False
    if pause in {".", "!", "?"}:
        return True
    return bool(pause) and "\n" in between and not written.text.rstrip(CLOSING).endswith(_NO_END)


def _edge(words: Sequence[TimedWord], last: int, following: int) -> range:
    """The words that end a cue between two that sound: the last one shown, and the hidden after."""
    silent = range(last + 1, following)
    start = next((index for index in silent if words[index].joins_next), following)
    end = next((index for index in range(start, following) if words[index].shown != ""), following)
    return range(start - 1, end)
