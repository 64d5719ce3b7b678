"""Jobs that are based on an earlier one: what is spoken, what is used again, and its samples."""

import dataclasses
import json
import random
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from tests.jobs.conftest import Ask
from tests.jobs.schema.test_s3_config import own
from tests.support import handling
from tests.support.seaweed import Seaweed
from tests.support.web import ALLOW_PRIVATE
from worker.cancellation import Cancelled
from worker.state import Worker

SENTENCES = [
    f"Sentence number {n} says that the harbour opens at dawn for boat {n}." for n in range(1, 9)
]
TEXT = " ".join(SENTENCES)


def samples_of(reply: dict[str, Any]) -> npt.NDArray[np.int16]:
    path = Path(unquote(urlsplit(reply["audio_url"]).path))
    samples: npt.NDArray[np.int16] = soundfile.read(path, dtype="int16")[0]
    return samples


def record(store_folder: Path, job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((store_folder / f"jobs/{job_id}.json").read_text())
    return found


@pytest.fixture
def first(ask: Ask) -> dict[str, Any]:
    return ask("approved", text=TEXT, seed=7, sample_rate=22_050)


def test_one_changed_sentence_is_the_only_one_that_is_spoken(
    ask: Ask, first: dict[str, Any], store_folder: Path
) -> None:
    text = TEXT.replace("number 4 says that the harbour", "number 4 says that the old harbour")
    reply = ask("second", text=text, based_on="approved")
    assert reply["reused"] == [0, 1, 2, 4, 5, 6, 7]
    assert reply["spoken"] == [3]
    assert (reply["seed"], reply["sample_rate"]) == (7, 22_050)
    start = round(record(store_folder, "second")["takes"][3]["start_ms"] * 22.05)
    before, after = samples_of(first), samples_of(reply)
    assert np.array_equal(before[:start], after[:start])
    moved = len(after) - len(before)
    assert np.array_equal(before[-start:], after[-start:])
    assert [shift["word"] for shift in reply["shift_ms"]] == [0, 13 * 4 + 1]
    assert reply["shift_ms"][0]["ms"] == 0
    assert reply["shift_ms"][1]["ms"] == pytest.approx(moved / 22.05, abs=0.1)


def test_it_sounds_as_if_all_of_it_were_spoken(ask: Ask, first: dict[str, Any]) -> None:
    text = TEXT.replace("boat 6.", "the ferry to the north.")
    reply = ask(text=text, based_on="approved")
    anew = ask(text=text, seed=7, sample_rate=22_050)
    assert "spoken" not in anew
    assert np.array_equal(samples_of(reply), samples_of(anew))


@pytest.mark.parametrize("seed", range(4))
def test_samples_before_any_change_are_those_of_the_earlier_job(
    ask: Ask, first: dict[str, Any], store_folder: Path, seed: int
) -> None:
    rng = random.Random(seed)
    sentences = list(SENTENCES)
    for _ in range(2):
        at = rng.randrange(len(sentences))
        change = rng.choice(["remove", "insert", "short", "swap", "word"])
        if change == "remove":
            del sentences[at]
        elif change == "insert":
            sentences.insert(at, "Nobody had told the captain about this before.")
        elif change == "short":
            sentences.insert(at, "Yes.")
        elif change == "swap":
            sentences[at], sentences[0] = sentences[0], sentences[at]
        else:
            sentences[at] = sentences[at].replace("opens", "closes")
    reply = ask(f"edited-{seed}", text=" ".join(sentences), based_on="approved")
    assert sorted(reply["reused"] + reply["spoken"]) == list(
        range(len(record(store_folder, f"edited-{seed}")["takes"]))
    )
    first_spoken = next(iter(reply["spoken"]), None)
    old, new = (record(store_folder, name)["takes"] for name in ("approved", f"edited-{seed}"))
    same = 0
    while same < min(len(old), len(new)) and old[same]["sha256"] == new[same]["sha256"]:
        same += 1
    assert first_spoken is None or first_spoken >= same
    end = round(min(old[same]["start_ms"], new[same]["start_ms"]) * 22.05) if same < 8 else 1
    assert np.array_equal(samples_of(first)[:end], samples_of(reply)[:end])


def test_a_take_that_is_gone_or_damaged_is_spoken_anew(
    ask: Ask, first: dict[str, Any], store_folder: Path
) -> None:
    takes = [
        store_folder / f"chunks/{take['sha256']}.flac"
        for take in record(store_folder, "approved")["takes"]
    ]
    kept = [path.read_bytes() for path in takes]
    takes[1].unlink()
    takes[2].write_bytes(kept[3])
    takes[5].write_bytes(b"fLaC" + bytes(20_000_000))
    reply = ask("mended", text=TEXT, based_on="approved")
    assert reply["spoken"] == [1, 2, 5]
    assert "3 of the takes of job 'approved' are gone" in " ".join(reply["warnings"])
    assert np.array_equal(samples_of(first), samples_of(reply))
    # The job has stored them again.
    assert [path.read_bytes() for path in takes] == kept


def test_a_record_that_lies_about_its_takes_is_not_believed(
    ask: Ask, first: dict[str, Any], store_folder: Path
) -> None:
    found = record(store_folder, "approved")
    found["job_id"] = "liar"
    found["takes"][0]["length"] += 1
    found["options"] = {"voice": "../x", "speed": 99}
    (store_folder / "jobs/liar.json").write_text(json.dumps(found))
    reply = ask(text=TEXT, based_on="liar", sample_rate=22_050)
    assert reply["spoken"] == [0]
    found["takes"][0]["sha256"] = "../../x"
    (store_folder / "jobs/liar.json").write_text(json.dumps(found))
    assert ask(text=TEXT, based_on="liar")["error"].startswith("not_found: ")


def test_another_option_leaves_nothing_to_use_again(ask: Ask, first: dict[str, Any]) -> None:
    reply = ask(text=TEXT, based_on="approved", speed=1.5)
    assert reply["reused"] == []
    assert "no chunk is the same as in job 'approved'" in " ".join(reply["warnings"])


def test_options_of_the_earlier_job_go_on_from_job_to_job(ask: Ask) -> None:
    ask("quick", text=TEXT, speed=1.4, target_rms=0.05, output_format="flac")
    ask("quick-2", text=TEXT, based_on="quick")
    third = ask(text=TEXT + " The end of it comes here.", based_on="quick-2")
    assert third["spoken"] == [8]
    assert third["output_format"] == "flac"


def test_a_fitted_speech_can_be_changed_at_its_own_pace(ask: Ask) -> None:
    natural = ask(text=TEXT)
    fitted = ask("fitted", text=TEXT, max_duration=natural["duration"] * 0.9)
    assert fitted["speed"] > 1
    reply = ask(text=TEXT.replace("boat 8", "boat 9"), based_on="fitted")
    assert reply["spoken"] == [7]


def test_a_job_that_kept_no_takes_is_spoken_anew(
    ask: Ask, worker: Worker, store_folder: Path
) -> None:
    off = dataclasses.replace(
        worker, settings=worker.settings.model_copy(update={"keep_takes": "off"})
    )
    job = {"id": "unkept", "input": {"text": "Nothing of this sentence is kept at all."}}
    handling.handle(off, job, lambda *_: None)
    assert (
        "takes" not in record(store_folder, "unkept") or not record(store_folder, "unkept")["takes"]
    )
    reply = ask(text="Nothing of this sentence is kept at all.", based_on="unkept")
    assert (reply["reused"], reply["spoken"]) == ([], [0])
    assert "KEEP_TAKES" in " ".join(reply["warnings"])


@pytest.mark.parametrize("changed", range(3))
def test_a_loud_speech_stays_as_it_is(ask: Ask, store_folder: Path, changed: int) -> None:
    loud = (
        "Pop! Pop! Pop! Pop! Bang goes it.",
        "A calm voice speaks about the sea.",
        "Tick! Tick!",
    )
    sentences = [*loud, *SENTENCES[:3]]
    before = ask("loud", text=" ".join(sentences), target_rms=0.4, sample_rate=22_050)
    old = record(store_folder, "loud")["takes"]
    assert any(take.get("quieter") for take in old)
    sentences[changed + 2] = "Crack! It was the ice. Crack! Pop! Bang!"
    after = ask(f"loud-{changed}", text=" ".join(sentences), based_on="loud")
    new = record(store_folder, f"loud-{changed}")["takes"]
    first = after["spoken"][0]
    assert first > 0
    end = round(min(old[first]["start_ms"], new[first]["start_ms"]) * 22.05)
    assert np.array_equal(samples_of(before)[:end], samples_of(after)[:end])
    last = len(new) - 1
    if last in after["reused"]:
        tail = round(1000 * after["duration"] - new[last]["start_ms"]) * 22
        assert np.array_equal(samples_of(before)[-tail:], samples_of(after)[-tail:])


def test_an_exact_duration_keeps_no_takes(ask: Ask, store_folder: Path) -> None:
    ask("exact", text=SENTENCES[0], fix_duration=6)
    assert not record(store_folder, "exact").get("takes")


def test_a_redelivered_job_is_answered_from_its_record(ask: Ask, first: dict[str, Any]) -> None:
    fields = {"text": TEXT.replace("boat 2", "boat 3"), "based_on": "approved"}
    one, two = ask("twice", **fields), ask("twice", **fields)
    for name in ("reused", "spoken", "shift_ms", "duration"):
        assert one[name] == two[name]
    status = ask(endpoint="status", job_id="twice")
    assert status["shift_ms"] == one["shift_ms"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"based_on": "missing"}, "no finished job 'missing'"),
        ({"based_on": "../x"}, "is not a job id"),
        ({"based_on": "x", "fix_duration": 9}, "does not go together"),
        ({"based_on": "x", "max_duration": 9}, "does not go together"),
    ],
)
def test_what_cannot_be_is_refused(ask: Ask, fields: dict[str, Any], sentence: str) -> None:
    reply = ask(text=TEXT, **fields)
    assert sentence in reply["error"]


