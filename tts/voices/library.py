"""The voices that a job can name: the engine's own, and those in the store."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from errors import WorkerError
from storage import keys
from storage.store import NotFound, ObjectInfo, Store, TooLarge
from tts.engine import Reference, Voice
from tts.voices import clip
from tts.voices.clip import VoiceRejected
from tts.voices.excerpt import MAX_EXCERPT_S, MIN_EXCERPT_S
from tts.voices.keyed_lock import Turns
from tts.voices.reference import ReferenceBuilder

KEPT_VOICES = 16
RECORDS_AT_ONCE = 16
_SAMPLE_RATE = 24_000
MAX_CLIP_BYTES = 200_000_000


class VoiceNotFound(WorkerError):
    """A voice that neither the engine nor the store has."""

    code: ClassVar[str] = "voice_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"no voice named {name!r}; list_voices shows what exists")


class VoiceIsBuiltIn(WorkerError):
    """The engine's own voice, which lies in no store."""

    code: ClassVar[str] = "invalid_request"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} belongs to the engine and cannot be deleted; a voice that is uploaded under "
            "its name takes its place"
        )


@dataclass(frozen=True)
class VoiceInfo:
    """One voice as `list_voices` shows it; sizes in bytes, durations in seconds."""

    name: str
    size: int | None = None
    last_modified: datetime | None = None
    duration: float | None = None
    ref_text: str | None = None
    language: str | None = None
    built_in: bool = False
    description: str | None = None


class VoiceRecord(BaseModel):
    """What is stored beside a clip, as `voices/<name>.json`.

    `ref_text` is what is said in the part that is used, `duration` the length of that part in
    seconds, `cut_s` where it ends in the clip (None: the clip is used whole), and `sha256` the clip
    that all this is true of. A record without `sha256` counts as true of whatever clip is there;
    one with the hash of another clip as none at all, and is replaced when that clip is first used.
    """

    model_config = ConfigDict(frozen=True, strict=True)

    duration: float | None = None
    ref_text: str | None = None
    language: str | None = None
    sha256: str | None = None
    cut_s: float | None = Field(None, ge=MIN_EXCERPT_S, le=MAX_EXCERPT_S)


@dataclass(frozen=True)
class _VoiceKey:
    """Everything that a stored voice is made of; as long as it is the same, so is the voice."""

    name: str
    clip: str
    record: str | None
    ref_text: str | None
    language: str


