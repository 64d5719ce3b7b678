"""Speech heard back: chunks whose words were lost, doubled or made up are spoken again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from pydantic import BaseModel, ConfigDict

from tts.speech import Chunk, Pcm, Samples, Speech
from tts.text import TextRejected, read_script

Hear = Callable[[Samples, int], str]
"""What is said in samples of a rate, as a recogniser writes it down."""
Again = Callable[[Chunk, int], Speech]
"""A chunk alone, spoken once more; 1 is its second try."""


class ChunkQuality(BaseModel):
    """How one chunk was heard: of its best take, after so many tries.

    `word_error_rate` counts words that are missing, added or others, per word of the script.
    """

    model_config = ConfigDict(frozen=True)

    chunk: int
    tries: int
    word_error_rate: float
    heard: str


def verified(
    speech: Speech,
    language: str,
    hear: Hear,
    again: Again,
    tries: int,
    on_chunk: Callable[[int], None],
) -> tuple[Speech, list[ChunkQuality]]:
    """The speech with the best take of each chunk, `tries` at most, and how each was heard.

    A chunk is done when all its words are heard, or when two takes of it are heard alike: then it
    is the recogniser that knows them otherwise.
    """
    quality: list[ChunkQuality] = []
    takes: dict[int, Samples] = {}
    for index, span in enumerate(speech.chunks):
        said = _plain(token.spoken for token in span.chunk.tokens)
        samples = speech.samples[span.start : span.end]
        best, heard = _judged(index, 1, said, hear(samples, speech.sample_rate), language)
        known = [heard]
        number = 1
        while best.word_error_rate and number < tries:
            take = again(span.chunk, number)
            number += 1
            own = take.chunks[0]
            samples = take.samples[own.start : own.end]
            found, heard = _judged(index, number, said, hear(samples, take.sample_rate), language)
            if found.word_error_rate < best.word_error_rate:
                best, takes[index] = found, samples
            if heard in known:
                break
            known.append(heard)
        quality.append(best.model_copy(update={"tries": number}))
        on_chunk(index + 1)
    return _with_takes(speech, takes), quality


def _judged(
    index: int, number: int, said: list[str], text: str, language: str
) -> tuple[ChunkQuality, list[str]]:
    """How a take was heard, and its words."""
    try:
        heard = _plain(token.spoken for token in read_script(text, language).tokens)
    except TextRejected:
        heard = []
    rate = round(_errors(said, heard) / len(said), 3) if said else 0.0
    return ChunkQuality(chunk=index, tries=number, word_error_rate=rate, heard=text), heard


def _plain(words: Iterable[str]) -> list[str]:
    """Words as they are compared: letters and figures, in lower case."""
    bare = ["".join(filter(str.isalnum, word.lower())) for word in words]
    return [word for word in bare if word]


def _errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Words to change, add or remove; none where only the spaces differ ("every day")."""
    if "".join(said) == "".join(heard):
        return 0
    before = list(range(len(heard) + 1))
    for row, word in enumerate(said, 1):
        now = [row]
        for column, other in enumerate(heard, 1):
            changed = before[column - 1] + (word != other)
            now.append(min(changed, before[column] + 1, now[-1] + 1))
        before = now
    return before[-1]


def _with_takes(speech: Speech, takes: Mapping[int, Samples]) -> Speech:
    """The speech with other takes in the places of their chunks; what lies between stays."""
    if not takes:
        return speech
    numbers = Pcm.of(speech.samples).numbers
    parts, spans = [], []
    length, end = 0, 0
    for index, span in enumerate(speech.chunks):
        own = numbers[span.start : span.end]
        take = Pcm.of(takes[index]).numbers if index in takes else own
        parts += [numbers[end : span.start], take]
        start = length + span.start - end
        length = start + len(take)
        spans.append(replace(span, start=start, end=length))
        end = span.end
    joined = np.concatenate([*parts, numbers[end:]])
    return Speech(Pcm(joined), speech.sample_rate, tuple(spans))
