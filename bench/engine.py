"""The F5 engine beside upstream: start-up, memory, one job, a long script.

    scripts/bench engine [ROW ...] [--runs N] [--write]

Both sides are measured in this run, alternating, each from a warm page cache and compiled bytecode,
with the same checkpoint of random weights, torch build and pins. What counts is the median.
"""

import argparse
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import models, report
from bench.process import Ready, run, until_ready
from bench.report import Row
from bench.sides import Sides, handler_command, our_job, upstream_environment, upstream_job

READY = ("ready: engine", "Starting Serverless Worker")
"""Our worker is ready when it has logged so and the SDK, which can be imported later, starts."""

UPSTREAM_READY = ('"ready"',)
HEALTH = {"input": {"endpoint": "health"}}
STEPS = 7
SPEECH_S = 4.0
SENTENCES = (
    "I don't really care what you call me.",
    "I have been a silent spectator all along.",
    "Watch the species evolve, watch empires fall.",
    "But remember that I am mighty and enduring.",
)
STEP_FRAMES = 1689
"""8 s of reference and 10 s of speech."""

SCRIPT = 20_000
SHORT_SCRIPT = 200
SHOWN_IMPORTS = 12


@dataclass(frozen=True)
class Result:
    """What one measurement adds to the report."""

    rows: Sequence[Row]
    notes: Sequence[str] = ()


def start(sides: Sides) -> Result:
    """Start-up and memory without an aligner."""
    ours, theirs = _starts(sides, "none", None)
    rows = _start_rows(ours, theirs, "timing off", 0.55)
    return Result(rows, [_imports(sides, "none")])


def start_aligned(sides: Sides) -> Result:
    """Start-up and memory with whisperx and its English model."""
    models.english()
    ours, theirs = _starts(sides, "whisperx", "en")
    rows = _start_rows(ours, theirs, "whisperx loaded", 0.6)
    return Result(rows, [_imports(sides, "whisperx")])


def _starts(sides: Sides, aligners: str, align: str | None) -> tuple[list[Ready], list[Ready]]:
    """Both sides, alternating; the first of each only fills the page cache."""
    checkpoint = sides.tiny
    settings = sides.worker_environment(checkpoint, ALIGNERS=aligners)
    command = sides.upstream_command(checkpoint, align=align)
    ours, theirs = [], []
    for _ in range(sides.runs + 1):
        ours.append(until_ready(handler_command(HEALTH), settings, READY))
        theirs.append(until_ready(command, upstream_environment(), UPSTREAM_READY))
        say(f"start: {ours[-1].seconds:.2f} s, upstream {theirs[-1].seconds:.2f} s")
    return ours[1:], theirs[1:]


def _start_rows(
    ours: Sequence[Ready], theirs: Sequence[Ready], which: str, bar: float
) -> list[Row]:
    return [
        Row(
            f"cold start, {which}",
            [ready.seconds for ready in ours],
            [ready.seconds for ready in theirs],
            unit="s",
            digits=2,
            bar=bar,
            stretch=0.45,
        ),
        Row(
            f"RssAnon at ready, {which}",
            [ready.anonymous_mb for ready in ours],
            [ready.anonymous_mb for ready in theirs],
            unit="MB",
            digits=0,
            bar=0.7,
        ),
    ]


def _imports(sides: Sides, aligners: str) -> str:
    """Where our start goes: the packages whose import takes longest, under -X importtime."""
    command = [sys.executable, "-X", "importtime", *handler_command(HEALTH)[1:]]
    settings = sides.worker_environment(sides.tiny, ALIGNERS=aligners)
    said, _ = run(command, settings)
    seconds = import_seconds(said)
    longest = sorted(seconds, key=lambda name: -seconds[name])[:SHOWN_IMPORTS]
    shown = ", ".join(f"{name} {seconds[name]:.2f}" for name in longest)
    return (
        f"seconds of our imports with ALIGNERS={aligners}, each package without what it imports: "
        f"{shown}; all {sum(seconds.values()):.2f}"
    )


def import_seconds(said: str) -> dict[str, float]:
    """Own seconds of each top-level package in the output of -X importtime."""
    seconds: dict[str, float] = defaultdict(float)
    for own, name in re.findall(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\w+)", said, re.MULTILINE):
        seconds[name] += int(own) / 1e6
    return dict(seconds)


def job(sides: Sides) -> Result:
    """One sentence with the full architecture; the worker's own time in it."""
    checkpoint = models.base()
    ours: list[dict[str, Any]] = []
    theirs: list[dict[str, Any]] = []
    with sides.warm_worker(checkpoint) as worker, sides.warm_upstream(checkpoint) as upstream:
        for text in _sentences(min(sides.runs, 3) + 1):
            ours.append(worker.ask(our_job(text, STEPS, SPEECH_S)))
            theirs.append(upstream.ask(upstream_job(text, STEPS, SPEECH_S)))
            say(f"job: {ours[-1]['seconds']:.1f} s, upstream {theirs[-1]['seconds']:.1f} s")
    ours, theirs = ours[1:], theirs[1:]
    own_ms = [1000 * (run["seconds"] - run["model_s"]) for run in ours]
    rows = [
        Row(
            f"one sentence, v1 Base, {STEPS} steps, float32",
            [run["seconds"] for run in ours],
            [run["seconds"] for run in theirs],
            "s",
            1,
            0.83,
        ),
        Row("worker's own time in it", own_ms, [], "ms", 0, 50),
    ]
    return Result(rows, [_lengths(ours[0], theirs[0])])


