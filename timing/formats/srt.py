"""SubRip: UTF-8 without BOM, numbered cues."""

import re

from timing.formats import bidi
from timing.formats.timestamps import stamp
from timing.subtitles.captions import Captions
from timing.subtitles.cues import Cue

# SRT has no escape. A word joiner, which is invisible, keeps players from reading `a<b`, `{\x}`,
# `C:\New` or `-->` as a tag, a line break or a time line.
_MARKUP = re.compile(r"([<\\{]|--(?=>))")
_WORD_JOINER = "\u2060"


def render(captions: Captions) -> bytes:
    """The cues, each followed by a blank line."""
    blocks = [
        f"{number}\n{stamp(cue.start_ms, ',')} --> {stamp(cue.end_ms, ',')}\n"
        + "".join(f"{line}\n" for line in _lines(cue, captions))
        for number, cue in enumerate(captions.cues, 1)
    ]
    return "\n".join(blocks).encode()


def _lines(cue: Cue, captions: Captions) -> list[str]:
    """The lines of both languages."""
    first = [(text, bidi.embedding(text, captions)) for text in cue.texts]
    second = [(text, bidi.second_embedding(text, captions)) for text in cue.second]
    return captions.stack(
        *(
            [f"{before}{escape(text)}{after}" for text, (before, after) in lines]
            for lines in (first, second)
        )
    )


def escape(text: str) -> str:
    """Text that no player reads as markup. Without U+2060 it is the original."""
    return _MARKUP.sub(rf"\1{_WORD_JOINER}", text)
