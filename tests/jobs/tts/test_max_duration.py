"""`max_duration`: the natural pace where it fits, else just as much faster as needed."""

import pytest

from tests.jobs.conftest import Ask

TEXT = "One morning the old lighthouse was dark. [pause:0.5s] Nobody in the village knew why."


def test_a_speech_that_fits_keeps_its_pace(ask: Ask) -> None:
    plain = ask(text=TEXT)
    fitted = ask(text=TEXT, max_duration=30)
    assert (fitted["duration"], fitted["speed"]) == (plain["duration"], 1.0)
    assert "speed" not in plain


@pytest.mark.parametrize("share", [0.95, 0.85])
def test_a_longer_speech_becomes_just_as_much_faster_as_needed(ask: Ask, share: float) -> None:
    natural = ask(text=TEXT)["duration"]
    limit = round(share * natural, 2)
    fitted = ask(text=TEXT, max_duration=limit, max_speed=1.6, return_word_timings=True)
    assert 0.97 * limit <= fitted["duration"] <= limit
    assert 1 < fitted["speed"] <= 1.6
    assert fitted["word_count"] == 13
    again = ask(endpoint="status", job_id=fitted["job_id"])
    assert again["speed"] == fitted["speed"]


def test_a_text_too_long_says_how_much_to_cut(ask: Ask) -> None:
    reply = ask(text=TEXT, max_duration=2.0)
    assert reply["code"] == "synthesis_failed"
    assert "the speech would last" in reply["error"]
    assert "at the pace 1.25, and max_duration is 2 s; cut about" in reply["error"]
    assert "of its 13 words" in reply["error"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"max_duration": 5, "fix_duration": 5}, "leave one of them out"),
        ({"max_speed": 1.5}, "max_speed is for max_duration"),
        ({"max_duration": 5, "speed": 1.5}, "give a max_speed of at least 1.5"),
        ({"max_duration": 5, "max_speed": 2.5}, "max_speed"),
        ({"max_duration": 0}, "max_duration"),
    ],
)
def test_what_does_not_go_together_is_told(
    ask: Ask, fields: dict[str, float], sentence: str
) -> None:
    reply = ask(text=TEXT, **fields)
    assert reply["code"] == "invalid_request"
    assert sentence in reply["error"]
