"""Text as F5's token numbers, by f5_tts's own conversion, loaded only for text that needs it."""

import importlib
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import regex

from tts.speech import Token
from unicode_sets import UNSPACED

PLAIN = re.compile(r"(?:[A-Za-z']+[,.:;!?]?(?: |$))*")
"""Words of ASCII letters with at most one mark at the end of each: f5_tts's conversion changes
nothing in such text but ";", which becomes ","."""

SPACE = 0
"""The number of the space, which stands for what the vocabulary lacks too."""

_UNSPACED = regex.compile(f"[{UNSPACED}]")


def read_vocab(path: Path) -> dict[str, int]:
    """A vocabulary's entries and their line numbers. Raises OSError, ValueError.

    The first entry must be the space, which stands for unknown characters. A missing newline at the
    end of the file is no error: f5_tts would lose a character of the last entry.
    """
    lines = path.read_text(encoding="utf-8").split("\n")
    if lines[-1] == "":
        lines.pop()
    vocab = {entry: index for index, entry in enumerate(lines)}
    if not lines or lines[0] != " ":
        raise ValueError("its first line must be one space")
    return vocab


def to_model_text(tokens: Sequence[Token]) -> str:
    """Tokens as F5 reads them: spoken words, with no space between words of unspaced scripts."""
    text = ""
    for token in tokens:
        # The last character may be the previous token's pause mark.
        last = text[-2:].rstrip(",;:.!?")[-1:]
        unspaced = _UNSPACED.match(token.spoken) and _UNSPACED.match(last)
        text += ("" if unspaced or not text else " ") + token.spoken + token.pause
    return text


def to_reference_text(tokens: Sequence[Token]) -> str:
    """A reference's transcript as F5 reads it, with the end of a sentence before the new text."""
    text = to_model_text(tokens)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _other_forms(token: str) -> list[str]:
    """A character with its accents apart, small, and as a capital; none of a syllable."""
    if len(token) > 1:
        return []
    small, capital = token.casefold(), token.upper()
    forms = [unicodedata.normalize("NFD", token), small, unicodedata.normalize("NFD", small)]
    return forms + [capital] * (len(capital) == 1)


class Tokenizer:
    """Numbers of a text's tokens.

    A character that the vocabulary lacks is written in another form that it has: with its accent
    apart, in the other case. One that it has in no form becomes the space, as in f5_tts.
    """

    def __init__(self, vocab: dict[str, int], upstream: Any) -> None:
        """`upstream` is the module f5_tts.model.utils, imported with import_stubs.F5 in place."""
        self._vocab = vocab
        self._upstream = upstream
        self._loaded = False
        # Letters that Unicode's composed form writes as two: Hindi's U+0958 to U+095F, Hebrew's
        # with a dot. A vocabulary may have the letter and not its parts.
        self._whole = {
            parts: entry
            for entry in vocab
            if len(entry) == 1
            and len(parts := unicodedata.normalize("NFC", entry)) > 1
            and not all(part in vocab for part in parts)
        }

    def ids(self, text: str) -> list[int]:
        """The token numbers of a text, pinyin for Chinese."""
        return [
            number for token in self.tokens(self._composed(text)) for number in self._ids(token)
        ]

    def unknown(self, text: str) -> list[str]:
        """The characters of a text that the vocabulary has in no form, each once, in their order.

        White space and what shows nothing are never among them.
        """
        return [
            character
            for character in dict.fromkeys(self._composed(text))
            if unicodedata.category(character)[0] not in "ZC" and not self._knows(character)
        ]

    def _knows(self, character: str) -> bool:
        if character.isascii() and character in self._vocab:
            return True
        # Pinyin has a space before each syllable.
        tokens = [token for token in self.tokens(character) if token != " "]
        return all(self._ids(token) != [SPACE] for token in tokens)

    def _composed(self, text: str) -> str:
        if text.isascii():
            return text
        text = unicodedata.normalize("NFC", text)
        for parts, entry in self._whole.items():
            text = text.replace(parts, entry)
        return text

    def _ids(self, token: str) -> list[int]:
        """The numbers of a token, or those of the first form of it that the vocabulary has."""
        for form in [[token], *_other_forms(token)]:
            if all(part in self._vocab for part in form):
                return [self._vocab[part] for part in form]
        return [SPACE]

    def tokens(self, text: str) -> Sequence[str]:
        """The text's tokens: characters, and syllables of pinyin."""
        if PLAIN.fullmatch(text):
            return text.replace(";", ",")
        if not self._loaded:
            self.load()
        tokens: list[str] = self._upstream.convert_char_to_pinyin([text])[0]
        return tokens

    def load(self) -> None:
        """Import the word segmenter and the pinyin tables in place of their stubs."""
        pypinyin = importlib.import_module("pypinyin")
        self._upstream.Style = pypinyin.Style
        self._upstream.lazy_pinyin = pypinyin.lazy_pinyin
        self._upstream.rjieba = importlib.import_module("rjieba")
        self._loaded = True
