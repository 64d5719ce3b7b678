"""JSON as Whisper and OpenAI's transcriptions (`verbose_json`) have it."""

import zlib
from math import log
from typing import Any

from timing.formats.dumps import dumps
from timing.subtitles.captions import Captions, Segment

_LEAST_CONFIDENCE = 0.001
"""Its logarithm is finite."""


def render(captions: Captions) -> bytes:
    """The sentences as segments with their words, and all words in a list as OpenAI has them.

    Words in segments begin with a space where the script has one, as Whisper's own words do. What
    only a transcriber knows of a segment has the value of a segment without doubts: `tokens` is
    empty, and `avg_logprob` is the logarithm of the words' mean confidence.
    """
    segments = [_segment(index, part, captions) for index, part in enumerate(captions.segments)]
    return dumps(
        {
            "task": "transcribe",
            "language": captions.language,
            "duration": captions.duration_ms / 1000,
            "text": "".join(segment["text"] for segment in segments).strip(),
            "segments": segments,
            "words": [
                {"word": word.word, "start": word.start_ms / 1000, "end": word.end_ms / 1000}
                for word in captions.words
            ],
        }
    )


def _segment(index: int, segment: Segment, captions: Captions) -> dict[str, Any]:
    owned = captions.words[segment.first_word : segment.last_word + 1]
    words = [
        {
            "word": word.word if word.no_space_before else f" {word.word}",
            "start": word.start_ms / 1000,
            "end": word.end_ms / 1000,
            "probability": round(word.confidence, 3),
        }
        for word in owned
    ]
    text = "".join(str(word["word"]) for word in words)
    mean = sum(word.confidence for word in owned) / len(owned)
    raw = text.encode()
    return {
        "id": index,
        "seek": 0,
        "start": segment.start_ms / 1000,
        "end": segment.end_ms / 1000,
        "text": text,
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": round(log(max(_LEAST_CONFIDENCE, mean)), 3),
        "compression_ratio": round(len(raw) / len(zlib.compress(raw)), 3),
        "no_speech_prob": 0.0,
        "words": words,
    }
