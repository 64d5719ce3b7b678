"""How exact and how quick the word times are, on the ten sentences of tests/data/timing.

    scripts/bench timing [--write]

Synthetic speech with true word starts within 10 ms: never to be set beside figures for human
speech. The hour is the sentences one after the other, cut into windows as the `timing` endpoint
does it.
"""

import argparse
import json
import resource
import sys
import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import numpy as np

from bench import report
from bench.report import Row
from tests.timing.fixtures import DATA, one_window, sentences, tokens, whole
from tests.timing.piper_truth import Speaker
from timing.aligner import Aligner
from timing.captions import AudioSource, caption
from timing.chain import Window, align, align_windows
from timing.cues import PRESETS
from timing.formats import FORMATS
from timing.match import Heard, match
from timing.sound import RATE, listen_to_blocks
from timing.sphinx import SphinxAligner
from timing.windows import split
from timing.words import Timing
from tts.speech import Samples
from tts.text import read_script

GAP_S = 0.3
"""Silence between two sentences of the hour."""


def exactness(sphinx: Aligner) -> list[Row]:
    """Word starts against the truth, clean and with white noise, and without any aligner."""
    script, speech, truth = whole(RATE)
    found = [
        *_rows("sphinx", align(script, speech, "sphinx", {"sphinx": sphinx}, "en"), truth, 20, 75),
        *_rows("estimate", align(script, speech, "estimate", {}, "en"), truth, 90, None, mean=True),
    ]
    speaker = Speaker()
    for speed in (0.8, 1.25):
        errors: list[float] = []
        for sentence in sentences():
            samples, starts_ms = speaker.speak(sentence, speed)
            timing = align(*one_window(sentence, samples), "sphinx", {"sphinx": sphinx}, "en")
            errors += _errors(timing, starts_ms)
        found.append(
            Row(f"sphinx, speed {speed}, median", [float(np.median(errors))], [], "ms", 0, 22)
        )
    for ratio_db in (30, 20):
        errors = []
        for sentence in sentences():
            level = np.sqrt(np.mean(sentence.samples**2)) / 10 ** (ratio_db / 20)
            noise = np.random.default_rng(0).normal(0, level, len(sentence.samples))
            noisy = (sentence.samples + noise).astype(np.float32)
            timing = align(*one_window(sentence, noisy), "sphinx", {"sphinx": sphinx}, "en")
            errors += _errors(timing, sentence.starts_ms)
        what = f"sphinx, white noise at {ratio_db} dB, median"
        found.append(Row(what, [float(np.median(errors))], [], "ms", 0, 22))
    return found


def recognised() -> list[Row]:
    """The recorded words of Whisper tiny.en mapped onto the script."""
    recorded = json.loads((DATA / "whisper_tiny.json").read_text())
    errors: list[float] = []
    for sentence, words in zip(sentences(), recorded, strict=True):
        said = tokens(sentence)
        duration_ms = 1000 * len(sentence.samples) / RATE
        times = match(said, [Heard(*word) for word in words], duration_ms)
        firsts = np.cumsum([0, *(len(spoken) for spoken in sentence.spoken[:-1])])
        starts = [times[first].start_ms for first in firsts]
        errors += np.abs(np.subtract(starts, sentence.starts_ms)).tolist()
    p95 = float(np.percentile(errors, 95))
    return [Row("recognised words mapped, p95", [p95], [], "ms", 0, 250)]


