"""`early`: the parts of a speech are in the store, and named in the progress, while it is made."""

import queue
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from typing import Any

from errors import WorkerError
from jobs.tts.request import TtsRequest
from storage import keys
from tts.audio import encode
from tts.audio.join import Pcm16Writer, join
from tts.audio.pieces import PieceWriter
from tts.engine import Take
from tts.speech import Pcm16, Samples
from tts.synthesis import Synthesis
from worker.job import Job

SHARE = 16
"""A part has one chunk, and one more for each SHARE chunks before it. So the player never runs dry,
and the longest script of usual sentences, 400 chunks, has 60 parts; each update names all."""


class _NoMoreTakes(Exception):
    """The job has failed, or it was stopped."""


def growing_groups(tries: Sequence[Take]) -> list[Sequence[Take]]:
    """The tries in the order of the script: one, then as many as there are before, and so on.

    An engine speaks takes of one length together, in any order: only a small first group makes the
    first part early, and groups that double are few.
    """
    groups = [tries[:1]]
    done = 1
    while done < len(tries):
        groups.append(tries[done : 2 * done])
        done *= 2
    return groups


class EarlyParts:
    """Joins the takes as they come, and uploads each part as soon as no later take can change it.

    A part that cannot be stored never fails the job: it ends the parts, and a warning says so.

    job: in whose folder the files are written, in whose store they are put, whose progress names
        them.
    request: its format and its rate are those of the parts.
    synthesis: how the takes become one speech; `is_early` of its `joining` is true.
    threads: one of them waits for takes from here on; `end` must follow.
    url_expires_s: how long the links are valid, in seconds.
    """

    def __init__(
        self,
        job: Job,
        request: TtsRequest,
        synthesis: Synthesis,
        threads: Executor,
        url_expires_s: int,
    ) -> None:
        self._job = job
        self._form = encode.FORMATS[request.output_format]
        self._rate = request.sample_rate
        self._writer = PieceWriter(
            synthesis.engine.sample_rate, request.output_format, request.sample_rate
        )
        self._synthesis = synthesis
        self._url_expires_s = url_expires_s
        self._takes: queue.SimpleQueue[tuple[int, Pcm16] | None] = queue.SimpleQueue()
        self._parts: list[dict[str, Any]] = []
        self._taken, self._chunks_done, self._samples_done = 0, 0, 0
        self._running = threads.submit(self._run)

    def add(self, index: int, take: Pcm16) -> None:
        """The take of a chunk, in any order; returns at once."""
        self._takes.put((index, take))

    def end(self) -> None:
        """No more takes come."""
        self._takes.put(None)

    def finish(self) -> list[str]:
        """Wait until the last part is in the store; warnings. Raises Cancelled."""
        return self._running.result()

    def _run(self) -> list[str]:
        try:
            made = self._synthesis
            rate = made.engine.sample_rate
            join(self._in_order(), made.chunks, rate, made.joining, on_pause=self._cut)
        except _NoMoreTakes:
            pass
        except (WorkerError, OSError) as error:
            self._job.log.warning("the worker uploads no more early parts: %s", error)
            return [
                f"early: part {len(self._parts)} could not be stored, and no part after it is "
                "named; audio_url has all of the speech"
            ]
        return []

    def _in_order(self) -> Iterator[Samples]:
        """One take of each chunk, in the order of the script, as soon as it is there."""
        waiting: dict[int, Pcm16] = {}
        for index in range(len(self._synthesis.chunks)):
            while index not in waiting:
                item = self._takes.get()
                if item is None:
                    raise _NoMoreTakes
                waiting[item[0]] = item[1]
            yield waiting.pop(index)[:]

    def _cut(self, tape: Pcm16Writer, chunks_done: int) -> None:
        """Make a part of what is new on the tape, if there are enough chunks for one."""
        is_last = chunks_done == len(self._synthesis.chunks)
        if not is_last and chunks_done - self._chunks_done <= self._chunks_done // SHARE:
            return
        self._chunks_done = chunks_done
        index = len(self._parts)
        path = self._job.folder / f"early-{index}.{self._form.extension}"
        length = self._writer.write(path, tape.since(self._taken), is_last)
        self._taken = len(tape)
        if not length:
            return
        key = keys.early(self._job.id, index, self._form.extension)
        self._job.store.put_file(key, path, self._form.content_type)
        path.unlink()
        start = self._samples_done
        self._samples_done += length
        part = {
            "index": index,
            "audio_url": self._job.store.url(key, self._url_expires_s),
            "start_time": round(start / self._rate, 3),
            "end_time": round(self._samples_done / self._rate, 3),
        }
        self._parts = [*self._parts, part]
        self._job.show(parts=self._parts)
        self._job.stream(part)
