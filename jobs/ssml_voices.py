"""The voices that the SSML of other services names."""

from tts.text.tags import Markup, TagRejected
from tts.voices.library import VoiceLibrary

MAX_MISSING = 20
"""Each costs a round trip to the store."""


def missing_voices(voices: VoiceLibrary, markup: Markup) -> list[str]:
    """The voices that SSML alone names and that are not there: those of other services.

    Raises TagRejected for more than MAX_MISSING, StorageError.
    """
    missing: list[str] = []
    for name in markup.voices:
        is_optional = name in markup.optional_voices and name != voices.default.name
        if is_optional and voices.clip_info(name) is None:
            missing.append(name)
        if len(missing) > MAX_MISSING:
            raise TagRejected(
                f"SSML's <voice> names more than {MAX_MISSING} voices that the store lacks; take "
                "these tags out of the text, or upload the voices"
            )
    return missing
