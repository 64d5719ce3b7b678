"""Real-time factors on a GPU beside upstream: steps by chunks.

    scripts/bench gpu [--runs N] [--write]

One job of 1 to 16 sentences, each a chunk of its own on both sides, from the text to the audio:
wall time / seconds of speech. The weights are those that the worker's settings (F5_*, HF_HOME)
find, else random ones of the same architecture, which take the same time.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench import models, report
from bench.process import Conversation
from bench.report import Row
from bench.sides import Sides, our_job, upstream_job
from settings import Settings
from tests.support.tiny_f5 import Checkpoint
from tts.f5 import files as f5_files

STEPS = (7, 16, 32)
CHUNKS = (1, 2, 4, 8, 16)
SENTENCE = (
    "Empires rise and fall while I watch in silence, and nobody who lives in one of them ever asks "
    "me what will come after the last of its long days."
)
"""So long that neither side puts two into one chunk, and short enough not to be cut."""


def checkpoint(random: Callable[[], Checkpoint] = models.base) -> tuple[Checkpoint, str]:
    """What both sides load, and a word about it.

    random: makes random weights where the settings find none.
    """
    settings = Settings.from_environment(os.environ)
    try:
        files = f5_files.find(
            settings.f5_model,
            settings.f5_ckpt_file,
            settings.f5_vocab_file,
            settings.f5_vocoder_dir,
        )
    except f5_files.FilesUnusable as missing:
        return random(), f"random weights of F5TTS_v1_Base ({missing.sentence})"
    model = Path(settings.f5_model)
    if model.suffix not in (".yaml", ".yml"):
        model = f5_files.package_file(f"configs/{settings.f5_model}.yaml")
    return Checkpoint(model, files.weights, files.vocoder_weights.parent), f"weights {files.name}"


def rows(sides: Sides, files: Checkpoint, device: str, steps: Sequence[int]) -> list[Row]:
    """A row for each number of steps and chunks; both sides warm, alternating."""
    found = []
    with (
        sides.warm_worker(files, F5_DEVICE=device) as worker,
        sides.warm_upstream(files, device) as upstream,
    ):
        for count in steps:
            for chunks in CHUNKS:
                row = _row(worker, upstream, count, chunks, sides.runs)
                print(f"bench: {row.what}: ratio {row.ratio:.2f}", file=sys.stderr, flush=True)
                found.append(row)
    return found


def _row(worker: Conversation, upstream: Conversation, steps: int, chunks: int, runs: int) -> Row:
    """One cell of the table; the first run of each side only warms it."""
    text = " ".join([SENTENCE] * chunks)
    ours: list[dict[str, Any]] = []
    theirs: list[dict[str, Any]] = []
    for _ in range(runs + 1):
        ours.append(worker.ask(our_job(text, steps)))
        theirs.append(upstream.ask(upstream_job(text, steps)))
    our_factors, their_factors = (
        [run["seconds"] / run["speech_s"] for run in side[1:]] for side in (ours, theirs)
    )
    what = f"{steps} steps, {chunks} chunks"
    return Row(what, our_factors, their_factors, unit="", digits=4)


def main(argv: Sequence[str]) -> None:
    """Measure, or say in one sentence why not."""
    parser = argparse.ArgumentParser(prog="scripts/bench gpu")
    parser.add_argument("--upstream", type=Path, required=True, help="upstream's Python")
    parser.add_argument("--runs", type=int, default=3, help="of each side")
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    options = parser.parse_args(argv)
    import torch

    if not torch.cuda.is_available():
        sys.exit("bench: there is no usable CUDA GPU here; run this on a machine with one")
    files, weights = checkpoint()
    machine = f"{torch.cuda.get_device_name()}; {report.machine()}"
    with tempfile.TemporaryDirectory(prefix="f5-tts-bench-") as folder:
        sides = Sides(options.upstream, options.runs, Path(folder))
        found = rows(sides, files, "cuda", STEPS)
    notes = [f"real-time factors: wall time of a job / seconds of its speech; {weights}"]
    report.publish(report.section("gpu", machine, found, notes), options.write)


if __name__ == "__main__":
    main(sys.argv[1:])
