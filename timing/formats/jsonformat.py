"""JSON: the fields of the first worker (API.md), and everything else that is known of a word."""

from collections.abc import Sequence
from typing import Any

from timing.formats.dumps import dumps
from timing.subtitles.captions import Captions, Segment
from timing.words import TimedWord


def render(captions: Captions) -> bytes:
    """One object on one line; times in seconds with at most three decimals."""
    document = {
        "job_id": captions.job_id,
        "timing_data": {
            "words": [_word(word, captions.voices) for word in captions.words],
            "segments": [_segment(segment) for segment in captions.segments],
            "full_text": captions.text,
            "total_duration": captions.duration_ms / 1000,
            "confidence": round(captions.confidence, 3),
            "language": captions.language,
            "method": captions.method,
        },
        "generated_at": captions.generated_at.isoformat(),
    }
    return dumps(document)


def _word(word: TimedWord, voices: Sequence[str]) -> dict[str, Any]:
    """A word's fields; `voice` and `characters` only if they are known."""
    voice = {"voice": voices[word.chunk]} if voices else {}
    characters = [
        {"char": char, "start_time": start_ms / 1000, "end_time": end_ms / 1000}
        for char, start_ms, end_ms in word.characters
    ]
    return {
        "word": word.word,
        "start_time": word.start_ms / 1000,
        "end_time": word.end_ms / 1000,
        "confidence": round(word.confidence, 3),
        "source": word.source,
        "interpolated": not word.is_heard,
        **({} if word.is_spoken else {"unspoken": True}),
        **({} if word.is_scripted else {"unscripted": True}),
        "spoken": word.spoken,
        "shown": word.shown,
        "chunk": word.chunk,
        **voice,
        **({"characters": characters} if characters else {}),
    }


def _segment(segment: Segment) -> dict[str, Any]:
    return {
        "text": segment.text,
        "start_time": segment.start_ms / 1000,
        "end_time": segment.end_ms / 1000,
        "first_word": segment.first_word,
        "last_word": segment.last_word,
    }