def test_what_is_no_job_of_tts_is_refused(ask: Ask, first: dict[str, Any]) -> None:
    srt = "1\n00:00:01,000 --> 00:00:04,000\nThe harbour opens at dawn.\n"
    assert "error" not in ask("dubbed", endpoint="dub", srt=srt)
    assert "error" not in ask("timed", endpoint="timing", job_id="approved")
    for name in ("dubbed", "timed"):
        reply = ask(text=TEXT, based_on=name)
        assert f"{name!r} is not a job of the endpoint tts" in reply["error"]


def test_a_job_of_the_openai_route_keeps_no_record(ask: Ask) -> None:
    body = {"model": "tts-1", "input": TEXT, "voice": "alloy"}
    ask("openai", openai_route="/v1/audio/speech", openai_input=body)
    reply = ask(text=TEXT, based_on="openai")
    assert "no finished job 'openai'" in reply["error"]


def test_a_rate_that_the_earlier_format_lacks_is_refused(ask: Ask) -> None:
    ask("opus", text=SENTENCES[0], output_format="opus")
    reply = ask(text=SENTENCES[0], based_on="opus", sample_rate=44_100)
    assert reply["error"].startswith("invalid_request: sample_rate: 44100 is none of ")
    assert "give another rate, or output_format" in reply["error"]
    assert ask(text=SENTENCES[0], based_on="opus", sample_rate=16_000)["reused"] == [0]
    other = ask(text=SENTENCES[0], based_on="opus", sample_rate=44_100, output_format="wav")
    assert other["reused"] == [0]


