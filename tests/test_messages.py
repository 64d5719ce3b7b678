"""Text of clients in errors and log lines: one line, bounded, no control character, no password."""

import json

import pytest

from errors import WorkerError
from messages import (
    MAX_SENTENCE,
    SHOWN,
    closest,
    did_you_mean,
    escape_controls,
    hide_credentials,
    one_line,
    quote_value,
)

FORGING = "a\nFORGED\r\x0b\x0c\x1b[31m\x85\x9b\u2028\u2029\u202e\u2066\u200f\u061c\ud800"
ESCAPED = r"a\nFORGED\r\x0b\x0c\x1b[31m\x85\x9b\u2028\u2029\u202e\u2066\u200f\u061c\ud800"


def test_a_line_has_no_control_character() -> None:
    assert one_line(FORGING) == ESCAPED
    assert (
        one_line("Ana María, 日本語, हिन्दी, 👩\u200d💻") == "Ana María, 日本語, हिन्दी, 👩\u200d💻"
    )
    assert escape_controls("a\tb\nc\x1b\u202e") == "a\tb\nc\\x1b\\u202e"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("s3://u:PW@host/x", "s3://u:[hidden]@host/x"),
        ("s3://AKIA:a/b+c@host", "s3://AKIA:[hidden]@host"),
        ("https://tok@github.com", "https://[hidden]@github.com"),
        ("https:/u:pw@h", "https:/u:[hidden]@h"),
        ("https:///u:pw@h", "https:///u:[hidden]@h"),
        ("//u:pw@host", "//[hidden]@host"),
        ("u:pw@host", "u:[hidden]@host"),
        ("redis://:pw@h", "redis://:[hidden]@h"),
        ('"https://u:p:w@h"', '"https://u:[hidden]@h"'),
        ("https://h/a?X-Amz-Signature=ab&x=1", "https://h/a?X-Amz-Signature=[hidden]&x=1"),
        ("https://h/a?token=ab&api_key=cd&x=1", "https://h/a?token=[hidden]&api_key=[hidden]&x=1"),
        ("voices/anna@home.wav", "voices/anna@home.wav"),
        ("mail me@x.org, at 3:45 @noon", "mail me@x.org, at 3:45 @noon"),
        ("https://example.com/a.wav?v=2", "https://example.com/a.wav?v=2"),
    ],
)
def test_passwords_and_signatures_are_hidden(written: str, shown: str) -> None:
    assert hide_credentials(written) == shown


def test_a_password_is_hidden_where_its_end_is_cut_off() -> None:
    quoted = quote_value(f"s3://user:{'p4ss' * 100}@host/x")
    assert quoted == '"s3://user:[hidden]@host/x"'


def test_what_is_long_is_cut() -> None:
    assert len(one_line("x" * 10_000_000)) == MAX_SENTENCE + 3
    for value in ("x" * 10_000, ["x"] * 10_000, {str(n): n for n in range(10_000)}):
        assert len(quote_value(value)) == SHOWN + 3


def test_a_value_is_read_no_further_than_it_is_shown() -> None:
    class Counted(list[int]):
        """A list that counts how many of its items are read."""

        read = 0

        def __iter__(self):  # type: ignore[no-untyped-def]
            for item in super().__iter__():
                self.read += 1
                yield item

    value = Counted(range(100_000))
    assert quote_value(value).startswith("[0, 1, 2, 3")
    assert value.read < 500


def test_a_deep_value_is_shown() -> None:
    deep: object = "x"
    for _ in range(5000):
        deep = [deep]
    assert quote_value(deep) == "[" * SHOWN + "..."


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        (1.5, "1.5"),
        ("ä\n\ud800", r'"ä\n\ud800"'),
        ({"a": [True, float("nan")]}, '{"a": [true, NaN]}'),
        ({"a": {1, 2}}, '{"a": "..."}'),
    ],
)
def test_a_value_is_json(value: object, shown: str) -> None:
    assert quote_value(value) == shown


def test_the_most_similar_name_is_found_in_any_case() -> None:
    assert closest("DEFAULT", ["anna", "default"]) == "default"
    assert closest("anna.mp3", ["ben", "anna"]) == "anna"
    assert did_you_mean("voise", ["text", "voice"]) == ", did you mean 'voice'?"
    assert did_you_mean("qqqq", ["text", "voice"]) == ""


def test_every_error_is_made_safe() -> None:
    error = WorkerError(f"no {FORGING} at s3://u:PW@host", [FORGING, "y" * 10_000_000])
    reply = error.reply()
    assert reply["error"] == f"internal_error: no {ESCAPED} at s3://u:[hidden]@host"
    assert error.sentence in str(error)
    assert reply["details"][0] == ESCAPED
    assert len(json.dumps(reply)) < 2 * MAX_SENTENCE
