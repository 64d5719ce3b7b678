"""Heard back with exact recognisers: which takes are spoken again, and which one wins."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from tts.asr.verify import RoundTripScorer, verify_takes
from tts.engine import Take
from tts.speech import Pcm16, Samples
from tts.text.chunks import split
from tts.text.script import read_script

TEXT = "It was 1967, and nobody knew. Everybody was asleep by 9:05 in that house."


def audio_of(take: Take) -> Pcm16:
    """Samples that say which chunk and which try they are of."""
    return Pcm16(np.full(10, 10 * take.chunk + take.number, np.int16))


def take_of(samples: Samples) -> Take:
    return Take(*divmod(round(float(samples[0]) * Pcm16.FULL_SCALE), 10))


def check(
    transcripts: Mapping[Take, str | None], tries: int = 3
) -> tuple[list[Take], list[tuple[int, int, float]], list[Sequence[Take]]]:
    """Verify TEXT with what is heard of each chunk's tries; by default what is written.

    Gives the takes that won, how they were heard, and what was spoken again, in its rounds.
    """
    script = read_script(TEXT)
    chunks = split(script, 60)
    assert len(chunks) == 2
    takes = {index: audio_of(Take(index)) for index in range(2)}
    rounds: list[Sequence[Take]] = []
    done: list[int] = []

    def transcribe(chunk: int, samples: Samples) -> str | None:
        take = take_of(samples)
        return transcripts.get(take, chunks[take.chunk].spoken_text)

    def retake(wanted: Sequence[Take]) -> dict[int, Pcm16]:
        rounds.append(wanted)
        return {take.chunk: audio_of(take) for take in wanted}

    quality = verify_takes(
        takes,
        RoundTripScorer(script, chunks),
        transcribe,
        retake,
        max_tries=tries,
        on_chunk=done.append,
    )
    assert done == [1, 2]
    won = [take_of(takes[index][:]) for index in range(2)]
    return won, [(q.chunk, q.tries, q.word_error_rate) for q in quality], rounds


def test_what_is_heard_as_written_is_spoken_once() -> None:
    won, quality, rounds = check({Take(0): "It was 1967 and nobody knew!"})
    assert won == [Take(0), Take(1)]
    assert quality == [(0, 1, 0.0), (1, 1, 0.0)]
    assert rounds == []


@pytest.mark.parametrize(
    "heard",
    [
        "It was 1967 and nobody",  # dropped
        "It was 1967 and nobody knew knew",  # doubled
        "It was 1967 and nobody knew the the bla",  # babbled
        "",
    ],
)
def test_a_chunk_that_is_not_as_written_is_spoken_again(heard: str) -> None:
    won, quality, rounds = check({Take(0): heard})
    assert won == [Take(0, 1), Take(1)]
    assert quality == [(0, 2, 0.0), (1, 1, 0.0)]
    assert rounds == [[Take(0, 1)]]


def test_all_that_were_not_as_written_are_spoken_again_in_one_go() -> None:
    won, quality, rounds = check({Take(0): "It", Take(1): "Everybody", Take(0, 1): "It was"})
    assert won == [Take(0, 2), Take(1, 1)]
    assert quality == [(0, 3, 0.0), (1, 2, 0.0)]
    assert rounds == [[Take(0, 1), Take(1, 1)], [Take(0, 2)]]


def test_the_best_take_wins_where_none_is_right() -> None:
    transcripts = {
        Take(1): "asleep",
        Take(1, 1): "Everybody was asleep by 9:05 in the house",
        Take(1, 2): "by",
    }
    won, quality, _ = check(transcripts)
    assert won == [Take(0), Take(1, 1)]
    assert quality == [(0, 1, 0.0), (1, 3, 0.1)]


def test_words_that_the_recogniser_always_hears_otherwise_cost_one_more_take() -> None:
    transcripts = {Take(0, n): "It was 1967 and no buddy knew" + "." * n for n in range(9)}
    won, quality, rounds = check(transcripts, tries=9)
    assert won == [Take(0), Take(1)]
    assert quality[0] == (0, 2, 0.25)
    assert len(rounds) == 1


@pytest.mark.parametrize("heard", ["", "It was 1967 and nobody", "It was 1967 " * 3])
def test_words_lost_or_added_twice_alike_are_spoken_again_nevertheless(heard: str) -> None:
    won, quality, _ = check({Take(0): heard, Take(0, 1): heard})
    assert won[0] == Take(0, 2)
    assert quality[0] == (0, 3, 0.0)


def test_where_the_recogniser_fails_the_take_stays() -> None:
    won, quality, rounds = check({Take(0): None, Take(1): "Everybody", Take(1, 1): None})
    assert won == [Take(0), Take(1)]
    assert [chunk[:2] for chunk in quality] == [(1, 1)]
    assert rounds == [[Take(1, 1)]]


def test_tries_end() -> None:
    transcripts = {Take(0, n): "It " * n for n in range(10)}
    assert check(transcripts, tries=4)[1][0][1] == 4


def test_words_apart_or_together_are_the_same() -> None:
    assert check({Take(1): "Every body was a sleep by 9:05 in that house."})[1][1] == (1, 1, 0.0)


LEXICON = {"nginx": "engine X", "GIF": "jiff"}


@pytest.mark.parametrize(
    ("text", "language", "normalize", "heard", "errors"),
    [
        ("Run nginx now.", "en", True, "Run Nginx now.", 0.0),
        ("Run nginx now.", "en", True, "Run engine X now.", 0.0),
        ("Run nginx now.", "en", True, "Run an apache now.", 0.5),
        ("Show a GIF.", "en", True, "Show a GIF.", 0.0),
        ("Show a GIF.", "en", True, "Show a jiff.", 0.0),
        ("It cost $5 in 1967.", "en", False, "It cost $5 in 1967.", 0.0),
        ("It cost $5 in 1967.", "en", True, "It cost five dollars in nineteen sixty-seven.", 0.0),
        ("It cost $5 in 1967.", "en", False, "It cost $6 in 1967.", 0.125),
        ("Call 555-1234.", "en", True, "Call 5551234.", 0.0),
        ("Call 555-1234.", "en", True, "Call 555 1234", 0.0),
        ("Call 555-1234.", "en", True, "Call 5551235", 0.125),
        ("$54: 1-800-555-0199", "en", True, "$54: 18005550199", 0.0),
        ("code four four seven one", "en", True, "code 4471", 0.0),
        ("flight BA2490, RTX 4090", "en", True, "flight BA 2490, RTX4090", 0.0),
        ("from 10-15 people", "en", True, "from 1015 people", 0.4),
        ("It took 105 days.", "en", True, "It took 1005 days.", 0.167),
        ("le 01 23 45 67 89", "fr", True, "le 0123456789", 0.0),
        ("code four four one, 05/06/2023", "en-GB", True, "Code 441, June 5, 2023.", 0.0),
        ("我有21个苹果。", "zh-TW", True, "我有二十一个苹果。", 0.0),
        ("今天天气很好。", "zh", True, "今天天汽很好", 0.167),
        ("今天天气很好。", "zh", True, "今天 天气 很好!", 0.0),
        ("我有二十一个苹果。", "zh", True, "我有21个苹果。", 0.0),
        ("我有21个苹果。", "zh", True, "我有二十一个苹果。", 0.0),
        ("人口是一亿二千万。", "zh", True, "人口是120000000", 0.0),
        ("一千两百零五块，万一", "zh", True, "1205块万一", 0.0),
        ("二零二六年", "zh", True, "2026年", 0.0),
        ("二十一個", "ja", True, "21個", 0.0),
        ("Ich habe 21 Katzen.", "de", True, "Ich habe einundzwanzig Katzen.", 0.0),
        ("Ich habe 21 Katzen.", "de", False, "Ich habe 21 Katzen.", 0.0),
        ("สวัสดีครับ", "th", True, "สวัสดีคราบ", 0.143),
    ],
)  # fmt: skip
def test_what_is_written_and_what_is_said_both_count(
    text: str, language: str, normalize: bool, heard: str, errors: float
) -> None:
    script = read_script(text, language, normalize, LEXICON)
    scorer = RoundTripScorer(script, split(script, 100), language, LEXICON)
    quality, _ = scorer.score(Take(0), heard)
    assert quality.word_error_rate == errors


def test_a_jobs_own_pronunciation_counts_before_that_for_all_jobs_in_what_is_heard_too() -> None:
    own, for_all = {"gif": "gift"}, LEXICON
    script = read_script("The GIF of nginx.", "en", True, own, for_all)
    scorer = RoundTripScorer(script, split(script, 100), "en", own, for_all)
    assert scorer.score(Take(0), "The GIF of engine X.")[0].word_error_rate == 0.0
