"""`scripts/bench card` with a tiny checkpoint on a CPU, and the section that shows its results."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import card, report
from bench.card_parts import PARTS
from bench.card_report import CardResult, save, section
from tests.support.tiny_f5 import Checkpoint


def test_without_a_card_it_says_so_in_a_sentence() -> None:
    hidden = os.environ | {"CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-m", "bench.card"]
    result = subprocess.run(command, env=hidden, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == card.NO_CARD + "\n"


@pytest.mark.slow
def test_every_part_runs_on_a_cpu_and_the_result_says_that_it_is_none(
    tiny_checkpoint: Checkpoint, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--device", "cpu", "--runs", "1", "--out", str(tmp_path)]
    assert card.main(options, tiny_checkpoint) == 0
    (path,) = tmp_path.iterdir()
    assert path.name.startswith("cpu-no-card-")
    found = json.loads(path.read_text())
    assert found["failed"] == {}
    assert list(found["parts"]) == list(PARTS)
    assert "a tiny checkpoint" in found["machine"]
    numbers = {what: value for part in found["parts"].values() for what, value, _ in part}
    assert {
        "from the files to the ready engine",
        "second run of 2 takes, 4 steps",
        "real-time factor, 1 take, 4 steps",
        "real-time factor, 2 takes, 4 steps",
        "step of 2 takes, eager",
        "float16 with sums in float16 - float32, mean",
    } <= set(numbers)
    assert all(value >= 0 for value in numbers.values())
    said = capsys.readouterr().out
    assert "### CPU, no card" in said
    assert "| precision | bfloat16 - float32, mean | " in said


def test_a_part_that_comes_too_late_is_named(tiny_checkpoint: Checkpoint, tmp_path: Path) -> None:
    options = ["--device", "cpu", "--seconds", "-1", "--out", str(tmp_path)]
    assert card.main(options, tiny_checkpoint) == 0
    (path,) = tmp_path.iterdir()
    assert set(json.loads(path.read_text())["failed"]) == set(PARTS)


def test_results_are_shown_by_card(tmp_path: Path) -> None:
    assert "Not measured" in section(tmp_path)
    slow = CardResult("Slow", "8 GB", {"steps": [("eager", 41.234, "ms"), ("off", 0.000123, "")]})
    save(slow, tmp_path / "slow-2026-01-02.json")
    save(CardResult("Fast", "80 GB", {}, {"steps": "no memory"}), tmp_path / "fast.json")
    assert section(tmp_path) == (
        "## On a GPU\n\n"
        "### Fast\n\n80 GB.\n\n| part | what | result |\n|---|---|---|\n\n"
        "- steps failed: no memory\n\n"
        "### Slow\n\n8 GB.\n\n| part | what | result |\n|---|---|---|\n"
        "| steps | eager | 41.2 ms |\n| steps | off | 0.000123 |\n"
    )


def test_the_results_have_what_the_files_say() -> None:
    assert section() in report.RESULTS.read_text()
