"""What a client is told of a script: signs that nobody hears, and what looks like a tag."""

from collections.abc import Mapping

import pytest

from tests.support.spoken_rows import all_rows
from tts.text.script import read_markup
from tts.text.script_warnings import script_warnings
from tts.text.tags import extract_tags


def warn(
    text: str,
    language: str = "en",
    normalize: bool = True,
    spoken: Mapping[str, str] | None = None,
) -> list[str]:
    markup = extract_tags(text)
    script = read_markup(markup, language, normalize, spoken)
    return script_warnings(markup, script, language, normalize, spoken)


@pytest.mark.parametrize(
    ("language", "text", "signs", "words"),
    [
        ("en", "the product ⊗ of 5 ¤", "⊗, ¤", "⊗, ¤"),
        ("de", "C♯ und 5₸, C++ und 5 ‰", "♯, ₸, +", "C♯, 5₸, C++"),
        ("xx", "2+2=4 и A & B", "+, =, &", "2+2=4, &"),
        ("zh", "我有50%和5₸", "₸", "我有50%和5₸"),
        ("xx", "5% and $5 and 3+4", "+", "3+4"),
        ("de", "a ∑ b ∏ c ∫ d ∂ e", "∑, ∏, ∫ and 1 more", "∑, ∏, ∫ and 1 more"),
        ("fr", "5&times;&there4;", "×, ∴", "5&times;&there4;"),
    ],
)
def test_a_sign_that_is_not_said_is_named(language: str, text: str, signs: str, words: str) -> None:
    said = [warning for warning in warn(text, language) if "does not say" in warning]
    assert said == [
        f"the voice does not say {signs} (in {words}); write words instead, or use pronunciations"
    ]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "5 > 3, x < y, 5‰, a→b, C♯, R$ 50, 20%, AT&T, C#, 5°C, I <3 you, @you, $5 million"),
        ("en", "=====\n+ Milk\n→ Eggs\n> quoted\n| a | b |, ~5, ~~no~~, *b*, Open File > Save →"),
        ("en", "home > settings > about. Read more ->\n-> Milk. Steps: => one"),
        ("en", "<b>bold</b> <Q> ™ ® 😀 :D #tag 1–5 − no −"),
        ("de", "5 € und 20 % und 5 + 3 = 8, Müller & Söhne, 5‰, $5"),
        ("ja", "50%と$5"),
        ("de", "-5 Grad, (−3) und 1-5, A-5 und am 3.-5. Mai"),
        ("en", "It was -5, −6 or (-7): 555-1234, 2020-2024, -$3 and pages 5-7."),
    ],
)
def test_a_sign_that_is_said_or_draws_is_not_named(language: str, text: str) -> None:
    assert warn(text, language) == []


def test_numbers_that_no_rule_knows_are_named_with_their_signs() -> None:
    assert warn("Kwa -7, 4.05 na 1999.", "xx") == [
        "numbers stay figures in language 'xx' (-7, 4.05, 1999); write them as words, or give them "
        "pronunciations"
    ]
    (warning,) = warn("Kwa 12.", "xx-KE")
    assert "in language 'xx-KE' (12)" in warning


def test_a_minus_that_is_not_said_is_named() -> None:
    spoken = {"-7": "seven", "−8": "minus eight", "5-7": "five seven"}
    assert warn("Now -7, -7 or (−8), then 5-7.", spoken=spoken) == [
        "the voice does not say - (in -7); write words instead, or use pronunciations"
    ]


def test_a_pronunciation_says_a_sign() -> None:
    assert len(warn("5 ⊗ 6")) == 1
    assert warn("5 ⊗ 6", spoken={"⊗": "times"}) == []
    assert warn("5 ⊗ 6", normalize=False) == []


def test_every_sign_of_the_english_tables_is_said() -> None:
    rows = [row for row in all_rows() if row.language == "en"]
    unsaid = [row.written for row in rows if any("does not say" in s for s in warn(row.written))]
    assert unsaid == []


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("[laughs] {happy} (whispering) <sigh> hello", "[laughs], {happy}, <sigh>"),
        ("[pause:] Hello [voice:] there.", "[pause:], [voice:]"),
        ("Say [clears throat] this. [pause] [voice]", "[clears throat], [pause], [voice]"),
        ("{a_b} {name} {first} {last}", "{a_b}, {name}, {first} and 1 more"),
    ],
)
def test_what_looks_like_a_tag_and_is_spoken_is_named(text: str, tags: str) -> None:
    assert warn(text) == [
        f"{tags}: the worker has no such tag and speaks it as words; its tags are "
        "[pause:0.8s], [voice:name], [mark:name], [rate:0.85]...[/rate], [lang:de]...[/lang] and "
        "tags of SSML"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[link](https://a.b) press <Q>, <Tab> [1] [x] a",
        "<b>bold</b> [pause:1s] <break/> a {1} (b)",
        'It fell.[citation needed] [the docs][1] say [so](docs/a.md "So").',
    ],
)
def test_links_keys_and_real_tags_are_no_unknown_tags(text: str) -> None:
    assert warn(text) == []


def test_tags_of_ssml_without_effect_are_named() -> None:
    text = '<speak><p><prosody pitch="high">One</prosody> <emphasis>two</emphasis></p></speak>'
    assert warn(text) == [
        "<prosody pitch>, <emphasis>: these tags of SSML have no effect; the text is spoken"
    ]


def test_a_phoneme_is_said_by_its_text_and_the_warning_says_what_to_do() -> None:
    (warning,) = warn('You say <phoneme alphabet="ipa" ph="t\u0259">tomato</phoneme>.')
    assert "`pronunciations`, or as <sub alias>" in warning


def test_the_language_of_a_document_that_is_not_the_request_s_is_named() -> None:
    assert warn('<speak xml:lang="en-GB">Hello</speak>') == []
    (warning,) = warn('<speak xml:lang="de-DE">Hallo</speak>')
    assert 'send `language`: "de-DE", or write [lang:de-DE]' in warning


def test_signs_are_checked_by_the_rules_of_their_passage() -> None:
    assert warn("20 % [lang:de]5‰ und 20 %[/lang] C♯") == []
    (warning,) = warn("C♯ [lang:de]und C♯[/lang]")
    assert "does not say ♯" in warning


def test_a_tag_that_ends_nothing_is_named() -> None:
    assert warn("One [/rate] two [/lang] three [/rate].") == [
        "[/rate], [/lang]: no tag before it begins a passage, so it has no effect"
    ]
