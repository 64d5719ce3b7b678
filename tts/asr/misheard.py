"""Which written words a recogniser hears otherwise again and again: candidates for a lexicon."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import regex
from pydantic import BaseModel, ConfigDict, Field

from tts.asr.verify import ChunkQuality, RoundTripScorer, normalize_words
from tts.speech import Script
from tts.text.lexicon import MAX_SPOKEN, MAX_WRITTEN
from tts.text.script import TextRejected, read_script
from tts.text.tags import TagRejected
from tts.text.words import bare
from unicode_sets import UNSPACED

MAX_SUGGESTIONS = 50

MIN_TIMES = 2
"""How often a word must be heard otherwise; once may be the noise of one take."""

_LONGEST = 3
"""What is so many times as long as the word itself is babble, not another pronunciation."""

_SPELLINGS = (
    *(("our", "or"), ("ogue", "og"), ("is", "iz"), ("ys", "yz"), ("tre", "ter"), ("ll", "l")),
    *(("ence", "ense"), ("grey", "gray"), ("ae", "e"), ("oe", "e")),
)
"""Letters of one sound: harbour, dialogue, realise, analyse, centre, travelled."""

_UNSPACED = regex.compile(rf"[{UNSPACED}]")


class Suggestion(BaseModel):
    """A written word whose pronunciation may be wrong.

    word: as written, without the punctuation around it: a key for `pronunciations`.
    heard: what the recogniser hears most often in its place.
    takes: in how many takes it was heard otherwise.
    """

    model_config = ConfigDict(frozen=True)

    word: str = Field(max_length=MAX_WRITTEN)
    heard: str = Field(max_length=MAX_SPOKEN)
    takes: int = Field(ge=1)


class _Piece(NamedTuple):
    """A word or a part of one as it is compared, and the index of the word that it is of."""

    text: str
    word: int


@dataclass
class _Record:
    """How one written word was heard: the words in its place, and the takes that had them."""

    word: str
    heard: Counter[str] = field(default_factory=Counter)
    takes: set[tuple[int, int]] = field(default_factory=set)


class Misheard:
    """Collects what is heard of the takes of one script."""

    def __init__(self, scorer: RoundTripScorer) -> None:
        self._scorer = scorer
        self._times: Counter[str] = Counter()
        self._records: dict[str, _Record] = {}

    def add(self, quality: ChunkQuality) -> None:
        """Take in how one take was heard; `tries` is the number of the take."""
        scorer = self._scorer
        chunk = scorer.chunks[quality.chunk]
        language = chunk.language or scorer.language
        owners = dict.fromkeys(token.word for token in chunk.tokens)
        words = {index: bare(scorer.script.words[index].text) for index in owners}
        self._times.update(word.casefold() for word in words.values())
        if not quality.word_error_rate:
            return
        heard = _read(quality.heard, language)
        if heard is None:
            return
        expected = [
            _Piece(text, token.word)
            for token in chunk.tokens
            for text in normalize_words([token.spoken], language)
        ]
        said = [
            _Piece(text, token.word)
            for token in heard.tokens
            for text in normalize_words([token.spoken], language)
        ]
        for index, other in _heard_otherwise(expected, said):
            word, text = words[index], " ".join(bare(heard.words[at].text) for at in other)
            # The recogniser may write the word as the script has it, whatever is said for it.
            if _spelling(word) == _spelling(text) or not _is_usable(word, text):
                continue
            record = self._records.setdefault(word.casefold(), _Record(word))
            record.heard[text] += 1
            record.takes.add((quality.chunk, quality.tries))

    def suggestions(self) -> list[Suggestion]:
        """The words that were heard otherwise MIN_TIMES, and more often than not; the most frequent
        first, MAX_SUGGESTIONS at most."""
        counts = {key: record.heard.total() for key, record in self._records.items()}
        often = [key for key, n in counts.items() if n >= MIN_TIMES and n > self._times[key] / 2]
        often.sort(key=lambda key: -counts[key])
        found = [self._records[key] for key in often[:MAX_SUGGESTIONS]]
        return [
            Suggestion(
                word=record.word,
                heard=record.heard.most_common(1)[0][0],
                takes=len(record.takes),
            )
            for record in found
        ]


def _read(text: str, language: str) -> Script | None:
    """A transcript as the words that are spoken for it; None if nothing in it can be spoken."""
    try:
        return read_script(text, language)
    except (TextRejected, TagRejected):
        return None


def _is_usable(word: str, heard: str) -> bool:
    """Whether the word can be a key of a lexicon, and what is heard is a reading of it."""
    if _UNSPACED.search(word) or len(word) > MAX_WRITTEN:
        return False
    return 0 < len(heard) <= MAX_SPOKEN


def _spelling(text: str) -> str:
    """The letters of a word, alike for British and American spellings of English: a recogniser
    writes one of them, whatever the script has."""
    letters = "".join(filter(str.isalnum, text.casefold()))
    for british, american in _SPELLINGS:
        letters = letters.replace(british, american)
    return letters


def _heard_otherwise(
    expected: Sequence[_Piece], heard: Sequence[_Piece]
) -> Iterator[tuple[int, list[int]]]:
    """For each word that is heard otherwise, its index and those of the words in its place.

    Words are lost or added without anything in their place say nothing about a pronunciation, and
    of several neighbours it must be clear which is heard as what.
    """
    for ours, theirs in _differing(expected, heard):
        if "".join(piece.text for piece in ours) == "".join(piece.text for piece in theirs):
            continue
        if _size(theirs) > _LONGEST * _size(ours):
            continue
        words = list(dict.fromkeys(piece.word for piece in ours))
        others = list(dict.fromkeys(piece.word for piece in theirs))
        if len(words) == 1 and others:
            yield words[0], others
        elif len(words) == len(others):
            yield from ((word, [other]) for word, other in zip(words, others, strict=True))


def _size(pieces: Sequence[_Piece]) -> int:
    return sum(len(piece.text) for piece in pieces)


def _differing(
    expected: Sequence[_Piece], heard: Sequence[_Piece]
) -> Iterator[tuple[Sequence[_Piece], Sequence[_Piece]]]:
    """The stretches between the pieces that both have, of a shortest alignment."""
    pairs = _common(expected, heard)
    known = {one for one, _ in pairs}
    # Of a word in several pieces all are kept together: of "well-known" not only the second.
    changed = {piece.word for index, piece in enumerate(expected) if index not in known}
    kept = [pair for pair in pairs if expected[pair[0]].word not in changed]
    first = second = 0
    for one, other in [*kept, (len(expected), len(heard))]:
        if one > first or other > second:
            yield expected[first:one], heard[second:other]
        first, second = one + 1, other + 1


def _common(expected: Sequence[_Piece], heard: Sequence[_Piece]) -> list[tuple[int, int]]:
    """The places of the pieces that a longest common subsequence has, in order."""
    lengths = [[0] * (len(heard) + 1) for _ in range(len(expected) + 1)]
    for i in range(len(expected) - 1, -1, -1):
        for j in range(len(heard) - 1, -1, -1):
            same = expected[i].text == heard[j].text
            lengths[i][j] = (
                lengths[i + 1][j + 1] + 1 if same else max(lengths[i + 1][j], lengths[i][j + 1])
            )
    pairs, i, j = [], 0, 0
    while i < len(expected) and j < len(heard):
        if expected[i].text == heard[j].text:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs
