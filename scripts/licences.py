#!/usr/bin/env python3
"""Writes the table of all packages of the worker and their licences into THIRD_PARTY.md.

scripts/licences.py             writes the table; --check compares it

Run it with the Python of the environment `dev`, after a change of the locks.

The licence is what the package's own metadata says.
"""

import re
import sys
from importlib.metadata import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "THIRD_PARTY.md"
LOCK = ROOT / "requirements" / "worker.txt"
HEADING = "## Every package of the worker\n"
NOT_STATED = "not stated; see the package's own pages"

LOCKED = re.compile(r"^([\w.-]+)==", re.MULTILINE)


def packages() -> list[str]:
    """The names of the worker's lock, in its order."""
    return LOCKED.findall(LOCK.read_text())


def licence(package: str) -> str:
    """What an installed package's metadata says: an SPDX expression, else its classifiers."""
    facts = metadata(package)
    classifiers = [
        line.rpartition("::")[2].strip()
        for line in facts.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    named = "".join(facts.get_all("License") or []).strip().splitlines()
    expression = "".join(facts.get_all("License-Expression") or [])
    return expression or "; ".join(classifiers) or "".join(named[:1]) or NOT_STATED


def section() -> str:
    """The heading, what the table is, and a row for each licence."""
    by_licence: dict[str, list[str]] = {}
    for package in packages():
        by_licence.setdefault(licence(package), []).append(package)
    rows = [
        f"| {name} | {', '.join(f'`{package}`' for package in found)} |"
        for name, found in sorted(by_licence.items(), key=lambda row: (-len(row[1]), row[0]))
    ]
    count = sum(map(len, by_licence.values()))
    text = f"`scripts/licences.py` writes this table: the {count} packages of "
    text += "`requirements/worker.txt`, by the words of their own metadata.\n\n"
    text += "| licence | packages |\n|---|---|\n"
    return f"{HEADING}\n{text}" + "\n".join(rows) + "\n"


if __name__ == "__main__":
    wanted = PAGE.read_text().partition(HEADING)[0] + section()
    if sys.argv[1:] != ["--check"]:
        PAGE.write_text(wanted)
    elif PAGE.read_text() != wanted:
        sys.exit("THIRD_PARTY.md has another table than the packages: run scripts/licences.py")
