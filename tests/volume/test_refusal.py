"""A worker that cannot start tells the client of one job, through RunPod's own protocol."""

from pathlib import Path

import pytest

from errors import WorkerError
from tests.job_server import JobServer, Worker
from tests.support.project import Project, wait_for_result
from volume.refusal import refuse_one_job, reply

ROOT = Path(__file__).resolve().parents[2]


def test_handler_fails_one_job_with_its_reason_and_leaves_the_others() -> None:
    with JobServer(hold_s=1) as server:
        server.submit({"text": "Hello."}, job_id="first")
        server.submit({"text": "Hello."}, job_id="second")
        env = {"RUNPOD_PING_INTERVAL": "10s", "TTS_ENGINE": "preview"}
        with Worker(server, ROOT / "handler.py", env=env) as worker:
            job = server.wait("first")
            assert worker.wait() == 1
            assert "the client of job first has been told" in worker.log()
        assert job.status == "FAILED"
        assert job.error is not None
        assert job.error.startswith(
            "worker_unavailable: this worker cannot start: RUNPOD_PING_INTERVAL is '10s'; it must "
        )
        sentence = job.error.removeprefix("worker_unavailable: ")
        output = {"code": "worker_unavailable", "message": sentence, "details": [sentence]}
        assert job.output == output
        assert not server.jobs["second"].workers


def test_the_start_up_tells_the_client_too(project: Project, home: Path) -> None:
    project.config["python"] = [3, 10]
    with JobServer(hold_s=1) as server:
        server.submit({"text": "Hello."}, job_id="waits")
        result = wait_for_result(project.start(home, settings=server.worker_env("worker-1")))
        job = server.wait("waits")
    assert result.returncode == 1
    assert "worker_unavailable: this worker cannot start: the worker needs Python 3.10" in str(
        job.error
    )


def test_without_a_job_the_worker_ends() -> None:
    with JobServer(hold_s=0.1) as server:
        env = server.worker_env("worker-1")
        assert not refuse_one_job("no model", [], wait_s=0.2, environment=env)
        assert server.workers["worker-1"].polls >= 1
    assert not refuse_one_job("no model", [], wait_s=0.2, environment=env)  # nobody listens


@pytest.mark.parametrize("status", [400, 429])
def test_a_queue_that_has_nothing_for_now_is_asked_again(status: int) -> None:
    with JobServer(hold_s=0.1) as server:
        server.refuse_takes(status, times=1)
        server.submit({"text": "Hello."}, job_id="later")
        env = server.worker_env("worker-1")
        assert refuse_one_job("no model", [], wait_s=20, environment=env)
        assert server.wait("later").error == (
            "worker_unavailable: this worker cannot start: no model"
        )


@pytest.mark.parametrize("argument", ["--test_input", "--test_input={}", "--rp_serve_api"])
def test_a_local_test_takes_no_job(argument: str) -> None:
    with JobServer(hold_s=0.1) as server:
        env = server.worker_env("worker-1")
        assert not refuse_one_job("no model", [argument], wait_s=20, environment=env)
        assert not server.workers
    assert not refuse_one_job("no model", [], wait_s=20, environment={})


def test_the_reply_has_the_form_of_every_error() -> None:
    class Replaced(WorkerError):
        refresh_worker = True

    expected = Replaced("why").reply()
    assert {name: type(value) for name, value in reply("why").items()} == {
        name: type(value) for name, value in expected.items()
    }


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("/models/a.pt is missing; set F5_CKPT_FILE", "[hidden] is missing; set F5_CKPT_FILE"),
        ("see https://u:pw@host/x?key=1, or not", "see [hidden], or not"),
        ("(Pool(host='a.corp', port=443))", "(Pool([hidden], port=443))"),
        ("remove it under WORKER_HOME/venvs", "remove it under WORKER_HOME/venvs"),
        ("no space left:\n   8 MB  /a/b", "no space left: (its log has more)"),
        ("x" * 700, f"{'x' * 600}... (its log has more)"),
    ],
)  # fmt: skip
def test_a_client_sees_no_path_no_host_and_no_url(reason: str, shown: str) -> None:
    assert reply(reason)["error"] == f"worker_unavailable: this worker cannot start: {shown}"


def test_an_error_that_nobody_foresaw_is_told_too(tmp_path: Path) -> None:
    """As an import that fails before anything of the worker is there."""
    program = tmp_path / "handler.py"
    program.write_text(
        "import sys, pathlib\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from volume import damage, refusal\n"
        "tell = lambda sentence: refusal.refuse_one_job(sentence, sys.argv[1:])\n"
        "damage.install_excepthook(pathlib.Path(sys.prefix), pathlib.Path('/nowhere'), tell)\n"
        "{}['key']\n"
    )
    with JobServer(hold_s=1) as server:
        server.submit({"text": "Hello."}, job_id="odd")
        with Worker(server, program) as worker:
            assert "cannot start: 'key'; " in str(server.wait("odd").error)
            assert worker.wait() == 1
            assert "KeyError: 'key'" in worker.log()
