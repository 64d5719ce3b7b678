"""Words that are heard otherwise again and again, of transcripts that are given."""

import pytest

from tts.asr.misheard import MAX_SUGGESTIONS, Misheard
from tts.asr.verify import RoundTripScorer
from tts.engine import Take
from tts.text.chunks import split
from tts.text.script import read_script

TEXT = "Nobody at Kierkegaard's house knew it. They asked “Nguyen”, who was well-known there."


def suggested(
    text: str, *transcripts: tuple[int, int, str], language: str = "en", limit: int = 60
) -> list[tuple[str, str, int]]:
    """The suggestions after takes, each a chunk, a number and what is heard of it."""
    script = read_script(text, language)
    scorer = RoundTripScorer(script, split(script, limit), language)
    misheard = Misheard(scorer)
    for chunk, number, heard in transcripts:
        misheard.add(scorer.score(Take(chunk, number), heard).quality)
    return [(one.word, one.heard, one.takes) for one in misheard.suggestions()]


def test_a_word_that_is_heard_otherwise_twice_is_suggested() -> None:
    heard = "They asked when, who was well known there."
    assert suggested(TEXT, (1, 0, heard), (1, 1, heard)) == [("Nguyen", "when", 2)]


def test_a_word_may_be_heard_as_several() -> None:
    heard = "Nobody at kick a guards house knew it"
    assert suggested(TEXT, (0, 0, heard), (0, 1, heard)) == [("Kierkegaard's", "kick a guards", 2)]


def test_what_is_heard_most_often_is_named() -> None:
    takes = [(1, n, f"They asked {name}, who was well-known there.") for n, name in
             enumerate(["win", "when", "when"])]  # fmt: skip
    assert suggested(TEXT, *takes) == [("Nguyen", "when", 3)]


def test_of_a_word_in_parts_all_are_told() -> None:
    heard = "They asked Nguyen, who was well gnome there."
    assert suggested(TEXT, (1, 0, heard), (1, 1, heard)) == [("well-known", "well gnome", 2)]


def test_repetitions_in_one_script_count() -> None:
    text = "Ask Nguyen now. " * 8
    heard = "Ask when now. " * 3
    assert suggested(text, (0, 0, heard), (1, 0, heard))[0][:2] == ("Nguyen", "when")


@pytest.mark.parametrize(
    "transcripts",
    [
        [(1, 0, "They asked when, who was well-known there.")],  # once
        [  # right more often
            (1, 0, "They asked when, who was well-known there."),
            (1, 1, "They asked when, who was well-known there."),
            (1, 2, "They asked Nguyen, who was well-known there."),
            (1, 3, "They asked Nguyen, who was well-known there."),
        ],
        [(1, n, "They asked, who was well-known there.") for n in range(3)],  # lost
        [(1, n, "They asked Nguyen Nguyen, who was well-known there.") for n in range(3)],  # added
        [(1, n, "They bask in when, who was well-known there.") for n in range(3)],  # unclear
        [(1, n, "They asked " + "when " * 9 + ", who was well-known there.") for n in range(3)],
        [(1, n, "They asked nguyen, who was wellknown their.") for n in range(1)],
        [(1, n, "") for n in range(3)],
        [(1, n, "♪ ♪") for n in range(3)],
    ],
)
def test_what_is_no_other_pronunciation_is_not_suggested(
    transcripts: list[tuple[int, int, str]],
) -> None:
    assert suggested(TEXT, *transcripts) == []


def test_words_apart_or_together_are_the_same() -> None:
    takes = [(0, n, "Every one was a sleep, no body in there new.") for n in range(2)]
    assert suggested("Everyone was asleep, nobody in there knew.", *takes) == [("knew", "new", 2)]


def test_another_spelling_is_no_other_pronunciation() -> None:
    takes = [(0, n, "The gray harbor realized it traveled to the center.") for n in range(2)]
    assert suggested("The grey harbour realised it travelled to the centre.", *takes) == []


def test_a_number_is_named_as_it_is_written() -> None:
    takes = [(0, n, "It cost $1,260 in all.") for n in range(2)]
    assert suggested("It cost $1,250 in all.", *takes) == [("$1,250", "$1,260", 2)]


def test_scripts_without_spaces_have_no_words_to_suggest() -> None:
    takes = [(0, n, "今天天汽很好") for n in range(3)]
    assert suggested("今天天气很好。", *takes, language="zh") == []


def test_suggestions_are_bounded() -> None:
    words = [f"{a}{b}nax" for a in "bcdfghkl" for b in "aeiouqwz"]
    text = " ".join(words)
    takes = [(0, n, " ".join(word[::-1] for word in words)) for n in range(2)]
    found = suggested(text, *takes, limit=10_000)
    assert len(found) == MAX_SUGGESTIONS
    assert found[0] == (words[0], words[0][::-1], 2)
