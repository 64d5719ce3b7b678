#!/usr/bin/env python3
"""Prepare the worker's environment under a home folder, then become the worker.

    python3 setup_network_venv.py [--home DIR] [--extra NAME] [--prepare-only] [-- ARGUMENT ...]

The container's whole start-up, standard library only. It reads requirements/<extra>.txt, builds
the environment for exactly that lock with uv, and replaces itself by the environment's Python on
handler.py, with the arguments after `--`. What lies under the home folder:

    venvs/<key>/                    one environment per key; .complete.json is written last
    venvs/.building-<key>-<owner>/  private to one builder until it is renamed into place
    venv                            symlink to the environment prepared last, for people
    uv-<key>/                       uv itself, where the machine has none
    logs/                           the log of every build

The key is a hash of the lock, the interpreter and the platform: a changed lock builds beside the
old environment and never breaks a worker that still runs on it. The rename is the commit: an
environment that exists under its key is whole.
"""

import argparse
import contextlib
import hashlib
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn, TextIO

ROOT = Path(__file__).resolve().parent
VOLUME = Path("/runpod-volume")
PYTHON = (3, 11)
MARKER = ".complete.json"
SITE_PACKAGES = Path("lib", f"python{PYTHON[0]}.{PYTHON[1]}", "site-packages")
PROGRESS_EVERY_S = 5.0


class SetupError(Exception):
    """One sentence for the person who reads the log: what is wrong and what to do."""


def main(argv: list[str]) -> int:
    """Prepare the environment, then exec the worker; returns only with --prepare-only or on error.

    With --prepare-only the last line on stdout is the path of the environment's Python; everything
    else goes to stderr.
    """
    options = arguments(argv)
    try:
        python = prepare(Path(options.home).absolute(), options.extra)
    except SetupError as error:
        say(f"cannot start: {error}")
        return 1
    if options.prepare_only:
        print(python)
        return 0
    become_worker(python, Path(options.home).absolute(), options.arguments)


def arguments(argv: list[str]) -> argparse.Namespace:
    """The command line; each default can also be set by an environment variable (CONFIG.md)."""
    default_home = VOLUME / "worker" if VOLUME.is_dir() else ROOT / ".worker"
    parser = argparse.ArgumentParser(
        prog="setup_network_venv.py",
        description="Prepare the worker's environment, then run handler.py in it.",
    )
    parser.add_argument(
        "--home",
        default=os.environ.get("WORKER_HOME") or str(default_home),
        help="the folder for environments and models (WORKER_HOME; now %(default)s)",
    )
    parser.add_argument(
        "--extra",
        default=os.environ.get("WORKER_EXTRA") or "worker",
        choices=sorted({path.stem for path in (ROOT / "requirements").glob("*.txt")} - {"uv"}),
        help="which lock under requirements/ to install (WORKER_EXTRA; now %(default)s)",
    )
    parser.add_argument(
        "--prepare-only", action="store_true", help="print the environment's Python and stop"
    )
    parser.add_argument("arguments", nargs="*", help="passed on to handler.py, after --")
    return parser.parse_args(argv)


def prepare(home: Path, extra: str) -> Path:
    """Return the Python of a complete environment for the lock, building it if there is none."""
    if sys.version_info[:2] != PYTHON:
        raise SetupError(
            f"the worker needs Python {PYTHON[0]}.{PYTHON[1]}, this is {platform.python_version()};"
            f" run it with python{PYTHON[0]}.{PYTHON[1]}, or set PYTHON for the scripts"
        )
    lock = ROOT / "requirements" / f"{extra}.txt"
    key = f"{extra}-{environment_key(lock)}"
    venv = home / "venvs" / key
    if not is_complete(venv):
        make_folder(home / "venvs")
        set_aside(venv)
        if not is_complete(venv):
            build(home, venv, lock)
    point_to(home / "venv", venv)
    return venv / "bin" / "python"


