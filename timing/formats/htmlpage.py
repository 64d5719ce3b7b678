"""A page to check the times by ear: it plays the audio and highlights each word as it is spoken.

One file. It has a link to the audio; once that link has expired it plays the file with the audio's
name beside the page. The player is player.js, a module that the studio's page uses too.
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
_IMPORT = re.compile(r"^import .*;\n", re.MULTILINE)


def render(captions: Captions) -> bytes:
    """The page. Its Content-Security-Policy allows its own style and script only."""
    style, code = _style(captions.style), _code()
    page = Template(_part("page.html")).substitute(
        job_id=escape(captions.job_id),
        language=escape(captions.language),
        link=escape(captions.audio.link),
        beside=escape(quote(captions.audio.filename)),
        filename=escape(captions.audio.filename),
        words="".join(_words(captions)),
        facts=_facts(captions),
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


def _part(name: str) -> str:
    return Path(__file__).with_name(name).read_text()


def _style(style: SubtitleStyle) -> str:
    own = Template(_part("page.css")).substitute(highlight=style.highlight_colour, lit=_lit(style))
    return _part("player.css") + own


def _code() -> str:
    """The modules of the player and what starts it as one module: a file from a disk has no others.

    An import is one line, and its names are those of the module that it names.
    """
    modules = (_part(name) for name in ("player_wave.js", "player.js", "page.js"))
    return "".join(_IMPORT.sub("", module) for module in modules)


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
        said = [word for word in owners if word.is_spoken]
        mark = "word" if all(word.is_heard for word in said) else "word estimated"
        times = f'data-start="{unit.start_ms}" data-end="{unit.end_ms}"'
        confidence = f'data-confidence="{min(word.confidence for word in said):.2f}"'
        yield f'<span class="{mark}" {times} {confidence}>{escape(unit.text)}</span>'
        next_word = unit.word + 1


def _gap(text: str) -> str:
    """The text between two words with line breaks as HTML has them."""
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))


def _facts(captions: Captions) -> str:
    facts = (
        f"<span>{len(captions.words)} words timed by {escape(captions.method)}, confidence "
        f"{captions.confidence:.2f}.</span>"
    )
    dots = ' <span class="player-dots">Dotted words have estimated times.</span>'
    estimated = any(not word.is_heard for word in captions.words if word.is_spoken)
    return facts + dots if estimated else facts


def _hash(text: str) -> str:
    """The name of a style or script in a Content-Security-Policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
