"""The studio's page drives an endpoint: RunPod's client API on loopback, the real worker behind it.

A person types the endpoint's id and a key, speaks, and gets the files from the endpoint's bucket.
"""

import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from selenium.webdriver import Chrome

from studio.core import Studio
from tests.job_server import JobServer
from tests.support import studio as support
from tests.support.loop import Loop
from tests.support.studio import Served
from tests.support.studio_page import WATCH_STATUS, StudioPage
from tests.support.web import ALLOW_PRIVATE
from worker.state import Worker

pytestmark = [*map(pytest.mark.needs, ("chromium", "chromedriver")), pytest.mark.slow]

KEY = "rpa_VERYSECRETKEY0123456789"
TEXT = "Dr. Smith paid $5 for two cats."
LONG = " ".join([TEXT] * 8)

# All that a page can leave in a browser, and all that it shows or keeps itself.
KEPT = """
const done = arguments[0];
const fields = [...document.querySelectorAll("input, textarea")].map((field) => field.value);
const shown = [document.documentElement.outerHTML, document.cookie, location.href];
const stores = [localStorage, sessionStorage, history.state].map((one) => JSON.stringify(one));
const asked = performance.getEntriesByType("resource").map((one) => one.name);
Promise.all([indexedDB.databases(), caches.keys()]).then(
  (names) => done([...fields, ...shown, ...stores, ...asked, JSON.stringify(names)].join("\\n")));
"""


@pytest.fixture(autouse=True)
def _allow_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' bucket has no public address."""
    monkeypatch.setenv(ALLOW_PRIVATE, "1")


@pytest.fixture(scope="module")
def site(worker: Worker, loop_worker: Loop) -> Iterator[Served]:
    """A studio whose RunPod is the loop's server."""
    with support.serving(Studio(worker, api_of(loop_worker.server))) as running:
        yield running


@pytest.fixture
def page(browser: Chrome, site: Served) -> StudioPage:
    """The page while the worker of this computer is driven."""
    site.client.delete("/api/endpoint")
    opened = StudioPage(browser, site.url)
    opened.emulate()
    return opened


@pytest.fixture
def own_worker(worker: Worker, tmp_path: Path) -> Worker:
    """The worker for a studio that one test starts and ends."""
    return support.with_own_jobs(worker, tmp_path / "home")


def api_of(server: JobServer) -> str:
    """What stands before the endpoint's id in its URL."""
    return server.url.rpartition("/")[0]


def type_endpoint(page: StudioPage, endpoint_id: str, key: str) -> None:
    """Fill in the two fields as a person does, and press the button."""
    if not page.find("endpoint").is_displayed():
        page.find("worker").click()
    page.write("endpoint_id", endpoint_id)
    page.write("api_key", key)
    page.find("connect").click()


def connect(page: StudioPage) -> None:
    type_endpoint(page, "loopback", KEY)
    page.until(lambda: page.text("worker-sign") == "RunPod endpoint loopback")
    page.until(page.has_voices)


def has_file(folder: Path, ending: str) -> bool:
    """Whether a download of this ending is complete."""
    return any(folder.glob(f"*.{ending}"))


def test_an_endpoint_speaks_through_the_page(
    page: StudioPage, loop_worker: Loop, tmp_path: Path
) -> None:
    connect(page)
    assert not page.find("endpoint").is_displayed()
    assert "billed" in page.text("worker-facts")
    before = set(loop_worker.server.jobs)
    page.run(WATCH_STATUS)
    page.run("document.getElementById('script').value = arguments[0]", LONG)
    page.speak()
    seen = page.run("return window.seen")
    stages = [text for text in seen if text.startswith(("Speaking", "Timing", "Storing"))]
    assert any(text.startswith("Speaking ... ") and text.endswith(" of 8") for text in stages), seen
    spoken = list(set(loop_worker.server.jobs) - before)
    assert [loop_worker.server.jobs[job].status for job in spoken] == ["COMPLETED"]
    words = page.all("#player .word")
    assert [word.text for word in words] == LONG.split()
    words[3].click()
    page.until(lambda: page.run("return document.querySelector('audio').currentTime > 0.2"))
    lit = page.until(lambda: [word.text for word in page.all("#player .word.now")])
    assert lit[0] in TEXT.split()
    page.run("document.querySelector('audio').pause()")
    page.browser.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    for ending in ("wav", "srt"):
        page.find("take").find_element("css selector", f"a[download$='.{ending}']").click()
        page.until(partial(has_file, tmp_path, ending))
    assert next(tmp_path.glob("*.wav")).read_bytes()[:4] == b"RIFF"
    assert "Dr. Smith" in next(tmp_path.glob("*.srt")).read_text()


