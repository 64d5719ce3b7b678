"""The sound of a file as mono, decoded in a process of its own: see `tts.audio.media.process`.

Every sound file of a client comes through `mono`. Whatever a file claims, or does to the decoder,
it costs this process a few blocks of samples.
"""

import json
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from errors import CancelCheck, never_cancelled
from tts.audio.media.child import Child, Died, Hung
from tts.audio.media.protocol import BLOCK, MEASURE, NEXT, OPEN, UNREADABLE
from tts.speech import Samples

DECODABLE_FORMATS = "wav, flac, mp3, ogg, opus, m4a, aac, webm, mp4"
"""The best known of them, for messages."""

PATIENCE_S = 60.0
"""A decoder that gives nothing for so long is ended. A block takes it milliseconds."""

MAX_IDLE = 2
"""Decoders that wait for the next file, for as many jobs as a worker holds by default."""

_AHEAD = 2
"""Blocks that are decoded while the caller works on another."""


class Unreadable(Exception):
    """The file is not audio, or is damaged; the message completes "it cannot be read: ".

    remedy: what the sender can do; None if the caller knows better.
    """

    def __init__(self, problem: str, remedy: str | None = None) -> None:
        super().__init__(problem)
        self.remedy = remedy


class _OutOfMemory(Unreadable):
    """The file takes more memory than its decoder may have."""


class MonoStream:
    """A file's sound as mono.

    rate: Hz, of the whole sound.
    notes: one sentence for each thing that was left out, and one if the file ends early; complete
        when the last block was taken, or after `measure`.
    """

    def __init__(self, child: Child, path: Path, check: CancelCheck) -> None:
        """Open a file. Raises Unreadable, OSError, and Died if the child cannot go on."""
        self._child, self._check = child, check
        self._expected = 1
        with path.open("rb") as file:
            child.ask(OPEN, file.fileno())
            facts = self._facts(*self._answer())
        self.rate: int = facts["rate"]
        self.notes: list[str] = facts["notes"]

    def blocks(self) -> Iterator[Samples]:
        """The samples, shape (n,), in blocks. Raises Unreadable."""
        for _ in range(_AHEAD):
            self._ask(NEXT)
        while True:
            kind, data = self._answer()
            if kind != BLOCK:
                self._finish(kind, data)
                return
            self._ask(NEXT)
            yield np.frombuffer(data, "<f4")

    def measure(self) -> float:
        """Skip the rest: the length of the whole in seconds, counted and not claimed.

        It is counted up to two hours. Raises Unreadable.
        """
        while self._expected:
            kind, data = self._answer()
            if kind != BLOCK:
                return self._finish(kind, data)
        self._ask(MEASURE)
        return self._finish(*self._answer())

    def _finish(self, kind: bytes, data: bytes) -> float:
        while self._expected:
            self._answer()
        facts = self._facts(kind, data)
        self._child.is_free = True
        self.notes = facts["notes"]
        seconds: float = facts["seconds"]
        return seconds

    def _facts(self, kind: bytes, data: bytes) -> Any:
        facts = json.loads(data)
        if kind == UNREADABLE:
            # A process that ran out of memory may be short of it for the next file.
            self._child.is_free = not facts["is_out_of_memory"]
            kind_of_error = _OutOfMemory if facts["is_out_of_memory"] else Unreadable
            raise kind_of_error(facts["problem"], facts["remedy"])
        return facts

    def _ask(self, request: bytes) -> None:
        self._child.ask(request)
        self._expected += 1

    def _answer(self) -> tuple[bytes, bytes]:
        answer = self._child.answer(self._check)
        self._expected -= 1
        return answer


class DecoderPool:
    """Processes that decode: each reads one file at a time, and is kept for the next one.

    clock: in seconds; PATIENCE_S is measured with it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        weakref.finalize(self, _end_all, self._idle)

    @property
    def idle_pids(self) -> list[int]:
        """The processes that wait for a file."""
        with self._lock:
            return [child.pid for child in self._idle]

    def warm_up(self) -> None:
        """Start a process for the first file, unless one waits; the call does not wait for it."""
        if self.idle_pids:
            return
        # Where no process can be started, the first file reports that.
        with suppress(OSError):
            self._give_back(self._start())

    @contextmanager
    def mono(self, path: Path, check: CancelCheck) -> Iterator[MonoStream]:
        """See `mono` of this module."""
        child = self._take()
        was_used = child.is_used
        try:
            try:
                stream = MonoStream(child, path, check)
            except (Died, _OutOfMemory) as error:
                # One that waited may have been ended by the system, or hold memory of other files.
                if isinstance(error, Hung) or not was_used:
                    raise
                child.end()
                child = self._start()
                stream = MonoStream(child, path, check)
            yield stream
        except Died as error:
            raise Unreadable("the decoder failed on it: it is damaged") from error
        finally:
            if child.is_free:
                self._give_back(child)
            else:
                child.end()

    def _take(self) -> Child:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return self._start()

    def _start(self) -> Child:
        return Child(PATIENCE_S, self._clock)

    def _give_back(self, child: Child) -> None:
        with self._lock:
            if len(self._idle) < MAX_IDLE:
                self._idle.append(child)
                return
        child.end()


def _end_all(children: list[Child]) -> None:
    while children:
        children.pop().end()


POOL = DecoderPool()
"""The decoders of this process."""


@contextmanager
def mono(
    path: Path, check: CancelCheck = never_cancelled, pool: DecoderPool = POOL
) -> Iterator[MonoStream]:
    """Decode a file. Raises Unreadable, also from the blocks.

    The channels are averaged. Silent ones are left out, and if the channels cancel each other out,
    the loudest is taken alone. Of several sound tracks the first that sounds is taken. The first
    minute decides. `check` is called between the blocks; what it raises ends the work.
    """
    with pool.mono(path, check) as stream:
        yield stream
