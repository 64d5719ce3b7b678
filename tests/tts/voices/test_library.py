"""The library over a local store: what a voice is made of, how often, and what is written."""

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from storage import keys
from storage.local import LocalStore
from storage.store import RECORD_BYTES, NotFound, ObjectInfo, StorageError
from tests.support.speech import spoken_form
from tests.tts.conftest import RATE, Say, a_mel, encoded, in_file
from tts.asr.transcriber import Transcript
from tts.asr.whisper import Whisper
from tts.engine import Mel, Reference, Voice
from tts.speech import Samples
from tts.text.script import read_script
from tts.voices.cache import MAX_CACHED_VOICES
from tts.voices.clip import VoiceRejected
from tts.voices.library import VoiceLibrary, VoiceNotFound
from tts.voices.maker import VoiceCloner
from tts.voices.reference import ReferenceBuilder
from tts.voices.stored import VoiceRecord

NATURE = "Some call me nature, others call me mother nature."
OTHER = "The keeper climbed the stairs and lit the lamp."
WHOLE = (OTHER, "Some of the ships carried coal, and others carried wool and grain.") * 3


class CountingStore:
    """A local store that counts its calls by method, and does something before some."""

    def __init__(self, root: Path) -> None:
        self._store = LocalStore(root)
        self.calls: Counter[str] = Counter()
        self.before_get: Callable[[str], None] = lambda key: None
        self.before_put: Callable[[str], None] = lambda key: None
        self.before_stat: Callable[[str], None] = lambda key: None
        self.last_target = root
        self.before_delete: Callable[[str], None] = lambda key: None

    @property
    def warnings(self) -> tuple[str, ...]:
        return self._store.warnings

    def check(self) -> None:
        self._store.check()

    def put(self, key: str, data: bytes, content_type: str) -> None:
        self.calls[f"put {content_type}"] += 1
        self.before_put(key)
        self._store.put(key, data, content_type)

    def put_if(self, key: str, data: bytes, content_type: str, etag: str | None) -> bool:
        return self._store.put_if(key, data, content_type, etag)

    def put_file(self, key: str, path: Path, content_type: str) -> None:
        self._store.put_file(key, path, content_type)

    def get(self, key: str, max_bytes: int = RECORD_BYTES) -> bytes:
        self.calls["get"] += 1
        self.before_get(key)
        return self._store.get(key, max_bytes)

    def get_file(self, key: str, path: Path, max_bytes: int) -> None:
        self.calls["get_file"] += 1
        self.last_target = path
        self.before_get(key)
        self._store.get_file(key, path, max_bytes)

    def stat(self, key: str) -> ObjectInfo | None:
        self.calls["stat"] += 1
        self.before_stat(key)
        return self._store.stat(key)

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        return self._store.list(prefix)

    def delete(self, key: str) -> None:
        self.before_delete(key)
        self._store.delete(key)

    def url(self, key: str, expires_s: int, filename: str | None = None) -> str:
        return self._store.url(key, expires_s, filename)

    def upload_url(self, key: str, expires_s: int) -> str:
        return self._store.upload_url(key, expires_s)


