"""WebVTT: what browsers' `<track>` reads."""

from timing.captions import Captions
from timing.formats.clock import stamp


def render(captions: Captions) -> bytes:
    """The header and the cues, blank lines between them."""
    blocks = ["WEBVTT\n"]
    blocks += [
        f"{stamp(cue.start_ms, '.')} --> {stamp(cue.end_ms, '.')}\n"
        + "".join(f"{escape(text)}\n" for text in cue.texts)
        for cue in captions.cues
    ]
    return "\n".join(blocks).encode()


def escape(text: str) -> str:
    """Text without markup; `-->`, which ends a cue's payload, goes with its `>`."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
