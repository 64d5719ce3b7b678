"""JSON for videos made with Remotion: an array of `Caption`, as @remotion/captions reads it."""

from timing.formats.dumps import dumps
from timing.subtitles.captions import Captions


def render(captions: Captions) -> bytes:
    """One object for each word that the cues show; a text begins with a space where one stands.

    The texts joined are the script as the cues show it. `timestampMs` is the middle of the word.
    """
    units = [unit for cue in captions.cues for line in cue.lines for unit in line]
    return dumps(
        [
            {
                "text": unit.text if unit.no_space_before or not index else f" {unit.text}",
                "startMs": unit.start_ms,
                "endMs": unit.end_ms,
                "timestampMs": (unit.start_ms + unit.end_ms) // 2,
                "confidence": round(captions.words[unit.word].confidence, 3),
            }
            for index, unit in enumerate(units)
        ]
    )
