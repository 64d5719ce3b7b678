"""How a clip becomes a voice: for engines that clone, and for engines that do not."""

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from errors import CancelCheck
from storage.store import NotFound, ObjectInfo, StorageError
from tts.engine import Reference, Voice
from tts.languages import base_language
from tts.speech import F5_SAMPLE_RATE, Samples
from tts.voices.cache import VoiceCache, VoiceKey
from tts.voices.clip import MAX_READ_S, file_sha256, read_clip, to_wav
from tts.voices.keyed_lock import KeyedLock
from tts.voices.reference import ReferenceBuilder
from tts.voices.stored import StoredVoices, VoiceRecord


@dataclass(frozen=True, eq=False)
class NewVoice:
    """A voice to store: its WAV file, its record, and one sentence for each thing mended."""

    wav: bytes
    record: VoiceRecord
    notes: tuple[str, ...]


class VoiceMaker(Protocol):
    """Makes voices of clips.

    `ref_text` is always the transcript of the whole clip, and `language` a tag of tts.languages; a
    record has the language without its region. Every method that takes a clip raises VoiceRejected
    and TranscriptionFailed.
    """

    def for_job(self, check: CancelCheck) -> "VoiceMaker":
        """A view for one job, which shares the voices in memory.

        An exception from `check` ends the wait for a voice that another job makes, and the making
        of a voice before Whisper runs.
        """
        ...

    def find(
        self,
        stored: StoredVoices,
        name: str,
        ref_text: str | None,
        language: str,
        scratch: Path | None,
    ) -> Voice | None:
        """The stored voice of that name; None if there is none. See VoiceLibrary.find."""
        ...

    def from_file(self, path: Path, ref_text: str | None, language: str) -> Voice:
        """The voice of a clip that is not stored."""
        ...

    def with_transcript(self, voice: Voice, ref_text: str) -> Voice:
        """The same voice with another transcript of its clip."""
        ...

    def to_store(self, path: Path, ref_text: str | None, language: str | None) -> NewVoice:
        """A clip made ready to be stored; `language` None: Whisper tells it."""
        ...


class NameOnlyVoices:
    """The VoiceMaker of an engine that cannot clone: its voices are names, and nothing reads clips.

    It stores clips for engines that can.
    """

    def for_job(self, check: CancelCheck) -> "NameOnlyVoices":
        """See VoiceMaker."""
        return self

    def find(
        self,
        stored: StoredVoices,
        name: str,
        ref_text: str | None,
        language: str,
        scratch: Path | None,
    ) -> Voice | None:
        """See VoiceMaker."""
        return Voice(name) if stored.clip_info(name) else None

    def from_file(self, path: Path, ref_text: str | None, language: str) -> Voice:
        """See VoiceMaker."""
        return Voice("url")

    def with_transcript(self, voice: Voice, ref_text: str) -> Voice:
        """See VoiceMaker."""
        return voice

    def to_store(self, path: Path, ref_text: str | None, language: str | None) -> NewVoice:
        """See VoiceMaker.

        No Whisper can cut a long clip together with its transcript here. So MAX_READ_S seconds of
        it are stored without ref_text, and an engine that clones transcribes them later.
        """
        # F5-TTS may speak with it later.
        clip = read_clip(path, F5_SAMPLE_RATE)
        notes = clip.notes
        if not clip.is_whole:
            note = f"of the clip the first {MAX_READ_S} s are kept"
            if ref_text is not None:
                note += ", without the ref_text, which is of the whole"
            ref_text, notes = None, (*notes, note)
        return _new_voice(clip.samples, F5_SAMPLE_RATE, ref_text, language, notes)


