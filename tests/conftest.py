"""Fixtures for every test, and the rule for tests whose system tool is missing."""

import os
import shutil
from collections.abc import Iterator

import hypothesis
import pytest

from settings import Settings
from tests.job_server import JobServer
from tests.job_server import Worker as LoopWorker
from tests.support import google_server, tiny_f5
from tests.support import rclone as rclone_s3
from tests.support import seaweed as seaweedfs
from tests.support.loop import HANDLER, Loop, environment
from tests.support.s3_server import S3Server
from worker.build import build
from worker.state import Worker

pytest_plugins = ["tests.support.volume_fixtures"]
PACKAGES = {tool: tool for tool in ("ffmpeg", "strace", "buildah", "debootstrap", "curl", "jq")}
PACKAGES |= {"chromedriver": "chromium-driver", "unshare": "util-linux"}
PACKAGES |= {"node": "nodejs", "npm": "npm", "git": "git"}
INSTALL = {
    tool: f"apt-get install -y --no-install-recommends {package}"
    for tool, package in PACKAGES.items()
}
INSTALL |= {"root": "run the tests as root"}
MISSING = " is missing"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fuzz-seconds", type=float, help="time of each fuzz test")
    parser.addoption("--seed", type=int, default=0, help="of the first inputs of each fuzz test")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(tool): a tool that the test runs, or root")
    config.addinivalue_line("markers", "slow: takes many seconds; scripts/test --quick has none")
    config.addinivalue_line("markers", "alone: needs the machine for itself, beside no other test")
    # By default an example may take 0.2 s, and the first ten 1 s to draw: tests measure no time.
    patient = hypothesis.settings(
        deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    # The gate judges a change: whether it passes must not hang on examples drawn by chance.
    is_gate = os.environ.get("TEST_ALL") == "1"
    hypothesis.settings.register_profile("patient", patient, derandomize=is_gate)
    hypothesis.settings.load_profile("patient")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side, begin with the files of slow tests: no core is left with one at the end."""
    if hasattr(config, "workerinput"):
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: item.path not in slow)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose tool is missing; with TEST_ALL=1 fail it."""
    for marker in item.iter_markers("needs"):
        tool = marker.args[0]
        if os.geteuid() == 0 if tool == "root" else shutil.which(tool):
            continue
        if os.environ.get("TEST_ALL") == "1":
            pytest.fail(f"{tool}{MISSING}; {INSTALL[tool]}", pytrace=False)
        pytest.skip(f"{tool}{MISSING}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tools that tests missed, in whatever process these ran."""
    reasons = [report.longrepr[2] for report in terminalreporter.stats.get("skipped", [])]
    for tool, install in INSTALL.items():
        if count := sum(reason == f"Skipped: {tool}{MISSING}" for reason in reasons):
            terminalreporter.write_line(f"left out {count} tests that need {tool}: {install}")


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[seaweedfs.Seaweed]:
    """An S3 service with one bucket. All tests share it, so each uses keys that no other uses."""
    with seaweedfs.running(tmp_path_factory.mktemp("seaweed")) as server:
        yield server


@pytest.fixture(scope="session")
def rclone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """Another S3 service by other authors; all tests share it, as they share `seaweed`."""
    with rclone_s3.running(tmp_path_factory.mktemp("rclone")) as server:
        yield server


@pytest.fixture(scope="session")
def google_speech(tmp_path_factory: pytest.TempPathFactory) -> Iterator[google_server.Server]:
    """Google's service on loopback.

    gRPC reads the root certificates once, before its first channel: so the server and its
    certificate are the same for the whole session.
    """
    folder = tmp_path_factory.mktemp("google")
    with google_server.running(folder) as server, pytest.MonkeyPatch.context() as environment:
        environment.setenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", str(folder / "roots.pem"))
        yield server


@pytest.fixture(scope="session")
def loop_worker(
    seaweed: seaweedfs.Seaweed, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loop]:
    """A worker in RunPod's loop. All tests share it, so each uses job ids that no other uses."""
    folder = tmp_path_factory.mktemp("loop")
    env = environment(seaweed, folder)
    with JobServer(hold_s=1) as server, LoopWorker(server, HANDLER, "shared", env=env) as process:
        yield Loop(server, process.ready(), folder)


@pytest.fixture(scope="session")
def json_loop(
    seaweed: seaweedfs.Seaweed, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loop]:
    """Like `loop_worker`; it logs JSON and the SDK's DEBUG lines, and may fetch from loopback."""
    folder = tmp_path_factory.mktemp("json-loop")
    env = environment(seaweed, folder)
    env |= {"LOG_FORMAT": "json", "RUNPOD_LOG_LEVEL": "DEBUG", "TMPDIR": str(folder)}
    env |= {"RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS": "1"}
    with JobServer(hold_s=1) as server, LoopWorker(server, HANDLER, "json", env=env) as process:
        yield Loop(server, process.ready(), folder)


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> tiny_f5.Checkpoint:
    """The files of a tiny F5 with random weights, in the manner of F5TTS_v1_Base."""
    return tiny_f5.write(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Worker:
    """A complete warm worker in this process: preview engine, sphinx, and a store in a folder."""
    home = tmp_path_factory.mktemp("home")
    return build(Settings.from_environment({"TTS_ENGINE": "preview", "WORKER_HOME": str(home)}))
