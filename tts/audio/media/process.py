"""The process that decodes: it answers requests on a socket, within a limit of memory.

Sound files come from strangers: a wrong header makes FFmpeg take as much memory as it claims, or
crash. Here that costs this process alone. `tts.audio.media.protocol` has the requests.
"""

import json
import os
import resource
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from tts.audio.media.ffmpeg import MediaError, OutOfMemory
from tts.audio.media.protocol import (
    BLOCK,
    END,
    HEADER,
    INFO,
    MAX_BLOCK,
    MEASURE,
    OPEN,
    READY,
    UNREADABLE,
)
from tts.audio.media.sound import Sound
from tts.speech import Samples

MEMORY_BYTES = 256 << 20
"""What a file may take beyond the libraries."""

_PARENT_POLL_S = 5.0


def main(descriptor: int, parent: int) -> None:
    """Answer requests until the other end of the socket closes, or the parent is gone.

    descriptor: of the socket.
    parent: the process that started this one.
    """
    _limit_itself()
    # A parent that ends, or that gives a file up, closes the socket with answers unread.
    with socket.socket(fileno=descriptor) as connection, suppress(ConnectionError):
        _Server(connection, parent).run()


def _limit_itself() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + MEMORY_BYTES
    inherited = resource.getrlimit(resource.RLIMIT_AS)[1]
    if inherited != resource.RLIM_INFINITY:
        limit = min(limit, inherited)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # It has nothing to write.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


class _Server:
    """Answers the requests of one parent."""

    def __init__(self, connection: socket.socket, parent: int) -> None:
        self._connection, self._parent = connection, parent
        self._file = ExitStack()
        self._sound: Sound | None = None
        self._blocks: Iterator[Samples] = iter(())

    def run(self) -> None:
        """Serve until nobody asks any more."""
        self._send_facts(READY)
        while self._wait():
            request, descriptors, _, _ = socket.recv_fds(self._connection, 1, 1)
            if not request:
                return
            try:
                self._answer(request, descriptors)
            except MediaError as error:
                self._close()
                self._send_facts(
                    UNREADABLE,
                    problem=error.problem,
                    remedy=error.remedy,
                    is_out_of_memory=isinstance(error, OutOfMemory),
                )

    def _wait(self) -> bool:
        """Wait for a request; False if the parent is gone.

        The socket alone does not tell: another child of the parent may hold its other end.
        """
        while not select.select([self._connection], [], [], _PARENT_POLL_S)[0]:
            if os.getppid() != self._parent:
                return False
        return True

    def _answer(self, request: bytes, descriptors: list[int]) -> None:
        if request == OPEN:
            # Unbuffered, because FFmpeg reads the same descriptor.
            file = self._file.enter_context(os.fdopen(descriptors[0], "rb", buffering=0))
            self._sound = Sound(file, os.fstat(file.fileno()).st_size)
            self._blocks = _cut(self._sound.blocks())
            self._send_facts(INFO, rate=self._sound.rate, notes=self._sound.notes)
            return
        if request == MEASURE and self._sound is not None:
            self._sound.measure()
        elif (block := next(self._blocks, None)) is not None:
            self._send(BLOCK, block.astype("<f4", copy=False).tobytes())
            return
        notes, seconds = ([], 0.0) if self._sound is None else self._sound.conclusion()
        self._close()
        self._send_facts(END, notes=notes, seconds=seconds)

    def _close(self) -> None:
        self._blocks, self._sound = iter(()), None
        self._file.close()

    def _send_facts(self, kind: bytes, **facts: Any) -> None:
        self._send(kind, json.dumps(facts).encode())

    def _send(self, kind: bytes, data: bytes) -> None:
        self._connection.sendall(HEADER.pack(kind, len(data)) + data)


def _cut(blocks: Iterator[Samples]) -> Iterator[Samples]:
    """The same samples in blocks of at most MAX_BLOCK, without empty ones."""
    for block in blocks:
        for start in range(0, len(block), MAX_BLOCK):
            yield block[start : start + MAX_BLOCK]
