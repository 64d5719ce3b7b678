"""A number of any length is read, in every language; one that has no words is read in figures."""

import pytest

from tts.text import numbers
from tts.text.script import MAX_TOKEN_CHARS, read_script

LANGUAGES = sorted({*numbers.LANGUAGES, "xx"})
# Their scripts have no spaces between words, and their numbers none between the parts.
WITHOUT_SPACES = {"bo", "ja", "km", "ko", "lo", "my", "th", "zh"}
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
def test_a_long_number_and_a_half_keeps_its_figures(language: str) -> None:
    spoken = "".join(_spoken("9" * 309 + "½", language))
    nine = "".join(numbers.digits_in("9", language)) or "9"
    assert spoken.startswith((nine * 309, "9" * 309))


@pytest.mark.parametrize("language", LANGUAGES)
def test_digits_too_many_for_a_number_are_read_one_by_one(language: str) -> None:
    digits = "9" * (numbers.MAX_CARDINAL_DIGITS + 1)
    assert numbers.in_language(digits, language) == numbers.digits_in(digits, language)


@pytest.mark.parametrize(
    ("language", "one_to_three"), [("de", "eins zwei drei"), ("fr", "un deux trois")]
)
def test_a_half_changes_no_digit_before_it(language: str, one_to_three: str) -> None:
    spoken = _spoken("12345678901234123½", language)
    assert spoken[:17] == numbers.digits_in("12345678901234123", language)
    assert " ".join(spoken[14:17]) == one_to_three


@pytest.mark.parametrize("language", ["de", "fr"])
def test_groups_are_one_number(language: str) -> None:
    written = {"de": "1.234.000", "fr": "1 234 000"}[language]
    assert _spoken(written, language) == numbers.cardinal_in(1_234_000, language)


def test_a_fraction_of_a_number_with_commas_is_spoken() -> None:
    assert _spoken("1,000/10", "en") == ["one", "thousand", "ten"]


@pytest.mark.parametrize("language", sorted(numbers.LANGUAGES - WITHOUT_SPACES))
@pytest.mark.parametrize("digits", ["444444", "777777777777777", "888888888888888"])
def test_no_number_word_is_longer_than_a_token(language: str, digits: str) -> None:
    assert max(map(len, numbers.in_language(digits, language))) <= MAX_TOKEN_CHARS


@pytest.mark.parametrize(
    ("language", "digits", "spoken"),
    [
        ("de", "777555", "siebenhundertsiebenundsiebzigtausend fünfhundertfünfundfünfzig"),
        ("de", "123123", "einhundertdreiundzwanzigtausend einhundertdreiundzwanzig"),
        ("de", "21021", "einundzwanzigtausendeinundzwanzig"),
        ("it", "454445", "quattrocentocinquantaquattromila quattrocentoquarantacinque"),
        ("fi", "888001", "kahdeksansataa kahdeksankymmentäkahdeksantuhatta yksi"),
    ],
)
def test_a_long_word_is_cut_between_its_parts(language: str, digits: str, spoken: str) -> None:
    assert " ".join(numbers.in_language(digits, language)) == spoken
