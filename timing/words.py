"""From the times of spoken tokens to those of the script's words. Here they become whole ms."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise
from typing import NamedTuple

from timing.token_times import (
    ESTIMATE,
    MIN_WORD_MS,
    TimedCharacter,
    TimedToken,
    WindowAlignment,
    separate,
)
from tts.speech import Script, Word

MIN_CHUNK_CONFIDENCE = 0.7
"""Below this mean confidence a chunk's text may be spoken elsewhere. Measured with sphinx: at least
0.84 where text and audio belong together, at most 0.59 with the text of the stretch before."""

_NUMBER_AFTER = re.compile(r"\s*+[^\w\s]?\d")
_NO_MORE_WORDS = re.compile(r"[^\w\n]*+(?:\n|\Z)")
LOW_CONFIDENCE = 0.3
"""A word of less confidence may be another one."""

_BLANK_LINE = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A script word, exactly as written, and when it is spoken.

    start_ms, end_ms: whole milliseconds from the start of the audio.
    confidence: the mean of its tokens' confidences, 0..1.
    source: what placed it, an aligner's name or ESTIMATE.
    is_heard: false if no aligner heard this very word: its time is estimated, or it has no sound of
        its own (a dash, an emoji).
    spoken: what the voice says for it.
    chunk: the index of the chunk that owns it.
    characters: the letters of `spoken`, whole ms inside the word, if the aligner places letters.
    no_space_before: true if the script has no space before it (Chinese).
    shown: what captions show for it, nothing for a mark of Markdown; None if that is the word as
        written.
    joins_next: true if it has no sound of its own and stands with the word after it, like a bullet
        or the CHF of "CHF 15"; a dash or an emoji stands with the word before it.
    is_scripted: false if it is said in the audio and the client's text lacks it.
    is_spoken: false if nobody says it in the audio: it starts and ends at its place between the
        words around it, without confidence, and captions leave it out.
    char_start, char_end: where it stands in the text that the client sent, or that the reply has if
        the client sent none; None if that text lacks it.
    """

    word: str
    start_ms: int
    end_ms: int
    confidence: float
    source: str
    is_heard: bool
    spoken: str
    chunk: int
    characters: tuple[TimedCharacter, ...] = ()
    no_space_before: bool = False
    shown: str | None = None
    joins_next: bool = False
    is_spoken: bool = True
    is_scripted: bool = True
    char_start: int | None = None
    char_end: int | None = None

    @property
    def is_silent(self) -> bool:
        """Whether the voice says nothing for it."""
        return not self.spoken


@dataclass(frozen=True)
class Timing:
    """The words of a whole script, in order, none left out.

    method: the source of most words that are spoken.
    confidence: the mean of their confidences, 0..1.
    warnings: sentences for the client.
    billed_s: what services charge for, in seconds of audio.
    alignments: what became of each window of the audio; None for a window without tokens.
    """

    words: tuple[TimedWord, ...]
    method: str
    confidence: float
    warnings: tuple[str, ...] = ()
    billed_s: float = 0.0
    alignments: tuple[WindowAlignment | None, ...] = ()

    def mark_unscripted(self, indices: Collection[int]) -> "Timing":
        """The same times; the words of these indices are none of the client's text."""
        if not indices:
            return self
        words = tuple(
            replace(word, is_scripted=False, char_start=None, char_end=None)
            if index in indices
            else word
            for index, word in enumerate(self.words)
        )
        return replace(self, words=words)

    def doubtful_chunks(self) -> set[int]:
        """The indices of chunks whose words may be spoken in another stretch of the audio."""
        confidences: dict[int, list[float]] = {}
        for word in self.words:
            if not word.is_spoken:
                continue
            confidence = 0.0 if word.source == ESTIMATE else word.confidence
            confidences.setdefault(word.chunk, []).append(confidence)
        return {
            chunk
            for chunk, values in confidences.items()
            if sum(values) / len(values) < MIN_CHUNK_CONFIDENCE
        }

    def suspicious_chunks(self) -> set[int]:
        """The indices of doubtful chunks, and of those with a word that may be elsewhere.

        A word of low confidence, or sound that is no word, is a sign of a stammer, a filler or
        other words than the text's. One word in a hundred has so low a confidence in its right
        place.
        """
        low = {
            word.chunk
            for word in self.words
            if word.is_spoken and word.spoken and word.confidence < LOW_CONFIDENCE
        }
        skipping = {
            chunk
            for chunk, alignment in enumerate(self.alignments)
            if alignment and alignment.skips_sound
        }
        return low | skipping | self.doubtful_chunks()


