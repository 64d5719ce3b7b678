"""A stored voice: the clip `voices/<name>.wav`, and beside it the record `voices/<name>.json`.

A store has no transactions, and other workers may write or delete the same two objects meanwhile.
A crash or a race leaves at worst a clip without its record, and then Whisper transcribes the clip
again when a job next uses the voice.
"""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from storage import keys
from storage.store import NotFound, ObjectInfo, Store, TooLarge
from tts.voices.clip import VoiceRejected
from tts.voices.excerpt import MAX_EXCERPT_S, MIN_EXCERPT_S

logger = logging.getLogger("worker")

MAX_CLIP_BYTES = 200_000_000

MAX_RECORD_BYTES = 500_000
"""A record of the longest ref_text has 290 kB where each of its characters is an escape."""

MAX_REF_TEXT = 24_000
"""Most characters of a recorded transcript; a request has at most 20 000."""


MAX_CONSENT = 1000
"""Most characters of the sentence about the speaker's consent."""


class VoiceRecord(BaseModel):
    """What `voices/<name>.json` says of the clip beside it.

    duration: seconds of the part of the clip that is used.
    ref_text: what is said in that part.
    language: ISO 639-1.
    sha256: of the clip that the record describes. A record without it describes whatever clip is
        there; a record of another clip counts as none, and the next use of the voice replaces it.
    cut_s: where the used part ends, in seconds; None if the whole clip is used.
    consent: what the client says of the speaker's consent.
    """

    model_config = ConfigDict(frozen=True, strict=True, allow_inf_nan=False)

    duration: float | None = Field(None, ge=0)
    ref_text: str | None = Field(None, max_length=MAX_REF_TEXT)
    language: str | None = Field(None, max_length=32)
    sha256: str | None = Field(None, max_length=64)
    cut_s: float | None = Field(None, ge=MIN_EXCERPT_S, le=MAX_EXCERPT_S)
    consent: str | None = Field(None, max_length=MAX_CONSENT)


@dataclass(frozen=True)
class StoredVoices:
    """The voices in one store. `max_clip_bytes`: larger clips are refused.

    Every name has passed storage.keys.voice_name. Every method raises StorageError.
    """

    store: Store
    max_clip_bytes: int = MAX_CLIP_BYTES

    def clip_info(self, name: str) -> ObjectInfo | None:
        """The size, the date and the etag of a voice's clip; None if no such voice is stored."""
        return self.store.stat(keys.voice_clip(name))

    def record_etag(self, name: str) -> str | None:
        """The etag of a voice's record; None if it has no record."""
        info = self.store.stat(keys.voice_record(name))
        return info.etag if info else None

    def clip_info_and_record_etag(self, name: str) -> tuple[ObjectInfo | None, str | None]:
        """Both at once: each is a round trip to the bucket, and every job needs them."""
        with ThreadPoolExecutor(1) as threads:
            record_etag = threads.submit(self.record_etag, name)
            clip_info = self.clip_info(name)
            # Without a clip the record does not count: its failed lookup must fail no job.
            return clip_info, record_etag.result() if clip_info else None

    def record(self, name: str) -> VoiceRecord:
        """A voice's record; an empty one if there is none or it cannot be read."""
        try:
            data = self.store.get(keys.voice_record(name), MAX_RECORD_BYTES)
            return VoiceRecord.model_validate_json(data)
        except NotFound:
            return VoiceRecord()
        except TooLarge:
            reason = f"it is larger than {MAX_RECORD_BYTES} bytes"
        except ValidationError as error:
            fault = error.errors(include_input=False, include_url=False)[0]
            reason = " ".join([*map(str, fault["loc"]), fault["msg"]])
        logger.warning("the JSON file of voice %r is damaged, so it is not used: %s", name, reason)
        return VoiceRecord()

    def download_clip(self, info: ObjectInfo, target: Path) -> None:
        """Write a clip into the file `target`. Raises VoiceRejected, NotFound, TooLarge, OSError.

        TooLarge means that the clip has grown since `info` was read.
        """
        if info.size > self.max_clip_bytes:
            raise VoiceRejected(
                f"the clip has {info.size} bytes and at most {self.max_clip_bytes} are read",
                "store 7 to 9 s of clear speech",
            )
        self.store.get_file(info.key, target, self.max_clip_bytes)

    def put(self, name: str, wav: bytes, record: VoiceRecord) -> None:
        """Store a voice in place of the one that was there."""
        # The record goes first. It names its clip by hash, so a crash between the two calls leaves
        # the old clip with a record that counts as none.
        self._put_record(name, record)
        self.store.put(keys.voice_clip(name), wav, "audio/wav")
        # A worker that transcribed the old clip may have written that record over ours.
        if self.record(name) != record:
            self._put_record(name, record)

    def put_transcribed(
        self, name: str, record: VoiceRecord, clip_etag: str, record_etag: str | None
    ) -> str | None:
        """Store the record of a clip that Whisper has transcribed; the new record's etag.

        `clip_etag` and `record_etag` are those from before the transcription, which takes seconds.
        None if another worker has changed the voice since; its record stays then.
        """
        clip_info = self.clip_info(name)
        if clip_info is None or (clip_info.etag, self.record_etag(name)) != (
            clip_etag,
            record_etag,
        ):
            return None
        self._put_record(name, record)
        etag = self.record_etag(name)
        is_ours = self._delete_orphan_record(name) and self.record(name) == record
        return etag if is_ours else None

    def delete(self, name: str) -> None:
        """Remove a voice, if it is stored."""
        # The record goes first: it holds what was said, and without its clip nobody would find it.
        self.store.delete(keys.voice_record(name))
        self.store.delete(keys.voice_clip(name))
        # A worker that has just transcribed the clip may have written the record again.
        self._delete_orphan_record(name)

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """The clips and records of all voices whose names start with `prefix`, sorted by key."""
        return self.store.list(f"voices/{prefix}")

    def _delete_orphan_record(self, name: str) -> bool:
        """Remove a record whose clip is gone; whether the clip is there."""
        is_there = self.clip_info(name) is not None
        if not is_there:
            self.store.delete(keys.voice_record(name))
        return is_there

    def _put_record(self, name: str, record: VoiceRecord) -> None:
        data = record.model_dump_json(exclude_none=True).encode()
        self.store.put(keys.voice_record(name), data, "application/json")
