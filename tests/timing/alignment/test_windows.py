from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.timing.fixtures import script_of, sentences
from timing.alignment.chain import WindowedAudio, align
from timing.alignment.selection import AlignerChain
from timing.alignment.sphinx import SphinxAligner
from timing.alignment.vad import SpeechActivity, detect, detect_stream
from timing.alignment.windows import (
    MAX_WINDOW_MS,
    ChunkSpan,
    at_pauses,
    doubtful_regions,
    join_failed,
    split,
)
from timing.words import Timing
from tts.speech import Chunk, Directive, Samples, Script
from tts.text.script import read_script


def read_aloud(
    order: list[int], gap: float = 0.4, intro: float = 0.0
) -> tuple[Script, Samples, list[float]]:
    """The sentences in this order with pauses of `gap` seconds, and their words' true starts."""
    rng = np.random.default_rng(1)
    tone = 0.1 * np.sin(np.arange(round(16_000 * intro)) / 7)
    parts = [tone.astype(np.float32), np.zeros(8000 if intro else 0, np.float32)]
    starts: list[float] = []
    for index in order:
        sentence = sentences()[index]
        starts += [start + sum(map(len, parts)) / 16 for start in sentence.starts_ms]
        parts += [
            sentence.samples,
            np.zeros(round(16_000 * rng.uniform(0.5, 1.5) * gap), np.float32),
        ]
    text = " ".join(sentences()[index].text for index in order)
    return read_script(text), np.concatenate(parts), starts


def stretch(samples: Samples, start_ms: float, end_ms: float) -> Samples:
    return samples[round(16 * start_ms) : round(16 * end_ms)]


def aligned(script: Script, samples: Samples, placed: list[ChunkSpan]) -> Timing:
    audio = WindowedAudio(placed, round(len(samples) / 16), partial(stretch, samples))
    return align(script, audio, AlignerChain({"sphinx": SphinxAligner()}, "en"))


def errors_of(timing: Timing, starts: list[float]) -> list[float]:
    return [abs(word.start_ms - start) for word, start in zip(timing.words, starts, strict=True)]


def check(placed: list[ChunkSpan], script: Script, duration_ms: float) -> None:
    """Nothing of the audio and nothing of the text is left out or taken twice."""
    assert placed[0].start_ms == 0
    assert placed[-1].end_ms == duration_ms
    assert all(a.end_ms == b.start_ms for a, b in pairwise(placed))
    assert [token for window in placed for token in window.chunk.tokens] == list(script.tokens)
    chunks = [window.chunk for window in placed]
    assert chunks[0].first_word == 0
    assert chunks[-1].end_word == len(script.words)
    assert all(a.end_word == b.first_word for a, b in pairwise(chunks))
    for chunk in chunks:
        assert all(chunk.first_word <= token.word < chunk.end_word for token in chunk.tokens)


def test_a_window_ends_where_the_language_changes() -> None:
    script, samples, _ = read_aloud([0, 1], gap=1.0)
    duration_ms = round(len(samples) / 16)
    # Without the marks of the sentences nothing else says where to cut.
    script = replace(script, tokens=tuple(replace(token, pause="") for token in script.tokens))
    second = len(sentences()[0].text.split())
    foreign = replace(script, directives=(Directive(second, language="de"),))
    placed = split(foreign, detect(samples), duration_ms)
    check(placed, foreign, duration_ms)
    assert [window.chunk.first_word for window in placed] == [0, second]
    assert len(split(script, detect(samples), duration_ms)) == 1


def test_five_minutes_are_divided_where_the_sentences_end() -> None:
    order = [int(i) for i in np.random.default_rng(2).integers(0, 10, 60)]
    script, samples, starts = read_aloud(order)
    sound = detect(samples)
    placed = split(script, sound, len(samples) / 16)
    check(placed, script, len(samples) / 16)
    assert all(window.end_ms - window.start_ms <= MAX_WINDOW_MS for window in placed)
    timing = aligned(script, samples, placed)
    assert timing.warnings == ()
    errors = errors_of(timing, starts)
    assert np.median(errors) <= 20
    assert np.percentile(errors, 95) <= 75
    assert np.percentile(errors, 99) <= 150


