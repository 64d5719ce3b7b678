"""Advanced SubStation Alpha through the `ass` package: styled subtitles for 1080x1920 video."""

import io
from datetime import timedelta

import ass

from timing.captions import Captions

_SCRIPT_INFO = {
    "ScriptType": "v4.00+",
    "PlayResX": 1080,
    "PlayResY": 1920,
    "WrapStyle": 0,
    "ScaledBorderAndShadow": "yes",
    "YCbCr Matrix": "TV.709",
}
_WORD_JOINER = "\u2060"


def render(captions: Captions) -> bytes:
    """One event a cue, UTF-8 with BOM as players of this format expect."""
    document = ass.Document()
    document.info.set_data(_SCRIPT_INFO.copy())
    document.styles.append(_style())
    for cue in captions.cues:
        text = r"\N".join(escape(line) for line in cue.texts)
        document.events.append(
            ass.Dialogue(start=_time(cue.start_ms), end=_time(cue.end_ms), text=text)
        )
    out = io.StringIO()
    document.dump_file(out)
    return out.getvalue().encode("utf-8-sig")


def escape(text: str) -> str:
    """Text without override codes; take U+2060 and the `\\` before braces out to have it back."""
    text = text.replace("\\", "\\" + _WORD_JOINER)
    return text.replace("{", r"\{").replace("}", r"\}")


def _style() -> ass.Style:
    """White on a black outline; the margins keep clear of the buttons of vertical video apps."""
    return ass.Style(
        fontname="Arial",
        fontsize=76,
        bold=True,
        outline=4,
        shadow=0,
        alignment=2,
        margin_l=90,
        margin_r=150,
        margin_v=520,
    )


def _time(ms: int) -> timedelta:
    """To the nearest centisecond, because the package would cut; both edges of a cue move alike."""
    return timedelta(milliseconds=(ms + 5) // 10 * 10)
