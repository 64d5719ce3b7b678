"""Runs the clients of examples/ in Python and JavaScript: what they save, tell and repeat."""

import json
import os
import runpy
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.job_server import JobServer
from tests.support.loop import Loop
from tests.support.threads import serve_in_thread
from tests.test_examples import EXAMPLES

pytestmark = pytest.mark.needs("node")
CLIENTS = {
    "client.py": [sys.executable, str(EXAMPLES / "client.py")],
    "client.mjs": ["node", str(EXAMPLES / "client.mjs")],
}
PYTHON_PARTS = """
import runpy, sys
from pathlib import Path
text, file = sys.argv[1:]
Client = runpy.run_path(file)["Client"]
with Client.from_environment() as client:
    reply = client.run({"text": text, "parts": "mark"}, print)
    print(*client.save(reply, Path(".")), sep="\\n")
"""
NODE_PARTS = """
const [text, file] = process.argv.slice(1);
const { Client } = await import(file);
const client = Client.fromEnvironment();
const reply = await client.run({ text, parts: "mark" }, { onProgress: console.log });
console.log((await client.save(reply, ".")).join("\\n"));
"""
OWN_PROGRAMS = {
    "client.py": [sys.executable, "-c", PYTHON_PARTS],
    "client.mjs": ["node", "--input-type=module", "-e", NODE_PARTS],
}
every_client = pytest.mark.parametrize("name", CLIENTS)


def environment(endpoint: str, key: str = "anything") -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("RUNPOD_")}
    return kept | {"RUNPOD_ENDPOINT": endpoint, "RUNPOD_API_KEY": key, "POLL_S": "0.1"}


def run(
    command: list[str], endpoint: str, folder: Path, *arguments: str, key: str = "anything"
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*command, *arguments],
        cwd=folder,
        env=environment(endpoint, key),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@every_client
def test_it_speaks_and_saves_every_file(loop_worker: Loop, tmp_path: Path, name: str) -> None:
    url, to = loop_worker.server.url, tmp_path / "new" / "folder"
    result = run(CLIENTS[name], url, tmp_path, "Hello there. How are you?", "--to", str(to))
    assert result.returncode == 0, result.stderr
    assert [Path(line).suffix[1:] for line in result.stdout.splitlines()] == [
        "wav", "srt", "vtt", "csv", "json", "ass", "html",
    ]  # fmt: skip
    assert sorted(result.stdout.splitlines()) == sorted(map(str, to.iterdir()))
    assert all(path.stat().st_size for path in to.iterdir())
    assert "does not clone voices" in result.stderr


@every_client
def test_a_program_of_ones_own_saves_the_parts_too(
    loop_worker: Loop, tmp_path: Path, name: str
) -> None:
    text = "One door. [mark:two] Another door."
    file = str(EXAMPLES / name)
    result = run(OWN_PROGRAMS[name], loop_worker.server.url, tmp_path, text, file)
    assert result.returncode == 0, result.stderr
    sounds = sorted(path.name.partition(".")[2] for path in tmp_path.iterdir())
    assert sounds == ["0.wav", "1.wav", "wav"]


@every_client
def test_the_workers_sentence_and_what_to_do_are_told(
    loop_worker: Loop, tmp_path: Path, name: str
) -> None:
    url = loop_worker.server.url
    result = run(CLIENTS[name], url, tmp_path, "Hello.", "--voice", "nobody")
    assert result.returncode == 1
    lines = result.stderr.splitlines()
    assert "voice_not_found: no voice named 'nobody'; list_voices shows what exists" in lines
    assert 'the job {"endpoint": "list_voices"} names the stored voices' in lines
    assert not list(tmp_path.iterdir())


@every_client
@pytest.mark.parametrize(
    ("endpoint", "key", "told"),
    [
        ("", "", "set RUNPOD_ENDPOINT and RUNPOD_API_KEY"),
        ("https://api.runpod.ai/v2/abc", " ", "set RUNPOD_API_KEY"),
        ("abc123", "key", "give https://api.runpod.ai/v2/<endpoint id>"),
        ("https://api.runpod.ai/v2/abc", "two words", "copy the key again"),
    ],
)
def test_a_missing_or_wrong_variable_is_named(
    tmp_path: Path, name: str, endpoint: str, key: str, told: str
) -> None:
    result = run(CLIENTS[name], endpoint, tmp_path, "Hi.", key=key)
    assert result.returncode == 2
    assert told in result.stderr
    assert "Traceback" not in result.stderr
    assert "    at " not in result.stderr


@every_client
def test_a_pause_between_two_looks_that_is_none_is_named(tmp_path: Path, name: str) -> None:
    command = ["env", "POLL_S=soon", *CLIENTS[name]]
    result = run(command, "https://api.runpod.ai/v2/abc", tmp_path, "Hi.")
    assert result.returncode == 2
    assert "give the seconds between two looks at a job" in result.stderr


@dataclass
class Service:
    """RunPod's client side for one job, which fails as often as a test says.

    failures: by the first part of a path, the statuses of its first answers; 0 hangs up.
    calls: the first parts of all paths, in order.
    bodies: the bodies of all jobs, in order.
    """

    failures: dict[str, list[int]]
    calls: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.strip("/").partition("/")[0]
                service.calls.append(name)
                left = service.failures.get(name, [])
                status = left.pop(0) if left else 200
                if status == 0:
                    self.close_connection = True
                    return
                link = f"http://{self.headers['Host']}/file/job.wav"
                output = {"audio_url": link, "warnings": []}
                state = {"id": "job", "status": "COMPLETED", "output": output}
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", self.path)
                self.send_header("Retry-After", "0")
                self.end_headers()
                self.wfile.write(json.dumps(state).encode())

            def do_POST(self) -> None:
                service.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.do_GET()

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        return Handler


