#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi>=0.115", "httpx>=0.28", "python-multipart>=0.0.20", "uvicorn>=0.34"]
# ///
"""OpenAI's audio API in front of a worker: its SDK gets sound, not JSON with a link.

export RUNPOD_ENDPOINT_ID=... RUNPOD_API_KEY=...
uv run examples/openai_bridge.py            # then: OpenAI(base_url="http://127.0.0.1:8880/v1")

RUNPOD_ENDPOINT    the URL of the endpoint, in place of RUNPOD_ENDPOINT_ID; of a worker on this
                   machine (python handler.py --rp_serve_api) it is http://127.0.0.1:8000
BRIDGE_VOICES      which voices speak for OpenAI's, as JSON: {"alloy": "anna", "onyx": "ben"}
BRIDGE_VOICE       the voice that speaks for the others of them (default)
BRIDGE_API_KEY     the key that callers must send; needed to listen on other addresses
BRIDGE_HOST, BRIDGE_PORT    where it listens (127.0.0.1, 8880)
BRIDGE_TIMEOUT_S   how long a job may take (600); then it is cancelled
"""

import asyncio
import base64
import hmac
import json
import logging
import math
import os
import sys
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote, unquote, urlsplit

import httpx
import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

T = TypeVar("T")
log = logging.getLogger("bridge")

MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
"""OpenAI's formats; the worker has the same names for them."""

OPENAI_VOICES = ("alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage",
                 "shimmer", "verse", "marin", "cedar")  # fmt: skip
MODELS = ("f5-tts", "tts-1", "tts-1-hd", "gpt-4o-mini-tts", "whisper-1")
"""The names that `/v1/models` shows; `model` has no effect, the worker's settings choose it."""

MAX_INPUT = 20_000  # characters
SLOWEST, FASTEST = 0.3, 3.0  # the worker's; OpenAI's are 0.25 and 4
OURS = ("endpoint", "openai_route", "openai_input", "text", "gen_text", "output_format")
"""Fields of the worker that the bridge sets; all others of `tts` pass through."""

TIMING_FILES = {"json": "srt", "text": "srt", "srt": "srt", "vtt": "vtt", "verbose_json": "whisper"}
"""The worker's timing file for each of OpenAI's forms of a transcript."""

MAX_JSON_BYTES = 1_000_000
MAX_UPLOAD_BYTES = 1_000_000_000
MAX_FILE_BYTES = 1_000_000_000  # of the worker's files
MAX_HEADER = 4000  # characters of warnings
PART_BYTES = 1 << 16
STATUSES = {"voice_not_found": 404, "not_found": 404, "storage_error": 500, "internal_error": 500}
STATUSES |= {"worker_unavailable": 503}
"""HTTP's status for the worker's codes; all others say that the request is wrong: 400."""

PARAMS = {"voice_not_found": "voice", "voice_rejected": "voice", "text_rejected": "input"}
MAX_FAILED_POLLS = 5


class StartError(Exception):
    """Why the bridge cannot start; its text is for the person who starts it."""


