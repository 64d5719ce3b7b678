"""One build of an environment: under a lease, in a private folder, published with one rename.

Standard library only.
"""

import json
import os
import platform
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from volume import space
from volume.environment import (
    SITE_PACKAGES,
    inspect,
    publish,
    remove_damaged,
    write_durably,
)
from volume.errors import SetupError
from volume.install import install
from volume.lease import OWNER, Lease, lease
from volume.log import Log
from volume.space import MARKER
from volume.waits import Waits


@dataclass(frozen=True)
class Build:
    """One environment to build.

    home: the folder that holds venvs/, locks/ and logs/.
    venv: the path of the finished environment, under home/venvs.
    locks: the folder requirements/, in the root of the repository.
    extra: the name of the lock, without `.txt`.
    needed_mb: the disk space that the build takes at its peak; 0 if unknown.
    log: the log of this build.
    waits: the start's time limits and pauses.
    on_stage: called with the name of each stage as it begins.
    """

    home: Path
    venv: Path
    locks: Path
    extra: str
    needed_mb: int
    log: Log
    waits: Waits
    on_stage: Callable[[str], None]


def build_under_lease(job: Build) -> None:
    """Build the environment, or wait while another worker does. Raises SetupError.

    Returns without an environment if another worker took the lease over from this one.
    """

    def is_complete() -> bool:
        return inspect(job.venv).complete

    lock = job.home / "locks" / job.venv.name
    with lease(lock, is_complete, job.log.say, job.waits) as held:
        # Another worker may have finished just before this one got the lease.
        if held is None or is_complete():
            return
        try:
            make_room(job)
            build(job)
        except (SetupError, OSError) as error:
            report_failure(job, held, error)


def report_failure(job: Build, held: Lease, error: SetupError | OSError) -> None:
    """Raise SetupError for a failed build, unless another worker took the lease over.

    That worker removes the folder of this build, so the build fails for a reason that is no fault.
    """
    if not held.still_ours():
        job.log.say(f"another worker took the build of {job.venv.name} over; waiting for it")
        return
    full = space.is_full(error)
    message = space.report(job.home, job.needed_mb) if full else str(error)
    # To the file only: main() prints the message of a SetupError.
    job.log.write(message)
    raise SetupError(message) from error


def make_room(job: Build) -> None:
    """Remove what no worker needs. Raises SetupError if the environment still does not fit."""
    space.remove_garbage(job.home, job.venv, job.log.say)
    # A damaged environment goes only when its replacement is ready, unless they do not fit both.
    if job.venv.exists() and space.free_mb(job.home) < job.needed_mb:
        remove_damaged(job.venv)
    space.require(job.home, job.needed_mb)


def build(job: Build) -> None:
    """Build the environment in a folder of its own and publish it with one rename."""
    venv, on_stage = job.venv, job.on_stage
    work = venv.with_name(f".building-{venv.name}-{OWNER}")
    started = time.monotonic()
    job.log.say(f"building the environment {venv.name}; its log is {job.log.path}")
    try:
        work.mkdir()
        on_stage("install")
        install(job.locks, job.extra, work, job.log, job.waits)
        on_stage("mark")
        facts = {
            "key": venv.name,
            "python": platform.python_version(),
            "seconds": round(time.monotonic() - started, 1),
            "site_packages": sorted(os.listdir(work / "env" / SITE_PACKAGES)),
        }
        # The marker comes last: with it the environment counts as complete.
        write_durably(work / "env" / MARKER, json.dumps(facts, indent=1))
        on_stage("remove damaged")
        # A rename cannot replace a folder that is not empty.
        if inspect(venv).damage:
            remove_damaged(venv)
        on_stage("publish")
        publish(work / "env", venv)
        on_stage("clean up")
    finally:
        # If this fails, the next builder of this key removes the folder (space.remove_garbage).
        shutil.rmtree(work, ignore_errors=True)
    job.log.say(f"environment ready after {time.monotonic() - started:.0f} s")
