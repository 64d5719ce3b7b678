"""Filling a new environment from its lock with uv. Standard library only."""

import contextlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from volume import space
from volume.errors import SetupError
from volume.log import Log
from volume.process import run
from volume.progress import progress_lines
from volume.retry import retry
from volume.variables import clean_environment
from volume.waits import Waits


def install(locks: Path, extra: str, work: Path, log: Log, waits: Waits) -> None:
    """Fill `work`/env with a virtual environment that holds exactly the lock, bytecode compiled.

    locks: the folder requirements/, in the root of the repository.
    extra: the name of the lock, without `.txt`.
    work: an empty folder that only this builder uses.
    log: the log of this build.
    waits: the pauses between attempts and between lines of progress.

    `--no-deps` because the lock was resolved with overrides (pyproject.toml): resolving it again
    without them fails. uv's cache lies beside env, so that it is on the same file system, its files
    become hard links, and nothing of it outlives the build. Raises SetupError.
    """
    env, cache = work / "env", work / "cache"
    lock = locks / f"{extra}.txt"
    uv = find_uv(locks, work, log, waits)
    # UV_NO_CONFIG: a uv.toml of the machine must not change what is installed.
    environment = clean_environment() | {"UV_CACHE_DIR": str(cache), "UV_NO_CONFIG": "1"}
    environment |= {"UV_LINK_MODE": "hardlink"}
    # --relocatable: the environment is renamed after the build.
    run([uv, "venv", "--quiet", "--relocatable", "--python", sys.executable, env], log, environment)
    (site_packages,) = env.glob("lib/python*/site-packages")
    # A lock has one `name==version` for each package.
    describe = InstallProgress(lock.read_text().count("=="), cache, site_packages).describe
    python = str(env / "bin" / "python")
    command = [str(uv), "pip", "install", "--no-deps", "--require-hashes"]
    command += ["--python", python, "-r", str(lock)]
    with progress_lines(describe, log.say, waits.progress_s):
        retry_install(lambda: run(command, log, environment), work, log, waits)
    with progress_lines(lambda: f"{describe()}; compiling bytecode", log.say, waits.progress_s):
        compile_bytecode(python, site_packages, locks.parent, log)
    for folder in (cache, work / "uv"):
        shutil.rmtree(folder, ignore_errors=True)


class InstallProgress:
    """How far `uv pip install` is, from its cache and from site-packages.

    total: the number of packages in the lock.
    cache: uv's cache, which no other build uses.
    site_packages: the folder that uv installs into.
    """

    def __init__(self, total: int, cache: Path, site_packages: Path) -> None:
        self._total = total
        self._cache = cache
        self._site_packages = site_packages
        # By RECORD file, so that each one is read once however often a line is printed.
        self._unpacked_bytes: dict[Path, int] = {}

    def describe(self) -> str:
        """One line: packages fetched and installed, and their size on the disk."""
        # uv unpacks each wheel here before it links the files into site-packages.
        for record in (self._cache / "archive-v0").glob("*/*.dist-info/RECORD"):
            if record not in self._unpacked_bytes:
                self._unpacked_bytes[record] = recorded_bytes(record)
        names = os.listdir(self._site_packages)
        installed = sum(name.endswith(".dist-info") for name in names)
        megabytes = sum(self._unpacked_bytes.values()) // 1_000_000
        # What uv fetches to build a package from its source is in the cache, too.
        fetched = min(len(self._unpacked_bytes), self._total)
        return (
            f"fetched {fetched} of {self._total} packages, "
            f"installed {installed}, {megabytes:,} MB on disk"
        )


def compile_bytecode(python: str, site_packages: Path, root: Path, log: Log) -> None:
    """Compile what a worker may import. Raises SetupError if the disk is full."""
    command = [python, "-m", "volume.bytecode", str(site_packages)]
    try:
        run(command, log, clean_environment(), cwd=root)
    except SetupError as error:
        if space.is_full(error):
            raise
        # Python compiles at import what is missing here, so the environment is complete without.
        log.say(f"not all bytecode could be compiled, so the first imports are slow: {error}")


def retry_install(step: Callable[[], None], work: Path, log: Log, waits: Waits) -> None:
    """Try a step again, unless the disk is full or another builder removed the folder `work`."""
    retry(
        step,
        (SetupError,),
        waits.retry_after_s,
        is_final=lambda error: space.is_full(error) or not work.is_dir(),
        announce=lambda error, wait_s: log.say(f"{error}\n    trying again in {wait_s:g} s"),
    )


def find_uv(locks: Path, work: Path, log: Log, waits: Waits) -> Path:
    """The path of uv: from the PATH, else installed for this build from requirements/uv.txt."""
    on_path = shutil.which("uv")
    if on_path:
        return Path(on_path)
    log.say("uv is not on the PATH: installing it for this build")
    hint = "; try: apt-get install python3-venv"
    # Debian's Python refuses `pip install` outside a virtual environment.
    run([sys.executable, "-m", "venv", work / "uv"], log, clean_environment(), hint=hint)
    command = [str(work / "uv" / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    command += ["--no-deps", "--require-hashes", "-r", str(locks / "uv.txt")]
    retry_install(lambda: run(command, log, clean_environment()), work, log, waits)
    return work / "uv" / "bin" / "uv"


def recorded_bytes(record: Path) -> int:
    """The size in bytes of a package's files, from the package's list RECORD.

    Asking for the size of each file would be slow: the volume is a network file system.
    """
    with contextlib.suppress(OSError):
        sizes = (line.rpartition(",")[2] for line in record.read_text().splitlines())
        return sum(int(size) for size in sizes if size.isdigit())
    return 0
