#!/usr/bin/env python3
"""Draws docs/icon.png for RunPod's Hub: a sound wave above two lines of a caption.

scripts/icon.py OUT.png

Needs Pillow (the environment `dev`).
"""

import sys

from PIL import Image, ImageDraw

SIZE = 512
PAPER, SOUND, SPOKEN, COMING = "#1d2733", "#ffd166", "#ffffff", "#8a97a6"
BARS = (60, 130, 220, 110, 260, 170, 80, 200, 120, 50)


def draw(path: str) -> None:
    """Write the icon."""
    icon = Image.new("RGB", (SIZE, SIZE), PAPER)
    pen = ImageDraw.Draw(icon)
    for number, height in enumerate(BARS):
        left = 56 + 41 * number
        pen.rounded_rectangle((left, 190 - height / 2, left + 25, 190 + height / 2), 12, SOUND)
    pen.rounded_rectangle((56, 370, 300, 398), 14, SPOKEN)
    pen.rounded_rectangle((320, 370, 456, 398), 14, COMING)
    pen.rounded_rectangle((116, 424, 396, 452), 14, COMING)
    icon.save(path, optimize=True)


if __name__ == "__main__":
    draw(sys.argv[1])
