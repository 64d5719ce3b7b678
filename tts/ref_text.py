"""What is said in a clip, out of the files that people have it in: SRT, VTT, CSV, or plain text."""

import csv
import html
import re
from collections.abc import Sequence

_TIMES = re.compile(r"^\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}\s*-->.*$", re.MULTILINE)
_BLOCK = re.compile(r"\r?\n\s*\r?\n")
_TAG = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
_COLUMNS = (
    "text",
    "word",
    "words",
    "caption",
    "subtitle",
    "transcript",
    "transcription",
    "dialogue",
)


def plain(text: str) -> str:
    """The words of a transcript without times, numbers, names of speakers' columns and tags."""
    text = text.removeprefix("\ufeff")
    if _TIMES.search(text):
        return _of_cues(text)
    return _of_table(text) or " ".join(text.split())


def _of_cues(text: str) -> str:
    """SRT and VTT: of each block what follows its times; blocks without times are comments."""
    said: list[str] = []
    for block in _BLOCK.split(text):
        times = _TIMES.search(block)
        if times:
            said += _TAG.sub("", block[times.end() :]).split()
    return html.unescape(" ".join(said)) if text.startswith("WEBVTT") else " ".join(said)


def _of_table(text: str) -> str | None:
    """CSV with a heading that names a column of words; None for anything else."""
    lines = text.splitlines()
    for delimiter in (",", ";", "\t"):
        rows = list(csv.reader(lines, delimiter=delimiter))
        column = _column(rows[0]) if len(rows) > 1 and len(rows[0]) > 1 else None
        if column is not None and all(len(row) in (0, len(rows[0])) for row in rows):
            said = [row[column] for row in rows[1:] if row]
            return " ".join(" ".join(said).split())
    return None


def _column(heading: Sequence[str]) -> int | None:
    names = [name.strip().lower() for name in heading]
    return next((names.index(name) for name in _COLUMNS if name in names), None)