class CountingMel:
    """The mel of these tests, and how often it was made."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, samples: Samples) -> Mel:
        self.made += 1
        return a_mel(samples)


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    return CountingStore(tmp_path)


@pytest.fixture
def mel() -> CountingMel:
    return CountingMel()


@pytest.fixture(scope="session")
def default() -> Voice:
    clip = np.sin(np.arange(5 * RATE) * 0.05).astype(np.float32)
    reference = Reference(
        clip, a_mel(clip), NATURE, read_script(NATURE).tokens, "en", sha256="0" * 64
    )
    return Voice("default", True, "packaged", NATURE, "en", reference)


@pytest.fixture
def library(
    store: CountingStore, default: Voice, mel: CountingMel, whisper: Whisper
) -> VoiceLibrary:
    return VoiceLibrary(store, default, VoiceCloner(ReferenceBuilder(mel, RATE, whisper)))


@pytest.fixture
def deaf(store: CountingStore, default: Voice, mel: CountingMel) -> VoiceLibrary:
    """Without Whisper: what it finds, nobody heard."""
    return VoiceLibrary(store, default, VoiceCloner(ReferenceBuilder(mel, RATE, None)))


@pytest.fixture(scope="session")
def other(say: Say) -> bytes:
    return encoded(say(OTHER), 22_050)


def add(library: VoiceLibrary, name: str, data: bytes, *given: str) -> VoiceRecord:
    with in_file(data) as path:
        return library.add(name, path, *given)[0]


def put_clip(store: CountingStore, name: str, data: bytes) -> None:
    store.put(keys.voice_clip(name), data, "audio/wav")


def put_record(store: CountingStore, name: str, **record: Any) -> None:
    store.put(keys.voice_record(name), json.dumps(record).encode(), "application/json")


def record_of(store: CountingStore, name: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(store.get(keys.voice_record(name)))
    return record


def text_of(voice: Voice) -> str:
    """What the voice's reference says, which the voice says too."""
    assert voice.reference is not None
    assert (voice.ref_text, voice.language) == (voice.reference.text, voice.reference.language)
    return voice.reference.text


def test_a_bare_clip_is_heard_and_its_record_written_once(
    library: VoiceLibrary, store: CountingStore, nature: bytes
) -> None:
    put_clip(store, "bare", nature)
    voice = library.find("bare")
    assert spoken_form(text_of(voice)) == spoken_form(NATURE)
    assert voice.reference is not None
    assert record_of(store, "bare") == {
        "duration": round(len(voice.reference.clip) / RATE, 3),
        "ref_text": voice.ref_text,
        "language": "en",
        "sha256": hashlib.sha256(nature).hexdigest(),
    }
    assert store.get(keys.voice_clip("bare")) == nature
    library.find("bare")
    assert store.calls["put application/json"] == 1


def test_a_warm_voice_costs_two_looks_into_the_store(
    library: VoiceLibrary, store: CountingStore, mel: CountingMel, nature: bytes
) -> None:
    put_clip(store, "warm", nature)
    first = library.find("warm")
    store.calls.clear()
    assert library.find("warm") is first
    assert store.calls == {"stat": 2}
    assert mel.made == 1


