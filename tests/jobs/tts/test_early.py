"""`early`: parts that are there while the rest is spoken, and are the speech, sample for sample."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from jobs.tts.early import SHARE, growing_groups
from storage import keys
from storage.local import LocalStore
from storage.store import StorageError
from tests.support import handling
from tests.support.progress import Shown
from tts.engine import Take
from worker.cancellation import Cancelled, CancelReason
from worker.state import Worker

pytestmark = pytest.mark.slow

SENTENCES = [f"The harbour opens at dawn for boat {n}." for n in range(1, 6)]
TEXT = " ".join(SENTENCES)
LONG = (
    "[pause:0.4s]The harbour opens at dawn. Then, as the fog lifts over the old stone pier and the "
    "gulls begin to circle above the nets that were left out to dry, the first of the boats comes "
    "in with its lamps still lit and its crew asleep on the deck among baskets of herring, ropes "
    "and buoys and whatever else a night at sea leaves behind [pause:1s] Nobody speaks.[pause:0.1s]"
    "[voice:default]All is well! The end.[pause:2s]"
)


class Dead(LocalStore):
    """A store that takes no early part from the second one on."""

    def put_file(self, key: str, path: Path, content_type: str) -> None:
        if "/early/" in key and "/early/0." not in key:
            raise StorageError("no room for parts", "make some")
        super().put_file(key, path, content_type)


@pytest.fixture
def here(worker: Worker, tmp_path: Path) -> Worker:
    return replace(worker, store=LocalStore(tmp_path), patience_s=0.1)


def ask(worker: Worker, this_id: str, /, **fields: Any) -> tuple[dict[str, Any], Shown]:
    shown = Shown()
    return handling.handle(worker, {"id": this_id, "input": fields}, shown), shown


def samples_of(url: str) -> npt.NDArray[np.int16]:
    found: npt.NDArray[np.int16] = soundfile.read(unquote(urlsplit(url).path), dtype="int16")[0]
    return found


def early_names(worker: Worker) -> list[str]:
    return [info.key for info in worker.store.list() if "/early/" in info.key]


@pytest.mark.parametrize("text", [LONG, "Hi."])
@pytest.mark.parametrize(
    ("output_format", "rate"), [("wav", 22_050), ("wav", 24_000), ("flac", 8000), ("flac", 48_000)]
)
def test_the_parts_are_the_speech_sample_for_sample(
    here: Worker, text: str, output_format: str, rate: int
) -> None:
    reply, shown = ask(
        here, "early", text=text, early=True, output_format=output_format, sample_rate=rate
    )
    parts = shown.fields["parts"]
    assert [part["index"] for part in parts] == list(range(len(parts)))
    pieces = [samples_of(part["audio_url"]) for part in parts]
    whole = samples_of(reply["audio_url"])
    assert np.array_equal(np.concatenate(pieces), whole)
    ends = np.cumsum([0, *map(len, pieces)]) / rate
    edges = [round(end, 3) for end in ends.tolist()]
    assert [part["start_time"] for part in parts] == edges[:-1]
    assert [part["end_time"] for part in parts] == edges[1:]
    assert shown.streamed == parts
    assert {name for part in parts for name in part} == {
        "index", "audio_url", "start_time", "end_time",
    }  # fmt: skip
    # Where two parts meet there is a pause.
    for piece in pieces[:-1]:
        assert abs(piece[-rate // 200 :]).max() < 300


def test_the_first_part_is_there_before_the_last_sentence_is_spoken(here: Worker) -> None:
    _, shown = ask(here, "early", text=TEXT, early=True)
    first = next(update for update in shown.sent if "parts" in update)
    assert first["stage"] == "synthesis"
    assert first["done"] < first["total"] == len(SENTENCES)
    # Every later update has it, too.
    after = shown.sent[shown.sent.index(first) :]
    assert all(update["parts"][0] == first["parts"][0] for update in after)
    assert len(shown.fields["parts"]) == len(SENTENCES)


def test_speech_without_loud_peaks_is_that_of_a_job_without_early(here: Worker) -> None:
    plain, shown = ask(here, "plain", text=TEXT, seed=3)
    early, _ = ask(here, "early", text=TEXT, seed=3, early=True)
    assert np.array_equal(samples_of(plain["audio_url"]), samples_of(early["audio_url"]))
    assert set(early) == set(plain)
    assert "parts" not in shown.fields
    assert early_names(here) == [f"output/early/early/{n}.wav" for n in range(len(SENTENCES))]


def test_loud_takes_never_change_what_was_heard(here: Worker) -> None:
    reply, shown = ask(here, "early", text=TEXT, early=True, target_rms=1.0, sample_rate=22_050)
    pieces = [samples_of(part["audio_url"]) for part in shown.fields["parts"]]
    whole = samples_of(reply["audio_url"])
    assert np.array_equal(np.concatenate(pieces), whole)
    peaks = [int(abs(piece.astype(int)).max()) for piece in pieces]
    assert max(peaks) <= 0.99 * 32767 + 1
    assert min(peaks) > 0.97 * 32767


@pytest.mark.parametrize("output_format", ["mp3", "ogg", "opus"])
def test_parts_of_lossy_formats_can_be_played(here: Worker, output_format: str) -> None:
    reply, shown = ask(here, "early", text=TEXT, early=True, output_format=output_format)
    seconds = 0.0
    for part in shown.fields["parts"]:
        audio, rate = soundfile.read(unquote(urlsplit(part["audio_url"]).path))
        assert len(audio) / rate == pytest.approx(part["end_time"] - part["start_time"], abs=0.1)
        seconds = part["end_time"]
    assert seconds == pytest.approx(reply["duration"], abs=0.01)


def test_a_part_that_cannot_be_stored_does_not_fail_the_job(here: Worker, tmp_path: Path) -> None:
    reply, shown = ask(replace(here, store=Dead(tmp_path)), "early", text=TEXT, early=True)
    assert reply["status"] == "completed"
    assert [part["index"] for part in shown.fields["parts"]] == [0]
    assert (
        "early: part 1 could not be stored, and no part after it is named; audio_url has all of "
        "the speech"
    ) in reply["warnings"]


def test_delete_job_removes_the_parts_also_of_a_job_that_was_stopped(here: Worker) -> None:
    shown = Shown()

    def stop_at_the_third(stage: str, done: int, total: int) -> None:
        shown(stage, done, total)
        if done == 3:
            here.active_jobs.stop("stopped")

    class Stopping(Shown):
        def __call__(self, stage: str, done: int, total: int) -> None:
            stop_at_the_third(stage, done, total)

    job = {"id": "stopped", "input": {"text": TEXT, "early": True}}
    with pytest.raises(Cancelled, match=CancelReason.CANCELLED.value):
        handling.handle(here, job, Stopping())
    ask(here, "ended", text=TEXT, early=True)
    for name in ("stopped", "ended"):
        if early_names(here):
            ask(here, f"d-{name}", endpoint="delete_job", job_id=name)
        assert not [key for key in early_names(here) if f"/{name}/" in key]


def test_a_failed_job_leaves_no_thread_that_waits(here: Worker) -> None:
    reply, shown = ask(here, "early", text="🎉 🎉", early=True)
    assert reply["code"] == "text_rejected"
    assert "parts" not in shown.fields


@pytest.mark.parametrize("fields", [{"fix_duration": 9}, {"max_duration": 9}, {"verify": True}])
def test_what_makes_parts_late_is_refused(here: Worker, fields: dict[str, Any]) -> None:
    reply, _ = ask(here, "early", text=TEXT, early=True, **fields)
    assert reply["message"] == (
        f"early does not go together with {next(iter(fields))}: the first part is final before the "
        "rest is spoken; leave one of them out"
    )
    assert ask(here, "late", text="Hi.", early=False, **fields)[0]["status"] == "completed"


# Together with `based_on` and `parts`.


def test_a_changed_sentence_keeps_the_samples_before_it(here: Worker) -> None:
    fields = {"early": True, "target_rms": 1.0, "sample_rate": 22_050}
    first, _ = ask(here, "first", text=TEXT, **fields)
    text = TEXT.replace("boat 4", "ship 4")
    for number, given in enumerate(({}, {"early": True}, {"early": False})):
        reply, shown = ask(here, f"next-{number}", text=text, based_on="first", **given)
        assert reply["spoken"] == [3]
        before, after = samples_of(first["audio_url"]), samples_of(reply["audio_url"])
        edge = round(len(before) * 0.55)
        assert np.array_equal(before[:edge], after[:edge])
        assert ("parts" in shown.fields) == bool(given.get("early"))
    again, shown = ask(here, "last", text=TEXT, based_on="next-0", early=True)
    assert np.array_equal(samples_of(again["audio_url"]), samples_of(first["audio_url"]))
    pieces = [samples_of(part["audio_url"]) for part in shown.fields["parts"]]
    assert np.array_equal(np.concatenate(pieces), samples_of(again["audio_url"]))


def test_a_job_without_early_cannot_be_heard_early_later(here: Worker) -> None:
    ask(here, "first", text=TEXT)
    reply, _ = ask(here, "second", text=TEXT, based_on="first", early=True)
    assert reply["message"] == (
        "early: job 'first' was made without early, and its loudness is that of the whole speech; "
        "leave early or based_on out"
    )


def test_a_loudness_of_the_earlier_job_does_not_go_together_with_early(here: Worker) -> None:
    first, _ = ask(here, "first", text=TEXT, early=True)
    loud, _ = ask(here, "loud", text=TEXT, based_on="first", loudness=-20)
    assert loud["loudness"] == pytest.approx(-20, abs=0.5)
    fields = {"text": TEXT, "based_on": "loud", "early": True}
    for endpoint in ("tts", "plan"):
        reply, shown = ask(here, f"second-{endpoint}", endpoint=endpoint, **fields)
        assert reply["message"] == (
            "early does not go together with the loudness of job 'loud': the first part is final "
            "before the rest is spoken; leave early out, or give target_rms"
        )
        assert "parts" not in shown.fields
    again, shown = ask(here, "third", target_rms=0.1, **fields)
    whole = samples_of(again["audio_url"])
    assert np.array_equal(whole, samples_of(first["audio_url"]))
    pieces = [samples_of(part["audio_url"]) for part in shown.fields["parts"]]
    assert np.array_equal(np.concatenate(pieces), whole)


def test_parts_and_early_parts_are_beside_each_other(here: Worker) -> None:
    reply, shown = ask(here, "early", text=TEXT, early=True, parts="sentence")
    assert len(reply["parts"]) == len(shown.fields["parts"]) == len(SENTENCES)
    names = {info.key for info in here.store.list("output/early/")}
    assert {keys.part(keys.JobId("early"), 0, "wav"), "output/early/early/0.wav"} <= names


def test_only_early_parts_of_that_job_are_its_files() -> None:
    job = keys.JobId("a")
    assert keys.is_file_of(job, keys.early(job, 7, "mp3"))
    for other in ("output/b/early/0.wav", "output/a/early/x.wav", "output/a/early/0/0.wav",
                  "output/a/late/0.wav", "output/a.early/0.wav"):  # fmt: skip
        assert not keys.is_file_of(job, other)


# How many parts and groups there are.


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 400])
def test_groups_grow_and_keep_the_order(count: int) -> None:
    tries = [Take(index) for index in range(count)]
    groups = growing_groups(tries)
    assert [take for group in groups for take in group] == tries
    assert len(groups[0]) == 1
    assert all(groups)
    assert len(groups) <= 1 + count.bit_length()


def test_later_parts_have_more_chunks(here: Worker) -> None:
    text = " ".join(f"[pause:0.1s]Boat {n} is in." for n in range(24))
    reply, shown = ask(here, "early", text=text, early=True, target_rms=0.9, sample_rate=22_050)
    parts = shown.fields["parts"]
    assert SHARE < len(parts) < 22
    pieces = [samples_of(part["audio_url"]) for part in parts]
    assert np.array_equal(np.concatenate(pieces), samples_of(reply["audio_url"]))
