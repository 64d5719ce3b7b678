"""The contract of the worker behind RunPod's API, as an OpenAPI 3.1 document: `scripts/openapi`.

It writes openapi.json and examples/postman_collection.json (postman.py); with `--check` it says
whether they are as it would write them. The worker's part comes from handler.py's
table, the models, and the examples and error codes of API.md, so a new endpoint or field needs no
line here. openapi_runpod.py has RunPod's part.
"""

import json
import re
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from openapi_runpod import SCHEMAS, Json, job_schemas, paths
from postman import collection
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import handler  # noqa: E402
from jobs.schema.s3_config import S3Config  # noqa: E402
from worker import release  # noqa: E402

TABLE = {**handler.ENDPOINTS, **handler.OPENAI_ROUTES}
_WORDS = re.compile(r"[a-z0-9]+")
_FIELD = re.compile(r"^(\w+): (.*(?:\n    .*)*)$", re.M)
_BOUNDS = {
    "ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum",
    "min_length": "minLength", "max_length": "maxLength",
}  # fmt: skip
"""pydantic's names of bounds that it leaves as they are where a check runs before the type's."""


def build(api: str) -> Json:
    """The document; `api` is the text of API.md."""
    replies = _replies()
    schemas, names = _schemas(replies)
    outputs = {names[kind]: None for kinds in replies.values() for kind in kinds}
    schemas |= _inputs(schemas, names, replies) | job_schemas(list(outputs), api)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "F5-TTS worker",
            "version": release.version(),
            "summary": "Speech from a script, and files that say when each word is spoken.",
            "description": "A RunPod serverless endpoint. A job is one JSON object in and one out; "
            "files travel as links. The values of a choice, such as a format, are taken in any "
            "case.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "https://api.runpod.ai"}],
        "security": [{"key": []}],
        "paths": paths(api),
        "components": {
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "A key of RunPod's API."}
            },
            "schemas": dict(sorted(schemas.items())),
        },
    }


def _replies() -> dict[str, list[type[BaseModel]]]:
    """The models of the replies of each endpoint and route, by its name."""
    answers = {
        name: typing.get_type_hints(endpoint.run)["return"] for name, endpoint in TABLE.items()
    }
    return {name: list(typing.get_args(kind)) or [kind] for name, kind in answers.items()}


def _schemas(
    replies: dict[str, list[type[BaseModel]]],
) -> tuple[Json, dict[type[BaseModel], str]]:
    """The schema of every model by its name, and the names of the requests and replies."""
    requests: list[type[BaseModel]] = [endpoint.request for endpoint in TABLE.values()]
    requests.append(S3Config)
    asked = dict.fromkeys(requests)
    answers = dict.fromkeys(kind for kinds in replies.values() for kind in kinds)
    modes: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        *((kind, "validation") for kind in asked),
        *((kind, "serialization") for kind in answers),
    ]
    references, found = models_json_schema(modes, ref_template=SCHEMAS + "{model}")
    schemas: Json = found["$defs"]
    names = {kind: _name(references[kind, mode]) for kind, mode in modes}
    of_requests = _reachable(schemas, [names[kind] for kind in asked])
    for name, schema in schemas.items():
        _tidy(schema)
        if name not in of_requests:
            _as_reply(schema)
    return schemas, names


def _name(reference: Json) -> str:
    return str(reference["$ref"]).removeprefix(SCHEMAS)


def _reachable(schemas: Json, names: list[str]) -> set[str]:
    """These schemas, and those that they refer to."""
    found: set[str] = set()
    while names:
        name = names.pop()
        if name not in found:
            found.add(name)
            names += [_name(node) for node in _nodes(schemas[name]) if "$ref" in node]
    return found


