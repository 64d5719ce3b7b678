"""A page to check the times by ear: it plays the audio and highlights each word as it is spoken.

One file. It has a link to the audio; once that link has expired it plays the file with the audio's
name beside the page.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

from timing.subtitles.captions import Captions
from timing.subtitles.style import SubtitleStyle
from timing.subtitles.units import word_units

# Of what may stand between two words HTML forbids the controls; U+2028 and U+2029 break lines too.
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f]")
_LINK = re.compile(rb'data-link="[^"]*"')


def render(captions: Captions) -> bytes:
    """The page. Its Content-Security-Policy allows its own style and script only."""
    template, style, code = (
        Path(__file__).with_name(f"page.{kind}").read_text() for kind in ("html", "css", "js")
    )
    style = Template(style).substitute(lit=_lit(captions.style))
    page = Template(template).substitute(
        job_id=escape(captions.job_id),
        language=escape(captions.language),
        link=escape(captions.audio.link),
        beside=escape(quote(captions.audio.filename)),
        filename=escape(captions.audio.filename),
        words="".join(_words(captions)),
        facts=escape(_facts(captions)),
        style=style,
        style_hash=_hash(style),
        code=code,
        code_hash=_hash(code),
    )
    return page.encode()


def with_link(page: bytes, link: str) -> bytes:
    """The same page with another link to its audio."""
    attribute = f'data-link="{escape(link)}"'.encode()
    return _LINK.sub(lambda _: attribute, page, count=1)


def _lit(style: SubtitleStyle) -> str:
    """The CSS of the spoken word: on the highlight colour, or with a line under it."""
    if style.effect == "underline":
        return f"box-shadow: 0 0.15em {style.highlight_colour};"
    red, green, blue, *_ = bytes.fromhex(style.highlight_colour[1:])
    # Dark letters, or white ones on a dark colour.
    letters = "#222" if 0.299 * red + 0.587 * green + 0.114 * blue > 120 else "#fff"
    return f"background: {style.highlight_colour}; color: {letters};"


def _words(captions: Captions) -> Iterator[str]:
    """The script as written, each unit in a span with its times in ms."""
    next_word = 0
    for unit in word_units(captions.words):
        yield "" if unit.no_space_before else escape(_gap(captions.gaps[next_word]))
        # Words of less than 20 ms share a unit.
        owners = captions.words[min(next_word, unit.word) : unit.word + 1]
        is_heard = all(word.is_heard for word in owners if word.is_spoken)
        mark = "" if is_heard else ' class="unheard"'
        times = f'data-start="{unit.start_ms}" data-end="{unit.end_ms}"'
        yield f"<span{mark} {times}>{escape(unit.text)}</span>"
        next_word = unit.word + 1


def _gap(text: str) -> str:
    """The text between two words with line breaks as HTML has them."""
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))


def _facts(captions: Captions) -> str:
    facts = (
        f"{len(captions.words)} words timed by {captions.method}, confidence "
        f"{captions.confidence:.2f}."
    )
    estimated = any(not word.is_heard for word in captions.words if word.is_spoken)
    return f"{facts} Dotted words have estimated times." if estimated else facts


def _hash(text: str) -> str:
    """The name of a style or script in a Content-Security-Policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
