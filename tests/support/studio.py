"""The studio's server in this process, on a free port of 127.0.0.1."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from storage.retry import RetryingStore
from studio.__main__ import listen
from studio.core import Studio
from studio.server import PAGE, create_app
from tts.text.lexicon import Lexicon
from tts.voices.library import VoiceLibrary
from worker.build import build_store, build_voice_maker
from worker.cancellation import ActiveJobs
from worker.state import Worker

ENDED = ("COMPLETED", "FAILED", "CANCELLED")
WAIT_S = 120.0


@dataclass(frozen=True)
class Served:
    """A running studio, and what a page asks of it.

    url: without a slash at its end.
    """

    studio: Studio
    url: str
    client: httpx.Client

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.client.get(path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return self.client.post(path, json={} if body is None else body, **options)

    def begin(self, **job_input: Any) -> str:
        """Start a job; its id."""
        answer = self.post("/api/jobs", {"input": job_input})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def ended(self, job_id: str) -> dict[str, Any]:
        """The state of a job once it has ended."""
        return self.until(job_id, lambda state: state["status"] in ENDED)

    def until(self, job_id: str, is_there: Any) -> dict[str, Any]:
        """The state of a job once it is as wanted."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            answer = self.get(f"/api/jobs/{job_id}")
            assert answer.status_code == 200, answer.text
            state: dict[str, Any] = answer.json()
            if is_there(state):
                return state
            time.sleep(0.05)
        raise TimeoutError(state)

    def run(self, **job_input: Any) -> dict[str, Any]:
        """Run a job to its end; its state."""
        return self.ended(self.begin(**job_input))


def refused(answer: httpx.Response) -> tuple[int, str, str]:
    """The status, the code and the sentence of a refusal, whose form must be whole."""
    body: Mapping[str, Any] = answer.json()
    assert set(body) == {"error"}, body
    error = body["error"]
    assert set(error) == {"code", "message", "details"}
    assert error["details"]
    return answer.status_code, error["code"], error["message"]


def with_own_jobs(worker: Worker, home: Path) -> Worker:
    """A worker with a store and jobs of its own: a studio that ends stops all of its worker."""
    settings = worker.settings.model_copy(update={"home": home})
    active_jobs = ActiveJobs()
    store = RetryingStore(build_store(settings), active_jobs.shutdown.sleep)
    maker = build_voice_maker(worker.engine, worker.whisper)
    return replace(
        worker,
        settings=settings,
        store=store,
        voices=VoiceLibrary(store, worker.engine.default_voice, maker),
        lexicon=Lexicon(store),
        active_jobs=active_jobs,
    )


@contextmanager
def serving(studio: Studio, page: Path = PAGE) -> Iterator[Served]:
    """Serve a studio while the body runs, then close both."""
    listener = listen(0)
    config = uvicorn.Config(
        create_app(studio, page),
        log_level="warning",
        access_log=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    # Until the server listens, a connection is refused.
    while thread.is_alive() and not server.started:
        time.sleep(0.01)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        with httpx.Client(base_url=url, timeout=WAIT_S, trust_env=False) as client:
            yield Served(studio, url, client)
    finally:
        server.should_exit = True
        thread.join()
        studio.close()
