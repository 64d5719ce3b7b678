"""The canvas of the studio's page against libass: the same captions at the same moments.

The browser draws what `studio.drawing` says, FFmpeg burns the ASS file of the same captions.
"""

import base64
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from selenium.webdriver import Chrome

from studio.core import Studio
from studio.drawing import drawing
from tests.support import studio as support
from tests.support.browser import browsing
from tests.support.frames import BACKGROUND, Mask, Picture, bounds, burn, inked, near
from tests.test_looks import captions
from timing.subtitles.captions import Captions
from timing.subtitles.fonts import shipped
from worker.state import Worker

pytestmark = [*map(pytest.mark.needs, ("ffmpeg", "chromium", "chromedriver")), pytest.mark.slow]

ENGLISH = "Nobody saw the old red boat that left AV Today before dawn."
HEBREW = "שלום לכולם, זה (ABC) 12 הים."
PIXELS = 3
"""How far an edge may be from that of libass."""

DRAW = """
const [captions, moments, background, done] = arguments;
(async () => {
  const { Painter } = await import("/page/captions.js");
  const { faceOf } = await import("/page/fonts.js");
  const painter = new Painter(captions, await faceOf(captions.font));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [captions.width, captions.height];
  const context = canvas.getContext("2d");
  const pictures = moments.map((ms) => {
    context.fillStyle = `rgb(${background})`;
    context.fillRect(0, 0, canvas.width, canvas.height);
    painter.paint(context, ms);
    return canvas.toDataURL();
  });
  done(pictures);
})().catch((error) => done(String(error)));
"""


@pytest.fixture(scope="module")
def browser(worker: Worker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A browser that may import the modules of the page."""
    with (
        support.serving(Studio(worker)) as site,
        browsing(tmp_path_factory.mktemp("profile")) as driver,
    ):
        driver.get(f"{site.url}/page/captions.js")
        yield driver


def drawn(
    browser: Chrome, made: Captions, font_url: str | None, moments_ms: list[int]
) -> list[Picture]:
    """The canvas at some moments, each of shape (height, width, 3)."""
    answer: Any = browser.execute_async_script(
        DRAW, drawing(made, font_url), moments_ms, list(BACKGROUND)
    )
    assert isinstance(answer, list), answer
    files = [base64.b64decode(url.partition(",")[2]) for url in answer]
    return [np.array(Image.open(io.BytesIO(file)).convert("RGB")) for file in files]


def assert_alike(one: Mask, other: Mask, what: str, pixels: int = PIXELS) -> None:
    """The two masks begin and end at the same places and have about as many pixels."""
    assert one.any() == other.any(), what
    if one.any():
        off = [b - a for a, b in zip(bounds(one), bounds(other), strict=True)]
        assert max(map(abs, off)) <= pixels, (what, off)
        assert 0.8 < np.count_nonzero(other) / np.count_nonzero(one) < 1.25, what


def compare(browser: Chrome, made: Captions, font_url: str | None, folder: Path) -> None:
    """Compare ink, letters and lit word at the middle of each word of the longest cue."""
    style = made.style
    cue = max(made.cues, key=lambda cue: sum(map(len, cue.texts)))
    units = [unit for line in cue.lines for unit in line]
    moments = [10 * round((unit.start_ms + unit.end_ms) / 20) for unit in units]
    if style.effect == "pop":
        moments.append(10 * round(units[0].start_ms / 10) + 20)
    # A colour that moves over the word ends with its letters: a pixel more may be a letter more.
    sweeps = style.effect == "karaoke"
    within = style.resolution[1] // 100 if sweeps else PIXELS
    canvas = drawn(browser, made, font_url, moments)
    for ms, mine, burnt in zip(moments, canvas, burn(made, folder, moments), strict=True):
        assert_alike(inked(burnt), inked(mine), f"ink at {ms} ms")
        for name in ("primary_colour", "highlight_colour"):
            red, green, blue = bytes.fromhex(getattr(style, name)[1:7])
            masks = [near(picture, (red, green, blue)) for picture in (burnt, mine)]
            assert_alike(masks[0], masks[1], f"{name} at {ms} ms", within)


@pytest.mark.parametrize("resolution", ["1080x1920", "1920x1080"])
@pytest.mark.parametrize(
    ("preset", "fields"),
    [
        ("word", {}),
        ("karaoke", {}),
        ("standard", {"style": "box"}),
        ("social", {"style": "active", "upcoming_colour": "#88CCFF", "past_colour": "#AAAAAA"}),
        ("standard", {"style": "box_word"}),
        ("social", {"style": "pop"}),
        ("social", {"style": "reveal", "position": "top_left"}),
        ("social", {"style": "clean", "position": "middle_right", "letter_spacing": 6}),
        ("social", {"style": "karaoke", "size": 110, "primary_colour": "#FFEEDD"}),
    ],
    ids=lambda value: value if isinstance(value, str) else value.get("style", "plain"),
)
def test_the_canvas_is_what_libass_burns(
    preset: str, fields: dict[str, Any], resolution: str, browser: Chrome, tmp_path: Path
) -> None:
    compare(browser, captions(ENGLISH, preset, resolution, **fields), None, tmp_path)


@pytest.mark.parametrize("resolution", ["1080x1920", "1920x1080"])
@pytest.mark.parametrize("style", ["karaoke", "active", "box_word", "underline"])
@pytest.mark.parametrize("font", ["Montserrat", "Anton", "Bebas Neue"])
def test_fonts_of_the_worker_are_as_large_as_in_the_file(
    font: str, style: str, resolution: str, browser: Chrome, tmp_path: Path
) -> None:
    made = captions(ENGLISH, "social", resolution, style=style)
    face = shipped(font, bold=True)
    made = replace(made, style=replace(made.style, font=font, face=face, bold=face.is_bold))
    compare(browser, made, f"/fonts/{font}", tmp_path)


@pytest.mark.parametrize("resolution", ["1080x1920", "1920x1080"])
@pytest.mark.parametrize("style", ["bold", "karaoke", "active", "box_word"])
def test_hebrew_stands_in_the_order_of_the_screen(
    style: str, resolution: str, browser: Chrome, tmp_path: Path
) -> None:
    compare(browser, captions(HEBREW, "standard", resolution, style=style), None, tmp_path)


@pytest.mark.parametrize("text", ["今日天気", "오늘날씨", "ひらがな"])
def test_letters_of_east_asia_are_as_large_in_each_font(text: str, browser: Chrome) -> None:
    """No font of the worker has them, so the machine's own is drawn, at the size of the style.

    This holds for the boxes, too, that a machine without such a font draws in their place. With
    Noto Sans CJK the canvas is what libass burns.
    """
    made = captions(text, "standard", "1920x1080", style="bold")
    face = shipped("Montserrat", bold=True)
    other = replace(made, style=replace(made.style, font="Montserrat", face=face, bold=True))
    canvases = (
        drawn(browser, made, None, [100])[0],
        drawn(browser, other, "/fonts/Montserrat", [100])[0],
    )
    widths = [right - left for _, _, left, right in (bounds(inked(one)) for one in canvases)]
    assert widths[0] == pytest.approx(widths[1], abs=PIXELS)
    # Four letters of an em each, which is 1/1.448 of the size; a box may be narrower.
    size = drawing(made, None)["cues"][0]["size"]
    assert 2 * size / 1.448 < widths[0] < 4.5 * size / 1.448
