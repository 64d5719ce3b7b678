"""Imports that the first job of a kind would do, done before it."""

import importlib
import threading
from collections.abc import Sequence
from contextlib import suppress

JOB_IMPORTS = (
    "av",
    "timing.formats.ass",
    "storage.links",
    "storage.s3.store",
    "runpod.serverless.utils.rp_ssrf",
    "requests",
    "numpy.ma",
    "numpy.random",
    "multiprocessing.dummy",
    "multiprocessing.queues",
    "multiprocessing.synchronize",
)
"""The modules that some jobs import first: half a second in all.

F5's tables of Chinese and of other scripts are none of them: they take more time and memory, and
most workers never need them.
"""


def import_ahead(modules: Sequence[str] = JOB_IMPORTS) -> threading.Thread:
    """Import modules in a thread, so that a job finds them though their files have vanished.

    It costs the start no time. Call it after `import_stubs.stubbed` was used for the last time. A
    module that cannot be imported is the matter of the job that needs it.
    """

    def work() -> None:
        for name in modules:
            with suppress(ImportError, SyntaxError, OSError, ValueError, EOFError, RuntimeError):
                importlib.import_module(name)

    thread = threading.Thread(target=work, name="imports", daemon=True)
    # Without a thread for it each job imports what it needs.
    with suppress(RuntimeError):
        thread.start()
    return thread
