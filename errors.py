"""The base of all errors that a client or an operator sees: a code and a sentence with a remedy."""

import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Self

from messages import one_line

GPU_WORDS = ("CUDA", "CUBLAS", "CUDNN", "CUFFT", "NVIDIA DRIVER")
GPU_PLACES = re.compile(r"\bcuda:\d+|\btorch\.cuda\.\w+")
"""The names of devices and of types of tensors: messages about defects of a program have them."""


def is_gpu_fault(error: Exception) -> bool:
    """Whether a library says that a GPU failed or is full; only the words of its error tell."""
    words = GPU_PLACES.sub("", str(error)).upper()
    return isinstance(error, RuntimeError) and any(name in words for name in GPU_WORDS)


CancelCheck = Callable[[], None]
"""A function that long work calls between its steps; an exception from it ends the work.

For a job it is `raise_if_cancelled` of its CancellationToken. A function and not the token itself,
because `tts`, `timing` and `storage` do not know the worker."""


def never_cancelled() -> None:
    """The CancelCheck of work that nobody cancels."""


class WorkerError(Exception):
    """Base of every error that reaches a client.

    A subclass sets `code` (API.md lists the codes) and writes its own sentence, which must not name
    a host, path or credential. With `refresh_worker`, RunPod replaces the worker after the reply.

    sentence: the problem and its remedy. Text of a client in it is made safe here: the sentence
        becomes one line of bounded length, without control characters and credentials.
    details: one line for each fault, if there are several; else the sentence is the only one. They
        are made safe in the same way.
    """

    code: ClassVar[str] = "internal_error"
    refresh_worker: ClassVar[bool] = False

    def __init__(self, sentence: str, details: Sequence[str] = ()) -> None:
        # The text of the exception is what clients get as `error`, so it begins with the code.
        self.sentence = one_line(sentence)
        self.details = tuple(map(one_line, details)) or (self.sentence,)
        super().__init__(f"{self.code}: {self.sentence}")

    def about(self, field: str) -> Self:
        """The same error; its sentence begins with the field of the request that it is about."""
        WorkerError.__init__(self, f"{field}: {self.sentence}")
        return self

    def reply(self) -> dict[str, Any]:
        """The reply of the failed job. `error` in it makes the SDK report the job as FAILED.

        The SDK takes `error` out of the output, and some clients show the output alone: `message`
        has the same sentence.
        """
        reply: dict[str, Any] = {
            "error": str(self),
            "code": self.code,
            "message": self.sentence,
            "details": list(self.details),
        }
        return reply | {"refresh_worker": True} if self.refresh_worker else reply


class LoadError(ValueError):
    """A model, an aligner or credentials that cannot be loaded: a sentence with its remedy.

    An adapter raises it for a cause that it knows; `worker.build` puts the name of the setting
    before the sentence. Any other error while the worker loads is a cause that nobody foresaw.
    """


class InternalError(WorkerError):
    """A fault of the worker itself; its log has the traceback."""

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
