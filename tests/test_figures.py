"""The README's figures, drawn of a speech as scripts/frames draws them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image, ImageColor

from tests.support.loop import Loop
from tests.test_examples import EXAMPLES, run

FIGURES = Path(__file__).resolve().parent.parent / "scripts" / "figures.py"
SCRIPT = "Here are two boats. [mark:dawn] This one leaves. [mark:noon] And this one stays."
SOUND, MARKED = "#457b9d", "#c2410c"
EDGE_PX, WIDTH_PX = 24, 1200


def draw(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, FIGURES, *arguments], capture_output=True, text=True, check=False
    )


def coloured(picture: Path, colour: str) -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]":
    """Where a picture has a colour, shape (height, width)."""
    shown = np.asarray(Image.open(picture).convert("RGB")).astype(int)
    # A figure has few colours, so each is only near to the one that was drawn.
    return np.asarray(np.abs(shown - ImageColor.getrgb(colour)).max(axis=2) < 40)


@pytest.mark.needs("ffmpeg")
@pytest.mark.needs("curl")
@pytest.mark.needs("jq")
def test_scenes_show_a_frame_for_each_mark_at_its_time(
    loop_worker: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMATS", "ffconcat")
    spoken = run(loop_worker.server, tmp_path, [EXAMPLES / "speak.sh", SCRIPT])
    assert spoken.returncode == 0, spoken.stderr
    name = next(tmp_path.glob("*.wav")).with_suffix("")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    assert draw("pictures", pictures).returncode == 0
    video = run(loop_worker.server, tmp_path, [EXAMPLES / "scenes.sh", name.name, pictures])
    assert video.returncode == 0, video.stderr
    drawn = draw("scenes", SCRIPT, name, tmp_path / "scenes.png")
    assert drawn.returncode == 0, drawn.stderr

    # A line over the whole wave stands where each scene with a mark begins.
    lines = coloured(tmp_path / "scenes.png", MARKED).sum(axis=0) > 60
    seconds = soundfile.info(f"{name}.wav").duration
    durations = [
        float(line.split()[1])
        for line in name.with_suffix(".ffconcat").read_text().splitlines()
        if line.startswith("duration")
    ]
    scale = (WIDTH_PX - 2 * EDGE_PX) / seconds
    for start_s in np.cumsum(durations)[:2]:
        x = round(EDGE_PX + start_s * scale)
        assert lines[x - 2 : x + 3].any()
    assert np.count_nonzero(np.diff(lines.astype(int)) == 1) == 2
    # The frames are the pictures of their scenes: the sky at noon is blue, at dawn orange.
    frame_px = (WIDTH_PX - 2 * EDGE_PX - 24) // 3
    sheet = np.asarray(Image.open(tmp_path / "scenes.png").convert("RGB")).astype(int)
    for number, warm in {1: True, 2: False}.items():
        red, _, blue = sheet[100, EDGE_PX + number * (frame_px + 12) + 20]
        assert (red > blue) == warm


def test_dub_shows_the_sound_below_its_cues(tmp_path: Path) -> None:
    rate = 8000
    samples = np.zeros(4 * rate, np.float32)
    for start_s in (1, 3):
        samples[start_s * rate : start_s * rate + rate // 2] = 0.5
    soundfile.write(tmp_path / "film.wav", samples, rate)
    (tmp_path / "film.srt").write_text(
        "1\n00:00:01,000 --> 00:00:02,000\nOne.\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo.\n"
    )
    drawn = draw("dub", tmp_path / "film.srt", tmp_path / "film.wav", tmp_path / "dub.png")
    assert drawn.returncode == 0, drawn.stderr
    scale = (WIDTH_PX - 2 * EDGE_PX) / 4
    lines = np.flatnonzero(coloured(tmp_path / "dub.png", MARKED).sum(axis=0) > 60)
    loud = coloured(tmp_path / "dub.png", SOUND).sum(axis=0) > 20
    for start_s in (1, 3):
        x = round(EDGE_PX + start_s * scale)
        assert np.abs(lines - x).min() <= 1
        assert not loud[x - 40 : x - 3].any()
        assert loud[x + 3 : x + 100].all()


def test_wrong_arguments_show_how_it_is_called() -> None:
    shown = draw("scenes")
    assert shown.returncode == 2
    assert "scripts/figures.py dub FILE.srt FILE.wav OUT.png" in shown.stderr
