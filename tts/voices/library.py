"""The voices that a job can name: the engine's own, and those in the store."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import ClassVar, NoReturn

from errors import CancelCheck, WorkerError
from messages import closest, did_you_mean
from storage import keys
from storage.store import ObjectInfo, StorageError, Store
from tts.engine import Voice
from tts.voices.maker import NameOnlyVoices, VoiceMaker
from tts.voices.stored import MAX_CLIP_BYTES, StoredVoices, VoiceRecord

PARALLEL_READS = 16

_FILE_ENDING = re.compile(r"\.(?:mp3|m4a|mp4|aac|ogg|oga|opus|flac|webm|wma|aiff?)$", re.IGNORECASE)
"""The ending of a sound file; `.wav` is not here because `keys.voice_name` takes it off a name."""

_MAX_NAMED = 20
"""Most styles that a sentence names."""

MAX_PAGE_BYTES = 1_000_000
"""About the most bytes of a page of voices; RunPod carries no reply of over 10 MB."""

_BYTES_PER_VOICE = 250
"""What a voice's other fields take in a page, beside its name and its transcript."""


class VoiceNotFound(WorkerError):
    """A voice that neither the engine nor the store has."""

    code: ClassVar[str] = "voice_not_found"

    def __init__(self, name: str, names: Sequence[str] = ()) -> None:
        """names: the voices that there are; without them the sentence suggests none."""
        super().__init__(_not_found(name, names))


def _not_found(name: str, names: Sequence[str]) -> str:
    """What is said of a voice that is not among `names`."""
    speaker, style = keys.speaker(name), keys.style_of(name)
    styles = [keys.style_of(other) for other in names if other.startswith(f"{speaker}/")]
    if not styles and not (style and speaker in names):
        return f"no voice named {name!r}{_meant(name, names)}; list_voices shows what exists"
    if not styles:
        return (
            f"voice {speaker!r} has no style {style!r}; it has none: name {speaker!r} alone, or "
            "upload a clip with voice_name and style"
        )
    named = ", ".join(styles[:_MAX_NAMED]) + (", ..." if len(styles) > _MAX_NAMED else "")
    if style:
        return f"voice {speaker!r} has no style {style!r}; it has: {named}"
    return (
        f"voice {name!r} has no clip without a style; it has: {named}; name one, such as "
        f"{keys.styled(name, styles[0])!r}"
    )


def _meant(name: str, names: Sequence[str]) -> str:
    """The clause with what a client probably meant by a name that is missing; may be empty."""
    speaker, style = keys.speaker(name), keys.style_of(name)
    if ending := _FILE_ENDING.search(name):
        stem = name[: ending.start()]
        short = stem.rpartition("/")[2]
        stored = closest(stem, names, likeness=1.0) or closest(short, names, likeness=1.0)
        return (
            f"; use the name only, {stored!r}"
            if stored
            else f"; a voice's name has no file ending: use {short!r} if that voice is stored"
        )
    if style and "." in speaker:
        return "; if it is a link, begin it with https://"
    # The path of a file looks like a voice and its style.
    return did_you_mean(style if style in names else name, names)


class VoiceIsBuiltIn(WorkerError):
    """The engine's own voice, which lies in no store."""

    code: ClassVar[str] = "invalid_request"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the built-in voice {name!r} cannot be deleted; you can replace it: upload a voice "
            f"named {name!r}"
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
    consent: str | None = None
    built_in: bool = False
    description: str | None = None


