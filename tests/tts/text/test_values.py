"""What is said, read back, is the value that was written, in every language with numbers."""

import random
from collections import Counter

import pytest

from tests.support.number_reader import FEW, MAX_DIGITS, read_digits, read_number
from tts.text import number_tables, numbers
from tts.text.cldr import decimal_mark
from tts.text.script import read_script

# Their numbers are read back by tests/support/number_reader.py.
READ_BACK = [
    "af", "am", "ar", "be", "bg", "bn", "bs", "ca", "cs", "da", "de", "el", "es", "et", "eu",
    "fa", "fi", "fr", "fr-BE", "fr-CH", "he", "hi", "hr", "hu", "id", "is", "it", "ja", "kk",
    "ko", "lt", "lv", "mn", "mr", "ms", "nb", "nl", "no", "pl", "pt", "pt-BR", "ro", "ru", "sk",
    "sl", "sq", "sr", "sr-Latn", "sv", "sw", "ta", "th", "tr", "uk", "vi", "zh",
]  # fmt: skip
# Their words are only compared with each other.
ALL = sorted({*numbers.LANGUAGES, *READ_BACK})
# Dates, clocks and sums of money are only compared with each other.
WITH_RULES = ["ar", "cs", "da", "de", "el", "en", "es", "fr", "hi", "hu", "it", "ja", "ko", "nl"]
WITH_RULES += ["no", "pl", "pt", "ru", "sv", "tr", "uk", "vi", "zh"]
# What stands for a value: {h} hours, {m} minutes, {d} day, {o} month, {y} year, {n} an amount.
SHAPES = ["{h}:{m:02}", "{d:02}.{o:02}.{y}", "{d:02}/{o:02}/{y}", "{y}-{o:02}-{d:02}"]
SHAPES += ["{n} €", "${n}", "{n} km", "-{n} °C", "{n} %"]
RUSSIAN_SHARES = {"десят": 1, "сот": 2, "тысячн": 3}


def _max_digits(language: str) -> int:
    most = number_tables.MAX_DIGITS.get(language[:2], numbers.MAX_CARDINAL_DIGITS)
    return min(most, MAX_DIGITS.get(language, most))


def _values(language: str) -> list[int]:
    """Numbers of each length, round ones and their neighbours, the same ones in every run."""
    draw = random.Random(language)
    most = _max_digits(language)
    values = [draw.randrange(10 ** (size - 1), 10**size) for size in range(1, 10) for _ in range(8)]
    values += [10**size + more for size in range(2, 9) for more in (-1, 0, 1, 10, 100)]
    values += [few * 10**6 + more for few in FEW for more in (0, 7, 7000, 12_012)]
    values += [
        draw.choice(FEW) * 10**12 + draw.choice((0, *FEW)) * 10**9 + draw.randrange(10**size)
        for size in range(1, 9)
    ]
    values += [draw.choice(FEW) * 10**9 + 7 * 10**6 + draw.randrange(10**6) for _ in range(4)]
    if language in ("ja", "ko", "zh"):
        values = [value for value in values if value < 10**8]
    return [value for value in values if len(str(value)) <= most]


@pytest.mark.parametrize("language", READ_BACK)
def test_a_cardinal_reads_back_as_its_value(language: str) -> None:
    for value in _values(language):
        words = numbers.cardinal_in(value, language)
        assert read_number(words, language) == {value}, words


@pytest.mark.parametrize("language", ALL)
def test_no_two_cardinals_have_the_same_words(language: str) -> None:
    draw = random.Random(language)
    values = {*range(1101)}
    for size in range(4, 17):
        for _ in range(6):
            text = str(draw.randrange(10 ** (size - 1), 10**size))
            # Zeros that are lost, digits that change places, another scale.
            values |= {int(text), int(text[:2] + "0" + text[3:]), int(text[0] + text[2:])}
            values |= {int(text[1] + text[0] + text[2:]), int(text[0]) * 10 ** (size - 1)}
            values |= {int(text[0] + "0" * (size - 2) + text[-1]), int(text[0] + text)}
    spoken = Counter("".join(numbers.cardinal_in(value, language)) for value in values)
    assert [words for words, count in spoken.items() if count > 1 or not words] == []


@pytest.mark.parametrize("language", sorted(set(ALL) - {"ru"}))
def test_signs_zeros_and_fractions_read_back_as_they_were_written(language: str) -> None:
    comma, minus = number_tables.MARKS[language[:2]]
    draw = random.Random(language)
    for _ in range(12):
        whole = str(draw.choice((0, 0, 7, draw.randrange(1000))))
        fraction = str(draw.randrange(1000)).zfill(draw.choice((1, 3, 5)))
        words = numbers.in_language(f"-{whole}.{fraction}", language)
        if not comma or not minus:
            assert words == []
            continue
        marks = len(minus.split())
        assert words[:marks] == minus.split()
        assert comma in words
        place = len(words) - words[::-1].index(comma) - 1
        assert words[marks:place] == numbers.cardinal_in(int(whole), language)
        assert read_digits(words[place + 1 :], language) == fraction


