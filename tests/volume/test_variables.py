"""The variables that libraries read while they are imported: tidied, or refused by name."""

import os
import subprocess
import sys

import pytest

from volume.errors import SetupError
from volume.variables import LEVELS, LIBRARY_SETTINGS, NUMBERS, check_library_settings

READERS = {
    "RUNPOD_": "from runpod.serverless.modules import rp_gpu_fitness, rp_ping, rp_system_fitness\n"
    "import runpod.serverless as s; rp_ping.Heartbeat()\n"
    "s._get_realtime_port(); s._get_realtime_concurrency()",
    "HF_": "from huggingface_hub import constants",
}
"""What reads the variables of a prefix, in RunPod's SDK and in huggingface_hub."""


@pytest.fixture(autouse=True)
def _none_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LIBRARY_SETTINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["10s", "1,5", "-1", "nan", "zehn"])
def test_a_number_that_is_none_is_refused_by_name(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SetupError, match=f"^{name} is '{value}'; it must be a .* such as "):
        check_library_settings()


@pytest.mark.parametrize("name", LEVELS)
def test_a_level_that_is_none_is_refused_by_name(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "LOUD")
    with pytest.raises(SetupError, match=f"^{name} is 'LOUD'; it must be one of "):
        check_library_settings()


@pytest.mark.parametrize(
    ("name", "value", "tidied"),
    [
        ("RUNPOD_LOG_LEVEL", "WARNING", "WARN"),
        ("RUNPOD_LOG_LEVEL", " info\n", "INFO"),
        ("RUNPOD_LOG_LEVEL", "critical", "ERROR"),
        ("RUNPOD_LOG_LEVEL", "", None),
        ("UVICORN_LOG_LEVEL", "INFO", "info"),
        ("UVICORN_LOG_LEVEL", "WARN", "warning"),
        ("RUNPOD_PING_INTERVAL", " 10000 ", "10000"),
        ("HF_HUB_DOWNLOAD_TIMEOUT", "", None),
        ("RUNPOD_MIN_MEMORY_GB", "0.5", "0.5"),
    ],
)
def test_a_value_that_is_meant_well_is_tidied(
    name: str, value: str, tidied: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    check_library_settings()
    assert os.environ.get(name) == tidied


def test_the_right_variables_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_library_settings() == "no variable of the libraries is set"
    monkeypatch.setenv("RUNPOD_PING_INTERVAL", "10000")
    monkeypatch.setenv("HF_HUB_ETAG_TIMEOUT", "30")
    assert check_library_settings() == "correct: RUNPOD_PING_INTERVAL, HF_HUB_ETAG_TIMEOUT"


def test_every_wrong_variable_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNPOD_PING_INTERVAL", "10")  # the SDK would ping without a pause
    monkeypatch.setenv("HF_HUB_ETAG_TIMEOUT", "1m")
    with pytest.raises(SetupError) as raised:
        check_library_settings()
    assert str(raised.value).startswith("RUNPOD_PING_INTERVAL is '10'; it must be a whole number")
    assert "; HF_HUB_ETAG_TIMEOUT is '1m'; " in str(raised.value)


@pytest.mark.parametrize("prefix", READERS)
def test_the_libraries_take_what_the_check_lets_through(prefix: str) -> None:
    """And they still read these variables: a value that the check refuses is refused by them."""
    numbers = {name: rule.example for name, rule in NUMBERS.items() if name.startswith(prefix)}
    levels = {name: levels[0] for name, levels in LEVELS.items() if name.startswith(prefix)}
    assert runs(READERS[prefix], numbers | levels) == ""
    refused = runs(READERS[prefix], dict.fromkeys(numbers, "10s"))
    assert "ValueError" in refused


def runs(code: str, variables: dict[str, str]) -> str:
    """The last line that a Python with these variables prints if it fails."""
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stderr.strip().splitlines()[-1] if result.returncode else ""
