"""What a reply includes of the timing files: the same as they have, also when it is asked again."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from jobs.results.included import _MAKERS, MAX_INCLUDED_BYTES, as_fields, include
from jobs.schema.fields import INCLUDED
from storage import keys
from tests.jobs.conftest import Ask
from tests.jobs.dub.test_run import SRT
from tests.timing.subtitles.test_golden_cues import NAMES, captions_of
from timing.formats import FORMATS
from worker.state import Worker

TEXT = "[voice:default] Dr. Smith, 👋 {Hi|hello}! [pause:0.2s] It is $5 — **really**."
ALL = list(INCLUDED)
KEY = keys.included(keys.JobId("lost"))


def file_of(reply: dict[str, Any], name: str) -> Any:
    return json.loads(Path(unquote(urlsplit(reply["timing_files"][name]).path)).read_text())


def included(reply: dict[str, Any]) -> dict[str, Any]:
    return {name: reply[name] for name in INCLUDED if name in reply}


def words_in(text: str, reply: dict[str, Any]) -> list[str]:
    """What the text has at the place of each word."""
    return [text[word["char_start"] : word["char_end"]] for word in reply["words"]]


def test_every_name_of_a_request_has_its_maker() -> None:
    assert tuple(_MAKERS) == INCLUDED
    assert {fmt for _, fmt in _MAKERS.values()} <= FORMATS.keys()


def test_the_reply_has_what_the_files_have_and_again_when_it_is_asked_again(
    ask: Ask, worker: Worker
) -> None:
    fields = {"text": TEXT, "include": ALL, "timing_format": ["json", "elevenlabs"]}
    made = ask("included", **fields)
    data = file_of(made, "json")["timing_data"]
    assert included(made) == {
        **{name: data[name] for name in ("words", "segments", "chunks")},
        "alignment": file_of(made, "elevenlabs")["alignment"],
    }
    assert words_in(TEXT, made) == [
        "Dr.", "Smith,", "👋", "Hi|hello}!", "It", "is", "$5", "—", "**really**."
    ]  # fmt: skip
    assert [word["word"] for word in made["words"]][3] == "Hi!"
    assert "".join(made["alignment"]["characters"]) == data["full_text"]
    assert made["timing_format"] == ["json", "elevenlabs"]
    for later in (ask("included", **fields), ask(endpoint="status", job_id="included")):
        assert included(later) == included(made)
        assert later["warnings"] == made["warnings"]
    record = json.loads(worker.store.get(keys.manifest(keys.JobId("included"))))
    assert not record["facts"].keys() & set(INCLUDED)


@pytest.mark.parametrize("wanted", ["words", ["Segments"], "chunks, alignment"])
def test_the_reply_includes_what_is_asked_for_alone(ask: Ask, wanted: Any) -> None:
    reply = ask(text="Hello there.", include=wanted)
    assert set(included(reply)) == set(re.findall(r"\w+", str(wanted).lower()))
    assert reply["timing_format"] == "srt"


def test_without_include_nothing_changes(ask: Ask, worker: Worker) -> None:
    for job_id, fields in (("plain", {"timing_format": "json"}), ("none", {"include": []})):
        reply = ask(job_id, text="Hello there.", **fields)
        assert included(reply) == {}
        assert worker.store.stat(keys.included(keys.JobId(job_id))) is None
    assert "timing_files" not in reply


def test_timing_counts_the_places_in_the_text_that_it_times(ask: Ask) -> None:
    made = ask("spoken", text=TEXT)
    reply = ask(endpoint="timing", job_id="spoken", include=ALL, timing_format="elevenlabs")
    assert words_in(made["text"], reply)[:2] == ["Dr.", "Smith,"]
    assert reply["alignment"] == file_of(reply, "elevenlabs")["alignment"]
    assert "voice" not in reply["chunks"][0]
    sent = "<s>Dr. Smith,</s>\n Hi! It is $5, really."
    other = ask(endpoint="timing", job_id="spoken", text=sent, include="words")
    assert words_in(sent, other) == [word["word"] for word in other["words"]]
    assert set(included(other)) == {"words"}


def test_dub_counts_the_places_in_the_text_of_its_reply(ask: Ask) -> None:
    reply = ask("dubbed", endpoint="dub", srt=SRT, include=ALL)
    assert words_in(reply["text"], reply) == [word["word"] for word in reply["words"]]
    assert "".join(reply["alignment"]["characters"]) == reply["text"]
    assert len(reply["chunks"]) == len(reply["cues"])
    assert included(ask(endpoint="status", job_id="dubbed")) == included(reply)


def test_the_example_of_the_documents_has_the_fields_of_a_reply(ask: Ask) -> None:
    section = Path("API.md").read_text().split("\n### Words in the reply\n")[1].split("\n### ")[0]
    request, shown = map(json.loads, re.findall(r"```json\n(.*?)```", section, re.DOTALL))
    reply = ask(**request["input"])
    assert included(reply).keys() == shown.keys()
    for name in ("words", "segments", "chunks"):
        assert reply[name][0].keys() == shown[name][0].keys()
        for field in ("word", "text", "spoken", "shown", "char_start", "char_end", "first_word"):
            assert shown[name][0].get(field) == reply[name][0].get(field)
    assert reply["alignment"].keys() == shown["alignment"].keys()
    characters = shown["alignment"]["characters"]
    assert reply["alignment"]["characters"][: len(characters)] == characters


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"return_word_timings": False, "include": "words"},
         "include needs the times of the words; leave return_word_timings out, or set it to true"),
        ({"include": ["sentences"]}, "use segments"),
        ({"include": "characters"}, "use alignment"),
        ({"include": "elevenlabs"}, "use alignment"),
        ({"include": "audio"}, "the reply has a link to the audio, never the audio itself"),
        ({"include": ["srt"]}, "timing_format makes files"),
        ({"include": "wrds"}, "did you mean 'words'?"),
        ({"include": {"words": True}}, "is not a name or a list of names"),
        ({"include": [1]}, "is not a name or a list of names"),
        ({"include": [""]}, '"" is none of words, segments, chunks, alignment'),
    ],
)  # fmt: skip
def test_what_cannot_be_included_is_refused(
    ask: Ask, fields: dict[str, Any], sentence: str
) -> None:
    reply = ask(text="Hello.", **fields)
    assert reply["code"] == "invalid_request"
    assert sentence in reply["error"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_included_of_a_script_is_whole(name: str) -> None:
    captions = captions_of(name, "word")
    inclusion = include(captions, INCLUDED, ["srt"])
    fields = json.loads(inclusion.fields.model_dump_json())
    assert (inclusion.formats, inclusion.warnings) == (("srt",), [])
    assert "".join(fields["alignment"]["characters"]) == captions.text
    assert len(fields["words"]) == len(captions.words)
    for parts in (fields["segments"], fields["chunks"]):
        firsts = [part["first_word"] for part in parts]
        assert firsts == [0, *(part["last_word"] + 1 for part in parts[:-1])]
        assert parts[-1]["last_word"] == len(captions.words) - 1
    assert "".join("".join(chunk["text"] for chunk in fields["chunks"]).split()) == "".join(
        captions.text.split()
    )


def test_what_has_no_room_is_named_and_gets_its_file() -> None:
    captions = captions_of(NAMES[0], "word")
    few = len(captions.words)
    times = -(-5000 // few)
    long = replace(captions, words=captions.words * times, gaps=captions.gaps[:1] * few * times)
    inclusion = include(long, ["segments", "words", "alignment"], ["srt"])
    assert as_fields(inclusion.fields).keys() == {"segments", "alignment"}
    assert inclusion.formats == ("srt", "json")
    assert inclusion.warnings == [
        "the reply has no words: it includes at most 1 MB of JSON; take the timing file json"
    ]
    longer = replace(long, words=long.words * 5, gaps=long.gaps * 5)
    inclusion = include(longer, INCLUDED, ["json"])
    assert as_fields(inclusion.fields).keys() == {"segments", "chunks"}
    assert inclusion.formats == ("json", "elevenlabs")
    assert len(inclusion.fields.model_dump_json()) <= MAX_INCLUDED_BYTES


@pytest.mark.parametrize(
    "data",
    [
        None,
        b"",
        b"[" * 100_000,
        b'{"words": [' + b"{}," * 300_000 + b"{}]}",
        b'{"words": 5}',
        b'{"alignment": {"characters": [' + b"1," * 400_000 + b"1]}}",
        b"x" * 3_000_000,
    ],
)
def test_what_is_lost_or_forged_is_left_out_with_a_warning(
    ask: Ask, worker: Worker, data: bytes | None
) -> None:
    ask("lost", text="Hello there.", include="words")
    true = worker.store.get(KEY)
    if data is None:
        worker.store.delete(KEY)
    else:
        worker.store.put(KEY, data, "application/json")
    reply = ask(endpoint="status", job_id="lost")
    worker.store.put(KEY, true, "application/json")
    assert included(reply) == {}
    assert reply["status"] == "completed"
    assert any("include makes it again" in warning for warning in reply["warnings"])
