"""examples/openai_bridge.py as a process of its own, called with OpenAI's own Python package.

The bridge stands in front of a real worker with Whisper: in RunPod's job loop, or behind the local
server of RunPod's package.
"""

import asyncio
import base64
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
import soundfile
from openai.types.audio.transcription_verbose import TranscriptionVerbose
from packaging.requirements import Requirement

from tests.job_server import JobServer
from tests.job_server import Worker as LoopWorker
from tests.support.loop import HANDLER, Loop, environment
from tests.support.ports import free_ports
from tests.support.process import serve_api
from tests.support.seaweed import Seaweed
from tests.support.speech import WHISPER_FOLDER
from tests.support.threads import serve_in_thread
from tests.support.waiting import PATIENCE_S, until
from tests.support.web import serving
from tts.audio.encode import FORMATS

BRIDGE = Path(__file__).resolve().parent.parent / "examples" / "openai_bridge.py"
API = BRIDGE.parent.parent / "API.md"
RECORDING = Path(__file__).parent / "data" / "timing" / "08.wav"
TEXT = "The bridge speaks, and the sound itself is the answer."
pytestmark = pytest.mark.slow
OPENAI_FORMATS = ("mp3", "opus", "aac", "flac", "wav", "pcm")


@dataclass(frozen=True)
class Bridge:
    """A running bridge, and the file of its log. `clients` are closed when it ends."""

    url: str
    log: Path
    process: "subprocess.Popen[bytes]"
    clients: ExitStack

    def client(self, key: str = "any", **options: Any) -> openai.OpenAI:
        client = openai.OpenAI(base_url=f"{self.url}/v1", api_key=key, **options)
        return self.clients.enter_context(client)


