"""Timing files: rendered, put into the store, and what a reply says of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from jobs.manifest import File
from storage import keys
from storage.base import Store
from timing.captions import Captions
from timing.formats import FORMATS
from timing.words import Timing


def render(captions: Captions, names: Iterable[str]) -> dict[str, bytes]:
    """The files by format."""
    return {name: FORMATS[name].render(captions) for name in names}


def store(target: Store, job_id: str, files: Mapping[str, bytes]) -> dict[str, File]:
    """Put rendered files into the store; the manifest that names them is still to be written."""
    stored: dict[str, File] = {}
    for name, data in files.items():
        kind = FORMATS[name]
        stored[name] = File(
            key=keys.timing(job_id, kind.extension),
            content_type=kind.content_type,
            filename=f"{job_id}.{kind.extension}",
        )
        target.put(stored[name].key, data, kind.content_type)
    return stored


def facts(timing: Timing, names: Iterable[str]) -> dict[str, Any]:
    """The fields of a reply that speak of timing, but for its warnings and links."""
    formats = list(names)
    return {
        "timing_format": formats[0] if len(formats) == 1 else formats,
        "timing_method": timing.method,
        "timing_confidence": round(timing.confidence, 3),
        "word_count": len(timing.words),
    }
