"""Clips on the studio's page: chosen or dropped, they become voices, or the page says why not."""

from pathlib import Path

import httpx
import pytest
from selenium.webdriver.remote.webelement import WebElement

from studio.guard import CLIP_BYTES
from tests.support.studio_page import StudioPage, WatchedStudio

pytestmark = [*map(pytest.mark.needs, ("chromium", "chromedriver")), pytest.mark.slow]

TEXT = "Dr. Smith paid $5 for two cats. Nobody saw the old red boat."


def test_a_clip_becomes_a_voice(page: StudioPage, tmp_path: Path) -> None:
    page.speak(TEXT)
    clip = tmp_path / "my voice.wav"
    clip.write_bytes(httpx.get(page.files()["Sound"]).content)
    page.find("clip").send_keys(str(clip))
    page.until(lambda: page.find("upload").is_displayed())
    assert page.find("voice_name").get_attribute("value") == "my voice"
    page.write("voice_name", "..")
    page.find("store").click()
    page.until(lambda: page.all("#voice_name-problem"))
    page.write("voice_name", "Ada")
    page.find("ref_text").send_keys(TEXT)
    page.find("store").click()
    page.until(lambda: page.find("voice").get_attribute("value") == "Ada")
    assert "Ada is stored" in page.text("upload-status")
    assert not page.all("#voice_name-problem")
    page.until(lambda: '"voice": "Ada"' in page.text("request"))


def drop(page: StudioPage, path: Path) -> None:
    """Drag a file of this machine over the page and drop it, as the system's file manager does."""
    page.run("document.getElementById('drop').scrollIntoView({ block: 'center' })")
    x, y = page.run(
        "const box = document.getElementById('drop').getBoundingClientRect();"
        "return [box.x + box.width / 2, box.y + box.height / 2]"
    )
    dragged = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        event = {"type": kind, "x": x, "y": y, "data": dragged}
        page.browser.execute_cdp_cmd("Input.dispatchDragEvent", event)


def refusal(page: StudioPage) -> str:
    """What stands at the button that adds a voice, once something does; it has the focus."""
    note: WebElement = page.until(lambda: page.all("#choose-problem"))[0]
    assert note.is_displayed()
    assert page.focused() == "choose"
    assert page.find("choose").get_attribute("aria-describedby") == "choose-problem"
    return note.text


def test_a_dropped_file_without_sound_is_refused(page: StudioPage, tmp_path: Path) -> None:
    letter = tmp_path / "letter.wav"
    letter.write_bytes(b"this is no sound at all" * 400)
    drop(page, letter)
    page.until(lambda: page.find("upload").is_displayed())
    assert "over" not in (page.find("drop").get_attribute("class") or "")
    assert page.text("clip-name") == "letter.wav"
    assert page.focused() == "voice_name"
    page.find("store").click()
    assert "cannot be read as audio" in refusal(page)
    page.find("forget").click()
    assert not page.find("upload").is_displayed()
    assert page.focused() == "choose"


def test_a_dropped_file_that_is_too_large_is_refused_at_once(
    page: StudioPage, watched: WatchedStudio, tmp_path: Path
) -> None:
    """The studio's server would break off the upload, which a browser takes for a lost server."""
    film = tmp_path / "film.mov"
    with film.open("wb") as file:
        file.truncate(CLIP_BYTES + 1)  # it takes no room on the disk
    drop(page, film)
    said = refusal(page)
    assert said.startswith("film.mov has 101 MB, and a clip may have 100 MB.")
    assert not page.find("upload").is_displayed()
    assert watched.endpoints() == []


def test_a_dropped_file_without_bytes_and_a_folder_are_refused(
    page: StudioPage, tmp_path: Path
) -> None:
    empty, folder = tmp_path / "empty.wav", tmp_path / "folder"
    empty.touch()
    folder.mkdir()
    drop(page, empty)
    assert refusal(page) == "empty.wav is empty. Choose a file with sound."
    drop(page, folder)
    page.until(lambda: refusal(page).startswith("folder "))
    assert not page.find("upload").is_displayed()