def test_a_clip_goes_through_a_file_that_is_gone_afterwards(
    deaf: VoiceLibrary,
    store: CountingStore,
    nature: bytes,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    put_clip(store, "filed", nature)
    put_record(store, "filed", ref_text=NATURE)
    scratch = tmp_path_factory.mktemp("scratch")
    assert text_of(deaf.find("filed", scratch=scratch)) == NATURE
    assert (store.calls["get_file"], store.calls["get"]) == (1, 1)
    assert store.last_target.is_relative_to(scratch)
    assert not list(scratch.iterdir())
    with pytest.raises(VoiceRejected, match="letters a second"):
        deaf.find("filed", "No.", scratch=scratch)
    assert not list(scratch.iterdir())


def test_a_clip_that_is_not_stored_is_prepared_once(
    deaf: VoiceLibrary, mel: CountingMel, nature: bytes
) -> None:
    with in_file(nature) as first, in_file(nature) as second:
        voice = deaf.from_file(first, NATURE)
        assert deaf.from_file(second, NATURE) is voice
    assert (voice.name, text_of(voice)) == ("url", NATURE)
    assert mel.made == 1


def test_another_worker_needs_no_whisper_for_what_one_has_heard(
    library: VoiceLibrary, deaf: VoiceLibrary, store: CountingStore, say: Say
) -> None:
    put_clip(store, "long", encoded(say(*WHOLE), 22_050))
    first = library.find("long").reference
    again = deaf.find("long").reference
    assert first is not None
    assert again is not None
    assert record_of(store, "long")["cut_s"] == first.cut_s
    assert text_of(deaf.find("long", first.text)) == first.text
    assert np.array_equal(first.clip, again.clip)
    assert (first.text, first.warnings) == (again.text, again.warnings)
    assert store.calls["put application/json"] == 1


def test_an_older_record_is_believed_and_left_alone(
    deaf: VoiceLibrary, store: CountingStore, nature: bytes
) -> None:
    put_clip(store, "old", nature)
    put_record(store, "old", duration=5.3, ref_text=NATURE, language="de", rate=24000)
    assert text_of(deaf.find("old")) == NATURE
    assert deaf.find("old").language == "de"
    assert record_of(store, "old")["rate"] == 24000


def test_a_record_without_words_gets_them(
    library: VoiceLibrary, store: CountingStore, nature: bytes
) -> None:
    put_clip(store, "half", nature)
    put_record(store, "half", duration=5.3, language="en", consent="She agreed.")
    assert record_of(store, "half").get("ref_text") is None
    assert text_of(library.find("half")) == record_of(store, "half")["ref_text"]
    assert record_of(store, "half")["consent"] == "She agreed."


@pytest.mark.parametrize(
    "damage", [b"{", b'{"ref_text": 5}', b'{"cut_s": 0.01, "ref_text": "No."}']
)
def test_a_damaged_record_counts_as_none(
    library: VoiceLibrary, store: CountingStore, nature: bytes, damage: bytes
) -> None:
    put_clip(store, "odd", nature)
    store.put(keys.voice_record("odd"), damage, "application/json")
    assert spoken_form(text_of(library.find("odd"))) == spoken_form(NATURE)
    assert record_of(store, "odd")["sha256"] == hashlib.sha256(nature).hexdigest()


def test_the_record_of_another_clip_is_replaced(
    library: VoiceLibrary, store: CountingStore, nature: bytes, other: bytes
) -> None:
    put_clip(store, "new", nature)
    first = library.find("new")
    put_clip(store, "new", other)
    second = library.find("new")
    assert text_of(second) != text_of(first)
    assert "stairs" in text_of(second)
    assert record_of(store, "new")["ref_text"] == text_of(second)
    assert record_of(store, "new")["sha256"] == hashlib.sha256(other).hexdigest()


def test_a_corrected_record_counts_at_once(
    library: VoiceLibrary, store: CountingStore, nature: bytes
) -> None:
    put_clip(store, "mended", nature)
    library.find("mended")
    put_record(store, "mended", **record_of(store, "mended") | {"ref_text": NATURE.upper()})
    assert text_of(library.find("mended")) == NATURE.upper()


def test_words_given_with_a_job_count_for_that_job_only(
    library: VoiceLibrary, store: CountingStore, mel: CountingMel, nature: bytes
) -> None:
    put_clip(store, "told", nature)
    assert text_of(library.find("told", NATURE)) == NATURE
    assert text_of(library.find("told", NATURE)) == NATURE
    assert mel.made == 1
    assert store.stat(keys.voice_record("told")) is None
    transcript = text_of(library.find("told"))
    assert transcript == record_of(store, "told")["ref_text"]
    with pytest.raises(VoiceRejected, match="letters a second"):
        library.find("told", "No.")


def test_so_many_voices_are_kept_and_no_more(
    deaf: VoiceLibrary, store: CountingStore, mel: CountingMel, nature: bytes
) -> None:
    names = [f"voice {number}" for number in range(MAX_CACHED_VOICES + 1)]
    for name in names:
        put_clip(store, name, nature)
        deaf.find(name, NATURE)
    assert mel.made == MAX_CACHED_VOICES + 1
    for name in names[1:]:
        deaf.find(name, NATURE)
    assert mel.made == MAX_CACHED_VOICES + 1
    deaf.find(names[0], NATURE)
    deaf.find(names[2], NATURE)
    assert mel.made == MAX_CACHED_VOICES + 2
    deaf.find(names[1], NATURE)
    assert mel.made == MAX_CACHED_VOICES + 3


def test_jobs_at_the_same_time_make_a_voice_once(
    library: VoiceLibrary, store: CountingStore, mel: CountingMel, nature: bytes
) -> None:
    put_clip(store, "busy", nature)
    with ThreadPoolExecutor(4) as pool:
        voices = list(pool.map(library.find, ["busy"] * 8))
    assert all(voice is voices[0] for voice in voices)
    assert mel.made == 1
    assert store.calls["put application/json"] == 1


class Slow:
    """Hears nothing, after so long as the test wants."""

    languages = frozenset({"en"})

    def __init__(self) -> None:
        self.asked, self.may_end = threading.Semaphore(0), threading.Semaphore(0)

    def transcribe(self, samples: Samples, sample_rate: int, language: str | None) -> Transcript:
        self.asked.release()
        assert self.may_end.acquire(timeout=60)
        return Transcript("", "en", ())


class Stopped(Exception):
    pass


def stopped() -> None:
    raise Stopped


def test_a_voice_that_is_made_holds_back_who_wants_it_until_they_are_stopped_and_no_other(
    store: CountingStore, default: Voice, nature: bytes
) -> None:
    library = VoiceLibrary(
        store, default, VoiceCloner(ReferenceBuilder(a_mel, RATE, slow := Slow()))
    )
    put_clip(store, "slow", nature)
    put_clip(store, "known", nature)
    put_record(store, "known", ref_text=NATURE)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(library.find, "slow")
        assert slow.asked.acquire(timeout=60)
        with pytest.raises(Stopped):
            library.for_job(lambda same: same, stopped).find("slow")
        assert text_of(library.find("known")) == NATURE
        assert add(library, "new", nature, NATURE).ref_text == NATURE
        assert not first.done()
        slow.may_end.release()
        with pytest.raises(VoiceRejected, match="no speech was heard"):
            first.result()


def test_who_makes_a_voice_is_stopped_before_the_next_run_of_whisper(
    store: CountingStore, default: Voice, say: Say
) -> None:
    library = VoiceLibrary(
        store, default, VoiceCloner(ReferenceBuilder(a_mel, RATE, slow := Slow()))
    )
    runs = 0

    def check() -> None:
        nonlocal runs
        runs += slow.asked.acquire(blocking=False)
        if runs == 2:
            raise Stopped

    slow.may_end.release(20)
    with pytest.raises(Stopped):
        add(library.for_job(lambda same: same, check), "long", encoded(say(*WHOLE), 22_050))
    assert runs == 2
    assert not slow.asked.acquire(blocking=False)


def test_a_voice_with_nearly_that_name_is_suggested(
    library: VoiceLibrary, store: CountingStore, nature: bytes
) -> None:
    put_clip(store, "anna", nature)
    for name, similar in (("Anna", "anna"), ("ana", "anna"), ("Default", "default")):
        with pytest.raises(VoiceNotFound) as raised:
            library.find(name)
        assert raised.value.sentence == (
            f"no voice named {name!r}, did you mean {similar!r}?; list_voices shows what exists"
        )


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("anna.mp3", "use the name only, 'anna'"),
        ("Anna.M4A", "use the name only, 'anna'"),
        ("clips/anna.ogg", "use the name only, 'anna'"),
        ("nobody.flac", "a voice's name has no file ending: use 'nobody' if that voice is stored"),
        ("clips/nobody.mp4", "a voice's name has no file ending: use 'nobody' if that voice is"),
        ("www.example.com/anna", "if it is a link, begin it with https://"),
    ],
)
def test_a_file_or_a_link_in_place_of_a_name_gets_its_remedy(
    library: VoiceLibrary, store: CountingStore, nature: bytes, name: str, remedy: str
) -> None:
    put_clip(store, "anna", nature)
    with pytest.raises(VoiceNotFound) as raised:
        library.find(name)
    assert f"no voice named {name!r}; {remedy}" in raised.value.sentence


