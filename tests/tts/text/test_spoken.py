"""What the voice speaks for what is written: every row of the tables in tests/data/spoken."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.support.spoken_rows import (
    SPOKEN_FOLDER,
    SpokenRow,
    TableInvalid,
    all_rows,
    read_table,
    spoken_text,
)
from tts.text.script import read_script

ROWS = all_rows()


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.place} {row.written}" for row in ROWS])
@pytest.mark.timeout(20)
def test_spoken(row: SpokenRow) -> None:
    assert spoken_text(read_script(row.written, row.language)) == row.spoken


def test_no_text_of_a_language_has_two_rows() -> None:
    counts = Counter((row.language, row.written) for row in ROWS)
    assert [text for text, count in counts.items() if count > 1] == []


def test_the_readme_explains_every_class() -> None:
    table = re.findall(r"^\| ([a-z, ]+) \|", (SPOKEN_FOLDER / "README.md").read_text(), re.M)
    classes = {path.stem for path in SPOKEN_FOLDER.glob("*/*.tsv")}
    assert sorted(", ".join(table[1:]).split(", ")) == sorted(classes)


# These readings are wrong today: what is asserted is only that no number is dropped.
INCOMPLETE = [
    # No decimal mark is spoken.
    ("it", "0.000001", ["zero"] * 6 + ["uno"]),
]


@pytest.mark.parametrize(("language", "written", "numbers"), INCOMPLETE)
@pytest.mark.timeout(20)
def test_no_number_is_dropped(language: str, written: str, numbers: list[str]) -> None:
    tokens = [token.spoken for token in read_script(written, language).tokens]
    remaining = iter(tokens)
    # Consumes the tokens up to each number: the numbers are there, and in this order.
    assert all(number in remaining for number in numbers), tokens


def test_the_escapes_of_a_table(tmp_path: Path) -> None:
    table = tmp_path / "en/cardinal.tsv"
    table.parent.mkdir()
    table.write_text("written\tspoken\n# Comment\n\\#a\\n\\t\\\\n\\u00a0b\ta # b\n")
    assert list(read_table(table)) == [
        SpokenRow("en/cardinal.tsv:3", "en", "#a\n\t\\n\u00a0b", "a # b")
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("a\tb\n", "wants 'written"),
        ("written\tspoken\na\tb", "a line break at its end"),
        ("written\tspoken\n\na\tb\n", "cardinal.tsv:2: a row has one tab"),
        ("written\tspoken\na\tb\tc\n", "cardinal.tsv:2: a row has one tab"),
        ("written\tspoken\n#winning\thashtag winning\n", "a comment none"),
        ("written\tspoken\na\u00a0b\ta b\n", "characters that are not seen must be escapes"),
        ("written\tspoken\na\\x\tb\n", r"no such escape: '\\x'"),
        ("written\tspoken\na\\u00\tb\n", r"no such escape: '\\u'"),
        ("written\tspoken\na\tb\\\n", r"no such escape: '\\'"),
    ],
)
def test_a_table_in_which_a_row_would_be_lost(tmp_path: Path, content: str, problem: str) -> None:
    table = tmp_path / "cardinal.tsv"
    table.write_text(content)
    with pytest.raises(TableInvalid, match=re.escape(problem)):
        list(read_table(table))
