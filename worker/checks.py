"""The checks of `--check` that run inside the environment, and RunPod's fitness checks.

`python -m worker.checks` prints one line for each. The checks change nothing, except that the check
of a bucket writes and deletes a probe object.
"""

import importlib
import os
import sys
from collections.abc import Callable, Mapping

from errors import WorkerError
from settings import Settings
from timing.aligners import ALIGNERS
from tts.engines import ENGINES
from volume import space
from volume.errors import SetupError
from volume.space import check_volume
from volume.variables import check_library_settings
from worker.bucket_hints import bucket_hints, name_hints

MIN_FREE_MB = 200
"""Free space, in MB, that a worker without a bucket needs for the files of a job."""

FAILURES = (
    *(WorkerError, SetupError, OSError),
    *(ImportError, SyntaxError, EOFError, RuntimeError, ValueError),
)
"""The errors by which a check fails; a library that it imports may be missing or damaged."""


class CheckFailed(WorkerError):
    """Something that the worker needs is missing or wrong."""


def names(settings: Settings) -> str:
    """What the names of the variables seem to mean, where they are nearly those of settings."""
    return "; ".join(["they can be used", *name_hints(settings, os.environ)])


def packages(settings: Settings) -> str:
    """Import the libraries that the settings need, each through the module that adapts it."""
    names = ["storage.s3.store"] if settings.has_bucket else ["storage.local"]
    names.append(ENGINES[settings.engine].module)
    names += [ALIGNERS[name].module for name in settings.aligners_to_load]
    if settings.loads_whisper:
        names.append("faster_whisper")
    # An import is the only proof: a damaged package is on the disk, too.
    for name in ("runpod", *names):
        try:
            importlib.import_module(name)
        except FAILURES as error:
            raise CheckFailed(
                f"{name} cannot be imported ({error}). An environment of --extra preview works "
                "with TTS_ENGINE=preview alone; other settings need one of --extra worker"
            ) from error
    return f"{', '.join(names)} can be imported"


def volume(settings: Settings) -> str:
    """Check that the home folder can be written to."""
    return excuse_with_bucket(settings, lambda: check_volume(settings.home))


def room(settings: Settings) -> str:
    """Check that the home folder's disk has room for the files of a job."""
    return excuse_with_bucket(settings, lambda: space.require(settings.home, MIN_FREE_MB))


def excuse_with_bucket(settings: Settings, check_home: Callable[[], str]) -> str:
    """Run a check of the home folder; with a bucket its failure is only a note.

    With a bucket a job writes nothing under the home folder.
    """
    try:
        return check_home()
    except SetupError as error:
        if not settings.has_bucket:
            raise
        return f"with a bucket this does no harm: {error}"


def models(settings: Settings) -> str:
    """Check that every model of the settings is on the disk."""
    from worker.model_files import missing_models

    missing = missing_models(settings)
    if missing:
        raise CheckFailed(
            f"not on the disk: {', '.join(missing)}; the next start downloads those that a setting "
            "gives by name. Where a setting gives a path, put the files there yourself"
        )
    return "every model that the settings name is on the disk"


def store(settings: Settings) -> str:
    """Write, read, link to and delete a probe object; without a bucket only look at the folder."""
    hints = bucket_hints(settings, os.environ)
    if not settings.has_bucket:
        check_volume(settings.home / "store")
        return "; ".join([f"{settings.home}/store, no bucket", *hints])
    from storage.retry import RetryingStore
    from worker.build import build_store, start_patience_s

    try:
        RetryingStore(build_store(settings), patience_s=start_patience_s(os.environ)).check()
    except WorkerError as error:
        raise CheckFailed("; ".join([error.sentence, *hints])) from None
    return "the bucket can be written to and read"


def gpu(settings: Settings) -> str:
    """Check that there is a GPU if the settings need one."""
    if not ENGINES[settings.engine].uses_gpu or settings.f5_device == "cpu":
        return "not needed by these settings"
    import torch

    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    # RunPod sets this variable. Elsewhere a person may try F5 on a CPU; an endpoint that has no GPU
    # is set up wrongly.
    if settings.f5_device == "auto" and "RUNPOD_WEBHOOK_GET_JOB" not in os.environ:
        return "none: F5 runs on the CPU, slowly"
    raise CheckFailed(
        "torch finds no GPU that it can use; give the endpoint a GPU, or set F5_DEVICE=cpu"
    )


FITNESS: Mapping[str, Callable[[Settings], str]] = {
    "volume": volume,
    "space": room,
    "models": models,
    "store": store,
    "gpu": gpu,
}
"""The checks that RunPod's SDK runs too, by name."""


def main() -> int:
    """Print one line for each check; 1 if one of them fails."""
    try:
        check_library_settings()
        settings = Settings.from_environment(os.environ)
    except (WorkerError, SetupError) as error:
        print(f"WRONG  settings  {getattr(error, 'sentence', error)}")
        return 1
    # Each check runs even if one before it failed, so that one call shows everything to repair.
    status = 0
    for name, check in {"settings": names, "packages": packages, **FITNESS}.items():
        try:
            print(f"ok     {name:9} {check(settings)}", flush=True)
        except FAILURES as error:
            status = 1
            print(f"WRONG  {name:9} {getattr(error, 'sentence', error)}", flush=True)
    return status


def register(settings: Settings, tell: Callable[[str], object]) -> None:
    """Have RunPod's SDK run FITNESS before the first job; a failure ends the worker.

    tell: called with the sentence of a check that fails, before the worker ends.
    """
    import runpod

    def fitness_check(name: str) -> Callable[[], None]:
        def check() -> None:
            try:
                FITNESS[name](settings)
            except FAILURES as error:
                tell(getattr(error, "sentence", str(error)))
                raise

        check.__name__ = f"check_{name}"  # the SDK's log shows it
        return check

    for name in FITNESS:
        runpod.serverless.register_fitness_check(fitness_check(name))


if __name__ == "__main__":
    sys.exit(main())
