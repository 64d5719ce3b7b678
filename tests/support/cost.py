"""What a call costs the process that makes it: memory, and how long it keeps other threads out."""

import ctypes
import gc
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TICK_S = 0.002


@dataclass(frozen=True)
class Cost:
    """The cost of one call.

    grown_bytes: by how much the process's resident memory grew at its peak.
    held_s: the longest time for which the calling thread held the GIL at a stretch, as CPU time of
        that thread. A busy machine does not change it.
    """

    grown_bytes: int
    held_s: float


def measure(call: Callable[[], Any]) -> Cost:
    """Run a function in this thread and measure it. Linux only."""
    clock = time.pthread_getcpuclockid(threading.get_ident())
    longest, done = [0.0], threading.Event()

    def watch() -> None:
        # This thread can only tick while the other one does not hold the GIL.
        last = time.clock_gettime(clock)
        while not done.wait(_TICK_S):
            now = time.clock_gettime(clock)
            longest[0] = max(longest[0], now - last)
            last = now
        longest[0] = max(longest[0], time.clock_gettime(clock) - last)

    watcher = threading.Thread(target=watch)
    # Free memory that the allocator still holds would be used again, and no growth be seen.
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    # What earlier tests left would be looked through by each collection, half a second long.
    gc.freeze()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _status("VmRSS")
    watcher.start()
    try:
        call()
    finally:
        done.set()
        watcher.join()
        gc.unfreeze()
    return Cost(_status("VmHWM") - before, longest[0])


def _status(name: str) -> int:
    """A size of /proc/self/status in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(name)
