"""The flows of examples/ for n8n and Postman: each request in them is sent to a real worker."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import handler
from tests.job_server import JobServer
from tests.support.loop import Loop, fetch
from tests.support.web import serving
from tests.test_docs import API, examples
from tests.test_examples import EXAMPLES

N8N: dict[str, Any] = json.loads((EXAMPLES / "n8n-workflow.json").read_text())
POSTMAN: dict[str, Any] = json.loads((EXAMPLES / "postman_collection.json").read_text())
FIRST_ENDPOINT = "https://api.runpod.ai/v2/ENDPOINT_ID"


# n8n


def test_the_workflow_is_whole_and_holds_no_key() -> None:
    names = [node["name"] for node in N8N["nodes"]]
    assert len(set(names)) == len(names) == len({node["id"] for node in N8N["nodes"]})
    for node in N8N["nodes"]:
        assert re.fullmatch(r"n8n-nodes-base\.\w+", node["type"])
        assert isinstance(node["typeVersion"], int | float)
        assert len(node["position"]) == 2
        assert node.get("credentials", {}) in ({}, {"httpHeaderAuth": {"id": "", "name": "RunPod"}})
    linked = [
        link["node"]
        for ends in N8N["connections"].values()
        for links in ends["main"]
        for link in links
    ]
    assert set(linked) | {"Start"} == set(names)
    assert set(N8N["connections"]) <= set(names)
    assert "Bearer" not in json.dumps(N8N)


def run_n8n(server: JobServer, folder: Path, text: str) -> "subprocess.CompletedProcess[str]":
    flow = json.dumps(N8N, ensure_ascii=False)
    assert flow.count(FIRST_ENDPOINT) == 1
    flow = flow.replace(FIRST_ENDPOINT, server.url).replace("Hello there. How are you?", text)
    (folder / "flow.json").write_text(flow)
    program = Path(__file__).resolve().parent / "js" / "n8n.mjs"
    return subprocess.run(
        ["node", program, folder / "flow.json", "Bearer anything"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.needs("node")
def test_the_workflow_speaks_and_downloads_every_file(loop_worker: Loop, tmp_path: Path) -> None:
    ran = run_n8n(loop_worker.server, tmp_path, "A workflow speaks.")
    assert ran.returncode == 0, ran.stderr
    files = json.loads(ran.stdout)
    endings = [Path(httpx.URL(file["url"]).path).suffix for file in files]
    assert endings == [".mp3", ".srt", ".json"]
    assert all(file["size"] > 20 for file in files)
    assert files[1]["start"].startswith("1\n")


@pytest.mark.needs("node")
def test_the_workflow_stops_with_the_workers_sentence(loop_worker: Loop, tmp_path: Path) -> None:
    ran = run_n8n(loop_worker.server, tmp_path, "🎉")
    assert ran.returncode == 1
    assert ran.stderr.startswith("text_rejected: ")


# Postman


def requests() -> list[dict[str, Any]]:
    return [one for folder in POSTMAN["item"] for one in folder["item"]]


def test_the_collection_is_one_of_version_2_1() -> None:
    assert set(POSTMAN) == {"info", "auth", "item", "variable"}
    assert "/v2.1.0/" in POSTMAN["info"]["schema"]
    assert POSTMAN["auth"]["type"] == "bearer"
    variables = {one["key"] for one in POSTMAN["variable"]}
    used = set(re.findall(r"\{\{(\w+)\}\}", json.dumps(POSTMAN)))
    assert used == variables
    assert {one["key"]: one["value"] for one in POSTMAN["variable"]}["api_key"] == ""
    for one in requests():
        assert one["request"]["method"] in ("GET", "POST")
        url = one["request"]["url"]
        query = "&".join(f"{part['key']}={part['value']}" for part in url.get("query", []))
        parts = "/".join([*url["host"], *url["path"]])
        assert url["raw"] == (f"{parts}?{query}" if query else parts)


def test_the_collection_has_a_request_of_every_endpoint() -> None:
    shown = {request["input"].get("openai_route") for _, request in examples(API, "request")}
    names = [one["name"] for one in POSTMAN["item"][1]["item"]]
    assert set(names) == {*handler.ENDPOINTS, *filter(None, shown)}


@pytest.fixture
def client(json_loop: Loop) -> Iterator[httpx.Client]:
    """A client of a worker that may fetch from loopback; at the end, the lexicon is as before."""
    with json_loop.client() as client:
        yield client
        words = ["nginx", "GIF"]
        job = {"input": {"endpoint": "lexicon", "action": "remove", "words": words}}
        assert client.post("/runsync", json=job).json()["status"] == "COMPLETED"


def test_every_request_of_the_collection_works_in_its_order(
    client: httpx.Client, json_loop: Loop, tmp_path: Path
) -> None:
    values = {one["key"]: one["value"] for one in POSTMAN["variable"]}
    values |= {"endpoint": json_loop.server.url, "api_key": "anything"}
    with serving(tmp_path) as web:
        for one in requests():
            answer = send(client, one["request"], values)
            if any(
                "job_id" in line
                for event in one.get("event", [])
                for line in event["script"]["exec"]
            ):
                values["job_id"] = answer["id"]
            if one["name"] == "tts":
                (tmp_path / "clip.wav").write_bytes(fetch(answer["output"]["audio_url"]).content)
                urls = {key for key, value in values.items() if "example.com" in value}
                values |= dict.fromkeys(urls, f"{web}/clip.wav")
            if "runsync" in one["request"]["url"]["raw"]:
                assert answer["status"] == "COMPLETED", (one["name"], answer)


def send(client: httpx.Client, request: dict[str, Any], values: dict[str, str]) -> Any:
    """Send a request of the collection with the values of its variables."""

    def fill(text: str) -> str:
        return re.sub(r"\{\{(\w+)\}\}", lambda name: values[name.group(1)], text)

    body = request.get("body", {}).get("raw")
    answer = client.request(
        request["method"],
        fill(request["url"]["raw"]),
        headers={part["key"]: part["value"] for part in request["header"]}
        | {"Authorization": f"Bearer {fill(POSTMAN['auth']['bearer'][0]['value'])}"},
        content=None if body is None else fill(body),
    )
    assert answer.status_code == 200, answer.text
    return answer.json()
