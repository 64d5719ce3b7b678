"""The studio with the warm worker of tests/conftest.py, whose store is the module's own."""

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from studio.core import Studio
from tests.support import studio as support
from tests.support.browser import browsing
from tests.support.studio import Served
from tests.support.studio_page import StudioPage, WatchedStudio
from worker.state import Worker


@pytest.fixture(scope="module")
def worker(worker: Worker, tmp_path_factory: pytest.TempPathFactory) -> Worker:
    """The warm worker with a store and jobs of the module's own."""
    return support.with_own_jobs(worker, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def served(worker: Worker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[support.Served]:
    """A studio with a page of two files."""
    page = tmp_path_factory.mktemp("page")
    (page / "index.html").write_text("<!DOCTYPE html><title>studio</title>")
    (page / "main.js").write_text("export const one = 1;\n")
    (page / "notes.txt").write_text("not for browsers")
    (page.parent / "secret.js").write_text("outside")
    with support.serving(Studio(worker), page) as running:
        yield running


@pytest.fixture(scope="module")
def watched(worker: Worker) -> WatchedStudio:
    return WatchedStudio(worker)


@pytest.fixture(scope="module")
def site(watched: WatchedStudio) -> Iterator[Served]:
    with support.serving(watched) as running:
        yield running


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with browsing(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture
def page(browser: Chrome, site: Served, watched: WatchedStudio) -> StudioPage:
    opened = StudioPage(browser, site.url)
    opened.emulate()
    watched.inputs.clear()
    return opened
