"""Where an earlier version of a script was cut, found again in the script."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

from tts.speech import Token

_KEY_LENGTH = 8
"""Characters at the start of a chunk by which it is looked up."""

_MAX_CANDIDATES = 4
"""Chunks with the same start that are compared at one place: so the work grows with the script."""


class EarlierCuts:
    """The chunks of an earlier version of a script, by their spoken text.

    texts: the `spoken_text` of each chunk, in order.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._by_key: dict[str, list[int]] = defaultdict(list)
        for index, text in enumerate(texts):
            self._by_key[text[:_KEY_LENGTH]].append(index)
        self._next = 0

    def find(self, tokens: Sequence[Token], start: int, longest: float) -> int:
        """The end of the earlier chunk that begins at the token `start`; `start` if none does.

        longest: the most characters that a chunk may have; longer ones are none.

        Chunks that come after the one found last are tried first.
        """
        key = _text_from(tokens, start, _KEY_LENGTH)[:_KEY_LENGTH]
        indices = self._by_key.get(key, [])
        first = bisect_left(indices, self._next)
        following = indices[first : first + _MAX_CANDIDATES]
        before = indices[: min(first, _MAX_CANDIDATES)]
        for index in [*following, *before]:
            text = self._texts[index]
            # The record is whoever's the bucket is: a text as long as the script would be compared
            # with all of it, at each of its sentences.
            if len(text) > longest:
                continue
            end = _end_of(text, tokens, start)
            if end > start:
                self._next = index + 1
                return end
        return start


def _text_from(tokens: Sequence[Token], start: int, length: int) -> str:
    """The spoken text from a token on, of at least `length` characters if there are so many."""
    text = ""
    for index in range(start, len(tokens)):
        text += (" " if text else "") + tokens[index].spoken + tokens[index].pause
        if len(text) >= length:
            break
    return text


def _end_of(text: str, tokens: Sequence[Token], start: int) -> int:
    """The token after those from `start` on that make up the text; `start` if they do not."""
    at = 0
    for index in range(start, len(tokens)):
        piece = tokens[index].spoken + tokens[index].pause
        if not text.startswith(piece, at):
            return start
        at += len(piece)
        if at == len(text):
            return index + 1
        if text[at] != " ":
            return start
        at += 1
    return start
