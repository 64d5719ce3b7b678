"""What a job is answered whose error nothing translated."""

import errno
from typing import ClassVar

from errors import WorkerError


class InternalError(WorkerError):
    """A fault of the worker's own; the log has the traceback."""

    def __init__(self, job_id: str) -> None:
        super().__init__(
            f"the worker failed on this job; its log has the reason under {job_id!r}. "
            "Send the job again; if it fails again, report the log's lines"
        )


class NoRoom(WorkerError):
    """The folder for temporary files is full; another worker may have room."""

    code: ClassVar[str] = "storage_error"

    def __init__(self) -> None:
        super().__init__(
            "the worker's disk for temporary files is full; send the job again, and give the "
            "container more disk or name another folder in TMPDIR if it stays so"
        )


def unexpected(error: Exception, job_id: str) -> WorkerError:
    """What to tell of an error that nothing translated."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoRoom()
    return InternalError(job_id)
