"""RunPod's part of openapi.json: the operations on an endpoint, and the states of a job."""

import json
import re
from collections import Counter
from typing import Any

Json = dict[str, Any]

SCHEMAS = "#/components/schemas/"
# A request that is marked `as_text` shows what the worker reads beside the types of the contract.
_EXAMPLE = re.compile(
    r"^<!-- (request|reply|error)(?:: (?!as_text)\w+)? -->\n```json\n(.*?)```", re.M | re.S
)
_HEADING = re.compile(r"^#{1,4} (.+)$", re.M)
_CODE = re.compile(r"^\| `(\w+)` \| (.+) \|$", re.M)
_NOT_A_NAME = re.compile(r"[^a-z0-9]+")


def job_schemas(outputs: list[str], api: str) -> Json:
    """What RunPod takes and answers: the body of a job, its states, and the health.

    outputs: the names of the replies' schemas.
    """
    codes = dict(_CODE.findall(api.split("\n## Errors\n")[1].split("\n## ")[0]))
    text, number = {"type": "string"}, {"type": "integer", "minimum": 0}
    states = {
        "QueuedJob": (["IN_QUEUE"], {}),
        "RunningJob": (["IN_PROGRESS"], {"output": {"$ref": SCHEMAS + "Progress"}}),
        "CompletedJob": (["COMPLETED"], {"output": {"$ref": SCHEMAS + "Output"}}),
        "FailedJob": (
            ["FAILED"],
            {
                "error": {"type": "string", "description": "`<code>: <message>`"},
                "output": {"$ref": SCHEMAS + "ErrorOutput"},
            },
        ),
        "StoppedJob": (["CANCELLED", "TIMED_OUT"], {"error": text}),
    }
    times = {
        "delayTime": number | {"description": "Milliseconds in the queue."},
        "executionTime": number | {"description": "Milliseconds on the worker."},
        "workerId": text,
    }
    return {
        "Job": _object(
            {
                "input": {"$ref": SCHEMAS + "Input"},
                "webhook": {
                    "type": "string",
                    "format": "uri",
                    "description": "RunPod POSTs the finished job there.",
                },
                "policy": {"$ref": SCHEMAS + "Policy"},
                "s3Config": {
                    "$ref": SCHEMAS + "S3Config",
                    "description": "A bucket for this job's files in place of the worker's.",
                },
            },
            ["input"],
        ),
        "Policy": _object(
            {
                "executionTimeout": _milliseconds(5000, 600_000, "How long the job may run."),
                "ttl": _milliseconds(
                    10_000,
                    86_400_000,
                    "How long RunPod keeps the job, from its submission; then it is gone, even "
                    "while it runs.",
                ),
                "lowPriority": {
                    "type": "boolean",
                    "default": False,
                    "description": "Whether the job waits for a worker that runs anyway.",
                },
            },
            [],
        ),
        **{
            name: _object(
                {
                    "id": text,
                    "status": {"type": "string", "enum": statuses},
                    **fields,
                    **(times if name != "QueuedJob" else {"delayTime": times["delayTime"]}),
                },
                ["id", "status", *(["error"] if name == "FailedJob" else [])],
            )
            for name, (statuses, fields) in states.items()
        },
        "JobState": {
            "oneOf": [{"$ref": SCHEMAS + name} for name in states],
            "discriminator": {
                "propertyName": "status",
                "mapping": {
                    status: SCHEMAS + name
                    for name, (statuses, _) in states.items()
                    for status in statuses
                },
            },
        },
        "Progress": _object(
            {
                "stage": text | {"description": "`synthesis`, `timing`, `upload`, ..."},
                "done": number,
                "total": number,
                "waiting_for": text | {"description": "The job whose reply this one will give."},
            },
            ["stage", "done", "total"],
        ),
        "Output": {"anyOf": [{"$ref": SCHEMAS + name} for name in outputs]},
        "ErrorOutput": _object(
            {
                "code": {
                    "type": "string",
                    "enum": list(codes),
                    "description": "\n".join(f"- `{code}`: {when}" for code, when in codes.items()),
                },
                "message": text | {"description": "The problem and its remedy, for people."},
                "details": {
                    "type": "array",
                    "items": text,
                    "minItems": 1,
                    "description": "One line for each fault.",
                },
            },
            ["code", "message", "details"],
        ),
        "StreamState": _object(
            {"status": text, "stream": {"type": "array", "items": _object({"output": {}}, [])}},
            ["status", "stream"],
        ),
        "EndpointHealth": _object(
            {
                "jobs": {"type": "object", "additionalProperties": number},
                "workers": {"type": "object", "additionalProperties": number},
            },
            ["jobs", "workers"],
        ),
    }


def _object(fields: Json, required: list[str]) -> Json:
    """An object of RunPod's; it may have other fields too."""
    return {"type": "object", "properties": fields} | ({"required": required} if required else {})


