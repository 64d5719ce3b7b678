"""References from real speech: cut with their transcripts, checked, and heard back by Whisper."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from typing import Any

import jiwer
import numpy as np
import pytest
import soundfile

from tests.support.speech import spoken_form
from tests.tts.conftest import RATE, Say, a_mel, encoded, in_file, little_memory
from tts.asr.transcriber import Transcriber, Transcript
from tts.asr.whisper import Whisper
from tts.audio.levels import active_frames
from tts.engine import Reference
from tts.speech import Samples
from tts.voices.clip import NOISE_FLOOR_DB, VoiceRejected
from tts.voices.reference import ReferenceBuilder

pytestmark = pytest.mark.slow

NATURE = "Some call me nature, others call me mother nature."
STORY = (
    "The old house stood at the end of the long garden wall.",
    "Every evening its keeper climbed the stairs and lit the lamp.",
    "Some of the ships carried coal, and others carried wool and grain.",
    "In winter the storms were so strong that nobody could leave the house.",
    "The keeper had a dog, three hens and a small garden behind the wall.",
    "When spring came he painted the door blue and the windows white.",
    "Children from the village visited him on Sunday afternoon.",
    "He told them about whales, and gave everyone a piece of cake.",
)
PIPER = 22_050


@dataclass
class Counted:
    """Whisper, and how often it was asked."""

    whisper: Transcriber
    asked: int = 0

    @property
    def languages(self) -> frozenset[str]:
        return self.whisper.languages

    def transcribe(self, samples: Samples, sample_rate: int, language: str | None) -> Transcript:
        self.asked += 1
        return self.whisper.transcribe(samples, sample_rate, language)


@pytest.fixture
def counted(whisper: Whisper) -> Counted:
    return Counted(whisper)


@pytest.fixture
def references(counted: Counted) -> ReferenceBuilder:
    return ReferenceBuilder(a_mel, RATE, counted)


DEAF = ReferenceBuilder(a_mel, RATE, None)


def prepare(references: ReferenceBuilder, data: bytes, *given: Any) -> Reference:
    with in_file(data) as path:
        return references.prepare(path, *given)


@pytest.fixture(scope="session")
def story(say: Say) -> bytes:
    """About 28 s with pauses of 0.3 s and more between the sentences."""
    return encoded(say(*STORY), PIPER)


def heard_wer(whisper: Whisper, clip: Samples, text: str) -> float:
    heard = whisper.transcribe(clip, RATE, "en").text
    return float(jiwer.wer(spoken_form(text), spoken_form(heard)))


def test_a_short_clip_with_its_transcript_needs_no_whisper(nature: bytes) -> None:
    reference = prepare(DEAF, nature, f"  {NATURE.replace(', ', ',  ')}\n", "en")
    assert reference.text == NATURE
    assert (reference.language, reference.cut_s, reference.warnings) == ("en", None, ())
    assert reference.sha256 == hashlib.sha256(nature).hexdigest()
    assert np.array_equal(reference.mel, a_mel(reference.clip))
    assert np.sqrt(np.mean(np.square(reference.clip))) == pytest.approx(0.13, abs=0.01)
    # Upstream cuts this clip to the same length, 4.97 s with the silence that it adds.
    assert len(reference.clip) / RATE == pytest.approx(4.97, abs=0.1)
    assert prepare(DEAF, nature, NATURE).language == "en"


def test_a_clip_of_200_mb_is_never_in_memory(nature: bytes) -> None:
    """What follows the samples in a WAV file belongs to its hash and not to its sound."""
    with in_file(nature) as path:
        with path.open("r+b") as file:
            file.truncate(200_000_000)
        with little_memory():
            reference = DEAF.prepare(path, NATURE, "en")
    assert reference.sha256 == hashlib.sha256(nature.ljust(200_000_000, b"\0")).hexdigest()
    assert np.array_equal(reference.clip, prepare(DEAF, nature, NATURE, "en").clip)


def test_a_missing_transcript_is_heard_once(
    references: ReferenceBuilder, counted: Counted, nature: bytes
) -> None:
    reference = prepare(references, nature)
    assert counted.asked == 1
    assert spoken_form(reference.text) == spoken_form(NATURE)
    assert reference.text.endswith(".")
    assert reference.language == "en"


@pytest.mark.parametrize("with_text", [True, False])
def test_a_long_clip_is_cut_together_with_its_transcript(
    references: ReferenceBuilder, whisper: Whisper, story: bytes, with_text: bool
) -> None:
    reference = prepare(references, story, " ".join(STORY) if with_text else None, "en")
    seconds = len(reference.clip) / RATE
    assert 6 <= seconds <= 12
    assert heard_wer(whisper, reference.clip, reference.text) <= 0.1
    if with_text:
        assert reference.text in (" ".join(STORY[:2]), " ".join(STORY[:3]))
    else:
        sentences = STORY[: 2 if seconds < 9 else 3]
        assert jiwer.wer(spoken_form(" ".join(sentences)), spoken_form(reference.text)) <= 0.15
    (warning,) = reference.warnings
    assert warning.startswith("the clip was 27.")
    assert f"its first {seconds:.1f} s are used, up to '... " in warning
    assert warning.endswith(f"{reference.text.split()[-1]}'")


def test_an_earlier_cut_is_made_again_without_whisper(
    references: ReferenceBuilder, story: bytes
) -> None:
    first = prepare(references, story, " ".join(STORY), "en")
    again = prepare(DEAF, story, first.text, first.language, first.cut_s)
    assert np.array_equal(first.clip, again.clip)
    assert (again.text, again.warnings, again.cut_s) == (first.text, first.warnings, first.cut_s)


def test_the_kept_audio_ends_in_exactly_50_ms_of_silence(
    references: ReferenceBuilder, story: bytes
) -> None:
    clip = prepare(references, story, " ".join(STORY), "en").clip
    loud = np.flatnonzero(active_frames(clip, RATE, NOISE_FLOOR_DB))
    assert len(clip) - (loud[-1] + 1) * 240 == 1200
    assert loud[0] * 240 <= 1200


def test_a_clip_without_a_pause_is_cut_between_two_words(
    references: ReferenceBuilder, whisper: Whisper, say: Say
) -> None:
    speech = say(*STORY, pause_ms=0)
    sounding = np.repeat(active_frames(speech, PIPER), 220)[: len(speech)]
    breathless = encoded(speech[sounding.nonzero()[0]], PIPER)
    reference = prepare(references, breathless, " ".join(STORY), "en")
    assert 6 <= len(reference.clip) / RATE <= 12
    assert " ".join(STORY).startswith(reference.text.rstrip("."))
    heard = spoken_form(whisper.transcribe(reference.clip, RATE, "en").text)
    assert jiwer.wer(spoken_form(reference.text), heard) <= 0.25
    assert heard.split()[-2:] == spoken_form(reference.text).split()[-2:]


def test_a_clip_of_just_12_s_is_used_whole(say: Say) -> None:
    speech = say(*STORY, pause_ms=0)[: 12 * PIPER]
    reference = prepare(DEAF, encoded(speech, PIPER), " ".join(STORY[:3]))
    assert reference.cut_s is None


def test_a_pause_that_comes_early_is_not_preferred_to_a_place_between_words(
    references: ReferenceBuilder, nature: bytes
) -> None:
    samples, rate = soundfile.read(BytesIO(nature), dtype="float32")
    reference = prepare(references, encoded(np.tile(samples, 4), rate), None, "en")
    assert len(reference.clip) / RATE >= 6


def test_a_pause_is_found_in_a_noisy_clip(
    references: ReferenceBuilder, whisper: Whisper, say: Say
) -> None:
    speech = say(*STORY)
    noise = np.random.default_rng(0).standard_normal(len(speech)) * 0.004
    reference = prepare(references, encoded(speech + noise, PIPER), " ".join(STORY), "en")
    assert reference.text in (" ".join(STORY[:2]), " ".join(STORY[:3]))
    assert heard_wer(whisper, reference.clip, reference.text) <= 0.15


def test_another_text_than_the_long_clips_is_rejected(
    references: ReferenceBuilder, story: bytes
) -> None:
    wrong = "This is the transcript of quite another recording, which somebody mixed up. " * 5
    with pytest.raises(VoiceRejected, match="does not begin with what is heard") as failure:
        prepare(references, story, wrong, "en")
    assert "leave it out, or give a clip of at most 12 s" in str(failure.value)


def test_without_whisper_a_clip_must_be_short_and_come_with_its_words(
    nature: bytes, story: bytes
) -> None:
    with pytest.raises(VoiceRejected, match="give ref_text, or set WHISPER_MODEL"):
        prepare(DEAF, nature)
    with pytest.raises(VoiceRejected, match="give a clip of at most 12 s, or set WHISPER_MODEL"):
        prepare(DEAF, story, " ".join(STORY))


def test_a_language_that_whisper_does_not_know_is_told(
    references: ReferenceBuilder, nature: bytes
) -> None:
    with pytest.raises(VoiceRejected, match="does not know the language 'de'; give"):
        prepare(references, nature, None, "de")
    assert prepare(references, nature, NATURE, "de").language == "de"


def test_a_region_says_how_a_transcript_is_read_and_nothing_to_whisper(
    references: ReferenceBuilder, nature: bytes
) -> None:
    assert prepare(references, nature, None, "en-GB").text == prepare(references, nature).text
    with pytest.raises(VoiceRejected, match="does not know the language 'de'; give"):
        prepare(references, nature, None, "de-AT")
    british = prepare(references, nature, "It was on 05/06/2023, in the morning.", "en-GB")
    assert "june" in [token.spoken for token in british.spoken]
    again = references.with_transcript(british, "It was on 07/06/2023, in the evening.")
    assert "june" in [token.spoken for token in again.spoken]


def test_noise_in_which_nothing_is_said_is_rejected(references: ReferenceBuilder) -> None:
    """As of the sea: it comes and goes, so that it might be speech by its loudness."""
    swell = 0.1 + np.abs(np.sin(np.arange(20 * RATE) / RATE))
    noise = np.random.default_rng(0).standard_normal(20 * RATE) * 0.1 * swell
    for seconds in (5, 20):
        with pytest.raises(VoiceRejected, match="no speech was heard in the clip"):
            prepare(references, encoded(noise[: seconds * RATE]))


@pytest.mark.parametrize(
    ("text", "pace"), [("Yes.", r"0\.\d"), (f"{NATURE} " * 7, r"58\.\d"), ("?!", r"0\.0")]
)
def test_a_text_that_cannot_belong_to_the_clip_is_rejected(
    nature: bytes, text: str, pace: str
) -> None:
    with pytest.raises(
        VoiceRejected,
        match=f"{pace} letters a second in its 4.8 s of sound, where speech has 3 to 40",
    ):
        prepare(DEAF, nature, text)
    with pytest.raises(VoiceRejected, match="no speech was heard"):
        prepare(DEAF, nature, " \n")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("Some call me nature and mother", "Some call me nature and mother."),
        ("Some call me nature and mother,", "Some call me nature and mother."),
        ("Some call me nature and mother —", "Some call me nature and mother."),
        ("Some call me nature and mother?", "Some call me nature and mother?"),
        ("有人叫我大自然也有人叫我母亲真的。", "有人叫我大自然也有人叫我母亲真的。"),
    ],
)
def test_a_transcript_ends_like_a_sentence(nature: bytes, written: str, text: str) -> None:
    assert prepare(DEAF, nature, written).text == text


def test_chinese_has_fewer_characters_a_second_than_english_letters() -> None:
    clip = (files("f5_tts") / "infer/examples/basic/basic_ref_zh.wav").read_bytes()
    text = "对，这就是我，万人敬仰的太乙真人。"
    assert prepare(DEAF, clip, text, "zh").text == text
    with pytest.raises(VoiceRejected, match="letters a second"):
        prepare(DEAF, clip, text * 6, "zh")


def test_a_very_quiet_clip_is_raised_and_that_is_said(say: Say) -> None:
    speech = say(STORY[0])
    quiet = encoded(speech * (0.004 / np.sqrt(np.mean(np.square(speech)))), PIPER, subtype="FLOAT")
    reference = prepare(DEAF, quiet, STORY[0])
    (warning,) = reference.warnings
    assert "was quiet and was made 2" in warning
    assert np.sqrt(np.mean(np.square(reference.clip))) == pytest.approx(0.1, rel=1e-3)


@pytest.mark.parametrize("form", ["FLAC", "MP3", "OGG"])
def test_the_container_makes_no_difference(
    references: ReferenceBuilder, say: Say, form: str
) -> None:
    reference = prepare(references, encoded(say(STORY[0]), PIPER, form))
    assert jiwer.wer(spoken_form(STORY[0]), spoken_form(reference.text)) <= 0.1


def test_another_transcript_for_the_same_clip(nature: bytes) -> None:
    reference = prepare(DEAF, nature, NATURE)
    other = DEAF.with_transcript(reference, "Some call me nature  others call me mother nature")
    assert other.text == "Some call me nature others call me mother nature."
    assert other.mel is reference.mel
    with pytest.raises(VoiceRejected, match="letters a second"):
        DEAF.with_transcript(reference, "Yes.")
