"""What the engine's step costs on one GPU, by parts, in some minutes and without a registry.

    scripts/bench card [--runs N] [--seconds N] [--out FOLDER] [--write]

The prepared worker environment runs it, or the Python that CARD_PYTHON names: then nothing is
installed. The weights are those that the worker's settings (F5_*, HF_HOME) find, else random ones
of F5TTS_v1_Base, which take the same time. The result is a file of bench/card/, named after the
card and the day; RESULTS.md shows all such files. `--device cpu` runs the same parts on a CPU,
which shows that they work and says nothing about a card: its file is not meant to be kept.
"""

import argparse
import platform
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from bench import models, report
from bench.card_parts import FULL, PARTS, SMALL, Bench
from bench.card_report import FOLDER, CardResult, save, section
from bench.gpu import checkpoint
from tests.support.tiny_f5 import Checkpoint
from tts.f5 import files as f5_files

NO_CARD = "bench: there is no usable CUDA GPU here; run this on a machine with one"


def main(argv: Sequence[str], tiny: Checkpoint | None = None) -> int:
    """Measure and print. Returns 2, after one sentence, where there is no GPU.

    tiny: a small checkpoint of which little is spoken, for a test.
    """
    parser = argparse.ArgumentParser(prog="scripts/bench card")
    parser.add_argument("--device", default="cuda", help="cuda, cuda:1; cpu for a trial")
    parser.add_argument("--runs", type=int, default=5, help="of each measurement")
    parser.add_argument("--seconds", type=float, default=420, help="no part begins later")
    parser.add_argument("--out", type=Path, default=FOLDER, help="where the result goes")
    parser.add_argument("--write", action="store_true", help="put the tables into RESULTS.md")
    options = parser.parse_args(argv)
    if options.device != "cpu" and not torch.cuda.is_available():
        print(NO_CARD, file=sys.stderr)
        return 2
    device = torch.device(options.device)
    files, weights = (tiny, "a tiny checkpoint") if tiny else checkpoint(models.whole)
    result = CardResult(_card(device), f"{_machine(device)}; {weights}")
    path = options.out / f"{_file_name(result.card)}-{time.strftime('%Y-%m-%d')}.json"
    _measure(files, device, options.runs, options.seconds, result, path, small=tiny is not None)
    print(f"bench: the result is in {path}", file=sys.stderr)
    report.publish(section(options.out), options.write)
    return 0


def _measure(
    files: Checkpoint,
    device: torch.device,
    runs: int,
    seconds: float,
    result: CardResult,
    path: Path,
    *,
    small: bool,
) -> None:
    """Run the parts and save the result after each, so that no later one can lose it."""
    found = f5_files.find(str(files.model), files.weights, None, files.vocoder)
    bench = Bench(found, device, runs, SMALL if small else FULL)
    until = time.monotonic() + seconds
    for name, part in PARTS.items():
        if time.monotonic() > until:
            result.failed[name] = f"not run: the {seconds:g} seconds were over; set --seconds"
        else:
            try:
                result.parts[name] = part(bench)
            # Too little memory, a kernel that this card lacks: the other parts are worth having.
            except RuntimeError as error:
                result.failed[name] = (str(error).splitlines() or [type(error).__name__])[0]
        save(result, path)
        print(f"bench: {name}: {result.failed.get(name, 'done')}", file=sys.stderr, flush=True)


def _card(device: torch.device) -> str:
    """The name of the GPU, or `CPU, no card`."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU, no card"


def _machine(device: torch.device) -> str:
    """The device and the versions, in words."""
    versions = f"Python {platform.python_version()}, torch {torch.__version__}"
    day = time.strftime("%Y-%m-%d")
    if device.type != "cuda":
        return f"{versions}; {day}"
    facts = torch.cuda.get_device_properties(device)
    return (
        f"compute capability {facts.major}.{facts.minor}, {facts.multi_processor_count} "
        f"multiprocessors, {facts.total_memory / 2**30:.0f} GB; {versions}, CUDA "
        f"{torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}; {day}"
    )


_UNUSUAL = re.compile(r"[^a-z0-9]+")


def _file_name(card: str) -> str:
    """The card's name in small letters, figures and hyphens."""
    return _UNUSUAL.sub("-", card.lower()).strip("-")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
