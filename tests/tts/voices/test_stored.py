"""Records of voices that anybody may have written, and pages of them that RunPod can carry."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from storage import keys
from storage.local import LocalStore
from tts.engine import Voice
from tts.voices.library import MAX_PAGE_BYTES, VoiceLibrary
from tts.voices.stored import StoredVoices, VoiceRecord


def put(store: LocalStore, name: str, record: bytes) -> None:
    store.put(keys.voice_clip(name), b"RIFF", "audio/wav")
    store.put(keys.voice_record(name), record, "application/json")


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"duration": NaN}',
        b'{"duration": 1e400}',
        b'{"duration": -1}',
        b'{"duration": ' + b"9" * 100_000 + b"}",
        b'{"duration": "5"}',
        b'{"ref_text": "\\ud800"}',
        b'{"language": "' + b"e" * 100 + b'"}',
        json.dumps({"ref_text": "a" * 30_000}).encode(),
        json.dumps({"ref_text": "a" * 15_000_000}).encode(),
        json.dumps({"extra": [[]] * 200_000}).encode(),
    ],
    ids=lambda record: record[:30].decode(errors="replace"),
)
def test_a_record_of_another_form_counts_as_none_and_is_logged(
    tmp_path: Path, record: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    store = LocalStore(tmp_path)
    put(store, "odd", record)
    with caplog.at_level(logging.WARNING, "worker"):
        assert StoredVoices(store).record("odd") == VoiceRecord()
    assert [entry.getMessage() for entry in caplog.records] == [caplog.messages[0]]
    assert caplog.messages[0].startswith(
        "the JSON file of voice 'odd' is damaged, so it is not used: "
    )
    assert len(caplog.messages[0]) < 300


def test_a_record_with_fields_of_a_later_release_is_read(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    put(store, "new", b'{"duration": 4, "ref_text": "Hello.", "made_by": {"release": 9}}')
    assert StoredVoices(store).record("new") == VoiceRecord(duration=4, ref_text="Hello.")


@pytest.mark.parametrize("letter", ["a", "ä", "\U00010300", "\n"])
def test_a_page_of_long_transcripts_ends_and_the_next_one_goes_on(
    tmp_path: Path, letter: str
) -> None:
    store = LocalStore(tmp_path)
    library = VoiceLibrary(store, Voice("default"))
    expected = [f"long {number:03}" for number in range(150)]
    for name in expected:
        put(store, name, json.dumps({"ref_text": 19_000 * letter}).encode())
    seen: list[str] = []
    more, pages = True, 0
    while more:
        voices, more = library.list(after=seen[-1] if seen else "")
        shown: list[dict[str, Any]] = [vars(voice) for voice in voices]
        assert len(json.dumps(shown, default=str, ensure_ascii=False).encode()) < MAX_PAGE_BYTES
        seen += [voice.name for voice in voices if voice.name != "default"]
        pages += 1
    assert seen == expected
    assert 150 // pages >= 3
    assert len(library.list(limit=2)[0]) == 3
