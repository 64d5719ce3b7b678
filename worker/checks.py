"""What must be right for the worker to work: the rest of `--check`, and RunPod's fitness checks.

`python -m worker.checks` prints one line for each. They change nothing, but for one probe object
that the check of a bucket writes and deletes.
"""

import importlib
import os
import sys
from collections.abc import Callable, Mapping

from errors import WorkerError
from settings import Settings
from timing.alignment.registry import ALIGNERS
from tts.registry import ENGINES
from volume import space
from volume.log import SetupError
from volume.space import check_volume

LEAST_FREE_MB = 200
WRONG = (
    *(WorkerError, SetupError, OSError),
    *(ImportError, SyntaxError, EOFError, RuntimeError, ValueError),
)
"""What a check raises; the libraries that it asks may be missing or damaged."""


class CheckFailed(WorkerError):
    """Something that the worker needs is not as it must be."""


def packages(settings: Settings) -> str:
    """Import what the settings make the worker import, each through the file that names it."""
    names = ["storage.s3.store"] if settings.has_bucket else ["storage.local"]
    names.append(ENGINES[settings.engine].module)
    names += [ALIGNERS[name].module for name in settings.aligners_to_load]
    if settings.loads_whisper:
        names.append("faster_whisper")
    for name in ("runpod", *names):
        try:
            importlib.import_module(name)
        except WRONG as error:
            raise CheckFailed(
                f"{name} cannot be imported ({error}); is it in this lock? The preview engine, and "
                "it alone, goes with the extra preview"
            ) from error
    return f"{', '.join(names)} can be imported"


def volume(settings: Settings) -> str:
    """The home folder can be written to; with a bucket nothing of a job needs that."""
    return skip_where_fine(settings, lambda: check_volume(settings.home))


def room(settings: Settings) -> str:
    """There is room for what a job leaves, where no bucket takes it."""
    return skip_where_fine(settings, lambda: space.require(settings.home, LEAST_FREE_MB))


def skip_where_fine(settings: Settings, look: Callable[[], str]) -> str:
    """What a check of the home says; with a bucket a fault of it is a note."""
    try:
        return look()
    except SetupError as error:
        if not settings.has_bucket:
            raise
        return f"with a bucket it does, but {error}"


def models(settings: Settings) -> str:
    """Every model that the settings name is on the disk."""
    from worker import model_files as fetched

    missing = fetched.missing_models(settings)
    if missing:
        raise CheckFailed(
            f"not on the disk: {', '.join(missing)}; a start of the worker fetches them, but for "
            "paths: put those files there, or name others"
        )
    return "all that the settings name are there"


def store(settings: Settings) -> str:
    """One object is written, read, linked to and deleted; a folder for them is only looked at."""
    if not settings.has_bucket:
        check_volume(settings.home / "store")
        return f"{settings.home}/store, no bucket"
    from worker.build import build_store

    build_store(settings).check()
    return "the bucket"


def gpu(settings: Settings) -> str:
    """A GPU, where the settings need one."""
    if not ENGINES[settings.engine].uses_torch or settings.f5_device == "cpu":
        return "not needed by these settings"
    import torch

    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    if settings.f5_device == "auto" and "RUNPOD_WEBHOOK_GET_JOB" not in os.environ:
        return "none: F5 runs on the CPU, slowly"
    raise CheckFailed("no GPU that this torch can use; give the endpoint one, or set F5_DEVICE=cpu")


FITNESS: Mapping[str, Callable[[Settings], str]] = {
    "volume": volume,
    "space": room,
    "models": models,
    "store": store,
    "gpu": gpu,
}
"""What RunPod's SDK looks at too."""


def main() -> int:
    """Print one line for each check; 1 where one is wrong."""
    try:
        settings = Settings.from_environment(os.environ)
    except WorkerError as error:
        print(f"WRONG  settings  {error.sentence}")
        return 1
    wrong = 0
    for name, look in {"packages": packages, **FITNESS}.items():
        try:
            print(f"ok     {name:9} {look(settings)}", flush=True)
        except WRONG as error:
            wrong = 1
            print(f"WRONG  {name:9} {getattr(error, 'sentence', error)}", flush=True)
    return wrong


def register(settings: Settings) -> None:
    """Have RunPod's SDK run FITNESS before the first job; one that fails ends the worker."""
    import runpod

    def registered(name: str) -> Callable[[], None]:
        def fit() -> None:
            FITNESS[name](settings)

        fit.__name__ = f"check_{name}"
        return fit

    for name in FITNESS:
        runpod.serverless.register_fitness_check(registered(name))


if __name__ == "__main__":
    sys.exit(main())
