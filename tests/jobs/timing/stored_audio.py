"""Audio in the store, as a finished `tts` job leaves it."""

import json

from storage import keys
from worker.state import Worker


def put_audio(worker: Worker, job_id: str, clip: bytes) -> None:
    """A finished job with this audio, whose text is not known."""
    facts = {
        "job_id": job_id, "duration": 1.0, "sample_rate": 24000, "output_format": "wav",
        "text": "", "seed": 1, "voice": "default", "engine": "preview", "warnings": [],
        "metrics": {},
    }  # fmt: skip
    record = {
        "job_id": job_id, "endpoint": "tts", "input_sha256": "", "facts": facts,
        "created_at": "2026-11-22T00:00:00Z",
        "audio": {"wav": {"key": f"output/{job_id}.wav", "content_type": "audio/wav",
                          "filename": f"{job_id}.wav"}},
    }  # fmt: skip
    worker.store.put(f"output/{job_id}.wav", clip, "audio/wav")
    worker.store.put(
        keys.manifest(keys.JobId(job_id)), json.dumps(record).encode(), "application/json"
    )
