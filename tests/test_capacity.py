"""Each number of docs/CAPACITY.md is the one that was measured, or follows from the page's own."""

import math
import re
from pathlib import Path

import pytest

from settings import Settings
from setup_network_venv import INSTALLED_MB
from tts.f5.engine import F5Engine

PAGE = Path("docs/CAPACITY.md").read_text()
RESULTS = Path("bench/RESULTS.md").read_text()
SHORT_JOBS = "40 short jobs, store 200 ms away, MAX_CONCURRENCY"
MEASURED = {
    "first build": "to install the libraries | {} |",
    "environment": "| the libraries | {} |",
    "second start, worker lock": "until the worker's own code runs | {} |",
    "cold start, timing off": "without the weights of F5 | {};",
    "cold start, whisperx loaded": "; {} with whisperx",
    "one sentence, v1 Base, 7 steps, float32": "at 7 steps took {}.",
    f"{SHORT_JOBS}=2, times as many per second": "2 did {} times",
    f"{SHORT_JOBS}=4, times as many per second": "4 did {} times",
}


@pytest.mark.parametrize("row", MEASURED)
def test_a_measured_number_is_that_of_the_results(row: str) -> None:
    (found,) = re.findall(rf"^\| {re.escape(row)} +\| ([^|(]+?) *[|(]", RESULTS, re.MULTILINE)
    assert MEASURED[row].format(found) in PAGE


def test_the_examples_follow_from_the_formulas() -> None:
    price, factor = 0.0003, 0.15
    assert f"P = {price} dollars, R = {factor}" in PAGE
    workers = 36000 * factor / 3600 / 0.7
    assert f"36000 x {factor} / 3600 / 0.7 = {workers:.2f}, so {math.ceil(workers)} workers" in PAGE
    job_s = 60 * factor + 1
    assert f"60 x {factor} + 1 = {job_s:.0f} s and costs {job_s * price:.4f} dollars" in PAGE
    burst = (10 + job_s + 10) * price
    assert f"(10 + {job_s:.0f} + 10) x {price} = {burst:.4f} dollars" in PAGE
    assert f"One active worker costs {86_400 * price:.2f} dollars a day" in PAGE
    assert f"with R = {factor}, a minute of\nspeech takes {60 * factor:.0f} s" in PAGE


def test_the_volume_has_room_for_two_versions() -> None:
    """One environment and the models lie there while the second environment is built."""
    models_gb, volume_gb = 2.3, 25
    for page in (PAGE, Path("docs/UPGRADING.md").read_text()):
        assert f"{models_gb} GB" in page
        assert f"{volume_gb} GB" in page
    assert 8.34 + models_gb + INSTALLED_MB["worker"] / 1000 < volume_gb - 5


def test_the_defaults_are_the_workers() -> None:
    assert f"Leave it at {Settings.model_fields['max_concurrency'].default}." in PAGE
    assert f"WAV has {F5Engine.sample_rate * 2 // 1000} kB for each second" in PAGE
    assert "`RUNPOD_INIT_TIMEOUT` | 1800" in PAGE
