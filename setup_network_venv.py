#!/usr/bin/env python3
"""Prepare the worker's environment and models under a home folder, then become the worker.

    python3 setup_network_venv.py [--home DIR] [--extra NAME] [--check | --prepare-only] [-- ARG...]

The container's whole start-up, standard library only; read it from the top. Under the home folder:

    venvs/<key>/                    one environment per key; .complete.json is written last
    venvs/.building-<key>-<owner>/  private to one builder: its env/ is renamed into place
    venv                            symlink to the environment prepared last, for people
    models/                         one copy of each model, filled by worker/model_files.py
    locks/  logs/                   leases of the builders; the log of every build

The key is a hash of the lock, the interpreter, the platform and the choice of flash-attn: another
image builds beside the old environment and never breaks a worker that still runs on it. The rename
is the commit: an environment that exists under its key is whole. Leases (volume/lease.py) keep a
second builder from doing the same work; if both build, the second throws its own away.
"""

import argparse
import contextlib
import hashlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from volume import space
from volume.environment import (
    PYTHON,
    SITE_PACKAGES,
    find_damage,
    publish,
    remove_damaged,
    replace_symlink,
    write_durably,
)
from volume.install import install
from volume.lease import OWNER, lease
from volume.log import Log, SetupError, say
from volume.process import clean_environment, run, strip_variables
from volume.space import MARKER, USED, check_volume, make_folder

ROOT = Path(__file__).resolve().parent
VOLUME = Path("/runpod-volume")
INSTALLED_MB = {"worker": 8_700, "preview": 1_050, "dev": 9_300, "upstream": 9_100}
"""What a build takes on the disk at its peak, uv included where none is on the PATH, measured."""

FLASH_SETTINGS = ("FLASH_ATTN", "FLASH_ATTN_WHEEL", "FLASH_ATTN_SHA256")
MODEL_SETTINGS = (
    *("TTS_ENGINE", "F5_MODEL", "F5_CKPT_FILE", "F5_VOCODER_DIR", "WHISPER_MODEL"),
    *("ALIGNERS", "ALIGN_LANGUAGES", "ALIGN_MODELS", "HF_HOME", "HF_HUB_CACHE", "TORCH_HOME"),
)
"""The settings that decide which models the worker loads, and where they lie."""

OTHER_SETTINGS = (
    *("WORKER_HOME", "WORKER_EXTRA", "UV_DEFAULT_INDEX", "HF_ENDPOINT", "HF_TOKEN"),
    *("HF_HUB_OFFLINE", "NLTK_DATA", "PYTORCH_CUDA_ALLOC_CONF"),
)


def main(argv: list[str]) -> int:
    """Prepare, then exec the worker; returns with --check, with --prepare-only, or on an error.

    With --prepare-only the last line on stdout is the path of the environment's Python; everything
    else goes to stderr.
    """
    # RunPod stops a worker with SIGTERM: leave through every `finally`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    strip_variables((*FLASH_SETTINGS, *MODEL_SETTINGS, *OTHER_SETTINGS))
    options = arguments(argv)
    home = choose_home(options.home, options.extra)
    if options.check:
        return check(home, options.extra)
    try:
        python = prepare(home, options.extra)
        if options.prepare_only:
            print(python)
            return 0
        offline = options.extra == "worker" and ensure_models(home, python)
        exec_worker(home, python, offline, options.arguments)
    except (SetupError, OSError) as error:
        full = isinstance(error, OSError) and space.is_full(error)
        say(f"cannot start: {space.report(home, 0) if full else error}")
        return 1


def arguments(argv: list[str]) -> argparse.Namespace:
    """The command line; each default can also be set by an environment variable (CONFIG.md)."""
    extras = sorted({path.stem for path in (ROOT / "requirements").glob("*.txt")} - {"uv"})
    parser = argparse.ArgumentParser(
        prog="setup_network_venv.py",
        description="Prepare the worker's environment and models, then run handler.py in it.",
    )
    parser.add_argument(
        "--home",
        default=os.environ.get("WORKER_HOME"),
        help=f"the folder for all of it (WORKER_HOME; else {VOLUME}/worker, else {ROOT}/.worker)",
    )
    parser.add_argument(
        "--extra",
        default=os.environ.get("WORKER_EXTRA") or "worker",
        choices=extras,
        help="which lock under requirements/ to install (WORKER_EXTRA; now %(default)s)",
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="report, change nothing, exit 0 or 1")
    mode.add_argument(
        "--prepare-only", action="store_true", help="print the environment's Python and stop"
    )
    parser.add_argument("arguments", nargs="*", help="passed on to handler.py, after --")
    options = parser.parse_args(argv)
    if options.extra not in extras:  # argparse does not look at a default
        parser.error(f"WORKER_EXTRA is {options.extra!r}; it may be {', '.join(extras)}")
    flash = os.environ.get("FLASH_ATTN", "off")
    if flash not in ("on", "off"):
        parser.error(f"FLASH_ATTN is {flash!r}; it may be on, off")
    return options


