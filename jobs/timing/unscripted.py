"""Words that are said and that the text lacks: they are put into the text, each at its place."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import ClassVar

from errors import WorkerError
from timing.unspaced import characters
from tts.speech import RecognizedWord, Script
from tts.text.tags import Markup

INSERT, IGNORE = "insert", "ignore"
CHOICES = (IGNORE, INSERT)

_EDGE_MS = 100.0

_MARKS_OF_TAGS = str.maketrans("", "", "[]{}<>*_`|#\\")
"""What Whisper writes is no markup."""


class UnscriptedUnavailable(WorkerError):
    """Words that the text lacks were asked for, and nothing can hear them."""

    code: ClassVar[str] = "timing_unavailable"

    def __init__(self, language: str | None = None) -> None:
        problem = (
            f"this worker's Whisper does not know language {language!r}"
            if language
            else "this worker has no Whisper to hear them with"
        )
        super().__init__(
            f"unscripted words cannot be inserted: {problem}; send `unscripted`: `ignore` (the "
            "operator can set WHISPER_MODEL)"
        )


@dataclass(frozen=True, slots=True)
class Insertion:
    """Consecutive words that are said before a token.

    token: the index of the token; the number of tokens stands for the end.
    words: as the recogniser writes them.
    """

    token: int
    words: tuple[str, ...]


def without_halves(
    words: Sequence[tuple[int, RecognizedWord]], edges_ms: Sequence[float]
) -> list[tuple[int, RecognizedWord]]:
    """Recognised words without those alone at an edge: a cut through a word makes two of it.

    words: each with the index of the token after it, in order.
    edges_ms: where the audio was cut for the recogniser, in order.
    """
    counts = Counter(index for index, _ in words)
    kept: list[tuple[int, RecognizedWord]] = []
    for index, word in words:
        at = bisect_left(edges_ms, word.start_ms - _EDGE_MS)
        is_at_edge = at < len(edges_ms) and edges_ms[at] <= word.end_ms + _EDGE_MS
        if counts[index] > 1 or not is_at_edge:
            kept.append((index, word))
    return kept


def group(script: Script, words: Sequence[tuple[int, RecognizedWord]]) -> list[Insertion]:
    """Recognised words that stand for no token of a script, by their place.

    words: each with the index of the token after it, as `extra_words` gives them.
    """
    found: dict[int, list[str]] = {}
    for index, word in words:
        token = index
        # A written word stays whole.
        while 0 < token < len(script.tokens) and (
            script.tokens[token - 1].word == script.tokens[token].word
        ):
            token += 1
        text = word.text.translate(_MARKS_OF_TAGS)
        if any(map(str.isalnum, text)):
            found.setdefault(token, []).append(text)
    return [Insertion(token, tuple(texts)) for token, texts in sorted(found.items())]


def with_insertions(
    markup: Markup, script: Script, insertions: Sequence[Insertion]
) -> tuple[Markup, list[range]]:
    """A text with words inserted after the words of a script, and the characters of these words.

    markup: the text that was read as the script.
    """
    parts: list[str] = []
    ranges: list[range] = []
    moved: list[tuple[int, int]] = []
    end = length = 0
    for insertion in insertions:
        last_word = script.tokens[insertion.token - 1].word if insertion.token else -1
        at = script.words[last_word].char_end if insertion.token else 0
        said = _joined(insertion.words)
        parts.append(markup.text[end:at])
        length += at - end
        added = f" {said}" if insertion.token else f"{said} "
        first = length + len(added) - len(added.lstrip())
        ranges.append(range(first, first + len(said)))
        parts.append(added)
        length += len(added)
        moved.append((at, len(added)))
        end = at
    parts.append(markup.text[end:])
    places = [at for at, _ in moved]
    lengths = [0, *accumulate(added for _, added in moved)]
    tags = tuple(
        replace(tag, char=tag.char + lengths[bisect_right(places, tag.char)]) for tag in markup.tags
    )
    readings = tuple(
        replace(
            reading,
            char_start=reading.char_start + lengths[bisect_right(places, reading.char_start)],
            # No word is inserted inside a reading.
            char_end=reading.char_end + lengths[bisect_right(places, reading.char_start)],
        )
        for reading in markup.readings
    )
    return (
        replace(
            markup,
            text="".join(parts),
            tags=tags,
            readings=readings,
            offsets=_moved_offsets(markup, moved),
        ),
        ranges,
    )


def _moved_offsets(markup: Markup, moved: Sequence[tuple[int, int]]) -> list[int]:
    """`Markup.offsets` of the text with insertions, which stand at the place between two words.

    moved: the offset of each insertion in the text without them, and its length.
    """
    old = range(len(markup.text)) if markup.offsets is None else markup.offsets
    offsets: list[int] = []
    end = 0
    for at, length in moved:
        offsets += old[end:at]
        offsets += [old[at - 1] + 1 if at else 0] * length
        end = at
    return [*offsets, *old[end:]]


def inserted_words(script: Script, ranges: Sequence[range]) -> frozenset[int]:
    """The indices of a script's words that lie in these characters, which are in order."""
    starts = [characters.start for characters in ranges]
    found: set[int] = set()
    for index, word in enumerate(script.words):
        before = bisect_left(starts, word.char_end) - 1
        if before >= 0 and word.char_start in ranges[before]:
            found.add(index)
    return frozenset(found)


def _joined(words: Sequence[str]) -> str:
    """The words with spaces between them, but for those of scripts without spaces."""
    text = ""
    for word in words:
        is_unspaced = text and len(characters(text[-1] + word[0])) > 1
        text += word if not text or is_unspaced else f" {word}"
    return text
