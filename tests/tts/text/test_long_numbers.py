"""A number of any length is read, in every language; one that has no words is read in figures."""

import pytest
from num2words import CONVERTER_CLASSES

from tts.text.script import read_script

LANGUAGES = sorted({*(code[:2] for code in CONVERTER_CLASSES), "el", "hi", "xx", "zh"})
# More digits than `int` takes from a text.
LONG = "9" * 4400
FORMS = [
    *("N½", "N⅓", "N/10", "N/7", "1/N", "N.N", "N,N", "N.", "Nth", "N%", "-N", "$N", "N €"),
    *("€N.50", "vN.N", "N:00", "Nh30", "1eN", "NxN", "N km", "N-N", "2^N", "#N", "N°C"),
    *("Nk", "N年", "0N"),
]  # fmt: skip


def _spoken(text: str, language: str) -> list[str]:
    return [token.spoken for token in read_script(text, language).tokens]


@pytest.mark.parametrize("form", FORMS)
def test_a_number_of_thousands_of_digits_is_spoken(form: str) -> None:
    assert all(_spoken(form.replace("N", LONG), language) for language in ("en", "de", "fr", "zh"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_number_and_a_half_is_no_error(language: str) -> None:
    spoken = "".join(_spoken("9" * 309 + "½", language))
    assert spoken.startswith(("9" * 309, "九" * 309, "nine" * 309))


@pytest.mark.parametrize(
    ("language", "spoken"),
    [
        ("de", ["12345678901234567,5"]),
        ("hi", ["12345678901234567.5"]),
        ("fr", ["12345678901234567,5"]),
    ],
)
def test_a_half_changes_no_digit_before_it(language: str, spoken: list[str]) -> None:
    assert _spoken("12345678901234567½", language) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("007½", ["sieben", "Komma", "fünf"]),
        ("½", ["null", "Komma", "fünf"]),
        ("100.100.1.100", ["einhundert", "einhundert", "eins", "einhundert"]),
        ("1.234.000", ["eine", "Million", "zweihundertvierunddreißigtausend"]),
    ],
)
def test_groups_and_halves_in_german(written: str, spoken: list[str]) -> None:
    assert _spoken(written, "de") == spoken


def test_a_fraction_of_a_number_with_commas_is_spoken() -> None:
    assert _spoken("1,000/10", "en") == ["one", "thousand", "ten"]
