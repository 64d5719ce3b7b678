"""Each preset burnt onto both frames by ffmpeg and libass, and looked at, pixel by pixel."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.schema.subtitles import Subtitles
from timing.formats import FORMATS
from timing.subtitles.captions import AudioSource, Captions, caption
from timing.words import TimedWord, Timing
from tts.text.script import read_script

pytestmark = [pytest.mark.needs("ffmpeg"), pytest.mark.slow]
Picture = npt.NDArray[np.int32]
BACKGROUND = (32, 48, 64)
WORD_MS = 400
LONGEST = "Donaudampfschifffahrtsgesellschaftskapitän"
TEXTS = {
    "words": "Nobody saw the old red boat that left the harbour before dawn.",
    "longest": f"The {LONGEST} waved.",
    "wide": "Wide MMMMMMMM WWWWWWWW MMMMMMMM WWWWWWWW waves.",
}


def captions(text: str, preset: str, resolution: str, **fields: Any) -> Captions:
    """The text with a word every WORD_MS. `fields` are more ones of `subtitles`."""
    script = read_script(text)
    words = tuple(
        TimedWord(
            word=word.text,
            start_ms=WORD_MS * index,
            end_ms=WORD_MS * (index + 1) - 40,
            confidence=1.0,
            source="whisperx",
            is_heard=True,
            spoken=word.text,
            chunk=0,
        )
        for index, word in enumerate(script.words)
    )
    asked = Subtitles.model_validate({"preset": preset, "resolution": resolution, **fields})
    return caption(
        script, Timing(words, "whisperx", 1.0, ()), job_id="looks",
        duration_ms=WORD_MS * len(words), language="en",
        generated_at=datetime(2026, 1, 1, tzinfo=UTC), audio=AudioSource("", ""),
        rules=asked.rules(), style=asked.rendering_style(),
    )  # fmt: skip


def frames(made: Captions, folder: Path, resolution: str, moments_ms: list[int]) -> list[Picture]:
    """FFmpeg's pictures of the captions at some moments, each of shape (height, width, 3)."""
    (folder / "a.ass").write_bytes(FORMATS["ass"].render(made))
    width, height = map(int, resolution.split("x"))
    colour = "0x" + "".join(f"{part:02x}" for part in BACKGROUND)
    seconds = made.duration_ms / 1000
    found = []
    for moment in moments_ms:
        command = [
            "ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i",
            f"color=c={colour}:s={resolution}:r=25:d={seconds}", "-vf",
            f"format=rgb24,ass=a.ass,select='gte(t,{moment / 1000})'", "-frames:v", "1",
            "-f", "rawvideo", "-pix_fmt", "rgb24", "-",
        ]  # fmt: skip
        raw = subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout
        found.append(np.frombuffer(raw, np.uint8).reshape(height, width, 3).astype(np.int32))
    return found


