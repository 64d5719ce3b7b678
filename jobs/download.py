"""`download`: fresh links to a finished job's files."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import Field, model_validator

from jobs.results import manifest, timing_files
from jobs.results.manifest import FileNotFound, StoredFile
from jobs.schema.fields import Whole
from jobs.schema.metadata import Metadata
from jobs.schema.model import JobId, Model, Request
from jobs.schema.validation import choice_of
from timing.parts import MAX_PARTS
from worker.job import Job
from worker.state import Worker


class DownloadRequest(Request):
    """One file of a finished job; without `format`, the first of its `type`."""

    job_id: JobId = Field(description="A finished job.")
    type: Annotated[str, choice_of(("audio", "timing", "part"))] = Field(
        "audio", description="Which kind of file."
    )
    # Short, because the error for an unknown format quotes it.
    format: str | None = Field(
        None, max_length=16, description="One of the job's formats; without it, the first."
    )
    index: Whole = Field(
        0, ge=0, le=MAX_PARTS - 1, description="The number of the part, counted from 0."
    )

    @model_validator(mode="after")
    def _check_fields_of_type(self) -> "DownloadRequest":
        if self.type == "part" and self.format is not None:
            raise ValueError("a part has the format of the job's audio; leave format out")
        if self.type != "part" and "index" in self.model_fields_set:
            raise ValueError(
                'index is the number of a part; add "type": "part", or leave index out'
            )
        return self

    def summary(self) -> str:
        """Which job."""
        return f"job {self.job_id}"


class DownloadReply(Model):
    """A new link, which expires at `expires_at`."""

    status: Literal["ready"] = "ready"
    job_id: str
    audio_url: str | None = None
    timing_url: str | None = None
    format: str
    content_type: str
    filename: str
    expires_at: datetime
    warnings: list[str]
    metadata: Metadata = None


def run(worker: Worker, request: DownloadRequest, job: Job) -> DownloadReply:
    """Sign a link to one file. Raises not_found for an unknown job or file."""
    record = manifest.load_finished(job.store, request.job_id)
    files: Mapping[str, StoredFile]
    if request.type == "part":
        files = {str(index): file for index, file in enumerate(record.parts)}
        format_name = str(request.index)
    else:
        files = record.timings if request.type == "timing" else record.audio
        format_name = request.format or next(iter(files), "")
    if format_name not in files:
        raise FileNotFound(
            request.job_id, f"{request.type} file {format_name}".strip(), list(files)
        )
    file = files[format_name]
    manifest.require_file(job.store, request.job_id, file)
    expires_s = worker.settings.url_expires_s
    warnings = list(job.store.warnings)
    opens_in_browser = format_name == "html"  # the browser saves every other file
    if opens_in_browser:
        warnings += timing_files.refresh_page_link(record, job.store, expires_s)
    url = job.store.url(file.key, expires_s, filename=None if opens_in_browser else file.filename)
    return DownloadReply(
        job_id=record.job_id,
        audio_url=url if request.type != "timing" else None,
        timing_url=url if request.type == "timing" else None,
        format=PurePath(file.filename).suffix[1:] if request.type == "part" else format_name,
        content_type=file.content_type,
        filename=file.filename,
        expires_at=manifest.expires_at(expires_s),
        warnings=warnings,
        metadata=record.facts.metadata,
    )
