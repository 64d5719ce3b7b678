"""Whisper itself, the tiny English one: what it hears and when, and how a missing one is told."""

import json
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from errors import LoadError
from tests.support.speech import WHISPER_FOLDER, spoken_form
from tests.tts.conftest import RATE
from tts.asr.whisper import Whisper, published
from tts.speech import Samples

WORDS = "some call me nature others call me mother nature"


@pytest.fixture(scope="module")
def clip(nature: bytes) -> Samples:
    samples: Samples = soundfile.read(BytesIO(nature), dtype="float32")[0]
    return samples


def test_every_word_is_heard_in_its_place(whisper: Whisper, clip: Samples) -> None:
    transcript = whisper.transcribe(clip, RATE, None)
    assert transcript.language == "en"
    assert spoken_form(transcript.text) == WORDS
    assert spoken_form(" ".join(word.text for word in transcript.words)) == WORDS
    assert all(word.start_ms < word.end_ms for word in transcript.words)
    assert all(word.end_ms <= following.start_ms for word, following in pairwise(transcript.words))
    assert transcript.words[-1].end_ms <= 1000 * len(clip) / RATE
    # "nature" ends before the pause and "others" begins after it, as the waveform shows.
    assert transcript.words[3].end_ms == pytest.approx(2300, abs=200)
    assert transcript.words[4].start_ms == pytest.approx(3000, abs=200)


def test_the_same_audio_gives_the_same_transcript(whisper: Whisper, clip: Samples) -> None:
    assert whisper.transcribe(clip, RATE, "en") == whisper.transcribe(clip, RATE, "en")


def test_any_sample_rate_is_heard(whisper: Whisper, clip: Samples) -> None:
    transcript = whisper.transcribe(soxr.resample(clip, RATE, 44_100), 44_100, "en")
    assert spoken_form(transcript.text) == WORDS


def test_in_silence_nothing_is_heard(whisper: Whisper) -> None:
    transcript = whisper.transcribe(np.zeros(3 * RATE, np.float32), RATE, "en")
    assert (transcript.text, transcript.words) == ("", ())


def test_it_knows_which_languages_it_knows(whisper: Whisper) -> None:
    assert whisper.languages == {"en"}


@pytest.mark.parametrize(
    ("model", "repository"),
    [
        ("large-v1", "Systran/faster-whisper-large-v1"),
        ("distil-medium.en", "Systran/faster-distil-whisper-medium.en"),
        ("nobody/never-made", "nobody/never-made"),
    ],
)
def test_a_model_that_was_not_downloaded_names_the_command(model: str, repository: str) -> None:
    with pytest.raises(LoadError) as failure:
        Whisper(model, "cpu")
    sentence = str(failure.value)
    assert f"WHISPER_MODEL={model} " in sentence
    assert f"hf download {repository};" in sentence
    assert "WHISPER_MODEL=none" in sentence


@pytest.mark.parametrize("model", ["smal", "/nowhere/whisper"])
def test_an_unknown_name_lists_the_known_ones(model: str) -> None:
    with pytest.raises(
        ValueError, match=f"WHISPER_MODEL={model} is neither a folder .* small, .*none"
    ):
        Whisper(model, "cpu")


def test_an_unknown_name_is_refused_before_it_is_fetched() -> None:
    with pytest.raises(LoadError, match="a known name, did you mean 'small'"):
        published("smal")
    assert published("nobody/never-made") is not None
    assert published("/nowhere/whisper") is None


def test_a_folder_that_lacks_a_file_is_refused_before_the_network_is_asked(tmp_path: Path) -> None:
    link(tmp_path, leave_out="tokenizer.json")
    with pytest.raises(LoadError, match=r"lacks tokenizer\.json; .*WHISPER_MODEL=none"):
        Whisper(str(tmp_path), "cpu")


def test_a_model_that_loads_and_cannot_hear_is_refused_at_the_start(tmp_path: Path) -> None:
    link(tmp_path)
    settings = json.dumps({"feature_size": 128})
    (tmp_path / "preprocessor_config.json").write_text(settings)
    with pytest.raises(ValueError, match=r"WHISPER_MODEL=.* fails: .*128"):
        Whisper(str(tmp_path), "cpu")


def link(folder: Path, leave_out: str = "") -> None:
    for file in WHISPER_FOLDER.iterdir():
        if file.name != leave_out:
            (folder / file.name).symlink_to(file)