def environment_key(lock: Path) -> str:
    """A hash of all that an environment depends on: lock, interpreter, platform."""
    facts = (
        lock.read_text(),
        os.path.realpath(sys.executable),
        platform.python_version(),
        sys.platform,
        platform.machine(),
    )
    return hashlib.sha256("\0".join(facts).encode()).hexdigest()[:16]


def is_complete(venv: Path) -> bool:
    """Whether the marker is there, and every top-level package that it names.

    One small file and one directory listing, however many files the environment has.
    """
    try:
        expected = json.loads((venv / MARKER).read_text())["site_packages"]
        present = set(os.listdir(venv / SITE_PACKAGES))
    except (OSError, ValueError, KeyError):
        return False
    missing = [name for name in expected if name not in present]
    if missing or not (venv / "bin" / "python").exists():
        say(f"{venv} is damaged ({', '.join(missing[:3]) or 'no interpreter'} missing)")
        return False
    return True


def set_aside(venv: Path) -> None:
    """Move a damaged environment out of the way and remove it.

    Another starter may have put a whole one in its place since it was looked at: what was moved is
    looked at again, and put back if it is whole.
    """
    aside = venv.with_name(f".damaged-{venv.name}-{socket.gethostname()}-{os.getpid()}")
    try:
        venv.rename(aside)
    except FileNotFoundError:
        return
    if is_complete(aside):
        publish(aside, venv)
    shutil.rmtree(aside, ignore_errors=True)


def build(home: Path, venv: Path, lock: Path) -> None:
    """Build the environment in a folder of its own and publish it with one rename."""
    owner = f"{socket.gethostname()}-{os.getpid()}"
    building = venv.with_name(f".building-{venv.name}-{owner}")
    make_folder(home / "logs")
    log_path = home / "logs" / f"{venv.name}-{owner}.log"
    started = time.monotonic()
    say(f"building the environment {venv.name}; its log is {log_path}")
    try:
        with log_path.open("a") as log:
            install(home, building, lock, log)
        facts = {
            "key": venv.name,
            "python": platform.python_version(),
            "seconds": round(time.monotonic() - started, 1),
            "site_packages": sorted(os.listdir(building / SITE_PACKAGES)),
        }
        write_durably(building / MARKER, json.dumps(facts, indent=1))
        publish(building, venv)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    say(f"environment ready after {time.monotonic() - started:.0f} s")


def install(home: Path, building: Path, lock: Path, log: TextIO) -> None:
    """Fill `building` with a virtual environment that holds exactly the lock, bytecode compiled.

    `--no-deps` because the lock was resolved with overrides (pyproject.toml): resolving it again
    without them fails. uv's cache lies inside the folder, so that it is on the same file system,
    its files become hard links, and nothing of it outlives the build.
    """
    uv = find_uv(home, log)
    cache = building / ".cache"
    environment = clean_environment() | {"UV_CACHE_DIR": str(cache), "UV_NO_CONFIG": "1"}
    run([uv, "venv", "--quiet", "--relocatable", "--python", sys.executable, building], log)
    total = lock.read_text().count("==")
    command: list[str | Path] = [
        uv,
        "pip",
        "install",
        "--python",
        building / "bin" / "python",
        "--no-deps",
    ]
    command += ["--require-hashes", "--compile-bytecode", "-r", lock]

    def progress() -> str:
        fetched = count(cache / "archive-v0")
        installed = count(building / SITE_PACKAGES, suffix=".dist-info")
        return f"fetched {min(fetched, total)} of {total} packages, installed {installed}"

    with progress_lines(progress):
        run(command, log, environment)
    shutil.rmtree(cache)


