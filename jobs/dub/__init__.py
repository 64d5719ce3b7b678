"""`dub`: speech on the times of a subtitle file."""

from jobs.dub.request import DubRequest
from jobs.dub.run import run
from jobs.results.replies import DubReply

__all__ = ["DubReply", "DubRequest", "run"]