def _lengths(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    """The two sides trim the reference differently; with one duration asked, this is the rest."""
    return (
        f"the one-sentence job asks both sides for {SPEECH_S:g} s: ours {ours['speech_s']:.2f} s "
        f"of speech from {ours['frames']} frames, reference included; upstream "
        f"{theirs['speech_s']:.2f} s from {theirs['frames']} frames"
    )


def _sentences(count: int) -> list[str]:
    return [SENTENCES[index % len(SENTENCES)] for index in range(count)]


def second_job(sides: Sides) -> Result:
    """The work done for a stored voice in its second job, with another text."""
    with sides.warm_worker(sides.tiny) as worker:
        first, second = (worker.ask(our_job(text, STEPS, SPEECH_S)) for text in SENTENCES[:2])
    work = sum(second["voice_work"].values())
    row = Row("second job with a voice: reads, decodes and mels of it", [work], [], "", 0, 0)
    done = ", ".join(f"{count} {what}" for what, count in sorted(first["voice_work"].items()))
    return Result([row], [f"the first job with that voice: {done}"])


def memory(sides: Sides) -> Result:
    """What a long script adds to the peak memory of a short one."""
    settings = sides.worker_environment(sides.tiny)
    peaks, sizes = [], []
    for length in (SHORT_SCRIPT, SCRIPT):
        job = {"input": {"text": script(length), "nfe_step": STEPS, "seed": 1}}
        said, peak = run(handler_command(job), settings)
        peaks.append(peak)
        seconds = re.search(r"'duration': ([\d.]+)", said)
        spoken = f"{float(seconds[1]):.0f} s of speech" if seconds else "speech"
        sizes.append(f"{peak:.0f} MB with {length} characters, {spoken}")
        say(f"memory: {sizes[-1]}")
    what = f"peak memory, {SCRIPT} over {SHORT_SCRIPT} characters"
    row = Row(what, [peaks[1] - peaks[0]], [], "MB", 0, 200)
    return Result([row], [f"peak memory of a whole process with one script: {'; '.join(sizes)}"])


def script(length: int) -> str:
    """A script of at most this many characters, whole sentences."""
    text = (f"{' '.join(SENTENCES)} " * length)[:length]
    return text[: text.rindex(".") + 1]


def step(sides: Sides) -> Result:
    """What a step of one take of 18 s asks of a GPU; counted, so any machine gives the same."""
    # They load torch, which this process otherwise does not need.
    import torch

    from tests.support.launches import Counter, base_inputs, base_model

    flow, blocks = base_model(torch.float16)
    inputs = base_inputs(STEP_FRAMES, padded=True)
    with Counter() as counter:
        flow.velocity(inputs, blocks)
    what = "one step of 18 s in half precision"
    gigabytes = counter.elementwise_bytes / 1e9
    return Result(
        [
            Row(f"{what}: launches", [counter.launches], [], "", 0, 345),
            Row(f"{what}: bytes of what is not arithmetic", [gigabytes], [], "GB", 2, 7.5),
        ]
    )


MEASUREMENTS: dict[str, Callable[[Sides], Result]] = {
    "start": start,
    "start-aligned": start_aligned,
    "job": job,
    "second-job": second_job,
    "memory": memory,
    "step": step,
}


def say(message: str) -> None:
    """How far it is; stderr, because stdout belongs to the table."""
    print(f"bench: {message}", file=sys.stderr, flush=True)


def main(argv: Sequence[str]) -> None:
    """Measure the rows that were asked for and print them as a table."""
    parser = argparse.ArgumentParser(prog="scripts/bench engine")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(MEASUREMENTS))
    parser.add_argument("--upstream", type=Path, required=True, help="upstream's Python")
    parser.add_argument("--runs", type=int, default=5, help="of each side (job: at most 3)")
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    options = parser.parse_args(argv)
    unknown = set(options.rows) - set(MEASUREMENTS)
    if unknown:
        parser.error(f"no row {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}")
    machine = report.machine()
    names = options.rows or MEASUREMENTS
    with tempfile.TemporaryDirectory(prefix="f5-tts-bench-") as folder:
        sides = Sides(options.upstream, options.runs, Path(folder))
        results = [MEASUREMENTS[name](sides) for name in names]
    rows = [row for result in results for row in result.rows]
    notes = [note for result in results for note in result.notes]
    report.publish(report.section("engine", machine, rows, notes), options.write)


if __name__ == "__main__":
    main(sys.argv[1:])
