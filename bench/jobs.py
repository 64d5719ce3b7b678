"""What a worker costs around the speech: its own time for a job, jobs side by side, and memory.

    scripts/bench jobs [--write]

The preview engine, RunPod's own SDK loop against the job server of the tests, SeaweedFS behind a
proxy that delays each request.
"""

import argparse
import dataclasses
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import report
from bench.dub import dubbing
from bench.report import Row
from settings import Settings
from tests.job_server import JobServer, Worker
from tests.support import handling, malformed, seaweed, web
from tests.support.loop import HANDLER, environment
from tests.support.proxy import proxy_for
from tests.support.seaweed import Seaweed
from tts.engine import SamplingOptions, Take, Voice
from tts.preview import PreviewEngine
from tts.speech import Chunk, Samples
from worker.build import build

OWN_JOBS = 200
LONG = 20_000
SENTENCES, EDITS = 40, 5
SHORT_JOBS = 40
LATENCY_S = 0.2
MANY_JOBS, WARM_JOBS = 500, 150
WAIT_S = 600.0
LETTERS = ("ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "tu")
TIMED = {"return_word_timings": True, "timing_format": "all"}


def text(number: int) -> str:
    """A script with words of its own, so that what is learnt of words grows as in real life."""
    # All of one length: Piper's memory grows with the longest line that it ever spoke.
    name = "".join(LETTERS[int(digit)] for digit in f"{number:05}")
    return f"This job is for {name.title()}. It takes a moment."


def own_time(folder: Path) -> list[Row]:
    """A job's wall time less its synthesis and its alignment, with a local store."""
    names = {"TTS_ENGINE": "preview", "WORKER_HOME": str(folder)}
    worker = build(Settings.from_environment(names))
    own_ms: list[float] = []
    unnamed: list[float] = []
    for number in range(OWN_JOBS):
        job = {"id": f"own-{number}", "input": {"text": text(number), **TIMED}}
        started = time.perf_counter()
        metrics = handling.handle(worker, job, lambda *_: None)["metrics"]
        wall_ms = 1000 * (time.perf_counter() - started)
        own_ms.append(wall_ms - metrics["synthesis_ms"] - metrics["timing_ms"])
        unnamed.append(100 * (1 - (metrics["total_ms"] - metrics["other_ms"]) / wall_ms))
    what = f"worker's own time in a job with all timing files, {OWN_JOBS} jobs"
    return [
        Row(what, own_ms[10:], [], "ms", 1, 15),
        Row("part of a job's wall time that no stage of its metrics has", unnamed, [], "%", 1, 20),
    ]


class CountingEngine(PreviewEngine):
    """The preview engine, which counts the chunks that it speaks."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def synthesize(
        self,
        chunks: Sequence[Chunk],
        voice: Voice,
        sampling: SamplingOptions,
        tries: Sequence[Take],
        targets: Sequence[int] | None = None,
    ) -> Iterator[tuple[int, Samples]]:
        """Count, and speak; see tts.engine.Engine."""
        self.count += len(tries)
        return super().synthesize(chunks, voice, sampling, tries, targets)


def one_changed(folder: Path) -> list[Row]:
    """One sentence of SENTENCES is changed: `based_on` the first job, and all spoken anew."""
    names = {"TTS_ENGINE": "preview", "WORKER_HOME": str(folder)}
    built = build(Settings.from_environment(names))
    engine = built.model_thread.build(CountingEngine)
    worker = dataclasses.replace(built, engine=engine)
    sentences = [
        f"Sentence {n} of this script has the usual length, and it says one thing about the sea."
        for n in range(SENTENCES)
    ]

    def speak(job_id: str, **more: str) -> float:
        started = time.perf_counter()
        job = {"id": job_id, "input": {"text": " ".join(sentences), **more}}
        assert "error" not in handling.handle(worker, job, lambda *_: None)
        return time.perf_counter() - started

    speak("based")
    calls: list[float] = []
    ratios: list[float] = []
    for number in range(EDITS):
        at = (7 + 11 * number) % SENTENCES
        kept = sentences[at]
        sentences[at] = kept.replace("the sea", f"edit {number}")
        engine.count = 0
        changed_s = speak(f"changed-{number}", based_on="based")
        calls.append(engine.count)
        ratios.append(changed_s / speak(f"anew-{number}"))
        sentences[at] = kept
    what = f"one sentence changed of {SENTENCES}, based_on: "
    return [
        Row(f"{what}chunks that the engine speaks", calls, [], "", 0, 1),
        Row(f"{what}time, over all of it spoken anew", ratios, [], "", 3, 0.15),
    ]


def long_script(folder: Path) -> list[Row]:
    """Resident memory while a script of LONG characters is spoken, above what it was before."""
    names = {"TTS_ENGINE": "preview", "WORKER_HOME": str(folder)}
    worker = build(Settings.from_environment(names))
    handling.handle(worker, {"id": "first", "input": {"text": text(1), **TIMED}}, lambda *_: None)
    sentences = (
        f"Sentence number {n} of this script is neither short nor long." for n in range(999)
    )
    script = " ".join(sentences)[:LONG]
    before = resident_mb(Path("/proc/self/status"))
    curve: dict[int, float] = {}

    def told(stage: str, done: int, total: int) -> None:
        if stage == "synthesis":
            curve[100 * done // total] = resident_mb(Path("/proc/self/status")) - before

    reply = handling.handle(worker, {"id": "long", "input": {"text": script, **TIMED}}, told)
    curve[101] = resident_mb(Path("/proc/self/status")) - before
    speech_mb = reply["duration"] * 2 * 22_050 / 2**20
    shown = [
        (f"after {percent} % of its chunks", curve[percent]) for percent in (10, 25, 50, 75, 100)
    ]
    what = (
        f"memory above the start, {LONG} characters, {reply['duration'] / 60:.0f} min of speech: "
    )
    return [
        *(
            Row(what + moment, [mb], [], "MB", 0)
            for moment, mb in [*shown, ("at its end", curve[101])]
        ),
        Row("of which the speech itself", [speech_mb], [], "MB", 0),
        Row(
            "memory grown from 25 to 100 % of its chunks, per MB of speech",
            [(curve[100] - curve[25]) / speech_mb],
            [],
            "",
            2,
            2,
        ),
    ]


def resident_mb(status: Path) -> float:
    """VmRSS of a process."""
    return int(status.read_text().split("VmRSS:")[1].split()[0]) / 1024


@contextmanager
def serving(
    bucket: Seaweed, folder: Path, concurrency: int, more: Mapping[str, str] | None = None
) -> Iterator[tuple[JobServer, Worker]]:
    """A ready worker in RunPod's loop; `more` are settings of its own."""
    env = environment(bucket, folder)
    env |= {"MAX_CONCURRENCY": str(concurrency), "LOG_LEVEL": "WARNING", **(more or {})}
    with JobServer(hold_s=1) as server, Worker(server, HANDLER, "bench", env=env) as worker:
        yield server, worker.ready()


def run(server: JobServer, numbers: range) -> float:
    """Seconds from the first job's submission to the last one's result."""
    started = time.perf_counter()
    for number in numbers:
        job: dict[str, Any] = {"text": text(number), **TIMED}
        server.submit(job, job_id=f"job-{number}")
    server.until(lambda: all(server.jobs[f"job-{n}"].finished for n in numbers), WAIT_S)
    seconds = time.perf_counter() - started
    assert all(server.jobs[f"job-{n}"].status == "COMPLETED" for n in numbers)
    return seconds


def side_by_side(bucket: Seaweed, folder: Path) -> list[Row]:
    """Short jobs with MAX_CONCURRENCY 1 and 2, the store LATENCY_S away."""
    seconds: dict[int, float] = {}
    with proxy_for(bucket.endpoint_url, LATENCY_S) as proxy:
        far = dataclasses.replace(bucket, endpoint_url=proxy.url)
        for concurrency in (1, 2, 4):
            ids = range(10_000 * concurrency, 10_000 * concurrency + SHORT_JOBS)
            with serving(far, folder / str(concurrency), concurrency) as (server, _):
                run(server, range(ids.start - 3, ids.start))
                seconds[concurrency] = run(server, ids)
    alone = seconds[1]
    what = f"{SHORT_JOBS} short jobs, store {1000 * LATENCY_S:.0f} ms away, MAX_CONCURRENCY="
    return [
        Row(f"{what}1", [alone], [], "s", 1),
        Row(f"{what}2, times as many per second", [alone / seconds[2]], [], "", 2, least=1.5),
        Row(f"{what}4, times as many per second", [alone / seconds[4]], [], "", 2),
    ]


def memory(bucket: Seaweed, folder: Path) -> list[Row]:
    """Resident memory after WARM_JOBS jobs, and after MANY_JOBS.

    By job 150 each of the threads that work side by side has the heap that it keeps.
    """
    with serving(bucket, folder, 8) as (server, worker):
        status = Path(f"/proc/{worker.process.pid}/status")
        run(server, range(WARM_JOBS))
        warm = resident_mb(status)
        run(server, range(WARM_JOBS, MANY_JOBS))
        grown = 100 * (resident_mb(status) / warm - 1)
    what = f"memory growth from job {WARM_JOBS} to job {MANY_JOBS}"
    return [
        Row(f"memory after {WARM_JOBS} jobs", [warm], [], "MB", 0),
        Row(what, [grown], [], "%", 1, 2),
    ]


def harmful(bucket: Seaweed, folder: Path) -> list[Row]:
    """Resident memory that inputs and files which mean harm add to a worker that has seen them."""
    folder.mkdir()
    malformed.write_files(folder)
    more = {"RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS": "1"}
    with (
        web.serving(folder) as url,
        serving(bucket, folder / "worker", 16, more) as (server, worker),
    ):
        grown: dict[str, float] = {}
        for what, jobs, times in (
            (f"{malformed.COUNT} malformed inputs", malformed.malformed_inputs(), 1),
            ("files that mean harm, three times", malformed.harmful_urls(url), 3),
        ):
            status = Path(f"/proc/{worker.process.pid}/status")
            malformed.check_refused(server, jobs[:50], f"warm-{len(grown)}")
            warm = resident_mb(status)
            for turn in range(times):
                malformed.check_refused(server, jobs, f"turn-{len(grown)}-{turn}")
            grown[what] = 100 * (resident_mb(status) / warm - 1)
    return [Row(f"memory growth from {what}", [mb], [], "%", 1, 5) for what, mb in grown.items()]


def main(argv: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="scripts/bench jobs")
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    options = parser.parse_args(argv)
    machine = report.machine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = own_time(folder / "own")
        found += one_changed(folder / "based")
        found += long_script(folder / "long")
        found += dubbing(folder / "dub")
        with seaweed.running(folder / "seaweed") as bucket:
            found += side_by_side(bucket, folder)
            found += memory(bucket, folder / "memory")
            found += harmful(bucket, folder / "harmful")
    notes = [
        "own time: everything but synthesis and alignment, with a local store; preview engine",
        "jobs of two short sentences with all timing files, in RunPod's own loop",
        "a long script: the worker holds takes in 16 bits and frees them while it joins them; a "
        "tenth of them have 5 MB, and the other memory at that point is what Piper's longest line "
        "took",
    ]
    report.publish(report.section("jobs", machine, found, notes), options.write)


if __name__ == "__main__":
    main(sys.argv[1:])
