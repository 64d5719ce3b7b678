"""Recognition of a known text alone: which phrases of it are spoken in some audio, and when.

A recogniser that knows no words but those of the text hears what is spoken of it, in any order, and
nonsense where other words are spoken. Phrases tell the two apart.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import log10
from typing import Protocol, runtime_checkable

from tts.speech import RecognizedWord, Samples

_LEAVES_TEXT = 0.02
"""How likely it is after each word that another one follows than in the text."""
_MIN_PHRASE_WORDS = 3
_MIN_PHRASE_CONFIDENCE = 0.5
"""Of so many consecutive words of the text, in the mean. In other speech, runs of two of its words
are heard again and again, and longer ones with less confidence."""


@runtime_checkable
class TextListener(Protocol):
    """Something that recognises the words of a known text."""

    def hear(
        self, samples: Samples, tokens: Sequence[str], language: str
    ) -> Sequence[RecognizedWord] | None:
        """The phrases of a text that are spoken in some audio, in the order of the audio.

        samples: 16 kHz mono, shape (n,).
        tokens: the spoken words of the text, in order; not all of them need to be spoken.
        language: ISO 639-1.

        None if this listener cannot hear the language or the audio.
        """


def bigram_model(words: Sequence[str]) -> str:
    """A language model in ARPA's format: each word of a text is followed by the next, as a rule.

    words: the text, without white space in a word.
    """
    followers: dict[str, set[str]] = {}
    for word, following in pairwise(words):
        followers.setdefault(word, set()).add(following)
    vocabulary = sorted(set(words))
    any_word, leaves = log10(1 / len(vocabulary)), log10(_LEAVES_TEXT)
    pairs = [
        f"{log10((1 - _LEAVES_TEXT) / len(after)):.4f} {word} {following}"
        for word, after in sorted(followers.items())
        for following in sorted(after)
    ]
    return "\n".join(
        [
            "\\data\\",
            f"ngram 1={len(vocabulary) + 2}",
            f"ngram 2={len(pairs)}",
            "",
            "\\1-grams:",
            "-99 <s> 0",
            f"{any_word:.4f} </s> 0",
            *(f"{any_word:.4f} {word} {leaves:.4f}" for word in vocabulary),
            "",
            "\\2-grams:",
            *pairs,
            "",
            "\\end\\",
            "",
        ]
    )


def phrases(heard: Sequence[RecognizedWord], words: Sequence[str]) -> list[RecognizedWord]:
    """Those of the words that were heard in phrases of the text, in order.

    heard: what was recognised, silences left out.
    words: the text.
    """
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        places.setdefault(word, []).append(place)
    # For each word that was heard and each of its places in the text: the length of the phrase that
    # ends there.
    lengths: dict[int, int] = {}
    longest: list[int] = []
    for one in heard:
        lengths = {place: lengths.get(place - 1, 0) + 1 for place in places.get(one.text, ())}
        longest.append(max(lengths.values(), default=0))
    kept: list[RecognizedWord] = []
    end = len(heard)
    while end:
        length = max(1, longest[end - 1])
        phrase = heard[end - length : end]
        confidence = sum(word.confidence for word in phrase) / length
        if length >= _MIN_PHRASE_WORDS and confidence >= _MIN_PHRASE_CONFIDENCE:
            kept += reversed(phrase)
        end -= length
    return kept[::-1]