class _VoiceCache:
    """The voices last used, KEPT_VOICES at most; safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._voices: OrderedDict[_VoiceKey, Voice] = OrderedDict()

    def get(self, key: _VoiceKey) -> Voice | None:
        with self._lock:
            if key in self._voices:
                self._voices.move_to_end(key)
            return self._voices.get(key)

    def put(self, key: _VoiceKey, voice: Voice) -> None:
        with self._lock:
            self._voices[key] = voice
            self._voices.move_to_end(key)
            while len(self._voices) > KEPT_VOICES:
                self._voices.popitem(last=False)


class VoiceLibrary:
    """Finds voices by name; the engine's default voice is always there, under its own name.

    `references` is None for an engine that clones nobody. One that was made stays in memory, so
    that the next job with the same clip, record and ref_text costs two looks into the store.
    """

    def __init__(
        self, store: Store, default: Voice, references: ReferenceBuilder | None = None
    ) -> None:
        self._store = store
        self._default = default
        self._references = references
        self._recent = _VoiceCache()
        self._making = Turns()
        self._check: Callable[[], None] = lambda: None

    def for_job(
        self, wrapped: Callable[[Store], Store], check: Callable[[], None]
    ) -> "VoiceLibrary":
        """The same library, voices in memory included, whose store is asked in another way.

        What `check` raises ends its wait for a voice that another job makes, and its own making of
        one before the next run of Whisper.
        """
        same = copy(self)
        same._store, same._check = wrapped(self._store), check
        if self._references is not None:
            same._references = self._references.for_job(check)
        return same

    def find(self, name: str, ref_text: str | None = None, language: str = "en") -> Voice:
        """The voice of that name; `name` has passed storage.keys.voice_name.

        A clip stored under the default's name takes its place. `ref_text` is what is said in the
        whole clip, for this call only, in `language` where no record says another; without it the
        record's counts, and without a record what Whisper hears, which is then stored as it.
        Raises VoiceNotFound, VoiceRejected, TranscriptionFailed.
        """
        if self._references is None:
            found = self._store.stat(keys.voice_clip(name))
            return Voice(name=name) if found else self._built_in(name, ref_text)
        # Side by side: each look is a round trip to the bucket, on every job.
        with ThreadPoolExecutor(1) as other:
            record = other.submit(self._record_etag, name)
            clip = self._store.stat(keys.voice_clip(name))
        if clip is None:
            return self._built_in(name, ref_text)
        # Without a given transcript the language of the script says nothing about the clip.
        key = _VoiceKey(name, clip.etag, record.result(), ref_text, language if ref_text else "")
        try:
            return self._stored(key, clip, self._references)
        except NotFound:
            # Deleted by another worker since it was looked up.
            return self._built_in(name, ref_text)

    def from_clip(self, data: bytes, ref_text: str | None = None, language: str = "en") -> Voice:
        """The voice of a clip that is not stored; equal bytes and words are prepared once.

        Raises VoiceRejected, TranscriptionFailed.
        """
        if self._references is None:
            return Voice(name="url")
        language = language if ref_text is not None else ""
        key = _VoiceKey("", hashlib.sha256(data).hexdigest(), None, ref_text, language)
        with self._making.of(key.clip, self._check):
            voice = self._recent.get(key)
            if voice is None:
                reference = self._references.prepare(data, ref_text, language or None)
                voice = _with(Voice("url"), reference)
                self._recent.put(key, voice)
            return voice

    def add(
        self, name: str, data: bytes, ref_text: str | None = None, language: str | None = None
    ) -> tuple[VoiceRecord, tuple[str, ...]]:
        """Store a clip as a voice, in place of what was there; its record, and what was mended.

        What is stored is ready to use: mono, trimmed, cut together with its transcript. Without a
        cloning engine nobody can hear or cut it, so it is stored as it is; READ_S at most, and then
        without the transcript of the whole, so that an engine that clones hears it. The
        record goes first: it names the clip by its hash, so that a crash, or another worker that
        stores the same name, leaves a voice without transcript at worst, which is heard again. It
        goes again where a worker that still saw the old clip has put that one's in its place.
        Raises VoiceRejected, TranscriptionFailed.
        """
        if self._references is None:
            found = clip.read(data, _SAMPLE_RATE)
            samples, text, notes, rate = found.samples, ref_text, found.notes, _SAMPLE_RATE
            if not found.is_whole:
                text, notes = None, (*notes, _shortened(ref_text))
        else:
            made = self._references.prepare(data, ref_text, language)
            samples, text, notes = made.clip, made.text, made.warnings
            rate, language = self._references.sample_rate, made.language
        stored = clip.to_wav(samples, rate)
        record = VoiceRecord(
            duration=round(len(samples) / rate, 3),
            ref_text=text,
            language=language,
            sha256=hashlib.sha256(stored).hexdigest(),
        )
        self._put_record(name, record)
        self._store.put(keys.voice_clip(name), stored, "audio/wav")
        if self._record(name) != record:
            self._put_record(name, record)
        return record, notes

    def clip(self, name: str) -> ObjectInfo | None:
        """What the store knows of a voice's clip, or None where no such voice is stored."""
        return self._store.stat(keys.voice_clip(name))

    def none_to_delete(self, name: str) -> VoiceIsBuiltIn | VoiceNotFound:
        """What to tell where a voice is to be deleted that is not stored."""
        return VoiceIsBuiltIn(name) if name == self._default.name else VoiceNotFound(name)

    def delete(self, name: str) -> None:
        """Remove a stored voice with its record; done as well where there is none.

        The record goes first: without its clip nobody would find it, and it holds what was said.
        It goes again where a worker that heard the clip has written it in between.
        """
        self._store.delete(keys.voice_record(name))
        self._store.delete(keys.voice_clip(name))
        self._delete_orphan_record(name)

    def _built_in(self, name: str, ref_text: str | None) -> Voice:
        voice = self._default
        if name != voice.name:
            raise VoiceNotFound(name)
        if ref_text is None or self._references is None or voice.reference is None:
            return voice
        return _with(voice, self._references.with_transcript(voice.reference, ref_text))

    def _stored(self, key: _VoiceKey, clip: ObjectInfo, references: ReferenceBuilder) -> Voice:
        voice = self._recent.get(key)
        if voice is not None:
            return voice
        # One at a time: jobs that wait here for the same voice find it made.
        with self._making.of(clip.key, self._check):
            key = replace(key, record=self._record_etag(key.name))
            voice = self._recent.get(key)
            if voice is None:
                voice = self._made(key, clip, references)
            return voice

    def _made(self, key: _VoiceKey, clip: ObjectInfo, references: ReferenceBuilder) -> Voice:
        """The voice, made now and kept; its record is written if its transcript was heard."""
        if clip.size > MAX_CLIP_BYTES:
            raise VoiceRejected(
                f"the clip has {clip.size} bytes and at most {MAX_CLIP_BYTES} are read",
                "store 7 to 9 s of clear speech",
            )
        record = self._record(key.name) if key.record is not None else VoiceRecord()
        data = self._store.get(clip.key, MAX_CLIP_BYTES)
        if record.sha256 not in (None, hashlib.sha256(data).hexdigest()):
            record = VoiceRecord()
        known = record.ref_text or None
        told = None if key.ref_text == known else key.ref_text
        reference = references.prepare(
            data,
            ref_text=known if told is None else told,
            language=record.language or (None if told is None else key.language),
            cut_s=record.cut_s if told is None else None,
        )
        voice = _with(Voice(key.name), reference)
        if key.ref_text is None and known is None:
            key = replace(key, record=self._write(key, reference, references.sample_rate))
        self._recent.put(key, voice)
        return voice

    def _write(self, key: _VoiceKey, reference: Reference, sample_rate: int) -> str | None:
        """Store the record of a reference; its etag.

        None where clip or record are others by now, or another record took its place: it took
        seconds to hear the clip, and another worker may have replaced the voice meanwhile.
        """
        name = key.name
        clip = self._store.stat(keys.voice_clip(name))
        if clip is None or (clip.etag, self._record_etag(name)) != (key.clip, key.record):
            return None
        record = VoiceRecord(
            duration=round(len(reference.clip) / sample_rate, 3),
            ref_text=reference.text,
            language=reference.language,
            sha256=reference.sha256,
            cut_s=reference.cut_s,
        )
        self._put_record(name, record)
        etag = self._record_etag(name)
        kept = self._delete_orphan_record(name) and self._record(name) == record
        return etag if kept else None

    def _delete_orphan_record(self, name: str) -> bool:
        """Remove a record whose clip is gone; whether the clip is there."""
        is_there = self._store.stat(keys.voice_clip(name)) is not None
        if not is_there:
            self._store.delete(keys.voice_record(name))
        return is_there

    def _put_record(self, name: str, record: VoiceRecord) -> None:
        data = record.model_dump_json(exclude_none=True).encode()
        self._store.put(keys.voice_record(name), data, "application/json")

    def _record_etag(self, name: str) -> str | None:
        info = self._store.stat(keys.voice_record(name))
        return info.etag if info else None

    def names(self) -> Sequence[str]:
        """The default voice's, then those of the stored ones; no record is read."""
        keyed = (keys.voice_of(info.key) for info in self._store.list("voices/"))
        return [*dict.fromkeys([self._default.name, *sorted(name for name in keyed if name)])]

    def list(
        self, prefix: str = "", after: str = "", limit: int | None = None
    ) -> tuple[list[VoiceInfo], bool]:
        """The default voice, then the stored ones by name; and whether there are more.

        Only names that start with `prefix` and come after `after`, `limit` stored ones at most. The
        records of those that are shown are read side by side.
        """
        stored = {info.key: info for info in self._store.list(f"voices/{prefix}")}
        names = sorted(name for key in stored if (name := keys.voice_of(key)) is not None)
        found = [name for name in names if name.startswith(prefix) and name > after]
        default = self._default
        shown: list[VoiceInfo] = []
        if default.name not in names and default.name.startswith(prefix) and not after:
            shown.append(
                VoiceInfo(
                    name=default.name,
                    ref_text=default.ref_text,
                    language=default.language,
                    built_in=True,
                    description=default.description,
                )
            )
        room = len(found) if limit is None else limit

        def described(name: str) -> VoiceInfo:
            has_record = keys.voice_record(name) in stored
            record = self._record(name) if has_record else VoiceRecord()
            return self._describe(name, stored[keys.voice_clip(name)], record)

        with ThreadPoolExecutor(RECORDS_AT_ONCE) as threads:
            shown += threads.map(described, found[:room])
        return shown, room < len(found)

    def _describe(self, name: str, info: ObjectInfo, record: VoiceRecord) -> VoiceInfo:
        return VoiceInfo(
            name=name,
            size=info.size,
            last_modified=info.last_modified,
            duration=record.duration,
            ref_text=record.ref_text,
            language=record.language,
        )

    def _record(self, name: str) -> VoiceRecord:
        """The voice's record; an empty one where it vanished meanwhile or is none."""
        try:
            return VoiceRecord.model_validate_json(self._store.get(keys.voice_record(name)))
        except (NotFound, TooLarge, ValidationError):
            return VoiceRecord()


def _shortened(ref_text: str | None) -> str:
    told = f"of the clip the first {clip.READ_S} s are kept"
    return told if ref_text is None else f"{told}, without the ref_text, which is of the whole"


def _with(voice: Voice, reference: Reference) -> Voice:
    return replace(voice, ref_text=reference.text, language=reference.language, reference=reference)
