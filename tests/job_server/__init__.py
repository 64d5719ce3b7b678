"""A job server for tests: RunPod's worker protocol and its client side, on loopback."""

from .server import JobServer
from .state import JobState, WorkerState
from .worker import Worker

__all__ = ["JobServer", "JobState", "Worker", "WorkerState"]
