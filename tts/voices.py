"""The voices that a job can name: the engine's own, and those in the store."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from errors import WorkerError
from storage import keys
from storage.base import NotFound, ObjectInfo, Store
from tts.engine import Voice


class VoiceNotFound(WorkerError):
    """A voice that neither the engine nor the store has."""

    code: ClassVar[str] = "voice_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"no voice named {name!r}; list_voices shows what exists")


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
    """What is stored beside a clip, as `voices/<name>.json`; `duration` in seconds."""

    model_config = ConfigDict(frozen=True, strict=True)

    duration: float | None = None
    ref_text: str | None = None
    language: str | None = None


class VoiceLibrary:
    """Finds voices by name; the engine's default voice is always there, under its own name."""

    def __init__(self, store: Store, default: Voice) -> None:
        self._store = store
        self._default = default

    def find(self, name: str) -> Voice:
        """The voice of that name; `name` has passed storage.keys.voice_name.

        A clip stored under the default's name takes its place. Raises VoiceNotFound.
        """
        if self._store.stat(keys.voice_clip(name)) is not None:
            return Voice(name=name)
        if name == self._default.name:
            return self._default
        raise VoiceNotFound(name)

    def list(self) -> Iterator[VoiceInfo]:
        """The default voice, then the stored ones by name."""
        stored = {info.key: info for info in self._store.list("voices/")}
        if keys.voice_clip(self._default.name) not in stored:
            yield VoiceInfo(
                name=self._default.name,
                ref_text=self._default.ref_text,
                language=self._default.language,
                built_in=True,
                description=self._default.description,
            )
        for key, info in stored.items():
            name = keys.voice_of(key)
            if name is not None:
                has_record = keys.voice_record(name) in stored
                yield self._describe(
                    name, info, self._record(name) if has_record else VoiceRecord()
                )

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
        except (NotFound, ValidationError):
            return VoiceRecord()
