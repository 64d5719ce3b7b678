"""`timing` of audio in which more, less or something else is said than the text has, by Whisper."""

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import numpy as np
import pysubs2
import pytest
import soundfile

from tests.jobs.timing.stored_audio import put_audio
from tests.support import handling
from tests.support.speech import WHISPER_FOLDER
from tests.timing.fixtures import sentences
from tts.asr.whisper import Whisper
from tts.speech import Samples
from worker.state import Worker

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def hearing(worker: Worker) -> Worker:
    """The worker with Whisper."""
    return replace(worker, whisper=Whisper(str(WHISPER_FOLDER), "cpu"))


class Timed(NamedTuple):
    """A reply, its words, and by how many ms each starts too late."""

    reply: dict[str, Any]
    words: list[dict[str, Any]]
    errors: list[float]

    @property
    def far_off(self) -> list[dict[str, Any]]:
        return [
            word for word, error in zip(self.words, self.errors, strict=True) if abs(error) > 300
        ]


def melody(seconds: float) -> Samples:
    """A tune of sines, two and a half notes a second."""
    at = np.arange(round(16_000 * seconds)) / 16_000
    notes = np.array([262, 294, 330, 349, 392, 440, 392, 330])[(2.5 * at).astype(int) % 8]
    phase = np.cumsum(2 * np.pi * notes / 16_000)
    return np.asarray(0.15 * np.sin(phase) + 0.07 * np.sin(2 * phase), np.float32)


def timed(
    worker: Worker,
    name: str,
    heard: Sequence[int],
    written: Sequence[int] | None,
    before: Samples | None = None,
    text: str | None = None,
    formats: Sequence[str] = ("json",),
    **fields: str,
) -> Timed:
    """Time audio in which some sentences are heard with the text of others; None: without text.

    A sentence that is not heard has errors of 0. `text` is sent in place of the sentences' text.
    """
    parts = [np.zeros(0, np.float32) if before is None else before, np.zeros(8_000, np.float32)]
    starts: dict[int, list[float]] = {}
    for index in heard:
        sentence = sentences()[index]
        offset_ms = sum(map(len, parts)) / 16
        starts[index] = [offset_ms + start for start in sentence.starts_ms]
        parts += [sentence.samples, np.zeros(8_000, np.float32)]
    out = io.BytesIO()
    soundfile.write(out, np.concatenate(parts), 16_000, format="WAV")
    put_audio(worker, name, out.getvalue())
    spoken: dict[str, Any] = {
        "endpoint": "timing", "job_id": name, "timing_format": list(formats), "language": "en",
        **fields,
    }  # fmt: skip
    if written is not None:
        spoken["text"] = text or " ".join(sentences()[index].text for index in written)
    reply = handling.handle(worker, {"id": f"{name}-timed", "input": spoken}, lambda *_: None)
    words = json.loads(file_of(reply, "json").read_text())["timing_data"]["words"]
    if written is None or text or fields:
        return Timed(reply, words, [0.0] * len(words))
    truth = [
        start_ms
        for index in written
        for start_ms in starts.get(index, [None] * len(sentences()[index].words))
    ]
    errors = [
        0.0 if start_ms is None else 1000 * word["start_time"] - start_ms
        for word, start_ms in zip(words, truth, strict=True)
    ]
    return Timed(reply, words, errors)


def file_of(reply: dict[str, Any], name: str) -> Path:
    return Path(unquote(urlsplit(reply["timing_files"][name]).path))


@pytest.mark.parametrize("lacking", [(1, 4, 7), (3, 4, 5), (0, 1, 8, 9)])
def test_sentences_that_the_text_lacks_are_left_alone(
    hearing: Worker, lacking: tuple[int, ...]
) -> None:
    written = [index for index in range(10) if index not in lacking]
    result = timed(hearing, f"lacks-{lacking[0]}-{lacking[1]}", range(10), written)
    assert result.far_off == []
    assert np.median(np.abs(result.errors)) <= 20


def test_sentences_that_are_not_spoken_are_marked_and_take_no_time_from_others(
    hearing: Worker,
) -> None:
    result = timed(hearing, "absent", [0, 1, 3, 4, 6, 7, 8, 9], range(10))
    firsts = np.cumsum([0, *(len(sentence.words) for sentence in sentences())])
    for absent in (2, 5):
        words = result.words[firsts[absent] : firsts[absent + 1]]
        assert all(word["source"] == "estimate" or word["interpolated"] for word in words)
        assert sum(word.get("unspoken", False) for word in words) >= len(words) - 2
    assert all(word["interpolated"] for word in result.far_off)
    assert sum("not said there" in s for s in result.reply["warnings"]) == 2


def test_a_text_in_another_order_is_warned_of(hearing: Worker) -> None:
    result = timed(hearing, "order", range(6), [3, 4, 5, 0, 1, 2])
    assert all(word["interpolated"] or word["confidence"] < 0.4 for word in result.far_off)
    assert any("not match the audio" in warning for warning in result.reply["warnings"])