def _nodes(value: Any) -> Iterator[Json]:
    """Every object in a value, from the outside to the inside."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from _nodes(inner)


def _tidy(schema: Json) -> None:
    """Leave out titles that repeat names and defaults of whole objects; give bounds their names."""
    fields = schema.get("properties", {})
    for node in _nodes(schema):
        if isinstance(node.get("title"), str):
            del node["title"]
        if isinstance(node.get("default"), dict):
            del node["default"]
        for name in [bound for bound in _BOUNDS if bound in node]:
            node[_BOUNDS[name]] = node.pop(name)
    # A docstring explains the fields in lines of their own: `name: what it is`.
    told = schema.get("description", "")
    for name, meaning in _FIELD.findall(told):
        if name in fields:
            fields[name].setdefault("description", _one_line(meaning))
    schema["description"] = _one_line(_FIELD.sub("", told))


def _one_line(told: str) -> str:
    """Without the line ends of the code; the first letter is a capital."""
    line = " ".join(told.split())
    return line[:1].upper() + line[1:]


def _as_reply(schema: Json) -> None:
    """As the worker sends it: a field that has nothing to say is missing, and none is null.

    A later release may add fields, so others than these are no fault.
    """
    schema.pop("additionalProperties", None)
    required = set(schema.get("required", []))
    for name, field in schema.get("properties", {}).items():
        if "default" in field:
            default = field.pop("default")
            required |= {name} if default is not None else set()
        elif "anyOf" not in field:
            required.add(name)
        choices = [choice for choice in field.get("anyOf", []) if choice != {"type": "null"}]
        if len(choices) == 1:
            del field["anyOf"]
            field |= choices[0]
        elif choices:
            field["anyOf"] = choices
    if required:
        schema["required"] = [name for name in schema["properties"] if name in required]


def _inputs(
    schemas: Json, names: dict[type[BaseModel], str], replies: dict[str, list[type[BaseModel]]]
) -> Json:
    """The objects under `input`, one for each endpoint and route, and `Input` for all of them.

    The schemas of the requests that they replace leave `schemas`.
    """
    inputs: Json = {}
    kinds: Json = {}
    for name, endpoint in TABLE.items():
        request = names[endpoint.request]
        answers = " or ".join(f"`{names[kind]}`" for kind in replies[name])
        told = f"{schemas[request]['description']} The output of its job is {answers}."
        title = "".join(word.capitalize() for word in _WORDS.findall(name)) + "Input"
        kinds[name] = {"$ref": SCHEMAS + title}
        is_endpoint = name in handler.ENDPOINTS
        shape = _of_endpoint(name, schemas[request]) if is_endpoint else _of_route(name, request)
        inputs[title] = shape | {"description": told}
    for endpoint in handler.ENDPOINTS.values():
        schemas.pop(names[endpoint.request], None)
    endpoints = {name: kinds[name] for name in handler.ENDPOINTS}
    routes = [kinds[name] for name in handler.OPENAI_ROUTES]
    inputs["Input"] = {
        "description": "Without `endpoint` it is `tts`.",
        "oneOf": [{"$ref": SCHEMAS + "EndpointInput"}, *routes],
    }
    inputs["EndpointInput"] = {
        "oneOf": list(endpoints.values()),
        "discriminator": {
            "propertyName": "endpoint",
            "mapping": {name: kind["$ref"] for name, kind in endpoints.items()},
        },
    }
    return inputs


def _of_endpoint(name: str, model: Json) -> Json:
    """The request of an endpoint, with the field that names it."""
    is_default = name == "tts"
    named: Json = {"type": "string", "const": name} | ({"default": name} if is_default else {})
    required = model.get("required", [])
    return model | {
        "properties": {"endpoint": named, **model.get("properties", {})},
        "required": required if is_default else ["endpoint", *required],
    }


def _of_route(name: str, model: str) -> Json:
    """A call of one of OpenAI's routes."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "openai_route": {"type": "string", "const": name},
            "openai_input": {"$ref": SCHEMAS + model},
        },
        "required": ["openai_route"],
    }


def main() -> int:
    """Write the files, or with `--check` name those that are not what would be written."""
    api = (ROOT / "API.md").read_text()
    made = {"openapi.json": build(api), "examples/postman_collection.json": collection(api, TABLE)}
    stale = 0
    for name, document in made.items():
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        target = ROOT / name
        if sys.argv[1:] != ["--check"]:
            target.write_text(text)
            print(f"{name}: {target.stat().st_size:,} bytes")
        elif not target.is_file() or target.read_text() != text:
            print(f"{name} is stale: run scripts/openapi")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
