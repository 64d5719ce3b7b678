#!/usr/bin/env python3
"""Draws the README's figures of scenes and of dub; scripts/frames calls it with real output.

scripts/figures.py pictures FOLDER              the pictures that the video of the scenes is made of
scripts/figures.py scenes SCRIPT NAME OUT.png   NAME.wav, NAME.ffconcat and NAME.mp4 of one speech
scripts/figures.py dub FILE.srt FILE.wav OUT.png

Needs Pillow, pysubs2 and soundfile (the environment `dev`), and ffmpeg for the frames of a video.
"""

import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pysubs2
import soundfile
from PIL import Image, ImageDraw, ImageFont

WIDTH = 1200
EDGE = 24
PAPER, INK, FAINT, MARKED, SOUND = "#ffffff", "#1d2733", "#8a97a6", "#c2410c", "#457b9d"
CUE = "#e3ecf3"
SCENE = (640, 360)
SKIES = {
    "start": ("#0b1026", "#27304f"),
    "dawn": ("#f6a561", "#fde3b4"),
    "noon": ("#4aa3df", "#cfeaf9"),
    "night": ("#05070f", "#141c3a"),
}
SUNS = {"dawn": (170, 225, "#fff3d0"), "noon": (400, 70, "#fffbe6"), "night": (510, 80, "#e8ecf5")}
ENTRY = re.compile(r"^file (\S+)\nduration (\S+)$", re.MULTILINE)
TAG = re.compile(r"(\[mark:[\w.-]+\])")

Samples = npt.NDArray[np.float32]