def find_uv(home: Path, log: TextIO) -> Path:
    """uv from the PATH, or installed once under the home folder from requirements/uv.txt."""
    found = shutil.which("uv")
    if found:
        return Path(found)
    lock = ROOT / "requirements" / "uv.txt"
    final = home / f"uv-{environment_key(lock)}"
    if not (final / "bin" / "uv").exists():
        building = final.with_name(f".building-{final.name}-{socket.gethostname()}-{os.getpid()}")
        say("uv is not on the PATH: installing it under the home folder")
        try:
            run([sys.executable, "-m", "venv", building], log, hint="apt-get install python3-venv")
            pip = [str(building / "bin" / "python"), "-m", "pip", "install", "--quiet"]
            run([*pip, "--no-deps", "--require-hashes", "-r", lock], log)
            publish(building, final)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    return final / "bin" / "uv"


def publish(building: Path, final: Path) -> None:
    """Rename a finished folder into place; whoever comes second throws its own away."""
    try:
        building.rename(final)
    except OSError as error:
        if not final.is_dir():
            raise SetupError(f"cannot publish {final}: {error.strerror}") from error


def point_to(link: Path, target: Path) -> None:
    """Replace the symlink for people in one step, where it does not point there already."""
    relative = os.path.relpath(target, link.parent)
    if link.is_symlink() and str(link.readlink()) == relative:
        return
    temporary = link.with_name(f".{link.name}-{os.getpid()}")
    temporary.symlink_to(relative)
    temporary.replace(link)


def become_worker(python: Path, home: Path, arguments: list[str]) -> NoReturn:
    """Replace this process by the worker: the environment's Python on handler.py."""
    models = home / "models"
    environment = {
        "HF_HOME": str(models / "huggingface"),
        "TORCH_HOME": str(models / "torch"),
        "NLTK_DATA": str(models / "nltk"),
        **clean_environment(),
        "WORKER_HOME": str(home),
    }
    say(f"starting the worker with {python}")
    os.execve(python, [str(python), "-u", str(ROOT / "handler.py"), *arguments], environment)


def clean_environment() -> dict[str, str]:
    """This process's environment without what would bend the other Python.

    PYTHONDONTWRITEBYTECODE goes too: without bytecode the worker imports three times as slowly.
    """
    bending = {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in bending}


def run(
    command: Sequence[str | Path],
    log: TextIO,
    environment: dict[str, str] | None = None,
    hint: str = "",
) -> None:
    """Run a command with its output in the build's log; an error repeats the log's last lines."""
    words = [str(word) for word in command]
    log.write(f"$ {' '.join(words)}\n")
    log.flush()
    start = log.tell()
    environment = clean_environment() if environment is None else environment
    code = subprocess.run(words, stdout=log, stderr=log, env=environment, check=False).returncode
    if code != 0:
        said = Path(log.name).read_text(errors="replace")[start:].strip().splitlines()[-12:]
        remedy = f"; try: {hint}" if hint else ""
        last = "\n    ".join(said)
        raise SetupError(f"{Path(words[0]).name} failed with status {code}{remedy}\n    {last}")


@contextlib.contextmanager
def progress_lines(describe: Callable[[], str]) -> Iterator[None]:
    """Say how far the work is every few seconds while the body runs."""
    started = time.monotonic()
    finished = threading.Event()

    def tell() -> None:
        while not finished.wait(PROGRESS_EVERY_S):
            say(f"{describe()}, {time.monotonic() - started:.0f} s")

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()


def count(folder: Path, suffix: str = "") -> int:
    """How many entries a folder has; 0 where it does not exist yet."""
    try:
        return sum(name.endswith(suffix) for name in os.listdir(folder))
    except OSError:
        return 0


def make_folder(folder: Path) -> None:
    """Create a folder with its parents."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"cannot create {folder}: {error.strerror}; choose another place with --home"
        ) from error


def write_durably(path: Path, text: str) -> None:
    """Write a file and wait until it is on the disk."""
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def say(message: str) -> None:
    """One line for the log window; stderr, because stdout belongs to the answer."""
    print(f"setup: {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
