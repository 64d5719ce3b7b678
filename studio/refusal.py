"""What the studio's server answers instead of what was asked: a status and one sentence."""

from collections.abc import Sequence
from typing import Any

from errors import WorkerError


class Refusal(Exception):
    """An error of the studio's server, which is not one of a job.

    No WorkerError: the codes of those are for the clients of the worker.

    status: the HTTP status.
    code: a name for programs.
    sentence: the problem and its remedy.
    details: one sentence for each fault.
    """

    def __init__(self, status: int, code: str, sentence: str, details: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.sentence = sentence
        self.details = list(details) or [sentence]

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        return {
            "error": {"code": self.code, "message": self.sentence, "details": self.details},
        }


def bad_request(sentence: str) -> Refusal:
    """The request itself is wrong."""
    return Refusal(400, "invalid_request", sentence)


def not_found(sentence: str) -> Refusal:
    """What the request names does not exist."""
    return Refusal(404, "not_found", sentence)


def from_worker(error: WorkerError) -> Refusal:
    """An error of the worker's code as an answer of the server."""
    return Refusal(400, error.code, error.sentence, error.details)


def runpod_failed(sentence: str) -> Refusal:
    """RunPod refused, or could not be reached."""
    return Refusal(502, "runpod_error", sentence)
