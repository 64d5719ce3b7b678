"""ffmpeg and libass draw the captions: where the text is, in which colour, and when."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from timing.formats import FORMATS
from timing.subtitles.captions import AudioSource, Captions, caption
from timing.subtitles.cues import PRESETS, CueRules
from timing.subtitles.style import POSITIONS, STYLES, SubtitleStyle, style_for
from timing.words import TimedWord, Timing
from tts.speech import Script, Word

Picture = npt.NDArray[np.uint8]

pytestmark = pytest.mark.needs("ffmpeg")
BACKGROUND = (0x20, 0x30, 0x40)
NOWHERE = AudioSource("", "")
WORDS = ["Captions", "that", "an", "editor", "would", "use", "as", "they", "are."]


def captions_of(words: list[str], rules: CueRules, style: SubtitleStyle) -> Captions:
    """Words of 400 ms from 0 on."""
    timed = tuple(
        TimedWord(word, 400 * i, 400 * i + 400, 0.9, "sphinx", True, "x", 0)
        for i, word in enumerate(words)
    )
    text = " ".join(words)
    script = Script(text, tuple(Word(word, 0, len(text)) for word in words), ())
    now = datetime(2026, 11, 22, tzinfo=UTC)
    return caption(
        script, Timing(timed, "sphinx", 0.9), job_id="job", duration_ms=400 * len(words),
        language="en", generated_at=now, audio=NOWHERE, rules=rules, style=style,
    )  # fmt: skip


def drawn(captions: Captions, folder: Path, at_ms: int) -> Picture:
    """The frame at a time as libass draws it onto a plain background: (height, width, 3)."""
    (folder / "timing.ass").write_bytes(FORMATS["ass"].render(captions))
    wide, high = captions.style.resolution
    colour = "0x" + bytes(BACKGROUND).hex()
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        f"color=c={colour}:s={wide}x{high}:r=100",
    ]
    command += ["-vf", f"trim=start={at_ms / 1000},ass=timing.ass,format=rgb24"]
    command += ["-frames:v", "1", "-f", "rawvideo", "-"]
    result = subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return np.frombuffer(result.stdout, np.uint8).reshape(high, wide, 3)


def rows_and_columns(picture: Picture) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Where something is drawn on the background, text or its edge."""
    inked = (np.abs(picture.astype(int) - np.array(BACKGROUND)) > 12).any(axis=2)
    return np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))


def count(picture: Picture, colour: tuple[int, int, int]) -> int:
    return int((np.abs(picture.astype(int) - colour) < 24).all(axis=2).sum())


@pytest.mark.parametrize("frame", [(1080, 1920), (1920, 1080)])
@pytest.mark.parametrize("preset", PRESETS)
def test_each_preset_stays_inside_the_margins(
    preset: str, frame: tuple[int, int], tmp_path: Path
) -> None:
    rules = PRESETS[preset]
    style = style_for("karaoke" if preset == "karaoke" else "bold", frame, rules.max_chars_per_line)
    captions = captions_of(WORDS, rules, style)
    rows, columns = rows_and_columns(drawn(captions, tmp_path, 200))
    wide, high = frame
    edge = style.outline + 1
    assert style.margins.left - edge <= columns[0]
    assert columns[-1] <= wide - style.margins.right + edge
    assert high // 2 < rows[0]
    assert rows[-1] <= high - style.margins.vertical + edge
    assert rows[-1] - rows[0] < 1.5 * rules.max_lines * style.size


@pytest.mark.parametrize("style", STYLES)
def test_each_style_is_drawn_in_its_colours(style: str, tmp_path: Path) -> None:
    captions = captions_of(WORDS, PRESETS["social"], STYLES[style])
    picture = drawn(captions, tmp_path, 600)
    assert count(picture, (255, 255, 255)) > 500
    lit = count(picture, (0xFF, 0xDD, 0x00))
    assert lit > 500 if style in {"karaoke", "active", "pop", "underline"} else lit == 0
    rows, columns = rows_and_columns(picture)
    inside = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    background = 3 * count(inside, BACKGROUND) / inside.size
    assert background < 0.02 if style == "box" else background > 0.2


