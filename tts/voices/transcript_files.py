"""The words of a transcript that comes as a subtitle file (SRT, VTT), a CSV table or plain text.

The text may come from anyone, so everything here takes time in proportion to its length.
"""

import csv
import html
import io
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

_TIMES = re.compile(r"\s*(?:\d+:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?\s*-->")
_COMMENT = re.compile(r"(?:NOTE|STYLE|REGION)\b")
_TAG = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
_LONG_NUMBER = re.compile(r"&#\d{8,};?")
# Excel writes such a first line into a CSV file, and reads it.
_SEPARATOR = re.compile(r"sep=([^\w\s\"]|\t)(?:\r\n?|\n)", re.IGNORECASE)
_COLUMNS = (
    "text",
    "word",
    "words",
    "caption",
    "subtitle",
    "transcript",
    "transcription",
    "dialogue",
    "content",
)


def transcript_text(text: str) -> str:
    """The words of a transcript file: without times, cue numbers, tags and other columns."""
    text = text.removeprefix("\ufeff")
    lines = text.splitlines()
    if any(_TIMES.match(line) for line in lines):
        return _text_of_cues(lines)
    table_text = _text_of_table(text)
    return " ".join((text if table_text is None else table_text).split())


def _text_of_cues(lines: Sequence[str]) -> str:
    """The text of SRT and VTT: what follows each line of times, with or without blank lines."""
    is_vtt = lines[0].startswith("WEBVTT")
    if is_vtt:
        lines = list(_without_comments(lines))
    time_lines = [index for index, line in enumerate(lines) if _TIMES.match(line)]
    before_first = [line for line in lines[: time_lines[0]] if line.strip()]
    is_numbered = bool(before_first) and before_first[-1].strip().isdecimal()
    words: list[str] = []
    for start, end in pairwise([*time_lines, len(lines)]):
        cue = list(lines[start + 1 : end])
        if end < len(lines):
            _drop_next_name(cue, is_numbered, is_vtt)
        words += _TAG.sub("", "\n".join(cue)).split()
    return _unescaped(" ".join(words)) if is_vtt else " ".join(words)


def _unescaped(text: str) -> str:
    """The text with its HTML entities decoded."""
    # `html.unescape` fails at a number of more than 4,300 digits; no character has eight.
    return html.unescape(_LONG_NUMBER.sub("\N{REPLACEMENT CHARACTER}", text))


def _without_comments(lines: Sequence[str]) -> Iterator[str]:
    """The lines of a VTT file that are not in a NOTE, STYLE or REGION block."""
    is_comment = False
    for previous, line in pairwise(["", *lines]):
        if not line.strip() or _TIMES.match(line):
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


def _text_of_table(text: str) -> str | None:
    """The text column of a CSV table; None if there is no such table."""
    separator = _SEPARATOR.match(text)
    if separator:
        text = text[separator.end() :]
    for delimiter in separator[1] if separator else ",;\t":
        table = io.StringIO(text, newline="")
        try:
            rows = [row for row in csv.reader(table, delimiter=delimiter) if row]
        except csv.Error:
            # A long text with a quotation mark that never closes is over csv's field limit.
            continue
        column = _text_column(rows[0]) if len(rows) > 1 else None
        if column is not None and all(len(row) == len(rows[0]) for row in rows):
            return " ".join(row[column] for row in rows[1:])
    return None


def _text_column(heading: Sequence[str]) -> int | None:
    """The index of the column that holds the text; _COLUMNS lists the names, the best first."""
    names = [name.strip().lower() for name in heading]
    return next((names.index(name) for name in _COLUMNS if name in names), None)
