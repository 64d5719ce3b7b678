"""Joined takes: exact spans, even loudness, no click, pauses as asked."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.audio.join import (
    JoinOptions,
    Pcm16Writer,
    TotalTooShort,
    apportion,
    join,
    plan_lengths,
    shorten_pauses,
)
from tts.audio.levels import EDGE_S, PEAK, active_frames
from tts.speech import Chunk, Samples

RATE = 24_000
PLAIN = JoinOptions(cross_fade_s=0.0)


def tone(seconds: float, amplitude: float = 0.3) -> Samples:
    time = np.arange(round(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * 220 * time)).astype(np.float32)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.float32)


def take(amplitude: float) -> Samples:
    return np.concatenate([silence(0.4), tone(1.0, amplitude), silence(0.7)])


def chunk(pause_ms: int) -> Chunk:
    return Chunk((), 0, 0, pause_ms)


def test_spans_are_exact_and_pauses_are_silent() -> None:
    speech = join([take(0.5), take(0.5)], [chunk(150), chunk(0)], RATE, PLAIN)
    first, second = speech.chunks
    assert first.start == 0
    # 50 ms of each take and 50 ms between them.
    assert second.start - first.end == 50 * RATE // 1000
    assert second.end == len(speech.samples)
    assert not speech.samples[first.end : second.start].any()
    for span in speech.chunks:
        assert (span.end - span.start) / RATE == pytest.approx(1.0 + 2 * EDGE_S, abs=0.02)


def test_loudness_is_even_whatever_the_takes_were() -> None:
    speech = join([take(0.02), take(0.9)], [chunk(100), chunk(0)], RATE, PLAIN)
    rms = [
        float(np.sqrt(np.mean(speech.samples[span.start + 2400 : span.end - 2400] ** 2)))
        for span in speech.chunks
    ]
    assert rms == pytest.approx([0.1, 0.1], rel=0.03)


def test_a_high_target_never_clips_and_stays_even() -> None:
    spiky = take(0.1)
    spiky[RATE] = 0.9
    speech = join([take(0.5), spiky], [chunk(0), chunk(0)], RATE, replace(PLAIN, target_rms=1.0))
    assert np.abs(speech.samples).max() <= PEAK + 1e-4
    first, second = (
        float(np.sqrt(np.mean(speech.samples[span.start + 2400 : span.start + 12000] ** 2)))
        for span in speech.chunks
    )
    assert first == pytest.approx(second, rel=0.03)


def test_a_take_that_begins_with_its_first_sound_keeps_it() -> None:
    speech = join([tone(1.0)], [chunk(0)], RATE, PLAIN)
    assert len(speech.samples) == RATE + 2 * round(EDGE_S * RATE)
    onset = speech.samples[round(EDGE_S * RATE) :][: RATE // 20]
    assert np.sqrt(np.mean(onset**2)) == pytest.approx(0.1, rel=0.1)


def test_seams_do_not_click() -> None:
    loud = [np.ones(RATE, np.float32), -np.ones(RATE, np.float32)]
    speech = join(loud, [chunk(0), chunk(0)], RATE, replace(PLAIN, target_rms=0.5))
    assert np.abs(np.diff(speech.samples)).max() < 0.02


def test_only_pauses_over_a_second_are_shortened() -> None:
    audio = np.concatenate([tone(0.5), silence(0.9), tone(0.5), silence(3.0), tone(0.5)])
    shortened = shorten_pauses(audio, RATE, 1.0, 0.5)
    assert len(shortened) / RATE == pytest.approx(1.5 + 0.9 + 0.5, abs=0.03)
    assert np.abs(np.diff(shortened)).max() <= np.abs(np.diff(audio)).max()


@pytest.mark.parametrize(("remove_silence", "left_s"), [(False, 0.6), (True, 0.5)])
def test_a_take_has_no_dead_air(remove_silence: bool, left_s: float) -> None:
    rng = np.random.default_rng(0)
    breath = rng.normal(0, 0.0003, 2 * RATE).astype(np.float32)
    dead = np.concatenate([tone(0.5), breath, tone(0.5), silence(0.4), tone(0.5)])
    options = replace(PLAIN, remove_silence=remove_silence)
    speech = join([dead, tone(1.0)], [chunk(0), chunk(0)], RATE, options)
    loud = active_frames(speech.samples[:], RATE)
    runs = [len(list(run)) for sounds, run in groupby(loud) if not sounds]
    assert runs[1:3] == pytest.approx([100 * left_s, 40], abs=1)
    first, second = speech.chunks
    assert (first.end - first.start) / RATE == pytest.approx(1.9 + left_s + 0.1, abs=0.02)
    assert second.start == first.end
    inside = speech.samples[first.start : first.end]
    assert np.abs(np.diff(inside)).max() <= 1.05 * np.abs(np.diff(inside[2400:12000])).max()


def test_a_pause_that_was_asked_for_is_no_dead_air() -> None:
    asked = replace(chunk(150), silence_ms=3000)
    speech = join([take(0.5), take(0.5)], [asked, chunk(0)], RATE, PLAIN)
    loud = np.flatnonzero(active_frames(speech.samples[:], RATE))
    assert np.diff(loud).max() == pytest.approx(301, abs=1)


def test_a_silent_take_stays_as_it_is() -> None:
    speech = join([silence(1.0)], [chunk(0)], RATE, PLAIN)
    assert len(speech.samples) == RATE
    assert not speech.samples[:].any()


def test_takes_that_both_sound_at_a_seam_without_pause_are_blended() -> None:
    speech = join([tone(1.0), tone(1.0)], [chunk(0), chunk(0)], RATE, JoinOptions())
    first, second = speech.chunks
    padding = 2 * round(EDGE_S * RATE)
    assert len(speech.samples) == padding + 2 * RATE - round(0.15 * RATE)
    assert first.end == second.start == len(speech.samples) // 2
    assert np.abs(np.diff(speech.samples)).max() < 0.02


@pytest.mark.parametrize(
    ("pause", "left"), [(60, tone(1.0)), (0, np.concatenate([tone(1.0), silence(0.2)]))]
)
def test_nothing_is_blended_over_a_pause(pause: int, left: Samples) -> None:
    takes, chunks = [left, tone(1.0)], [chunk(pause), chunk(0)]
    blended = join(takes, chunks, RATE, JoinOptions())
    assert np.array_equal(blended.samples, join(takes, chunks, RATE, PLAIN).samples)


def test_with_a_length_the_pauses_grow_and_silence_fills_the_rest() -> None:
    takes, chunks = [take(0.5), take(0.5), take(0.5)], [chunk(150), chunk(450), chunk(0)]
    speech = join(takes, chunks, RATE, replace(PLAIN, total_s=5.0))
    assert len(speech.samples) == 5 * RATE
    first, second, third = speech.chunks
    most = round((0.6 - 2 * EDGE_S) * RATE)
    assert second.start - first.end == third.start - second.end == most
    assert not speech.samples[third.end :].any()
    length = first.end * 3 + 12 * RATE // 10
    tight = join(takes, chunks, RATE, replace(PLAIN, total_s=length / RATE))
    grown = tight.chunks[1].start - tight.chunks[0].end
    assert 50 * RATE // 1000 < grown <= most
    assert len(tight.samples) == length


def test_audio_is_kept_as_the_files_hold_it() -> None:
    tape = Pcm16Writer()
    pieces = [tone(0.5, 0.4), tone(0.5, 3.0), tone(0.5, 1.0)]
    for piece in pieces:
        tape.add(piece)
    kept = np.asarray(tape.pcm())
    assert kept.dtype == np.float32
    assert np.abs(kept).max() == pytest.approx(PEAK, abs=1e-4)
    assert np.allclose(kept, np.concatenate(pieces) * PEAK / 3.0, atol=3 / 32767)


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=20), st.integers(20, 10**6))
def test_shares_add_up(lengths: list[int], total: int) -> None:
    shares = apportion(lengths, total)
    assert sum(shares) == total
    for share, length in zip(shares, lengths, strict=True):
        assert abs(share - total * length / sum(lengths)) <= 1


def test_planned_takes_fill_the_total_though_they_sound_from_end_to_end() -> None:
    chunks = [chunk(150), replace(chunk(0), silence_ms=700), chunk(0)]
    natural = [30_000, 60_000, 45_000]
    for total_s in (4.0, 6.5, 9.0):
        options = replace(PLAIN, total_s=total_s)
        total = round(total_s * RATE)
        lengths = plan_lengths(natural, chunks, RATE, total=total, min_pace=0.3, max_pace=3.0)
        speech = join([tone(length / RATE) for length in lengths], chunks, RATE, options)
        assert len(speech.samples) == total
        assert speech.chunks[-1].end > total - 0.1 * RATE


def test_a_plan_stays_within_the_paces_of_the_engine() -> None:
    natural = [30_000, 60_000]
    chunks = [chunk(0), chunk(0)]
    pace = {"min_pace": 0.5, "max_pace": 2.0}
    lengths = plan_lengths(natural, chunks, RATE, total=60 * RATE, **pace)
    assert lengths == [60_000, 120_000]
    edges = 2 * 2 * round((EDGE_S + 0.01) * RATE)
    fastest = plan_lengths(natural, chunks, RATE, total=45_000 + edges, **pace)
    assert fastest == [15_000, 30_000]
    with pytest.raises(TotalTooShort):
        plan_lengths(natural, chunks, RATE, total=44_999 + edges, **pace)


def early_takes(seed: int) -> tuple[list[Samples], list[Chunk]]:
    """Takes with loud peaks; some meet without a pause, and some of these are blended."""
    rng = np.random.default_rng(seed)
    takes, chunks = [], []
    for _ in range(8):
        audio = tone(rng.uniform(0.3, 1.0), rng.uniform(0.1, 0.9))
        audio[rng.integers(len(audio))] = 1.0
        edges = [silence(rng.choice([0.0, 0.3])) for _ in range(2)]
        takes.append(np.concatenate([edges[0], audio, edges[1]]))
        pause = int(rng.choice([0, 0, 150, 400]))
        silence_ms = int(rng.choice([0, 30, 700])) if rng.random() < 0.2 else None
        chunks.append(replace(chunk(pause), silence_ms=silence_ms))
    return takes, chunks


@pytest.mark.parametrize("seed", range(12))
def test_with_is_early_what_is_written_up_to_a_pause_is_final(seed: int) -> None:
    takes, chunks = early_takes(seed)
    options = JoinOptions(target_rms=0.8, is_early=True)
    asked: list[int] = []
    written: list[tuple[int, int, Samples]] = []

    def one_by_one() -> Iterator[Samples]:
        for index, audio in enumerate(takes):
            asked.append(index)
            yield audio

    def keep(tape: Pcm16Writer, count: int) -> None:
        written.append((count, len(asked), tape.since(0)[:]))

    speech = join(one_by_one(), chunks, RATE, options, on_pause=keep)
    whole = np.asarray(speech.samples)
    assert np.abs(whole).max() <= PEAK + 1e-4
    for count, seen, audio in written:
        # A take is written as soon as it is there, unless it meets the next one.
        assert count == seen
        assert np.array_equal(audio, whole[: len(audio)])
        assert len(audio) >= speech.chunks[count - 1].end
    assert len(written[-1][2]) == len(whole)
    assert written[-1][0] == len(chunks)
    meets = sum(c.silence_ms is None and c.pause_ms == 0 for c in chunks[:-1])
    assert len(written) == len(chunks) - meets


@pytest.mark.parametrize("seed", range(4))
def test_is_early_changes_nothing_where_no_peak_is_too_high(seed: int) -> None:
    takes, chunks = early_takes(seed)
    quiet = JoinOptions(target_rms=0.02)
    early = join(takes, chunks, RATE, replace(quiet, is_early=True))
    plain = join(takes, chunks, RATE, quiet)
    assert np.array_equal(early.samples, plain.samples)
    assert early.chunks == plain.chunks
