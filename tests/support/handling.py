"""Calls the real handler with a job as the dictionary that RunPod delivers."""

from collections.abc import Mapping
from typing import Any

import handler
from worker.envelope import Envelope
from worker.job import Progress
from worker.state import Worker


def handle(worker: Worker, job: Mapping[str, Any], send_progress: Progress) -> dict[str, Any]:
    return handler.handle(worker, Envelope.parse(job), send_progress)
