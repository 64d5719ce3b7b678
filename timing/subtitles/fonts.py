"""Fonts that travel within an ASS file: those of the worker, and those of clients.

`timing.subtitles.font_process` reads them, in a process of its own.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import ClassVar

from errors import CancelCheck, WorkerError, never_cancelled

SHIPPED = {
    "Anton": ("fontpkg_anton", "Anton-Regular.ttf"),
    "Bebas Neue": ("fontpkg_bebas_neue", "BebasNeue-Regular.ttf"),
    "Montserrat": ("fontpkg_montserrat", "Montserrat[wght].ttf"),
}
"""The package and the file of each font that the worker has, by its name."""

MAX_FONT_BYTES = 20_000_000
"""Of a client's font. A font for Chinese, Japanese and Korean has about 16 MB."""

BASE = frozenset(map(chr, range(0x20, 0x7F))) | frozenset("–—‘’“”…\u00a0")
"""Characters that an embedded font has whatever the text, so that captions can be corrected."""

_FONT_S = 60.0
"""In seconds, for the process. It has less of the processor's time than that."""
_POLL_S = 0.1
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from timing.subtitles.font_process import main; "
    "main()"
)
_READY = b"ready\n"
_HEAVY, _REGULAR = 800, 400
"""The weights of a variable font, where the captions are bold and where they are not."""
_SAMPLE = "the quick brown fox jumps over a lazy dog, then it rests near the old tree and sleeps"
"""Its letters have about the frequencies of English."""

_MAGIC = (b"\0\1\0\0", b"true", b"OTTO")
_UNREADABLE = {
    b"wOFF": "it is a WOFF file, which is for web pages",
    b"wOF2": "it is a WOFF2 file, which is for web pages",
    b"ttcf": "it is a collection of several fonts",
    b"PK\3\4": "it is a ZIP archive",
    b"%!PS": "it is a PostScript font",
    b"\x80\1": "it is a PostScript font",
}
"""What other files are, by their first bytes."""


class FontRejected(WorkerError):
    """A client's font that cannot be embedded. The sentence says what is wrong with it."""

    code: ClassVar[str] = "font_rejected"

    def __init__(self, problem: str) -> None:
        super().__init__(f"subtitles.font_url: {problem}")


@dataclass(frozen=True, eq=False)
class Font:
    """A font with some of its characters.

    family: its name, which may stand in an ASS file.
    is_bold: whether the letters are bold by themselves.
    widths: of each character that the font has, as a part of the font size.
    cap_height: of capitals, as a part of the font size; 0 if it is not known.
    file: the font with `characters` alone, to be embedded.
    characters: those that were looked for.
    source: the whole font.
    weight: what a variable font was given, 1 to 1000.
    is_shipped: whether it is one of SHIPPED.
    """

    family: str
    is_bold: bool
    widths: Mapping[str, float]
    cap_height: float
    file: bytes = field(repr=False)
    characters: frozenset[str] = field(repr=False)
    source: bytes = field(repr=False)
    weight: int
    is_shipped: bool = False

    def missing(self, characters: Collection[str]) -> list[str]:
        """Those of `characters` that it lacks, in their order, without repeats."""
        return [char for char in dict.fromkeys(characters) if char not in self.widths]

    def column_em(self, upper: bool) -> float:
        """The mean width of a character of English, as a part of the font size; 0 if not known.

        upper: whether the text is in capitals.
        """
        sample = _SAMPLE.upper() if upper else _SAMPLE
        if self.missing(sample):
            return 0.0
        return sum(self.widths[char] for char in sample) / len(sample)

    def covering(self, characters: Collection[str], check: CancelCheck = never_cancelled) -> "Font":
        """The font with at least these characters. Raises FontRejected."""
        wanted = self.characters.union(characters)
        if wanted == self.characters:
            return self
        if self.is_shipped:
            return _shipped(self.family, self.weight, wanted)
        return _cut_down(self.source, self.weight, wanted, check)


def shipped(name: str, bold: bool, characters: Collection[str] = ()) -> Font:
    """A font of the worker. The last ones stay in memory.

    name: one of SHIPPED.
    bold: of a font with several weights, whether the heavy one is taken.
    characters: those that the captions may have, beside BASE.
    """
    return _shipped(name, _weight(bold), BASE.union(characters))


@lru_cache(maxsize=16)
def _shipped(name: str, weight: int, characters: frozenset[str]) -> Font:
    package, file = SHIPPED[name]
    data = (resources.files(package) / "files" / file).read_bytes()
    return replace(_cut_down(data, weight, characters, never_cancelled, name), is_shipped=True)


def read(
    data: bytes, bold: bool, characters: Collection[str], check: CancelCheck = never_cancelled
) -> Font:
    """A client's font.

    data: the bytes of a TTF or OTF file.
    bold, characters: see `shipped`.
    check: called each 0.1 s; an exception from it ends the work.

    Raises FontRejected.
    """
    if data[:4] not in _MAGIC:
        raise FontRejected(f"{_kind(data)}; give the link to one TTF or OTF file")
    return _cut_down(data, _weight(bold), BASE.union(characters), check)


def _kind(data: bytes) -> str:
    for magic, kind in _UNREADABLE.items():
        if data.startswith(magic):
            return kind
    if data.lstrip()[:1] == b"<":
        return "the link leads to a web page and not to a font"
    return "the file is not a font"


def _weight(bold: bool) -> int:
    return _HEAVY if bold else _REGULAR


def _cut_down(
    data: bytes,
    weight: int,
    characters: frozenset[str],
    check: CancelCheck,
    name: str | None = None,
) -> Font:
    """Let a process of its own read the font; see `timing.subtitles.font_process.cut_down`."""
    request = {"characters": "".join(sorted(characters)), "weight": weight, "name": name}
    answer = _ask(json.dumps(request).encode() + b"\n" + data, check)
    line, _, file = answer.partition(b"\n")
    if not line:
        raise FontRejected(
            "the font is damaged, or takes too much time or memory to read; give another TTF or "
            "OTF file"
        )
    facts = json.loads(line)
    if "unusable" in facts:
        raise FontRejected(facts["unusable"])
    return Font(**facts, file=file, characters=characters, source=data, weight=weight)


def _ask(request: bytes, check: CancelCheck) -> bytes:
    """What the process answers; nothing if it ends or hangs over the font.

    Raises RuntimeError if it does not start.
    """
    # It needs nothing else of the environment, which has secrets.
    environment = {k: v for k, v in os.environ.items() if k == "LD_LIBRARY_PATH"}
    # A file and not a pipe: the process may end before it has read all of it.
    with os.fdopen(os.memfd_create("font"), "w+b") as file:
        file.write(request)
        file.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _START, str(Path(__file__).parents[2])],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
    with process:
        try:
            answer = _output(process, check)
        finally:
            process.kill()
    if not answer.startswith(_READY):
        raise RuntimeError("the process that reads fonts does not start")
    return answer.removeprefix(_READY) if process.returncode == 0 else b""


def _output(process: "subprocess.Popen[bytes]", check: CancelCheck) -> bytes:
    deadline = time.monotonic() + _FONT_S
    while True:
        check()
        try:
            return process.communicate(timeout=_POLL_S)[0]
        except subprocess.TimeoutExpired:
            if time.monotonic() > deadline:
                process.kill()
                return process.communicate()[0]
