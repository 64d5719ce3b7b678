"""The worker's numbers in Prometheus' text format."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from worker import release
from worker.state import Worker
from worker.totals import JOB_SECONDS, TotalsSnapshot

if TYPE_CHECKING:
    from prometheus_client import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The type of the text that `text` returns."""


def text(worker: Worker) -> str:
    """What the worker is, does and has done, as lines that Prometheus reads.

    Every series has the label `worker`: RunPod gives a request to any of its workers, and their
    counts must not mix. The other labels are endpoints, outcomes and codes of errors, of which
    there are few.
    """
    # Here, because only this endpoint needs the library.
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(worker))
    return generate_latest(registry).decode()


class _Collector:
    """Gives prometheus_client the numbers of a worker as they are now."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._id = worker.settings.worker_id or ""

    def collect(self) -> "Iterator[Metric]":
        """The families of series, in the order in which they are written."""
        from prometheus_client.metrics_core import InfoMetricFamily

        worker = self._worker
        known = {"version": release.version(), "commit": release.commit() or "unknown"}
        engine = {"engine": worker.engine.name, "device": worker.engine.device}
        build = InfoMetricFamily("f5tts_build", "What this worker is", labels=["worker"])
        build.add_metric([self._id], known | engine)
        yield build
        yield self._gauge(
            "f5tts_uptime_seconds",
            "Since the worker was ready",
            time.monotonic() - worker.started,
        )
        yield self._gauge(
            "f5tts_jobs_in_progress",
            "Jobs that have begun and not ended",
            len(worker.active_jobs),
        )
        yield self._gauge(
            "f5tts_jobs_waiting",
            "Jobs that wait for the model",
            worker.model_thread.waiting,
        )
        yield self._gauge(
            "f5tts_jobs_max", "Jobs that the worker takes at once", worker.settings.max_concurrency
        )
        if memory := worker.engine.device_memory():
            free, total = memory
            yield self._gauge("f5tts_gpu_memory_free_bytes", "Free memory of the GPU", free)
            yield self._gauge("f5tts_gpu_memory_total_bytes", "Memory of the GPU", total)
        yield from self._totals(worker.totals.snapshot())

    def _totals(self, totals: TotalsSnapshot) -> "Iterator[Metric]":
        from prometheus_client.metrics_core import HistogramMetricFamily

        jobs = self._counter("f5tts_jobs", "Jobs that ended", "endpoint", "outcome")
        for (endpoint, outcome), number in sorted(totals.jobs.items()):
            jobs.add_metric([self._id, endpoint, outcome], number)
        yield jobs
        errors = self._counter("f5tts_errors", "Jobs that failed, by the code of the error", "code")
        for code, number in sorted(totals.errors.items()):
            errors.add_metric([self._id, code], number)
        yield errors
        seconds = HistogramMetricFamily(
            "f5tts_job_seconds", "How long jobs took", labels=["worker", "endpoint"]
        )
        for endpoint, durations in sorted(totals.durations.items()):
            bounds, below = [*map(str, JOB_SECONDS), "+Inf"], 0
            buckets = []
            for bound, count in zip(bounds, durations.counts, strict=True):
                below += count
                buckets.append((bound, below))
            seconds.add_metric([self._id, endpoint], buckets, durations.sum_s)
        yield seconds
        characters = self._counter("f5tts_characters", "Characters of the texts that were spoken")
        characters.add_metric([self._id], totals.characters)
        yield characters
        audio = self._counter("f5tts_audio_seconds", "Speech that was made")
        audio.add_metric([self._id], totals.audio_s)
        yield audio

    def _gauge(self, name: str, what: str, value: float) -> "Metric":
        from prometheus_client.metrics_core import GaugeMetricFamily

        gauge = GaugeMetricFamily(name, what, labels=["worker"])
        gauge.add_metric([self._id], value)
        return gauge

    def _counter(self, name: str, what: str, *labels: str) -> Any:
        from prometheus_client.metrics_core import CounterMetricFamily

        return CounterMetricFamily(name, what, labels=["worker", *labels])