def drawn_pixels(picture: Picture) -> npt.NDArray[np.bool_]:
    """A mask of the pixels that differ from the background, shape (height, width)."""
    corner = picture[0, 0]
    found: npt.NDArray[np.bool_] = np.abs(picture - corner).max(axis=2) > 60
    return found


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("preset", ["word", "standard", "social", "karaoke"])
@pytest.mark.parametrize("resolution", ["1080x1920", "1920x1080"])
def test_the_text_stays_in_the_safe_area(
    resolution: str, preset: str, text: str, tmp_path: Path
) -> None:
    made = captions(TEXTS[text], preset, resolution)
    moments = [(cue.start_ms + cue.end_ms) // 2 for cue in made.cues[:3]]
    style = made.style
    for picture in frames(made, tmp_path, resolution, moments):
        rows, columns = np.nonzero(drawn_pixels(picture))
        assert len(rows) > 300
        height, width = picture.shape[:2]
        slack = 12  # outline and shadow
        assert columns.min() >= style.margins.left - slack
        assert columns.max() <= width - style.margins.right + slack
        assert rows.max() <= height - style.margins.vertical + slack
        assert rows.min() > height // 3


def extents(mask: npt.NDArray[np.bool_], words: int) -> list[tuple[int, int]]:
    """First and last column of each word of a line; the widest gaps are taken as the spaces."""
    columns = np.flatnonzero(mask.any(axis=0))
    widest = np.sort(np.argsort(np.diff(columns))[::-1][: words - 1])
    starts = [columns[0], *(columns[gap + 1] for gap in widest)]
    ends = [*(columns[gap] for gap in widest), columns[-1]]
    return [(int(a), int(b)) for a, b in zip(starts, ends, strict=True)]


@pytest.mark.parametrize("resolution", ["1080x1920", "1920x1080"])
def test_the_lit_word_is_the_one_that_is_spoken(resolution: str, tmp_path: Path) -> None:
    made = captions("Nobody saw the boat.", "karaoke", resolution)
    count = len(made.words)
    assert len(made.cues) == 1
    middles = [(word.start_ms + word.end_ms) // 2 for word in made.words]
    pictures = frames(made, tmp_path, resolution, middles)
    places = extents(drawn_pixels(pictures[0]), count)
    for index, picture in enumerate(pictures):
        red, green, blue = (picture[:, :, channel] for channel in range(3))
        lit = (red > 200) & (green > 160) & (blue < 90)
        white = (red > 200) & (green > 200) & (blue > 200)
        shares = []
        for first, last in places:
            yellow = np.count_nonzero(lit[:, first : last + 1])
            shares.append(yellow / (yellow + np.count_nonzero(white[:, first : last + 1])))
        assert all(share > 0.9 for share in shares[:index]), shares
        assert 0.2 < shares[index] < 0.8, shares
        assert all(share < 0.05 for share in shares[index + 1 :]), shares


@pytest.mark.parametrize("resolution", ["1080x1920", "1920x1080"])
def test_a_line_of_42_characters_fits(resolution: str, tmp_path: Path) -> None:
    text = "Wholly unremarkable sentences are measured"
    assert len(text) == 42
    made = captions(text, "standard", resolution, max_chars_per_line=42)
    (picture,) = frames(made, tmp_path, resolution, [made.cues[0].start_ms + 200])
    rows, columns = np.nonzero(drawn_pixels(picture))
    assert rows.max() - rows.min() < 1.5 * made.style.size
    assert columns.min() >= made.style.margins.left
    assert columns.max() <= made.style.resolution[0] - made.style.margins.right


@pytest.mark.parametrize("resolution", ["1080x1920", "1080x1080", "1080x1350", "720x1280"])
def test_standard_is_readable_on_a_phone(resolution: str, tmp_path: Path) -> None:
    """A phone shows each of these frames over its width, and an x is as high as 2.8 % of that."""
    made = captions("saw zoom was near us soon", "standard", resolution)
    (picture,) = frames(made, tmp_path, resolution, [made.cues[0].start_ms + 200])
    rows, _ = np.nonzero(drawn_pixels(picture))
    assert rows.max() - rows.min() > 0.028 * picture.shape[1]


def test_lines_are_shorter_only_where_they_would_be_too_small() -> None:
    def columns(resolution: str, drawn: bool = True, **fields: Any) -> int:
        asked = Subtitles.model_validate({"resolution": resolution, **fields})
        return asked.rules(drawn).max_chars_per_line

    assert columns("1080x1920", preset="standard") == columns("540x960", preset="standard") == 26
    assert columns("1080x1080", preset="standard") == 29
    assert columns("1920x1080", preset="standard") == columns("1440x1080", preset="standard") == 42
    assert columns("1080x1920", preset="standard", max_chars_per_line=42) == 42
    assert columns("1080x1920", preset="standard", drawn=False) == 42
    assert columns("1080x1920", preset="standard", size=40) == 38
    assert columns("1080x1920", preset="social") == columns("1080x1920", preset="karaoke") == 20
