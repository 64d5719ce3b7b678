"""A changed script is cut as its earlier version was."""

import random
from typing import Any

import pytest

from tts.speech import Script, Token
from tts.text.chunks import fit_tokens, split
from tts.text.earlier_cuts import EarlierCuts
from tts.text.script import read_script

LIMIT = 160
LONG = (
    "When the wind had turned for the third time that day, the men who had waited at the pier "
    "since the morning, some of them without a coat, went home to their houses, their fires "
    "and their dinners."
)
WORDS = ("harbour", "boat", "morning", "coat", "captain", "light", "winter", "bread", "window")


def texts(script: Script, earlier: list[str] | None = None) -> list[str]:
    known = None if earlier is None else EarlierCuts(earlier)
    fitted = fit_tokens(script, LIMIT)
    chunks = split(fitted, LIMIT, earlier=known)
    assert [token for chunk in chunks for token in chunk.tokens] == list(fitted.tokens)
    assert all(len(chunk.spoken_text) <= LIMIT for chunk in chunks)
    return [chunk.spoken_text for chunk in chunks]


def sentence(rng: random.Random) -> str:
    count = rng.choice([1, 2, 3, 6, 9, 14, 40])
    words = [rng.choice(WORDS) + rng.choice(["", "", "", ","]) for _ in range(count)]
    return " ".join(words).rstrip(",").capitalize() + rng.choice(".!?")


@pytest.mark.parametrize("seed", range(25))
def test_an_edit_changes_only_the_chunks_beside_it(seed: int) -> None:
    rng = random.Random(seed)
    sentences = [sentence(rng) for _ in range(40)]
    old = texts(read_script(" ".join(sentences)))
    assert texts(read_script(" ".join(sentences)), old) == old
    at = rng.randrange(40)
    edited = list(sentences)
    edited[at] = "Nobody " + edited[at].lower()
    new = texts(read_script(" ".join(edited)), old)
    # A sentence of forty words is three chunks or four, and a short one takes a neighbour along.
    assert len([text for text in new if text not in old]) <= 4


@pytest.mark.parametrize("at", range(40))
def test_one_changed_sentence_of_forty_is_one_chunk(at: int) -> None:
    sentences = [f"The ship number {n} came into the harbour at noon." for n in range(40)]
    old = texts(read_script(" ".join(sentences)))
    sentences[at] = sentences[at].replace("noon", "midnight")
    new = texts(read_script(" ".join(sentences)), old)
    assert len([text for text in new if text not in old]) == 1


def test_a_cut_inside_a_long_sentence_stays() -> None:
    old = texts(read_script(LONG))
    assert len(old) == 2
    new = texts(read_script(LONG.replace("dinners", "suppers")), old)
    assert new[0] == old[0]


def test_an_inserted_short_sentence_is_not_spoken_alone() -> None:
    sentences = [f"The ship number {n} came into the harbour at noon." for n in range(6)]
    old = texts(read_script(" ".join(sentences)))
    new = texts(read_script(" ".join([*sentences[:3], "Yes.", *sentences[3:]])), old)
    assert min(map(len, new)) >= 25
    assert len([text for text in new if text not in old]) == 1
    front = texts(read_script(" ".join(["Yes.", *sentences])), old)
    assert min(map(len, front)) >= 25


def test_a_paragraph_that_is_divided_is_cut_there() -> None:
    old = texts(read_script("We saw it. Nobody else had been there before us at all."))
    assert len(old) == 1
    new = texts(read_script("We saw it.\n\nNobody else had been there before us at all."), old)
    assert len(new) == 2


def test_a_text_that_is_longer_than_a_chunk_is_compared_with_nothing() -> None:
    script = fit_tokens(read_script("A b. " * 4000), LIMIT)
    whole = " ".join(token.spoken + token.pause for token in script.tokens)
    forged = [f"{whole} {n}" for n in range(8)]
    compared = _Counted(script.tokens)
    assert EarlierCuts(forged).find(compared, 0, 2 * LIMIT) == 0
    assert compared.looks < 20
    assert EarlierCuts([whole]).find(script.tokens, 0, len(whole)) == len(script.tokens)


class _Counted(list[Token]):
    """Tokens that count how often one of them is looked at."""

    looks = 0

    def __getitem__(self, at: Any) -> Any:
        self.looks += 1
        return super().__getitem__(at)
