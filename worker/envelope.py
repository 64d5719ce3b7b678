"""One job as RunPod delivers it, read from RunPod's dictionary once."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Envelope:
    """What RunPod delivers with a job. Only the endpoint's request model checks `input`.

    id: RunPod's id as text, empty if the job has none; `keys.parse_job_id` checks it.
    input: the request, as the client sent it.
    s3_config: the client's `s3Config`, or None.
    """

    id: str
    input: Any
    s3_config: Any = None

    @classmethod
    def parse(cls, job: Mapping[str, Any]) -> "Envelope":
        """Read the fields that the worker uses; RunPod adds others."""
        job_id = job.get("id")
        return cls("" if job_id is None else str(job_id), job.get("input"), job.get("s3Config"))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the input: it distinguishes a redelivered job from a new job whose id was
        used before."""
        # A property and not a field: hashing a large input must not block RunPod's event loop.
        # Manifests hold this value, so a later release must compute the same. `surrogatepass`,
        # because a client's JSON may hold half a surrogate pair, which UTF-8 cannot encode.
        canonical = json.dumps(self.input, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