@pytest.mark.parametrize("position", POSITIONS)
def test_each_position(position: str, tmp_path: Path) -> None:
    style = SubtitleStyle(position=position)
    picture = drawn(captions_of(WORDS, PRESETS["word"], style), tmp_path, 100)
    rows, columns = rows_and_columns(picture)
    middle = (rows[0] + rows[-1]) / 2 / 1920
    height, _, side = position.partition("_")
    low, high = {"top": (0.25, 0.4), "middle": (0.45, 0.55), "bottom": (0.6, 0.75)}[height]
    assert low < middle < high
    left, right = style.margins.left, 1080 - style.margins.right
    edge = round(style.outline) + 8
    if side == "left":
        assert abs(columns[0] - left) < edge
    elif side == "right":
        assert abs(columns[-1] - right) < edge
    else:
        assert abs((columns[0] + columns[-1]) - (left + right)) < edge


def test_words_light_up_one_after_the_other_and_none_moves(tmp_path: Path) -> None:
    captions = captions_of(WORDS[:4], PRESETS["standard"], style_for("karaoke", (1920, 1080)))
    lit, places = [], []
    for at_ms in (10, 350, 750, 1150):
        picture = drawn(captions, tmp_path, at_ms)
        lit.append(count(picture, (0xFF, 0xDD, 0x00)))
        rows, columns = rows_and_columns(picture)
        places.append((rows[0], rows[-1], columns[0], columns[-1]))
    assert lit == sorted(lit)
    assert lit[0] < lit[1] < lit[2] < lit[3]
    assert len(set(places)) == 1


def test_a_right_to_left_line_ends_at_its_left(tmp_path: Path) -> None:
    """The Latin first word of a Hebrew line stands at its right end, the full stop at its left."""
    style = SubtitleStyle(font="DejaVu Sans", outline=0)
    lines = PRESETS["standard"]
    whole = drawn(captions_of(["ABC", "שלום", "לכולם."], lines, style), tmp_path, 100)
    without = drawn(captions_of(["III", "שלום", "לכולם."], lines, style), tmp_path, 100)
    _, columns = rows_and_columns(whole)
    changed = np.flatnonzero((whole != without).any(axis=(0, 2)))
    middle = (columns[0] + columns[-1]) / 2
    right = np.flatnonzero((whole[:, int(middle) :] != without[:, int(middle) :]).any(axis=(0, 2)))
    assert len(right) > len(changed) / 2
    rows, _ = rows_and_columns(whole)
    left_end = whole[:, columns[0] : columns[0] + 8]
    dot, _ = rows_and_columns(left_end)
    assert dot[0] > (rows[0] + rows[-1]) / 2


def test_in_a_right_to_left_line_words_light_up_from_the_right(tmp_path: Path) -> None:
    style = SubtitleStyle(font="DejaVu Sans", effect="karaoke")
    captions = captions_of(["שלום", "לכולם"], PRESETS["standard"], style)
    picture = drawn(captions, tmp_path, 200)
    yellow = np.flatnonzero(
        (np.abs(picture.astype(int) - (0xFF, 0xDD, 0x00)) < 24).all(axis=2).any(axis=0)
    )
    white = np.flatnonzero(
        (np.abs(picture.astype(int) - (255, 255, 255)) < 24).all(axis=2).any(axis=0)
    )
    assert yellow.min() > white.max()


def test_in_a_right_to_left_line_each_colour_has_its_own_opacity(tmp_path: Path) -> None:
    faint = SubtitleStyle(
        font="DejaVu Sans", effect="karaoke", outline=0, primary_colour="#FFFFFF80"
    )
    captions = captions_of(["שלום", "לכולם"], PRESETS["standard"], faint)
    picture = drawn(captions, tmp_path, 200)
    assert count(picture, (255, 255, 255)) == 0
    assert count(picture, (0x90, 0x98, 0xA0)) > 200
    assert count(picture, (0xFF, 0xDD, 0x00)) > 200
