"""The timing page of a real job in a real browser: it plays, seeks, and lights the spoken word."""

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from settings import Settings
from storage import keys
from tests.support import handling
from tests.support.browser import browsing
from tests.support.seaweed import Seaweed
from timing.formats import htmlpage
from worker.build import build
from worker.state import Worker

pytestmark = [pytest.mark.needs("chromedriver"), pytest.mark.slow]
TEXT = "Nobody <saw> the old red boat. It left at 5:30, & never came back."

# Records at each frame until the audio pauses: its position, the displayed one, and the lit word.
WATCH = """
const done = arguments[0], audio = document.querySelector("audio"), seen = [];
const words = [...document.querySelectorAll("main span")];
const now = document.querySelector(".player-now");
(function look() {
  const lit = words.findIndex((word) => word.matches(".now"));
  if (now.value) seen.push([audio.currentTime * 1000, parseFloat(now.value) * 1000, lit]);
  if (audio.paused) done(seen); else requestAnimationFrame(look);
})();
"""


class Frame(NamedTuple):
    """The state of a page at one drawn frame."""

    at_ms: float
    """The position of the audio."""
    shown_ms: float
    """The position that the page displays."""
    lit: int
    """The index of the lit word, -1 for none."""


@pytest.fixture(scope="module")
def worker(seaweed: Seaweed, tmp_path_factory: pytest.TempPathFactory) -> Worker:
    environment = {"TTS_ENGINE": "preview", "WORKER_HOME": str(tmp_path_factory.mktemp("home"))}
    return build(Settings.from_environment(environment | seaweed.environ))


def ask(worker: Worker, this_id: str, **fields: Any) -> dict[str, Any]:
    return handling.handle(worker, {"id": this_id, "input": fields}, lambda *_: None)


