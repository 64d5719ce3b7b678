"""`loudness` through the real handler: another meter finds it in the stored files."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
import soundfile

from tests.jobs.conftest import Ask
from tests.tts.audio.test_loudness import by_program

TEXT = " ".join(
    f"Sentence number {n} says that the harbour opens at dawn for boat {n}." for n in range(1, 5)
)


def path_of(reply: dict[str, Any]) -> Path:
    return Path(unquote(urlsplit(reply["audio_url"]).path))


def numbers(reply: dict[str, Any]) -> Any:
    return soundfile.read(path_of(reply), dtype="int16")[0]


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize("form", ["wav", "mp3", "m4a", "opus"])
@pytest.mark.parametrize("target", [-14, -16, -23, -27])
def test_the_stored_file_has_the_loudness(ask: Ask, form: str, target: float) -> None:
    reply = ask(text=TEXT, loudness=target, output_format=form)
    assert reply["loudness"] == pytest.approx(target, abs=0.2)
    assert not [sentence for sentence in reply["warnings"] if "LUFS" in sentence]
    lufs, peak_db = by_program(path_of(reply))
    assert lufs == pytest.approx(target, abs=0.5)
    assert peak_db < 0


def test_without_the_field_the_speech_is_as_ever(ask: Ask) -> None:
    plain = ask("lufs-plain", text=TEXT, seed=1)
    assert "loudness" not in plain
    assert np.array_equal(
        numbers(plain), numbers(ask("lufs-same", text=TEXT, seed=1, loudness=None))
    )
    levelled = ask("lufs-levelled", text=TEXT, seed=1, loudness=-23)
    assert len(numbers(levelled)) == len(numbers(plain))
    assert "loudness_ms" in levelled["metrics"]
    assert ask(endpoint="status", job_id="lufs-levelled")["loudness"] == levelled["loudness"]


def test_a_loudness_that_the_peaks_do_not_allow_is_told(ask: Ask) -> None:
    reply = ask(text=TEXT, loudness=-8)
    # API.md names what the preview voice reaches.
    assert -14 < reply["loudness"] < -12.5
    (sentence,) = [one for one in reply["warnings"] if "LUFS" in one]
    assert sentence.startswith(f"the speech has {reply['loudness']} LUFS, not -8: its peaks leave")
    again = ask(text=TEXT, loudness=float(sentence.split("loudness of ")[1].split()[0]))
    assert not [one for one in again["warnings"] if "LUFS" in one]


@pytest.mark.needs("ffmpeg")
def test_a_dub_with_long_silences_has_the_loudness(ask: Ask) -> None:
    srt = "1\n00:00:01,000 --> 00:00:04,000\nHello there, my friend.\n\n"
    srt += "2\n00:00:20,000 --> 00:00:24,000\nThis is the last line of it.\n"
    reply = ask(endpoint="dub", srt=srt, loudness=-23)
    assert reply["loudness"] == pytest.approx(-23, abs=0.2)
    assert by_program(path_of(reply))[0] == pytest.approx(-23, abs=0.5)


def test_parts_are_as_loud_as_the_whole(ask: Ask) -> None:
    reply = ask(text=TEXT, loudness=-20, parts="sentence")
    parts = [numbers({"audio_url": part["audio_url"]}) for part in reply["parts"]]
    assert np.array_equal(np.concatenate(parts), numbers(reply))


def test_a_changed_sentence_keeps_the_gain_of_the_others(ask: Ask) -> None:
    first = ask("lufs-loud", text=TEXT, loudness=-18, sample_rate=22_050)
    changed = TEXT.replace("boat 4", "the ferry to the north")
    reply = ask("lufs-louder", text=changed, based_on="lufs-loud")
    assert reply["reused"] == [0, 1, 2]
    assert reply["loudness"] == pytest.approx(-18, abs=0.5)
    before, after = numbers(first), numbers(reply)
    same = round(len(before) * 0.7)
    assert np.array_equal(before[:same], after[:same])
    other = ask("lufs-quieter", text=changed, based_on="lufs-loud", loudness=-30)
    assert other["loudness"] == pytest.approx(-30, abs=0.2)
    plain = ask("lufs-rms", text=changed, based_on="lufs-loud", target_rms=0.1)
    assert "loudness" not in plain
    assert ask("lufs-again", text=changed, based_on="lufs-rms", loudness=-30)["loudness"] == -30


def test_a_very_short_speech_is_told(ask: Ask) -> None:
    reply = ask(text="A.", loudness=-20, speed=3)
    assert reply["loudness"] == pytest.approx(-20, abs=0.2)
    is_short = reply["duration"] < 0.4
    assert [one.startswith("the speech is shorter") for one in reply["warnings"]].count(True) == (
        is_short
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"loudness": -14, "target_rms": 0.1}, "loudness and target_rms both say how loud the "
         "speech is; leave one of them out"),
        ({"loudness": -5}, "loudness must be from -36 to -8, got -5"),
        ({"loudness": -40}, "loudness must be from -36 to -8, got -40"),
        ({"loudness": 16}, "loudness must be from -36 to -8, got 16"),
    ],
)  # fmt: skip
def test_what_is_no_loudness_is_refused(ask: Ask, fields: dict[str, Any], sentence: str) -> None:
    assert sentence in ask(text=TEXT, **fields)["error"]
    srt = "1\n00:00:01,000 --> 00:00:04,000\nHello.\n"
    assert sentence in ask(endpoint="dub", srt=srt, **fields)["error"]
