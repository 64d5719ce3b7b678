import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from itertools import pairwise

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.piper_truth import Speaker
from tests.timing.fixtures import align_speech, check_order, one_window, sentences, tokens, whole
from timing.alignment.aligner import WindowFailed
from timing.alignment.g2p import GraphemeToPhoneme
from timing.alignment.sphinx import SphinxAligner
from tts.speech import Samples

PHONES = {
    "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F",
    "G", "HH", "IH", "IY", "JH", "K", "L", "M", "N", "NG", "OW", "OY", "P", "R",
    "S", "SH", "T", "TH", "UH", "UW", "V", "W", "Y", "Z", "ZH",
}  # fmt: skip


@pytest.fixture(scope="module")
def sphinx() -> SphinxAligner:
    return SphinxAligner()


@pytest.mark.parametrize("rate", [16000, 24000])
def test_word_starts_are_near_the_truth(sphinx: SphinxAligner, rate: int) -> None:
    script, speech, truth = whole(rate)
    timing = align_speech(script, speech, "auto", {"sphinx": sphinx}, "en")
    errors = np.abs(
        [word.start_ms - start for word, start in zip(timing.words, truth, strict=True)]
    )
    # Without exact joints the mean is 15.5.
    assert np.mean(errors) <= 14.5
    assert np.median(errors) <= 12
    assert np.percentile(errors, 95) <= 45
    assert timing.method == "sphinx"
    assert timing.warnings == ()
    assert {word.source for word in timing.words} == {"sphinx"}
    assert all(word.is_heard for word in timing.words)
    assert 0.85 < timing.confidence < 1
    check_order(timing.words, speech.duration_ms)


def test_words_that_touch_share_a_joint(sphinx: SphinxAligner) -> None:
    for sentence in sentences():
        times = sphinx.align(sentence.samples, tokens(sentence), "en").times
        gaps = [after.start_ms - before.end_ms for before, after in pairwise(times)]
        assert all(gap == 0 or gap >= 10 for gap in gaps)
        assert gaps.count(0) > len(gaps) / 2


def test_every_spoken_token_gets_a_time(sphinx: SphinxAligner) -> None:
    for sentence in sentences():
        assert len(sphinx.align(sentence.samples, tokens(sentence), "en").times) == len(
            tokens(sentence)
        )


def test_a_window_does_not_depend_on_the_one_before(sphinx: SphinxAligner) -> None:
    first, second = sentences()[:2]
    alone = sphinx.align(second.samples, tokens(second), "en")
    sphinx.align(first.samples, tokens(first), "en")
    assert sphinx.align(second.samples, tokens(second), "en") == alone


def noise(samples: Samples) -> Samples:
    return np.random.default_rng(1).normal(0, 0.1, len(samples)).astype(np.float32)