def pictures(folder: Path) -> None:
    """A harbour at four times of the day, one picture for each scene."""
    for name, (top, bottom) in SKIES.items():
        sky = Image.linear_gradient("L").resize(SCENE)
        picture = Image.composite(
            Image.new("RGB", SCENE, bottom), Image.new("RGB", SCENE, top), sky
        )
        pen = ImageDraw.Draw(picture)
        if name in SUNS:
            x, y, colour = SUNS[name]
            pen.ellipse((x - 34, y - 34, x + 34, y + 34), colour)
        dark = name in ("start", "night")
        pen.rectangle((0, 250, *SCENE), "#10203a" if dark else "#2f6690")
        for number, height in enumerate((90, 130, 70, 110, 150, 80)):
            left = 330 + 50 * number
            pen.rectangle((left, 250 - height, left + 44, 250), "#1b2233" if dark else "#6b5b53")
            for row in range(height // 30):
                y = 260 - height + 30 * row
                window = "#ffd166" if name == "night" else "#0f1420" if dark else "#d8e7ef"
                for x in (left + 8, left + 26):
                    pen.rectangle((x, y, x + 10, y + 12), window)
        pen.polygon([(70, 265), (270, 265), (245, 300), (95, 300)], "#b23a48")
        pen.rectangle((120, 235, 220, 265), "#f1faee" if not dark else "#8d99ae")
        picture.save(folder / f"{name}.png")


def scenes(script: str, name: Path, out: Path) -> None:
    """The script, a frame of the video for each scene, and the marks on the sound.

    Args:
        script: the text as it was sent, with its `[mark:...]` tags.
        name: the common path of the speech's .wav and .ffconcat and of the video, .mp4.
        out: the PNG to write.
    """
    samples, rate = soundfile.read(f"{name}.wav", dtype="float32")
    entries = ENTRY.findall(Path(f"{name}.ffconcat").read_text())
    starts_s = np.cumsum([0.0, *(float(seconds) for _, seconds in entries)])[: len(entries)]
    labels = [Path(file.strip("'")).stem for file, _ in entries]
    gap = 12
    wide = (WIDTH - 2 * EDGE - gap * (len(entries) - 1)) // len(entries)
    frames = [_frame(Path(f"{name}.mp4"), start + 0.2, wide) for start in starts_s]
    script_end = _script(ImageDraw.Draw(Image.new("RGB", (1, 1))), script, 20)
    high = frames[0].height
    sheet = Image.new("RGB", (WIDTH, script_end + high + 210), PAPER)
    pen = ImageDraw.Draw(sheet)
    _script(pen, script, 20)
    top = script_end + 16
    sound_top = top + high + 72
    at = _axis(pen, len(samples) / rate, sound_top + 84)
    _wave(pen, samples, rate, at, sound_top + 40, 36)
    for number, (frame, start, label) in enumerate(zip(frames, starts_s, labels, strict=True)):
        left = EDGE + number * (wide + gap)
        sheet.paste(frame, (left, top))
        colour = FAINT if label == "start" else MARKED
        pen.text((left, top + high + 6), f"{start:.2f} s  {label}.png", colour, _font(17))
        middle = left + wide // 2
        pen.line([(middle, top + high + 32), (at(start), sound_top - 6)], colour, 2)
        pen.line([(at(start), sound_top - 6), (at(start), sound_top + 84)], colour, 2)
    _save(sheet, out)


def dub(subtitles: Path, sound: Path, out: Path) -> None:
    """The cues of a subtitle file, and below them the speech on the same times.

    Args:
        subtitles: the file that was sent, SRT or WebVTT.
        sound: the audio of the reply.
        out: the PNG to write.
    """
    cues = pysubs2.load(str(subtitles))
    samples, rate = soundfile.read(sound, dtype="float32")
    sheet = Image.new("RGB", (WIDTH, 330), PAPER)
    pen = ImageDraw.Draw(sheet)
    last_s = max([len(samples) / rate, *(cue.end / 1000 for cue in cues)])
    at = _axis(pen, last_s, 290)
    pen.text((EDGE, 14), f"{subtitles.name}: the times that are asked for", INK, _font(19))
    for cue in cues:
        left, right = at(cue.start / 1000), at(cue.end / 1000)
        pen.rounded_rectangle((left, 46, right, 138), 6, CUE)
        pen.line([(left, 46), (left, 290)], MARKED, 2)
        pen.text((left + 8, 52), f"{cue.start / 1000:.2f} s", MARKED, _font(15))
        words = _wrapped(pen, cue.plaintext.split(), right - left - 14, 16)
        pen.multiline_text((left + 8, 74), "\n".join(words), INK, _font(16), spacing=3)
    speech = f"{sound.name}: the speech of the reply"
    # Over the lines of the cues, so that none crosses the letters.
    pen.rectangle(pen.textbbox((EDGE, 158), speech, _font(19)), PAPER)
    pen.text((EDGE, 158), speech, INK, _font(19))
    _wave(pen, samples, rate, at, 238, 44)
    _save(sheet, out)


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _frame(video: Path, second: float, width: int) -> Image.Image:
    """What a video shows at a second, scaled to a width in pixels."""
    command = ["ffmpeg", "-loglevel", "error", "-ss", f"{second:.3f}", "-i", str(video),
               "-frames:v", "1", "-vf", f"scale={width}:-1", "-c:v", "png",
               "-f", "image2pipe", "-"]  # fmt: skip
    shown = subprocess.run(command, capture_output=True, check=True).stdout
    return Image.open(io.BytesIO(shown)).convert("RGB")


def _script(pen: ImageDraw.ImageDraw, script: str, size: int) -> int:
    """Writes the script in lines, its marks in their colour; returns where it ends, in pixels."""
    font, x, y = _font(size), float(EDGE), EDGE
    for piece in TAG.split(script):
        colour = MARKED if TAG.fullmatch(piece) else INK
        for word in piece.split():
            wide = pen.textlength(word + " ", font)
            if x + wide > WIDTH - EDGE:
                x, y = float(EDGE), y + round(1.5 * size)
            pen.text((x, y), word, colour, font)
            x += wide
    return y + round(1.5 * size)


def _wrapped(pen: ImageDraw.ImageDraw, words: list[str], width: float, size: int) -> list[str]:
    """Words in lines of up to a width in pixels."""
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and pen.textlength(longer, _font(size)) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _axis(pen: ImageDraw.ImageDraw, seconds: float, y: int) -> Callable[[float], float]:
    """Draws the seconds at a height; returns where a time in seconds is, in pixels."""
    scale = (WIDTH - 2 * EDGE) / seconds

    def at(second: float) -> float:
        return EDGE + second * scale

    pen.line([(EDGE, y), (WIDTH - EDGE, y)], FAINT, 1)
    for second in range(int(seconds) + 1):
        pen.line([(at(second), y), (at(second), y + 5)], FAINT, 1)
        pen.text((at(second), y + 8), f"{second} s", FAINT, _font(14), "la" if not second else "ma")
    return at


def _wave(
    pen: ImageDraw.ImageDraw,
    samples: Samples,
    rate: int,
    at: Callable[[float], float],
    y: int,
    half: int,
) -> None:
    """Draws the largest sample of each column of pixels, `half` pixels high at full volume."""
    columns = max(1, round(at(len(samples) / rate) - EDGE))
    first = np.arange(columns) * len(samples) // columns
    peaks = np.maximum.reduceat(np.abs(samples), first)
    heights = half * peaks / max(float(peaks.max()), 1e-3)
    for number, height in enumerate(heights):
        pen.line([(EDGE + number, y - height), (EDGE + number, y + height)], SOUND, 1)


def _save(sheet: Image.Image, out: Path) -> None:
    sheet.quantize(128).save(out, optimize=True)


def main(arguments: list[str]) -> int:
    """Draw what the arguments say; returns the exit status."""
    match arguments:
        case ["pictures", folder]:
            pictures(Path(folder))
        case ["scenes", script, name, out]:
            scenes(script, Path(name), Path(out))
        case ["dub", subtitles, sound, out]:
            dub(Path(subtitles), Path(sound), Path(out))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
