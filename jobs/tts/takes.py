"""The takes of a job on their way into the store, while the job goes on."""

import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path
from typing import NamedTuple

from jobs.results.manifest import (
    MAX_ALL_SAMPLES,
    MAX_TAKE_SAMPLES,
    MAX_TAKES,
    StoredTake,
)
from storage import keys
from tts import takes
from tts.audio.encode import AudioNotWritten
from tts.speech import Pcm16, Speech
from worker.job import Job


class _File(NamedTuple):
    """The file of a take, and the hash of its content."""

    path: Path
    sha256: str


class TakeFiles:
    """The files of the takes of one speech, written and uploaded by other threads.

    job: in whose folder they are written, and in whose store they are put.
    threads: what writes them; it has to have ended before the job's folder goes.
    sample_rate: of the takes.
    is_on: whether anything is kept at all.
    """

    def __init__(self, job: Job, threads: Executor, sample_rate: int, is_on: bool) -> None:
        self._job = job
        self._threads = threads
        self._sample_rate = sample_rate
        self._is_on = is_on
        self._written: dict[int, Future[_File]] = {}
        self._lengths: dict[int, int] = {}
        # Weak: a take must not stay in memory because it is written.
        self._takes: dict[int, weakref.ref[Pcm16]] = {}
        self._last: tuple[int, Pcm16] | None = None
        self._uploads: dict[int, Future[str]] = {}

    def add(self, index: int, take: Pcm16) -> None:
        """Take the take of a chunk, in place of another one of it.

        It is written once the next one comes, while the engine speaks on, or by `upload`: the last
        one would else be written beside the join, which needs the processor itself.
        """
        known = self._takes.get(index)
        if not self._is_on or (known is not None and known() is take):
            return
        if self._last is not None:
            self._written[self._last[0]] = self._threads.submit(self._write, *self._last)
        self._last = index, take
        self._takes[index], self._lengths[index] = weakref.ref(take), len(take)

    def complete(self, all_takes: dict[int, Pcm16]) -> None:
        """`add` those of all chunks' takes that it has not had yet."""
        for index, take in all_takes.items():
            self.add(index, take)
        sizes = self._lengths.values()
        is_usual = len(sizes) <= MAX_TAKES and sum(sizes) <= MAX_ALL_SAMPLES
        if not is_usual or not all(0 < size <= MAX_TAKE_SAMPLES for size in sizes):
            self._is_on = False

    def upload(self) -> None:
        """Begin to put the files into the store."""
        if not self._is_on or self._last is None:
            return
        last, take = self._last
        self._last = None
        self._written.pop(last, None)
        self._uploads = {
            # The writes were submitted before, so a thread that waits here waits for a running one.
            index: self._threads.submit(self._put, file.result)
            for index, file in self._written.items()
        }
        # One task for both: the start of a thread costs a short job more than the file does.
        self._uploads[last] = self._threads.submit(self._put, partial(self._write, last, take))

    def stored(self, texts: Sequence[str], origins: Sequence[str], speech: Speech) -> list[
        StoredTake
    ]:  # fmt: skip
        """Wait until the files are in the store, and describe them; none if they are not kept.

        texts, origins: of each chunk: its spoken text, and what its take is made of.
        speech: the takes, joined.

        Raises StorageError, AudioNotWritten, Cancelled.
        """
        if not self._uploads:
            return []
        hashes = {index: upload.result() for index, upload in self._uploads.items()}
        return [
            StoredTake(
                text=texts[index],
                origin=origins[index],
                sha256=hashes[index],
                length=self._lengths[index],
                start_ms=round(1000 * span.start / speech.sample_rate, 3),
                quieter=list(speech.quieter[index][:20]),
            )
            for index, span in enumerate(speech.chunks)
        ]

    def _write(self, index: int, take: Pcm16) -> _File:
        """Write the file of a take. Raises OSError."""
        # A name that no other take has, also while that one is still written.
        path = self._job.folder / f"take-{id(self)}-{index}-{id(take)}.flac"
        return _File(path, takes.write(take, self._sample_rate, path))

    def _put(self, file: Callable[[], _File]) -> str:
        """Put the file of a take into the store once it is written; its hash."""
        try:
            path, sha256 = file()
        except OSError:
            raise AudioNotWritten from None
        self._job.store.put_file(keys.take(sha256), path, takes.CONTENT_TYPE)
        return sha256