class ApiError(Exception):
    """An answer in the form of OpenAI's errors.

    retry: whether OpenAI's SDK may send the request again by itself, which can cost another job.
    """

    def __init__(
        self,
        status: int,
        message: str,
        code: str | None = None,
        param: str | None = None,
        *,
        retry: bool = False,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.param = status, message, code, param
        self.retry = retry
        self.job_id = ""

    def response(self) -> JSONResponse:
        """The answer to the client."""
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        kind = {401: "authentication_error", 429: "rate_limit_error"}.get(self.status, kind)
        error = {"message": self.message, "type": kind, "param": self.param, "code": self.code}
        headers = _headers(self.job_id, [])
        headers["x-should-retry"] = "true" if self.retry else "false"
        return JSONResponse({"error": error}, self.status, headers)


@dataclass(frozen=True)
class Settings:
    """What the environment says. `voices` maps OpenAI's names to the worker's."""

    url: str
    key: str
    own_key: str
    voices: Mapping[str, str]
    voice: str
    timeout_s: float
    host: str
    port: int

    @classmethod
    def from_environment(cls, given: Mapping[str, str]) -> "Settings":
        """Raises StartError for a variable that is missing or wrong."""
        endpoint_id, key = given.get("RUNPOD_ENDPOINT_ID"), given.get("RUNPOD_API_KEY", "")
        url = given.get("RUNPOD_ENDPOINT") or (
            f"https://api.runpod.ai/v2/{endpoint_id}" if endpoint_id else ""
        )
        if not url:
            raise StartError("set RUNPOD_ENDPOINT_ID, or RUNPOD_ENDPOINT with the endpoint's URL")
        if urlsplit(url).scheme not in ("http", "https"):
            raise StartError(f"RUNPOD_ENDPOINT must be a URL such as http://127.0.0.1:8000: {url}")
        if not key and not is_loopback(urlsplit(url).hostname or ""):
            raise StartError("set RUNPOD_API_KEY: RunPod's console makes one under Settings")
        host, own_key = given.get("BRIDGE_HOST", "127.0.0.1"), given.get("BRIDGE_API_KEY", "")
        if not own_key and not is_loopback(host):
            raise StartError(f"set BRIDGE_API_KEY: on {host} everybody could spend your money")
        port, timeout_s = (
            _number(given, "BRIDGE_PORT", 8880),
            _number(given, "BRIDGE_TIMEOUT_S", 600),
        )
        voice = given.get("BRIDGE_VOICE", "default")
        return cls(url.rstrip("/"), key, own_key, _voices(given), voice, timeout_s, host, port)


def _number(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:6]) < 100_000):
        raise StartError(f"{name} must be a whole number above 0, not {text!r}")
    return int(text)


