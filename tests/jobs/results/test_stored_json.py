"""A record is counted before it is checked: pydantic describes every wrong value of it."""

import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from jobs.results.stored_json import MAX_VALUES, parse


class Record(BaseModel):
    names: list[str] = []
    numbers: dict[str, float] = {}


MANY = 10 * MAX_VALUES


@pytest.mark.parametrize(
    "tree",
    [
        {"names": [[]] * MANY},
        {"names": [""] * MANY},
        {"numbers": dict.fromkeys(map(str, range(MANY)), "a")},
        {"unknown": [{"a": [1] * 100}] * (MANY // 100)},
        [0] * MANY,
    ],
    ids=lambda tree: str(tree)[:20],
)
def test_a_record_of_too_many_values_is_not_checked(tree: Any) -> None:
    with pytest.raises(ValueError, match="more than 20000 values"):
        parse(Record, json.dumps(tree).encode())


def test_a_name_that_stands_many_times_is_checked_once() -> None:
    twice = b'{"numbers": {' + b",".join([b'"a": "x"'] * MANY) + b"}}"
    with pytest.raises(ValidationError) as raised:
        parse(Record, twice)
    assert raised.value.error_count() == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"1" * 100_000, b'"\\ud800"', b"null", b"5", b'"a"'],
    ids=lambda data: repr(data[:10]),
)
def test_what_is_no_record_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse(Record, data)


def test_fields_of_a_later_release_are_left_out() -> None:
    assert parse(Record, b'{"names": ["a"], "later": {"b": [1]}}') == Record(names=["a"])
