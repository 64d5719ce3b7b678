"""JSON: the fields of the first worker (API.md), and everything else that is known of a word."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from timing.formats.dumps import dumps
from timing.subtitles.captions import Captions
from timing.words import TimedWord


def render(captions: Captions) -> bytes:
    """One object on one line; times in seconds with at most three decimals."""
    document = {
        "job_id": captions.job_id,
        "timing_data": {
            "words": words(captions),
            "segments": segments(captions),
            "chunks": chunks(captions),
            "full_text": captions.text,
            "total_duration": captions.duration_ms / 1000,
            "confidence": round(captions.confidence, 3),
            "language": captions.language,
            "method": captions.method,
        },
        "generated_at": captions.generated_at.isoformat(),
    }
    return dumps(document)


def words(captions: Captions) -> list[dict[str, Any]]:
    """The words as written, each with its times and all else that is known of it."""
    return [_word(word, captions.voices) for word in captions.words]


def segments(captions: Captions) -> list[dict[str, Any]]:
    """The sentences; `first_word` and `last_word` are indices, both included."""
    return [
        {
            "text": segment.text,
            "start_time": segment.start_ms / 1000,
            "end_time": segment.end_ms / 1000,
            "first_word": segment.first_word,
            "last_word": segment.last_word,
        }
        for segment in captions.segments
    ]


def chunks(captions: Captions) -> list[dict[str, Any]]:
    """The chunks that have words, each from its first word's start to its last one's end."""
    found: list[dict[str, Any]] = []
    for index, places in groupby(range(len(captions.words)), lambda at: captions.words[at].chunk):
        first, *others = places
        last = others[-1] if others else first
        text = "".join(captions.gaps[at] + captions.words[at].word for at in range(first, last + 1))
        found.append(
            {
                "index": index,
                "text": " ".join(text.split()),
                **({"voice": captions.voices[index]} if captions.voices else {}),
                "start_time": captions.words[first].start_ms / 1000,
                "end_time": captions.words[last].end_ms / 1000,
                "first_word": first,
                "last_word": last,
            }
        )
    return found


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
        **(
            {}
            if word.char_start is None
            else {"char_start": word.char_start, "char_end": word.char_end}
        ),
        "chunk": word.chunk,
        **voice,
        **({"characters": characters} if characters else {}),
    }
