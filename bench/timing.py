"""How exact and how quick the word times are, on the ten sentences of tests/data/timing.

    scripts/bench timing [--write] [--human FOLDER] [--no-long]

FOLDER has recordings of people and a `truth.json`: a list of `wav`, `text` and `words`, each with
`start_ms` and `end_ms`. `--no-long` leaves out the rows of ten minutes and an hour.

Synthetic speech with true word starts within 10 ms: never to be set beside figures for human
speech. The long audio is the sentences one after the other, a job for the `timing` endpoint of a
worker in a process of its own (bench/hour.py).
"""

import argparse
import json
import sys
import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import soundfile
import soxr

from bench import captions, hour, process, report
from bench.report import Row
from tests.support.piper_truth import Speaker
from tests.timing.fixtures import DATA, align_speech, one_window, sentences, tokens, whole
from timing.alignment.aligner import Aligner
from timing.alignment.match import match
from timing.alignment.sphinx import SphinxAligner
from timing.formats import ALL, FORMATS
from timing.subtitles.captions import AudioSource, caption
from timing.subtitles.cues import PRESETS
from timing.token_times import TimedCharacter
from timing.words import Timing
from tts.speech import ASR_SAMPLE_RATE, Chunk, RecognizedWord, Span, Speech
from tts.text.script import read_script


def exactness(sphinx: Aligner) -> list[Row]:
    """Word starts against the truth, clean and with white noise, and without any aligner."""
    script, speech, truth = whole(ASR_SAMPLE_RATE)
    clean = align_speech(script, speech, "sphinx", {"sphinx": sphinx}, "en")
    found = [
        *_rows("sphinx", clean, truth, 11, 40),
        Row("sphinx, words that it did not place", [_others(clean)], [], "", 0, 0),
        *_rows(
            "estimate",
            align_speech(script, speech, "estimate", {}, "en"),
            truth,
            90,
            None,
            mean=True,
        ),
    ]
    speaker = Speaker()
    for speed in (0.8, 1.25, 2.0):
        errors: list[float] = []
        others = 0
        for sentence in sentences():
            samples, starts_ms = speaker.speak(sentence, speed)
            timing = align_speech(
                *one_window(sentence, samples), "sphinx", {"sphinx": sphinx}, "en"
            )
            errors += _errors(timing, starts_ms)
            others += _others(timing)
        found += _median(f"sphinx, speed {speed}", errors, others)
    for ratio_db in (30, 20, 10):
        errors, others = [], 0
        for sentence in sentences():
            level = np.sqrt(np.mean(sentence.samples**2)) / 10 ** (ratio_db / 20)
            noise = np.random.default_rng(0).normal(0, level, len(sentence.samples))
            noisy = (sentence.samples + noise).astype(np.float32)
            timing = align_speech(*one_window(sentence, noisy), "sphinx", {"sphinx": sphinx}, "en")
            errors += _errors(timing, sentence.starts_ms)
            others += _others(timing)
        found += _median(f"sphinx, white noise at {ratio_db} dB", errors, others)
    return found


def human(folder: Path, sphinx: Aligner) -> list[Row]:
    """Recordings of people, one sentence each, against the labels of a `truth.json`."""
    errors: dict[str, list[float]] = {"sphinx": [], "estimate": []}
    ends: list[float] = []
    others = 0
    for entry in json.loads((folder / "truth.json").read_text()):
        audio, rate = soundfile.read(folder / entry["wav"], dtype="float32")
        samples = np.asarray(soxr.resample(audio, rate, ASR_SAMPLE_RATE), np.float32)
        script = read_script(entry["text"])
        chunk = Chunk(script.tokens, 0, len(script.words))
        speech = Speech(samples, ASR_SAMPLE_RATE, (Span(chunk, 0, len(samples)),))
        for method, found in errors.items():
            timing = align_speech(script, speech, method, {"sphinx": sphinx}, "en")
            found += _errors(timing, [word["start_ms"] for word in entry["words"]])
            if method == "sphinx":
                others += _others(timing)
                ends.append(abs(timing.words[-1].end_ms - entry["words"][-1]["end_ms"]))
    return [
        Row("people, mean", [float(np.mean(errors["sphinx"]))], [], "ms", 0, 15),
        Row("people, p95", [float(np.percentile(errors["sphinx"], 95))], [], "ms", 0, 45),
        Row("people, last word's end, mean", [float(np.mean(ends))], [], "ms", 0, 45),
        Row("people, words that sphinx did not place", [others], [], "", 0, 0),
        Row("people, estimate, mean", [float(np.mean(errors["estimate"]))], [], "ms", 0, 85),
    ]


