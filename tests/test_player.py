"""The player of a timing page in a real browser: its waveform, keys, marks and looks."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from settings import Settings
from tests.support import handling, ranges
from tests.support.browser import browsing
from tests.support.seaweed import Seaweed
from tests.timing.formats.test_formats import sample
from timing.formats import htmlpage
from timing.subtitles.captions import AudioSource, Captions
from worker.build import build

pytestmark = [pytest.mark.needs("chromedriver"), pytest.mark.slow]
TEXT = "Nobody saw the old red boat."
CORS = ("access-control-allow-origin", "access-control-allow-credentials")

# The columns of device pixels in which the topmost row of the waveform has the colour of a border.
BORDERS = """
const canvas = document.querySelector("canvas"), look = getComputedStyle(canvas);
const paper = document.createElement("canvas").getContext("2d");
paper.fillStyle = look.getPropertyValue("--player-line");
paper.fillRect(0, 0, 1, 1);
const wanted = paper.getImageData(0, 0, 1, 1).data.join();
const row = canvas.getContext("2d").getImageData(0, 1, canvas.width, 1).data;
return [...Array(canvas.width).keys()].filter(
  (x) => row.slice(4 * x, 4 * x + 4).join() === wanted
);
"""

# The contrast, as WCAG 2 defines it, of a custom property's colour to that of the page.
CONTRAST = """
const look = getComputedStyle(document.querySelector(".player"));
const paper = document.createElement("canvas").getContext("2d");
const luminance = (name) => {
  paper.fillStyle = look.getPropertyValue(name);
  paper.fillRect(0, 0, 1, 1);
  const [r, g, b] = [...paper.getImageData(0, 0, 1, 1).data].slice(0, 3).map(
    (byte) => byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const [low, high] = [arguments[0], "--player-background"].map(luminance).sort((a, b) => a - b);
return (high + 0.05) / (low + 0.05);
"""

# How many shapes and texts the waveform draws when it is moved a little.
DRAWN = """
let drawn = 0;
for (const name of ["fillRect", "fillText"]) {
  const draw = CanvasRenderingContext2D.prototype[name];
  CanvasRenderingContext2D.prototype[name] = function (...values) {
    drawn += 1;
    draw.apply(this, values);
  };
}
const wheel = new WheelEvent("wheel", { deltaX: 1, cancelable: true });
document.querySelector("canvas").dispatchEvent(wheel);
return drawn;
"""


@pytest.fixture(scope="module")
def reply(seaweed: Seaweed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    environment = {"TTS_ENGINE": "preview", "WORKER_HOME": str(tmp_path_factory.mktemp("home"))}
    worker = build(Settings.from_environment(environment | seaweed.environ))
    fields = {"text": TEXT, "return_word_timings": True, "timing_format": ["html", "json"]}
    return handling.handle(worker, {"id": "player", "input": fields}, lambda *_: None)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with browsing(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


def until(browser: webdriver.Chrome, condition: str) -> None:
    """Wait until a JavaScript expression is true, at most 60 s."""
    end = time.monotonic() + 60
    while not browser.execute_script(f"return {condition}"):
        assert time.monotonic() < end, condition
        time.sleep(0.02)


def open_page(browser: webdriver.Chrome, url: str, shows: str = "waveform") -> list[list[float]]:
    """Open a page, wait for its audio and its picture; the times of its words in ms."""
    browser.get(url)
    until(browser, f"document.querySelector('canvas').dataset.shows === '{shows}'")
    times: list[list[float]] = browser.execute_script(
        "return [...document.querySelectorAll('.word')].map("
        "({ dataset }) => [Number(dataset.start), Number(dataset.end)])"
    )
    return times


def open_captions(browser: webdriver.Chrome, folder: Path, captions: Captions) -> None:
    """Open a page without audio from a file."""
    page = folder / "page.html"
    page.write_bytes(htmlpage.render(captions))
    browser.get(page.as_uri())
    until(browser, "!document.querySelector('.player-silent').hidden")


def on_disk(reply: dict[str, Any], folder: Path) -> str:
    """The URL of a copy of the page on the disk, with its audio beside it."""
    page = httpx.get(reply["timing_files"]["html"]).content
    (folder / "page.html").write_bytes(htmlpage.with_link(page, "nothing.wav"))
    (folder / "player.wav").write_bytes(httpx.get(reply["audio_url"]).content)
    return (folder / "page.html").as_uri()


def lit(browser: webdriver.Chrome) -> list[int]:
    words = browser.find_elements(By.CLASS_NAME, "word")
    return [at for at, word in enumerate(words) if "now" in (word.get_attribute("class") or "")]


def borders_are_at_the_words(browser: webdriver.Chrome, spans: list[list[float]]) -> None:
    found = browser.execute_script(BORDERS)
    width, duration = browser.execute_script(
        "return [document.querySelector('canvas').width, document.querySelector('audio').duration]"
    )
    expected = [start_ms / 1000 / duration * width for start_ms, _ in spans]
    assert found == pytest.approx(expected, abs=1)


def test_the_waveform_has_a_border_where_each_word_begins(
    browser: webdriver.Chrome, reply: dict[str, Any]
) -> None:
    spans = open_page(browser, reply["timing_files"]["html"])
    assert len(spans) == len(TEXT.split())
    borders_are_at_the_words(browser, spans)


def test_a_page_from_the_disk_has_the_words_in_place_of_a_waveform(
    browser: webdriver.Chrome, reply: dict[str, Any], tmp_path: Path
) -> None:
    spans = open_page(browser, on_disk(reply, tmp_path), shows="words")
    borders_are_at_the_words(browser, spans)
    assert "no waveform" in browser.find_element(By.CLASS_NAME, "player-flat").text
    browser.find_elements(By.CLASS_NAME, "word")[3].click()
    until(browser, f"document.querySelector('audio').currentTime > {spans[3][0] / 1000}")


def test_a_page_from_the_disk_plays_audio_that_it_may_not_read(
    browser: webdriver.Chrome, reply: dict[str, Any], tmp_path: Path
) -> None:
    """The audio's server sends no CORS header, and the page comes from elsewhere."""
    (tmp_path / "speech.wav").write_bytes(httpx.get(reply["audio_url"]).content)
    page = tmp_path / "page.html"
    stored = httpx.get(reply["timing_files"]["html"]).content
    with ranges.serving(tmp_path) as url:
        assert httpx.get(f"{url}/speech.wav").headers.keys().isdisjoint(CORS)
        page.write_bytes(htmlpage.with_link(stored, f"{url}/speech.wav"))
        spans = open_page(browser, page.as_uri(), shows="words")
        note = browser.find_element(By.CLASS_NAME, "player-flat")
        assert note.is_displayed()
        assert note.text.startswith("Each bar is a word. There is no waveform")
        borders_are_at_the_words(browser, spans)
        browser.find_elements(By.CLASS_NAME, "word")[3].click()
        until(browser, f"document.querySelector('audio').currentTime > {spans[3][0] / 1000}")
        until(browser, "document.querySelector('.word.now')")
        assert lit(browser)[0] >= 3
        assert not browser.find_element(By.CLASS_NAME, "player-silent").is_displayed()


def test_a_waveform_needs_no_note(browser: webdriver.Chrome, reply: dict[str, Any]) -> None:
    open_page(browser, reply["timing_files"]["html"])
    assert not browser.find_element(By.CLASS_NAME, "player-flat").is_displayed()


def test_a_page_whose_audio_is_gone_says_so_and_can_be_read(
    browser: webdriver.Chrome, reply: dict[str, Any], tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    stored = httpx.get(reply["timing_files"]["html"]).content
    with ranges.serving(tmp_path) as url:
        page.write_bytes(htmlpage.with_link(stored, f"{url}/gone.wav"))
        browser.get(page.as_uri())
        until(browser, "!document.querySelector('.player-silent').hidden")
    silent = browser.find_element(By.CLASS_NAME, "player-silent")
    assert silent.is_displayed()
    assert silent.text.startswith("The audio cannot be reached")
    assert "player.wav" in silent.text
    assert not browser.find_element(By.CLASS_NAME, "player-flat").is_displayed()
    assert browser.find_element(By.CLASS_NAME, "player-words").text == TEXT
    # The bars of the words are there without the audio.
    assert len(browser.execute_script(BORDERS)) == len(TEXT.split())


def test_a_click_on_the_waveform_plays_from_there(
    browser: webdriver.Chrome, reply: dict[str, Any]
) -> None:
    spans = open_page(browser, reply["timing_files"]["html"])
    canvas = browser.find_element(By.TAG_NAME, "canvas")
    duration = browser.execute_script("return document.querySelector('audio').duration")
    browser.execute_script(
        "document.querySelector('audio').defaultPlaybackRate = "
        "document.querySelector('audio').playbackRate = 0.1"
    )
    middle_ms = sum(spans[4]) / 2
    from_centre = canvas.size["width"] * (middle_ms / 1000 / duration - 0.5)
    ActionChains(browser).move_to_element_with_offset(
        canvas, round(from_centre), 0
    ).click().perform()
    until(browser, "!document.querySelector('audio').paused")
    until(browser, f"document.querySelector('audio').currentTime * 1000 > {middle_ms - 10}")
    until(browser, "document.querySelector('.now')")
    assert lit(browser)[0] >= 4


def test_keys_step_through_the_words(browser: webdriver.Chrome, reply: dict[str, Any]) -> None:
    spans = open_page(browser, reply["timing_files"]["html"])

    def press(key: str, *expected: int) -> None:
        ActionChains(browser).send_keys(key).perform()
        start = spans[expected[0]][0] / 1000
        until(browser, f"Math.abs(document.querySelector('audio').currentTime - {start}) < 0.01")
        until(browser, f"document.querySelectorAll('.word')[{expected[0]}].matches('.now')")
        assert lit(browser) == list(expected)

    press(Keys.HOME, 0)
    press(Keys.ARROW_RIGHT, 1)
    press(Keys.ARROW_DOWN, 2)
    press(Keys.ARROW_LEFT, 1)
    press(Keys.ARROW_UP, 0)
    press(Keys.ARROW_LEFT, 0)
    press(Keys.END, len(spans) - 1)
    press(Keys.ARROW_RIGHT, len(spans) - 1)
    canvas = browser.find_element(By.TAG_NAME, "canvas")
    until(
        browser, "document.querySelector('canvas').ariaValueText.startsWith('boat., word 6 of 6')"
    )
    assert canvas.get_attribute("aria-label")
    press(Keys.HOME, 0)
    ActionChains(browser).send_keys(" ").perform()
    until(browser, "!document.querySelector('audio').paused")
    ActionChains(browser).send_keys(" ").perform()
    until(browser, "document.querySelector('audio').paused")


def test_a_key_of_a_control_is_the_controls(
    browser: webdriver.Chrome, reply: dict[str, Any]
) -> None:
    open_page(browser, reply["timing_files"]["html"])
    browser.find_element(By.CLASS_NAME, "player-alone").send_keys(" ")
    assert browser.find_element(By.CLASS_NAME, "player-alone").is_selected()
    browser.find_element(By.CLASS_NAME, "player-speed").send_keys(Keys.HOME)
    assert browser.execute_script("return document.querySelector('audio').paused")
    assert browser.execute_script("return document.querySelector('audio').playbackRate") == 0.5


def test_marks_are_explained_only_where_there_are_any(
    browser: webdriver.Chrome, tmp_path: Path
) -> None:
    captions = sample()
    open_captions(browser, tmp_path, captions)
    sentence = "Dotted words have estimated times."
    assert sentence in browser.find_element(By.CLASS_NAME, "player-legend").text
    assert browser.find_elements(By.CSS_SELECTOR, ".word.estimated")
    for confidence, band, said in (
        (0.9, "", ""),
        (0.5, "unsure", "Amber words are less certain."),
        (0.1, "doubtful", "Red words may have wrong times."),
    ):
        words = [replace(word, is_heard=True, confidence=confidence) for word in captions.words]
        open_captions(browser, tmp_path, replace(captions, words=tuple(words)))
        legend = browser.find_element(By.CLASS_NAME, "player-legend").text
        assert sentence not in legend
        assert ("words are less" in legend, "words may" in legend) == (
            band == "unsure",
            band == "doubtful",
        )
        assert said in legend
        marked = browser.find_elements(By.CSS_SELECTOR, ".word.unsure, .word.doubtful")
        assert len(marked) == (len(browser.find_elements(By.CLASS_NAME, "word")) if band else 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_can_be_read_in_both_schemes_and_on_a_phone(
    browser: webdriver.Chrome, reply: dict[str, Any], scheme: str
) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    metrics = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        open_page(browser, reply["timing_files"]["html"])
        for name in ("text", "muted", "unsure", "doubtful", "accent"):
            assert browser.execute_script(CONTRAST, f"--player-{name}") >= 4.5, name
        background = browser.execute_script(
            "return getComputedStyle(document.documentElement).backgroundColor"
        )
        assert (background == "rgb(255, 255, 255)") == (scheme == "light")
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_script_from_right_to_left_runs_so(browser: webdriver.Chrome, tmp_path: Path) -> None:
    captions = sample()
    words = [replace(word, word="שלום", shown="שלום") for word in captions.words]
    open_captions(browser, tmp_path, replace(captions, words=tuple(words)))
    direction = "return getComputedStyle(document.querySelector('.player-words')).direction"
    assert browser.execute_script(direction) == "rtl"


def test_an_hour_of_words_is_drawn_as_quickly_as_a_sentence(
    browser: webdriver.Chrome, tmp_path: Path
) -> None:
    captions = sample()
    one = replace(captions.words[0], is_heard=True)
    words = [replace(one, start_ms=400 * at, end_ms=400 * at + 350) for at in range(9000)]
    audio = AudioSource("nothing.wav", "nothing.wav")
    gaps = ("", *[" "] * 8999, "")
    hour = replace(captions, words=tuple(words), gaps=gaps, audio=audio, duration_ms=3_600_000)
    open_captions(browser, tmp_path, hour)
    assert len(browser.find_elements(By.CLASS_NAME, "word")) == 9000
    assert 10 < browser.execute_script(DRAWN) < 200
