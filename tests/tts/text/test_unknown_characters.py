"""What a client is told of characters that the engine has no sound for."""

import pytest

from tts.text.script import read_script
from tts.text.unknown_characters import LettersUnknown, check_letters, warn_unknown

REMEDY = (
    "use a checkpoint that was trained on this language (the operator can set F5_CKPT_FILE and "
    "F5_VOCAB_FILE)"
)


def latin(text: str) -> list[str]:
    """As an engine that knows the letters of English and nothing else."""
    return [character for character in dict.fromkeys(text) if not character.isascii()]


def nothing(text: str) -> list[str]:
    return []


@pytest.mark.parametrize(
    ("text", "language", "named"),
    [
        ("Pay the café in São Paulo.", "en", "'é', 'ã' (in café, São)"),
        ("Olá, você está à espera?", "pt", "'á', 'ê', 'à' (in Olá, você, está and 1 more)"),
        ("OK कि", "hi", "'क', '◌ि' (in कि)"),
        ("ABC अआइईउ", "hi", "'अ', 'आ', 'इ' and 2 more (in अआइईउ)"),
    ],
)
def test_characters_and_their_words_are_named(text: str, language: str, named: str) -> None:
    assert check_letters(read_script(text, language).tokens, latin) == [
        f"the checkpoint does not know {named}: the voice says nothing for them; {REMEDY}"
    ]


@pytest.mark.parametrize(("text", "language"), [("It’s “fine”.", "en"), ("Ja, 5 km!", "de")])
def test_what_is_known_is_not_named(text: str, language: str) -> None:
    assert check_letters(read_script(text, language, normalize=False).tokens, latin) == []


@pytest.mark.parametrize(
    ("text", "language"), [("मैं घर गया", "hi"), ("Это всё.", "ru"), ("私は 5", "ja"), ("é", "fr")]
)
def test_a_script_without_any_known_letter_is_refused(text: str, language: str) -> None:
    tokens = read_script(text, language, normalize=False).tokens
    with pytest.raises(LettersUnknown, match="knows no letter of this text") as refused:
        check_letters(tokens, latin)
    assert refused.value.code == "text_rejected"
    assert REMEDY in str(refused.value)
    assert check_letters(tokens, nothing) == []


def test_figures_alone_have_no_letter_to_know() -> None:
    tokens = read_script("5 ₹7", "hi", normalize=False).tokens
    assert check_letters(tokens, nothing) == []
    assert len(check_letters(read_script("5₹7", "hi", normalize=False).tokens, latin)) == 1


def test_a_transcript_is_named_by_its_voice() -> None:
    (warning,) = warn_unknown(read_script("Über uns.", "de").tokens, latin, "voice 'ana': ")
    assert warning.startswith("voice 'ana': the checkpoint does not know 'Ü' (in Über): ")