def recognised() -> list[Row]:
    """The recorded words of Whisper tiny.en mapped onto the script."""
    recorded = json.loads((DATA / "whisper_tiny.json").read_text())
    errors: list[float] = []
    dropped = unheard = 0
    for sentence, words in zip(sentences(), recorded, strict=True):
        said = tokens(sentence)
        duration_ms = 1000 * len(sentence.samples) / ASR_SAMPLE_RATE
        times = match(said, [RecognizedWord(*word) for word in words], duration_ms)
        dropped += len(said) - len(times)
        unheard += sum(not time.is_heard for time in times)
        firsts = np.cumsum([0, *(len(spoken) for spoken in sentence.spoken[:-1])])
        starts = [times[first].start_ms for first in firsts]
        errors += np.abs(np.subtract(starts, sentence.starts_ms)).tolist()
    p95 = float(np.percentile(errors, 95))
    return [
        Row("recognised words mapped, p95", [p95], [], "ms", 0, 250),
        Row("spoken words without a time after it", [dropped], [], "", 0, 0),
        Row("spoken words that were not recognised as themselves", [unheard], [], "", 0),
    ]


def files(sphinx: Aligner) -> list[Row]:
    """All six files for 10 000 words with a time for each letter, with the costliest preset."""
    script, speech, _ = whole(ASR_SAMPLE_RATE)
    once = align_speech(script, speech, "sphinx", {"sphinx": sphinx}, "en")
    copies = 10_000 // len(once.words)
    step = speech.duration_ms
    words = tuple(
        replace(
            word,
            start_ms=word.start_ms + copy * step,
            end_ms=word.end_ms + copy * step,
            characters=tuple(
                TimedCharacter(char, word.start_ms + copy * step, word.end_ms + copy * step)
                for char in word.spoken
            ),
        )
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
        made = caption(
            long, timing, job_id="b", duration_ms=copies * step, language="en", generated_at=now,
            audio=beside, rules=PRESETS["standard"],
        )  # fmt: skip
        for name in ALL:
            FORMATS[name].render(made)
        seconds.append(time.perf_counter() - started)
    megabytes = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return [
        Row(f"six files, {len(words)} words, `standard`", seconds[:3], [], "s", 2, 0.5),
        Row("their memory", [megabytes], [], "MB", 0, 100),
    ]


def long_audio(minutes: int) -> list[Row]:
    """The sentences over and over through the `timing` endpoint: time, memory, and drift."""
    command = [sys.executable, "-m", "bench.hour", str(minutes)]
    said, peak_mb = process.run(command, process.environment({}))
    answer = next(line for line in said.splitlines() if line.startswith(process.REPLY))
    found = json.loads(answer.removeprefix(process.REPLY))
    count, once_s = hour.copies(minutes), hour.once_s()
    starts = 1000 * np.array(found["starts_s"]).reshape(count, -1)
    drift = starts[-1] - starts[0] - 1000 * (count - 1) * once_s
    firsts = np.cumsum([0, *(len(sentence.words) for sentence in sentences()[:-1])])
    of_sentences = np.abs([np.mean(part) for part in np.split(drift, firsts[1:])])
    what = f"`timing` of {minutes} min"
    return [
        Row(f"{what}: real-time factor", [found["seconds"] / (count * once_s)], [], "", 3, 0.05),
        Row(f"{what}: peak memory of the worker", [peak_mb], [], "MB", 0, 1000),
        Row(f"{what}: words that sphinx did not place", [found["others"]], [], "", 0),
        Row(f"{what}: last copy of a sentence from its first, largest mean of its words",
            [float(of_sentences.max())], [], "ms", 1, 5),
        Row(f"{what}: the same of a single word, median", [float(np.median(np.abs(drift)))], [],
            "ms", 1),
        Row(f"{what}: the same of a single word, largest", [float(np.abs(drift).max())], [],
            "ms", 1),
    ]  # fmt: skip


def _errors(timing: Timing, starts_ms: Sequence[float]) -> list[float]:
    return [abs(word.start_ms - start) for word, start in zip(timing.words, starts_ms, strict=True)]


def _others(timing: Timing) -> int:
    """How many words got their time from anything but sphinx."""
    return sum(word.source != "sphinx" for word in timing.words)


def _median(what: str, errors: Sequence[float], others: int) -> list[Row]:
    return [
        Row(f"{what}, median", [float(np.median(errors))], [], "ms", 0, 22),
        Row(f"{what}, words that it did not place", [others], [], "", 0, 0),
    ]


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
    parser.add_argument("--human", type=Path, help="a folder of recordings with truth.json")
    parser.add_argument("--no-long", action="store_true", help="leave out the long recordings")
    options = parser.parse_args(argv)
    machine = report.machine()
    sphinx = SphinxAligner()
    found = [*exactness(sphinx), *recognised(), *files(sphinx), *captions.rows()]
    if options.human:
        found += human(options.human, sphinx)
    if not options.no_long:
        found += [*long_audio(10), *long_audio(60)]
    notes = [
        "word starts of synthetic speech; the reference times are exact to 10 ms",
        "white noise relative to the sentence's own level",
    ]
    report.publish(report.section("timing", machine, found, notes), options.write)


if __name__ == "__main__":
    main(sys.argv[1:])
