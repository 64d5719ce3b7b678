"""Windows around heard words, in times that a recogniser could have given."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.timing.fixtures import script_of
from timing.alignment.hearing import fit_windows
from timing.alignment.match import match
from timing.alignment.windows import ChunkSpan
from timing.token_times import TimedToken
from tts.speech import Chunk, RecognizedWord, Script
from tts.text.script import read_script


def region_of(script: Script, edges: Sequence[float]) -> list[ChunkSpan]:
    """Windows between these edges; the first has all words."""
    everything = Chunk(script.tokens, 0, len(script.words))
    nothing = Chunk((), len(script.words), len(script.words))
    return [
        ChunkSpan(a, b, everything if index == 0 else nothing)
        for index, (a, b) in enumerate(pairwise(edges))
    ]


def fitted(
    text: str, heard: str, *, silent_first_ms: float = 0.0, end_ms: float | None = None
) -> list[tuple[float, float, str]]:
    """The windows of a text in audio in which each of the words `heard` takes 400 ms."""
    words = text.split()
    script = script_of(words, [[word] for word in words])
    recognized = [
        RecognizedWord(word, silent_first_ms + 400.0 * i, silent_first_ms + 400.0 * (i + 1))
        for i, word in enumerate(heard.split())
    ]
    end_ms = end_ms or recognized[-1].end_ms
    windows = fit_windows(region_of(script, [0.0, end_ms]), match(words, recognized, end_ms))
    return [
        (window.start_ms, window.end_ms, " ".join(words[window.chunk.first_word :
                                                        window.chunk.end_word]))
        for window in windows
    ]  # fmt: skip


def test_words_that_the_text_lacks_are_left_alone() -> None:
    assert fitted("one two three four", "one two alpha beta gamma delta epsilon three four") == [
        (0, 1_100, "one two"),
        (1_100, 2_500, ""),
        (2_500, 3_600, "three four"),
    ]


@pytest.mark.parametrize("missed", ["", "one"])
def test_music_before_the_first_word_is_left_alone_though_that_word_is_missed(missed: str) -> None:
    words = "one two three four".removeprefix(missed)
    windows = fitted("one two three four", words, silent_first_ms=13_000)
    assert [text for _, _, text in windows] == ["", "one two three four"]
    assert windows[1][0] == pytest.approx(12_500, abs=500)


def test_music_after_the_last_word_is_left_alone() -> None:
    windows = fitted("one two three four", "one two three four", end_ms=12_000)
    assert windows == [(0, 1_900, "one two three four"), (1_900, 12_000, "")]


def test_a_sentence_that_was_not_spoken_fails_alone() -> None:
    windows = fitted("one two never was this said here three four", "one two three four")
    assert [text for _, _, text in windows] == ["one two", "never was this said here", "three four"]


def test_words_that_are_written_otherwise_stay_with_their_neighbours() -> None:
    windows = fitted("in nineteen sixty seven he left", "in 1967 he left")
    assert [text for _, _, text in windows] == ["in nineteen sixty seven he left"]


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_nothing_of_the_audio_and_of_the_text_is_lost(data: st.DataObject) -> None:
    script = read_script("It was 1967 in the U.S.A. and nobody - nobody! - knew. Or did they?")
    edges = [5_000.0, 20_000.0, 31_000.0, 44_000.0]
    count = len(script.tokens)
    starts = sorted(data.draw(st.lists(st.floats(0, 38_000), min_size=count, max_size=count)))
    heard = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    times = [
        TimedToken(ms, ms + 20, 1.0, is_heard=is_heard)
        for ms, is_heard in zip(starts, heard, strict=True)
    ]
    quiet = sorted(data.draw(st.lists(st.floats(0, 39_000), max_size=8, unique=True)))
    placed = fit_windows(region_of(script, edges), times, list(pairwise(quiet))[::2])
    assert (placed[0].start_ms, placed[-1].end_ms) == (edges[0], edges[-1])
    assert all(a.end_ms == b.start_ms for a, b in pairwise(placed))
    assert all(window.duration_ms >= 99 for window in placed if window.is_spoken)
    assert all(window.duration_ms == 0 for window in placed if not window.is_spoken)
    assert [token for window in placed for token in window.chunk.tokens] == list(script.tokens)
    chunks = [window.chunk for window in placed]
    assert (chunks[0].first_word, chunks[-1].end_word) == (0, len(script.words))
    assert all(a.end_word == b.first_word for a, b in pairwise(chunks))
    for chunk in chunks:
        assert all(chunk.first_word <= token.word < chunk.end_word for token in chunk.tokens)