class _WordTime(NamedTuple):
    """A word's time before it is rounded, what placed it, and whether it is spoken at all."""

    time: TimedToken
    source: str
    is_spoken: bool = True

    def silent(self, start_ms: float, end_ms: float) -> "_WordTime":
        """The time of a word without tokens that borrows from this one."""
        time = replace(self.time, start_ms=start_ms, end_ms=end_ms, is_heard=False, characters=())
        return self._replace(time=time)


def time_words(
    script: Script,
    owners: Sequence[int],
    alignments: Sequence[WindowAlignment],
    duration_ms: int,
) -> tuple[TimedWord, ...]:
    """Give every word of the script its time. The only place where times are rounded.

    script: the words, and the tokens that are spoken for them.
    owners: the index of each word's chunk, shape (words,).
    alignments: the times of all tokens in order, ms from the start of the audio.
    duration_ms: the length of the audio.

    A word lasts from its first token's start to its last one's end, the last word to where its
    sound ends. Words that nobody says take no time.
    """
    word_times = _word_times(script, alignments)
    sound_ends_ms = [alignment.end_ms for alignment in alignments if alignment.is_spoken]
    spans = _spans(word_times, duration_ms, (*sound_ends_ms[-1:], 0.0)[0])
    spoken: list[list[str]] = [[] for _ in script.words]
    for token in script.tokens:
        spoken[token.word].append(token.spoken)
    previous_ends = [-1, *(word.char_end for word in script.words[:-1])]
    # What is shown before a word: a bullet that is not shown begins no line.
    shown_ends = [
        -1,
        *accumulate((-1 if word.shown == "" else word.char_end for word in script.words[:-1]), max),
    ]
    return tuple(
        TimedWord(
            word=word.text,
            start_ms=start_ms,
            end_ms=end_ms,
            confidence=at.time.confidence,
            source=at.source,
            is_heard=at.time.is_heard,
            spoken=" ".join(tokens),
            chunk=chunk,
            characters=tuple(letter.rounded(start_ms, end_ms) for letter in at.time.characters),
            no_space_before=word.char_start == previous_end,
            shown=word.shown,
            joins_next=not tokens and _joins_next(script.text, word, shown_end),
            is_spoken=at.is_spoken,
            char_start=sent_span[0],
            char_end=sent_span[1],
        )
        for word, (start_ms, end_ms), at, tokens, chunk, previous_end, shown_end, sent_span in zip(
            script.words,
            spans,
            word_times,
            spoken,
            owners,
            previous_ends,
            shown_ends,
            map(script.sent_span, script.words),
            strict=True,
        )
    )


def _joins_next(text: str, word: Word, previous_end: int) -> bool:
    """Whether a word without sound stands with the word after it.

    previous_end: where the word ends that is shown before it.

    The first word of a line does (a bullet) unless the line has no other words, an opening bracket,
    and what a number after it says with its own (the CHF of "CHF 15", the $ of "$ 5"). A face does
    not (":P", ":(").
    """
    begins_line = previous_end < 0 or "\n" in text[previous_end : word.char_start]
    if begins_line:
        return not _NO_MORE_WORDS.match(text, word.char_end)
    if all(unicodedata.category(char) in {"Ps", "Pi"} for char in word.text):
        return True
    is_label = any(char.isalnum() or unicodedata.category(char) == "Sc" for char in word.text)
    return is_label and _NUMBER_AFTER.match(text, word.char_end) is not None


