"""`dub` with the preview engine: every cue is spoken at its time."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt
import pysubs2
import pytest
import soundfile

from tests.jobs.conftest import Ask
from tests.jobs.schema.test_s3_config import own
from tests.support import handling
from tests.support.seaweed import Seaweed
from tests.support.waiting import PATIENCE_S
from tests.support.web import ALLOW_PRIVATE, serving
from worker.cancellation import Cancelled
from worker.state import Worker

SRT = """\ufeff1\r
00:00:01,000 --> 00:00:02,500\r
<i>Hello</i> there.\r
\r
2\r
00:00:04,250 --> 00:00:06,000\r
{\\an8}This is the second line.\r
\r
7\r
00:00:06,100 --> 00:00:06,400\r
[DOOR SLAMS]\r
\r
8\r
00:00:07,000 --> 00:00:09,000\r
And here is the last one.\r
"""
LONG = "The quick brown fox jumps over the lazy dog and runs far away into the dark green wood."


def times(*cues: tuple[float, float, str]) -> str:
    file = pysubs2.SSAFile()
    for start, end, text in cues:
        file.append(pysubs2.SSAEvent(round(1000 * start), round(1000 * end), text))
    return file.to_string("srt")


def sound(store_folder: Path, job_id: str) -> tuple[npt.NDArray[np.float32], int]:
    samples, rate = soundfile.read(
        next((store_folder / "output").rglob(f"{job_id}*.wav")), dtype="float32"
    )
    return samples, rate


def onset_s(samples: npt.NDArray[np.float32], rate: int, start_s: float) -> float:
    """When something first sounds after `start_s`: the first 5 ms over -40 dB, by steps of 1 ms."""
    step = rate // 1000
    part = samples[max(0, round(start_s * rate)) :]
    power = np.add.reduceat(np.square(part, dtype=np.float64), np.arange(0, len(part), step)) / step
    smooth = np.convolve(power, np.ones(5) / 5, "valid")
    return start_s + int(np.flatnonzero(smooth > 1e-4)[0]) / 1000


def test_each_cue_is_spoken_at_its_time(ask: Ask, store_folder: Path) -> None:
    reply = ask("on-time", endpoint="dub", srt=SRT, timing_format=["srt", "json"])
    samples, rate = sound(store_folder, "on-time")
    assert [cue["index"] for cue in reply["cues"]] == [0, 1, 3]
    assert [cue["speed"] for cue in reply["cues"]] == [1, 1, 1]
    for cue, at_s in zip(reply["cues"], (1, 4.25, 7), strict=True):
        assert cue["overflow_ms"] == 0
        assert cue["start_time"] == pytest.approx(at_s, abs=0.001)
        assert onset_s(samples, rate, at_s - 0.3) == pytest.approx(at_s, abs=0.01)
    assert reply["duration"] == 9
    assert any("1 cue has nothing to say" in sentence for sentence in reply["warnings"])
    again = ask(endpoint="status", job_id="on-time")
    assert again["cues"] == reply["cues"]
    assert ask(endpoint="download", job_id="on-time")["audio_url"]
    timed = ask(endpoint="timing", job_id="on-time")
    assert (timed["text"], timed["duration"]) == (reply["text"], reply["duration"])
    (listed,) = ask(endpoint="list_jobs", prefix="on-time")["jobs"]
    assert (listed["endpoint"], listed["duration"]) == ("dub", reply["duration"])
    assert (
        ask("on-time", endpoint="dub", srt=SRT, timing_format=["srt", "json"])["cues"]
        == (reply["cues"])
    )
    written = pysubs2.load(str(next(store_folder.rglob("on-time*.srt"))))
    assert abs(written[0].start - 1000) <= 60


def test_a_cue_without_room_is_faster_and_no_faster_than_it_must_be(ask: Ask) -> None:
    reply = ask(endpoint="dub", srt=times((0, 4, LONG), (4.5, 6, "Then it rests.")), max_speed=2)
    first, second = reply["cues"]
    assert 1 < first["speed"] < 2
    assert 4.2 < first["end_time"] <= 4.45
    assert (second["start_time"], second["speed"]) == (4.5, 1)


def test_shift_moves_the_later_cues_until_they_have_caught_up(ask: Ask) -> None:
    srt = times((0, 2, LONG), (2, 3, "Then it rests."), (9, 10, "The end."))
    reply = ask(endpoint="dub", srt=srt)
    first, second, third = reply["cues"]
    assert first["speed"] == 1.3
    assert first["overflow_ms"] > 500
    assert 0.05 <= second["start_time"] - first["end_time"] < 0.2
    assert third["start_time"] == 9
    assert any("later cues begin" in sentence for sentence in reply["warnings"])


def test_trim_cuts_where_the_next_cue_begins(ask: Ask, store_folder: Path) -> None:
    srt = times((0, 2, LONG), (2, 3, "Then it rests."))
    reply = ask("trimmed", endpoint="dub", srt=srt, overflow="trim", timing_format="all")
    first, second = reply["cues"]
    assert first["end_time"] <= 2
    assert second["start_time"] == 2
    assert first["overflow_ms"] > 500
    assert reply["duration"] == 3
    assert "timing_error" not in reply


def test_cues_without_a_length_are_spoken_whole(ask: Ask) -> None:
    """Several of them at the end of a file: no time is left that they could share."""
    srt = times((1, 1, "Good morning."), (1, 0.5, "How are you today?"), (1, 1, "Goodbye."))
    reply = ask(endpoint="dub", srt=srt, overflow="trim")
    assert [cue["overflow_ms"] for cue in reply["cues"]] == [0, 0, 0]
    assert all(cue["end_time"] - cue["start_time"] > 0.4 for cue in reply["cues"])
    assert any("3 cues do not end after the beginning" in text for text in reply["warnings"])


def test_error_names_the_cue_and_the_remedy(ask: Ask) -> None:
    reply = ask(endpoint="dub", srt=times((0, 2, LONG), (2, 3, "No.")), overflow="error")
    assert reply["code"] == "synthesis_failed"
    assert "cue 1 would be" in str(reply["error"])
    assert "max_speed" in str(reply["error"])


def test_the_last_cue_may_make_the_audio_longer(ask: Ask) -> None:
    assert ask(endpoint="dub", srt=times((0, 1, LONG)))["duration"] > 3
    assert ask(endpoint="dub", srt=times((0, 1, LONG)), overflow="trim")["duration"] == 1


def test_many_cues_do_not_drift(ask: Ask, store_folder: Path) -> None:
    starts = [1.5 * number + 0.25 for number in range(40)]
    srt = times(*((start, start + 1, "Twenty more.") for start in starts))
    reply = ask("many", endpoint="dub", srt=srt)
    samples, rate = sound(store_folder, "many")
    errors = [onset_s(samples, rate, start - 0.2) - start for start in starts]
    assert np.median(np.abs(errors)) <= 0.005
    assert np.abs(errors).max() <= 0.02
    for before, after in pairwise(reply["cues"]):
        assert before["end_time"] <= after["start_time"]


def test_cues_that_begin_together_are_all_spoken(ask: Ask) -> None:
    srt = times((0, 4, "Who is there?"), (0, 4, "It is only me."), (5, 6, "Come in."))
    reply = ask(endpoint="dub", srt=srt)
    assert len(reply["cues"]) == 3
    for before, after in pairwise(reply["cues"]):
        assert before["end_time"] <= after["start_time"]
    assert reply["cues"][2]["start_time"] == 5


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "srt_url"),
        ({"srt": SRT, "srt_url": "https://example.com/a.srt"}, "not both"),
        ({"srt": SRT, "speed": 1.5}, "max_speed"),
        ({"srt": "Just text."}, "no line of times"),
        ({"srt": times((0, 1, "♪"))}, "no cue with words"),
        ({"srt": times((0, 1, "Hi. [pause:99s]"))}, "cue 1"),
        ({"srt_url": "http://127.0.0.1/a.srt"}, "public"),
        ({"srt": SRT, "fix_duration": 5}, 'unknown field "fix_duration"; leave it out: the times'),
        ({"srt": SRT, "based_on": "a"}, 'unknown field "based_on"; leave it out: only tts'),
        ({"text": SRT}, 'unknown field "text"; use srt'),
    ],
)
def test_what_does_not_go_is_refused(ask: Ask, fields: dict[str, Any], said: str) -> None:
    assert said in str(ask(endpoint="dub", **fields)["error"])


def test_a_file_behind_a_url(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOW_PRIVATE, "1")
    (tmp_path / "utf8.srt").write_text(SRT, encoding="utf-8")
    (tmp_path / "utf16.srt").write_text(SRT, encoding="utf-16")
    (tmp_path / "large.srt").write_bytes(b" " * 1_000_001)
    with serving(tmp_path) as url:
        replies = [ask(endpoint="dub", srt_url=f"{url}/{name}.srt") for name in ("utf8", "utf16")]
        large = ask(endpoint="dub", srt_url=f"{url}/large.srt")
    assert [reply["cues"] for reply in replies] == [ask(endpoint="dub", srt=SRT)["cues"]] * 2
    assert large["code"] == "too_large"


def test_a_cue_of_several_chunks_is_one_cue(ask: Ask) -> None:
    first, second = ask(
        endpoint="dub", srt=times((1, 2, f"{LONG} {LONG} {LONG}"), (40, 41, "So."))
    )["cues"]
    assert first["start_time"] == 1
    assert 12 < first["end_time"] < 40
    assert first["speed"] == 1
    assert second["start_time"] == 40


def test_a_stop_ends_the_job_between_two_cues(worker: Worker) -> None:
    srt = times(*((3 * n, 3 * n + 2, f"This is line {n}.") for n in range(20)))
    job = {"id": "stopped-dub", "input": {"endpoint": "dub", "srt": srt}}
    told: list[int] = []

    def tell(stage: str, done: int, total: int) -> None:
        if stage == "synthesis":
            told.append(done)
        if len(told) == 3:
            worker.active_jobs.stop("stopped-dub")

    with pytest.raises(Cancelled):
        handling.handle(worker, job, tell)
    assert max(told) < 20
    again = handling.handle(worker, job, lambda *_: None)
    assert len(again["cues"]) == 20


def test_a_job_with_a_bucket_of_its_own(
    worker: Worker, seaweed: Seaweed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ALLOW_PRIVATE, "1")
    job = {"id": "own-dub", "input": {"endpoint": "dub", "srt": SRT}, "s3Config": own(seaweed)}
    reply = handling.handle(worker, job, lambda *_: None)
    assert httpx.get(reply["audio_url"], timeout=PATIENCE_S).status_code == 200
    again = handling.handle(worker, job, lambda *_: None)
    assert again["cues"] == reply["cues"]
    assert again["metrics"]["synthesis_ms"] == reply["metrics"]["synthesis_ms"]
