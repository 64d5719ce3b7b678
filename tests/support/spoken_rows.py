"""The tables of written and spoken text in tests/data/spoken; its README.md has their format."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tts.speech import Script

SPOKEN_FOLDER = Path("tests/data/spoken")
_HEADER = "written\tspoken"
_ESCAPE = re.compile(r"\\(u[0-9a-f]{4}|.?)")
_ESCAPED = {"n": "\n", "t": "\t", "\\": "\\", "#": "#"}


class TableInvalid(Exception):
    """A line of a table that is neither a row nor a comment."""


@dataclass(frozen=True)
class SpokenRow:
    """One case; `place` is its file and line, such as "en/date.tsv:12"."""

    place: str
    language: str
    written: str
    spoken: str


def all_rows() -> list[SpokenRow]:
    """Every row of every table, in the order of the files' names."""
    return [row for path in sorted(SPOKEN_FOLDER.glob("*/*.tsv")) for row in read_table(path)]


def read_table(path: Path) -> Iterator[SpokenRow]:
    """The rows of one table. Raises TableInvalid for a line that is no row and no comment."""
    language = path.parent.name
    # Not splitlines(): it also splits at characters that a row may contain.
    header, *lines, end = path.read_text(encoding="utf-8").split("\n")
    if header != _HEADER or end:
        raise TableInvalid(f"{path}: wants {_HEADER!r} first and a line break at its end")
    for number, line in enumerate(lines, 2):
        place = f"{language}/{path.name}:{number}"
        is_comment = line.startswith("#")
        if line.count("\t") != (0 if is_comment else 1):
            raise TableInvalid(f"{place}: a row has one tab, a comment none: {line!r}")
        if not line.replace("\t", "").isprintable():
            raise TableInvalid(f"{place}: characters that are not seen must be escapes: {line!r}")
        if not is_comment:
            written, spoken = map(_unescape, line.split("\t"))
            yield SpokenRow(place, language, written, spoken)


def spoken_text(script: Script) -> str:
    """The spoken words with the pause marks after them, joined by spaces."""
    return " ".join(token.spoken + token.pause for token in script.tokens)


def _unescape(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        name = match[1]
        if name[:1] == "u" and len(name) == 5:
            return chr(int(name[1:], 16))
        if name not in _ESCAPED:
            raise TableInvalid(f"no such escape: {match[0]!r} in {text!r}")
        return _ESCAPED[name]

    return _ESCAPE.sub(character, text)
