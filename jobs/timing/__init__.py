"""`timing`: timing files for audio that exists already, of a job or behind a URL."""

from jobs.timing.request import TimingReply, TimingRequest
from jobs.timing.run import reply_from, run

__all__ = ["TimingReply", "TimingRequest", "reply_from", "run"]