def _voices(given: Mapping[str, str]) -> dict[str, str]:
    example = 'such as {"alloy": "anna"}'
    try:
        voices = json.loads(given.get("BRIDGE_VOICES", "{}"))
    except ValueError:
        raise StartError(f"BRIDGE_VOICES must be JSON, {example}") from None
    if not isinstance(voices, dict) or not all(isinstance(name, str) for name in voices.values()):
        raise StartError(f"BRIDGE_VOICES must be an object of names, {example}")
    return voices


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Endpoint:
    """The worker, behind RunPod's queue or behind the local server of RunPod's SDK."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient) -> None:
        self._url, self._timeout_s = settings.url, settings.timeout_s
        self._headers = {"Authorization": f"Bearer {settings.key}"} if settings.key else {}
        self._client = client
        self.is_local = False
        self._hears = False

    async def check(self) -> None:
        """Learn which kind it is. Raises StartError if it does not answer or refuses the key."""
        try:
            answer = await self._client.get(f"{self._url}/health", headers=self._headers)
            if answer.status_code == 404:
                described = await self._client.get(f"{self._url}/openapi.json")
                self.is_local = described.status_code == 200 and "/runsync" in described.text
        except httpx.HTTPError as error:
            raise StartError(f"{self._url} cannot be reached: {error}") from None
        if answer.status_code in (401, 403):
            raise StartError(f"RUNPOD_API_KEY is refused: {_sentence(answer)}")
        if answer.status_code == 404 and not self.is_local:
            raise StartError(f"there is no endpoint at {self._url}: check RUNPOD_ENDPOINT_ID")
        if answer.status_code != 200 and not self.is_local:
            raise StartError(f"{self._url} answers {answer.status_code}: {_sentence(answer)}")

    async def run(self, job_input: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Run a job: its id and its reply. A job whose caller gives up is cancelled.

        Raises ApiError.
        """
        if self.is_local:
            # This server cannot cancel a job.
            state = await self._call("POST", "runsync", {"input": job_input}, self._timeout_s)
            return str(state.get("id", "")), _reply_of(state)
        started = asyncio.ensure_future(self._start(job_input))
        try:
            # Shielded: a job whose id is not known cannot be cancelled.
            job_id = await asyncio.shield(started)
        except asyncio.CancelledError:
            with suppress(ApiError):
                await self._cancel(await started)
            raise
        try:
            async with asyncio.timeout(self._timeout_s):
                return job_id, await self._wait(job_id)
        except ApiError as error:
            error.job_id = job_id
            raise
        except TimeoutError:
            await self._cancel(job_id)
            raise ApiError(
                504,
                f"job {job_id} took longer than {self._timeout_s:g} s and was cancelled; send a "
                "shorter input, or raise BRIDGE_TIMEOUT_S",
                "timeout",
            ) from None
        except asyncio.CancelledError:
            await self._cancel(job_id)
            raise

    async def _start(self, job_input: Mapping[str, Any]) -> str:
        state = await self._call("POST", "run", {"input": job_input})
        if not isinstance(state.get("id"), str):
            raise ApiError(502, "the endpoint took the job and gave no id")
        return str(state["id"])

    async def hears(self) -> bool:
        """Whether the worker has Whisper."""
        if not self._hears:
            _, health = await self.run({"endpoint": "health"})
            self._hears = "whisper" in health.get("models", {})
        return self._hears

    async def _wait(self, job_id: str) -> dict[str, Any]:
        pause_s, failures = 0.2, 0
        while True:
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 1.3, 2.0)
            try:
                state = await self._call("GET", f"status/{job_id}")
            except ApiError as error:
                # The job is paid: a status that fails now and then must not lose its reply.
                failures += 1
                if failures == MAX_FAILED_POLLS or error.status in (401, 404):
                    raise
                continue
            failures = 0
            if state.get("status") not in ("IN_QUEUE", "IN_PROGRESS"):
                return _reply_of(state)

    async def _cancel(self, job_id: str) -> None:
        log.info("job %s is cancelled", job_id)
        try:
            await self._call("POST", f"cancel/{job_id}")
        except ApiError as error:
            log.warning("job %s may still run: %s", job_id, error)

    async def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, wait_s: float = 60
    ) -> dict[str, Any]:
        # ASCII: a script may hold half of a surrogate pair, which is the worker's to judge.
        content = None if body is None else json.dumps(body)
        headers = self._headers | {"Content-Type": "application/json"}
        try:
            answer = await self._client.request(
                method, f"{self._url}/{path}", content=content, headers=headers, timeout=wait_s
            )
        except httpx.TimeoutException:
            raise ApiError(504, f"the endpoint gave no answer in {wait_s:g} s", "timeout") from None
        except httpx.HTTPError as error:
            retry = isinstance(error, httpx.ConnectError)
            raise ApiError(502, f"the endpoint cannot be reached: {error}", retry=retry) from None
        if answer.status_code != 200:
            raise _refusal(answer)
        try:
            state = answer.json()
        except ValueError:
            state = None
        if not isinstance(state, dict):
            raise ApiError(502, "the endpoint answered with something other than a JSON object")
        return state

    async def open(self, link: str) -> "tuple[AsyncIterator[bytes], int | None]":
        """The parts of a file behind a link of a reply, and its size if that is known.

        Raises ApiError.
        """
        if link.startswith("file:") and is_loopback(urlsplit(self._url).hostname or ""):
            return _read_file(Path(unquote(urlsplit(link).path)))
        plain = {"Accept-Encoding": "identity"}
        try:
            request = self._client.build_request("GET", link, headers=plain)
            answer = await self._client.send(request, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ApiError(502, f"the worker's file cannot be fetched: {error}") from None
        size = answer.headers.get("content-length")
        known = int(size) if size and size.isdecimal() and len(size) < 18 else None
        if answer.status_code != 200 or (known or 0) > MAX_FILE_BYTES:
            await answer.aclose()
            problem = f"status {answer.status_code}" if answer.status_code != 200 else "too large"
            raise ApiError(502, f"the worker's file cannot be fetched: {problem}")
        return _parts(answer), known

    async def read(self, link: str) -> bytes:
        """A whole small file."""
        parts, _ = await self.open(link)
        return b"".join([part async for part in parts])

    async def put(self, link: str, file: UploadFile) -> None:
        """Upload a file to a link that the worker has signed. Raises ApiError."""

        async def parts() -> AsyncIterator[bytes]:
            while part := await file.read(PART_BYTES):
                yield part

        size = {"Content-Length": str(file.size)}  # buckets refuse a body without its length
        try:
            answer = await self._client.put(link, content=parts(), headers=size)
        except httpx.HTTPError as error:
            raise ApiError(502, f"the file cannot be put into the bucket: {error}") from None
        if answer.status_code not in (200, 201, 204):
            raise ApiError(502, f"the bucket refuses the file: status {answer.status_code}")


async def _parts(answer: httpx.Response) -> AsyncIterator[bytes]:
    total = 0
    try:
        async for part in answer.aiter_raw(PART_BYTES):
            total += len(part)
            if total > MAX_FILE_BYTES:
                raise ApiError(502, "the worker's file is too large")
            yield part
    finally:
        await answer.aclose()


def _read_file(path: Path) -> tuple[AsyncIterator[bytes], int]:
    async def parts() -> AsyncIterator[bytes]:
        with path.open("rb") as file:
            while part := file.read(PART_BYTES):
                yield part

    try:
        return parts(), path.stat().st_size
    except OSError:
        raise ApiError(502, "the worker's file is not on this machine") from None


def _sentence(answer: httpx.Response) -> str:
    """What a service says of a call that it refused, on one line."""
    try:
        said = answer.json().get("error")
    except (ValueError, AttributeError):
        said = answer.text
    return " ".join(str(said or answer.reason_phrase).split())[:500]


def _refusal(answer: httpx.Response) -> ApiError:
    status, said = answer.status_code, _sentence(answer)
    if status in (401, 403):
        return ApiError(401, f"RunPod refuses the bridge's RUNPOD_API_KEY: {said}", "endpoint_key")
    if status == 429:
        return ApiError(429, f"RunPod has too many requests: {said}", "rate_limit", retry=True)
    return ApiError(status if status in (400, 404) else 502, f"RunPod answers {status}: {said}")


def _reply_of(state: Mapping[str, Any]) -> dict[str, Any]:
    """The worker's reply in the last state of a job. Raises ApiError."""
    output, error = state.get("output"), state.get("error")
    if state.get("status") == "COMPLETED" and isinstance(output, dict):
        return output
    if state.get("status") == "TIMED_OUT":
        raise ApiError(504, "RunPod ended the job: its execution timeout was over", "timeout")
    code, _, sentence = str(error or "").partition(": ")
    if not sentence or not code.isidentifier():
        code, sentence = "internal_error", str(error or f"the job is {state.get('status')}")[:500]
    retry = code == "worker_unavailable"
    raise ApiError(STATUSES.get(code, 400), sentence, code, PARAMS.get(code), retry=retry)


def speech_job(body: Mapping[str, Any], settings: Settings, notes: list[str]) -> dict[str, Any]:
    """The job for a request of `/v1/audio/speech`; `notes` gets what has no effect as asked.

    Raises ApiError.
    """
    fields = {name: value for name, value in body.items() if value is not None}
    for name in OURS:
        if name in fields:
            _refuse(name, f"leave {name} out; the script is `input`, the format `response_format`")
    text = fields.pop("input", "")
    if not isinstance(text, str) or not text.strip() or len(text) > MAX_INPUT:
        _refuse("input", f"input must be a text of 1 to {MAX_INPUT} characters")
    output_format = fields.pop("response_format", "mp3")
    if not isinstance(output_format, str) or output_format not in MEDIA_TYPES:
        _refuse("response_format", f"response_format must be one of {', '.join(MEDIA_TYPES)}")
    if fields.pop("stream_format", "audio") not in ("audio", "sse"):
        _refuse("stream_format", "stream_format must be audio or sse")
    if fields.pop("instructions", None):
        notes.append("instructions have no effect: the clip of the voice decides how it sounds")
    fields.pop("model", None)
    return {
        **fields,
        "text": text,
        "output_format": output_format,
        "speed": _speed(fields.pop("speed", 1.0), notes),
        "voice": _voice(fields.pop("voice", settings.voice), settings, notes),
    }


def _refuse(param: str, message: str) -> NoReturn:
    raise ApiError(400, message, "invalid_request", param)


def _speed(given: Any, notes: list[str]) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0.25 <= given <= 4:
        _refuse("speed", "speed must be a number from 0.25 to 4")
    speed = min(max(float(given), SLOWEST), FASTEST)
    if speed != given:
        notes.append(f"speed {given:g} is out of the worker's range: it speaks at {speed:g}")
    return speed


def _voice(given: Any, settings: Settings, notes: list[str]) -> str:
    name = given.get("id") if isinstance(given, dict) else given
    if not isinstance(name, str) or not name:
        _refuse("voice", 'voice must be the name of a voice, or {"id": "its name"}')
    if name in settings.voices:
        return settings.voices[name]
    if name not in OPENAI_VOICES:
        return name
    notes.append(f"{name} is a voice of OpenAI: {settings.voice} speaks; BRIDGE_VOICES maps names")
    return settings.voice


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The value of `work`, which ends when the client hangs up. Raises ApiError then."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=0.3)
            if not task.done() and await request.is_disconnected():
                raise ApiError(499, "the client hung up", "client_gone")
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})


