"""The reply of `plan`."""

from typing import Literal

from pydantic import Field

from jobs.schema.model import Model


class SpokenWord(Model):
    """A written word, and what the voice says for it: nothing if it is silent."""

    word: str
    spoken: str


class PlanReply(Model):
    """What `tts` would make of the same request; durations are seconds of audio.

    estimated_duration: the best guess; at least nine real durations in ten lie between
        `shortest_duration` and `longest_duration`.
    speed: the pace that `max_duration` is expected to take.
    fits: whether the speech is expected to fit `max_duration` or `fix_duration`.
    cut_words: about how many words to cut if the speech does not fit.
    characters: how many the text has, as it was sent.
    spoken: the first 500 words that are not said as they are written, each once, in order;
        `spoken_count` is the number of all of them.
    missing_voices: the names of voices that the store lacks.
    """

    status: Literal["success"] = "success"
    estimated_duration: float = Field(ge=0)
    shortest_duration: float = Field(ge=0)
    longest_duration: float = Field(ge=0)
    speed: float | None = None
    fits: bool | None = None
    cut_words: int | None = None
    chunks: int
    words: int
    characters: int
    spoken: list[SpokenWord]
    spoken_count: int
    missing_voices: list[str]
    voice: str
    engine: str
    warnings: list[str]

    def summary(self) -> str:
        """How long the speech is expected to be."""
        return f"about {self.estimated_duration:.1f} s of audio"
