"""A record is counted before it is checked: pydantic describes every wrong value of it."""

import json
from typing import Any

import pytest
from pydantic import BaseModel

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
    with pytest.raises(ValueError, match=f"more than {MAX_VALUES} values"):
        parse(Record, json.dumps(tree).encode())


def test_a_name_that_stands_many_times_counts_each_time() -> None:
    often = b'{"numbers": {' + b",".join([b'"a": "x"'] * MANY) + b"}}"
    with pytest.raises(ValueError, match=f"more than {MAX_VALUES} values"):
        parse(Record, often)


@pytest.mark.parametrize("text", ["[{,", '\\"[,', "\\\\", "\n[", '"', "ä,"])
def test_what_stands_in_a_string_is_no_value(text: str) -> None:
    record = Record(names=[text * MANY, text])
    assert parse(Record, record.model_dump_json().encode()) == record


@pytest.mark.parametrize("end", ["", '"', "\\", '\\"'])
@pytest.mark.parametrize("part", ['\\"', "\\\\", "[", '"', "\\"])
def test_a_string_without_an_end_is_read_once(part: str, end: str) -> None:
    """A pattern that began anew at each of these quotes would take hours."""
    with pytest.raises(ValueError, match=r"\S"):
        parse(Record, ('{"names": ["' + part * 300_000 + end).encode())


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
