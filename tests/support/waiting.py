"""Waits for what another thread does."""

import time
from collections.abc import Callable

PATIENCE_S = 60.0


def until(happened: Callable[[], bool]) -> None:
    """Wait until it happened. Fails after PATIENCE_S."""
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)
