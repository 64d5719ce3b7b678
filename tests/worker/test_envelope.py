"""The envelope: RunPod's dictionary is read once, and in one way."""

from typing import Any

import pytest

from worker.envelope import Envelope


@pytest.mark.parametrize(
    ("job", "job_id"), [({}, ""), ({"id": None}, ""), ({"id": "a-1"}, "a-1"), ({"id": 7}, "7")]
)
def test_a_missing_id_is_empty(job: dict[str, Any], job_id: str) -> None:
    assert Envelope.parse(job).id == job_id


def test_the_fingerprint_depends_on_the_input_alone() -> None:
    first = Envelope.parse({"id": "a", "input": {"text": "Hi.", "speed": 1}, "s3Config": {"a": 1}})
    same = Envelope.parse({"id": "b", "input": {"speed": 1, "text": "Hi."}})
    other = Envelope.parse({"id": "a", "input": {"text": "Hi!", "speed": 1}})
    assert first.fingerprint == same.fingerprint != other.fingerprint
    # The manifests of finished jobs hold this value: a later release must compute the same.
    assert same.fingerprint == "3ee01f05af86c2c7a820a529ca78556813f228751209bd3bf307f89006449981"
