"""From the times of spoken tokens to the times of the script's own words. Integer ms from here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

from timing.token_times import Character, PlacedToken
from tts.speech import Script

if TYPE_CHECKING:
    from timing.token_times import Outcome

MIN_WORD_MS = 20
"""What a word gets at least, where the audio has room."""

DOUBTFUL = 0.7
"""Mean confidence of a chunk, measured with sphinx: at least 0.84 where text and audio belong
together, at most 0.59 where the text is that of the stretch before."""

_BLANK_LINE = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A script word, exactly as written, and when it is spoken: whole ms from the start.

    `source` names what placed it: an aligner, or "estimate". `interpolated` says that no aligner
    heard this very word: it is estimated, or has no sound of its own (a dash, an emoji).
    `spoken` is what the voice said for it, `chunk` the index of the chunk that owns it.
    `characters` are the letters of `spoken`, whole ms inside the word, where the aligner has them.
    `glued` says that the script has no space before it (Chinese).
    """

    word: str
    start_ms: int
    end_ms: int
    confidence: float
    source: str
    interpolated: bool
    spoken: str
    chunk: int
    characters: tuple[Character, ...] = ()
    glued: bool = False


@dataclass(frozen=True)
class Timing:
    """The words of a whole script, in order, none left out.

    `method` is the source of most words, `confidence` the mean of theirs, 0..1; `warnings` are
    sentences for the client. `billed_s` is what a service charged for, in seconds of audio.
    `outcomes` are those of the windows; None for one without tokens.
    """

    words: tuple[TimedWord, ...]
    method: str
    confidence: float
    warnings: tuple[str, ...] = ()
    billed_s: float = 0.0
    outcomes: tuple["Outcome | None", ...] = ()

    def doubtful(self) -> set[int]:
        """The chunks whose words may be those of another stretch of the audio."""
        found: dict[int, list[float]] = {}
        for word in self.words:
            sure = 0.0 if word.source == "estimate" else word.confidence
            found.setdefault(word.chunk, []).append(sure)
        return {chunk for chunk, sure in found.items() if sum(sure) / len(sure) < DOUBTFUL}


class _Slot(NamedTuple):
    start_ms: float
    end_ms: float
    confidence: float
    source: str
    unheard: bool
    characters: tuple[Character, ...] = ()


def time_words(
    script: Script,
    chunks: Sequence[int],
    placed: Sequence[PlacedToken],
    duration_ms: int,
    sound_end_ms: float,
) -> tuple[TimedWord, ...]:
    """Give every word of the script its time.

    `chunks` has each word's chunk, `placed` each token's time; the audio is `duration_ms` long and
    sounds until `sound_end_ms`. A word lasts from its first token's start to its last one's end.
    """
    slots = _slots(script, placed)
    spans = to_integer_spans(
        [(slot.start_ms, slot.end_ms) for slot in slots], duration_ms, sound_end_ms
    )
    spoken: list[list[str]] = [[] for _ in script.words]
    for token in script.tokens:
        spoken[token.word].append(token.spoken)
    ends = [-1, *(word.char_end for word in script.words)]
    return tuple(
        TimedWord(
            word=word.text,
            start_ms=start_ms,
            end_ms=end_ms,
            confidence=slot.confidence,
            source=slot.source,
            interpolated=slot.unheard or slot.source == "estimate",
            spoken=" ".join(said),
            chunk=chunk,
            characters=_inside(slot.characters, start_ms, end_ms),
            glued=word.char_start == end_before,
        )
        for word, (start_ms, end_ms), slot, said, chunk, end_before in zip(
            script.words, spans, slots, spoken, chunks, ends[:-1], strict=True
        )
    )


def _inside(characters: Sequence[Character], first_ms: int, last_ms: int) -> tuple[Character, ...]:
    """Letters in whole ms, none outside its word."""
    return tuple(
        Character(char, *(min(max(round(ms), first_ms), last_ms) for ms in (start_ms, end_ms)))
        for char, start_ms, end_ms in characters
    )


