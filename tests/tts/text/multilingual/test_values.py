"""No value is lost: what is said of two different numbers, dates, clocks or sums is different."""

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta

import pytest

from tts.text.multilingual.languages import RULED
from tts.text.script import read_script

SEED = 20_261_128
COUNT = 150
BY_COMMA = {
    "ar", "cs", "da", "de", "el", "es", "fi", "fr", "hr", "hu", "it", "nl", "no", "pl", "pt", "ru",
    "sv", "tr", "uk", "vi",
}  # fmt: skip
"""The languages that write a comma before a fraction; the others write a period."""


def said(text: str, language: str) -> str:
    return " ".join(token.spoken for token in read_script(text, language).tokens)


def numbers(language: str, pick: random.Random) -> Iterable[str]:
    mark = "," if language in BY_COMMA else "."
    for _ in range(COUNT):
        size = pick.randrange(1, 13)
        yield str(pick.randrange(10**size))
        yield f"-{pick.randrange(1, 10**size)}"
        yield f"{pick.randrange(100)}{mark}{pick.randrange(100):02}"
        yield f"-0{mark}{pick.randrange(1, 1000):03}"


def dates(language: str, pick: random.Random) -> Iterable[str]:
    for _ in range(COUNT):
        day = date(1900, 1, 1) + timedelta(pick.randrange(50_000))
        yield day.isoformat()


def clocks(language: str, pick: random.Random) -> Iterable[str]:
    yield from (f"{hour}:{minute:02}" for hour in range(1, 24) for minute in range(1, 60, 7))


def sums(language: str, pick: random.Random) -> Iterable[str]:
    mark = "," if language in BY_COMMA else "."
    for _ in range(COUNT):
        yield f"{pick.randrange(1, 2000)}{mark}{pick.randrange(100):02} €"
        yield f"{pick.randrange(1, 2000)} €"


@pytest.mark.parametrize("language", sorted(RULED))
@pytest.mark.parametrize("kind", [numbers, dates, clocks, sums])
def test_two_values_are_never_said_alike(
    language: str, kind: Callable[[str, random.Random], Iterable[str]]
) -> None:
    by_speech: dict[str, str] = {}
    clashes = []
    for written in set(kind(language, random.Random(SEED))):
        value = written.lstrip("0") or "0"
        other = by_speech.setdefault(said(written, language), value)
        if not same_value(other, value):
            clashes.append((other, value))
    assert clashes == []


def same_value(one: str, other: str) -> bool:
    """Whether two texts are one value: 5,00 € is 5 €."""
    return one.replace(",00 €", " €").replace(".00 €", " €") == other.replace(
        ",00 €", " €"
    ).replace(".00 €", " €")


@pytest.mark.parametrize("language", sorted(RULED))
def test_no_figure_is_left_and_none_is_dropped(language: str) -> None:
    for written in numbers(language, random.Random(SEED)):
        spoken = said(written, language)
        assert spoken, written
        assert not any(map(str.isdecimal, spoken)), (written, spoken)
