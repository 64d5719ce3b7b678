"""What the worker has done since it started: the numbers behind `health`."""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

DONE: Final = "done"
FAILED: Final = "failed"
STOPPED: Final = "stopped"

NO_ENDPOINT: Final = "none"
"""Counted as the endpoint of a job whose input names none that exists."""

JOB_SECONDS = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
"""The upper bounds of the classes in which the durations of jobs are counted, in seconds."""


@dataclass(frozen=True)
class Durations:
    """How long the jobs of an endpoint took.

    counts: how many jobs took no longer than each of JOB_SECONDS and longer than the bound before
        it; the last one counts those above all bounds.
    sum_s: the seconds of all of them together.
    """

    counts: tuple[int, ...]
    sum_s: float


@dataclass(frozen=True)
class TotalsSnapshot:
    """The totals at one moment.

    jobs: how many jobs ended, by endpoint and by how: DONE, FAILED or STOPPED.
    errors: how many jobs failed, by the code of their error.
    durations: how long the jobs of each endpoint took.
    characters: how many characters of text were spoken.
    audio_s: how many seconds of speech were made.
    """

    jobs: Mapping[tuple[str, str], int]
    errors: Mapping[str, int]
    durations: Mapping[str, Durations]
    characters: int
    audio_s: float

    def ended(self, outcome: str) -> int:
        """How many jobs ended like this: DONE, FAILED or STOPPED."""
        return sum(number for (_, how), number in self.jobs.items() if how == outcome)


class Totals:
    """Counts the jobs of a worker and the speech that they made. Thread-safe."""

    def __init__(self) -> None:
        # Jobs end in several threads, and `+=` is not atomic.
        self._lock = threading.Lock()
        self._jobs: Counter[tuple[str, str]] = Counter()
        self._errors: Counter[str] = Counter()
        self._counts: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}
        self._characters = 0
        self._audio_s = 0.0

    def add_job(self, endpoint: str, outcome: str, took_s: float, code: str | None = None) -> None:
        """Count one job that ended.

        endpoint: its endpoint's name, or NO_ENDPOINT.
        outcome: DONE, FAILED or STOPPED.
        took_s: how long it took, in seconds.
        code: the code of the error of a job that failed.
        """
        with self._lock:
            self._jobs[endpoint, outcome] += 1
            counts = self._counts.setdefault(endpoint, [0] * (len(JOB_SECONDS) + 1))
            counts[bisect_left(JOB_SECONDS, took_s)] += 1
            self._seconds[endpoint] = self._seconds.get(endpoint, 0.0) + took_s
            if code is not None:
                self._errors[code] += 1

    def add_speech(self, characters: int, audio_s: float) -> None:
        """Count speech that was made: the characters of its text, and its length in seconds."""
        with self._lock:
            self._characters += characters
            self._audio_s += audio_s

    def snapshot(self) -> TotalsSnapshot:
        """All totals as they are now."""
        with self._lock:
            return TotalsSnapshot(
                dict(self._jobs),
                dict(self._errors),
                {
                    endpoint: Durations(tuple(counts), self._seconds[endpoint])
                    for endpoint, counts in self._counts.items()
                },
                self._characters,
                self._audio_s,
            )
