"""RunPod's own SDKs, in Python and JavaScript, against a real worker behind RunPod's client side.

What a person sees of an error there is the sentence of the worker.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.job_server import JobServer
from tests.support.loop import Loop
from tests.test_docs import section

JS = Path(__file__).resolve().parent / "js"
JOBS: dict[str, dict[str, Any]] = {
    "speech": {"text": "Hello there.", "timing_format": "srt"},
    "voices": {"endpoint": "list_voices"},
    "unknown voice": {"text": "Hello.", "voice": "nobody"},
    "two faults": {"text": "Hello.", "speeed": 1, "seed": -1},
    "nothing to say": {"text": "🎉"},
    "no such job": {"endpoint": "download", "job_id": "never-was"},
    "no such endpoint": {"endpoint": "speech", "text": "Hello."},
}
CODES = {
    "unknown voice": "voice_not_found",
    "two faults": "invalid_request",
    "nothing to say": "text_rejected",
    "no such job": "not_found",
    "no such endpoint": "invalid_request",
}
PYTHON = """
import json, os, sys, time
import runpod

runpod.api_key = "anything"
endpoint = runpod.Endpoint(os.environ["ENDPOINT_ID"])
found = {}
for name, job_input in json.loads(os.environ["JOBS"]).items():
    sync = endpoint.run_sync({"input": job_input}, timeout=60)
    job = endpoint.run({"input": job_input})
    output = job.output(timeout=60)
    found[name] = {"sync": sync, "output": output, "status": job.status()}
found["health"] = endpoint.health()
found["cancel"] = endpoint.run({"input": {"endpoint": "health"}}).cancel()
json.dump(found, sys.stdout)
"""


def environment(server: JobServer, **more: str) -> dict[str, str]:
    """Where an SDK finds the job server; its log stays out of what it prints."""
    base, _, endpoint = server.url.rpartition("/")
    kept = {name: text for name, text in os.environ.items() if not name.startswith("RUNPOD_")}
    ours = {"RUNPOD_ENDPOINT_BASE_URL": base, "BASE_URL": base, "ENDPOINT_ID": endpoint}
    return kept | ours | {"NODE_NO_WARNINGS": "1", "RUNPOD_LOG_LEVEL": "ERROR"} | more


def run(command: list[str], server: JobServer, cwd: Path, **more: str) -> str:
    result = subprocess.run(
        command,
        cwd=cwd,
        env=environment(server, **more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def python_found(loop_worker: Loop, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("python")
    command = [sys.executable, "-c", PYTHON]
    found: dict[str, Any] = json.loads(
        run(command, loop_worker.server, folder, JOBS=json.dumps(JOBS))
    )
    return found


@pytest.fixture(scope="module")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the locked packages of tests/js/."""
    folder = tmp_path_factory.mktemp("js") / "js"
    shutil.copytree(JS, folder, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=240,
    )
    return folder


@pytest.fixture(scope="module")
def node_found(loop_worker: Loop, node_folder: Path) -> dict[str, Any]:
    command = ["node", "runpod_sdk.mjs"]
    text = run(command, loop_worker.server, node_folder, JOBS=json.dumps(JOBS))
    # The SDK itself prints the states of jobs before.
    found: dict[str, Any] = json.loads(text.splitlines()[-1])
    return found


def check_error(output: dict[str, Any], code: str) -> None:
    """The output of a failed job tells people what is wrong, whatever else an SDK drops."""
    assert output["code"] == code
    assert output["message"]
    assert not output["message"].startswith(code)
    assert output["details"]
    assert all(output["details"])
    if len(output["details"]) == 1:
        assert output["details"] == [output["message"]]


def test_python_gets_replies(python_found: dict[str, Any]) -> None:
    for name in JOBS.keys() - CODES.keys():
        answers = python_found[name]
        assert answers["status"] == "COMPLETED"
        assert answers["sync"].keys() == answers["output"].keys()
    assert python_found["speech"]["output"]["audio_url"].startswith("http")
    assert python_found["voices"]["sync"]["voices"][0]["name"] == "default"
    assert python_found["health"]["workers"]["ready"] == 1
    assert python_found["cancel"]["id"]


@pytest.mark.parametrize(("name", "code"), CODES.items())
def test_python_gets_the_sentence_of_an_error(
    python_found: dict[str, Any], name: str, code: str
) -> None:
    answers = python_found[name]
    assert answers["status"] == "FAILED"
    assert answers["sync"] == answers["output"]
    check_error(answers["sync"], code)