def test_music_before_the_speech_is_left_alone() -> None:
    script, samples, starts = read_aloud([*range(10)], intro=3.0)
    placed = split(script, detect(samples), len(samples) / 16)
    check(placed, script, len(samples) / 16)
    timing = aligned(script, samples, placed)
    again = aligned(
        script,
        samples,
        join_failed(placed, {w.chunk for w in timing.words if w.source == "estimate"}, 48_000),
    )
    assert np.median(errors_of(again, starts)) <= 20
    assert np.percentile(errors_of(again, starts), 90) <= 100


@pytest.mark.parametrize("lead", ["hiss", "music"])
@pytest.mark.parametrize("seconds", [2, 8])
def test_no_word_moves_into_sound_before_the_first_word_of_a_window(
    lead: str, seconds: int
) -> None:
    script, speech, starts = read_aloud([1])
    at = np.arange(16_000 * seconds) / 16_000
    chord = np.array([220, 277, 330, 440, 554])
    music = 0.03 * np.sin(2 * np.pi * chord[:, None] * at).sum(axis=0)
    hiss = np.random.default_rng(3).normal(0, 0.03, len(at))
    before = {"hiss": hiss, "music": music * (0.6 + 0.4 * np.sin(4 * np.pi * at))}[lead]
    samples = np.concatenate([before, np.zeros(3_200), speech]).astype(np.float32)
    window = ChunkSpan(0, len(samples) / 16, Chunk(script.tokens, 0, len(script.words)))
    timing = aligned(script, samples, [window])
    assert timing.warnings == ()
    lead_ms = 1000 * seconds + 200
    assert max(errors_of(timing, [lead_ms + start for start in starts])) <= 75


def test_speech_over_music_is_cut_where_nobody_speaks() -> None:
    order = [int(i) for i in np.random.default_rng(2).integers(0, 10, 20)]
    script, samples, starts = read_aloud(order)
    at = np.arange(len(samples)) / 16_000
    chord = np.array([220, 277, 330, 440, 554, 660])
    music = 0.012 * np.sin(2 * np.pi * chord[:, None] * at).sum(axis=0)
    mixed = samples + music.astype(np.float32)
    sound = detect(mixed)
    placed = split(script, sound, len(samples) / 16)
    check(placed, script, len(samples) / 16)
    assert all(window.end_ms - window.start_ms <= MAX_WINDOW_MS for window in placed)
    timing = aligned(script, mixed, placed)
    assert timing.warnings == ()
    assert np.percentile(errors_of(timing, starts), 95) <= 75


def test_a_long_stretch_without_a_pause_between_others_is_cut_too() -> None:
    text = " ".join(["Nobody knew why, but everybody was glad."] * 12)
    script = read_script(text)
    lulls = ((0.3, 12_500.0), (0.2, 28_000.0), (0.1, 31_000.0), (0.2, 44_000.0))
    sound = SpeechActivity(0.0, 60_000.0, ((9_000.0, 9_500.0), (56_000.0, 56_500.0)), lulls)
    placed = split(script, sound, 60_000.0)
    check(placed, script, 60_000.0)
    assert all(window.end_ms - window.start_ms <= MAX_WINDOW_MS for window in placed)
    stretches = at_pauses(sound, 60_000.0)
    assert [end - start for start, end in stretches] == [9_250, 21_750, 13_000, 16_000]


def test_windows_that_failed_are_joined_to_their_neighbours() -> None:
    chunks = [Chunk((), i, i + 1) for i in range(5)]
    edges = [10_000.0 * i for i in range(6)]
    placed = [ChunkSpan(*span, chunk) for span, chunk in zip(pairwise(edges), chunks, strict=True)]
    found = join_failed(placed, {2}, 48_000)
    assert [(w.start_ms, w.end_ms, w.chunk.first_word, w.chunk.end_word) for w in found] == [
        (0, 10_000, 0, 1),
        (10_000, 40_000, 1, 4),
        (40_000, 50_000, 4, 5),
    ]
    assert [w.end_ms for w in join_failed(placed, set(range(5)), 48_000)] == [40_000, 50_000]
    assert [w.end_ms for w in join_failed(placed, set(range(5)), 30_000)] == [30_000, 50_000]
    assert join_failed(placed, set(range(5)), 0) == placed
    assert join_failed(placed, set(), 48_000) == placed


