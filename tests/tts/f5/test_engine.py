"""The F5 engine on the tiny checkpoint: lengths, seeds, order, cancellation, what it refuses."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.support import tiny_f5
from tests.support.spoken import speak_chunks
from tts.audio.join import JoinOptions
from tts.audio.levels import EDGE_S
from tts.engine import SamplingOptions, SynthesisFailed, Take, Voice
from tts.f5 import files as f5_files
from tts.f5.duration import HOP, MAX_CHUNK_S, SHORT_LINE_S
from tts.f5.engine import F5Engine, NoSuchDevice
from tts.f5.sampling import batches, initial_noise
from tts.speech import F5_SAMPLE_RATE, Chunk, Samples, Speech
from tts.synthesis import Synthesis
from tts.text.chunks import split
from tts.text.script import read_script
from tts.turns import at_once

TEXT = (
    "The quick brown fox jumps over the lazy dog. Then it sleeps for 12 hours in the warm sun, and "
    "nobody wakes it, because foxes like a long sleep. Hi there. It was the best of times."
)
FAST = SamplingOptions(seed=1, nfe_step=5)


def build(checkpoint: tiny_f5.Checkpoint, dtype: str = "auto", most: int | None = None) -> F5Engine:
    files = f5_files.find(str(checkpoint.model), checkpoint.weights, None, checkpoint.vocoder)
    return F5Engine(files, "cpu", dtype, most_frames=most)


@pytest.fixture(scope="module")
def engine(tiny_checkpoint: tiny_f5.Checkpoint) -> F5Engine:
    return build(tiny_checkpoint)


def chunks(
    engine: F5Engine,
    text: str = TEXT,
    sampling: SamplingOptions = FAST,
    total_s: float | None = None,
) -> Sequence[Chunk]:
    script = read_script(text)
    limit = engine.max_chunk_size(script, engine.default_voice, sampling, total_s)
    return split(script, limit, engine.measure)


def speak(
    engine: F5Engine,
    sampling: SamplingOptions = FAST,
    text: str = TEXT,
    joining: JoinOptions | None = None,
) -> Speech:
    parts = chunks(engine, text, sampling, joining.total_s if joining else None)
    return speak_chunks(engine, parts, sampling, joining=joining)


def takes(speech: Speech) -> list[Samples]:
    return [speech.samples[span.start : span.end] for span in speech.chunks]


def test_one_span_a_chunk_progress_after_each_and_finite_sound(engine: F5Engine) -> None:
    parts = chunks(engine)
    heard: list[int] = []
    speech = speak_chunks(engine, parts, FAST, heard.append)
    assert len(parts) >= 3
    assert heard == list(range(1, len(parts) + 1))
    assert [span.chunk for span in speech.chunks] == list(parts)
    assert speech.chunks[0].start == 0
    assert speech.chunks[-1].end == len(speech.samples)
    assert np.isfinite(speech.samples).all()
    assert speech.samples[:].std() > 0.01


def test_a_chunk_is_as_long_as_its_letters_at_the_references_pace(engine: F5Engine) -> None:
    """Every frame of the random voice sounds, so nothing is trimmed: to the frame."""
    reference = engine.default_voice.reference
    assert reference is not None
    text = "It was the best of times, it was the worst of times, and nobody knew the difference."
    spoken = "Some call me nature, others call me mother nature."
    seconds = len(text) / len(spoken) * len(reference.clip) / F5_SAMPLE_RATE + SHORT_LINE_S * (
        (120 - len(text)) / 90
    )
    frames = round(seconds * F5_SAMPLE_RATE / HOP)
    (span,) = speak(engine, FAST, text).chunks
    assert span.end - span.start == frames * HOP + 2 * round(EDGE_S * F5_SAMPLE_RATE)


def test_a_mel_has_a_frame_more_than_upstream_cuts_off(engine: F5Engine) -> None:
    """Upstream cuts at n // 256 and leaves one frame of the reference before every chunk."""
    clip = np.sin(np.arange(24_000) / 10).astype(np.float32)
    assert engine.mel(clip).shape == (24_000 // 256 + 1, 100)


def test_the_same_request_gives_the_same_samples_whatever_came_before(engine: F5Engine) -> None:
    first = speak(engine)
    torch.manual_seed(99)
    speak(engine, replace(FAST, seed=2, speed=1.4), "Something else entirely.")
    assert np.array_equal(first.samples, speak(engine).samples)


def test_a_chunks_take_depends_on_its_place_and_seed_alone(engine: F5Engine) -> None:
    parts = chunks(engine)
    both = speak_chunks(engine, parts[:2], FAST)
    alone = speak_chunks(engine, parts[:1], FAST)
    assert np.allclose(takes(both)[0], takes(alone)[0], atol=1e-6)
    again = speak_chunks(engine, [parts[0], parts[0]], FAST)
    one, other = takes(again)
    assert not np.allclose(one[: len(other)], other[: len(one)], atol=1e-2)
    other_seed = speak(engine, replace(FAST, seed=2))
    assert not np.allclose(takes(other_seed)[0], takes(both)[0], atol=1e-2)


def test_each_try_of_each_chunk_has_noise_of_its_own(engine: F5Engine) -> None:
    parts = [chunks(engine)[0]] * 3
    tries = [Take(1, 1), Take(2, 1), Take(2, 2), Take(2, 0)]
    found = [take for _, take in engine.synthesize(parts, engine.default_voice, FAST, tries)]
    for index, take in enumerate(found):
        assert all(not np.allclose(take, other, atol=1e-2) for other in found[:index])
    every = dict(engine.synthesize(parts, engine.default_voice, FAST, [Take(0), Take(1), Take(2)]))
    assert np.array_equal(every[2], found[3])


def test_another_try_in_an_exact_duration_is_as_long_as_the_first(engine: F5Engine) -> None:
    fixed = JoinOptions(total_s=14.0)
    parts = chunks(engine, total_s=14.0)
    synthesis = Synthesis(engine, parts, {None: engine.default_voice}, FAST, fixed)
    first = at_once(synthesis.speak([Take(index) for index in range(len(parts))]))
    ((index, again),) = at_once(synthesis.speak([Take(1, 1)])).items()
    assert index == 1
    assert len(again) == len(first[1])
    assert not np.allclose(again, first[1], atol=1e-2)


def test_batched_chunks_are_the_chunks_alone(
    engine: F5Engine, tiny_checkpoint: tiny_f5.Checkpoint
) -> None:
    batched = build(tiny_checkpoint, most=100_000)
    heard: list[int] = []
    parts = chunks(batched)
    speech = speak_chunks(batched, parts, FAST, heard.append)
    assert heard == list(range(1, len(parts) + 1))
    assert np.allclose(speech.samples, speak(engine).samples, atol=1e-4)


def test_the_number_of_threads_changes_little(engine: F5Engine) -> None:
    threads = torch.get_num_threads()
    two = speak(engine)
    try:
        torch.set_num_threads(1 if threads > 1 else 2)
        assert np.allclose(two.samples, speak(engine).samples, atol=1e-3)
    finally:
        torch.set_num_threads(threads)


def test_noise_is_the_same_everywhere() -> None:
    """Published numbers: a change would change every voice that somebody stored a seed for."""
    drawn = initial_noise(1, 2, 3, 4, 100)
    assert drawn.shape == (4, 100)
    assert torch.equal(drawn, initial_noise(1, 2, 3, 4, 100))
    assert drawn[0, :3].tolist() == pytest.approx([-0.580544, 0.383690, -0.155529], abs=1e-6)
    for other in (
        initial_noise(2, 2, 3, 4, 100),
        initial_noise(1, 3, 3, 4, 100),
        initial_noise(1, 2, 4, 4, 100),
    ):
        assert not torch.equal(drawn, other)


class Stop(Exception):
    """What a job raises in its progress when it is cancelled."""


def test_a_job_is_cancelled_between_chunks(engine: F5Engine) -> None:
    heard: list[int] = []

    def stop(done: int) -> None:
        heard.append(done)
        raise Stop

    with pytest.raises(Stop):
        speak_chunks(engine, chunks(engine), FAST, stop)
    assert heard == [1]
    assert np.isfinite(speak(engine).samples).all()


def test_speed_holds_for_short_lines_too(engine: F5Engine) -> None:
    """Upstream speaks "Hi there." at 0.3, whatever the user asks for, and longer than more text."""
    for text in (TEXT, "Hi there."):
        normal = len(speak(engine, FAST, text).samples)
        assert len(speak(engine, replace(FAST, speed=2.0), text).samples) < 0.6 * normal
        assert len(speak(engine, replace(FAST, speed=0.5), text).samples) > 1.7 * normal
    assert len(speak(engine, FAST, "Hi there.").samples) < len(
        speak(engine, FAST, "Hi there you.").samples
    )


def test_a_chunk_of_another_rate_is_so_much_longer_or_shorter(engine: F5Engine) -> None:
    parts = chunks(engine)
    natural = engine.natural_lengths(parts, engine.default_voice)
    slow = [replace(parts[0], rate=0.5), *parts[1:]]
    lengths = engine.natural_lengths(slow, engine.default_voice)
    assert natural is not None
    assert lengths is not None
    assert lengths[0] == pytest.approx(2 * natural[0], abs=HOP)
    assert lengths[1:] == natural[1:]
    takes = dict(engine.synthesize(slow, engine.default_voice, FAST, [Take(0)]))
    assert len(takes[0]) == lengths[0]


def test_a_passage_of_a_tag_is_exactly_so_much_longer(engine: F5Engine) -> None:
    plain, tagged = (
        split(read_script(text), 200)
        for text in (
            "One, two. [pause:1s] Three and four are here.",
            "One, two. [pause:1s] [rate:0.85]Three and four are here.[/rate]",
        )
    )
    natural, lengths = (
        engine.natural_lengths(parts, engine.default_voice) for parts in (plain, tagged)
    )
    assert natural is not None
    assert lengths is not None
    assert lengths[0] == natural[0]
    assert lengths[1] == pytest.approx(natural[1] / 0.85, abs=HOP)
    takes = dict(engine.synthesize(tagged, engine.default_voice, FAST, [Take(0), Take(1)]))
    assert [len(takes[0]), len(takes[1])] == lengths


@pytest.mark.slow
@pytest.mark.parametrize("speed", [0.3, 1.0, 3.0])
def test_reference_and_chunk_stay_within_what_the_model_was_trained_on(
    engine: F5Engine, speed: float
) -> None:
    reference = engine.default_voice.reference
    assert reference is not None
    speech = speak(engine, replace(FAST, speed=speed), TEXT * 2)
    longest = max(len(take) for take in takes(speech)) / F5_SAMPLE_RATE - 2 * EDGE_S
    assert longest + len(reference.clip) / F5_SAMPLE_RATE < MAX_CHUNK_S + 0.1


@pytest.mark.parametrize("seconds", [8.0, 9.123, 20.0])
def test_fix_duration_is_exact(engine: F5Engine, seconds: float) -> None:
    speech = speak(engine, joining=JoinOptions(total_s=seconds))
    assert len(speech.samples) == round(seconds * F5_SAMPLE_RATE)
    assert speech.chunks[-1].end > len(speech.samples) - 0.1 * F5_SAMPLE_RATE


def test_a_duration_too_long_to_speak_in_ends_in_silence(engine: F5Engine) -> None:
    speech = speak(engine, text="Hi there.", joining=JoinOptions(total_s=60.0))
    assert len(speech.samples) == 60 * F5_SAMPLE_RATE
    assert speech.chunks[-1].end < 12 * F5_SAMPLE_RATE
    assert not speech.samples[speech.chunks[-1].end :].any()


def test_a_duration_too_short_to_speak_in_is_refused(engine: F5Engine) -> None:
    with pytest.raises(SynthesisFailed, match=r"cannot be spoken in 0\.5 s"):
        speak(engine, joining=JoinOptions(total_s=0.5))


def test_loudness_is_what_was_asked_for_whatever_the_reference_had(engine: F5Engine) -> None:
    for target in (0.05, 0.1):
        speech = speak(engine, joining=JoinOptions(target_rms=target))
        for take in takes(speech):
            rms = float(np.sqrt(np.mean(take[3000:-3000] ** 2)))
            assert rms == pytest.approx(target, rel=0.15)


def test_a_voice_without_a_reference_is_refused(engine: F5Engine) -> None:
    with pytest.raises(SynthesisFailed, match="has no reference clip"):
        engine.max_chunk_size(read_script("Hi."), Voice("bare"), FAST)


def test_sound_that_is_not_finite_fails_the_job(engine: F5Engine) -> None:
    reference = engine.default_voice.reference
    assert reference is not None
    broken = replace(reference, mel=np.full_like(reference.mel, np.nan))
    voice = replace(engine.default_voice, reference=broken)
    with pytest.raises(SynthesisFailed, match="NaN or infinite values in place of sound"):
        speak_chunks(engine, chunks(engine), FAST, voice=voice)
    assert np.isfinite(speak(engine).samples).all()


@pytest.mark.slow
def test_what_overflows_in_half_precision_is_spoken_in_float32(
    tiny_checkpoint: tiny_f5.Checkpoint, tmp_path: Path
) -> None:
    state = load_file(tiny_checkpoint.weights)
    feed = "ema_model.transformer.transformer_blocks.0.ff.ff"
    state[f"{feed}.0.0.weight"] *= 1e5
    state[f"{feed}.2.weight"] *= 1e-5
    save_file(state, tmp_path / "loud.safetensors")
    loud = replace(tiny_checkpoint, weights=tmp_path / "loud.safetensors")
    exact, half = speak(build(loud, "float32")), speak(build(loud, "float16"))
    assert np.array_equal(exact.samples, half.samples)


@pytest.mark.slow
def test_half_precision_speaks_nearly_the_same(
    engine: F5Engine, tiny_checkpoint: tiny_f5.Checkpoint
) -> None:
    half = speak(build(tiny_checkpoint, "float16")).samples[:]
    exact = speak(engine).samples[:]
    assert not np.array_equal(half, exact)
    assert np.abs(half - exact).mean() < 0.05 * np.abs(exact).mean()


def test_a_language_that_the_published_weights_do_not_know_is_said(
    engine: F5Engine, tiny_checkpoint: tiny_f5.Checkpoint
) -> None:
    assert engine.warnings(engine.default_voice, "de") == []
    files = f5_files.find(
        str(tiny_checkpoint.model), tiny_checkpoint.weights, None, tiny_checkpoint.vocoder
    )
    published = F5Engine(replace(files, published=True), "cpu")
    assert published.warnings(published.default_voice, "zh") == []
    (warning,) = published.warnings(published.default_voice, "de")
    assert "trained on en and zh, not on 'de'" in warning


def test_what_the_vocabulary_lacks_of_a_voices_transcript_is_said(engine: F5Engine) -> None:
    reference = engine.default_voice.reference
    assert reference is not None
    spoken = read_script("Az ősz hűvös.", "hu").tokens
    voice = replace(engine.default_voice, name="ilona", reference=replace(reference, spoken=spoken))
    (warning,) = engine.warnings(voice, "hu")
    assert warning.startswith("voice 'ilona': the checkpoint does not know 'ű' (in hűvös): ")
    assert engine.unknown_characters("Az ősz hűvös.") == ["ű"]


def test_a_gpu_that_is_not_there_is_said(tiny_checkpoint: tiny_f5.Checkpoint) -> None:
    files = f5_files.find(
        str(tiny_checkpoint.model), tiny_checkpoint.weights, None, tiny_checkpoint.vocoder
    )
    with pytest.raises(NoSuchDevice, match="F5_DEVICE=cuda:99"):
        F5Engine(files, "cuda:99")


@pytest.mark.parametrize(
    ("lengths", "most", "groups"),
    [
        ([900, 500, 880, 480], 2000, [[0, 2], [1, 3]]),
        ([900, 500, 880, 480], 0, [[0], [2], [1], [3]]),
        ([900, 900, 900], 1800, [[0, 1], [2]]),
        ([5000, 10], 2000, [[0], [1]]),
    ],
)
def test_batches_hold_takes_of_about_one_length(
    lengths: list[int], most: int, groups: list[list[int]]
) -> None:
    assert batches(lengths, most) == groups