def files(sphinx: Aligner) -> list[Row]:
    """All six files for 10 000 words, with the costliest preset."""
    script, speech, _ = whole(RATE)
    once = align(script, speech, "sphinx", {"sphinx": sphinx}, "en")
    copies = 10_000 // len(once.words)
    step = speech.duration_ms
    words = tuple(
        replace(word, start_ms=word.start_ms + copy * step, end_ms=word.end_ms + copy * step)
        for copy in range(copies)
        for word in once.words
    )
    long = read_script(" ".join([script.text] * copies))
    timing = replace(once, words=words)
    now = datetime.now(UTC)
    beside = AudioSource("", "b.wav")
    seconds: list[float] = []
    for traced in (False, False, False, True):
        if traced:
            tracemalloc.start()
        started = time.perf_counter()
        made = caption("b", long, timing, copies * step, "en", now, beside, PRESETS["standard"])
        for form in FORMATS.values():
            form.render(made)
        seconds.append(time.perf_counter() - started)
    megabytes = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return [
        Row(f"six files, {len(words)} words, `standard`", seconds[:3], [], "s", 2, 0.5),
        Row("their memory", [megabytes], [], "MB", 0, 100),
    ]


def hour(sphinx: Aligner) -> list[Row]:
    """The sentences over and over for an hour: time, memory, and drift."""
    parts = [np.append(s.samples, np.zeros(round(GAP_S * RATE), np.float32)) for s in sentences()]
    once = np.concatenate(parts)
    copies = 3600 * RATE // len(once)
    length = copies * len(once)

    def read(start_ms: float, end_ms: float) -> Samples:
        first, end = round(start_ms * RATE / 1000), min(round(end_ms * RATE / 1000), length)
        return once[np.arange(first, end) % len(once)]

    started = time.perf_counter()
    script = read_script(" ".join([sentence.text for sentence in sentences()] * copies))
    duration_ms = round(1000 * length / RATE)
    sound = listen_to_blocks(read(ms, ms + 10_000) for ms in range(0, duration_ms, 10_000))
    windows = [
        Window(chunk, start, end - start, partial(read, start, end))
        for start, end, chunk in split(script, sound, duration_ms)
    ]
    timing = align_windows(script, windows, duration_ms, "sphinx", {"sphinx": sphinx}, "en")
    elapsed_s = time.perf_counter() - started
    starts = np.array([word.start_ms for word in timing.words]).reshape(copies, -1)
    drift = starts[-1] - starts[0] - 1000 * (copies - 1) * len(once) / RATE
    firsts = np.cumsum([0, *(len(sentence.words) for sentence in sentences()[:-1])])
    of_sentences = np.abs([np.mean(part) for part in np.split(drift, firsts[1:])])
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Row("an hour: real-time factor", [1000 * elapsed_s / duration_ms], [], "", 3, 0.05),
        Row("an hour: peak memory of this process", [peak_mb], [], "MB", 0, 1000),
        Row("an hour: last copy of a sentence from its first, largest mean of its words",
            [float(of_sentences.max())], [], "ms", 1, 5),
        Row("an hour: the same of a single word, median", [float(np.median(np.abs(drift)))], [],
            "ms", 1),
        Row("an hour: the same of a single word, largest", [float(np.abs(drift).max())], [],
            "ms", 1),
    ]  # fmt: skip


def _errors(timing: Timing, starts_ms: Sequence[float]) -> list[float]:
    return [abs(word.start_ms - start) for word, start in zip(timing.words, starts_ms, strict=True)]


def _rows(
    what: str,
    timing: Timing,
    truth: Sequence[float],
    bar: float,
    p95_bar: float | None,
    mean: bool = False,
) -> list[Row]:
    errors = _errors(timing, truth)
    return [
        Row(f"{what}, mean", [float(np.mean(errors))], [], "ms", 0, bar if mean else None),
        Row(f"{what}, median", [float(np.median(errors))], [], "ms", 0, None if mean else bar),
        Row(f"{what}, p95", [float(np.percentile(errors, 95))], [], "ms", 0, p95_bar),
    ]


def main(argv: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="scripts/bench timing")
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    options = parser.parse_args(argv)
    machine = report.machine()
    sphinx = SphinxAligner()
    found = [*exactness(sphinx), *recognised(), *files(sphinx), *hour(sphinx)]
    notes = [
        "word starts of synthetic speech, truth within 10 ms; no word was dropped",
        "white noise relative to the sentence's own level",
    ]
    report.publish(report.section("timing", machine, found, notes), options.write)


if __name__ == "__main__":
    main(sys.argv[1:])
