"""The values that pass from the text to the voice to the aligner. Times here are samples."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tts.languages import base_language

Samples = npt.NDArray[np.float32]
"""Mono audio in [-1, 1], shape (n,)."""

ASR_SAMPLE_RATE = 16_000
"""Hz; what speech recognition and alignment work at."""

F5_SAMPLE_RATE = 24_000
"""Hz; what F5-TTS and Vocos work at, and so the rate at which clips are stored."""


class Pcm16:
    """Mono audio as 16-bit numbers, as in the audio files, in half the memory of float32.

    A slice of it is Samples in [-1, 1]; `np.asarray` gives all of it as Samples.
    """

    FULL_SCALE = 32767

    def __init__(self, numbers: npt.NDArray[np.int16]) -> None:
        self.numbers = numbers

    @classmethod
    def of(cls, samples: "Samples | Pcm16") -> "Pcm16":
        """The same audio as Pcm16."""
        if isinstance(samples, Pcm16):
            return samples
        # Without the clip, a sample beyond full scale would wrap around in 16 bits.
        return cls(np.rint(np.clip(samples, -1, 1) * np.float32(cls.FULL_SCALE)).astype(np.int16))

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, part: slice) -> Samples:
        # Only this part becomes float32, which takes twice the memory.
        return self.numbers[part].astype(np.float32) / np.float32(self.FULL_SCALE)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return self[:] if dtype is None else self[:].astype(dtype)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the script as written, with the punctuation that touches it.

    In a script without spaces it is a clause, and the next word begins where it ends. What
    `{shown|said}` shows is one word, spaces included.

    shown: what captions show for it, nothing for a mark of Markdown; None if that is `text`.
    """

    text: str
    char_start: int
    char_end: int
    shown: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """One spoken word, and the script word it stands for.

    `word` is the index of that word. `spoken` is letters and apostrophes only ("nineteen",
    "O'Brien", "F"); in other languages than English also hyphens between letters, and digits that
    no rule spells out. `pause` is the punctuation that the voice gets after it: one of
    `, ; : . ! ?`, or nothing. `char_start:char_end` is the part of the script that it came from.
    """

    word: int
    char_start: int
    char_end: int
    spoken: str
    pause: str = ""


@dataclass(frozen=True, slots=True)
class RecognizedWord:
    """One word that a speech recogniser wrote down, and when it was spoken.

    text: the word as the recogniser writes it.
    start_ms, end_ms: milliseconds from the start of the audio that it was given.
    confidence: 0..1; 1 unless the recogniser gives one.
    """

    text: str
    start_ms: float
    end_ms: float
    confidence: float = 1.0

    def shifted(self, ms: float) -> "RecognizedWord":
        """The same word, so many milliseconds later."""
        return replace(self, start_ms=self.start_ms + ms, end_ms=self.end_ms + ms)


@dataclass(frozen=True, slots=True)
class Directive:
    """A tag before a word: exactly `pause_ms` of silence, or what changes from it on.

    word: the word's index; the number of words stands for the end of the script.
    voice: the name of another voice, with its style if it has one (`anna/whisper`); empty for the
        script's.
    rate: the pace, as a multiple of the pace of the whole speech.
    language: the tag of another language; empty for the script's.
    """

    word: int
    pause_ms: int = 0
    voice: str | None = None
    rate: float | None = None
    language: str | None = None

    @property
    def speaker(self) -> str | None:
        """`voice` without its style: another style of a voice is no other speaker."""
        return None if self.voice is None else self.voice.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Mark:
    """A name for the moment when a word begins to sound; it changes nothing in the speech.

    `word` is the word's index; the number of words stands for the end of the script.
    """

    word: int
    name: str


@dataclass(frozen=True)
class Script:
    """A text, its words in order, and the tokens that are spoken for them.

    A word owns 0..n consecutive tokens (a lone dash or emoji owns none). Tokens are in order, and
    so are the directives and the marks.

    offsets: where each character of `text` stands in the text that the client sent; None if the
        client knows `text`.
    """

    text: str
    words: tuple[Word, ...]
    tokens: tuple[Token, ...]
    directives: tuple[Directive, ...] = ()
    marks: tuple[Mark, ...] = ()
    offsets: Sequence[int] | None = None

    def sent_span(self, word: Word) -> tuple[int, int]:
        """The offsets of a word's first character and of its end in the text that was sent."""
        if self.offsets is None:
            return word.char_start, word.char_end
        return self.offsets[word.char_start], self.offsets[word.char_end - 1] + 1

    def word_languages(self) -> list[str | None]:
        """For each word the code of its language, without a region; None for the script's own."""
        languages: list[str | None] = []
        language: str | None = None
        for directive in self.directives:
            if directive.language is not None:
                languages += [language] * (directive.word - len(languages))
                language = base_language(directive.language) or None
        return languages + [language] * (len(self.words) - len(languages))


@dataclass(frozen=True)
class Chunk:
    """What the voice speaks in one go: consecutive tokens, and the silence that follows them.

    tokens: what is spoken.
    first_word, end_word: the half-open range of script words that the chunk owns, those without
        tokens included; the ranges of all chunks cover the script without a gap.
    pause_ms: the silence between this chunk and the next.
    silence_ms: the exact silence that a tag asks for instead; None if there is no tag.
    lead_ms: the exact silence that a tag asks for before the script's first chunk.
    voice: the name of another voice than the script's; None for the script's.
    language: the tag of another language than the script's; None for the script's.
    rate: its pace, as a multiple of the pace of the whole speech.
    """

    tokens: tuple[Token, ...]
    first_word: int
    end_word: int
    pause_ms: int = 0
    silence_ms: int | None = None
    lead_ms: int = 0
    voice: str | None = None
    language: str | None = None
    rate: float = 1.0

    @property
    def spoken_text(self) -> str:
        """The chunk as one line for a voice: spoken words, with the punctuation between them."""
        return " ".join(token.spoken + token.pause for token in self.tokens)


@dataclass(frozen=True)
class Span:
    """Where a chunk is in the audio: samples start (included) to end (excluded)."""

    chunk: Chunk
    start: int
    end: int


@dataclass(frozen=True)
class Speech:
    """Spoken audio, and the exact sample span of each of its chunks, in order.

    A slice of `samples` is Samples, of either type. `quieter` has for each chunk the factors by
    which its peaks made the whole quieter, in order.
    """

    samples: Samples | Pcm16
    sample_rate: int
    chunks: tuple[Span, ...]
    quieter: tuple[tuple[float, ...], ...] = ()

    @property
    def duration_ms(self) -> int:
        """The length of the audio, rounded to a millisecond."""
        return round(1000 * len(self.samples) / self.sample_rate)
