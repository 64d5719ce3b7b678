"""A recogniser that knows the words of a text alone."""

import numpy as np
import pytest

from tests.timing.fixtures import sentences, tokens
from timing.alignment.listening import TextListener, phrases
from timing.alignment.sphinx import SphinxAligner
from tts.speech import RecognizedWord


@pytest.fixture(scope="module")
def sphinx() -> SphinxAligner:
    return SphinxAligner()


def heard(text: str, confidence: float = 0.9) -> list[RecognizedWord]:
    return [
        RecognizedWord(word, 100.0 * at, 100.0 * at + 90, confidence)
        for at, word in enumerate(text.split())
    ]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("one two three four five six", "one two three four five six"),
        ("six four one two three two five", "one two three"),
        ("one two one two three four", "one two three four"),
        ("one two four five", ""),
        ("four five six one two three", "four five six one two three"),
        ("", ""),
    ],
)
def test_words_are_heard_in_phrases_of_the_text(said: str, kept: str) -> None:
    found = phrases(heard(said), ["one", "two", "three", "four", "five", "six"])
    assert " ".join(word.text for word in found) == kept


def test_phrases_of_little_confidence_are_nonsense() -> None:
    assert phrases(heard("one two three four", 0.3), ["one", "two", "three", "four"]) == []


def test_sphinx_hears_what_is_said_of_a_text(sphinx: SphinxAligner) -> None:
    """The fourth of five sentences is not said, and the last two are in another order."""
    assert isinstance(sphinx, TextListener)
    chosen = [sentences()[index] for index in (0, 1, 2, 6, 8)]
    text = [token for sentence in chosen for token in tokens(sentence)]
    order = [chosen[index] for index in (0, 1, 4, 2)]
    samples = np.concatenate([sentence.samples for sentence in order])
    words = sphinx.hear(samples, text, "en")
    assert words is not None
    said = [token.lower() for sentence in order for token in tokens(sentence)]
    assert len(words) >= 0.85 * len(said)
    remaining = iter(said)
    assert all(word.text in remaining for word in words)
    starts, offset_ms = [], 0.0
    for sentence in order:
        starts += [offset_ms + ms for ms in sentence.starts_ms]
        offset_ms += len(sentence.samples) / 16
    errors = [min(abs(word.start_ms - ms) for ms in starts) for word in words]
    assert np.median(errors) <= 30


def test_sphinx_hears_nothing_of_another_text_and_of_another_language(
    sphinx: SphinxAligner,
) -> None:
    first, other = sentences()[0], sentences()[5]
    assert sphinx.hear(first.samples, tokens(other), "en") == []
    assert sphinx.hear(first.samples, tokens(first), "de") is None
    assert sphinx.hear(first.samples[:800], tokens(first), "en") is None
    assert sphinx.hear(first.samples, ["\u4f60\u597d", "(", "<s>"], "en") is None
