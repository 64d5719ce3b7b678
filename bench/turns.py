"""How long a short job waits behind a long script in one worker, and what that costs the script.

    scripts/bench turns [--write]

The preview engine, a local store, real jobs. Short jobs come one after the other while the script
is spoken; before there were turns, the first of them waited for the script's whole synthesis.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench import report
from bench.report import Row
from settings import Settings
from tests.support import handling
from worker.build import build
from worker.state import Worker

LONG, SHORT_JOBS, PAUSE_S = 20_000, 10, 0.5
SENTENCE = "This job has one sentence, and it does not want to wait."


def script() -> str:
    """LONG characters of sentences that all differ."""
    sentences = (
        f"Sentence number {n} of this script is neither short nor long." for n in range(999)
    )
    return " ".join(sentences)[:LONG]


def timed(worker: Worker, job_id: str, text: str, begun: threading.Event) -> tuple[float, Any]:
    """The seconds of a job and its metrics. `begun` is set once its first take is spoken."""
    started = time.perf_counter()

    def told(stage: str, done: int, total: int) -> None:
        begun.set()

    reply = handling.handle(worker, {"id": job_id, "input": {"text": text}}, told)
    return time.perf_counter() - started, reply["metrics"]


def rows(worker: Worker) -> list[Row]:
    """The script alone, then with short jobs beside it."""
    unused = threading.Event()
    timed(worker, "warm", SENTENCE, unused)
    alone_s, _ = timed(worker, "script-alone", script(), unused)
    short_alone_s = [timed(worker, f"alone-{n}", SENTENCE, unused)[0] for n in range(SHORT_JOBS)]
    begun = threading.Event()
    short_s: list[float] = []
    waits_ms: list[float] = []
    with ThreadPoolExecutor(1) as threads:
        long = threads.submit(timed, worker, "script-beside", script(), begun)
        begun.wait()
        for number in range(SHORT_JOBS):
            seconds, metrics = timed(worker, f"beside-{number}", SENTENCE, unused)
            assert not long.done(), "the script ended too soon"
            short_s.append(seconds)
            waits_ms.append(metrics["queue_ms"])
            time.sleep(PAUSE_S)
        beside_s, metrics = long.result()
    what = f"a one-sentence job behind a {LONG:,}-character one: "
    return [
        Row(f"{what}waits", waits_ms, [], "ms", 0),
        Row(f"{what}its whole time", [1000 * s for s in short_s], [], "ms", 0),
        Row("the same job alone", [1000 * s for s in short_alone_s], [], "ms", 0),
        Row(f"the {LONG:,}-character job alone", [alone_s], [], "s", 1),
        Row(f"the same beside {SHORT_JOBS} one-sentence jobs", [beside_s], [], "s", 1),
        Row("of which it waits", [metrics["queue_ms"] / 1000], [], "s", 2),
    ]


def main(argv: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="scripts/bench turns")
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    options = parser.parse_args(argv)
    machine = report.machine()
    with tempfile.TemporaryDirectory() as name:
        home = {"TTS_ENGINE": "preview", "WORKER_HOME": name}
        found = rows(build(Settings.from_environment(home)))
    notes = [
        "preview engine; a turn is one take of Piper here, one batch of F5 on a GPU",
        "without turns, a job that came with the script's first take waited for the rest of it",
    ]
    report.publish(report.section("turns", machine, found, notes), options.write)


if __name__ == "__main__":
    main(sys.argv[1:])