@pytest.fixture(scope="module")
def reply(worker: Worker) -> dict[str, Any]:
    return ask(worker, "page", text=TEXT, return_word_timings=True, timing_format=["html", "json"])


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with browsing(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture
def page(browser: webdriver.Chrome, reply: dict[str, Any]) -> "Page":
    return Page(browser, reply["timing_files"]["html"])


class Page:
    """An open timing page."""

    def __init__(self, browser: webdriver.Chrome, url: str) -> None:
        self.browser = browser
        self.refusals()  # reading the log empties it: the page before may have left lines
        browser.get(url)
        self.words = browser.find_elements(By.CSS_SELECTOR, "main span")
        self.spans = [
            (int(word.get_attribute("data-start") or ""), int(word.get_attribute("data-end") or ""))
            for word in self.words
        ]

    def audio(self, what: str) -> Any:
        return self.browser.execute_script(f"return document.querySelector('audio').{what}")

    def wait_until(self, what: str) -> None:
        """Wait until a JavaScript property of the audio element is true, at most 60 s."""
        end = time.monotonic() + 60
        while not self.audio(what):
            assert time.monotonic() < end, what
            time.sleep(0.02)

    def seek(self, ms: float) -> list[int]:
        """Pause and seek to a position in ms; the indices of the words that are lit there."""
        self.wait_until("readyState >= 1")
        self.audio("pause()")
        self.audio(f"currentTime = {ms / 1000}")
        self.wait_until("seeking === false")
        self.wait_until(f"ownerDocument.querySelector('.player-now').value === '{ms / 1000:.3f} s'")
        return [i for i, word in enumerate(self.words) if "now" in word_classes(word)]

    def played(self) -> list[Frame]:
        """Each frame that the page draws until the audio pauses."""
        return [Frame(*values) for values in self.browser.execute_async_script(WATCH)]

    def wait_for_frame(self) -> None:
        """Wait until the page has drawn another frame."""
        self.browser.execute_async_script(
            "const done = arguments[0];"
            "requestAnimationFrame(() => requestAnimationFrame(() => done()));"
        )

    def _console(self) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = self.browser.get_log("browser")  # type: ignore[no-untyped-call]
        return lines

    def refusals(self) -> list[str]:
        """What the browser refused to run or load; the page has no favicon, so that is left out."""
        lines = [str(entry["message"]) for entry in self._console()]
        return [line for line in lines if "favicon" not in line]


def word_classes(word: WebElement) -> list[str]:
    return (word.get_attribute("class") or "").split()


def test_the_page_shows_the_script_and_runs_whole(page: Page, reply: dict[str, Any]) -> None:
    assert page.browser.find_element(By.TAG_NAME, "main").text == TEXT
    words = httpx.get(reply["timing_files"]["json"]).json()["timing_data"]["words"]
    times = [(round(1000 * w["start_time"]), round(1000 * w["end_time"])) for w in words]
    assert page.spans == times
    page.wait_until("readyState >= 1")
    assert page.audio("duration") == pytest.approx(reply["duration"], abs=0.01)
    assert page.refusals() == []
    kind = httpx.get(reply["timing_files"]["html"]).headers["content-type"]
    assert kind.partition(";")[0] == "text/html"


def test_a_word_is_lit_from_its_start_to_its_end(page: Page) -> None:
    for index, (start_ms, end_ms) in enumerate(page.spans):
        for ms in (start_ms, (start_ms + end_ms) / 2, end_ms - 1):
            assert page.seek(ms) == [index]
    gaps = [(a, b) for (_, a), (b, _) in pairwise(page.spans) if b - a > 20]
    assert gaps
    for end_ms, next_ms in gaps:
        assert page.seek((end_ms + next_ms) / 2) == []


def test_a_click_plays_on_and_each_word_is_lit_as_it_is_spoken(page: Page) -> None:
    page.wait_until("readyState >= 1")
    page.words[2].click()
    seen = page.played()
    assert seen[0].at_ms >= page.spans[2][0] - 1
    lit = [index for index in dict.fromkeys(look.lit for look in seen) if index >= 0]
    # A machine with much to do leaves frames out, and the words that are spoken meanwhile.
    assert lit == sorted(lit)
    assert lit[0] == 2
    for look in seen:
        assert look.lit in spoken_at(page, look.shown_ms)
    # What is shown is the position of this frame or of the one before.
    for before, look in pairwise(seen):
        assert before.at_ms - 1 <= look.shown_ms <= look.at_ms + 1
    assert page.audio("ended")


def spoken_at(page: Page, ms: float) -> list[int]:
    """The words that may be lit at a position that is shown to the millisecond; -1 for none."""
    near = [i for i, (start_ms, end_ms) in enumerate(page.spans) if start_ms - 1 <= ms < end_ms + 1]
    inside = any(start_ms + 1 <= ms < end_ms - 1 for start_ms, end_ms in page.spans)
    return near if inside else [*near, -1]


def test_a_word_can_be_heard_alone_and_slowly(page: Page) -> None:
    page.wait_until("readyState >= 1")
    page.browser.find_element(By.CLASS_NAME, "player-alone").click()
    page.browser.find_element(By.CSS_SELECTOR, ".player-speed option").click()
    assert page.audio("playbackRate") == 0.5
    page.words[1].click()
    *playing, stopped = page.played()
    end_ms = page.spans[1][1]
    assert all(look.shown_ms < end_ms + 1 for look in playing)
    assert end_ms - 1 <= stopped.shown_ms <= stopped.at_ms + 1
    # The whole is heard on from there.
    page.audio("playbackRate = 4")
    page.audio("play()")
    page.played()
    assert page.audio("ended")


def test_a_dead_link_gives_way_to_the_file_beside_the_page(
    browser: webdriver.Chrome, worker: Worker, reply: dict[str, Any], tmp_path: Path
) -> None:
    dead = worker.store.url(keys.audio(keys.JobId("page"), "wav"), 1)
    page_file = tmp_path / "page.html"
    page_file.write_bytes(
        htmlpage.with_link(httpx.get(reply["timing_files"]["html"]).content, dead)
    )
    end = time.monotonic() + 60
    while httpx.get(dead).status_code != 403:
        assert time.monotonic() < end, "the link never ended"
        time.sleep(0.1)
    page = Page(browser, page_file.as_uri())
    silent = browser.find_element(By.CLASS_NAME, "player-silent")
    end = time.monotonic() + 60
    while not silent.is_displayed() and time.monotonic() < end:
        time.sleep(0.05)
    assert "page.wav" in silent.text
    (tmp_path / "page.wav").write_bytes(httpx.get(reply["audio_url"]).content)
    page = Page(browser, page_file.as_uri())
    page.wait_until("readyState >= 1")
    assert not browser.find_element(By.CLASS_NAME, "player-silent").is_displayed()
    page.words[0].click()
    page.wait_until("paused === false")
    page.wait_until(f"currentTime > {page.spans[1][0] / 1000}")


@pytest.mark.parametrize("endpoint", ["download", "status"])
def test_a_fresh_link_to_the_page_is_to_a_page_with_a_fresh_link(
    browser: webdriver.Chrome, worker: Worker, reply: dict[str, Any], endpoint: str
) -> None:
    key = keys.timing(keys.JobId("page"), "html")
    old = worker.store.get(key)
    worker.store.put(key, htmlpage.with_link(old, "http://127.0.0.1:9/gone.wav"), "text/html")
    if endpoint == "download":
        fresh = ask(worker, "d", endpoint="download", job_id="page", type="timing", format="html")
        url = fresh["timing_url"]
    else:
        url = ask(worker, "s", endpoint="status", job_id="page")["timing_files"]["html"]
    page = Page(browser, url)
    page.wait_until("readyState >= 1")
    assert page.audio("currentSrc").split("?")[0] == reply["audio_url"].split("?")[0]


def test_a_job_of_another_jobs_audio_plays_that(
    browser: webdriver.Chrome, worker: Worker, reply: dict[str, Any]
) -> None:
    ask(worker, "again", endpoint="timing", job_id="page", timing_format="html")
    url = ask(worker, "s2", endpoint="status", job_id="again")["timing_files"]["html"]
    page = Page(browser, url)
    page.wait_until("readyState >= 1")
    assert page.audio("currentSrc").split("?")[0] == reply["audio_url"].split("?")[0]
    assert page.audio("dataset.beside") == "page.wav"


def test_the_lit_word_is_not_under_the_header(page: Page) -> None:
    """Sought back while the end of a long script is on the screen."""
    page.wait_until("readyState >= 1")
    page.browser.execute_script("document.querySelector('main').style.font = '8rem sans-serif'")
    page.audio("playbackRate = 0.1")
    page.words[-1].click()
    page.wait_until("paused === false")
    page.audio("currentTime = 0.2")
    page.wait_until("currentTime > 0.2")
    page.wait_for_frame()
    place = "return document.querySelector('{}').getBoundingClientRect().{}"
    word_top = page.browser.execute_script(place.format(".now", "top"))
    header_bottom = page.browser.execute_script(place.format("header", "bottom"))
    page.audio("pause()")
    assert word_top >= header_bottom
