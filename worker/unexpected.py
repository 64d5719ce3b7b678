"""What a job answers when an exception ends it that no other code handles."""

import errno
import sys
from pathlib import Path
from typing import ClassVar

from errors import DiskFull, InternalError, WorkerError
from volume import space


class EnvironmentGone(WorkerError):
    """The folder of the worker's libraries was removed while it runs."""

    refresh_worker: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__(
            "this worker's environment was removed while it ran; RunPod replaces the worker: send "
            "the job again"
        )


class NoThread(WorkerError):
    """The system gives this process no more threads."""

    refresh_worker: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__(
            "this worker's machine allows no more threads; RunPod replaces the worker: send the "
            "job again, and raise the container's limit of processes (ulimit -u) if it stays so"
        )


def unexpected(error: BaseException, job_id: str) -> WorkerError:
    """The WorkerError for an exception that no other code handles.

    The exception's own text may hold a host, a path or a credential, so clients never get it.
    """
    if isinstance(error, OSError) and space.is_full(error):
        return DiskFull()
    if is_thread_limit(error):
        return NoThread()
    if is_environment_gone():
        return EnvironmentGone()
    return InternalError(job_id)


def is_thread_limit(error: BaseException) -> bool:
    """Whether an error, or the one that led to it, is that no thread can be started."""
    each: BaseException | None = error
    while each is not None:
        if isinstance(each, RuntimeError) and "can't start new thread" in str(each):
            return True
        each = each.__cause__ or each.__context__
    return False


def is_environment_gone(prefix: str = sys.prefix) -> bool:
    """Whether the environment of this process was removed.

    prefix: the environment's folder.
    """
    try:
        Path(prefix, "bin").stat()
    except OSError as error:
        # Not each error: a network file system that is away for a moment comes back.
        return error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ESTALE)
    return False