def test_a_russian_fraction_reads_back_as_its_value() -> None:
    for hundredths in range(1, 400):
        whole, fraction = str(hundredths // 100), str(hundredths % 100).zfill(2)
        words = numbers.in_language(f"-{whole}.{fraction}", "ru")
        place = next(index for index, word in enumerate(words) if word.startswith("цел"))
        said_whole = [{"одна": "один", "две": "два"}.get(word, word) for word in words[1:place]]
        said = [{"одна": "один", "две": "два"}.get(word, word) for word in words[place + 1 : -1]]
        size = next(size for stem, size in RUSSIAN_SHARES.items() if words[-1].startswith(stem))
        assert words[0] == "минус"
        assert read_number(said_whole, "ru") == {int(whole)}
        assert read_number(said, "ru") == {int(fraction) * 10**size // 100}


@pytest.mark.parametrize("language", ALL)
def test_figures_that_are_no_quantity_read_back_one_by_one(language: str) -> None:
    draw = random.Random(language)
    for digits in ("007", "00", "0" + str(draw.randrange(10**6)), str(draw.randrange(10**20))):
        digits = digits if digits[0] == "0" else digits.zfill(20)
        assert read_digits(numbers.in_language(digits, language), language) == digits


@pytest.mark.parametrize("language", ALL)
def test_no_two_years_and_no_two_ordinals_have_the_same_words(language: str) -> None:
    years = Counter(" ".join(numbers.year_in(year, language)) for year in range(900, 2101))
    assert [words for words, count in years.items() if count > 1 or not words] == []
    ordinals = Counter(" ".join(numbers.ordinal_in(value, language)) for value in range(1, 1000))
    assert [words for words, count in ordinals.items() if count > 1 and words] == []


@pytest.mark.parametrize("language", ALL)
def test_no_words_are_english_or_figures(language: str) -> None:
    words = {word for value in range(100) for word in numbers.cardinal_in(value, language)}
    words |= {*numbers.in_language("-5.50", language)}
    assert not any(character.isdecimal() for word in words for character in word)
    english = {"one", "two", "three", "four", "five", "seven", "eight", "nine", "ten", "point"}
    assert language == "en" or not words & english


@pytest.mark.parametrize("language", sorted(numbers.LANGUAGES & set(READ_BACK)))
def test_a_script_says_the_number_that_is_written(language: str) -> None:
    mark = _decimal_mark(language)
    draw = random.Random(language)
    for _ in range(6):
        # Four figures may be a year, and three after a mark thousands.
        whole, fraction = draw.randrange(10**5, 10**7), str(draw.randrange(10)) + draw.choice("05")
        for written, number in (
            (f"{whole}", f"{whole}"),
            (f"-{whole}", f"-{whole}"),
            (f"0{whole}", f"0{whole}"),
            (f"-0{mark}0{fraction[0]}", f"-0.0{fraction[0]}"),
            (f"{whole % 100}{mark}{fraction[0]}", f"{whole % 100}.{fraction[0]}"),
        ):
            words = numbers.in_language(number, language)
            said = _said(written, language)
            # Portuguese says "e" before some of the smaller parts, and may leave it out.
            assert not words or _plain(said, language) == _plain("".join(words), language)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("language", WITH_RULES)
def test_no_two_values_are_said_alike(shape: str, language: str) -> None:
    draw = random.Random(shape)
    mark = _decimal_mark(language)
    written: set[str] = set()
    for _ in range(30):
        amount = f"{draw.choice((0, 1, 2, 5, 12, 21, 100, 345))}{mark}{draw.randrange(100):02}"
        clock = {"h": draw.randrange(24), "m": draw.choice((0, 1, 5, 10, 15, 30, 45, 50, 59))}
        day = {"d": draw.randrange(1, 29), "o": draw.randrange(1, 13)}
        year = draw.choice((1850, 1900, 1905, 1950, 1999, 2000, 2001, 2010, 2024))
        written.add(shape.format(n=amount, y=year, **clock, **day))
    assert len({_said(text, language) for text in written}) == len(written)


def _decimal_mark(language: str) -> str:
    mark = decimal_mark(language)
    return mark if mark in ",." else "."


def _plain(said: str, language: str) -> str:
    return said.replace("-", "").replace("e" if language == "pt" else " ", "")


def _said(written: str, language: str) -> str:
    """What is said for a text, without spaces and hyphens."""
    spoken = "".join(token.spoken for token in read_script(written, language).tokens)
    return spoken.replace("-", "")