def test_a_change_between_passages_marks_and_parts(ask: Ask, store_folder: Path) -> None:
    text = (
        f"[mark:one] {SENTENCES[0]} [rate:0.8] {SENTENCES[1]} [/rate] [mark:two] {SENTENCES[2]} "
        f"[lang:de] {SENTENCES[3]} [/lang] [pause:0.3s] {SENTENCES[4]} [mark:three] {SENTENCES[5]}"
    )
    before = ask("passages", text=text, sample_rate=22_050, parts="mark")
    assert "error" not in before
    reply = ask(
        "passages-2", text=text.replace("boat 5", "ship 5"), based_on="passages", parts="mark"
    )
    assert reply["spoken"] == [4]
    start = round(record(store_folder, "passages-2")["takes"][4]["start_ms"] * 22.05)
    assert np.array_equal(samples_of(before)[:start], samples_of(reply)[:start])
    assert [mark["name"] for mark in reply["marks"]] == ["one", "two", "three"]
    assert [mark["time"] for mark in reply["marks"]][:2] == [
        mark["time"] for mark in before["marks"]
    ][:2]
    # Another pace and another language are other takes, and nothing else is.
    paced = ask(text=text.replace("[rate:0.8]", "[rate:0.9]"), based_on="passages")
    assert paced["spoken"] == [1]
    spoken = ask(text=text.replace("[lang:de]", "[lang:fr]"), based_on="passages")
    assert spoken["spoken"] == [3]


def test_voices_of_tags_are_part_of_a_chunk(ask: Ask) -> None:
    text = f"{SENTENCES[0]} [voice:default] {SENTENCES[1]} [pause:0.5s] {SENTENCES[2]}"
    ask("tags", text=text)
    reply = ask(text=text.replace("0.5s", "0.9s"), based_on="tags")
    assert reply["spoken"] == []
    assert [shift["word"] for shift in reply["shift_ms"]] == [0, 26]
    assert reply["shift_ms"][1]["ms"] == pytest.approx(400, abs=0.2)


def test_takes_lie_in_the_bucket_of_the_job(
    worker: Worker, seaweed: Seaweed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ALLOW_PRIVATE, "1")

    def speak(job_id: str, **fields: Any) -> dict[str, Any]:
        job = {"id": job_id, "input": fields, "s3Config": own(seaweed)}
        return handling.handle(worker, job, lambda *_: None)

    speak("own-first", text=TEXT, seed=7)
    reply = speak(
        "own-second",
        text=f"{TEXT} The last of these sentences says that all boats are home.",
        based_on="own-first",
    )
    assert reply["reused"] == list(range(8))
    assert any(info.key.startswith("chunks/") for info in seaweed.store().list("chunks/"))
    job = {"id": "elsewhere", "input": {"text": TEXT, "based_on": "own-first"}}
    assert handling.handle(worker, job, lambda *_: None)["code"] == "not_found"


def test_a_stop_while_takes_are_made_leaves_a_job_that_can_be_sent_again(worker: Worker) -> None:
    job = {"id": "stopped-takes", "input": {"text": TEXT, "seed": 7}}

    def tell(stage: str, done: int, total: int) -> None:
        if stage == "synthesis" and done == 3:
            worker.active_jobs.stop("stopped-takes")

    with pytest.raises(Cancelled):
        handling.handle(worker, job, tell)
    assert handling.handle(worker, job, lambda *_: None)["status"] == "completed"
