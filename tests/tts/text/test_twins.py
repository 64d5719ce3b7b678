"""Signs that look alike are one sign to every rule, and stay as they are in what is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.spoken_rows import spoken_text
from tts.text.script import read_script
from tts.text.twins import fold_twins

SIGNS = "‐‑‒–—―−﹣－⁄∕／´`‘’ʼ′″”'\"٪﹪％‰﹩＄￡٫٬․…：，５1¹²⁄₁₂½a é\u00ad\u200b"


@pytest.mark.parametrize("hyphen", "-‐‑‒﹣－⁃˗")
@pytest.mark.parametrize("language", ["en", "de", "fr", "ru", "zh", "ar", "xx"])
def test_a_hyphen_is_a_hyphen(hyphen: str, language: str) -> None:
    written = "2026{0}11{0}24, 5{0}6, {0}7 word{0}word"
    twin, plain = (read_script(written.format(sign), language) for sign in (hyphen, "-"))
    assert spoken_text(twin) == spoken_text(plain)
    assert twin.words[0].text == written.format(hyphen).split()[0]


@pytest.mark.parametrize(
    ("twins", "written"),
    [
        ("'´`‘’ʼʹ′‛", "l{}eau it{}s"),
        ("/⁄∕／", "1{}2 5{}8 km{}h"),
        ("%٪﹪％", "5{} 12,5 {}"),
        ("$﹩＄", "{}5 5 {} US{}20"),
        ("£￡", "{}5 5 {}"),
        ("+﹢＋➕", "2{}3=5 +5"),
        ("=﹦＝", "2+3{}5"),
        (":：∶꞉﹕", "10{}30 3{}2"),
        ("×✕✖", "2 {} 3 = 6"),
        ("…⋯", "so{} yes"),
    ],
)
@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "pl", "xx"])
def test_twins_are_read_alike(twins: str, written: str, language: str) -> None:
    readings = {spoken_text(read_script(written.replace("{}", sign), language)) for sign in twins}
    assert len(readings) == 1


@given(st.text(st.sampled_from(SIGNS)) | st.text())
def test_the_length_of_the_text_stays(text: str) -> None:
    assert len(fold_twins(text)) == len(text)
