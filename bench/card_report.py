"""The results of `scripts/bench card`: files of bench/card/, and their section of RESULTS.md."""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "card"
"""One file for each card and day."""

HEADING = "## On a GPU"


@dataclass
class CardResult:
    """What one run found.

    card: its name. machine: its facts, the versions, the day and the weights, in words.
    parts: the numbers of each part, each one (what, value, unit).
    failed: why a part has no numbers.
    """

    card: str
    machine: str
    parts: dict[str, Sequence[tuple[str, float, str]]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def save(result: CardResult, path: Path) -> None:
    """Write a result, in place of the one of the same card and day."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dataclasses.asdict(result), indent=1) + "\n")


def section(folder: Path = FOLDER) -> str:
    """The section of RESULTS.md: all results of a folder, or that nothing was measured."""
    files = sorted(folder.glob("*.json"))
    if not files:
        return (
            f"{HEADING}\n\nNot measured: no card was at hand. `scripts/bench card --write` on a "
            "machine with one fills this section.\n"
        )
    shown = [_shown(json.loads(path.read_text())) for path in files]
    return "\n\n".join([HEADING, *shown]) + "\n"


def _shown(result: dict[str, Any]) -> str:
    """One result: the card, its facts, a table, and the parts that failed."""
    rows = [
        f"| {part} | {what} | {_number(value)} {unit}".rstrip() + " |"
        for part, numbers in result["parts"].items()
        for what, value, unit in numbers
    ]
    table = "\n".join(["| part | what | result |", "|---|---|---|", *rows])
    failed = [f"- {part} failed: {reason}" for part, reason in result["failed"].items()]
    return "\n\n".join([f"### {result['card']}", result["machine"] + ".", table, *failed])


def _number(value: float) -> str:
    """Three digits that count; whole numbers from 100 on."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