def test_a_voice_deleted_meanwhile_is_not_found(
    library: VoiceLibrary, store: CountingStore, nature: bytes
) -> None:
    put_clip(store, "gone", nature)
    put_clip(store, "default", nature)
    store.before_get = store.delete
    with pytest.raises(VoiceNotFound, match="no voice named 'gone'"):
        library.find("gone")
    assert library.find("default").built_in
    with pytest.raises(NotFound):
        store.get(keys.voice_clip("gone"))


def test_a_record_that_cannot_be_looked_up_fails_no_voice_without_a_clip(
    library: VoiceLibrary, store: CountingStore
) -> None:
    def fail(key: str) -> None:
        if key.endswith(".json"):
            raise StorageError("the store cannot be reached", "check it")

    store.before_stat = fail
    assert library.find("default").built_in
    with pytest.raises(VoiceNotFound, match="no voice named 'nobody'"):
        library.find("nobody")


def test_a_transcript_that_cannot_be_stored_costs_a_warning(
    library: VoiceLibrary, store: CountingStore, nature: bytes, mel: CountingMel
) -> None:
    def refuse(key: str) -> None:
        raise StorageError("the store is read-only", "give the worker the right to write")

    put_clip(store, "unwritten", nature)
    store.before_put = refuse
    voice = library.find("unwritten")
    assert voice.reference is not None
    assert voice.reference.warnings[-1] == (
        "the transcript of voice 'unwritten' is not stored: the store is read-only; give the "
        "worker the right to write"
    )
    assert library.find("unwritten") is voice
    assert mel.made == 1