def test_the_endpoints_error_stands_at_its_field(page: StudioPage) -> None:
    connect(page)
    page.write("speed", "9")
    page.find("speak").click()
    note = page.until(lambda: page.all("#speed-problem"))[0]
    assert note.text == "speed must be from 0.3 to 3, got 9"


def test_a_moment_without_runpod_loses_no_speech(page: StudioPage, loop_worker: Loop) -> None:
    connect(page)
    loop_worker.server.refuse_looks(3)
    page.speak(TEXT)
    assert [word.text for word in page.all("#player .word")] == TEXT.split()
    loop_worker.server.refuse_looks(1000)
    try:
        page.find("speak").click()
        page.until(lambda: page.find("problem").is_displayed())
    finally:
        loop_worker.server.refuse_looks(0)
    assert page.text("problem").startswith("RunPod answers with status 500")


def test_back_to_the_worker_of_this_computer(page: StudioPage, loop_worker: Loop) -> None:
    connect(page)
    page.find("worker").click()
    page.find("disconnect").click()
    page.until(lambda: page.text("worker-sign").startswith("This computer"))
    page.until(page.has_voices)
    before = set(loop_worker.server.jobs)
    page.speak(TEXT)
    assert set(loop_worker.server.jobs) == before


def test_the_key_is_kept_nowhere(
    browser: Chrome,
    own_worker: Worker,
    loop_worker: Loop,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    with support.serving(Studio(own_worker, api_of(loop_worker.server))) as served:
        page = StudioPage(browser, served.url)
        connect(page)
        page.speak(TEXT)
        requests = []
        for form in ("json", "curl", "python"):
            page.find(f"tab-{form}").click()
            requests.append(page.text("request"))
        assert "v2/loopback/run" in requests[1]
        assert "RUNPOD_API_KEY" in requests[2]
        kept = browser.execute_async_script(KEPT)
        browser.refresh()
        page.until(page.has_voices)
        assert page.text("worker-sign") == "RunPod endpoint loopback"
        kept += browser.execute_async_script(KEPT)
        said = "\n".join(page.complaints())
    assert "v2/loopback" in kept
    printed = capfd.readouterr()
    # Selenium logs the keys that the test itself presses.
    log = [one.getMessage() for one in caplog.records if not one.name.startswith("selenium")]
    for place in (*requests, kept, said, *log, *printed, loop_worker.worker.log()):
        assert KEY not in place


def test_a_wrong_key_is_told_at_the_key(browser: Chrome, own_worker: Worker) -> None:
    with (
        JobServer(client_key=KEY) as server,
        support.serving(Studio(own_worker, api_of(server))) as served,
    ):
        page = StudioPage(browser, served.url)
        type_endpoint(page, "loopback", "rpa_another_key")
        note = page.until(lambda: page.all("#api_key-problem"))[0]
        assert note.is_displayed()
        assert note.text.startswith("RunPod refuses this API key (status 401); give one")
        field = page.find("api_key")
        assert browser.switch_to.active_element == field
        assert field.get_attribute("aria-invalid") == "true"
        assert "This computer" in page.text("worker-sign")
        assert "rpa_another" not in browser.page_source
        type_endpoint(page, "another", KEY)
        note = page.until(lambda: page.all("#endpoint_id-problem"))[0]
        assert note.text.startswith("endpoint_id is the id of no endpoint")
        # What it says is true: this worker still speaks.
        page.speak(TEXT)
        assert httpx.get(f"{served.url}/api/worker").json()["mode"] == "local"


def test_an_endpoint_that_has_no_worker_yet_can_be_left(
    browser: Chrome, own_worker: Worker
) -> None:
    """A cold start takes minutes; until then nobody lists the endpoint's voices."""
    with (
        JobServer() as server,
        support.serving(Studio(own_worker, api_of(server))) as served,
    ):
        page = StudioPage(browser, served.url)
        type_endpoint(page, "loopback", KEY)
        page.until(lambda: page.text("worker-sign") == "RunPod endpoint loopback")
        page.until(lambda: not page.find("endpoint").is_displayed())
        assert "voices" in page.text("voices-status")
        assert page.find("voice").get_attribute("value") == "default"
        page.find("worker").click()
        page.find("disconnect").click()
        page.until(lambda: page.text("worker-sign").startswith("This computer"))
        page.until(page.has_voices)
        assert page.text("voices-status") == ""