def settings_of(endpoint: str, **settings: str) -> dict[str, str]:
    ours = ("RUNPOD_", "BRIDGE_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return inherited | {"RUNPOD_ENDPOINT": endpoint, "RUNPOD_API_KEY": "anything"} | settings


@contextmanager
def bridging(endpoint: str, folder: Path, **settings: str) -> Iterator[Bridge]:
    """A bridge that listens, in front of an endpoint."""
    (port,) = free_ports(1)
    log = folder / "bridge.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, BRIDGE],
            env=settings_of(endpoint, BRIDGE_PORT=str(port), **settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        while process.poll() is None and not answers(url):
            time.sleep(0.1)
        assert process.poll() is None, log.read_text()
        with ExitStack() as clients:
            yield Bridge(url, log, process, clients)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def answers(url: str) -> bool:
    try:
        answer = httpx.get(f"{url}/v1/models", timeout=PATIENCE_S)
        return answer.status_code in (200, 401)
    except httpx.ConnectError:
        return False


@pytest.fixture(scope="module")
def hearing_loop(seaweed: Seaweed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    """A worker with Whisper in RunPod's loop, and a bucket."""
    folder = tmp_path_factory.mktemp("hearing-loop")
    env = environment(seaweed, folder) | {"WHISPER_MODEL": str(WHISPER_FOLDER)}
    with JobServer(hold_s=1) as server, LoopWorker(server, HANDLER, "hearing", env=env) as process:
        yield Loop(server, process.ready(), folder)


@pytest.fixture(scope="module")
def bridge(hearing_loop: Loop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    voices = {"BRIDGE_VOICES": json.dumps({"nova": "default", "onyx": "nobody"})}
    with bridging(hearing_loop.server.url, tmp_path_factory.mktemp("bridge"), **voices) as running:
        yield running


def seconds_of(path: Path) -> float:
    """How long FFmpeg plays a file; one of the format pcm has no header that says what it is."""
    raw = ["-f", "s16le", "-ar", "24000", "-ac", "1"]
    source: list[str | Path] = [*(raw if path.suffix == ".pcm" else []), "-i", path]
    played = subprocess.run(
        ["ffmpeg", "-loglevel", "error", *source, *raw, "-"], capture_output=True, check=True
    ).stdout
    return len(played) / 2 / 24_000


def job_of(loop: Loop, response: Any) -> dict[str, Any]:
    """The worker's reply to the job behind a response of the bridge."""
    return loop.output(response.headers["x-request-id"])


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize("name", [name for name in OPENAI_FORMATS if name in FORMATS])
def test_a_saved_file_plays_as_long_as_the_speech(
    bridge: Bridge, hearing_loop: Loop, tmp_path: Path, name: Any
) -> None:
    path = tmp_path / f"speech.{name}"
    with bridge.client().audio.speech.with_streaming_response.create(
        model="tts-1", voice="default", input=TEXT, response_format=name
    ) as response:
        response.stream_to_file(path)
    job = job_of(hearing_loop, response)
    assert job["output_format"] == name
    assert int(response.headers["content-length"]) == path.stat().st_size
    assert seconds_of(path) == pytest.approx(job["duration"], abs=0.15)
    assert job["duration"] > 2


@pytest.mark.needs("ffmpeg")
def test_mp3_and_the_default_voice_are_what_is_not_asked_for(
    bridge: Bridge, hearing_loop: Loop, tmp_path: Path
) -> None:
    asked = bridge.client().audio.speech.with_raw_response
    response = asked.create(model="anything", voice="default", input=TEXT)
    (tmp_path / "speech.mp3").write_bytes(response.content)
    job = job_of(hearing_loop, response)
    assert (job["output_format"], job["voice"]) == ("mp3", "default")
    assert seconds_of(tmp_path / "speech.mp3") == pytest.approx(job["duration"], abs=0.15)
    assert response.headers["content-type"] == "audio/mpeg"


def test_the_example_of_the_document_saves_speech(
    bridge: Bridge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    section = API.read_text().split("### The bridge\n")[1]
    code = section.split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(code.replace("http://127.0.0.1:8880", bridge.url).replace('"anna"', '"default"'), names)
    names["client"].close()
    assert soundfile.info(tmp_path / "speech.mp3").format == "MP3"


def test_the_asynchronous_client_gets_the_same_sound(bridge: Bridge) -> None:
    async def both() -> list[bytes]:
        async with openai.AsyncOpenAI(base_url=f"{bridge.url}/v1", api_key="any") as client:
            asked = [
                client.audio.speech.create(
                    model="f5-tts", voice="default", input=TEXT, response_format="wav",
                    extra_body={"seed": 5},
                )
                for _ in range(2)
            ]  # fmt: skip
            return [sound.content for sound in await asyncio.gather(*asked)]

    first, second = asyncio.run(both())
    assert first == second
    assert soundfile.info(io.BytesIO(first)).samplerate == 24_000


def test_the_parts_of_an_event_stream_are_the_file(bridge: Bridge, hearing_loop: Loop) -> None:
    with bridge.client().audio.speech.with_streaming_response.create(
        model="f5-tts", voice="default", input=TEXT, response_format="wav", stream_format="sse"
    ) as response:
        lines = [line for line in response.iter_lines() if line]
    assert response.headers["content-type"].startswith("text/event-stream")
    assert all(line.startswith("data: ") for line in lines)
    events = [json.loads(line.removeprefix("data: ")) for line in lines]
    assert [event["type"] for event in events[-2:]] == ["speech.audio.delta", "speech.audio.done"]
    sound = b"".join(base64.b64decode(event["audio"]) for event in events[:-1])
    job = job_of(hearing_loop, response)
    assert soundfile.info(io.BytesIO(sound)).duration == pytest.approx(job["duration"], abs=0.01)


@pytest.mark.parametrize(
    ("voice", "spoken_by", "warns"),
    [("nova", "default", False), ("alloy", "default", True), ({"id": "default"}, "default", False)],
)
def test_names_of_voices_are_mapped(
    bridge: Bridge, hearing_loop: Loop, voice: Any, spoken_by: str, warns: bool
) -> None:
    asked = bridge.client().audio.speech.with_raw_response
    response = asked.create(model="tts-1", voice=voice, input="Hi.")
    assert job_of(hearing_loop, response)["voice"] == spoken_by
    warnings = json.loads(response.headers.get("x-worker-warnings", "[]"))
    assert any("BRIDGE_VOICES" in sentence for sentence in warnings) == warns


def test_what_has_no_effect_is_told_in_a_header(bridge: Bridge) -> None:
    asked = bridge.client().audio.speech.with_raw_response
    response = asked.create(
        model="tts-1", voice="default", input="Hi [laughs].", speed=4.0, instructions="Whisper."
    )
    assert response.headers["x-speed"] == "3"
    warnings = json.loads(response.headers["x-worker-warnings"])
    assert "speed 4 is out of the worker's range: it speaks at 3" in warnings
    assert any(sentence.startswith("instructions have no effect") for sentence in warnings)
    assert any("[laughs]" in sentence for sentence in warnings), "the worker's own"


def test_fields_of_the_worker_pass_through(bridge: Bridge, hearing_loop: Loop) -> None:
    asked = bridge.client().audio.speech.with_raw_response
    extra = {"seed": 11, "sample_rate": 16000}
    response = asked.create(
        model="tts-1", voice="default", input="Hi.", response_format="wav", extra_body=extra
    )
    assert soundfile.info(io.BytesIO(response.content)).samplerate == 16_000
    assert job_of(hearing_loop, response)["seed"] == 11


WRONG = [
    ({"input": " "}, openai.BadRequestError, "input must be a text", "input"),
    ({"input": "x" * 20_001}, openai.BadRequestError, "1 to 20000 characters", "input"),
    ({"response_format": "m4b"}, openai.BadRequestError, "mp3, opus, aac", "response_format"),
    ({"response_format": ["mp3"]}, openai.BadRequestError, "mp3, opus, aac", "response_format"),
    ({"stream_format": ["sse"]}, openai.BadRequestError, "audio or sse", "stream_format"),
    ({"voice": ["default"]}, openai.BadRequestError, '{"id": "its name"}', "voice"),
    ({"speed": "fast"}, openai.BadRequestError, "from 0.25 to 4", "speed"),
    ({"speed": 0.2}, openai.BadRequestError, "from 0.25 to 4", "speed"),
    ({"stream_format": "base64"}, openai.BadRequestError, "audio or sse", "stream_format"),
    ({"voice": {"name": "a"}}, openai.BadRequestError, '{"id": "its name"}', "voice"),
    ({"extra_body": {"endpoint": "health"}}, openai.BadRequestError, "leave endpoint", "endpoint"),
    ({"extra_body": {"sed": 1}}, openai.BadRequestError, "did you mean 'seed'", None),
    ({"voice": "kurt"}, openai.NotFoundError, "no voice named 'kurt'", "voice"),
    ({"voice": "onyx"}, openai.NotFoundError, "no voice named 'nobody'", "voice"),
    ({"input": "🎉"}, openai.BadRequestError, "speak", "input"),
]


@pytest.mark.parametrize(("fields", "kind", "sentence", "param"), WRONG)
def test_the_package_raises_the_sentence_and_pays_once(
    bridge: Bridge,
    hearing_loop: Loop,
    fields: dict[str, Any],
    kind: type[openai.APIStatusError],
    sentence: str,
    param: str | None,
) -> None:
    before = len(hearing_loop.server.jobs)
    asked = {"model": "tts-1", "voice": "default", "input": "Hi."} | fields
    with pytest.raises(kind) as raised:
        bridge.client().audio.speech.create(**asked)
    assert sentence in str(raised.value)
    assert raised.value.param == param
    assert len(hearing_loop.server.jobs) - before <= 1


def test_a_body_that_is_no_object_and_an_unknown_route_are_told(bridge: Bridge) -> None:
    for body in (b"[]", b"{", b"[" * 100_000, b'{"input": "Hi.", "seed": NaN}'):
        answer = httpx.post(f"{bridge.url}/v1/audio/speech", content=body, timeout=PATIENCE_S)
        assert answer.json()["error"]["message"] == "the body must be a JSON object"
    half = httpx.post(
        f"{bridge.url}/v1/audio/speech", content=rb'{"input": "\ud800"}', timeout=PATIENCE_S
    )
    assert (half.status_code, half.json()["error"]["code"]) == (400, "invalid_request")
    huge = httpx.post(f"{bridge.url}/v1/audio/speech", content=b" " * 1_000_001, timeout=PATIENCE_S)
    assert huge.status_code == 413
    with pytest.raises(openai.NotFoundError, match="no POST /v1/chat/completions here; there are"):
        bridge.client().chat.completions.create(model="a", messages=[])


def test_pages_of_a_browser_cannot_spend_the_money(bridge: Bridge, hearing_loop: Loop) -> None:
    before = len(hearing_loop.server.jobs)
    page = {"Origin": "https://example.com", "Content-Type": "text/plain"}
    body = {"input": "Hi."}
    answer = httpx.post(
        f"{bridge.url}/v1/audio/speech", json=body, headers=page, timeout=PATIENCE_S
    )
    assert answer.status_code == 403
    assert len(hearing_loop.server.jobs) == before


def test_a_client_that_hangs_up_cancels_its_job(bridge: Bridge, hearing_loop: Loop) -> None:
    before = set(hearing_loop.server.jobs)
    long = "This sentence is one of very many, and it takes its time. " * 300
    body = json.dumps({"model": "tts-1", "voice": "default", "input": long}).encode()
    host = bridge.url.removeprefix("http://")
    head = f"POST /v1/audio/speech HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", int(host.rpartition(":")[2]))) as caller:
        caller.sendall(head.encode() + body)
        until(lambda: len(hearing_loop.server.jobs) > len(before))
    (name,) = set(hearing_loop.server.jobs) - before
    assert hearing_loop.job(name).status == "CANCELLED"


def test_models_and_voices_are_listed(bridge: Bridge) -> None:
    client = bridge.client()
    names = [model.id for model in client.models.list()]
    assert names[0] == "f5-tts"
    assert client.models.retrieve("tts-1").id == "tts-1"
    with pytest.raises(openai.NotFoundError, match="there is no model 'gpt-9'"):
        client.models.retrieve("gpt-9")
    listed = client.get("/audio/voices", cast_to=object)
    assert isinstance(listed, dict)
    assert listed["voices"][0]["id"] == "default"


HEARD = "the quick brown fox"


def transcribed(bridge: Bridge, **options: Any) -> Any:
    with RECORDING.open("rb") as file:
        return bridge.client().audio.transcriptions.create(
            model="whisper-1", file=file, language="en", **options
        )


def test_a_file_is_written_down_in_every_form(bridge: Bridge, seaweed: Seaweed) -> None:
    assert transcribed(bridge).text.lower().startswith(HEARD)
    assert transcribed(bridge, response_format="text").lower().startswith(HEARD)
    assert "00:00:00,0" in transcribed(bridge, response_format="srt")
    assert transcribed(bridge, response_format="vtt").startswith("WEBVTT")
    assert not list(seaweed.store().list("uploads/")), "an upload stays behind"


def test_the_times_of_words_and_segments_are_asked_for(bridge: Bridge) -> None:
    form: Any = {"response_format": "verbose_json"}
    plain = transcribed(bridge, **form)
    assert isinstance(plain, TranscriptionVerbose)
    assert plain.words is None
    assert plain.segments
    words = transcribed(bridge, **form, timestamp_granularities=["word"]).words
    assert [word.word.lower() for word in words[:4]] == HEARD.split()
    assert all(word.start < word.end for word in words)
    both = transcribed(bridge, **form, timestamp_granularities=["word", "segment"])
    assert both.words == words
    assert both.segments[0].text.strip().lower().startswith(HEARD)
    with pytest.raises(openai.BadRequestError, match="needs response_format verbose_json"):
        transcribed(bridge, timestamp_granularities=["word"])


def test_a_transcript_as_events_and_a_file_without_sound(bridge: Bridge) -> None:
    events = list(transcribed(bridge, stream=True))
    assert [event.type for event in events] == ["transcript.text.delta", "transcript.text.done"]
    assert events[1].text.lower().startswith(HEARD)
    for file, sentence in ((b"no sound at all", "alignment"), (b"", "file must be a sound file")):
        with pytest.raises(openai.BadRequestError) as raised:
            bridge.client().audio.transcriptions.create(model="whisper-1", file=("a.wav", file))
        assert sentence in f"{raised.value.code} {raised.value}"


def test_each_request_is_one_line_of_the_log(bridge: Bridge) -> None:
    before = len(bridge.log.read_text().splitlines())
    bridge.client().audio.speech.create(model="tts-1", voice="default", input="Hi there.")
    (line,) = bridge.log.read_text().splitlines()[before:]
    assert "speech 200: 9 characters, voice default" in line
    assert "X-Amz" not in bridge.log.read_text()


# The local server of RunPod's package, which has no queue and no bucket.


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    folder = tmp_path_factory.mktemp("local")
    with (
        serve_api(folder, {"WHISPER_MODEL": str(WHISPER_FOLDER)}) as url,
        bridging(url, folder, RUNPOD_API_KEY="", BRIDGE_API_KEY="secret") as running,
    ):
        yield running


@pytest.mark.needs("ffmpeg")
def test_a_local_worker_speaks_without_a_bucket(local: Bridge, tmp_path: Path) -> None:
    with local.client("secret").audio.speech.with_streaming_response.create(
        model="tts-1", voice="default", input=TEXT
    ) as response:
        response.stream_to_file(tmp_path / "speech.mp3")
    assert seconds_of(tmp_path / "speech.mp3") > 2


def test_errors_of_a_local_worker_keep_their_code(local: Bridge) -> None:
    client = local.client("secret")
    with pytest.raises(openai.NotFoundError, match="no voice named 'kurt'") as raised:
        client.audio.speech.create(model="tts-1", voice="kurt", input="Hi.")
    assert raised.value.code == "voice_not_found"
    with pytest.raises(openai.InternalServerError, match="set S3_BUCKET"):
        client.audio.transcriptions.create(model="whisper-1", file=RECORDING)


def test_only_the_bridges_own_key_is_taken(local: Bridge) -> None:
    for key in (b"Bearer wrong", "Bearer sécret".encode()):
        answer = httpx.get(
            f"{local.url}/v1/models", headers={b"Authorization": key}, timeout=PATIENCE_S
        )
        assert answer.status_code == 401
    with pytest.raises(openai.AuthenticationError, match="BRIDGE_API_KEY"):
        local.client("wrong").audio.speech.create(model="tts-1", voice="default", input="Hi.")


# Faults of the service, and of the settings.


class Service(BaseHTTPRequestHandler):
    """RunPod's client side for one key; `faults` are the answers to its calls in their order."""

    faults: list[tuple[int, dict[str, Any]]]
    calls: list[str]

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status = 200
        body: dict[str, Any] = {"jobs": {}, "workers": {}}
        if not self.path.endswith("/health"):
            self.calls.append(self.path)
            status, body = self.faults.pop(0) if len(self.faults) > 1 else self.faults[0]
        elif self.headers["Authorization"] != "Bearer anything":
            status, body = 401, {"error": "the key is unknown"}
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = _answer

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def service(*faults: tuple[int, dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    """A service with faults: its URL, and the paths that were called."""
    calls: list[str] = []
    handler = type("Faulty", (Service,), {"faults": list(faults), "calls": calls})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    with serve_in_thread(server):
        yield f"http://127.0.0.1:{server.server_port}", calls


QUEUED = (200, {"id": "a", "status": "IN_QUEUE"})


@pytest.mark.parametrize(
    ("faults", "kind", "sentence", "calls"),
    [
        ([(429, {"error": "slow down"})], openai.RateLimitError, "slow down", 3),
        ([(401, {"error": "unknown key"})], openai.AuthenticationError, "unknown key", 1),
        ([(500, {"error": "out of order"})], openai.InternalServerError, "out of order", 1),
        ([(200, {"id": "a", "status": "TIMED_OUT"})], openai.InternalServerError, "timeout", 2),
        ([(200, {"id": "a", "status": "CANCELLED"})], openai.InternalServerError, "CANCELLED", 2),
        ([QUEUED, (503, {}), (200, {"status": "FAILED", "error": "internal_error: the GPU fell"})],
         openai.InternalServerError, "the GPU fell", 3),
        ([QUEUED, (200, {"status": "COMPLETED"})], openai.InternalServerError, "COMPLETED", 2),
        ([QUEUED, (200, {"status": "FAILED", "error": "worker_unavailable: no model"})],
         openai.InternalServerError, "no model", 6),
    ],
)  # fmt: skip
def test_faults_of_the_service_keep_their_kind_and_are_not_paid_again(
    tmp_path: Path,
    faults: list[tuple[int, dict[str, Any]]],
    kind: type[openai.APIStatusError],
    sentence: str,
    calls: int,
) -> None:
    """OpenAI's package tries three times where that can help, and once where it costs a job."""
    repeated = faults * 3 if calls == 6 else faults
    with service(*repeated) as (url, called), bridging(url, tmp_path) as running:
        with pytest.raises(kind) as raised:
            running.client().audio.speech.create(model="tts-1", voice="default", input="Hi.")
        assert sentence in str(raised.value)
        assert len(called) == calls


def test_a_job_that_takes_too_long_is_cancelled(tmp_path: Path) -> None:
    with service(QUEUED) as (url, called), bridging(url, tmp_path, BRIDGE_TIMEOUT_S="1") as running:
        with pytest.raises(openai.InternalServerError, match="raise BRIDGE_TIMEOUT_S") as raised:
            running.client().audio.speech.create(model="tts-1", voice="default", input="Hi.")
        assert raised.value.status_code == 504
        assert called[-1] == "/cancel/a"


def test_a_worker_without_whisper_is_told_before_the_upload(tmp_path: Path) -> None:
    health = {"status": "COMPLETED", "output": {"models": {"f5": "F5TTS_v1_Base"}}}
    with service(QUEUED, (200, health)) as (url, called), bridging(url, tmp_path) as running:
        with pytest.raises(openai.BadRequestError, match="no Whisper; set its WHISPER_MODEL"):
            running.client().audio.transcriptions.create(model="whisper-1", file=RECORDING)
        assert called == ["/run", "/status/a"]


def test_a_bridge_that_ends_cancels_the_jobs_that_wait(tmp_path: Path) -> None:
    with service(QUEUED) as (url, called), bridging(url, tmp_path) as running:
        with ThreadPoolExecutor() as pool:
            body = {"input": "Hi."}
            waiting = pool.submit(httpx.post, f"{running.url}/v1/audio/speech", json=body)
            while "/status/a" not in called:
                time.sleep(0.05)
            running.process.send_signal(signal.SIGTERM)
            running.process.wait(30)
            assert waiting.exception() or waiting.result().status_code >= 500
        assert called[-1] == "/cancel/a"


def test_the_file_names_the_packages_that_it_needs() -> None:
    """Read as `uv run` reads it, which builds an environment of these packages."""
    lines = BRIDGE.read_text().partition("# /// script\n")[2].partition("# ///\n")[0]
    needs = tomllib.loads("\n".join(line.removeprefix("# ") for line in lines.splitlines()))
    names = [Requirement(text) for text in needs["dependencies"]]
    assert {one.name for one in names} == {"fastapi", "httpx", "python-multipart", "uvicorn"}
    for one in names:
        assert metadata.version(one.name) in one.specifier
    assert os.access(BRIDGE, os.X_OK)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"RUNPOD_ENDPOINT": ""}, "set RUNPOD_ENDPOINT_ID"),
        ({"RUNPOD_ENDPOINT": "abc"}, "must be a URL"),
        ({"RUNPOD_ENDPOINT": "https://example.com", "RUNPOD_API_KEY": ""}, "set RUNPOD_API_KEY"),
        ({"RUNPOD_API_KEY": "wrong"}, "RUNPOD_API_KEY is refused: the key is unknown"),
        ({"RUNPOD_ENDPOINT": "http://127.0.0.1:9"}, "http://127.0.0.1:9 cannot be reached"),
        ({"BRIDGE_HOST": "0.0.0.0"}, "set BRIDGE_API_KEY"),
        ({"BRIDGE_VOICES": "alloy=anna"}, 'must be JSON, such as {"alloy": "anna"}'),
        ({"BRIDGE_VOICES": '["a"]'}, "must be an object of names"),
        ({"BRIDGE_PORT": "http"}, "BRIDGE_PORT must be a whole number"),
    ],
)
def test_a_wrong_setting_is_told_before_anything_is_paid(
    settings: dict[str, str], sentence: str
) -> None:
    with service((500, {})) as (url, called):
        result = subprocess.run(
            [sys.executable, BRIDGE],
            env=settings_of(url, **settings),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert result.returncode == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert not called


def test_a_server_that_is_no_endpoint_is_told(tmp_path: Path) -> None:
    with serving(tmp_path) as url:
        result = subprocess.run(
            [sys.executable, BRIDGE], env=settings_of(url), capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
    assert result.returncode == 2
    assert "there is no endpoint at" in result.stderr