def test_a_voice_deleted_while_it_is_heard_leaves_no_transcript(
    library: VoiceLibrary, deaf: VoiceLibrary, store: CountingStore, say: Say
) -> None:
    store.put("voices/gone.wav", encoded(say("gone", OTHER)), "audio/wav")

    def delete(key: str) -> None:
        store.before_put = lambda _: None
        deaf.delete("gone")

    store.before_put = delete
    assert library.find("gone").ref_text
    assert list(store.list()) == []


def test_a_voice_heard_while_it_is_deleted_leaves_no_transcript(
    deaf: VoiceLibrary, store: CountingStore, say: Say
) -> None:
    store.put("voices/gone.wav", encoded(say("gone", OTHER)), "audio/wav")

    def write(key: str) -> None:
        store.before_delete = lambda _: None
        store.put("voices/gone.json", b"{}", "application/json")

    store.before_delete = lambda key: write(key) if key.endswith(".wav") else None
    deaf.delete("gone")
    assert list(store.list()) == []


def test_a_record_deleted_meanwhile_is_none(
    library: VoiceLibrary, store: CountingStore, nature: bytes
) -> None:
    put_clip(store, "kept", nature)
    put_record(store, "kept", ref_text="Some call me something else altogether, I know.")

    def delete_once(key: str) -> None:
        store.before_get = lambda key: None
        store.delete(key)

    store.before_get = delete_once
    assert spoken_form(text_of(library.find("kept"))) == spoken_form(NATURE)


def test_a_record_written_by_another_meanwhile_counts_next_time(
    library: VoiceLibrary, store: CountingStore, nature: bytes
) -> None:
    put_clip(store, "raced", nature)

    def race(key: str) -> None:
        if key == keys.voice_record("raced"):
            store.before_get = lambda key: None
            put_record(store, "raced", ref_text=NATURE.upper())

    store.before_get = race
    assert text_of(library.find("raced")) != NATURE.upper()
    assert text_of(library.find("raced")) == NATURE.upper()


def test_a_transcript_stays_where_the_old_clip_is_heard_before_the_new_one_comes(
    library: VoiceLibrary, deaf: VoiceLibrary, store: CountingStore, nature: bytes, other: bytes
) -> None:
    put_clip(store, "replaced", nature)

    def before_put(key: str) -> None:
        if key == keys.voice_clip("replaced"):
            assert "nature" in text_of(library.find("replaced"))
            assert "nature" in record_of(store, "replaced")["ref_text"]

    store.before_put = before_put
    add(deaf, "replaced", other, OTHER, "en")
    assert record_of(store, "replaced")["ref_text"] == OTHER
    assert text_of(deaf.find("replaced")) == OTHER