def choose_home(told: str | None, extra: str) -> Path:
    """The folder that was told, else the volume's, else one on the container's disk."""
    if told:
        return Path(told).absolute()
    home = VOLUME / "worker"
    if VOLUME.is_dir() and (
        os.access(VOLUME, os.W_OK) or find_damage(venv_of(home, extra)) is None
    ):
        return home
    problem = "cannot be written to" if VOLUME.is_dir() else "is not mounted"
    say(f"{VOLUME} {problem}: using {ROOT / '.worker'}, which does not outlive this container")
    return ROOT / ".worker"


def prepare(home: Path, extra: str) -> Path:
    """Return the Python of a complete environment for the lock, building it if there is none."""
    check_python()
    venv = venv_of(home, extra)
    log = Log(home / "logs" / f"{venv.name}-{OWNER}.log")
    while (problem := find_damage(venv)) is not None:
        for folder in ("venvs", "locks", "logs"):
            make_folder(home / folder)
        if problem:
            log.say(f"{venv} is damaged ({problem})")
        with lease(home / "locks" / venv.name, lambda: find_damage(venv) is None, log.say) as ours:
            if ours is None or find_damage(venv) is None:
                continue
            try:
                make_room(home, venv, extra, log)
                build(venv, extra, log)
            except (SetupError, OSError) as error:
                if ours.still_ours():
                    full = space.is_full(error)
                    told = space.report(home, INSTALLED_MB.get(extra, 0)) if full else str(error)
                    log.write(told)
                    raise SetupError(told) from error
                log.say(f"another worker took the build of {venv.name} over; waiting for it")
    with contextlib.suppress(OSError):  # a volume that can only be read is no reason to stop
        (venv / USED).touch()
        replace_symlink(home / "venv", venv)
    return venv / "bin" / "python"


def venv_of(home: Path, extra: str) -> Path:
    """Where the environment for this lock, interpreter, platform and flash-attn belongs."""
    facts = [
        (ROOT / "requirements" / f"{extra}.txt").read_text(),
        os.path.realpath(sys.executable),
        platform.python_version(),
        sys.platform,
        platform.machine(),
    ]
    if os.environ.get("FLASH_ATTN") == "on":
        facts += [os.environ.get(name, "") for name in FLASH_SETTINGS]
    return home / "venvs" / f"{extra}-{digest(facts)}"


def make_room(home: Path, venv: Path, extra: str, log: Log) -> None:
    """Remove what nobody needs, then see that the environment fits. Raises SetupError."""
    space.remove_garbage(home, venv, log.say)
    needed = INSTALLED_MB.get(extra, 0)
    if venv.exists() and space.free_mb(home) < needed:
        remove_damaged(venv)
    space.require(home, needed)


def build(venv: Path, extra: str, log: Log) -> None:
    """Build the environment in a folder of its own and publish it with one rename."""
    work = venv.with_name(f".building-{venv.name}-{OWNER}")
    started = time.monotonic()
    log.say(f"building the environment {venv.name}; its log is {log.path}")
    try:
        work.mkdir()
        install(ROOT / "requirements", extra, work, log)
        facts = {
            "key": venv.name,
            "python": platform.python_version(),
            "seconds": round(time.monotonic() - started, 1),
            "site_packages": sorted(os.listdir(work / "env" / SITE_PACKAGES)),
        }
        write_durably(work / "env" / MARKER, json.dumps(facts, indent=1))
        if find_damage(venv):
            remove_damaged(venv)
        publish(work / "env", venv)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    log.say(f"environment ready after {time.monotonic() - started:.0f} s")