@pytest.mark.parametrize(
    "damage",
    [
        np.zeros_like,
        noise,
        lambda samples: samples[: len(samples) // 2],
        lambda samples: samples[:9],
    ],
    ids=["silence", "noise", "cut in half", "nothing left"],
)
def test_audio_without_the_text_fails_and_harms_nothing(
    sphinx: SphinxAligner, damage: Callable[[Samples], Samples]
) -> None:
    sentence = sentences()[2]
    before = sphinx.align(sentence.samples, tokens(sentence), "en")
    with pytest.raises(WindowFailed):
        sphinx.align(damage(sentence.samples), tokens(sentence), "en")
    assert sphinx.align(sentence.samples, tokens(sentence), "en") == before


def test_text_that_was_not_spoken_fails_or_scores_low(sphinx: SphinxAligner) -> None:
    for heard, other in zip(sentences(), reversed(sentences()), strict=True):
        try:
            times = sphinx.align(heard.samples, tokens(other), "en").times
        except WindowFailed:
            continue
        assert np.mean([time.confidence for time in times]) < 0.4


def hissing(samples: Samples) -> Samples:
    level = np.sqrt(np.mean(samples**2)) / 10**0.5
    hiss = np.random.default_rng(0).normal(0, level, len(samples))
    return (samples + hiss).astype(np.float32)


def test_words_are_placed_under_hiss_of_10_db(sphinx: SphinxAligner) -> None:
    errors: list[float] = []
    lost = 0
    for sentence in sentences():
        timing = align_speech(
            *one_window(sentence, hissing(sentence.samples)), "sphinx", {"sphinx": sphinx}, "en"
        )
        lost += timing.method != "sphinx"
        starts = [word.start_ms for word in timing.words]
        errors += np.abs(np.subtract(starts, sentence.starts_ms)).tolist()
    assert lost <= 1
    assert np.median(errors) <= 30
    assert np.percentile(errors, 95) <= 120


def test_words_of_a_quick_speaker_are_placed(sphinx: SphinxAligner) -> None:
    errors: list[float] = []
    speaker = Speaker()
    for sentence in sentences():
        samples, starts_ms = speaker.speak(sentence, 2.0)
        timing = align_speech(*one_window(sentence, samples), "sphinx", {"sphinx": sphinx}, "en")
        assert timing.method == "sphinx"
        starts = [word.start_ms for word in timing.words]
        errors += np.abs(np.subtract(starts, starts_ms)).tolist()
    assert np.median(errors) <= 20
    assert np.percentile(errors, 95) <= 100


def test_sound_at_the_very_edges_is_placed(sphinx: SphinxAligner) -> None:
    for sentence in sentences():
        first, last = sentence.starts_ms[0], sentence.ends_ms[-1]
        cut = sentence.samples[16 * first : 16 * last]
        times = sphinx.align(cut, tokens(sentence), "en").times
        assert times[0].start_ms >= 0
        assert times[-1].end_ms <= last - first


def test_a_person_in_a_recording_with_music_is_placed(sphinx: SphinxAligner) -> None:
    """The clip that f5-tts ships."""
    with files("f5_tts").joinpath("infer/examples/basic/basic_ref_en.wav").open("rb") as file:
        samples, rate = soundfile.read(file, dtype="float32")
    samples = np.asarray(soxr.resample(samples, rate, 16_000), np.float32)
    said = ["some", "call", "me", "nature", "others", "call", "me", "mother", "nature"]
    assert len(sphinx.align(samples, said, "en").times) == len(said)


@pytest.mark.parametrize("change", [noise, hissing], ids=["noise", "hiss"])
def test_other_text_stays_rejected_in_noise(
    sphinx: SphinxAligner, change: Callable[[Samples], Samples]
) -> None:
    for heard, other in zip(sentences(), [*sentences()[1:], sentences()[0]], strict=True):
        with pytest.raises(WindowFailed):
            sphinx.align(change(heard.samples), tokens(other), "en")


def test_other_text_stays_rejected_in_quick_speech(sphinx: SphinxAligner) -> None:
    speaker = Speaker()
    for heard, other in zip(sentences(), [*sentences()[1:], sentences()[0]], strict=True):
        with pytest.raises(WindowFailed):
            sphinx.align(speaker.speak(heard, 2.0)[0], tokens(other), "en")


@pytest.mark.parametrize("token", ["", "(", "a(2)", "Σ", "你好", "[]", "1250", "a\0b", "ab" * 31])
def test_a_token_that_nobody_can_pronounce_fails(sphinx: SphinxAligner, token: str) -> None:
    with pytest.raises(WindowFailed):
        sphinx.align(sentences()[0].samples, ["doctor", token], "en")


def test_words_outside_the_dictionary_are_pronounced() -> None:
    pronounce = GraphemeToPhoneme()
    assert pronounce("siobhan") == ["SH", "IH", "V", "AO", "N"]
    assert pronounce("artemis") == ["AA", "R", "T", "EH", "M", "IH", "S"]
    assert pronounce("σ") == []


def test_any_latin_word_is_pronounced_in_known_phones() -> None:
    pronounce = GraphemeToPhoneme()

    @settings(max_examples=100, deadline=None)
    @given(st.text("abcdefghijklmnopqrstuvwxyz'éñü", max_size=12))
    def check(word: str) -> None:
        assert set(pronounce(word)) <= PHONES

    check()


def test_the_chain_and_the_formats_load_no_heavy_library() -> None:
    code = "import sys, timing.alignment.chain, timing.formats; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"pocketsphinx", "gruut", "ass", "networkx"} & set(loaded)
