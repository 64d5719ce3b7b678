"""Codes of languages as clients write them."""

import pytest

from tts.languages import (
    LANGUAGES,
    RULED,
    base_language,
    code_for_name,
    language_code,
    language_remedy,
    language_tag,
)
from tts.text.multilingual import languages

THOSE = "give one such as en, ar, cs, da, de, "


def test_every_code_is_known() -> None:
    assert len(LANGUAGES) == 184
    assert all(len(code) == 2 and code.islower() and name for code, name in LANGUAGES.items())
    assert LANGUAGES["cu"] == "Church Slavic"


@pytest.mark.parametrize(
    ("raw", "code"),
    [("en", "en"), (" EN ", "en"), ("en_GB", "en"), ("pt-BR", "pt"), ("zh-Hans-CN", "zh"),
     ("iw", "iw"), ("xx", None), ("xx-US", None), ("e", None), ("en-ü", None), ("en" * 50, None)],
)  # fmt: skip
def test_a_tag_is_cut_to_its_language(raw: str, code: str | None) -> None:
    assert language_code(raw) == code


@pytest.mark.parametrize(
    ("raw", "tag"),
    [("en", "en"), (" PT_br ", "pt-BR"), ("zh-Hant-TW", "zh-TW"), ("zh-Hans", "zh"),
     ("es-419", "es-419"), ("de-1901", "de"), ("de-CH-1901", "de-CH"), ("sl-rozaj-IT", "sl-IT"),
     ("en-u-ca-gregory", "en"), ("en-x-us", "en"), ("en-GB-u-nu-latn", "en-GB"),
     ("English", "en"), ("deutsch", "de"), ("JPN", "ja"), ("kr", "kr"), ("cantonese", None),
     ("yue", None), ("en-", None), ("xx-US", None)],
)  # fmt: skip
def test_a_tag_keeps_its_region(raw: str, tag: str | None) -> None:
    assert language_tag(raw) == tag
    assert tag is None or base_language(tag) == language_code(raw)


def test_a_name_has_its_code() -> None:
    assert code_for_name(" Norwegian Bokmål ") == "nb"
    assert code_for_name("日本語") == "ja"
    assert code_for_name("klingon") is None


def test_the_languages_that_errors_list_are_those_with_rules_of_their_own() -> None:
    assert sorted(RULED) == sorted({"en", *languages.RULED})


@pytest.mark.parametrize(
    ("raw", "remedy"),
    [("xx", THOSE), ("", THOSE), ("en US", THOSE), ("klingon", THOSE), ("x" * 10_000, THOSE),
     ("yue", 'use "zh"'), ("germn", 'did you mean "de" (German)?'),
     ("portugese", 'did you mean "pt" (Portuguese)?')],
)  # fmt: skip
def test_the_error_about_a_language_says_what_to_give(raw: str, remedy: str) -> None:
    assert language_tag(raw) is None
    assert language_remedy(raw).startswith(remedy)
