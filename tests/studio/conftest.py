"""The studio with the warm worker of tests/conftest.py, whose store is the module's own."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from storage.retry import RetryingStore
from studio.core import Studio
from tests.support import studio as support
from tts.text.lexicon import Lexicon
from tts.voices.library import VoiceLibrary
from worker.build import build_store, build_voice_maker
from worker.cancellation import ActiveJobs
from worker.state import Worker


@pytest.fixture(scope="module")
def worker(worker: Worker, tmp_path_factory: pytest.TempPathFactory) -> Worker:
    """The warm worker with a store and jobs of the module's own: a studio that ends stops all."""
    settings = worker.settings.model_copy(update={"home": tmp_path_factory.mktemp("home")})
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


@pytest.fixture(scope="module")
def served(worker: Worker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[support.Served]:
    """A studio with a page of two files."""
    page = tmp_path_factory.mktemp("page")
    (page / "index.html").write_text("<!DOCTYPE html><title>studio</title>")
    (page / "main.js").write_text("export const one = 1;\n")
    (page / "notes.txt").write_text("not for browsers")
    (page.parent / "secret.js").write_text("outside")
    with support.serving(Studio(worker), page) as running:
        yield running
