"""What leaves the worker as the answer to a job: JSON that RunPod accepts, and nothing else."""

import json
from typing import Any, ClassVar

from pydantic import BaseModel

from errors import WorkerError

MAX_REPLY_BYTES = 5_000_000
"""RunPod drops a reply of over 10 MB, and shows the job as completed without an output. Half of
that leaves room for a server that writes letters as escapes."""

CONTROL_FIELDS = frozenset({"error", "refresh_worker"})
"""What RunPod's SDK takes out of a reply: the first fails the job, the second replaces the worker.
No model of a reply has them; only this process sets them."""


class ReplyTooLarge(WorkerError):
    """A reply that RunPod would drop without a word."""

    code: ClassVar[str] = "too_large"

    def __init__(self, size: int) -> None:
        super().__init__(
            f"the reply would have {size / 1e6:.1f} MB; RunPod loses large replies, so the worker "
            f"sends at most {MAX_REPLY_BYTES // 1_000_000} MB. Ask for less at once"
        )


def to_output(reply: BaseModel, *, replace_worker: bool = False) -> dict[str, Any]:
    """The reply of a job that succeeded, as the dictionary that RunPod's SDK takes.

    replace_worker: whether RunPod replaces this worker after the reply.

    Raises ReplyTooLarge, and ValueError for what JSON or UTF-8 cannot express: a model of a reply
    must not allow that.
    """
    output = reply.model_dump(mode="json", exclude_none=True)
    # As the SDK writes it, but strict: NaN would make the whole answer unreadable.
    size = len(json.dumps(output, ensure_ascii=False, allow_nan=False).encode())
    if size > MAX_REPLY_BYTES:
        raise ReplyTooLarge(size)
    return output | {"refresh_worker": True} if replace_worker else output
