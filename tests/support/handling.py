"""The real handler, given a job as RunPod's dictionary."""

from collections.abc import Mapping
from typing import Any

import handler
from worker.envelope import Envelope
from worker.job import Progress
from worker.state import Worker


def handle(worker: Worker, job: Mapping[str, Any], send_progress: Progress) -> dict[str, Any]:
    return handler.handle(worker, Envelope.parse(job), send_progress)
