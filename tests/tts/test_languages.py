"""Codes of languages as clients write them."""

import pytest

from tts.languages import LANGUAGES, code_for_name, language_code

USE = 'use "{}"'.format
GIVE = 'give a code such as "en", or leave language out'
NOT_CODES = [
    ("english", USE("en")),
    ("German", USE("de")),
    ("español", USE("es")),
    ("eng", USE("en")),
    ("auto", GIVE),
    ("xx", GIVE),
    ("", GIVE),
    ("en-", GIVE),
    ("en US", GIVE),
]


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


def test_a_name_has_its_code() -> None:
    assert code_for_name(" Norwegian Bokmål ") == "nb"
    assert code_for_name("日本語") == "ja"
    assert code_for_name("klingon") is None