def test_python_gets_a_line_for_each_fault(python_found: dict[str, Any]) -> None:
    output = python_found["two faults"]["sync"]
    assert len(output["details"]) == 2
    assert any("speeed" in line and "did you mean 'speed'?" in line for line in output["details"])
    assert any("seed must be" in line for line in output["details"])
    assert "nobody" in python_found["unknown voice"]["sync"]["message"]


@pytest.mark.needs("npm")
@pytest.mark.needs("node")
def test_javascript_gets_replies(node_found: dict[str, Any]) -> None:
    for name in JOBS.keys() - CODES.keys():
        for answer in node_found[name].values():
            assert (answer["status"], answer["completed"]) == ("COMPLETED", True)
            assert answer["succeeded"] is True
    assert node_found["speech"]["sync"]["output"]["audio_url"].startswith("http")
    assert node_found["health"]["workers"]["ready"] == 1
    assert node_found["cancel"]["id"]
    assert "401" in node_found["refused"]


@pytest.mark.needs("npm")
@pytest.mark.needs("node")
@pytest.mark.parametrize(("name", "code"), CODES.items())
def test_javascript_gets_the_sentence_of_an_error(
    node_found: dict[str, Any], name: str, code: str
) -> None:
    for answer in node_found[name].values():
        assert (answer["status"], answer["succeeded"]) == ("FAILED", False)
        check_error(answer["output"], code)
        assert answer["error"] == f"{code}: {answer['output']['message']}"


@pytest.mark.needs("npm")
@pytest.mark.needs("node")
def test_javascript_is_told_that_a_job_has_not_ended(node_folder: Path) -> None:
    with JobServer(hold_s=0.3) as server:  # without a worker
        text = run(["node", "runpod_sdk.mjs"], server, node_folder, LATE="1")
    found = json.loads(text.splitlines()[-1])
    assert (found["late"]["status"], found["late"]["completed"]) == ("IN_QUEUE", False)


def snippet(language: str) -> str:
    """The only block of that language in API.md's chapter for callers."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", section("Calling the worker"), re.DOTALL)
    return str(found)


@pytest.mark.parametrize(
    ("text", "shown"), [("Hello there.", "http"), ("🎉", "text_rejected: ")], ids=["good", "wrong"]
)
def test_the_python_of_the_manual_works(
    loop_worker: Loop, tmp_path: Path, text: str, shown: str
) -> None:
    code = snippet("python").replace("Hello there.", text)
    server = loop_worker.server
    endpoint = server.url.rpartition("/")[2]
    env = environment(server, RUNPOD_API_KEY="anything", RUNPOD_ENDPOINT_ID=endpoint)
    command = [sys.executable, "-c", code]
    ran = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert (ran.stdout or ran.stderr).startswith(shown), ran
    assert ran.returncode == ("_" in shown)


@pytest.mark.needs("npm")
@pytest.mark.needs("node")
@pytest.mark.parametrize(
    ("text", "shown"), [("Hello there.", "http"), ("🎉", "text_rejected: ")], ids=["good", "wrong"]
)
def test_the_javascript_of_the_manual_works(
    loop_worker: Loop, node_folder: Path, text: str, shown: str
) -> None:
    (made,) = re.findall(r"runpodSdk\(process[^)]*\)", snippet("js"))
    with_url = made[:-1] + ", { baseUrl: process.env.BASE_URL })"
    code = snippet("js").replace(made, with_url).replace("Hello there.", text)
    (node_folder / "snippet.mjs").write_text(code)
    server = loop_worker.server
    endpoint = server.url.rpartition("/")[2]
    env = environment(server, RUNPOD_API_KEY="anything", RUNPOD_ENDPOINT_ID=endpoint)
    ran = subprocess.run(
        ["node", "snippet.mjs"],
        cwd=node_folder, env=env, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert shown in (ran.stdout or ran.stderr), ran
    assert ran.returncode == ("_" in shown)


def test_the_packages_of_node_are_locked_by_their_hashes() -> None:
    text = (JS / "package-lock.json").read_text()
    packages = {path: one for path, one in json.loads(text)["packages"].items() if path}
    assert packages["node_modules/runpod-sdk"]["version"] in (JS / "package.json").read_text()
    assert all(one["integrity"].startswith("sha512-") for one in packages.values())
    # No host: each machine has its own registry.
    assert "resolved" not in text
