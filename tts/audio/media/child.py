"""The worker's end of a process that decodes: starting it, asking it, ending it."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from errors import CancelCheck
from tts.audio.media.protocol import HEADER, MAX_ANSWER_BYTES

START_S = 60.0
"""How long a process may take to start, in seconds."""

_POLL_S = 0.1
"""The seconds within which a cancelled job leaves its decoder."""

_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from tts.audio.media.process import main; "
    "main(int(sys.argv[2]), int(sys.argv[3]))"
)


class NotStarted(RuntimeError):
    """The process ended before it was asked anything: the fault is the worker's."""


class Died(Exception):
    """The process ended while it read a file."""


class Hung(Died):
    """The process gave nothing in time."""


class Child:
    """One process that decodes one file after the other. It starts while the caller goes on.

    patience_s: how long an answer may take, in seconds of `clock`.
    is_used: whether it has answered.
    is_free: whether it has answered everything, and holds no file.
    """

    def __init__(self, patience_s: float, clock: Callable[[], float]) -> None:
        self.is_used = self._is_ready = False
        self.is_free = True
        self._patience_s, self._clock = patience_s, clock
        self._socket, other = socket.socketpair()
        self._socket.settimeout(_POLL_S)
        # Each thread of a library would reserve address space, which is limited there. It needs
        # nothing else of the environment, which has secrets.
        environment = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
        environment |= {k: v for k, v in os.environ.items() if k == "LD_LIBRARY_PATH"}
        root, descriptor = str(Path(__file__).parents[3]), str(other.fileno())
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _START, root, descriptor, str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=environment,
                pass_fds=[other.fileno()],
                # A Ctrl-C for the worker is none for it: it ends when its socket does.
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def ask(self, request: bytes, descriptor: int | None = None) -> None:
        """Send a request, and a descriptor with it. Raises Died."""
        self.is_free = False
        try:
            socket.send_fds(self._socket, [request], [] if descriptor is None else [descriptor])
        except OSError as error:
            raise Died from error

    def answer(self, check: CancelCheck) -> tuple[bytes, bytes]:
        """Wait for the answer to the oldest request: its kind and its data.

        `check` is called at least each _POLL_S. Raises Died, NotStarted.
        """
        if not self._is_ready:
            try:
                self._receive(check, START_S)
            except Died as error:
                raise NotStarted("the process that decodes sound does not start") from error
            self._is_ready = True
        answer = self._receive(check, self._patience_s)
        self.is_used = True
        return answer

    def end(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        self._socket.close()

    def _receive(self, check: CancelCheck, patience_s: float) -> tuple[bytes, bytes]:
        check()
        deadline = self._clock() + patience_s
        kind, length = HEADER.unpack(self._read(HEADER.size, deadline, check))
        if length > MAX_ANSWER_BYTES:
            raise Died
        return kind, self._read(length, deadline, check)

    def _read(self, size: int, deadline: float, check: CancelCheck) -> bytes:
        data = bytearray(size)
        count = 0
        while count < size:
            try:
                received = self._socket.recv_into(memoryview(data)[count:])
            except TimeoutError:
                check()
                if self._clock() > deadline:
                    raise Hung from None
                continue
            except OSError as error:
                raise Died from error
            if not received:
                raise Died
            count += received
        return bytes(data)
