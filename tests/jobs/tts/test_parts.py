"""Parts of a job's audio: what each holds, where they are cut, and who knows them."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
import soundfile

from tests.jobs.conftest import Ask
from tests.support import handling
from tests.support.caching_engine import CachingEngine
from worker.state import Worker

TEXT = (
    "Who is there? [voice:default] It is me, of course. [mark:door] Come in — now! Then sit down."
)


def path_of(url: str) -> Path:
    return Path(unquote(urlsplit(url).path))


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (
            "sentence",
            ["Who is there?", "It is me, of course.", "Come in — now!", "Then sit down."],
        ),
        ("mark", ["Who is there? It is me, of course.", "Come in — now! Then sit down."]),
        ("turn", ["Who is there? It is me, of course. Come in — now! Then sit down."]),
        (
            "cue",
            ["Who is there?", "It is me, of course.", "Come in — now!", "Then sit down."],
        ),
    ],
)
@pytest.mark.parametrize(("form", "rate"), [("wav", 24_000), ("flac", 44_100)])
def test_the_parts_are_the_whole_sample_for_sample(
    ask: Ask, kind: str, texts: list[str], form: str, rate: int
) -> None:
    reply = ask(
        text=TEXT,
        parts=kind,
        output_format=form,
        sample_rate=rate,
        subtitles={"preset": "social", "max_words": 5, "max_chars_per_line": 30},
    )
    parts = reply["parts"]
    assert [part["index"] for part in parts] == list(range(len(parts)))
    assert [part["text"] for part in parts] == texts
    assert {part["voice"] for part in parts} == {"default"}
    edges = [0, *(part["start_time"] for part in parts[1:]), reply["duration"]]
    assert [(part["start_time"], part["end_time"]) for part in parts] == list(pairwise(edges))
    whole, _ = soundfile.read(path_of(reply["audio_url"]), dtype="int16")
    files = [path_of(part["audio_url"]) for part in parts]
    assert [file.parent.name for file in files] == [reply["job_id"]] * len(files)
    pieces = [soundfile.read(file, dtype="int16")[0] for file in files]
    assert np.array_equal(np.concatenate(pieces), whole)


def test_parts_are_cut_where_it_is_quiet(ask: Ask) -> None:
    reply = ask(text=TEXT, parts="sentence")
    whole, rate = soundfile.read(path_of(reply["audio_url"]))
    loud = np.sqrt(np.mean(whole**2))
    for part in reply["parts"][1:]:
        at = round(part["start_time"] * rate)
        assert np.abs(whole[at - rate // 200 : at + rate // 200]).max() < loud / 10


def test_download_and_status_know_the_parts(ask: Ask) -> None:
    reply = ask("parted", text=TEXT, parts="sentence", output_format="mp3")
    again = ask(endpoint="status", job_id="parted")
    assert [path_of(part["audio_url"]) for part in again["parts"]] == [
        path_of(part["audio_url"]) for part in reply["parts"]
    ]
    found = ask(endpoint="download", job_id="parted", type="part", index=2)
    assert path_of(found["audio_url"]) == path_of(reply["parts"][2]["audio_url"])
    assert (found["format"], found["filename"]) == ("mp3", "parted-2.mp3")
    missing = ask(endpoint="download", job_id="parted", type="part", index=9)
    assert "part file 9" in missing["error"]


def test_a_job_without_parts_has_none(ask: Ask) -> None:
    ask("whole", text="Hello there.")
    missing = ask(endpoint="download", job_id="whole", type="part")
    assert "has no part file 0" in missing["error"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"type": "part", "format": "wav"}, "leave format out"),
        ({"index": 1}, 'add "type": "part"'),
        ({"type": "part", "index": -1}, "index"),
    ],
)
def test_fields_that_do_not_go_together_are_told(
    ask: Ask, fields: dict[str, object], sentence: str
) -> None:
    reply = ask(endpoint="download", job_id="any", **fields)
    assert sentence in reply["error"]


def test_more_parts_than_links_are_left_out_with_a_warning(worker: Worker) -> None:
    quick = replace(worker, engine=worker.model_thread.build(CachingEngine))
    job = {"id": "many-parts", "input": {"text": "No. " * 1001, "parts": "sentence"}}
    reply = handling.handle(quick, job, lambda *_: None)
    assert "parts" not in reply
    assert any("no parts are made: there would be 1001" in line for line in reply["warnings"])


def test_parts_by_marks_need_marks(ask: Ask) -> None:
    reply = ask(text="Hello there. Bye.", parts="mark")
    assert [part["text"] for part in reply["parts"]] == ["Hello there. Bye."]
    assert any("the text has no mark" in line for line in reply["warnings"])