def test_a_transcript_stays_where_the_new_clip_comes_while_the_old_one_is_heard(
    store: CountingStore, default: Voice, whisper: Whisper, nature: bytes, other: bytes
) -> None:
    class Slow:
        """Whisper; another worker has put the new voice's clip by the time it has heard."""

        languages = whisper.languages

        def transcribe(
            self, samples: Samples, sample_rate: int, language: str | None
        ) -> Transcript:
            put_clip(store, "late", other)
            return whisper.transcribe(samples, sample_rate, language)

    put_clip(store, "late", nature)
    digest = hashlib.sha256(other).hexdigest()
    put_record(store, "late", ref_text=OTHER, language="en", sha256=digest)
    library = VoiceLibrary(store, default, VoiceCloner(ReferenceBuilder(a_mel, RATE, Slow())))
    assert "nature" in text_of(library.find("late"))
    assert record_of(store, "late")["ref_text"] == OTHER
    assert text_of(library.find("late")) == OTHER


def test_a_voice_that_is_half_deleted_is_still_there(tmp_path: Path, default: Voice) -> None:
    """Without its clip a transcript would lie in the store for ever."""

    class Dying(LocalStore):
        def delete(self, key: str) -> None:
            super().delete(key)
            raise InterruptedError

    put_clip(store := CountingStore(tmp_path), "half", b"clip")
    put_record(store, "half", ref_text=NATURE)
    with pytest.raises(InterruptedError):
        VoiceLibrary(Dying(tmp_path), default).delete("half")
    VoiceLibrary(store, default).delete("half")
    assert not list(store.list())


def test_the_default_voice_keeps_its_reference_and_may_get_other_words(
    library: VoiceLibrary, default: Voice, mel: CountingMel
) -> None:
    assert library.find("default") is default
    voice = library.find("default", "Some say  nature, others say mother nature")
    assert text_of(voice) == "Some say nature, others say mother nature."
    assert voice.reference is not None
    assert default.reference is not None
    assert voice.reference.mel is default.reference.mel
    assert mel.made == 0
    with pytest.raises(VoiceRejected):
        library.find("default", "No.")


def test_a_clip_stored_as_the_default_takes_its_place(
    library: VoiceLibrary, store: CountingStore, other: bytes
) -> None:
    put_clip(store, "default", other)
    assert not library.find("default").built_in
    assert "stairs" in text_of(library.find("default"))


def test_an_engine_that_clones_nobody_gets_the_name_alone(
    store: CountingStore, default: Voice
) -> None:
    library = VoiceLibrary(store, default)
    put_clip(store, "any", b"no audio at all")
    assert library.find("any", NATURE) == Voice("any")
    assert library.find("default", NATURE) is default
    with pytest.raises(VoiceNotFound):
        library.find("nobody")


def test_the_list_shows_what_the_records_say(
    library: VoiceLibrary, store: CountingStore, nature: bytes
) -> None:
    put_clip(store, "shown", nature)
    before = {voice.name: voice for voice in library.list()[0]}
    assert before["shown"].ref_text is None
    made = library.find("shown")
    after = {voice.name: voice for voice in library.list()[0]}
    assert (after["shown"].ref_text, after["shown"].language) == (made.ref_text, "en")
    assert after["shown"].duration == pytest.approx(5.03, abs=0.1)
    assert after["default"].built_in


def test_names_are_listed_without_their_records(
    library: VoiceLibrary, store: CountingStore, nature: bytes
) -> None:
    for name in ("b", "a", "default"):
        put_clip(store, name, nature)
        put_record(store, name, ref_text=NATURE)
    assert library.names() == ["default", "a", "b"]
    assert not store.calls["get"]


def test_a_clip_too_big_to_be_one_is_not_fetched(
    library: VoiceLibrary, store: CountingStore, tmp_path: Path
) -> None:
    put_clip(store, "big", b"")
    with (tmp_path / keys.voice_clip("big")).open("wb") as file:
        file.truncate(200_000_001)
    with pytest.raises(VoiceRejected, match="has 200000001 bytes and at most 200000000 are read"):
        library.find("big")
    assert store.calls["get"] == store.calls["get_file"] == 0
