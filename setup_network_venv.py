#!/usr/bin/env python3
"""Prepare the worker's environment and models under a home folder, then become the worker.

    python3 setup_network_venv.py [--home DIR] [--extra NAME] [--check | --prepare-only] [-- ARG...]

The container's whole start-up, with the standard library only. Under the home folder:

    venvs/<key>/                    one environment per key; .complete.json is written last
    venvs/.building-<key>-<owner>/  private to one builder, which renames its env/ to venvs/<key>
    venv                            symlink to the environment that was prepared last, for people
    models/                         one copy of each model, filled by worker/model_files.py
    locks/  logs/                   leases of the builders; the log of every build

The key is a hash of the lock, the interpreter and the platform. So another image builds beside the
old environment and never breaks a worker that still runs on it. The rename is the commit: an
environment that exists under its key is complete. Leases (volume/lease.py) keep a second builder
from doing the same work; if both build, the second one removes its own copy.
"""

import argparse
import contextlib
import hashlib
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from volume import space
from volume.build import Build, build_under_lease
from volume.crash import damage_of_last_start, note_start
from volume.damage import give_up
from volume.environment import PYTHON, SITE_PACKAGES, inspect, replace_symlink
from volume.errors import SetupError
from volume.lease import OWNER, lease
from volume.log import Log, say
from volume.process import run
from volume.space import USED, check_volume, make_folder
from volume.user import run_as_owner
from volume.variables import (
    LIBRARY_SETTINGS,
    check_library_settings,
    clean_environment,
    strip_variables,
)
from volume.waits import Waits

ROOT = Path(__file__).resolve().parent
REVISIONS = ROOT / "requirements" / "models.toml"
"""The revisions of the models that worker/model_files.py fetches."""

INSTALLED_MB = {"worker": 8_700, "preview": 1_050, "dev": 9_300, "upstream": 9_100}
"""Megabytes of disk that a build takes at its peak, by lock (measured). They include uv itself."""

FLASH_SETTINGS = ("FLASH_ATTN", "FLASH_ATTN_WHEEL", "FLASH_ATTN_SHA256")
"""The variables that once had flash-attn installed. They only name environments of that time."""

MODEL_SETTINGS = (
    *("TTS_ENGINE", "F5_MODEL", "F5_CKPT_FILE", "F5_VOCAB_FILE", "F5_VOCODER_DIR"),
    *("MODEL_REVISIONS", "WHISPER_MODEL", "ALIGNERS", "ALIGN_LANGUAGES", "ALIGN_MODELS"),
    *("HF_HOME", "HF_HUB_CACHE", "TORCH_HOME"),
)
"""The variables that decide which models the worker loads, and where they lie."""

STRIPPED_SETTINGS = (
    *FLASH_SETTINGS,
    *MODEL_SETTINGS,
    *("WORKER_HOME", "WORKER_EXTRA", "WORKER_USER", "UV_DEFAULT_INDEX", "HF_ENDPOINT", "HF_TOKEN"),
    *("HF_HUB_OFFLINE", "NLTK_DATA", "PYTORCH_CUDA_ALLOC_CONF", "MALLOC_ARENA_MAX"),
    *LIBRARY_SETTINGS,
)
"""The variables that this script or the libraries read. settings.py strips those that it reads."""


@dataclass(frozen=True)
class StartConfig:
    """What tests of the start change. The container uses the defaults.

    volume: where RunPod mounts the network volume.
    python: the version that the locks are made for.
    installed_mb: the space that a build needs, by lock; a lock that is not named needs none.
    waits: the start's time limits and pauses.
    on_stage: called with the name of each stage of a build, and of the exec, as it begins.
    """

    volume: Path = Path("/runpod-volume")
    python: tuple[int, int] = PYTHON
    installed_mb: Mapping[str, int] = field(default_factory=lambda: INSTALLED_MB)
    waits: Waits = field(default_factory=Waits)
    on_stage: Callable[[str], None] = lambda stage: None