def test_words_after_music_begin_after_it(hearing: Worker) -> None:
    result = timed(hearing, "melody", [8, 1], [8, 1], before=melody(13))
    assert result.far_off == []
    assert result.reply["warnings"][1:] == []


def test_words_that_whisper_writes_down_after_music_begin_after_it(hearing: Worker) -> None:
    result = timed(hearing, "tune", [8, 1], None, before=melody(13))
    assert result.reply["timing_method"] == "sphinx"
    assert min(word["start_time"] for word in result.words) > 12.9


def test_the_last_word_of_a_short_text_does_not_last_to_the_end_of_the_sound(
    hearing: Worker,
) -> None:
    """`fox` is heard early in the sentence; nothing after it is in the text."""
    result = timed(hearing, "fox", [8], [8], text="The quick brown fox")
    assert result.words[-1]["end_time"] - result.words[-1]["start_time"] < 1.0
    assert result.words[-1]["end_time"] < 2.5


def test_without_whisper_a_sentence_that_is_not_spoken_costs_itself_alone(worker: Worker) -> None:
    """The first, one in the middle and the last one; cues and the page have none of them."""
    result = timed(
        worker, "absent-local", [1, 2, 3, 5, 6, 8], range(10), formats=["json", "srt", "html"]
    )
    firsts = np.cumsum([0, *(len(sentence.words) for sentence in sentences())])
    absent = [index for one in (0, 4, 7, 9) for index in range(firsts[one], firsts[one + 1])]
    marked = [index for index, word in enumerate(result.words) if word.get("unspoken")]
    assert set(marked) <= set(absent)
    assert len(marked) >= len(absent) - 4
    assert all(result.words[index]["confidence"] == 0 for index in marked)
    assert all(
        result.words[index]["start_time"] == result.words[index]["end_time"] for index in marked
    )
    spoken = [error for index, error in enumerate(result.errors) if index not in absent]
    assert np.median(np.abs(spoken)) <= 20
    assert np.abs(spoken).max() <= 150
    cues = pysubs2.load(str(file_of(result.reply, "srt")))
    assert len(cues) == len(result.words) - len(marked)
    page = file_of(result.reply, "html").read_text()
    assert page.count("data-start=") == len(cues)
    warnings = [one for one in result.reply["warnings"] if "not said there" in one]
    assert len(warnings) == 4
    assert all(one.endswith('"') for one in warnings)


@pytest.mark.parametrize("swapped", [False, True])
def test_without_whisper_another_text_is_rejected_and_not_called_unspoken(
    worker: Worker, swapped: bool
) -> None:
    text = " ".join(sentences()[index].text for index in ((0, 1, 2) if swapped else (5, 6, 7)))
    heard = (5, 6, 7) if swapped else (0, 1, 2)
    result = timed(worker, f"foreign-{swapped}", heard, heard, text=text)
    assert all(word["source"] == "estimate" for word in result.words)
    assert not any(word.get("unspoken") for word in result.words)
    assert any("does not match the audio" in warning for warning in result.reply["warnings"])


def test_a_stammer_is_no_part_of_the_words(worker: Worker) -> None:
    """The last half second of a start that is given up, and again from the beginning."""
    first, second = sentences()[8], sentences()[1]
    cut = round(16 * first.starts_ms[3])
    stammer = np.concatenate([first.samples[:cut], np.zeros(3_200, np.float32)])
    result = timed(worker, "stammer", [8, 1], [8, 1], before=stammer)
    assert result.far_off == []
    assert second.words[0] in [word["word"] for word in result.words]


def test_words_that_the_text_lacks_are_inserted_where_asked_for(
    worker: Worker, hearing: Worker
) -> None:
    fields: dict[str, Any] = {"unscripted": "insert"}
    result = timed(hearing, "inserted", range(6), [0, 1, 4, 5], **fields)
    added = [word for word in result.words if word.get("unscripted")]
    scripted = [word["word"] for word in result.words if not word.get("unscripted")]
    written = [word for index in (0, 1, 4, 5) for word in sentences()[index].words]
    assert scripted == written
    assert all(("char_start" in word) == ("unscripted" not in word) for word in result.words)
    said = len(sentences()[2].words) + len(sentences()[3].words)
    assert said - 4 <= len(added) <= said + 6
    assert all(word["source"] == "sphinx" for word in added[2:-2])
    assert any(warning.startswith("the worker inserted ") for warning in result.reply["warnings"])
    ignored = timed(hearing, "ignored", range(6), [0, 1, 4, 5])
    assert [word["word"] for word in ignored.words] == written
    deaf = {"endpoint": "timing", "job_id": "inserted", "text": "Any.", **fields}
    reply = handling.handle(worker, {"id": "deaf-insert", "input": deaf}, lambda *_: None)
    assert reply["code"] == "timing_unavailable"
    assert "send `unscripted`: `ignore`" in reply["error"]
