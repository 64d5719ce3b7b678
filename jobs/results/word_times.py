"""What a reply includes of the timing files, in their shapes; times are in seconds of the audio.

It comes out of a store, too, where anybody who owns the bucket may have written it. So a list ends
with its first wrong item: pydantic describes each one that it finds.
"""

from typing import Annotated

from pydantic import Field

from jobs.schema.model import Model

_Name = Annotated[str, Field(max_length=64)]
"""A name of a voice or a method."""
_Seconds = Annotated[float, Field(ge=0)]
_Index = Annotated[int, Field(ge=0)]


class CharacterTimes(Model):
    """A character that is spoken, as the aligner spells it."""

    char: str
    start_time: _Seconds
    end_time: _Seconds


class WordTimes(Model):
    """A written word; the fields are those of the JSON timing file."""

    word: str
    start_time: _Seconds
    end_time: _Seconds
    confidence: float
    source: _Name
    interpolated: bool
    unspoken: bool | None = None
    unscripted: bool | None = None
    spoken: str
    shown: str
    char_start: _Index | None = None
    char_end: _Index | None = None
    chunk: _Index
    voice: _Name | None = None
    characters: Annotated[list[CharacterTimes], Field(fail_fast=True)] | None = None


class SegmentTimes(Model):
    """A sentence; `first_word` and `last_word` are indices of its words, both included."""

    text: str
    start_time: _Seconds
    end_time: _Seconds
    first_word: _Index
    last_word: _Index


class ChunkTimes(Model):
    """The words that the voice spoke in one go, or that were timed together."""

    index: _Index
    text: str
    voice: _Name | None = None
    start_time: _Seconds
    end_time: _Seconds
    first_word: _Index
    last_word: _Index


class CharacterAlignment(Model):
    """Every character of the text, as ElevenLabs' text to speech with timestamps has them."""

    characters: Annotated[list[str], Field(fail_fast=True)]
    character_start_times_seconds: Annotated[list[_Seconds], Field(fail_fast=True)]
    character_end_times_seconds: Annotated[list[_Seconds], Field(fail_fast=True)]


Words = Annotated[list[WordTimes], Field(fail_fast=True)]
Segments = Annotated[list[SegmentTimes], Field(fail_fast=True)]
ChunkList = Annotated[list[ChunkTimes], Field(fail_fast=True)]


class Included(Model):
    """The fields that a reply has beside those of every job; None if they were not asked for."""

    words: Words | None = None
    segments: Segments | None = None
    chunks: ChunkList | None = None
    alignment: CharacterAlignment | None = None