def main(argv: list[str], config: StartConfig = StartConfig()) -> int:
    """Prepare, then exec the worker. Returns an exit status only where there is no exec.

    With --prepare-only the last line on stdout is the path of the environment's Python; everything
    else goes to stderr.
    """
    # RunPod stops a worker with SIGTERM. As SystemExit it runs every `finally` on its way.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Before the arguments are parsed, because some defaults come from these variables.
    strip_variables(STRIPPED_SETTINGS)
    own, arguments = split_arguments(argv)
    options = parse_arguments(own, config.volume)
    home = Path(options.home or ".")
    try:
        check_choices(options.extra)
        say_that_flash_settings_do_nothing()
        home = choose_home(options.home, options.extra, config.volume)
        run_as_owner(home)
        if options.check:
            return check(home, options.extra, config)
        # Before gigabytes are installed for a worker that would not start with them.
        check_library_settings()
        python = prepare(home, options.extra, config)
        if options.prepare_only:
            print(python)
            return 0
        if has_models := options.extra == "worker":
            ensure_models(home, python, config.waits)
        config.on_stage("exec")
        exec_worker(home, python, arguments, offline=has_models)
    except (SetupError, OSError) as error:
        full = isinstance(error, OSError) and space.is_full(error)
        # An unforeseen error of worker/model_files.py begins so already.
        reason = space.report(home, 0) if full else str(error).removeprefix("cannot start: ")
        say(f"cannot start: {reason}")
        if not options.prepare_only and not options.check:
            # Here, because its libraries cost a warm start 20 ms.
            from volume.refusal import refuse_one_job

            refuse_one_job(reason, arguments, config.waits.job_s)
        return 1


def split_arguments(argv: list[str]) -> tuple[list[str], list[str]]:
    """The arguments for this script, and those after `--`, which are for handler.py."""
    position = argv.index("--") if "--" in argv else len(argv)
    return argv[:position], argv[position + 1 :]


def parse_arguments(argv: list[str], volume: Path) -> argparse.Namespace:
    """The command line; an environment variable can set each default (CONFIG.md)."""
    parser = argparse.ArgumentParser(
        prog="setup_network_venv.py",
        allow_abbrev=False,
        usage="setup_network_venv.py [--home DIR] [--extra NAME] [--check | --prepare-only] "
        "[-- ARGUMENTS OF handler.py]",
        description="Prepare the worker's environment and models, then run handler.py in it.",
    )
    parser.add_argument(
        "--home",
        default=os.environ.get("WORKER_HOME"),
        help=f"the folder for all of it (WORKER_HOME; else {volume}/worker, else {ROOT}/.worker)",
    )
    parser.add_argument(
        "--extra",
        default=os.environ.get("WORKER_EXTRA") or "worker",
        choices=extras(),
        help="which lock under requirements/ to install (WORKER_EXTRA; now %(default)s)",
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="report, change nothing, exit 0 or 1")
    mode.add_argument(
        "--prepare-only", action="store_true", help="print the environment's Python and stop"
    )
    return parser.parse_args(argv)


def extras() -> list[str]:
    """The names of the locks that an environment can be built from."""
    return sorted({path.stem for path in (ROOT / "requirements").glob("*.txt")} - {"uv"})


def check_choices(extra: str) -> str:
    """The lock in words. Raises SetupError if it is none of those that exist."""
    # argparse does not check a default, and this one comes from a variable.
    if extra not in extras():
        raise SetupError(f"WORKER_EXTRA is {extra!r}; it must be one of {', '.join(extras())}")
    return f"the lock {extra}"


def say_that_flash_settings_do_nothing() -> None:
    """One line if some of FLASH_SETTINGS are set."""
    if names := [name for name in FLASH_SETTINGS if os.environ.get(name)]:
        say(
            f"the worker ignores {', '.join(names)}: torch's own attention is FlashAttention 2, so "
            "no other one is installed; remove these variables"
        )


def choose_home(given: str | None, extra: str, volume: Path) -> Path:
    """The home folder: the given one, else on the volume, else on the container's own disk.

    A volume that cannot be written to still serves if the environment on it is complete.
    """
    if given:
        return Path(given).absolute()
    home = volume / "worker"
    if volume.is_dir() and (os.access(volume, os.W_OK) or inspect(venv_of(home, extra)).complete):
        return home
    problem = "cannot be written to" if volume.is_dir() else "is not mounted"
    say(
        f"{volume} {problem}, so the worker uses {ROOT / '.worker'}; what is there is lost when "
        "this container ends"
    )
    return ROOT / ".worker"


