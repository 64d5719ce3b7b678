"""What a benchmark prints: rows with their bars, as a table, and its section of RESULTS.md."""

import os
import platform
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
TITLE = """\
# Results

Written by `scripts/bench <name> --write`, one section a benchmark. Ratios are ours / upstream, both
measured in the same run; below 1 is less time or memory than upstream.
"""


@dataclass(frozen=True)
class Row:
    """One number and its bar. Each side is what every run gave, in `unit`; their medians count.

    A bar is on the ratio ours / upstream, or, where there is no upstream, on ours; it is the most
    that is good, `least` the least.
    """

    what: str
    ours: Sequence[float]
    upstream: Sequence[float]
    unit: str
    digits: int
    bar: float | None = None
    stretch: float | None = None
    least: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours / upstream; None where upstream has no such number."""
        return median(self.ours) / median(self.upstream) if self.upstream else None

    @property
    def judged(self) -> float:
        """What the bar is about."""
        return median(self.ours) if self.ratio is None else self.ratio


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table, its columns aligned for a terminal."""
    head = ("what", "ours", "upstream", "ratio", "bar", "")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    padded = [
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([padded[0], rule, *padded[1:]])


def _cells(row: Row) -> tuple[str, ...]:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    bar = verdict = ""
    if row.bar is not None:
        bar = f"at most {row.bar:g}" + (f" {row.unit}".rstrip() if row.ratio is None else "")
        verdict = "met" if row.judged <= row.bar else "not met"
    if row.least is not None:
        bar = f"at least {row.least:g}"
        verdict = "met" if row.judged >= row.least else "not met"
    if row.stretch is not None:
        bar += f", stretch {row.stretch:g}"
        verdict += ", stretch met" if row.judged <= row.stretch else ""
    sides = (_side(values, row.unit, row.digits) for values in (row.ours, row.upstream))
    return (row.what, *sides, ratio, bar, verdict)


def _side(values: Sequence[float], unit: str, digits: int) -> str:
    """The median, with the lowest and the highest where there were several runs."""
    if not values:
        return ""
    text = f"{median(values):.{digits}f} {unit}".rstrip()
    if len(values) > 1:
        text += f" ({min(values):.{digits}f} to {max(values):.{digits}f})"
    return text


def section(title: str, machine: str, rows: Sequence[Row], notes: Sequence[str]) -> str:
    """One benchmark's part of RESULTS.md, from its heading on."""
    parts = [f"## {title}", machine, table(rows), "\n".join(f"- {note}" for note in notes)]
    return "\n\n".join(part for part in parts if part) + "\n"


def with_section(document: str, new: str) -> str:
    """The document with this section in place of the one of the same heading, or at its end."""
    heading = new.splitlines()[0]
    parts = re.split(r"^(?=## )", document or TITLE, flags=re.MULTILINE)
    kept = [part.rstrip() + "\n" for part in parts if part.strip()]
    places = [i for i, part in enumerate(kept) if part.splitlines()[0] == heading]
    for place in places[:1]:
        kept[place] = new
    return "\n".join(kept if places else [*kept, new])


def publish(text: str, write: bool) -> None:
    """Print a section and, if asked, put it into RESULTS.md."""
    print(text, flush=True)
    if write:
        document = RESULTS.read_text() if RESULTS.exists() else ""
        RESULTS.write_text(with_section(document, text))
        print(f"written to {RESULTS}")


def machine() -> str:
    """Where and when: processor, cores, memory, torch, date, and how busy the machine was."""
    cores = len(os.sched_getaffinity(0))
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_processor()}, {cores} cores, {memory_gb:.0f} GB, {platform.system()}; "
        f"Python {platform.python_version()}, torch {version('torch')}; "
        f"{time.strftime('%Y-%m-%d')}, load average {os.getloadavg()[0]:.1f} before the run."
    )


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()
