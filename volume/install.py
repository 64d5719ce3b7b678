"""Filling a new environment from its lock with uv. Standard library only."""

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from volume import space
from volume.log import Log, SetupError, progress_lines
from volume.process import clean_environment, run

RETRY_AFTER_S = (5.0, 20.0)


def install(locks: Path, extra: str, work: Path, log: Log) -> None:
    """Fill `work`/env with a virtual environment that holds exactly the lock, bytecode compiled.

    `--no-deps` because the lock was resolved with overrides (pyproject.toml): resolving it again
    without them fails. uv's cache lies beside env, so that it is on the same file system, its files
    become hard links, and nothing of it outlives the build.
    """
    env, cache = work / "env", work / "cache"
    lock = locks / f"{extra}.txt"
    uv = find_uv(locks, work, log)
    environment = clean_environment() | {"UV_CACHE_DIR": str(cache), "UV_NO_CONFIG": "1"}
    environment |= {"UV_LINK_MODE": "hardlink"}
    run([uv, "venv", "--quiet", "--relocatable", "--python", sys.executable, env], log, environment)
    (site_packages,) = env.glob("lib/python*/site-packages")
    total = lock.read_text().count("==")
    unpacked: dict[Path, int] = {}

    def progress() -> str:
        for record in (cache / "archive-v0").glob("*/*.dist-info/RECORD"):
            if record not in unpacked:
                unpacked[record] = recorded_bytes(record)
        installed = sum(name.endswith(".dist-info") for name in os.listdir(site_packages))
        megabytes = sum(unpacked.values()) // 1_000_000
        return (
            f"fetched {len(unpacked)} of {total} packages, installed {installed}, "
            f"{megabytes:,} MB on disk"
        )

    python = str(env / "bin" / "python")
    command = [str(uv), "pip", "install", "--no-deps", "--require-hashes"]
    command += ["--python", python, "-r", str(lock)]
    with progress_lines(progress, log.say):
        retried(lambda: run(command, log, environment), work, log)
        compile_bytecode(python, site_packages, locks.parent, log)
        if os.environ.get("FLASH_ATTN") == "on":
            flash = [python, "-m", "volume.flash_attn", str(uv)]
            run(flash, log, environment, echo=True, cwd=locks.parent)
    for folder in (cache, work / "uv"):
        shutil.rmtree(folder, ignore_errors=True)


def compile_bytecode(python: str, site_packages: Path, root: Path, log: Log) -> None:
    """Compile what a worker may import; a file of another Python stays as it is."""
    command = [python, "-m", "volume.bytecode", str(site_packages)]
    try:
        run(command, log, clean_environment(), cwd=root)
    except SetupError as error:
        if space.is_full(error):
            raise


def retried(step: Callable[[], None], work: Path, log: Log) -> None:
    """Try a step again after RETRY_AFTER_S, unless the disk is full or the folder was taken."""
    for wait_s in RETRY_AFTER_S:
        try:
            return step()
        except SetupError as error:
            if space.is_full(error) or not work.is_dir():
                raise
            log.say(f"{error}\n    trying again in {wait_s:g} s")
            time.sleep(wait_s)
    return step()


def find_uv(locks: Path, work: Path, log: Log) -> Path:
    """uv from the PATH, or installed for this build from requirements/uv.txt."""
    found = shutil.which("uv")
    if found:
        return Path(found)
    log.say("uv is not on the PATH: installing it for this build")
    hint = "; try: apt-get install python3-venv"
    run([sys.executable, "-m", "venv", work / "uv"], log, clean_environment(), hint=hint)
    command = [str(work / "uv" / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    command += ["--no-deps", "--require-hashes", "-r", str(locks / "uv.txt")]
    retried(lambda: run(command, log, clean_environment()), work, log)
    return work / "uv" / "bin" / "uv"


def recorded_bytes(record: Path) -> int:
    """What a package's files take, by its own list; cheaper than asking a network for each file."""
    with contextlib.suppress(OSError):
        sizes = (line.rpartition(",")[2] for line in record.read_text().splitlines())
        return sum(int(size) for size in sizes if size.isdigit())
    return 0
