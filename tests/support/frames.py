"""Pictures of captions as ffmpeg and libass burn them onto a plain background."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from timing.formats import FORMATS
from timing.subtitles.captions import Captions

Picture = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
BACKGROUND = (32, 48, 64)


def burn(captions: Captions, folder: Path, moments_ms: Sequence[int]) -> list[Picture]:
    """The frames at some moments, each of shape (height, width, 3): red, green, blue.

    The numbers of one colour lie side by side in memory: numpy compares them many times quicker.
    """
    (folder / "a.ass").write_bytes(FORMATS["ass"].render(captions))
    wide, high = captions.style.resolution
    source = f"color=c=0x{bytes(BACKGROUND).hex()}:s={wide}x{high}:r=1000"
    # Only the frames that are looked at are made: the n-th frame gets the n-th moment as its time.
    times = "+".join(f"{ms}*eq(N,{n})" for n, ms in enumerate(moments_ms))
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source]
    command += ["-vf", f"format=rgb24,setpts='({times})/1000/TB',ass=a.ass"]
    command += ["-frames:v", str(len(moments_ms)), "-fps_mode", "passthrough"]
    command += ["-f", "rawvideo", "-pix_fmt", "gbrp", "-"]
    raw = subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout
    frames = np.frombuffer(raw, np.uint8).reshape(len(moments_ms), 3, high, wide)
    return [planes[[2, 0, 1]].transpose(1, 2, 0) for planes in frames]


def near(picture: Picture, colour: tuple[int, int, int], tolerance: int = 24) -> Mask:
    """The pixels of a colour, shape (height, width)."""
    found = np.ones(picture.shape[:2], np.bool_)
    for channel, value in enumerate(colour):
        plane = picture[:, :, channel]
        found &= (plane >= max(0, value - tolerance)) & (plane <= min(255, value + tolerance))
    return found


def changed(one: Picture, other: Picture) -> Mask:
    """The pixels that differ between two pictures, shape (height, width)."""
    found = np.zeros(one.shape[:2], np.bool_)
    for channel in range(one.shape[2]):
        found |= one[:, :, channel] != other[:, :, channel]
    return found


def inked(picture: Picture, tolerance: int = 12) -> Mask:
    """The pixels that are not the background's."""
    return ~near(picture, BACKGROUND, tolerance)


def bounds(mask: Mask) -> tuple[int, int, int, int]:
    """The first and last row and the first and last column of a mask."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


def grown(mask: Mask, pixels: int) -> Mask:
    """The box around a mask, wider by some pixels on all sides."""
    top, bottom, left, right = bounds(mask)
    found = np.zeros_like(mask)
    found[
        max(0, top - pixels) : bottom + pixels + 1, max(0, left - pixels) : right + pixels + 1
    ] = 1
    return found
