"""The files of the languages: what they name exists, and every rule can apply."""

import random
import re
from decimal import Decimal

import pytest

from tts.text import cldr
from tts.text.multilingual import languages, rules
from tts.text.multilingual.languages import RULED, load

BUILT_IN_FORMS = {"ordinal", "year", "digits", "month", "cardinal", "counting"}
CATEGORIES = {"zero", "one", "two", "few", "many", "other"}
COUNTED = {"unit", "currency", "minor", "money"}
WORDS = ("minus", "plus", "times", "divided", "equals", "less", "greater", "and", "to")
SPACED = [f"1{space}1" for space in " \u00a0\u202f"]
FIRST_RANK = {"de", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "zh"}


@pytest.mark.parametrize("tag", sorted(RULED))
def test_every_form_that_a_rule_names_exists(tag: str) -> None:
    language = load(tag)
    parts = [part for rule in rules.grammar(tag).rules for part in rule.spoken]
    named = {form for part in parts if part.kind not in COUNTED for form in part.forms}
    assert {form for part in parts if part.kind in COUNTED for form in part.forms} <= CATEGORIES
    assert named - BUILT_IN_FORMS - language.forms.keys() == set()
    assert set(language.genders.values()) - BUILT_IN_FORMS - language.forms.keys() == set()


@pytest.mark.parametrize("tag", sorted(RULED))
def test_every_field_that_is_said_is_one_that_is_written(tag: str) -> None:
    said = {
        part.field: rule.pattern.pattern
        for rule in rules.grammar(tag).rules
        for part in rule.spoken
        if part.field and part.field != "money"
    }
    assert [field for field, written in said.items() if f"(?P<{field}>" not in written] == []


@pytest.mark.parametrize("tag", sorted(RULED))
def test_no_rule_names_a_list_that_does_not_exist(tag: str) -> None:
    assert [
        rule.pattern.pattern for rule in rules.grammar(tag).rules if "(?!)" in rule.pattern.pattern
    ] == []


@pytest.mark.parametrize("tag", sorted(RULED))
def test_every_unit_and_currency_has_a_name(tag: str) -> None:
    language = load(tag)
    units = set(language.units.values()) - language.names.keys()
    nameless = {unit for unit in units if cldr.unit_words(unit, Decimal(5), tag) is None}
    assert nameless <= {"concentr-percent", "concentr-permille", "temperature-kelvin"}
    assert all(names["other"] for names in language.names.values())
    counted = {name for names in language.names.values() for name in names}
    assert counted <= CATEGORIES


@pytest.mark.parametrize("tag", sorted(FIRST_RANK))
def test_a_language_of_the_first_rank_has_all_words_of_signs(tag: str) -> None:
    assert [word for word in WORDS if word not in load(tag).words] == []


def test_the_files_are_named_by_codes_of_languages() -> None:
    assert FIRST_RANK <= RULED
    assert [code for code in RULED if not re.fullmatch("[a-z]{2}", code)] == []
    assert "en" not in RULED


def test_a_region_counts() -> None:
    assert load("es-MX").tag == "es-MX"
    assert languages.load("xx").rules == languages.load("am").rules


def test_a_region_adds_to_what_its_language_says() -> None:
    assert load("pt").names["EUR-minor"]["other"] == "centavos"
    assert load("pt-PT").names["EUR-minor"]["other"] == "cêntimos"
    assert load("pt-PT").names["EUR"] == load("pt").names["EUR"]


def test_a_sign_with_an_empty_name_is_no_unit() -> None:
    units = load("it").units
    assert "ma" not in units
    assert "mA" in units


@pytest.mark.parametrize("tag", sorted(RULED))
def test_no_rule_is_left_out_for_the_characters_that_begin_a_text(tag: str) -> None:
    grammar, pick = rules.grammar(tag), random.Random(1)
    others = [chr(pick.randrange(0x80, 0x2FFFF)) for _ in range(300)]
    after_figures = [
        pick.choice("0123456789-$%(½") + pick.choice(" .-,:/1") + one for one in others
    ]
    for text in [*others, *after_figures, *("1" + one for one in others), *SPACED]:
        begins = [rule for rule in grammar.rules if rule.beginning.match(text, partial=True)]
        assert [*grammar.rules_at(text, 0)] == begins, text
