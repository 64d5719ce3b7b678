"""`timing`: timing files for audio that exists already, of a job or behind a URL."""

from jobs.results.replies import TimingReply
from jobs.timing.request import TimingRequest
from jobs.timing.run import run

__all__ = ["TimingReply", "TimingRequest", "run"]