def events(*messages: Mapping[str, Any]) -> bytes:
    """Server-sent events."""
    return b"".join(f"data: {json.dumps(message)}\n\n".encode() for message in messages)


async def _spoken_events(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for part in parts:
        yield events({"type": "speech.audio.delta", "audio": base64.b64encode(part).decode()})
    # The worker counts no tokens.
    usage = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    yield events({"type": "speech.audio.done", "usage": usage})


def _headers(job_id: str, notes: list[str]) -> dict[str, str]:
    """What a reply says beside its body: `x-request-id` is the job's id."""
    headers = {"x-request-id": job_id} if job_id.isascii() else {}
    while notes and len(json.dumps(notes)) > MAX_HEADER:
        notes = notes[:-1]
    return headers | ({"x-worker-warnings": json.dumps(notes)} if notes else {})


async def guard(request: Request) -> None:
    """Refuse who has no key, pages of a browser, and bodies that are too large."""
    settings: Settings = request.app.state.settings
    sent = request.headers.get("authorization", "").removeprefix("Bearer ")
    if settings.own_key and not hmac.compare_digest(sent.encode(), settings.own_key.encode()):
        raise ApiError(401, "the API key is not the bridge's BRIDGE_API_KEY", "invalid_api_key")
    if not settings.own_key and "origin" in request.headers:
        # Any page that its user opens can post to this machine.
        message = "while BRIDGE_API_KEY is not set, no page of a browser may call the bridge"
        raise ApiError(403, message, "origin")
    if request.method == "POST":
        length = request.headers.get("content-length", "")
        limit = MAX_UPLOAD_BYTES if request.url.path.endswith("transcriptions") else MAX_JSON_BYTES
        if not length.isdecimal() or len(length) > 12:
            raise ApiError(411, "send the header Content-Length")
        if int(length) > limit:
            raise ApiError(413, f"a body may have {limit} bytes here, this one has {length}")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


router = APIRouter(prefix="/v1", dependencies=[Depends(guard)])


@router.post("/audio/speech")
async def speech(request: Request) -> Response:
    """Speak `input`; the sound itself is the answer."""
    started, notes = time.monotonic(), list[str]()
    try:
        body = json.loads(await request.body(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise ApiError(400, "the body must be a JSON object", "invalid_request")
    job = speech_job(body, request.app.state.settings, notes)
    endpoint: Endpoint = request.app.state.endpoint
    job_id, reply = await unless_gone(request, endpoint.run(job))
    parts, size = await endpoint.open(str(reply.get("audio_url")))
    log.info(
        "speech 200: %d characters, voice %s, %.1f s of %s in %.1f s, job %s",
        len(job["text"]), reply.get("voice"), reply.get("duration", 0), job["output_format"],
        time.monotonic() - started, job_id,
    )  # fmt: skip
    headers = _headers(job_id, [*notes, *reply.get("warnings", [])])
    headers["x-speed"] = f"{job['speed']:g}"
    if body.get("stream_format") == "sse":
        return StreamingResponse(
            _spoken_events(parts), headers=headers, media_type="text/event-stream"
        )
    if size is not None:
        headers["content-length"] = str(size)
    media_type = MEDIA_TYPES[job["output_format"]]
    return StreamingResponse(parts, headers=headers, media_type=media_type)


@router.get("/audio/voices")
async def voices(request: Request) -> dict[str, Any]:
    """The worker's voices."""
    endpoint: Endpoint = request.app.state.endpoint
    found: list[dict[str, Any]] = []
    page: dict[str, Any] = {"endpoint": "list_voices"}
    while True:
        _, reply = await unless_gone(request, endpoint.run(page))
        for one in reply["voices"]:
            found.append({"id": one["name"], "name": one["name"], "language": one.get("language")})
        if not reply.get("next_after"):
            return {"object": "list", "voices": found}
        page["after"] = reply["next_after"]


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "f5-tts-worker"}


@router.get("/models")
async def models() -> dict[str, Any]:
    """The names of models; each other name does the same."""
    return {"object": "list", "data": [_model(name) for name in MODELS]}


@router.get("/models/{name}")
async def model(name: str) -> dict[str, Any]:
    """One of them."""
    if name not in MODELS:
        raise ApiError(404, f"there is no model {name!r}", "model_not_found", "model")
    return _model(name)


@router.post("/audio/transcriptions")
async def transcriptions(request: Request) -> Response:
    """Write down what is said in a file."""
    started, endpoint = time.monotonic(), request.app.state.endpoint
    async with request.form(max_files=1, max_fields=50) as form:
        file, form_of_reply, granularities = _transcript_options(form)
        if not await endpoint.hears():
            raise ApiError(400, "the worker has no Whisper; set its WHISPER_MODEL", "no_whisper")
        job: dict[str, Any] = {"endpoint": "timing", "timing_format": [TIMING_FILES[form_of_reply]]}
        if form.get("language"):
            job["language"] = form["language"]
        job["upload_id"] = await unless_gone(request, _upload(endpoint, file))
        job_id, reply = await unless_gone(request, endpoint.run(job))
        log.info(
            "transcriptions 200: %.1f s of audio in %.1f s, job %s",
            reply["duration"], time.monotonic() - started, job_id,
        )  # fmt: skip
        unused = ("prompt", "temperature", "include[]", "chunking_strategy")
        notes = [f"{name} has no effect" for name in unused if name in form]
        headers = _headers(job_id, [*notes, *reply.get("warnings", [])])
        if form.get("stream") == "true":
            done = {"type": "transcript.text.done", "text": reply["text"]}
            delta = {"type": "transcript.text.delta", "delta": reply["text"]}
            return Response(events(delta, done), 200, headers, "text/event-stream")
    if form_of_reply == "json":
        usage = {"type": "duration", "seconds": math.ceil(reply["duration"])}
        return JSONResponse({"text": reply["text"], "usage": usage}, headers=headers)
    if form_of_reply == "text":
        return PlainTextResponse(reply["text"] + "\n", headers=headers)
    content = await endpoint.read(reply["timing_files"][TIMING_FILES[form_of_reply]])
    if form_of_reply != "verbose_json":
        return Response(content, 200, headers, "text/plain; charset=utf-8")
    kept = {"task", "language", "duration", "text", *(f"{one}s" for one in granularities)}
    document = json.loads(content)
    found = {name: value for name, value in document.items() if name in kept}
    return JSONResponse(found, headers=headers)


def _transcript_options(form: FormData) -> tuple[UploadFile, str, list[Any]]:
    """The file, the form of the reply, and which times it has. Raises ApiError."""
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.size:
        _refuse("file", "file must be a sound file, sent as multipart/form-data")
    form_of_reply = form.get("response_format", "json")
    if not isinstance(form_of_reply, str) or form_of_reply not in TIMING_FILES:
        _refuse("response_format", f"response_format must be one of {', '.join(TIMING_FILES)}")
    name = "timestamp_granularities"
    granularities = [*form.getlist(f"{name}[]"), *form.getlist(name)]
    if not set(granularities) <= {"word", "segment"}:
        _refuse(name, f"{name} may have word and segment")
    if granularities and form_of_reply != "verbose_json":
        _refuse(name, f"{name} needs response_format verbose_json")
    return file, form_of_reply, granularities or ["segment"]


async def _upload(endpoint: Endpoint, file: UploadFile) -> str:
    """Put a file where the worker finds it; its `upload_id`. Raises ApiError."""
    try:
        # The name has no effect: a voice is made by a second call only.
        _, place = await endpoint.run({"endpoint": "upload", "voice_name": "transcription"})
    except ApiError as error:
        message = f"the file cannot reach the worker: {error.message}"
        raise ApiError(error.status, message, error.code) from None
    await endpoint.put(str(place["upload_url"]), file)
    return str(place["upload_id"])


async def _answer_error(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        known = "POST /v1/audio/speech, POST /v1/audio/transcriptions, GET /v1/audio/voices"
        message = f"no {request.method} {request.url.path} here; there are {known}, GET /v1/models"
        if error.status_code not in (404, 405):
            message = str(error.detail)
        error = ApiError(error.status_code, message)
    if not isinstance(error, ApiError):
        error = ApiError(500, "the bridge has a fault; its log has the reason", "bridge_error")
    log.warning("%s %d: %s", quote(request.url.path), error.status, error.message)
    return error.response()


def create_app(settings: Settings, *, is_local: bool) -> FastAPI:
    """The server. is_local: what `Endpoint.check` found."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with httpx.AsyncClient(follow_redirects=True, timeout=60) as client:
            app.state.settings, app.state.endpoint = settings, Endpoint(settings, client)
            app.state.endpoint.is_local = is_local
            yield

    app = FastAPI(title="OpenAI bridge", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.include_router(router)
    for kind in (ApiError, HTTPException, Exception):
        app.add_exception_handler(kind, _answer_error)
    return app


async def _check(settings: Settings) -> bool:
    async with httpx.AsyncClient(timeout=30) as client:
        endpoint = Endpoint(settings, client)
        await endpoint.check()
        return endpoint.is_local


def main() -> None:
    """Check the settings and the endpoint, then serve."""
    if sys.argv[1:]:
        print(__doc__)
        sys.exit(0 if sys.argv[1:] in (["-h"], ["--help"]) else 2)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its lines have signed links
    try:
        settings = Settings.from_environment(os.environ)
        is_local = asyncio.run(_check(settings))
    except StartError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    log.info("http://%s:%d/v1 speaks through %s", settings.host, settings.port, settings.url)
    # Jobs of callers that still wait when the bridge ends are cancelled after the pause.
    uvicorn.run(
        create_app(settings, is_local=is_local),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