def prepare(home: Path, extra: str, config: StartConfig) -> Path:
    """Return the Python of a complete environment for the lock, building it if there is none."""
    check_python(config.python)
    venv = venv_of(home, extra)
    log = Log(home / "logs" / f"{venv.name}-{OWNER}.log")
    damage = damage_of_last_start(venv)
    if damage:
        log.say(f"the last start in this environment crashed, and {damage}: {give_up(venv)}")
    # Usually one round; another follows if a worker took our build over and then fails itself.
    while not (state := inspect(venv)).complete:
        for folder in ("venvs", "locks", "logs"):
            make_folder(home / folder)
        if state.damage:
            log.say(f"{venv} {state}")
        needed_mb = config.installed_mb.get(extra, 0)
        locks = ROOT / "requirements"
        job = Build(home, venv, locks, extra, needed_mb, log, config.waits, config.on_stage)
        build_under_lease(job)
    with contextlib.suppress(OSError):  # a volume that can only be read is no reason to stop
        (venv / USED).touch()
        replace_symlink(home / "venv", venv)
    return venv / "bin" / "python"


def venv_of(home: Path, extra: str) -> Path:
    """The path of the environment for this lock, interpreter and platform.

    With FLASH_ATTN=on it is one with flash-attn, if an earlier version of the worker has built it.
    """
    facts = [
        (ROOT / "requirements" / f"{extra}.txt").read_text(),
        os.path.realpath(sys.executable),
        platform.python_version(),
        sys.platform,
        platform.machine(),
    ]
    venvs = home / "venvs"
    if os.environ.get("FLASH_ATTN") == "on":
        with_flash = [*facts, *(os.environ.get(name, "") for name in FLASH_SETTINGS)]
        venv = venvs / f"{extra}-{digest(with_flash)}"
        if inspect(venv).complete:
            return venv
    return venvs / f"{extra}-{digest(facts)}"