def _milliseconds(least: int, default: int, told: str) -> Json:
    week = 7 * 24 * 3600 * 1000
    return {
        "type": "integer", "minimum": least, "maximum": week, "default": default,
        "description": f"Milliseconds. {told}",
    }  # fmt: skip


def paths(api: str) -> Json:
    """RunPod's operations on an endpoint and its jobs."""
    examples = examples_of(api)
    states, job = SCHEMAS + "JobState", _body(SCHEMAS + "Job", examples["request"])
    finished = {**examples["reply"], **examples["error"]}
    wait = {
        "name": "wait",
        "in": "query",
        "description": "Milliseconds until RunPod answers with the job's state as it is then.",
        "schema": {"type": "integer", "minimum": 1000, "maximum": 300_000, "default": 90_000},
    }
    run = _operation("run", "Queue a job, of up to 10 MB.", states, body=job)
    run["callbacks"] = {
        "finished": {
            "{$request.body#/webhook}": {
                "post": {
                    "summary": "What RunPod sends to `webhook`, three times at most until it "
                    "answers 200.",
                    "requestBody": _body(states, finished),
                    "responses": {"200": {"description": "Taken."}},
                }
            }
        }
    }
    runsync = _operation(
        "runsync", "Queue a job, of up to 20 MB, and wait for it.", states, finished, job
    )
    runsync["parameters"] = [wait]
    operations = {
        "run": {"post": run},
        "runsync": {"post": runsync},
        "status/{job_id}": {
            "get": _operation("status", "The state of a job.", states, finished),
        },
        "stream/{job_id}": {
            "get": _operation(
                "stream", "What the job has sent since the last call.", SCHEMAS + "StreamState"
            ),
        },
        "cancel/{job_id}": {
            "post": _operation("cancel", "Stop a job that waits or runs.", states),
        },
        "retry/{job_id}": {
            "post": _operation("retry", "Queue a job again that failed or timed out.", states),
        },
        "health": {
            "get": _operation(
                "health", "Counts of jobs and workers; it costs nothing.",
                SCHEMAS + "EndpointHealth",
            ),
        },
    }  # fmt: skip
    endpoint = _in_path("endpoint_id", "The id of the endpoint.")
    id_of_job = _in_path("job_id", "The id that `run` or `runsync` answered.")
    return {
        f"/v2/{{endpoint_id}}/{path}": {
            "parameters": [endpoint, id_of_job] if "{job_id}" in path else [endpoint],
            **methods,
        }
        for path, methods in operations.items()
    }


def _operation(
    name: str, summary: str, answer: str, examples: Json | None = None, body: Json | None = None
) -> Json:
    of_job = name in ("status", "stream", "cancel", "retry")
    found = {"description": "OK", "content": _body(answer, examples or {})["content"]}
    responses: Json = {"200": found}
    if body:
        responses["400"] = {"description": "The body is no JSON, has no `input`, or is too large."}
    responses["401"] = {"description": "The key is missing or wrong."}
    known = "The endpoint has no such job, or not any more." if of_job else "No such endpoint."
    responses["404"] = {"description": known}
    responses["429"] = {"description": "Too many requests: wait, then send it again."}
    described: Json = {"operationId": name, "summary": summary}
    return described | ({"requestBody": body} if body else {}) | {"responses": responses}


def _body(schema: str, examples: Json) -> Json:
    content: Json = {"schema": {"$ref": schema}} | ({"examples": examples} if examples else {})
    return {"required": True, "content": {"application/json": content}}


def _in_path(name: str, told: str) -> Json:
    return {
        "name": name, "in": "path", "required": True, "description": told,
        "schema": {"type": "string"},
    }  # fmt: skip


def examples_of(api: str) -> dict[str, Json]:
    """API.md's examples by their kind, each named after its heading."""
    found: dict[str, Json] = {"request": {}, "reply": {}, "error": {}}
    seen: Counter[str] = Counter()
    headings = [(match.start(), match.group(1)) for match in _HEADING.finditer(api)]
    for match in _EXAMPLE.finditer(api):
        kind, value = match.group(1), json.loads(match.group(2))
        heading = [title for start, title in headings if start < match.start()][-1]
        base = f"{_NOT_A_NAME.sub('_', heading.lower()).strip('_')}_{kind}"
        seen[base] += 1
        name = base if seen[base] == 1 else f"{base}_{seen[base]}"
        if kind == "reply":
            value = {"id": value.get("job_id", "c1f8b6d2-u1"), "status": "COMPLETED",
                     "output": value}  # fmt: skip
        if kind == "error":
            error = value.pop("error")
            value = {"id": "c1f8b6d2-u1", "status": "FAILED", "error": error, "output": value}
        found[kind][name] = {"summary": heading, "value": value}
    return found
