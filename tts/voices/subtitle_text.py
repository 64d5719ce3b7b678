"""The words of a subtitle file: SRT, WebVTT, and ASS, each word once.

A file may come from anyone, so everything here takes time in proportion to its length.
"""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import regex

from unicode_sets import CLOSES, OPENS, SPACELESS_MARKS, UNSPACED

TIMES = re.compile(r"\s*(?:\d+:)?\d{1,2}:\d{1,2}(?:[.,]\d{1,3})?\s*-->")
_COMMENT = re.compile(r"(?:NOTE|STYLE|REGION)\b")
# The tags of SRT and VTT: <i>, <c.loud>, <v Anna>, <font color="red">, <00:01.500>. Any
# other angle bracket is text: a < b.
_LONG_NUMBER = re.compile(r"&#(?:\d{8,}|[xX][0-9A-Fa-f]{8,});?")
_TAG = re.compile(
    r"</?(?:[bius]|c|ruby|rt)(?:\.[^\s<>]*)?>|</?(?:v|lang)(?:\.[^\s<>]*)?(?:\s[^<>]*)?>"
    r"|</?font\b[^<>]*>|<[\d:.,]+>",
    re.IGNORECASE,
)
# SRT has the overrides of ASS too; to VTT they are text.
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
# Writers put a word joiner into text that a player would take for a tag, and marks of direction
# around a line. Nobody says them.
_UNSEEN = re.compile("[\u2060\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# A line of a script without spaces that goes on in the next line.
_UNSPACED_BREAK = regex.compile(
    rf"(?<=[{UNSPACED}{SPACELESS_MARKS}{CLOSES}])\n(?=[{OPENS}]*[{UNSPACED}])"
)
# A caption repeats at most so many lines of the one before it.
_MAX_REPEATED_LINES = 4
_DIALOGUE = re.compile(r"Dialogue:(?:[^,]*,){9}(?P<text>.*)")
# An escape, an override, or the text up to the next of them.
_ASS_PART = re.compile(r"\\(?P<escaped>[{}Nnh])|\{(?P<override>[^{}]*)\}|[^\\{]+|[\\{]")
_HIGHLIGHT = re.compile(r"\\t\((\d+),")


def text_of_cues(lines: Sequence[str]) -> str:
    """The text of SRT and VTT: what follows each line of times, with or without blank lines.

    lines: the lines of the file, of which one at least matches TIMES.
    """
    is_vtt = lines[0].startswith("WEBVTT")
    cues = [plain_lines(text, is_vtt) for _, text in raw_cues(lines)]
    return joined_lines(line for cue in _without_repeats(cues) for line in cue)


def raw_cues(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each cue of SRT and VTT: its line of times, and its text with its tags.

    lines: the lines of the file, of which one at least matches TIMES.
    """
    is_vtt = lines[0].startswith("WEBVTT")
    if is_vtt:
        lines = list(_without_comments(lines))
    time_lines = [index for index, line in enumerate(lines) if TIMES.match(line)]
    before_first = [line for line in lines[: time_lines[0]] if line.strip()]
    is_numbered = bool(before_first) and before_first[-1].strip().isdecimal()
    for start, end in pairwise([*time_lines, len(lines)]):
        cue = list(lines[start + 1 : end])
        if end < len(lines):
            _drop_next_name(cue, is_numbered, is_vtt)
        yield lines[start], "\n".join(cue)


def plain_lines(text: str, is_vtt: bool) -> list[str]:
    """The lines of a cue's text without its tags; blank lines are left out.

    is_vtt: to VTT, the overrides of ASS that SRT may have are text.
    """
    plain = _TAG.sub("", text)
    plain = plain if is_vtt else _OVERRIDE.sub("", plain)
    # SRT has no entities, but many writers use them.
    return _lines(_unescaped(plain))


def _unescaped(text: str) -> str:
    """The text with its HTML entities decoded."""
    # `html.unescape` fails at a number of more than 4,300 digits; no character has eight.
    return html.unescape(_LONG_NUMBER.sub("\N{REPLACEMENT CHARACTER}", text))


def text_of_ass(lines: Iterable[str]) -> str:
    """The text of an ASS file: of its dialogue lines, without overrides."""
    found = (match["text"] for line in lines if (match := _DIALOGUE.match(line)))
    cues = [_lines(_ass_text(text)) for text in found]
    return joined_lines(line for cue in _without_repeats(cues) for line in cue)


def _ass_text(text: str) -> str:
    r"""A dialogue line as plain text.

    Words that are lit by `\t` may stand in the order of the screen, from right to left: their times
    give the order in which they are spoken.
    """
    lit: list[tuple[int, list[str]]] = [(-1, [])]
    for match in _ASS_PART.finditer(text):
        if match["override"] is not None:
            at = _HIGHLIGHT.search(match["override"])
            if at:
                lit.append((int(at[1]), [" "]))
        else:
            escaped = {"N": "\n", "n": "\n", "h": " "}.get(match["escaped"] or "", match["escaped"])
            lit[-1][1].append(escaped or match[0])
    return "".join(part for _, parts in sorted(lit, key=lambda word: word[0]) for part in parts)


def _lines(text: str) -> list[str]:
    lines = (" ".join(line.split()) for line in _UNSEEN.sub("", text).splitlines())
    return [line for line in lines if line]


def joined_lines(lines: Iterable[str]) -> str:
    """Lines as one: with spaces between them, where their script has spaces."""
    text: str = _UNSPACED_BREAK.sub("", "\n".join(lines))
    return text.replace("\n", " ")


def _without_repeats(cues: Sequence[list[str]]) -> Sequence[list[str]]:
    """The cues without the words that a rolling file repeats from each cue in the next one.

    In such a file (YouTube's captions) most cues begin with the last lines of the one before them,
    and go on. A cue that is repeated whole does not show that: it may be said twice.
    """
    filled = [[line.split() for line in cue] for cue in cues if cue]
    repeated = [_repeated_words(*two) for two in pairwise([[], *filled])]
    counts = list(zip(repeated, filled, strict=True))
    rolls = any(0 < count < sum(map(len, cue)) for count, cue in counts)
    repeats = sum(map(bool, repeated))
    if not rolls or repeats < 2 or 2 * repeats < len(filled) - 1:
        return cues
    return [_drop_words(cue, count) for count, cue in counts]


def _repeated_words(previous: Sequence[list[str]], cue: Sequence[list[str]]) -> int:
    """How many words of the previous cue's last lines begin this cue, which come as words."""
    words = [word for line in cue for word in line]
    for first in range(max(0, len(previous) - _MAX_REPEATED_LINES), len(previous)):
        repeated = [word for line in previous[first:] for word in line]
        if words[: len(repeated)] == repeated:
            return len(repeated)
    return 0


def _drop_words(cue: Sequence[list[str]], count: int) -> list[str]:
    """The lines of a cue without its first words."""
    lines = []
    for line in cue:
        lines.append(" ".join(line[count:]))
        count = max(0, count - len(line))
    return [line for line in lines if line]


def _without_comments(lines: Sequence[str]) -> Iterator[str]:
    """The lines of a VTT file that are not in a NOTE, STYLE or REGION block."""
    is_comment = False
    for previous, line in pairwise(["", *lines]):
        if not line.strip() or TIMES.match(line):
            is_comment = False
        elif not previous.strip() and _COMMENT.match(line):
            is_comment = True
        if not is_comment:
            yield line


def _drop_next_name(cue: list[str], is_numbered: bool, is_vtt: bool) -> None:
    """Remove from a cue's lines the number or name of the next cue, which precedes its times.

    cue: the lines between two lines of times.
    is_numbered: whether the file numbers its cues.
    is_vtt: a VTT file names its cues freely, after a blank line.
    """
    has_gap = len(cue) > 1 and not cue[-2].strip()
    if is_vtt and has_gap and cue[-1].strip():
        cue.pop()
        return
    while cue and not cue[-1].strip():
        cue.pop()
    if is_numbered and cue and cue[-1].strip().isdecimal():
        cue.pop()
