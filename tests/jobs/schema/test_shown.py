"""What a request may ask to be shown: `markup`, `emoji` and `show` of `subtitles`."""

from typing import Any

import pytest

import handler
from errors import WorkerError

ENDPOINTS: list[dict[str, Any]] = [{"text": "a"}, {"endpoint": "timing", "job_id": "a"}]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(
    ("subtitles", "sentence"),
    [
        ({"markup": "hide"}, 'subtitles.markup: "hide" is none of strip, keep'),
        ({"emoji": "drop"}, 'subtitles.emoji: "drop" is none of keep, strip'),
        ({"emoji": True}, "subtitles.emoji must be a string, got true"),
        (
            {"show": ["damn"]},
            'subtitles.show must be an object, got ["damn"]; give one such as {"damn": "d**n"}',
        ),
        (
            {"show": {f"w{n}": "x" for n in range(201)}},
            "subtitles.show: 201 words are given, and at most 200 are allowed",
        ),
        (
            {"show": {"two words": "x"}},
            'subtitles.show.two words: "two words" is not one written word; '
            "give one word without spaces",
        ),
        (
            {"show": {"": "x"}},
            'subtitles.show: "" is not one written word; give one word without spaces',
        ),
        (
            {"show": {"a": "b\x07c"}},
            'subtitles.show.a: "b\\u0007c" is not one line of visible text; leave control '
            "characters out",
        ),
        (
            {"show": {"a": "\u202eb"}},
            'subtitles.show.a: "\\u202eb" is not one line of visible text; leave control '
            "characters out",
        ),
        ({"show": {"a": 5}}, 'subtitles.show.a must be a string, got 5; write it in quotes: "5"'),
        (
            {"show": {"a": "x" * 101}},
            "subtitles.show.a has 101 characters, and at most 100 are allowed",
        ),
        (
            {"show": {"a": "\ud800"}},
            'subtitles.show.a must be valid Unicode, got "\\ud800"; '
            "it has half of a surrogate pair: send each character whole, such as an emoji",
        ),
        ({"shown": {}}, "unknown field \"subtitles.shown\", did you mean 'show'?"),
    ],
)
def test_a_wrong_wish_is_refused(
    endpoint: dict[str, Any], subtitles: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(WorkerError) as raised:
        handler.parse({**endpoint, "subtitles": subtitles})
    assert raised.value.code == "invalid_request"
    assert raised.value.sentence == sentence


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("d**n", "d**n"),
        ("", ""),
        ("  ", ""),
        (" New  York ", "New York"),
        ("👩‍👩‍👧 می‌خواهم", "👩‍👩‍👧 می‌خواهم"),
    ],
)
def test_what_is_shown_is_one_line(endpoint: dict[str, Any], given: str, shown: str) -> None:
    request: Any = handler.parse({**endpoint, "subtitles": {"show": {"a": given}}})[1]
    assert request.subtitles.shown_rules().show == {"a": shown}


def test_two_hundred_words_may_be_shown_in_another_way() -> None:
    show = {f"w{n}": "x" for n in range(200)}
    request: Any = handler.parse({"text": "a", "subtitles": {"show": show}})[1]
    assert request.subtitles.shown_rules().show == show
