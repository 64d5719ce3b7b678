"""examples/postman_collection.json: RunPod's calls, and a request of each endpoint, from API.md."""

import json
from collections.abc import Iterable
from typing import Any

from openapi_runpod import Json, examples_of

URL = "https://example.com/"
KEEP_JOB = """\
const id = pm.response.json().id;
if (id) pm.collectionVariables.set("job_id", id);
"""
"""Postman runs it after an answer: the requests about a job are then about this one."""


def collection(api: str, endpoints: Iterable[str]) -> Json:
    """A collection of Postman, version 2.1.

    api: the text of API.md, whose first example of an endpoint is its request.
    endpoints: the names of the worker's endpoints and routes.
    """
    variables = {
        "endpoint": "https://api.runpod.ai/v2/ENDPOINT_ID",
        "api_key": "",
        "job_id": "c1f8b6d2-u1",
    }
    bodies: dict[str, Json] = {}
    for example in examples_of(api)["request"].values():
        body = example["value"]
        name = body["input"].get("openai_route") or body["input"].get("endpoint", "tts")
        bodies.setdefault(name, _with_variables(body, variables))
    # What deletes comes last: a run of the whole collection still needs the job and the voice.
    shown = [name for name in endpoints if name in bodies]
    names = sorted(shown, key=lambda name: name.startswith("delete_"))
    speech = json.dumps(bodies["tts"], indent=2, ensure_ascii=False)
    calls = [
        _request("Send a job", "POST", "run", speech, keeps_job=True),
        _request("Send a job and wait", "POST", "runsync?wait=120000", speech, keeps_job=True),
        _request("State of the job", "GET", "status/{{job_id}}"),
        _request("Cancel the job", "POST", "cancel/{{job_id}}"),
        _request("Retry the job", "POST", "retry/{{job_id}}"),
        _request("Health of the endpoint", "GET", "health"),
    ]
    jobs = [
        _request(
            name, "POST", "runsync?wait=120000",
            json.dumps(bodies[name], indent=2, ensure_ascii=False), keeps_job=name == "tts",
        )
        for name in names
    ]  # fmt: skip
    return {
        "info": {
            "name": "F5-TTS worker",
            "description": "Set the variables `endpoint` and `api_key` first.",
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "auth": {
            "type": "bearer",
            "bearer": [{"key": "token", "value": "{{api_key}}", "type": "string"}],
        },
        "item": [
            {"name": "RunPod's calls", "item": calls},
            {"name": "A job of each endpoint", "item": jobs},
        ],
        "variable": [
            {"key": key, "value": value, "type": "string"} for key, value in variables.items()
        ],
    }


def _with_variables(value: Any, variables: dict[str, str], name: str = "") -> Any:
    """An example with a variable for each job's id and URL in it, whose values go to `variables`.

    name: of the field that has the value.
    """
    if isinstance(value, dict):
        return {key: _with_variables(one, variables, key) for key, one in value.items()}
    if not isinstance(value, str):
        return value
    if name == "job_id":
        return "{{job_id}}"
    if value.startswith(URL):
        variables[name] = value
        return f"{{{{{name}}}}}"
    return value


def _request(
    name: str, method: str, path: str, body: str | None = None, *, keeps_job: bool = False
) -> Json:
    """One request; `keeps_job`: whether those about a job are about this one from then on."""
    where, _, query = path.partition("?")
    url: Json = {
        "raw": "{{endpoint}}/" + path,
        "host": ["{{endpoint}}"],
        "path": where.split("/"),
    }
    if query:
        key, _, value = query.partition("=")
        url["query"] = [{"key": key, "value": value}]
    request: Json = {"method": method, "header": [], "url": url}
    if body is not None:
        request["header"] = [{"key": "Content-Type", "value": "application/json"}]
        options = {"raw": {"language": "json"}}
        request["body"] = {"mode": "raw", "raw": body, "options": options}
    script = {"type": "text/javascript", "exec": KEEP_JOB.splitlines()}
    event = [{"listen": "test", "script": script}] if keeps_job else []
    return {"name": name, **({"event": event} if event else {}), "request": request, "response": []}