def serve(service: Service) -> ThreadingHTTPServer:
    return ThreadingHTTPServer(("127.0.0.1", 0), service.handler())


@every_client
def test_a_wrong_key_is_found_before_anything_is_paid(tmp_path: Path, name: str) -> None:
    service = Service({"health": [401]})
    server = serve(service)
    with serve_in_thread(server):
        url = f"http://127.0.0.1:{server.server_port}"
        result = run(CLIENTS[name], url, tmp_path, "Hi.", "--to", "folder")
    assert result.returncode == 1
    assert "set RUNPOD_API_KEY to a key of your account" in result.stderr
    assert service.calls == ["health"]
    assert not list(tmp_path.iterdir())


@every_client
def test_a_busy_service_is_asked_again(tmp_path: Path, name: str) -> None:
    service = Service({"health": [500], "run": [429, 503], "status": [502, 429], "file": [503]})
    server = serve(service)
    with serve_in_thread(server):
        result = run(CLIENTS[name], f"http://127.0.0.1:{server.server_port}", tmp_path, "Hi.")
    assert result.returncode == 0, result.stderr
    counts = {name: service.calls.count(name) for name in ("health", "run", "status", "file")}
    assert counts == {"health": 2, "run": 3, "status": 3, "file": 2}
    assert [path.name for path in tmp_path.iterdir()] == ["job.wav"]


@every_client
@pytest.mark.parametrize("status", [500, 0])
def test_a_job_that_may_have_been_taken_is_not_sent_twice_without_a_key_of_its_own(
    tmp_path: Path, name: str, status: int
) -> None:
    service = Service({"run": [status, 200]})
    server = serve(service)
    with serve_in_thread(server):
        url, file = f"http://127.0.0.1:{server.server_port}", str(EXAMPLES / name)
        result = run(OWN_PROGRAMS[name], url, tmp_path, "Hi.", file)
    assert result.returncode == 1
    assert service.calls == ["run"]
    assert ("status 500" if status else "cannot be reached") in result.stderr


@every_client
@pytest.mark.parametrize("status", [500, 0])
def test_a_job_with_a_key_of_its_own_is_sent_again_as_it_was(
    tmp_path: Path, name: str, status: int
) -> None:
    service = Service({"run": [status, 502]})
    server = serve(service)
    with serve_in_thread(server):
        result = run(CLIENTS[name], f"http://127.0.0.1:{server.server_port}", tmp_path, "Hi.")
    assert result.returncode == 0, result.stderr
    assert service.calls.count("run") == 3
    assert len(set(service.bodies)) == 1
    assert json.loads(service.bodies[0])["input"]["idempotency_key"]


@every_client
def test_a_link_that_is_over_is_told(tmp_path: Path, name: str) -> None:
    service = Service({"file": [403]})
    server = serve(service)
    with serve_in_thread(server):
        result = run(CLIENTS[name], f"http://127.0.0.1:{server.server_port}", tmp_path, "Hi.")
    assert result.returncode == 1
    assert "the link has expired" in result.stderr
    assert not list(tmp_path.iterdir())


@every_client
def test_a_link_that_leads_to_itself_is_told(tmp_path: Path, name: str) -> None:
    server = serve(Service({"file": [302] * 1000}))
    with serve_in_thread(server):
        result = run(CLIENTS[name], f"http://127.0.0.1:{server.server_port}", tmp_path, "Hi.")
    assert result.returncode == 1
    assert "job.wav cannot be reached" in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(tmp_path.iterdir())


@every_client
def test_ctrl_c_cancels_the_job(tmp_path: Path, name: str) -> None:
    with JobServer() as server:
        process = subprocess.Popen(
            [*CLIENTS[name], "Hi."],
            cwd=tmp_path,
            env=environment(server.url),
            stderr=subprocess.PIPE,
            text=True,
        )
        server.until(lambda: len(server.jobs) == 1)
        (job,) = server.jobs.values()
        server.until(lambda: job.looks > 0)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
        assert job.status == "CANCELLED"
    assert process.returncode == 130
    assert "the job is cancelled" in told
    assert not list(tmp_path.iterdir())


def client_module() -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLES / "client.py"))


@pytest.fixture
def python_client(loop_worker: Loop) -> Iterator[Any]:
    with client_module()["Client"](loop_worker.server.url, "anything", poll_s=0.1) as client:
        yield client


def test_errors_of_the_worker_are_exceptions_with_code_message_and_details(
    python_client: Any,
) -> None:
    with pytest.raises(Exception, match=r"^invalid_request: ") as raised:
        python_client.run({"text": "Hi.", "speeed": 1, "seed": -1})
    error: Any = raised.value
    assert (type(error).__name__, error.code) == ("JobFailed", "invalid_request")
    assert len(error.details) == 2
    assert "did you mean 'speed'?" in error.message
    assert error.hint == "the message names each wrong field and what to write instead"


def test_the_python_client_says_what_it_needs() -> None:
    head = (EXAMPLES / "client.py").read_text().partition("# ///\n")[0]
    lines = head.splitlines()
    assert lines[0] == "# /// script"
    needed = tomllib.loads("\n".join(line.removeprefix("# ") for line in lines[1:]))
    assert needed == {"requires-python": ">=3.11", "dependencies": ["httpx>=0.28"]}