def to_integer_spans(
    spans: Sequence[tuple[float, float]], duration_ms: int, last_end_ms: float
) -> list[tuple[int, int]]:
    """Round spans to whole ms that lie in order, apart, inside the audio and are long enough.

    Every span gets 20 ms, or an equal share of an audio too short for that; no end is after the
    next start; the last end is `last_end_ms`.
    """
    if not spans:
        return []
    shortest = min(MIN_WORD_MS, duration_ms // len(spans))
    starts: list[int] = []
    for i, (start_ms, _) in enumerate(spans):
        earliest = starts[-1] + shortest if starts else 0
        latest = duration_ms - shortest * (len(spans) - i)
        starts.append(min(max(round(start_ms), earliest), latest))
    limits = [*starts[1:], duration_ms]
    ends = [*(round(end_ms) for _, end_ms in spans[:-1]), round(last_end_ms)]
    return [
        (start, min(max(end, start + shortest), limit))
        for start, end, limit in zip(starts, ends, limits, strict=True)
    ]


def sentences(script: Script) -> list[range]:
    """The script's words by sentence, as ranges of word indices that cover it without a gap.

    A word ends a sentence when the voice hears `.`, `!` or `?` after its last token, so "Dr." ends
    none; a blank line ends one too. Words without tokens stay with the sentence before them.
    """
    last_pause = {token.word: token.pause for token in script.tokens}
    firsts, ended = [0], False
    for index, word in enumerate(script.words):
        if index and _BLANK_LINE.search(
            script.text[script.words[index - 1].char_end : word.char_start]
        ):
            ended = True
        if index not in last_pause:
            continue
        if ended and index > firsts[-1]:
            firsts.append(index)
        ended = last_pause[index] in {".", "!", "?"}
    return [range(a, b) for a, b in pairwise([*firsts, len(script.words)]) if a < b]


def _slots(script: Script, placed: Sequence[PlacedToken]) -> list[_Slot]:
    """Every word's time before repair; words without tokens borrow from the word before them."""
    heard: dict[int, _Slot] = {}
    pairs = zip(script.tokens, placed, strict=True)
    for word, group in groupby(pairs, key=lambda pair: pair[0].word):
        times = [time for _, time in group]
        score = sum(time.score for time in times) / len(times)
        unheard = not any(time.heard for time in times)
        letters = tuple(letter for time in times for letter in time.characters)
        edges = times[0].start_ms, times[-1].end_ms
        heard[word] = _Slot(*edges, score, times[0].source, unheard, letters)
    slots: list[_Slot] = []
    for sounds, run in groupby(range(len(script.words)), key=heard.__contains__):
        words = list(run)
        if sounds:
            slots += [heard[word] for word in words]
        elif slots:
            slots += _share_tail(slots, len(words))
        else:
            nothing = _Slot(0.0, 0.0, 0.0, "estimate", True)
            lender = heard.get(words[-1] + 1, nothing)
            first_ms = max(0.0, lender.start_ms - MIN_WORD_MS * len(words))
            slots += [
                lender._replace(
                    start_ms=first_ms + i * MIN_WORD_MS,
                    end_ms=first_ms + (i + 1) * MIN_WORD_MS,
                    unheard=True,
                    characters=(),
                )
                for i in range(len(words))
            ]
    return slots


def _share_tail(slots: list[_Slot], count: int) -> list[_Slot]:
    """The last 20 ms of the last slot for each of `count` words, or equal shares of a short one."""
    lender = slots[-1]
    length = lender.end_ms - lender.start_ms
    step = min(float(MIN_WORD_MS), length / (count + 1))
    edges = [lender.end_ms - step * (count - i) for i in range(count + 1)]
    slots[-1] = lender._replace(end_ms=edges[0])
    return [
        lender._replace(start_ms=edges[i], end_ms=edges[i + 1], unheard=True, characters=())
        for i in range(count)
    ]
