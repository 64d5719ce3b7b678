"""What a client or an operator is told: one code and one sentence with the remedy."""

import errno
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

GPU_FAULTS = ("CUDA", "CUBLAS", "CUDNN", "CUFFT")
"""What torch says in the RuntimeErrors of a GPU."""

CancelCheck = Callable[[], None]
"""Long work calls it between its steps; an exception from it ends the work. A job's is the method
raise_if_cancelled of its CancellationToken."""


def never_cancelled() -> None:
    """The CancelCheck of work that nobody cancels."""


class WorkerError(Exception):
    """Base of every error that reaches a client.

    A subclass sets `code` (one of the codes listed in API.md), takes its datum in `__init__` and
    writes its own sentence; the sentence names no host, path or credential. `refresh_worker` has
    RunPod replace the worker after the reply.
    """

    code: ClassVar[str] = "internal_error"
    refresh_worker: ClassVar[bool] = False

    def __init__(self, sentence: str, details: Sequence[str] = ()) -> None:
        super().__init__(f"{self.code}: {sentence}")
        self.sentence = sentence
        self.details = tuple(details)

    def reply(self) -> dict[str, Any]:
        """The failed job's reply; the SDK turns `error` into FAILED and keeps the rest.

        A lone surrogate that a client sent is shown escaped: JSON as the SDK writes it has no
        place for one, and the reply would never leave the worker.
        """
        reply: dict[str, Any] = {
            "error": _sendable(str(self)),
            "code": self.code,
            "details": [_sendable(detail) for detail in self.details],
        }
        return reply | {"refresh_worker": True} if self.refresh_worker else reply


def _sendable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()


class LoadError(ValueError):
    """A model, an aligner or credentials that cannot be loaded: a sentence with its remedy.

    An adapter raises it for a cause that it knows; `worker.build` puts the name of the setting
    before the sentence. Any other error while the worker loads is a cause that nobody foresaw.
    """


class InternalError(WorkerError):
    """A fault of the worker's own; the log has the traceback."""

    def __init__(self, job_id: str) -> None:
        super().__init__(
            f"the worker failed on this job; its log has the reason under {job_id!r}. "
            "Send the job again; if it fails again, report the log's lines"
        )


class DiskFull(WorkerError):
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
        return DiskFull()
    return InternalError(job_id)
