"""The voices that jobs used last, ready to speak."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from tts.engine import Voice

MAX_CACHED_VOICES = 16


@dataclass(frozen=True)
class VoiceKey:
    """Everything that a voice is made of: the same key always means the same voice.

    name: the stored voice's name; empty for a clip that is not stored.
    clip_version: the stored clip's etag, or the SHA-256 of a clip that is not stored.
    record_etag: of the record beside a stored clip; None if there is none.
    ref_text: the transcript that came with the job; None if none came.
    language: of that transcript; empty without one.
    """

    name: str
    clip_version: str
    record_etag: str | None
    ref_text: str | None
    language: str


class VoiceCache:
    """The MAX_CACHED_VOICES voices that were used last; safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._voices: OrderedDict[VoiceKey, Voice] = OrderedDict()

    def get(self, key: VoiceKey) -> Voice | None:
        """The voice of that key, which now counts as just used; None if it is not in memory."""
        with self._lock:
            if key in self._voices:
                self._voices.move_to_end(key)
            return self._voices.get(key)

    def put(self, key: VoiceKey, voice: Voice) -> None:
        """Keep a voice; the one whose last use is longest ago makes room for it."""
        with self._lock:
            self._voices[key] = voice
            self._voices.move_to_end(key)
            while len(self._voices) > MAX_CACHED_VOICES:
                self._voices.popitem(last=False)
