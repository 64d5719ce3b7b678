"""`tts`: speech from a text in a voice, and timing files if asked."""

from jobs.results.replies import TtsReply
from jobs.tts.request import TtsRequest
from jobs.tts.run import run

__all__ = ["TtsReply", "TtsRequest", "run"]
