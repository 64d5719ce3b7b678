"""The styles of a voice: uploaded, named, listed and deleted, in a folder and in a bucket."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from jobs import delete_voice
from storage import keys
from storage.local import LocalStore
from storage.store import ObjectInfo, Store
from tests.jobs.conftest import Ask
from tests.support import handling
from tests.support import seaweed as seaweedfs
from tests.support.seaweed import Seaweed
from tts.voices.library import VoiceLibrary
from worker.envelope import Envelope
from worker.state import Worker

CLIPS = [Path(f"tests/data/timing/0{number}.wav").read_bytes() for number in range(2)]
Send = Callable[..., dict[str, Any]]


def on(worker: Worker, store: Store) -> Worker:
    return replace(worker, store=store, voices=VoiceLibrary(store, worker.engine.default_voice))


def sender(worker: Worker) -> Send:
    numbers = count()

    def send(this_id: str = "", **fields: Any) -> dict[str, Any]:
        job = {"id": this_id or f"styles-{next(numbers)}", "input": fields}
        return handling.handle(worker, job, lambda *_: None)

    return send


@pytest.fixture(scope="module")
def own_bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    """A bucket of these tests alone: they list and delete all of its voices."""
    with seaweedfs.running(tmp_path_factory.mktemp("styles")) as server:
        yield server


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "folder":
        yield LocalStore(tmp_path)
        return
    own: Seaweed = request.getfixturevalue("own_bucket")
    bucket = own.store()
    yield bucket
    for prefix in ("voices/", "jobs/", "uploads/"):
        for info in bucket.list(prefix):
            bucket.delete(info.key)


@pytest.fixture
def send(worker: Worker, store: Store) -> Send:
    return sender(on(worker, store))


def put(store: Store, *names: str) -> None:
    for name in names:
        store.put(keys.voice_clip(name), CLIPS[0], "audio/wav")
        store.put(keys.voice_record(name), b'{"ref_text": "Hello."}', "application/json")


def stored(store: Store) -> list[str]:
    return [info.key for info in store.list("voices/")]


def names(reply: dict[str, Any]) -> list[str]:
    return [voice["name"] for voice in reply["voices"]]


def upload(send: Send, store: Store, this_id: str = "", **fields: Any) -> dict[str, Any]:
    store.put(keys.upload("clip"), CLIPS[0], "audio/wav")
    return send(this_id, endpoint="upload", upload_id="clip", **fields)


def file_of(reply: dict[str, Any], form: str) -> str:
    return Path(unquote(urlsplit(reply["timing_files"][form]).path)).read_text()


def words_and_voices(reply: dict[str, Any]) -> list[tuple[str, str]]:
    words = json.loads(file_of(reply, "json"))["timing_data"]["words"]
    return [(word["word"], word["voice"]) for word in words]


def speakers(reply: dict[str, Any]) -> list[str]:
    """The voices that the VTT names, in order."""
    return re.findall("<v ([^>]*)>", file_of(reply, "vtt"))


def test_a_style_is_uploaded_listed_and_deleted(send: Send, store: Store) -> None:
    made = upload(send, store, "up-1", voice_name="anna", style="whi\u0301sper.wav", ref_text="Sh.")
    assert made["voice_name"] == "anna/wh\u00edsper"
    assert "name it as `voice`" in made["message"]
    upload(send, store, "up-2", voice_name="anna", ref_text="Hello.")
    angry = upload(send, store, "up-3", voice_name="anna/angry", ref_text="Hey!")
    assert angry["voice_name"] == "anna/angry"
    assert stored(store) == [
        "voices/anna.json", "voices/anna.wav", "voices/anna/angry.json", "voices/anna/angry.wav",
        "voices/anna/wh\u00edsper.json", "voices/anna/wh\u00edsper.wav",
    ]  # fmt: skip
    listed = send(endpoint="list_voices", prefix="anna")
    assert {voice["name"]: voice["ref_text"] for voice in listed["voices"]} == {
        "anna": "Hello.", "anna/angry": "Hey!", "anna/wh\u00edsper": "Sh.",
    }  # fmt: skip
    one = send("del-1", endpoint="delete_voice", voice_name="anna/angry")
    assert one["deleted"] == ["anna/angry"]
    assert names(send(endpoint="list_voices", prefix="anna/")) == ["anna/wh\u00edsper"]
    both = send("del-2", endpoint="delete_voice", voice_name="anna")
    assert both == {
        "status": "success", "voice_name": "anna", "deleted": ["anna", "anna/wh\u00edsper"],
    }  # fmt: skip
    assert stored(store) == []
    assert send("del-2", endpoint="delete_voice", voice_name="anna") == both
    assert send("del-3", endpoint="delete_voice", voice_name="anna")["code"] == "voice_not_found"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"voice_name": "anna/angry", "style": "loud"}, "names a style; leave `style` out"),
        ({"voice_name": "anna", "style": "a/b"}, "'a/b' is not a style; allowed: 1 to 64"),
        ({"voice_name": "anna", "style": ""}, "style must not be empty"),
        ({"voice_name": "anna", "style": "../bob"}, "is not a style"),
        ({"voice_name": "anna", "style": "a\\b"}, "is not a style"),
        ({"voice_name": "anna", "style": "x" * 65}, "is not a style"),
        ({"voice_name": "anna.json", "style": "a"}, "'anna.json' can have no styles"),
        ({"voice_name": "voices", "style": "a"}, "'voices' can have no styles"),
        ({"voice_name": "anna/../bob"}, "is not a voice name; allowed"),
        ({"voice_name": "anna/"}, "is not a voice name; allowed"),
        ({"voice_name": "voices/anna.wav"}, "use the name only: 'anna'"),
        ({"voice_name": "voices/anna/angry.wav"}, "use the name only: 'anna/angry'"),
        ({"voice_name": "/data/voices/anna.wav"}, "use the name only: 'anna'"),
        ({"voice_name": "C:\\clips\\anna.wav"}, "use the name only: 'anna'"),
    ],
)
def test_what_is_no_style_is_refused(ask: Ask, fields: dict[str, str], sentence: str) -> None:
    reply = ask(endpoint="upload", **fields)
    assert reply["code"] == "invalid_request"
    assert sentence in reply["error"]


def test_a_style_that_is_not_there_names_those_that_are(send: Send, store: Store) -> None:
    put(store, "anna", "anna/whisper", "anna/angry", "annabel/sad", "ben")

    def told(voice: str) -> str:
        reply = send(text="Hello.", voice=voice)
        assert reply["code"] == "voice_not_found"
        message: str = reply["message"]
        return message

    assert told("anna/angri") == "voice 'anna' has no style 'angri'; it has: angry, whisper"
    assert told("ben/angry") == (
        "voice 'ben' has no style 'angry'; it has none: name 'ben' alone, or upload a clip with "
        "voice_name and style"
    )
    assert told("annabel") == (
        "voice 'annabel' has no clip without a style; it has: sad; name one, such as 'annabel/sad'"
    )
    assert told("samples/ben.wav") == (
        "no voice named 'samples/ben', did you mean 'ben'?; list_voices shows what exists"
    )
    assert told("x/y") == "no voice named 'x/y'; list_voices shows what exists"
    assert "did you mean 'anna/whisper'" in told("Anna/Whisper")
    deletion = send(endpoint="delete_voice", voice_name="anna/loud")
    assert deletion["message"] == "voice 'anna' has no style 'loud'; it has: angry, whisper"
    for voice, sentence in (("anna", "it has: angry, whisper"), ("annabel", "it has: sad")):
        ssml = send(text=f'Hi. <voice name="{voice}/loud">Hello.</voice>')
        assert ssml["message"] == f"voice '{voice}' has no style 'loud'; {sentence}"
    other = send(text='Hi. <voice name="de-DE/Katja">Hello.</voice>')
    assert other["voice"] == "default"
    assert any("de-DE/Katja" in sentence for sentence in other["warnings"])
    put(store, *(f"anna/s{number:02}" for number in range(30)))
    assert told("anna/loud").endswith("s18, ...")


def test_styles_come_in_pages_in_the_order_of_names(send: Send, store: Store) -> None:
    every = ["anna", "anna b", "anna-b", "anna.json", "anna/b", "anna/c", "annabel", "annabel/b"]
    longest = "x" * 64 + "/" + "y" * 64
    put(store, *every, longest)
    store.put("voices/anna/b/c.wav", CLIPS[0], "audio/wav")
    store.put("voices/anna/.hidden/c".replace("/.", "/"), CLIPS[0], "audio/wav")
    seen: list[str] = []
    after = ""
    while True:
        page = send(endpoint="list_voices", after=after, limit=2)
        seen += [voice["name"] for voice in page["voices"] if not voice["built_in"]]
        after = page.get("next_after", "")
        if not after:
            break
    assert seen == [*every, longest]
    assert names(send(endpoint="list_voices", prefix="anna/")) == ["anna/b", "anna/c"]
    assert names(send(endpoint="list_voices", prefix=longest)) == [longest]
    for wrong in ("anna//", "anna/../", "anna/.", "anna\\"):
        assert send(endpoint="list_voices", prefix=wrong)["code"] == "invalid_request"


def test_styles_of_one_voice_that_are_uploaded_at_once(worker: Worker, store: Store) -> None:
    here = sender(on(worker, store))

    def one(number: int) -> dict[str, Any]:
        store.put(keys.upload(f"clip-{number}"), CLIPS[number % 2], "audio/wav")
        return here(
            f"at-once-{number}", endpoint="upload", upload_id=f"clip-{number}", voice_name="anna",
            style=f"s{number // 2}", ref_text=f"Take {number % 2}.",
        )  # fmt: skip

    with ThreadPoolExecutor(6) as threads:
        assert {reply["status"] for reply in threads.map(one, range(6))} == {"success"}
    voices = here(endpoint="list_voices", prefix="anna")["voices"]
    assert [voice["name"] for voice in voices] == ["anna/s0", "anna/s1", "anna/s2"]
    for number in range(3):
        here(f"gone-{number}", endpoint="delete_voice", voice_name=f"anna/s{number}")
    assert stored(store) == []


def test_an_upload_of_a_style_that_comes_again_leaves_what_is_there(
    send: Send, store: Store
) -> None:
    fields = {"voice_name": "anna", "style": "sad"}
    first = upload(send, store, "sad-1", **fields, ref_text="Oh.")
    upload(send, store, "sad-2", **fields, ref_text="Oh no.")
    assert upload(send, store, "sad-1", **fields, ref_text="Oh.") == first
    assert send(endpoint="list_voices")["voices"][1]["ref_text"] == "Oh no."
    other = upload(send, store, "sad-1", voice_name="anna", ref_text="Oh.")
    assert other["error"].startswith("invalid_request: job id sad-1 was used before")


def test_the_first_of_two_calls_names_the_style(worker: Worker, own_bucket: Seaweed) -> None:
    send = sender(on(worker, own_bucket.store()))
    reply = send("two-1", endpoint="upload", voice_name="anna", style="sad")
    assert (reply["status"], reply["voice_name"]) == ("ready", "anna/sad")


def test_a_deletion_of_styles_is_ended_by_the_next_delivery(worker: Worker, tmp_path: Path) -> None:
    class Dying(LocalStore):
        """The process ends with the third deletion."""

        left = 2

        def delete(self, key: str) -> None:
            if self.left == 0:
                raise MemoryError
            self.left -= 1
            super().delete(key)

    store = LocalStore(tmp_path)
    put(store, "anna", "anna/angry", "anna/sad", "anna/sad.json")
    deletion = {"endpoint": "delete_voice", "voice_name": "anna"}
    assert sender(on(worker, Dying(tmp_path)))("begun", **deletion)["code"] == "internal_error"
    assert keys.voice_clip("anna") in stored(store)
    # Another client stores a style anew before RunPod delivers the job again.
    store.put(keys.voice_clip("anna/sad"), CLIPS[1], "audio/wav")
    put(store, "anna/new")
    reply = sender(on(worker, store))("begun", **deletion)
    assert reply["deleted"] == ["anna", "anna/angry", "anna/sad", "anna/sad.json"]
    clips = [key for key in stored(store) if key.endswith(".wav")]
    assert clips == ["voices/anna/new.wav", "voices/anna/sad.wav"]


def test_a_record_of_an_earlier_release_still_ends_its_deletion(
    worker: Worker, store: Store
) -> None:
    put(store, "anna", "anna/sad")
    job = {"id": "earlier", "input": {"endpoint": "delete_voice", "voice_name": "anna"}}
    clip = store.stat(keys.voice_clip("anna"))
    assert clip is not None
    record = {
        "input_sha256": Envelope.parse(job).fingerprint,
        "facts": {"etag": clip.etag, "last_modified": clip.last_modified.isoformat()},
    }
    store.put(
        keys.voice_job(keys.JobId("earlier")), json.dumps(record).encode(), "application/json"
    )
    reply = handling.handle(on(worker, store), job, lambda *_: None)
    assert reply["deleted"] == ["anna"]
    assert stored(store) == ["voices/anna/sad.json", "voices/anna/sad.wav"]


@pytest.mark.parametrize(
    "facts",
    [
        {}, {"etag": "x"}, {"styles": {"../bob": {"etag": "x", "last_modified": "y"}}},
        {"styles": {"sad": 5}}, {"styles": {f"s{n}": {} for n in range(1001)}},
    ],
    ids=lambda facts: str(facts)[:20],
)  # fmt: skip
def test_a_forged_record_of_a_deletion_counts_as_none(
    worker: Worker, tmp_path: Path, facts: Any
) -> None:
    store = LocalStore(tmp_path)
    put(store, "anna", "anna/sad", "bob")
    job = {"id": "forged", "input": {"endpoint": "delete_voice", "voice_name": "anna"}}
    record = {"input_sha256": Envelope.parse(job).fingerprint, "facts": facts}
    store.put(keys.voice_job(keys.JobId("forged")), json.dumps(record).encode(), "application/json")
    reply = handling.handle(on(worker, store), job, lambda *_: None)
    assert reply["deleted"] == ["anna", "anna/sad"]
    assert stored(store) == ["voices/bob.json", "voices/bob.wav"]


def test_styles_alone_are_deleted_but_not_those_of_the_engines_own_voice(
    send: Send, store: Store
) -> None:
    put(store, "zoe/sad", "default/sad")
    assert send(endpoint="delete_voice", voice_name="zoe")["deleted"] == ["zoe/sad"]
    own = send(endpoint="delete_voice", voice_name="default")
    assert own["error"].startswith("invalid_request: the built-in voice 'default'")
    assert send(text="Hi.", voice="default/sad")["voice"] == "default/sad"
    assert send(endpoint="delete_voice", voice_name="default/sad")["deleted"] == ["default/sad"]


def test_more_styles_than_a_record_holds_are_not_deleted(worker: Worker, tmp_path: Path) -> None:
    class Full(LocalStore):
        def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
            (clip,) = super().list("voices/anna/a.wav")
            for number in range(delete_voice.MAX_STYLES + 1):
                yield replace(clip, key=keys.voice_clip(f"anna/s{number:04}"))

    put(store := LocalStore(tmp_path), "anna", "anna/a")
    send = sender(on(worker, Full(tmp_path)))
    reply = send("full", endpoint="delete_voice", voice_name="anna")
    assert reply["message"] == (
        "voice 'anna' has 1001 styles, and one job deletes 1000 at most; delete some of them by "
        "their names first, such as 'anna/s0000'"
    )
    assert len(stored(store)) == 4


def test_a_deletion_of_the_most_styles_is_recorded(worker: Worker, tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    put(store, "anna")
    clip = store.stat(keys.voice_clip("anna"))
    assert clip is not None
    folder = tmp_path / "voices/anna"
    folder.mkdir()
    for number in range(delete_voice.MAX_STYLES):
        (folder / f"{number:04}{'语' * 60}.wav").write_bytes(b"x")
    send = sender(on(worker, store))
    first = send("most", endpoint="delete_voice", voice_name="anna")
    assert len(first["deleted"]) == 1 + delete_voice.MAX_STYLES
    assert stored(store) == []
    put(store, "anna", "anna/new")
    assert send("most", endpoint="delete_voice", voice_name="anna") == first
    assert len(stored(store)) == 4


@pytest.fixture
def anna(worker: Worker) -> Iterator[None]:
    put(worker.store, "anna", "anna/whisper", "ben")
    yield
    for name in ("anna", "anna/whisper", "ben"):
        worker.voices.delete(name)


SCRIPT = "Who is there? [voice:anna/whisper] It is me. [voice: anna ] Come in! [voice:ben] No."
SPEAKERS = ["anna"] * 8 + ["ben"]


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(
    "script",
    [
        SCRIPT,
        'Who is there? <voice name="anna/whisper">It is me.</voice> Come in! [voice:ben] No.',
    ],
)
def test_another_style_is_no_other_speaker(ask: Ask, script: str) -> None:
    reply = ask(
        text=script, voice="anna", timing_format=["json", "vtt", "ass"], parts="turn",
        subtitles={
            "preset": "standard", "speaker": "prefix",
            "voice_colours": {"anna": "#88CCFF", "ben": "#FFFFFF"},
        },
    )  # fmt: skip
    assert not [one for one in reply["warnings"] if "voice_colours" in one]
    assert reply["voice"] == "anna"
    assert [voice for _, voice in words_and_voices(reply)] == SPEAKERS
    assert [(part["voice"], part["text"][:3]) for part in reply["parts"]] == [
        ("anna", "Who"), ("ben", "No."),
    ]  # fmt: skip
    assert set(speakers(reply)) == {"anna", "ben"}
    assert file_of(reply, "vtt").count("anna: ") == 1
    assert "whisper" not in file_of(reply, "ass")


@pytest.mark.usefixtures("anna")
def test_the_main_voice_may_be_a_style(ask: Ask) -> None:
    text = "Hello there. [voice:anna] It is me. [voice:ben] Bye."
    reply = ask("main", text=text, voice="anna/whisper", timing_format=["json", "vtt"])
    assert reply["voice"] == "anna/whisper"
    assert [voice for _, voice in words_and_voices(reply)] == ["anna"] * 5 + ["ben"]
    assert ask(endpoint="result", job_id="main")["voice"] == "anna/whisper"
    timed = ask(
        endpoint="timing", job_id="main", text=text.replace("anna", "anna/whisper"),
        timing_format="vtt", timing_method="sphinx",
    )  # fmt: skip
    assert speakers(timed) == speakers(reply)
    assert set(speakers(reply)) == {"anna", "ben"}
    again = ask("main-2", based_on="main", text="Hello there. [voice:anna] It is you.")
    assert (again["voice"], again["reused"]) == ("anna/whisper", [0])


@pytest.mark.usefixtures("anna")
def test_cues_of_a_dub_name_styles(ask: Ask) -> None:
    times = ["00:00:00.000 --> 00:00:02.000", "00:00:03.000 --> 00:00:05.000"]
    vtt = f"WEBVTT\n\n{times[0]}\n<v anna/whisper>Hello.\n\n{times[1]}\nANNA: Bye.\n"
    reply = ask(endpoint="dub", srt=vtt, timing_format="json", voice="ben")
    assert words_and_voices(reply) == [("Hello.", "anna"), ("Bye.", "anna")]


@pytest.mark.usefixtures("anna")
def test_styles_through_the_routes_of_openai(ask: Ask) -> None:
    call = {"input": "Hello.", "voice": "anna/whisper"}
    reply = ask(openai_route="/v1/audio/speech", openai_input=call)
    assert reply["voice"] == "anna/whisper"
    voices = ask(openai_route="/v1/audio/voices", openai_input={})["voices"]
    assert {"anna", "anna/whisper"} <= set(voices)
    wrong = ask(openai_route="/v1/audio/speech", openai_input=call | {"voice": "anna/loud"})
    assert wrong["message"] == "voice 'anna' has no style 'loud'; it has: whisper"
