"""What a client hears when a part of the machine is gone, and that RunPod replaces the worker."""

import errno
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import environments, handling
from tests.support.environments import ROOT
from tests.support.process import environment
from worker.cancellation import ActiveJobs
from worker.imports import import_ahead
from worker.progress import ProgressSender
from worker.runner import JobRunner, started_threads
from worker.state import Worker
from worker.unexpected import is_environment_gone, unexpected

pytestmark = pytest.mark.slow

STARTS = """
import json, os, shutil, sys
sys.path.insert(0, sys.argv[1])
from settings import Settings
from tests.support.handling import handle
from worker.build import build
from worker.imports import import_ahead
worker = build(Settings.from_environment(os.environ))
import_ahead().join()
def ask(name, **fields):
    return handle(worker, {"id": name, "input": fields}, lambda *_: None)
speech = {"text": "Hello.", "return_word_timings": True, "timing_format": "all"}
"""

VANISHES = """
shutil.rmtree(os.environ["TMPDIR"])
replies = [ask("one", **speech)]
shutil.rmtree(sys.prefix)
print(json.dumps([*replies, ask("two", **speech), ask("three", endpoint="health")]))
"""

IMPORTS = """
before = set(sys.modules)
ask("one", **speech)
url = "http://127.0.0.1:9/a.m4a"
ask("two", endpoint="upload", voice_name="anna", voice_file_url=url)
names = {name for name in set(sys.modules) - before}
print(json.dumps(sorted(names)))
"""


def test_what_vanishes_is_made_anew_or_the_worker_is_replaced(tmp_path: Path, uv: Path) -> None:
    """The folder for temporary files, and then the environment, are removed while it runs."""
    venv = environments.make(tmp_path / "home", uv)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    result = subprocess.run(
        [venv / "bin" / "python", "-c", STARTS + VANISHES, ROOT],
        env=environment(tmp_path / "home", {"TMPDIR": str(temporary)}),
        capture_output=True,
        text=True,
        check=True,
    )
    before, *after = json.loads(result.stdout.splitlines()[-1])
    assert set(before["timing_files"]) == {"srt", "vtt", "csv", "json", "ass", "html"}
    assert "refresh_worker" not in before
    for reply in after:
        assert reply["error"].startswith(
            "internal_error: this worker's environment was removed while it ran; RunPod replaces"
        )
        assert reply["refresh_worker"] is True


def test_a_job_imports_nothing_more(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", STARTS + IMPORTS, ROOT],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    imported = json.loads(result.stdout.splitlines()[-1])
    # A module that Cython makes, and not one of a file.
    assert [name for name in imported if not name.startswith("_cython_")] == []


def test_a_worker_that_is_whole_is_not_replaced(worker: Worker) -> None:
    job = {"id": "whole", "input": {"endpoint": "health"}}
    assert "refresh_worker" not in handling.handle(worker, job, lambda *_: None)


def test_a_gone_environment_explains_what_no_other_code_handles(tmp_path: Path) -> None:
    assert is_environment_gone(str(tmp_path / "gone"))
    assert not is_environment_gone(sys.prefix)
    assert not is_environment_gone(f"{tmp_path}/{'x' * 300}")  # another error than that it is gone


@pytest.mark.parametrize(
    ("error", "code", "words", "replaced"),
    [
        (OSError(errno.ENOSPC, "full"), "storage_error", "disk for temporary files is full", False),
        (OSError(errno.EDQUOT, "full"), "storage_error", "disk for temporary files is full", False),
        (RuntimeError("can't start new thread"), "internal_error", "allows no more threads", True),
        (ZeroDivisionError("/secret"), "internal_error", "its log has the reason", False),
    ],
)
def test_each_kind_has_its_sentence(
    error: Exception, code: str, words: str, replaced: bool
) -> None:
    reply = unexpected(error, "job-1").reply()
    assert reply["code"] == code
    assert words in reply["error"]
    assert "/secret" not in reply["error"]
    assert ("refresh_worker" in reply) == replaced


def test_a_limit_of_threads_that_another_error_hides_is_found() -> None:
    hidden = RuntimeError("pool failed")
    hidden.__cause__ = RuntimeError("can't start new thread")
    assert "no more threads" in str(unexpected(hidden, "job-1"))


@pytest.fixture
def no_threads() -> Iterator[None]:
    """The system refuses every new thread, since its stack would be larger than all memory."""
    before = threading.stack_size(1 << 46)
    try:
        yield
    finally:
        threading.stack_size(before)


def test_imports_begin_with_the_sdks_loop_and_only_once() -> None:
    begun: list[str] = []
    runner = JobRunner(
        lambda *_: {}, ActiveJobs(), 2, on_platform=True, on_begin=lambda: begun.append("imports")
    )
    assert begun == []
    assert [runner.concurrency(1), runner.concurrency(2)] == [2, 2]
    assert begun == ["imports"]


def test_imports_that_get_no_thread_are_left_to_the_jobs(no_threads: None) -> None:
    assert not import_ahead([]).is_alive()


def test_a_worker_starts_the_threads_of_jobs_before_the_first_one(no_threads: None) -> None:
    with pytest.raises(RuntimeError, match="can't start new thread"):
        started_threads(1)


def test_a_job_without_a_thread_for_its_progress_sends_none(no_threads: None) -> None:
    sender = ProgressSender({"id": "silent"})
    sender("synthesis", 1, 2)
    sender.close()


def test_a_job_that_can_start_no_thread_of_its_own_fails_clearly(
    worker: Worker, no_threads: None
) -> None:
    job = {"id": "own-threads", "input": {"endpoint": "list_voices"}}
    reply = handling.handle(worker, job, lambda *_: None)
    assert reply["code"] == "internal_error"
    assert "allows no more threads" in reply["error"]
    assert reply["refresh_worker"] is True
