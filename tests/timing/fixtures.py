"""The ten sentences of tests/data/timing as values of tts.speech, with their true word starts."""

import json
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

import numpy as np
import soxr

from timing.alignment.aligner import Aligner
from timing.alignment.chain import align, windows_of
from timing.alignment.selection import select_aligners
from timing.words import TimedWord, Timing
from tts.speech import Chunk, Samples, Script, Span, Speech, Token, Word

DATA = Path(__file__).parent.parent / "data" / "timing"


@dataclass(frozen=True)
class Sentence:
    text: str
    words: tuple[str, ...]
    spoken: tuple[tuple[str, ...], ...]
    starts_ms: tuple[int, ...]
    ends_ms: tuple[int, ...]
    samples: Samples


@cache
def sentences() -> tuple[Sentence, ...]:
    return tuple(
        Sentence(
            text=entry["text"],
            words=tuple(word["word"] for word in entry["words"]),
            spoken=tuple(tuple(word["spoken"]) for word in entry["words"]),
            starts_ms=tuple(word["start_ms"] for word in entry["words"]),
            ends_ms=tuple(word["end_ms"] for word in entry["words"]),
            samples=read(DATA / entry["wav"]),
        )
        for entry in json.loads((DATA / "truth.json").read_text())
    )


def read(path: Path) -> Samples:
    with wave.open(str(path)) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (16000, 1, 2)
        pcm = np.frombuffer(wav.readframes(wav.getnframes()), "<i2")
    return (pcm / 32768).astype(np.float32)


def tokens(sentence: Sentence) -> list[str]:
    return [token for spoken in sentence.spoken for token in spoken]


def script_of(texts: Sequence[str], spoken: Sequence[Sequence[str]]) -> Script:
    """A script of words, each with its spoken tokens; a final `.` counts at the very end only."""
    ends = list(accumulate(len(text) + 1 for text in texts))
    words = [
        Word(text, end - len(text) - 1, end - 1) for text, end in zip(texts, ends, strict=True)
    ]
    made: list[Token] = []
    for index, (word, said) in enumerate(zip(words, spoken, strict=True)):
        mark = word.text.rstrip("”’\"')")[-1:]
        is_pause = mark in tuple(",;:!?") or (mark == "." and index + 1 == len(words))
        for position, token in enumerate(said):
            pause = mark if is_pause and position + 1 == len(said) else ""
            made.append(Token(index, word.char_start, word.char_end, token, pause))
    return Script(" ".join(texts), tuple(words), tuple(made))


def one_window(sentence: Sentence, samples: Samples | None = None) -> tuple[Script, Speech]:
    """A sentence as a speech of one chunk at 16 kHz, optionally with other audio."""
    script = script_of(sentence.words, sentence.spoken)
    audio = sentence.samples if samples is None else samples
    chunk = Chunk(script.tokens, 0, len(script.words))
    return script, Speech(audio, 16000, (Span(chunk, 0, len(audio)),))


def whole(rate: int, gap: int = 1234) -> tuple[Script, Speech, list[float]]:
    """All sentences as chunks of one speech with `gap` silent samples between, and true starts."""
    script = script_of(
        [word for sentence in sentences() for word in sentence.words],
        [said for sentence in sentences() for said in sentence.spoken],
    )
    spans: list[Span] = []
    parts: list[Samples] = []
    starts_ms: list[float] = []
    word = position = 0
    for sentence in sentences():
        audio = sentence.samples
        if rate != 16000:
            audio = soxr.resample(audio, 16000, rate)
        owned = range(word, word + len(sentence.words))
        own = tuple(token for token in script.tokens if token.word in owned)
        spans.append(Span(Chunk(own, owned.start, owned.stop), position, position + len(audio)))
        parts += [audio, np.zeros(gap, np.float32)]
        starts_ms += [start + 1000 * position / rate for start in sentence.starts_ms]
        word, position = owned.stop, position + len(audio) + gap
    return script, Speech(np.concatenate(parts), rate, tuple(spans)), starts_ms


def align_speech(
    script: Script,
    speech: Speech,
    method: str,
    aligners: Mapping[str, Aligner],
    language: str,
    report_progress: Callable[[int], None] = lambda windows: None,
) -> Timing:
    """Time a script in its own speech, each chunk a window."""
    chain = select_aligners(method, aligners, language)
    return align(script, windows_of(speech), chain, report_progress)


def check_order(words: Sequence[TimedWord], duration_ms: int) -> None:
    """What holds for every timing: in order, apart, inside the audio, 20 ms where there is room."""
    shortest = min(20, duration_ms // max(1, len(words)))
    before = 0
    for word in words:
        assert before <= word.start_ms
        assert word.end_ms - word.start_ms >= shortest
        assert isinstance(word.start_ms, int)
        assert isinstance(word.end_ms, int)
        before = word.end_ms
    assert before <= duration_ms
