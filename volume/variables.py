"""The environment variables that the start-up reads and hands on. Standard library only."""

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass

from volume.errors import SetupError


@dataclass(frozen=True)
class NumberRule:
    """What a library needs of a variable that it reads as a number while it is imported.

    unit: what the number counts, in words.
    example: a value that works.
    minimum: the smallest value that makes sense.
    whole: whether the library refuses a fraction.
    """

    unit: str
    example: str
    minimum: float = 1
    whole: bool = True

    def fault(self, value: str) -> str:
        """What is wrong with a value, in words; empty if nothing is."""
        try:
            number = int(value) if self.whole else float(value)
        except ValueError:
            number = math.nan
        if number >= self.minimum:  # False for nan
            return ""
        kind = "a whole number" if self.whole else "a number"
        return (
            f"it must be {kind} of {self.unit}, {self.minimum:g} at least, such as {self.example}"
        )


NUMBERS = {
    # RunPod's SDK.
    "RUNPOD_PING_INTERVAL": NumberRule("milliseconds", "10000", minimum=1000),
    "RUNPOD_GPU_TEST_TIMEOUT": NumberRule("seconds", "30"),
    "RUNPOD_GPU_MAX_ERROR_MESSAGES": NumberRule("messages", "10"),
    "RUNPOD_GPU_BENCHMARK_TIMEOUT": NumberRule("seconds", "2"),
    "RUNPOD_NETWORK_CHECK_TIMEOUT": NumberRule("seconds", "5"),
    "RUNPOD_MIN_MEMORY_GB": NumberRule("gigabytes", "4.0", minimum=0, whole=False),
    "RUNPOD_MIN_DISK_PERCENT": NumberRule("percent", "10.0", minimum=0, whole=False),
    "RUNPOD_REALTIME_PORT": NumberRule("a port", "8000", minimum=0),
    "RUNPOD_REALTIME_CONCURRENCY": NumberRule("processes", "1"),
    # huggingface_hub.
    "HF_HUB_DOWNLOAD_TIMEOUT": NumberRule("seconds", "30"),
    "HF_HUB_ETAG_TIMEOUT": NumberRule("seconds", "10"),
    "HF_HUB_LOCAL_DIR_AUTO_SYMLINK_THRESHOLD": NumberRule("bytes", "5242880", minimum=0),
}
"""The variables that a library converts without a check. Another value ends its import."""

LEVELS = {
    "RUNPOD_LOG_LEVEL": ("NOTSET", "TRACE", "DEBUG", "INFO", "WARN", "ERROR"),
    "RUNPOD_DEBUG_LEVEL": ("NOTSET", "TRACE", "DEBUG", "INFO", "WARN", "ERROR"),
    "UVICORN_LOG_LEVEL": ("critical", "error", "warning", "info", "debug", "trace"),
}
"""The variables that a library compares with a list of levels, and the levels."""

OTHER_NAMES = {"warning": "warn", "warn": "warning", "critical": "error", "fatal": "critical"}
"""What other programs call a level, in lower case. It counts where a list has its replacement."""

LIBRARY_SETTINGS = (*NUMBERS, *LEVELS)


def strip_variables(names: Iterable[str]) -> None:
    """Strip white space from these variables and remove empty ones, as settings.py does."""
    for name in names:
        value = os.environ.pop(name, "").strip()
        if value:
            os.environ[name] = value


def check_library_settings() -> str:
    """Tidy the variables that libraries read while they are imported. Returns them in words.

    A level gets the name that its library uses. Raises SetupError, which names every variable
    with a value that its library would refuse.
    """
    strip_variables(LIBRARY_SETTINGS)
    faults = []
    for name, levels in LEVELS.items():
        if name in os.environ:
            os.environ[name] = _level(os.environ[name], levels)
            if os.environ[name] not in levels:
                faults.append(_sentence(name, f"it must be one of {', '.join(levels)}"))
    for name, rule in NUMBERS.items():
        fault = rule.fault(os.environ[name]) if name in os.environ else ""
        faults += [_sentence(name, fault)] if fault else []
    if faults:
        raise SetupError("; ".join(faults))
    given = [name for name in LIBRARY_SETTINGS if name in os.environ]
    return f"correct: {', '.join(given)}" if given else "no variable of the libraries is set"


def _sentence(name: str, fault: str) -> str:
    return f"{name} is {os.environ[name]!r}; {fault}, or not set"


def _level(value: str, levels: Iterable[str]) -> str:
    """The level of the list that a value means; the value itself if it means none."""
    known = {level.lower(): level for level in levels}
    lowered = value.lower()
    return known.get(lowered) or known.get(OTHER_NAMES.get(lowered, ""), value)


def clean_environment() -> dict[str, str]:
    """This process's environment without the variables that change how another Python runs.

    PYTHONDONTWRITEBYTECODE goes too: without bytecode the worker imports three times as slowly.
    """
    dropped = {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in dropped}
