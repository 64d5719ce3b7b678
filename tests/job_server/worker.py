"""`Worker`: a handler in a process of its own, pointed at a job server."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from .server import JobServer


class Worker:
    """`[python, handler]`, started at once, in a process group of its own.

    handler: the program's path, or `-c` with the program as the first of `args`.
    env: variables added to this process's environment without its RUNPOD_ variables, and to
        `server.worker_env(worker_id)`.
    cwd: the handler's folder by default.
    log_path: where stdout and stderr go, by default to a temporary file.

    Leaving the context kills the processes that still run. The server learns of that by
    `server.worker_gone(worker_id)` alone.
    """

    def __init__(
        self,
        server: JobServer,
        handler: Path,
        worker_id: str = "worker-1",
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        python: str = sys.executable,
        args: Sequence[str] = (),
        log_path: Path | None = None,
    ) -> None:
        self.id = worker_id
        self._ended = False
        self._server = server
        known = server.workers.get(worker_id)
        self._polls_before = known.polls if known else 0
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("RUNPOD_")}
        self._log = log_path.open("w+b") if log_path else tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            [python, str(handler), *args],
            cwd=cwd or handler.parent,
            env=inherited
            | {"PYTHONUNBUFFERED": "1"}
            | server.worker_env(worker_id)
            | dict(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()
        self._log.close()

    def log(self) -> str:
        """Everything the worker wrote so far."""
        # pread: the process shares this file's offset, which must stay at the end.
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), size, 0).decode(errors="replace")

    def ready(self, timeout: float = 60.0) -> Self:
        """Wait for the first job-take poll; RuntimeError with the log's tail otherwise."""
        deadline = time.monotonic() + timeout
        while not self._polled():
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.id} exited {self.process.returncode}: {self._tail()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.id} took no job in {timeout} s: {self._tail()}")
            time.sleep(0.02)
        return self

    def terminate(self) -> None:
        """SIGTERM to the worker's process, as a container's runtime does."""
        self.process.terminate()

    def wait(self, timeout: float = 30.0) -> int:
        """The exit code; subprocess.TimeoutExpired after `timeout` s."""
        self.process.wait(timeout)
        return self.kill()  # what it left behind, as when a container ends

    def kill(self) -> int:
        """SIGKILL to the process and what it started; the exit code.

        The SDK's pings come from a child that would outlive its parent and go on pinging.
        """
        if not self._ended:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self._ended = True
        return self.process.wait()

    def _polled(self) -> bool:
        state = self._server.workers.get(self.id)
        return state is not None and state.polls > self._polls_before

    def _tail(self) -> str:
        return self.log()[-2000:]
