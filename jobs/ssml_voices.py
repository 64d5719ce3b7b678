"""The voices that the SSML of other services names."""

from storage import keys
from tts.text.tags import Markup, TagRejected
from tts.voices.library import VoiceLibrary

MAX_MISSING = 20
"""Each costs a round trip to the store."""


def missing_voices(voices: VoiceLibrary, markup: Markup) -> list[str]:
    """The voices that SSML alone names and that are not there: those of other services.

    A style that one of this worker's voices lacks is not among them: it is a mistake, not a voice
    of another service. Raises TagRejected for more than MAX_MISSING, StorageError.
    """
    lacking: list[str] = []
    for name in markup.voices:
        is_optional = name in markup.optional_voices and name != voices.default.name
        if is_optional and voices.clip_info(name) is None:
            lacking.append(name)
        if len(lacking) > MAX_MISSING:
            raise TagRejected(
                f"SSML's <voice> names more than {MAX_MISSING} voices that the store lacks; take "
                "these tags out of the text, or upload the voices"
            )
    return [name for name in lacking if not _is_style(voices, name)]


def _is_style(voices: VoiceLibrary, name: str) -> bool:
    """Whether the name has a style, and the voice before it is there."""
    speaker = keys.speaker(name)
    if not keys.style_of(name):
        return False
    return (
        speaker == voices.default.name
        or voices.clip_info(speaker) is not None
        or bool(voices.styles(speaker))
    )