def ensure_models(home: Path, python: Path, waits: Waits) -> None:
    """Fetch every model that the settings name, unless it is on the volume. Raises SetupError.

    worker/model_files.py writes the list of the files, models/.complete-<key>.json, last. A start
    only compares the sizes of those few files; afterwards the worker needs no server for them.
    """
    models = home / "models"
    settings = [f"{name}={os.environ.get(name, '')}" for name in MODEL_SETTINGS]
    # parts[-3] is the name of the environment: another lock may load other files. So may another
    # table of revisions.
    facts = [python.parts[-3], REVISIONS.read_text(), *settings]
    marker = models / f".complete-{digest(facts)}.json"
    if models_complete(marker):
        return
    for folder in (models, home / "locks", home / "logs"):
        make_folder(folder)
    log = Log(home / "logs" / f"models-{OWNER}.log")
    with lease(home / "locks" / "models", lambda: models_complete(marker), log.say, waits) as held:
        if held is None or models_complete(marker):
            return
        environment = worker_environment(home, python, offline=False)
        # Only plain HTTP downloads can be resumed by another process; Xet's cannot.
        environment |= {"HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
        fetch = [str(python), "-m", "worker.model_files", str(marker)]
        run(fetch, log, environment, echo=True, cwd=ROOT)


def models_complete(marker: Path) -> bool:
    """Whether each file that a list of models names exists and has the size in the list."""
    try:
        sizes = json.loads(marker.read_text())
        return all((marker.parent / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError):
        return False


def check(home: Path, extra: str, config: StartConfig) -> int:
    """Print one line for each check, change nothing, and return the exit status."""
    venv = venv_of(home, extra)
    built = inspect(venv).complete
    checks: dict[str, Callable[[], str]] = {
        "python": lambda: check_python(config.python),
        "venv": lambda: check_venv(venv),
    }
    if not built:  # else worker/checks.py decides by the settings what the home must offer
        needed = config.installed_mb.get(extra, 0)
        checks |= {"volume": lambda: check_volume(home)}
        checks |= {"space": lambda: space.require(home, needed)}
        checks |= {"settings": check_library_settings}
    failures = 0
    for name, run_check in checks.items():
        try:
            # Flushed, so that these lines stand before those of worker.checks on the same stdout.
            print(f"ok     {name:9} {run_check()}", flush=True)
        except SetupError as error:
            failures += 1
            print(f"WRONG  {name:9} {error}", flush=True)
    if not built:
        return 1
    python = venv / "bin" / "python"
    environment = worker_environment(home, python, offline=True) | {"PYTHONDONTWRITEBYTECODE": "1"}
    inside = subprocess.run([python, "-m", "worker.checks"], env=environment, cwd=ROOT, check=False)
    return 1 if failures or inside.returncode else 0


def check_python(version: tuple[int, int]) -> str:
    """This Python in words. Raises SetupError unless it is of the worker's version."""
    if sys.version_info[:2] != version:
        needed = f"{version[0]}.{version[1]}"
        raise SetupError(
            f"the worker needs Python {needed}, this is {platform.python_version()}; install "
            f"{needed}, such as with `uv python install {needed}`, and run this with "
            f"python{needed}; the scripts take the Python that the variable PYTHON names"
        )
    return f"{platform.python_version()}, {sys.executable}"


def check_venv(venv: Path) -> str:
    """The environment and its state in words. Raises SetupError unless it is complete."""
    state = inspect(venv)
    if not state.complete:
        raise SetupError(f"{venv} {state}; the next start builds it")
    return f"{venv} {state}"


def worker_environment(home: Path, python: Path, offline: bool) -> dict[str, str]:
    """The variables that handler.py starts with; a variable that is set already stays (CONFIG.md).

    offline: whether the Hugging Face libraries may ask no server.
    """
    models = home / "models"
    # CTranslate2 looks for cuDNN and cuBLAS in LD_LIBRARY_PATH only; torch finds its own copies.
    libraries = (python.parents[1] / SITE_PACKAGES / "nvidia").glob("*/lib")
    path = [os.environ.get("LD_LIBRARY_PATH", ""), *sorted(map(str, libraries))]
    # The later entry wins: what is set already replaces the defaults before it.
    return {
        "HF_HOME": str(models / "huggingface"),
        "TORCH_HOME": str(models / "torch"),
        "NLTK_DATA": str(models / "nltk"),
        "PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True",
        # F5 runs in a thread. On a CPU, glibc would give each of its large results new pages.
        "MALLOC_ARENA_MAX": "1",
        **({"HF_HUB_OFFLINE": "1"} if offline else {}),
        **clean_environment(),
        "LD_LIBRARY_PATH": ":".join(part for part in path if part),
        "WORKER_HOME": str(home),
    }


def exec_worker(home: Path, python: Path, arguments: Sequence[str], *, offline: bool) -> NoReturn:
    """Replace this process by the worker: the environment's Python on handler.py.

    python: the environment's interpreter.
    arguments: for handler.py.
    offline: whether the Hugging Face libraries may ask no server.

    Raises SetupError if the environment was removed since it was inspected.
    """
    say(f"starting the worker with {python}, {process_age_s():.2f} s after this process began")
    environment = worker_environment(home, python, offline)
    note_start(python.parents[1])
    command = [str(python), "-u", str(ROOT / "handler.py"), *arguments]
    try:
        os.execve(python, command, environment)
    except OSError as error:
        raise SetupError(
            f"{python} cannot be run ({error.strerror}); if the environment is gone, the next "
            "start builds it again"
        ) from error


def process_age_s() -> float:
    """The age of this process in seconds, the interpreter's own start included."""
    # The process name, in parentheses, may hold spaces. starttime is field 22 of proc(5), in clock
    # ticks since the machine booted.
    after_name = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    started = int(after_name[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started


def digest(facts: Sequence[str]) -> str:
    """The first 16 hexadecimal digits of a SHA-256 over several texts."""
    return hashlib.sha256("\0".join(facts).encode()).hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