def _spans(
    word_times: Sequence[_WordTime], duration_ms: int, last_end_ms: float
) -> list[tuple[int, int]]:
    """The rounded times of all words; see `to_integer_spans` for those that are spoken.

    Each other word has a moment between its neighbours, near its own time.
    """
    spoken = [(word.time.start_ms, word.time.end_ms) for word in word_times if word.is_spoken]
    placed = iter(to_integer_spans(spoken, duration_ms, last_end_ms))
    spans = [next(placed) if word.is_spoken else None for word in word_times]
    limits_ms = [duration_ms]
    for span in reversed(spans):
        limits_ms.append(span[0] if span else limits_ms[-1])
    all_spans: list[tuple[int, int]] = []
    now_ms = 0
    for word, span, limit_ms in zip(word_times, spans, limits_ms[-2::-1], strict=True):
        at_ms = min(max(now_ms, round(word.time.start_ms)), limit_ms)
        all_spans.append(span or (at_ms, at_ms))
        now_ms = all_spans[-1][1]
    return all_spans


def to_integer_spans(
    spans: Sequence[tuple[float, float]], duration_ms: int, last_end_ms: float
) -> list[tuple[int, int]]:
    """Round spans to whole ms that lie in order, apart, inside the audio and are long enough.

    spans: starts and ends, ms.
    duration_ms: the length of the audio.
    last_end_ms: where the last span ends, in place of its own end.

    Every span gets 20 ms, or an equal share of an audio too short for that.
    """
    if not spans:
        return []
    ends_ms = [*(end_ms for _, end_ms in spans[:-1]), last_end_ms]
    rounded = [
        (round(start_ms), round(end_ms))
        for (start_ms, _), end_ms in zip(spans, ends_ms, strict=True)
    ]
    return separate(rounded, duration_ms, min(MIN_WORD_MS, duration_ms // len(spans)))


def sentences(script: Script) -> list[range]:
    """The script's words by sentence, as ranges of word indices that cover it without a gap.

    A word ends a sentence if its last token has the pause `.`, `!` or `?`: "Dr." ends none. A blank
    line ends one too. Words without tokens stay with the sentence before them.
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


def _word_times(script: Script, alignments: Sequence[WindowAlignment]) -> list[_WordTime]:
    """The time of every word, not rounded; those without tokens borrow from a neighbour.

    A word borrows from the word before it; one at the start of the script lies before the first
    word that sounds.
    """
    with_tokens = _times_with_tokens(script, alignments)
    times: list[_WordTime] = []
    for has_tokens, run in groupby(range(len(script.words)), key=with_tokens.__contains__):
        words = list(run)
        if has_tokens:
            times += [with_tokens[word] for word in words]
        elif times:
            times += _share_tail(times, len(words))
        else:
            nothing = _WordTime(TimedToken(0.0, 0.0, 0.0, is_heard=False), ESTIMATE)
            lender = with_tokens.get(words[-1] + 1, nothing)
            first_ms = max(0.0, lender.time.start_ms - MIN_WORD_MS * len(words))
            times += [
                lender.silent(first_ms + i * MIN_WORD_MS, first_ms + (i + 1) * MIN_WORD_MS)
                for i in range(len(words))
            ]
    return times


def _times_with_tokens(
    script: Script, alignments: Sequence[WindowAlignment]
) -> dict[int, _WordTime]:
    """The times of the words that have tokens, by the word's index."""
    owned = [(time, alignment) for alignment in alignments for time in alignment.times]
    word_times: dict[int, _WordTime] = {}
    pairs = zip(script.tokens, owned, strict=True)
    for word, group in groupby(pairs, key=lambda pair: pair[0].word):
        times, owners = zip(*(pair for _, pair in group), strict=True)
        joined = TimedToken(
            times[0].start_ms,
            times[-1].end_ms,
            sum(time.confidence for time in times) / len(times),
            any(time.is_heard for time in times),
            tuple(letter for time in times for letter in time.characters),
        )
        word_times[word] = _WordTime(joined, owners[0].source, owners[0].is_spoken)
    return word_times


def _share_tail(times: list[_WordTime], count: int) -> list[_WordTime]:
    """Shorten the last time by 20 ms for each of `count` words; those words' times.

    A time too short for that is shared equally.
    """
    lender = times[-1]
    start_ms, end_ms = lender.time.start_ms, lender.time.end_ms
    step_ms = min(float(MIN_WORD_MS), (end_ms - start_ms) / (count + 1))
    edges = [end_ms - step_ms * (count - i) for i in range(count + 1)]
    times[-1] = lender._replace(time=replace(lender.time, end_ms=edges[0]))
    return [lender.silent(a, b) for a, b in pairwise(edges)]
