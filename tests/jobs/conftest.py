"""The tests of the endpoints ask the real handler with the warm worker of tests/conftest.py."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from storage.retry import RetryingStore
from tests.support import handling
from tts.text.lexicon import Lexicon
from tts.voices.library import VoiceLibrary
from worker.build import build_store, build_voice_maker
from worker.state import Worker

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def worker(worker: Worker, tmp_path_factory: pytest.TempPathFactory) -> Worker:
    """The warm worker with a store of the module's own: two modules may give a job the same id."""
    settings = worker.settings.model_copy(update={"home": tmp_path_factory.mktemp("home")})
    store = RetryingStore(build_store(settings), worker.active_jobs.shutdown.sleep)
    maker = build_voice_maker(worker.engine, worker.whisper)
    voices = VoiceLibrary(store, worker.engine.default_voice, maker)
    return replace(worker, settings=settings, store=store, voices=voices, lexicon=Lexicon(store))


@pytest.fixture
def store_folder(worker: Worker) -> Path:
    return worker.settings.home / "store"


@pytest.fixture
def ask(worker: Worker, request: pytest.FixtureRequest) -> Ask:
    """Send one input through the real handler; the job's id is the test's own by default."""

    def send(this_id: str = "", **fields: Any) -> dict[str, Any]:
        number = abs(hash((request.node.nodeid, str(fields))))
        job = {"id": this_id or f"job-{number}", "input": fields}
        return handling.handle(worker, job, lambda stage, done, total: None)

    return send
