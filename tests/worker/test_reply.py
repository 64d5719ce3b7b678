"""What leaves the worker is JSON that RunPod accepts, and tells its SDK nothing by accident."""

import json
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import BaseModel

from handler import ENDPOINTS, OPENAI_ROUTES
from worker.reply import CONTROL_FIELDS, MAX_REPLY_BYTES, ReplyTooLarge, to_output


class Said(BaseModel):
    text: str | None = None
    number: float | None = None


def reply_models() -> Iterator[type[BaseModel]]:
    for endpoint in [*ENDPOINTS.values(), *OPENAI_ROUTES.values()]:
        kind = get_type_hints(endpoint.run)["return"]
        yield from get_args(kind) or (kind,)


def test_no_model_of_a_reply_has_a_field_that_the_sdk_takes_for_itself() -> None:
    models = [*reply_models()]
    assert len(models) >= len(ENDPOINTS)
    for model in models:
        assert not model.model_fields.keys() & CONTROL_FIELDS, model
        assert model.model_config["extra"] == "forbid", model


def test_only_the_worker_asks_to_be_replaced() -> None:
    assert to_output(Said(text="a")) == {"text": "a"}
    assert to_output(Said(text="a"), replace_worker=True) == {"text": "a", "refresh_worker": True}


def test_a_reply_that_runpod_would_drop_is_an_error_with_its_size() -> None:
    room = MAX_REPLY_BYTES - len(json.dumps({"text": ""}))
    assert to_output(Said(text="ä" * (room // 2)))
    with pytest.raises(ReplyTooLarge, match=r"5\.0 MB"):
        to_output(Said(text="ä" * (room // 2 + 1)))


@pytest.mark.parametrize("fields", [{"number": float("nan")}, {"number": float("inf")}])
def test_what_is_no_json_never_leaves(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_output(Said(**fields))
