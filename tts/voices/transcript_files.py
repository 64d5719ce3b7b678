"""What is said in a clip, out of the files that people have it in: SRT, VTT, CSV, or plain text.

Everything here takes time in proportion to the text: it may come from anyone.
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


def plain(text: str) -> str:
    """The words of a transcript without times, numbers, names of speakers' columns and tags."""
    text = text.removeprefix("\ufeff")
    lines = text.splitlines()
    if any(_TIMES.match(line) for line in lines):
        return _of_cues(lines)
    said = _of_table(text)
    return " ".join((text if said is None else said).split())


def _of_cues(lines: Sequence[str]) -> str:
    """SRT and VTT: what follows each line of times, whether blank lines are there or not."""
    is_vtt = lines[0].startswith("WEBVTT")
    if is_vtt:
        lines = list(_without_comments(lines))
    places = [index for index, line in enumerate(lines) if _TIMES.match(line)]
    before = [line for line in lines[: places[0]] if line.strip()]
    is_numbered = bool(before) and before[-1].strip().isdecimal()
    said: list[str] = []
    for start, end in pairwise([*places, len(lines)]):
        cue = list(lines[start + 1 : end])
        if end < len(lines):
            _drop_name(cue, is_numbered, is_vtt)
        said += _TAG.sub("", "\n".join(cue)).split()
    return html.unescape(" ".join(said)) if is_vtt else " ".join(said)


def _without_comments(lines: Sequence[str]) -> Iterator[str]:
    """VTT without blocks that are no cue."""
    is_comment = False
    for before, line in pairwise(["", *lines]):
        if not line.strip() or _TIMES.match(line):
            is_comment = False
        elif not before.strip() and _COMMENT.match(line):
            is_comment = True
        if not is_comment:
            yield line


def _drop_name(cue: list[str], is_numbered: bool, is_vtt: bool) -> None:
    """Take away the number or name of the next cue, which stands just before its times."""
    has_gap = len(cue) > 1 and not cue[-2].strip()
    if is_vtt and has_gap and cue[-1].strip():
        cue.pop()
        return
    while cue and not cue[-1].strip():
        cue.pop()
    if is_numbered and cue and cue[-1].strip().isdecimal():
        cue.pop()


def _of_table(text: str) -> str | None:
    """CSV with a heading that names a column of words; None for anything else."""
    separator = _SEPARATOR.match(text)
    if separator:  # as Excel reads and writes it
        text = text[separator.end() :]
    for delimiter in separator[1] if separator else ",;\t":
        table = io.StringIO(text, newline="")
        try:
            rows = [row for row in csv.reader(table, delimiter=delimiter) if row]
        except csv.Error:  # a quotation mark that opens and never closes, in a long text
            continue
        column = _column(rows[0]) if len(rows) > 1 else None
        if column is not None and all(len(row) == len(rows[0]) for row in rows):
            return " ".join(row[column] for row in rows[1:])
    return None


def _column(heading: Sequence[str]) -> int | None:
    names = [name.strip().lower() for name in heading]
    return next((names.index(name) for name in _COLUMNS if name in names), None)
