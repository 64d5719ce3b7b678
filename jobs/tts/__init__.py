"""`tts`: speech from a text in a voice, and timing files if asked."""

from jobs.tts.request import TtsReply, TtsRequest
from jobs.tts.run import reply_from, run

__all__ = ["TtsReply", "TtsRequest", "reply_from", "run"]
