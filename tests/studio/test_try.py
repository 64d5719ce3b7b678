"""scripts/try and the studio's process: options, a busy port, the browser, and a clean end."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from studio.__main__ import has_browser, listen
from tests.support.process import environment
from tests.support.waiting import PATIENCE_S, until

TRY = "scripts/try"
READY = "the studio is at "


def run(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [TRY, *arguments], env=os.environ | settings, capture_output=True, text=True, check=False
    )


def test_it_explains_itself() -> None:
    result = run("--help")
    assert result.returncode == 0
    assert "Ctrl-C ends it" in result.stdout
    for option in ("--port N", "--no-browser"):
        assert option in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["hello"],
        ["--por", "1"],
        ["--no-browse"],
        ["--port"],
        ["--port", "x"],
        ["--port", "65536"],
        ["--port", "-1"],
        ["--port", "1", "more"],
    ],
)
def test_other_arguments_are_refused(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert "usage: scripts/try" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_busy_port_is_told_at_once() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        # With a Python that prepares nothing: the port comes first.
        result = run("--port", str(port), PYTHON="/bin/false")
        studio = subprocess.run(
            [sys.executable, "-m", "studio", "--port", str(port)],
            capture_output=True,
            text=True,
            check=False,
        )
    for one in (result, studio):
        assert one.returncode == 1
        assert one.stdout == ""
        assert one.stderr == (
            f"port {port} of 127.0.0.1 cannot be used (Address already in use); give another one "
            "with --port, or 0 for any that is free\n"
        )


def test_the_port_is_taken_while_the_worker_is_loaded() -> None:
    with listen(0) as first, pytest.raises(OSError, match="in use"):
        listen(first.getsockname()[1])


def test_it_starts_from_the_python_that_is_set(tmp_path: Path) -> None:
    other = tmp_path / "python3.11"
    other.write_text("#!/bin/sh\nexit 7\n")
    other.chmod(0o755)
    assert run("--port", "0", PYTHON=str(other)).returncode == 7


@contextmanager
def studio(
    folder: Path,
    *arguments: str,
    command: tuple[str, ...] = (sys.executable, "-m", "studio"),
    settings: Mapping[str, str] | None = None,
) -> Iterator["subprocess.Popen[str]"]:
    """A studio in a process of its own, with its temporary files below `folder`."""
    (folder / "tmp").mkdir()
    env = environment(folder / "home", {"TMPDIR": str(folder / "tmp"), **(settings or {})})
    process = subprocess.Popen(
        [*command, "--port", "0", *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def url_of(process: "subprocess.Popen[str]") -> str:
    """The URL that the studio says once it can be opened."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith(READY):
            return line.removeprefix(READY).split()[0]
    raise AssertionError(lines)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_cleanly_with_a_job_that_runs(tmp_path: Path, number: signal.Signals) -> None:
    with studio(tmp_path, "--no-browser") as process:
        url = url_of(process)
        job = {"input": {"text": " ".join(["Dr. Smith paid $5 for 2 cats."] * 300)}}
        # Its connection stays open.
        with httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE_S) as page:
            assert page.post("api/jobs", json=job).status_code == 202
            process.send_signal(number)
            said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "the studio has ended" in said
    assert "Traceback" not in said
    assert not list((tmp_path / "tmp").glob("f5-tts-*"))
    until(lambda: not has_processes(process.pid))  # nothing that it started is left


def has_processes(group: int) -> bool:
    """Whether a group of processes has some; those that have ended count until they are reaped."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "opens"), [([], True), (["--no-browser"], False)])
def test_the_page_is_opened_where_there_is_a_browser(
    tmp_path: Path, arguments: list[str], opens: bool
) -> None:
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(
        f'#!/bin/sh\necho "$1" > {opened}.part\nmv {opened}.part {opened}\nsleep 9\n'
    )
    browser.chmod(0o755)
    with studio(tmp_path, *arguments, settings={"BROWSER": f"{browser} %s"}) as process:
        url = url_of(process)
        while opens and not opened.is_file():
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert opened.is_file() == opens
    if opens:
        assert opened.read_text().strip() == url


@pytest.mark.parametrize("name", ["BROWSER", "DISPLAY", "WAYLAND_DISPLAY"])
def test_a_machine_without_a_screen_has_no_browser(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for other in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(other, raising=False)
    assert not has_browser()
    monkeypatch.setenv(name, "x")
    assert has_browser()


@pytest.mark.slow
def test_scripts_try_serves_the_preview_worker(tmp_path: Path) -> None:
    """As a newcomer runs it, on the machine of somebody who has a bucket and an endpoint set up."""
    own = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9/bucket", "WHISPER_MODEL": "tiny"}
    with studio(tmp_path, "--no-browser", command=(TRY,), settings=own) as process:
        url = url_of(process)
        facts = httpx.get(f"{url}api/worker", trust_env=False, timeout=PATIENCE_S).json()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert (facts["engine"], facts["mode"], facts["transcribes"]) == ("preview", "local", False)
    assert process.returncode == 0
    assert not list((tmp_path / "tmp").glob("f5-tts-*"))


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
        ({"S3_BUCKET": "mine"}, "it works without a bucket only"),
    ],
)
def test_settings_that_do_not_fit_are_one_sentence(
    tmp_path: Path, settings: dict[str, str], reason: str
) -> None:
    with studio(tmp_path, "--no-browser", settings=settings) as process:
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.startswith(f"the studio cannot start: {reason}")
    assert said.count("\n") == 1
