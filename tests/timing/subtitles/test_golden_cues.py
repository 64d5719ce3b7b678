"""Golden cues of scripts as language models write them.

The scripts are tests/data/scripts/<name>.<language>.md, and the cues of a preset stand beside each
as <name>.<language>.<preset>.txt. `WRITE_GOLDEN=1 scripts/test tests/timing/subtitles/
test_golden_cues.py` writes the cues anew; read them before you commit them.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from timing.subtitles.captions import AudioSource, Captions, caption
from timing.subtitles.cues import PRESETS
from timing.token_times import TimedToken, WindowAlignment
from timing.words import Timing, time_words
from tts.speech import Chunk, Script, Token
from tts.text.chunks import split
from tts.text.script import read_script

SCRIPTS = sorted((Path(__file__).parents[2] / "data" / "scripts").glob("*.md"))
NAMES = [script.name.removesuffix(".md") for script in SCRIPTS]
GOLDEN_PRESETS = ("word", "standard", "social")
MAX_CHUNK_CHARS = 200
PAUSES_MS = {",": 200, ";": 250, ":": 250, ".": 400, "!": 400, "?": 400}


def read(name: str) -> Script:
    text = (SCRIPTS[0].parent / f"{name}.md").read_text()
    return read_script(text, name.rpartition(".")[2])


def aligned(tokens: tuple[Token, ...], start_ms: float) -> WindowAlignment:
    """The longer a token is, the longer it lasts; marks are pauses."""
    times: list[TimedToken] = []
    for token in tokens:
        end_ms = start_ms + 80 + 45 * len(token.spoken)
        times.append(TimedToken(start_ms, end_ms, 0.9))
        start_ms = end_ms + PAUSES_MS.get(token.pause, 0)
    return WindowAlignment("sphinx", times, times[-1].end_ms)


def captions_of(name: str, preset: str) -> Captions:
    script = read(name)
    chunks: tuple[Chunk, ...] = split(script, MAX_CHUNK_CHARS)
    alignments: list[WindowAlignment] = []
    owners: list[int] = []
    start_ms = 100.0
    for index, chunk in enumerate(chunks):
        alignments.append(aligned(chunk.tokens, start_ms))
        owners += [index] * (chunk.end_word - chunk.first_word)
        start_ms = alignments[-1].end_ms + (chunk.silence_ms or 100 + chunk.pause_ms)
    duration_ms = round(start_ms) + 400
    script = Script(
        script.text, script.words, tuple(token for chunk in chunks for token in chunk.tokens)
    )
    words = time_words(script, owners, alignments, duration_ms)
    return caption(
        script,
        Timing(words, "sphinx", 0.9),
        job_id=name,
        duration_ms=duration_ms,
        language=name.rpartition(".")[2],
        generated_at=datetime(2026, 11, 28, tzinfo=UTC),
        audio=AudioSource("", f"{name}.wav"),
        rules=PRESETS[preset],
        voices=[chunk.voice or "default" for chunk in chunks],
    )


def golden(name: str, preset: str) -> str:
    """A line for each cue: its text, and but for `word` its start and end in seconds before it."""
    lines = []
    for cue in captions_of(name, preset).cues:
        times = f"{cue.start_ms / 1000:07.3f} {cue.end_ms / 1000:07.3f}  "
        lines.append(("" if preset == "word" else times) + " ⏎ ".join(cue.texts))
    return "\n".join([*lines, ""])


@pytest.mark.parametrize("preset", GOLDEN_PRESETS)
@pytest.mark.parametrize("name", NAMES)
def test_the_cues_of_a_script_are_the_golden_ones(name: str, preset: str) -> None:
    path = SCRIPTS[0].parent / f"{name}.{preset}.txt"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(golden(name, preset))
    assert golden(name, preset) == path.read_text()
