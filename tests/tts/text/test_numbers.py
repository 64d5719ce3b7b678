"""Numbers in words: the rows of tests/data/number_words.tsv, and how languages are named.

A row is a language or a tag, a kind, a number and its words, with tabs between; the words are empty
if the language has none.
"""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from tts.text import numbers

with Path("tests/data/number_words.tsv").open(encoding="utf-8") as table:
    ROWS = list(csv.DictReader(table, delimiter="\t"))
SAY: dict[str, Callable[[str, str], list[str]]] = {
    "cardinal": lambda number, language: numbers.cardinal_in(int(number), language),
    "number": numbers.in_language,
    "ordinal": lambda number, language: numbers.ordinal_in(int(number), language),
    "year": lambda number, language: numbers.year_in(int(number), language),
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['language']} {row['number']}")
def test_a_number_has_the_words_of_its_language(row: dict[str, str]) -> None:
    assert " ".join(SAY[row["kind"]](row["number"], row["language"])) == row["spoken"]


@pytest.mark.parametrize("tag", ["pt-BR", "pt_BR", "PT-br"])
def test_a_tag_may_be_written_in_any_way(tag: str) -> None:
    assert numbers.cardinal_in(17, tag) == ["dezessete"]


@pytest.mark.parametrize("tag", ["de-AT", "de_CH", "de-Latn-DE", "DE"])
def test_a_region_without_numbers_of_its_own_has_those_of_the_language(tag: str) -> None:
    assert numbers.in_language("-2.5", tag) == numbers.in_language("-2.5", "de")


@pytest.mark.parametrize("language", ["xx", "", "ga", "fil", "deu"])
def test_an_unknown_language_has_no_words(language: str) -> None:
    assert not numbers.in_language("5", language)
    assert not numbers.cardinal_in(5, language)
    assert not numbers.ordinal_in(5, language)
    assert not numbers.year_in(1950, language)
    assert not numbers.digits_in("50", language)


def test_an_ordinal_over_the_last_has_no_words() -> None:
    assert numbers.ordinal_in(numbers.MAX_ORDINAL, "de")
    assert not numbers.ordinal_in(numbers.MAX_ORDINAL + 1, "de")