def test_a_cut_in_the_wrong_place_is_mended_by_joining() -> None:
    script, samples, starts = read_aloud(list(range(4)))
    placed = split(script, detect(samples), len(samples) / 16)
    assert len(placed) == 4
    middle = (placed[1].end_ms + placed[2].end_ms) / 2
    wrong = [placed[0], placed[1]._replace(end_ms=middle), placed[2]._replace(start_ms=middle)]
    failed = aligned(script, samples, [*wrong, placed[3]])
    bad = {word.chunk for word in failed.words if word.source == "estimate"}
    assert bad
    mended = aligned(script, samples, join_failed([*wrong, placed[3]], bad, 48_000))
    assert mended.warnings == ()
    assert np.median(errors_of(mended, starts)) <= 20


def test_stretches_are_cut_in_the_longest_pause() -> None:
    pauses = ((9_000.0, 9_200.0), (15_000.0, 15_900.0), (23_000.0, 23_300.0), (50_000.0, 50_300.0))
    sound = SpeechActivity(0.0, 90_000.0, pauses)
    assert at_pauses(sound, 90_000.0) == [
        (0, 15_450),
        (15_450, 39_450),
        (39_450, 50_150),
        (50_150, 74_150),
        (74_150, 90_000),
    ]
    assert at_pauses(SpeechActivity(0, 0, ()), 500.0) == [(0, 500)]


def test_blocks_are_heard_like_the_whole() -> None:
    _, samples, _ = read_aloud([0, 1, 2])
    whole = detect(samples)
    in_blocks = detect_stream(samples[i : i + 16_000] for i in range(0, len(samples), 16_000))
    assert in_blocks.pauses == pytest.approx(np.array(whole.pauses), abs=5.1)
    assert (in_blocks.start_ms, in_blocks.end_ms) == (whole.start_ms, whole.end_ms)


@settings(max_examples=150, deadline=None)
@example(["and,", "word"], [0.0, 5801.0, 183163.0, 10199.16552383952], 188608)
@given(
    st.lists(st.sampled_from(["word", "and,", "end.", "—"]), min_size=1, max_size=120),
    st.lists(st.floats(0, 200_000), max_size=40, unique=True),
    st.integers(100, 200_000),
)
def test_any_text_and_any_audio_are_divided_completely(
    words: list[str], edges: list[float], duration_ms: int
) -> None:
    spoken = [[] if word == "—" else ["word"] for word in words]
    script = script_of(words, spoken)
    if not script.tokens:
        return
    inside = sorted(edge for edge in edges if edge < duration_ms)
    pairs = tuple(pairwise(inside[1:-1]))[::2] if len(inside) > 3 else ()
    start, end = (inside[0], inside[-1]) if inside else (0.0, 0.0)
    placed = split(script, SpeechActivity(start, end, pairs), duration_ms)
    check(placed, script, duration_ms)
    # The edges are sums of float64, exact to a nanosecond at this length.
    assert all(window.duration_ms <= MAX_WINDOW_MS + 1e-6 for window in placed)


@pytest.mark.parametrize(("clauses", "pauses"), [(9_000, 200), (4, 9_000)])
def test_more_clauses_and_pauses_than_an_hour_has_are_thinned_out(
    clauses: int, pauses: int
) -> None:
    """A clause a letter, or a pause every 20 ms: a table of both would take gigabytes."""
    script = script_of(["a,"] * clauses, [["a"]] * clauses)
    edges = np.linspace(1_000.0, 359_000.0, 2 * pauses)
    between = tuple(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    placed = split(script, SpeechActivity(0.0, 360_000.0, between), 360_000)
    check(placed, script, 360_000)
    assert len(placed) > 2


def test_neighbouring_regions_in_doubt_are_one() -> None:
    assert doubtful_regions(12, {0, 3, 8}) == [range(5), range(7, 10)]
    assert doubtful_regions(3, {2}) == [range(1, 3)]
    assert doubtful_regions(3, set()) == []
