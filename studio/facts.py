"""What the page needs to know of the worker that it drives: `GET /api/worker`."""

from typing import Any

from jobs.tts.request import QUALITIES
from studio.drawing import style_values
from timing.formats import FORMATS
from timing.subtitles.cues import PRESETS
from timing.subtitles.fonts import SHIPPED
from timing.subtitles.style import POSITIONS, STYLES
from tts.audio import encode
from tts.languages import LANGUAGES
from worker import release
from worker.state import Worker

TEXT = (
    "Here is a secret about short videos. People read before they listen. So every word on screen "
    "has to land at the very moment it is spoken, all 1,250 of them."
)
"""What the page's text box begins with."""


def describe(worker: Worker, endpoint_id: str | None) -> dict[str, Any]:
    """The facts. Of an endpoint nobody knows the engine before a job of `health`.

    endpoint_id: of the endpoint on RunPod that is driven; None for the worker in this process.
    """
    is_local = endpoint_id is None
    return {
        "mode": "local" if is_local else "runpod",
        "endpoint_id": endpoint_id,
        "version": release.version(),
        "commit": release.commit(),
        "engine": worker.engine.name if is_local else None,
        "device": worker.engine.device if is_local else None,
        "clones": worker.engine.mel is not None if is_local else None,
        "transcribes": worker.whisper is not None if is_local else None,
        "audio_formats": list(encode.FORMATS),
        "timing_formats": list(FORMATS),
        "qualities": list(QUALITIES),
        "languages": [
            {"code": code, "name": name}
            for code, name in sorted(LANGUAGES.items(), key=lambda language: language[1])
        ],
        "presets": list(PRESETS),
        "styles": {name: style_values(style) for name, style in STYLES.items()},
        "positions": list(POSITIONS),
        "fonts": list(SHIPPED),
        "default": {
            "text": TEXT,
            "voice": "default",
            "language": "en",
            "speed": 1.0,
            "quality": "standard",
            "output_format": "wav",
            "timing_format": "all",
            "subtitles": {
                "preset": "karaoke",
                "style": "karaoke",
                "resolution": "1080x1920",
                "font": "Montserrat",
                "embed_font": True,
            },
        },
    }