@dataclass(frozen=True)
class VoiceCloner:
    """The VoiceMaker of an engine that clones, which keeps the voices used last in memory.

    A job whose voice is in memory costs two requests to the store, for the etags of clip and
    record. Jobs that need the same new voice at the same time make it once.
    """

    references: ReferenceBuilder
    cache: VoiceCache = field(default_factory=VoiceCache)
    locks: KeyedLock = field(default_factory=KeyedLock)

    def for_job(self, check: CancelCheck) -> "VoiceCloner":
        """See VoiceMaker."""
        return replace(self, references=replace(self.references, check=check))

    def find(
        self,
        stored: StoredVoices,
        name: str,
        ref_text: str | None,
        language: str,
        scratch: Path | None,
    ) -> Voice | None:
        """See VoiceMaker."""
        clip_info, record_etag = stored.clip_info_and_record_etag(name)
        if clip_info is None:
            return None
        # Without ref_text, the language is that of the script and says nothing about the clip.
        key = VoiceKey(name, clip_info.etag, record_etag, ref_text, language if ref_text else "")
        voice = self.cache.get(key)
        if voice is not None:
            return voice
        try:
            with self.locks.hold(clip_info.key, self.references.check):
                # The job that held the lock before may have written the record.
                key = replace(key, record_etag=stored.record_etag(name))
                voice = self.cache.get(key)
                return voice or self._make(stored, clip_info, key, scratch)
        except NotFound:
            # Another worker has deleted the clip since clip_info was read.
            return None

    def from_file(self, path: Path, ref_text: str | None, language: str) -> Voice:
        """See VoiceMaker."""
        # Without ref_text, the language is that of the script and says nothing about the clip.
        language = language if ref_text is not None else ""
        key = VoiceKey("", file_sha256(path), None, ref_text, language)
        with self.locks.hold(key.clip_version, self.references.check):
            voice = self.cache.get(key)
            if voice is None:
                reference = self.references.prepare(path, ref_text, language or None)
                voice = _with_reference(Voice("url"), reference)
                self.cache.put(key, voice)
            return voice

    def with_transcript(self, voice: Voice, ref_text: str) -> Voice:
        """See VoiceMaker."""
        if voice.reference is None:
            return voice
        return _with_reference(voice, self.references.with_transcript(voice.reference, ref_text))

    def to_store(self, path: Path, ref_text: str | None, language: str | None) -> NewVoice:
        """See VoiceMaker. The clip is cut together with its transcript."""
        reference = self.references.prepare(path, ref_text, language)
        return _new_voice(
            reference.clip,
            self.references.sample_rate,
            reference.text,
            reference.language,
            reference.warnings,
        )

    def _make(
        self, stored: StoredVoices, clip_info: ObjectInfo, key: VoiceKey, scratch: Path | None
    ) -> Voice:
        """Make a stored voice and keep it in memory; if Whisper transcribed it, store that too."""
        record = stored.record(key.name) if key.record_etag is not None else VoiceRecord()
        with TemporaryDirectory(dir=scratch) as folder:
            path = Path(folder) / "clip"
            stored.download_clip(clip_info, path)
            # Clip and record are two objects: another worker may have replaced only one of them.
            if record.sha256 not in (None, file_sha256(path)):
                record = VoiceRecord()
            recorded_text = record.ref_text or None
            # A ref_text that repeats the record is of the part that the record cuts out.
            job_text = None if key.ref_text == recorded_text else key.ref_text
            reference = self.references.prepare(
                path,
                ref_text=recorded_text if job_text is None else job_text,
                language=record.language or (None if job_text is None else key.language),
                cut_s=record.cut_s if job_text is None else None,
            )
        voice = _with_reference(Voice(key.name), reference)
        if key.ref_text is None and recorded_text is None:
            record = VoiceRecord(
                duration=round(len(reference.clip) / self.references.sample_rate, 3),
                ref_text=reference.text,
                language=reference.language,
                sha256=reference.sha256,
                cut_s=reference.cut_s,
                consent=record.consent,
            )
            try:
                etag = stored.put_transcribed(key.name, record, key.clip_version, key.record_etag)
                # The next job looks for the voice under the etag of the new record.
                key = replace(key, record_etag=etag)
            except StorageError as error:
                # The voice can speak without its record: only other workers must transcribe again.
                note = f"the transcript of voice {key.name!r} is not stored: {error.sentence}"
                reference = replace(reference, warnings=(*reference.warnings, note))
                voice = _with_reference(voice, reference)
        self.cache.put(key, voice)
        return voice


def _new_voice(
    samples: Samples,
    sample_rate: int,
    ref_text: str | None,
    language: str | None,
    notes: tuple[str, ...],
) -> NewVoice:
    wav = to_wav(samples, sample_rate)
    record = VoiceRecord(
        duration=round(len(samples) / sample_rate, 3),
        ref_text=ref_text,
        language=base_language(language) if language else None,
        sha256=hashlib.sha256(wav).hexdigest(),
    )
    return NewVoice(wav, record, notes)


def _with_reference(voice: Voice, reference: Reference) -> Voice:
    return replace(voice, ref_text=reference.text, language=reference.language, reference=reference)
