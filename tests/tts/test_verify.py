"""Heard back with exact recognisers: which takes are spoken again, and which one wins."""

import numpy as np
import pytest

from tts.chunks import split
from tts.join import join
from tts.speech import Chunk, Samples, Speech
from tts.text import read_script
from tts.verify import verified

RATE = 24_000
TEXT = "It was 1967, and nobody knew. Everybody was asleep by 9:05 in that house."


class Voice:
    """Speaks tones whose length says which chunk and which try they are of."""

    def __init__(self) -> None:
        self.spoken: list[tuple[str, int]] = []

    def take(self, chunk: Chunk, number: int) -> Samples:
        self.spoken.append((chunk.spoken_text, number))
        length = 10_000 + 480 * len(self.spoken)
        return (np.sin(np.arange(length) / 20) / 2).astype(np.float32)

    def speech(self, chunks: tuple[Chunk, ...], number: int = 0) -> Speech:
        return join([self.take(chunk, number) for chunk in chunks], chunks, RATE, 0.1)

    def again(self, chunk: Chunk, number: int) -> Speech:
        return self.speech((chunk,), number)


def check(
    said: dict[tuple[int, int], str], tries: int = 3
) -> tuple[Speech, Speech, list[tuple[int, int, float]], Voice]:
    """Verify TEXT with what is heard of each chunk's tries; by default what is written."""
    chunks = split(read_script(TEXT), 60)
    assert len(chunks) == 2
    voice = Voice()
    before = voice.speech(chunks)
    state = {"chunk": -1, "try": 0}

    def hearing(samples: Samples, rate: int) -> str:
        if state["try"] == 0:
            state["chunk"] += 1
        heard = said.get((state["chunk"], state["try"]), chunks[state["chunk"]].spoken_text)
        state["try"] = 0
        return heard

    def again(chunk: Chunk, number: int) -> Speech:
        state["try"] = number
        return voice.again(chunk, number)

    told: list[int] = []
    after, quality = verified(before, "en", hearing, again, tries, told.append)
    assert told == [1, 2]
    return before, after, [(q.chunk, q.tries, q.word_error_rate) for q in quality], voice


def test_what_is_heard_as_written_is_spoken_once() -> None:
    before, after, quality, voice = check({(0, 0): "It was 1967 and nobody knew!"})
    assert after is before
    assert quality == [(0, 1, 0.0), (1, 1, 0.0)]
    assert len(voice.spoken) == 2


@pytest.mark.parametrize(
    "heard",
    [
        "It was 1967 and nobody",  # dropped
        "It was 1967 and nobody knew knew",  # doubled
        "It was 1967 and nobody knew the the bla",  # babbled
        "",
    ],
)
def test_a_chunk_that_is_not_as_written_is_spoken_again(heard: str) -> None:
    before, after, quality, voice = check({(0, 0): heard})
    assert quality == [(0, 2, 0.0), (1, 1, 0.0)]
    assert voice.spoken[2:] == [(before.chunks[0].chunk.spoken_text, 1)]
    longer = len(after.samples) - len(before.samples)
    assert longer == 480 * 2  # the third take is that much longer than the first
    first, second = after.chunks
    old = before.chunks
    assert first.end - first.start == old[0].end - old[0].start + longer
    assert second.start - first.end == old[1].start - old[0].end
    assert np.array_equal(
        after.samples[second.start : second.end], before.samples[old[1].start : old[1].end]
    )


def test_the_best_take_wins_where_none_is_right() -> None:
    said = {(1, 0): "asleep", (1, 1): "Everybody was asleep by 9:05 in the house", (1, 2): "by"}
    before, after, quality, _ = check(said)
    assert quality == [(0, 1, 0.0), (1, 3, 0.1)]
    assert len(after.samples) == len(before.samples) + 480


def test_words_that_the_recogniser_always_hears_otherwise_cost_one_more_take() -> None:
    said = {(0, n): "It was 1967 and no buddy knew" for n in range(9)}
    _, _, quality, voice = check(said, tries=9)
    assert quality[0] == (0, 2, 0.25)
    assert len(voice.spoken) == 3


def test_tries_end() -> None:
    said = {(0, n): "It " * n for n in range(20)}
    assert check(said, tries=4)[2][0][1] == 4


def test_words_apart_or_together_are_the_same() -> None:
    assert check({(1, 0): "Every body was a sleep by 9:05 in that house."})[2][1] == (1, 1, 0.0)
