"""What is known of a voice before its clip is read: how long it is, and what is said in it.

That is enough to plan a speech. Nothing here reads a clip, asks a model or writes into the store.
"""

from contextlib import suppress
from dataclasses import replace

import numpy as np

from tts.engine import Reference, Voice
from tts.languages import language_code
from tts.speech import F5_SAMPLE_RATE, Token
from tts.text.script import TextRejected, read_script
from tts.text.tags import TagRejected
from tts.voices.excerpt import MAX_EXCERPT_S
from tts.voices.library import VoiceLibrary

_MIN_S, _MAX_S = 0.5, MAX_EXCERPT_S + 1
"""The lengths of a clip that a record is believed."""


def outline(
    library: VoiceLibrary, name: str, ref_text: str | None, language: str
) -> tuple[Voice, bool] | None:
    """The voice of that name with a silent clip as long as its own, and whether its pace is known.

    library: has the voices.
    ref_text: what the client says is said in the clip; None: the record counts.
    language: the tag of ref_text's language, if the record names none.

    A voice whose pace is not known gets the clip of the default voice. None if there is no such
    voice. Raises StorageError.
    """
    default = library.default
    record = library.record(name)
    if record is None:
        return _default(library, ref_text) if name == default.name else None
    text = record.ref_text or ref_text
    # The record of a clip that was cut is of the part that is used, ref_text of the whole.
    if ref_text is not None and record.cut_s is None:
        text = ref_text
    # Anybody who owns the bucket may have written the record.
    recorded = language_code(record.language or "")
    return _silent(default, name, record.duration, text, recorded or language)


def unknown(library: VoiceLibrary, name: str) -> Voice:
    """A voice of which nothing is known but its name: it gets the clip of the default voice."""
    return replace(library.default, name=name, built_in=False)


def _default(library: VoiceLibrary, ref_text: str | None) -> tuple[Voice, bool]:
    default = library.default
    reference = default.reference
    if ref_text is None or reference is None:
        return default, True
    seconds = len(reference.clip) / F5_SAMPLE_RATE
    return _silent(default, default.name, seconds, ref_text, reference.language)


def _silent(
    default: Voice, name: str, seconds: float | None, text: str | None, language: str
) -> tuple[Voice, bool]:
    """`outline` of a clip of so many seconds in which the text is said.

    default: the engine's own voice; without a reference the engine clones nobody.
    """
    if default.reference is None:
        return Voice(name), True
    spoken: tuple[Token, ...] = ()
    if text and seconds is not None and _MIN_S <= seconds <= _MAX_S:
        with suppress(TextRejected, TagRejected):
            spoken = read_script(text, language).tokens
    if not spoken or seconds is None or text is None:
        return replace(default, name=name, built_in=False), False
    silence = np.zeros(round(seconds * F5_SAMPLE_RATE), np.float32)
    reference = Reference(silence, default.reference.mel[:0], text, spoken, language, sha256="")
    return Voice(name, ref_text=text, language=language, reference=reference), True
