"""The words of a transcript that comes as a file: subtitles, a CSV table, JSON, or plain text.

The text may come from anyone, so everything here takes time in proportion to its length.
"""

import csv
import io
import json
import re
from collections.abc import Sequence
from typing import Any

from tts.voices.subtitle_text import TIMES, text_of_ass, text_of_cues

# Excel writes such a first line into a CSV file, and reads it.
_SEPARATOR = re.compile(r"sep=([^\w\s\"]|\t)(?:\r\n?|\n)", re.IGNORECASE)
# The columns that hold text, the best first.
_TEXT_COLUMNS = (
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
# Words of other columns' names: "start", "End time", "speaker_id".
_OTHER_COLUMN = re.compile(
    r"(?:^|[^a-z])(?:start|begin|end|stop|time|duration|length|timecode|speaker|name|voice"
    r"|id|index|number|nr|cue|line|confidence|score|language|file|path|audio)(?:[^a-z]|$)"
)
# The fields of JSON that hold text, or parts that do, the best first.
_TEXT_FIELDS = ("timing_data", "full_text", "text", "transcript", "word", "segments", "words")
_MAX_JSON_DEPTH = 4


def transcript_text(text: str) -> str:
    """The words of a transcript file: without times, cue numbers, tags and other columns.

    text: SRT, WebVTT, ASS, a table with a heading, JSON as this worker or Whisper writes it, or
        plain text.
    """
    text = text.removeprefix("\ufeff")
    lines = text.splitlines()
    has_events = any(line.strip().lower() == "[events]" for line in lines)
    if has_events and (ass_text := text_of_ass(lines)):
        return ass_text
    document_text = _text_of_json(text)
    if document_text is not None:
        return " ".join(document_text.split())
    if any(TIMES.match(line) for line in lines):
        return text_of_cues(lines)
    table_text = _text_of_table(text)
    return " ".join((text if table_text is None else table_text).split())


def _text_of_json(text: str) -> str | None:
    """The text of a JSON document; None if it is none, or if it has no known field."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return _text_in(json.loads(text), _MAX_JSON_DEPTH)
    except (ValueError, RecursionError):
        return None


def _text_in(value: Any, depth: int) -> str | None:
    """The text of a JSON value, or None. depth: how many levels below this one are looked at."""
    if isinstance(value, str) or not depth:
        return value if isinstance(value, str) else None
    if isinstance(value, list):
        parts = [part for item in value if (part := _text_in(item, depth - 1))]
        return " ".join(parts) or None
    fields = value if isinstance(value, dict) else {}
    texts = (_text_in(fields[name], depth - 1) for name in _TEXT_FIELDS if name in fields)
    return next((text for text in texts if text), None)


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
    """The index of the column that holds the text, or None."""
    names = [name.strip().lower() for name in heading]
    others = [name for name in names if name not in _TEXT_COLUMNS]
    # A space after the separator is how prose goes on: "Text, please read".
    is_prose = any(name[:1].isspace() for name in heading)
    if is_prose and not all(map(_OTHER_COLUMN.search, others)):
        return None
    return next((names.index(name) for name in _TEXT_COLUMNS if name in names), None)