@dataclass(frozen=True)
class VoiceLibrary:
    """Finds, adds, lists and deletes voices by name; the engine's default voice is always there.

    store: where the voices lie.
    default: the engine's own voice, which has a name too.
    maker: makes voices of clips, for this engine.
    max_clip_bytes: larger clips are refused, stored ones and those that a client sends.

    Every name that a method takes has passed storage.keys.voice_name.
    """

    store: Store
    default: Voice
    maker: VoiceMaker = field(default_factory=NameOnlyVoices)
    max_clip_bytes: int = MAX_CLIP_BYTES

    def for_job(self, wrap: Callable[[Store], Store], check: CancelCheck) -> "VoiceLibrary":
        """A view for one job, which shares the voices in memory.

        wrap: gives the store that the job uses in place of the library's.
        check: an exception from it ends the wait for a voice that another job makes, and the
            making of a voice before Whisper runs.
        """
        return replace(self, store=wrap(self.store), maker=self.maker.for_job(check))

    def find(
        self,
        name: str,
        ref_text: str | None = None,
        language: str = "en",
        scratch: Path | None = None,
    ) -> Voice:
        """The voice of that name; a stored clip takes the place of a default voice of its name.

        ref_text: what is said in the whole clip; it counts for this call only. Without it the
            voice's record counts, and without a record Whisper's transcript, which is stored then.
        language: the tag of ref_text's language, if the record names none.
        scratch: an existing folder with room for the clip, which is gone from it after the call;
            None is the system's folder for temporary files.

        Raises VoiceNotFound, VoiceRejected, TranscriptionFailed, StorageError.
        """
        voice = self.maker.find(self._stored, name, ref_text, language, scratch)
        if voice is not None:
            return voice
        if name != self.default.name:
            raise VoiceNotFound(name, self.names_for_a_suggestion())
        if ref_text is None:
            return self.default
        return self.maker.with_transcript(self.default, ref_text)

    def from_file(self, path: Path, ref_text: str | None = None, language: str = "en") -> Voice:
        """The voice of a clip that is not stored; the same clip and ref_text are prepared once.

        Raises VoiceRejected, TranscriptionFailed.
        """
        return self.maker.from_file(path, ref_text, language)

    def add(
        self,
        name: str,
        path: Path,
        ref_text: str | None = None,
        language: str | None = None,
        consent: str | None = None,
    ) -> tuple[VoiceRecord, tuple[str, ...]]:
        """Store the clip in the file `path` as a voice, in place of what was there.

        ref_text: what is said in the whole clip; None: Whisper transcribes it, now or, if the
            engine cannot clone, when an engine that can first uses the voice.
        language: the tag of the clip's language; None: as Whisper hears it.
        consent: a sentence about the speaker's consent, which the record keeps.

        The clip is stored ready to use: mono, trimmed, and cut if it is long. Gives the stored
        record, and one sentence for each thing mended. Raises VoiceRejected, TranscriptionFailed,
        StorageError.
        """
        new = self.maker.to_store(path, ref_text, language)
        record = new.record.model_copy(update={"consent": consent})
        self._stored.put(name, new.wav, record)
        return record, new.notes

    def clip_info(self, name: str) -> ObjectInfo | None:
        """The size, the date and the etag of a voice's clip; None if no such voice is stored."""
        return self._stored.clip_info(name)

    def record(self, name: str) -> VoiceRecord | None:
        """What is recorded of a voice, without its clip; None if no such voice is stored.

        The record is empty if there is none yet. Raises StorageError.
        """
        return self._stored.record(name) if self._stored.clip_info(name) else None

    def refuse_to_delete(self, name: str) -> NoReturn:
        """Raise VoiceIsBuiltIn or VoiceNotFound, for a voice that is not stored."""
        if name == self.default.name:
            raise VoiceIsBuiltIn(name)
        raise VoiceNotFound(name, self.names_for_a_suggestion())

    def styles(self, voice: str) -> dict[str, ObjectInfo]:
        """The clips of all styles of a voice, by the style and sorted by it."""
        found = {keys.voice_of(info.key): info for info in self._stored.list(f"{voice}/")}
        return {keys.style_of(name): found[name] for name in sorted(filter(None, found))}

    def delete(self, name: str) -> None:
        """Remove a stored voice with its record; no error if there is none."""
        self._stored.delete(name)

    def names(self) -> Sequence[str]:
        """The default voice's name, then those of the stored voices; reads no record."""
        keyed = (keys.voice_of(info.key) for info in self._stored.list())
        return [*dict.fromkeys([self.default.name, *sorted(name for name in keyed if name)])]

    def names_for_a_suggestion(self) -> Sequence[str]:
        """The names for VoiceNotFound: `names`, or the default voice's where none can be listed."""
        try:
            return self.names()
        except StorageError:  # the key may have no right to list; the voice is missing all the same
            return [self.default.name]

    def list(
        self, prefix: str = "", after: str = "", limit: int | None = None
    ) -> tuple[list[VoiceInfo], bool]:
        """The default voice, then stored voices sorted by name; and whether there are more.

        A page ends before it has more than MAX_PAGE_BYTES, but has one stored voice at least.

        prefix: only names that start with it.
        after: only names that come after it.
        limit: how many stored voices at most.
        """
        objects = {info.key: info for info in self._stored.list(prefix)}
        stored_names = sorted(name for key in objects if (name := keys.voice_of(key)) is not None)
        names = [name for name in stored_names if name.startswith(prefix) and name > after]
        voices: list[VoiceInfo] = []
        default = self.default
        if default.name not in stored_names and default.name.startswith(prefix) and not after:
            # It stands on the first page, unless a stored voice has taken its name.
            voices.append(
                VoiceInfo(
                    name=default.name,
                    ref_text=default.ref_text,
                    language=default.language,
                    built_in=True,
                    description=default.description,
                )
            )
        page: list[VoiceInfo] = []
        size = 0
        for voice in self._describe_all(names[:limit], objects):
            size += _BYTES_PER_VOICE + len(json.dumps([voice.name, voice.ref_text, voice.consent]))
            if page and size > MAX_PAGE_BYTES:
                break
            page.append(voice)
        return [*voices, *page], len(page) < len(names)

    @property
    def _stored(self) -> StoredVoices:
        return StoredVoices(self.store, self.max_clip_bytes)

    def _describe_all(
        self, names: Sequence[str], objects: dict[str, ObjectInfo]
    ) -> Iterator[VoiceInfo]:
        """The voices of a listing, in order; few are read ahead of those that are taken."""
        # Each record is a round trip to the bucket.
        with ThreadPoolExecutor(PARALLEL_READS) as threads:
            for first in range(0, len(names), 4 * PARALLEL_READS):
                some = names[first : first + 4 * PARALLEL_READS]
                yield from threads.map(lambda name: self._describe(name, objects), some)

    def _describe(self, name: str, objects: dict[str, ObjectInfo]) -> VoiceInfo:
        """One voice of a listing; `objects` is the listing by key, and saves looking for records
        that are not there."""
        has_record = keys.voice_record(name) in objects
        record = self._stored.record(name) if has_record else VoiceRecord()
        clip_info = objects[keys.voice_clip(name)]
        return VoiceInfo(
            name=name,
            size=clip_info.size,
            last_modified=clip_info.last_modified,
            duration=record.duration,
            ref_text=record.ref_text,
            language=record.language,
            consent=record.consent,
        )