def ensure_models(home: Path, python: Path) -> bool:
    """See that every model that the settings name lies on the volume; then no server is asked.

    The list of them, models/.complete-<key>.json, is written last by worker/model_files.py; a start
    looks at the sizes of those few files and at nothing else.
    """
    models = home / "models"
    settings = [f"{name}={os.environ.get(name, '')}" for name in MODEL_SETTINGS]
    marker = models / f".complete-{digest([python.parts[-3], *settings])}.json"
    if not models_complete(marker):
        for folder in (models, home / "locks", home / "logs"):
            make_folder(folder)
        log = Log(home / "logs" / f"models-{OWNER}.log")
        with lease(home / "locks" / "models", lambda: models_complete(marker), log.say) as ours:
            if ours is not None and not models_complete(marker):
                environment = worker_environment(home, python, offline=False)
                # Plain downloads: those can go on where they stopped in another process.
                environment |= {"HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
                fetch = [str(python), "-m", "worker.model_files", str(marker)]
                run(fetch, log, environment, echo=True, cwd=ROOT)
    return True


def models_complete(marker: Path) -> bool:
    """Whether the files that a list of models names are there with the sizes that it names."""
    try:
        sizes = json.loads(marker.read_text())
        return all((marker.parent / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError):
        return False


def check(home: Path, extra: str) -> int:
    """Print one line for each check, change nothing, and return the exit status."""
    venv = venv_of(home, extra)
    built = find_damage(venv) is None
    checks: dict[str, Callable[[], str]] = {
        "python": check_python,
        "venv": lambda: check_venv(venv),
    }
    if not built:  # else the settings decide what is needed of the home
        needed = INSTALLED_MB.get(extra, 0)
        checks |= {"volume": lambda: check_volume(home)}
        checks |= {"space": lambda: space.require(home, needed)}
    wrong = 0
    for name, look in checks.items():
        try:
            print(f"ok     {name:9} {look()}", flush=True)
        except SetupError as error:
            wrong += 1
            print(f"WRONG  {name:9} {error}", flush=True)
    if not built:
        return 1
    python = venv / "bin" / "python"
    environment = worker_environment(home, python, offline=True) | {"PYTHONDONTWRITEBYTECODE": "1"}
    inside = subprocess.run([python, "-m", "worker.checks"], env=environment, cwd=ROOT, check=False)
    return 1 if wrong or inside.returncode else 0


def check_python() -> str:
    """This Python, in words. Raises SetupError for another than the worker's."""
    if sys.version_info[:2] != PYTHON:
        raise SetupError(
            f"the worker needs Python {PYTHON[0]}.{PYTHON[1]}, this is {platform.python_version()};"
            f" run it with python{PYTHON[0]}.{PYTHON[1]}, or set PYTHON for the scripts"
        )
    return f"{platform.python_version()}, {sys.executable}"


def check_venv(venv: Path) -> str:
    """The environment and its key, in words. Raises SetupError where it is not complete."""
    problem = find_damage(venv)
    if problem is not None:
        raise SetupError(
            f"{venv} {f'is damaged ({problem})' if problem else 'is not built'}; a start builds it"
        )
    return f"{venv} is complete"


def worker_environment(home: Path, python: Path, offline: bool) -> dict[str, str]:
    """What handler.py starts with; whatever is set already stays (CONFIG.md lists these)."""
    models = home / "models"
    # CTranslate2 looks for cuDNN and cuBLAS on this path only; torch finds its own.
    libraries = (python.parents[1] / SITE_PACKAGES / "nvidia").glob("*/lib")
    path = [os.environ.get("LD_LIBRARY_PATH", ""), *sorted(map(str, libraries))]
    return {
        "HF_HOME": str(models / "huggingface"),
        "TORCH_HOME": str(models / "torch"),
        "NLTK_DATA": str(models / "nltk"),
        "PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True",
        **({"HF_HUB_OFFLINE": "1"} if offline else {}),
        **clean_environment(),
        "LD_LIBRARY_PATH": ":".join(part for part in path if part),
        "WORKER_HOME": str(home),
    }


def exec_worker(home: Path, python: Path, offline: bool, arguments: Sequence[str]) -> NoReturn:
    """Replace this process by the worker: the environment's Python on handler.py.

    Raises SetupError where the environment went since it was looked at.
    """
    say(f"starting the worker with {python}, {process_age_s():.2f} s after this process began")
    environment = worker_environment(home, python, offline)
    command = [str(python), "-u", str(ROOT / "handler.py"), *arguments]
    try:
        os.execve(python, command, environment)
    except OSError as error:
        raise SetupError(
            f"{python} cannot be run ({error.strerror}); the next start builds what is not there"
        ) from error


def process_age_s() -> float:
    """How long this process has run, the interpreter's own start included."""
    after_name = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    began = int(after_name[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - began


def digest(facts: Sequence[str]) -> str:
    """A short hash of several texts."""
    return hashlib.sha256("\0".join(facts).encode()).hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
