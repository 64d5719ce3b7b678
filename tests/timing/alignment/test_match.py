import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.timing.fixtures import DATA, sentences, tokens
from timing.alignment.match import MAX_PAIRS, match
from timing.token_times import TimedToken
from tts.speech import RecognizedWord


def starts(times: list[TimedToken]) -> list[int]:
    return [round(time.start_ms) for time in times]


def test_words_that_whisper_heard_are_mapped_without_losing_one() -> None:
    """`whisper_tiny.json` is what faster-whisper's tiny.en wrote down of the ten sentences."""
    recorded = json.loads((DATA / "whisper_tiny.json").read_text())
    errors: list[float] = []
    for sentence, words in zip(sentences(), recorded, strict=True):
        duration_ms = 1000 * len(sentence.samples) / 16_000
        said = tokens(sentence)
        times = match(said, [RecognizedWord(*word) for word in words], duration_ms)
        assert len(times) == len(said)
        firsts = np.cumsum([0, *(len(spoken) for spoken in sentence.spoken[:-1])])
        found = [times[first].start_ms for first in firsts]
        errors += np.abs(np.subtract(found, sentence.starts_ms)).tolist()
    assert np.mean(errors) <= 130
    assert np.percentile(errors, 95) <= 250


def test_equal_words_keep_their_own_times() -> None:
    heard = [RecognizedWord("One", 100, 300, 0.9), RecognizedWord("two,", 300, 600, 0.8)]
    assert match(["one", "two"], heard, 1000) == [
        TimedToken(100, 300, 0.9),
        TimedToken(300, 600, 0.8),
    ]


def test_a_word_that_was_not_heard_gets_the_gap_between_its_neighbours() -> None:
    heard = [RecognizedWord("one", 100, 300, 0.9), RecognizedWord("three", 700, 900, 0.9)]
    times = match(["one", "two", "three"], heard, 1000)
    assert times[1] == TimedToken(300, 700, 0.3, is_heard=False)


def test_words_share_the_time_of_what_was_heard_in_their_place() -> None:
    heard = [
        RecognizedWord("in", 0, 200, 0.9),
        RecognizedWord("1967", 300, 1200, 0.9),
        RecognizedWord("he", 1300, 1500, 0.9),
    ]
    times = match(["in", "nineteen", "sixty", "seven", "he"], heard, 1500)
    assert [time.is_heard for time in times] == [True, False, False, False, True]
    assert (times[1].start_ms, times[3].end_ms) == (300, 1200)
    assert 550 < times[2].start_ms < 750


def test_a_chinese_clause_is_matched_character_by_character() -> None:
    """Recognisers write one character a word, or a few; what the voice gets is a clause."""
    heard = [
        RecognizedWord("今天", 100, 500, 0.8),
        RecognizedWord("天", 500, 700, 0.8),
        RecognizedWord("七", 700, 900, 0.8),
        RecognizedWord("很", 900, 1100, 0.8),
        RecognizedWord("好，", 1100, 1300, 0.8),
        RecognizedWord("你", 2000, 2200, 0.8),
        RecognizedWord("呢", 2200, 2500, 0.8),
    ]
    first, second = match(["今天天气很好", "你呢"], heard, 3000)
    assert (first.start_ms, first.end_ms, first.is_heard) == (100, 1300, True)
    assert (second.start_ms, second.end_ms, second.is_heard) == (2000, 2500, True)
    assert [(letter.char, letter.start_ms) for letter in first.characters] == [
        ("今", 100), ("天", 300), ("天", 500), ("气", 700), ("很", 900), ("好", 1100),
    ]  # fmt: skip
    assert 0.7 < first.confidence < second.confidence == pytest.approx(0.8)


def test_a_missed_first_word_does_not_begin_with_the_music_before_it() -> None:
    heard = [RecognizedWord("quick", 13_000, 13_300, 0.9), RecognizedWord("fox", 13_300, 13_600)]
    (missed, *_, last) = match(["the", "quick", "fox", "jumped"], heard, 30_000)
    assert 12_000 < missed.start_ms < missed.end_ms == 13_000
    assert 13_600 == last.start_ms < last.end_ms < 15_000


@pytest.mark.parametrize("misheard", ["fax", "socks"])
def test_words_that_the_text_lacks_give_a_misheard_one_no_time(misheard: str) -> None:
    others = "the rest of this was never written down"
    heard = [
        RecognizedWord(word, 400.0 * index, 400.0 * (index + 1))
        for index, word in enumerate(f"one quick {misheard} {others} three".split())
    ]
    times = match(["one", "quick", "fox", "three"], heard, 5_000)
    assert 800 <= times[2].start_ms < times[2].end_ms <= 1_200
    assert times[3].start_ms == 400 * (len(heard) - 1)


@pytest.mark.parametrize(("count", "is_timed"), [(50, True), (51, False)])
def test_many_words_that_were_not_heard_are_not_misheard_ones(count: int, is_timed: bool) -> None:
    """A comparison of all their letters could take minutes."""
    heard = [RecognizedWord("ba", 500.0 * index, 500.0 * index + 400) for index in range(count + 3)]
    heard = [*heard, RecognizedWord("end", 60_000, 60_500)]
    times = match(["ab"] * count + ["end"], heard, 61_000)
    assert (times[-2].end_ms > 20_000) == is_timed
    assert times[-1].start_ms == 60_000


def test_a_text_that_nobody_could_say_so_quickly_is_not_compared() -> None:
    heard = [RecognizedWord("go", 10.0 * index, 10.0 * index + 10) for index in range(2_000)]
    times = match(["go"] * (MAX_PAIRS // 2_000 + 1), heard, 3_600_000)
    assert not any(time.is_heard for time in times)
    assert match(["go"] * 10, heard[:10], 100)[9].is_heard


@pytest.mark.parametrize("heard", [[], [RecognizedWord("else", 100, 900, 0.9)]])
def test_nothing_in_common_scores_as_an_estimate(heard: list[RecognizedWord]) -> None:
    times = match(["one", "two"], heard, 1000)
    assert [time.confidence for time in times] == [0.3, 0.3]
    assert not any(time.is_heard for time in times)


words = st.sampled_from(["a", "to", "hello", "hellos", "1967", "世界", ""])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(words, max_size=15),
    st.lists(st.tuples(words, st.floats(0, 5000), st.floats(0, 5000)), max_size=15),
    st.integers(1000, 5000),
)
def test_every_word_gets_a_time_in_order(
    said: list[str], rows: list[tuple[str, float, float]], duration_ms: int
) -> None:
    heard = [RecognizedWord(text, start, end, 0.5) for text, start, end in rows]
    times = match(said, heard, duration_ms)
    assert len(times) == len(said)
    # Times are not rounded: (x + 20) - x may be a bit in the last place less than 20.
    assert all(round(time.end_ms - time.start_ms, 9) >= 20 for time in times)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(times))
    assert not times or times[-1].end_ms <= duration_ms
