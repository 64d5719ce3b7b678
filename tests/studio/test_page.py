"""The studio's page in a real browser: it speaks, plays, redraws, and says what is wrong."""

import io
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import soundfile
from selenium.webdriver.common.keys import Keys

from tests.support.studio_page import WATCH_STATUS, StudioPage, WatchedStudio

pytestmark = [*map(pytest.mark.needs, ("chromium", "chromedriver")), pytest.mark.slow]

TEXT = "Dr. Smith paid $5 for two cats. Nobody saw the old red boat."
YELLOW = (255, 221, 0)
BUTTONS = (
    *("button", "link", "textbox", "combobox", "spinbutton", "slider", "radio", "checkbox"),
    *("ColorWell", "tab", "img", "progressbar"),
)


def paused_at(page: StudioPage) -> float:
    """Pause; the position in seconds."""
    page.run("document.querySelector('audio').pause()")
    return float(page.run("return document.querySelector('audio').currentTime"))


def test_a_script_becomes_speech_with_its_words(page: StudioPage, watched: WatchedStudio) -> None:
    page.run(WATCH_STATUS)
    page.speak(TEXT)
    assert [word.text for word in page.all("#player .word")] == TEXT.split()
    stages = page.run("return window.seen")
    assert any(text.startswith(("Speaking", "Timing", "Storing")) for text in stages), stages
    assert watched.endpoints() == ["tts"]
    assert watched.inputs[-1]["text"] == TEXT
    assert not page.find("progress").is_displayed()
    assert not page.find("problem").is_displayed()


def test_the_page_asks_nobody_but_the_studio(page: StudioPage) -> None:
    page.speak(TEXT)
    asked = page.run("return performance.getEntriesByType('resource').map((one) => one.name)")
    assert len(asked) > 15
    assert all(url.startswith((page.url, "data:", "blob:")) for url in asked), asked
    assert page.complaints() == []


def test_a_click_on_a_word_plays_it_and_lights_it(page: StudioPage) -> None:
    page.speak(TEXT)
    words = page.all("#player .word")
    words[8].click()
    page.until(lambda: page.run("return document.querySelector('audio').currentTime > 0.2"))
    lit = page.until(lambda: [word.text for word in page.all("#player .word.now")])
    assert len(lit) == 1
    assert lit[0] in TEXT.split()[8:]
    page.until(lambda: page.run("return document.querySelector('audio').paused === false"))
    at = paused_at(page)
    starts = [float(word.get_attribute("data-start") or -1) for word in words]
    assert at * 1000 >= starts[8] - 1
    assert page.ink("tall", YELLOW)


def test_the_lit_word_moves_while_it_plays(page: StudioPage) -> None:
    page.speak(TEXT)
    page.all("#player .word")[0].click()
    seen: list[str] = []

    def has_moved() -> bool:
        seen.extend(word.text for word in page.all("#player .word.now"))
        return len(dict.fromkeys(seen)) > 3

    page.until(has_moved)
    order = [TEXT.split().index(word) for word in dict.fromkeys(seen)]
    assert order == sorted(order)


def test_another_look_is_drawn_at_once_and_speaks_nothing(
    page: StudioPage, watched: WatchedStudio
) -> None:
    page.speak(TEXT)
    page.all("#player .word")[3].click()
    paused_at(page)
    first = page.until(lambda: page.ink("wide"))
    page.choose("preset", "standard")
    wider = page.until(lambda: (now := page.ink("wide")) and now != first and now)
    assert wider[2] - wider[0] > first[2] - first[0]
    page.choose("style", "box_word")
    page.until(lambda: page.ink("wide", (224, 17, 95)))
    page.until(lambda: "have this look" in page.text("files-status"))
    assert set(watched.endpoints()[1:]) == {"timing"}
    restyled = watched.inputs[-1]
    assert restyled["subtitles"]["style"] == "box_word"
    assert b"Word box" in httpx.get(page.files()["ASS"]).content


def test_a_colour_changes_the_frames_and_the_files(
    page: StudioPage, watched: WatchedStudio
) -> None:
    page.speak(TEXT)
    page.choose("style", "active")
    page.all("#player .word")[3].click()
    paused_at(page)
    page.until(lambda: page.ink("tall", YELLOW))
    page.run(
        "const picker = document.getElementById('highlight_colour'); picker.value = '#00e05a';"
        "picker.dispatchEvent(new Event('input', { bubbles: true }))"
    )
    assert page.ink("tall", (0, 224, 90))
    assert page.ink("tall", YELLOW) is None
    assert "#00E05A" in page.text("request")
    page.until(lambda: "have this look" in page.text("files-status"))
    assert b"&H5AE000&" in httpx.get(page.files()["ASS"]).content
    assert watched.endpoints().count("tts") == 1
    page.find("reset").click()
    page.until(lambda: page.ink("tall", YELLOW))


def test_the_files_are_those_of_the_job(page: StudioPage, tmp_path: Path) -> None:
    page.browser.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    page.speak(TEXT)
    files = page.files()
    assert {"Sound", "SRT", "VTT", "ASS", "JSON", "HTML"} <= set(files)
    for url in files.values():
        assert "attachment" in httpx.get(url).headers["content-disposition"]
    page.all(".files a")[0].click()
    page.until(lambda: list(tmp_path.glob("*.wav")))
    (sound,) = tmp_path.glob("*.wav")
    assert sound.read_bytes() == httpx.get(files["Sound"]).content
    length = soundfile.info(io.BytesIO(sound.read_bytes())).duration
    assert f"{length:.1f} s of speech" in page.text("status")


def test_an_error_stands_at_its_field(page: StudioPage) -> None:
    page.write("speed", "9")
    page.find("speak").click()
    note = page.until(lambda: page.all("#speed-problem"))[0]
    assert note.text == "speed must be from 0.3 to 3, got 9"
    field = page.find("speed")
    assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("aria-describedby") == "speed-problem"
    assert page.browser.switch_to.active_element == field
    page.write("speed", "1")
    page.write("script", "")
    page.find("speak").click()
    page.until(lambda: page.all("#script-problem"))
    assert not page.all("#speed-problem")
    assert page.all("#script-problem")[0].text
    page.speak(TEXT)
    assert not page.all(".at-field")


def test_a_job_can_be_cancelled(page: StudioPage, watched: WatchedStudio) -> None:
    page.run("document.getElementById('script').value = arguments[0]", f"{TEXT} " * 100)
    page.find("speak").click()
    page.until(lambda: page.find("cancel").is_displayed() and watched.endpoints())
    page.until(lambda: page.find("progress").is_displayed())
    page.until(lambda: page.text("status").startswith(("Waiting", "Speaking")))
    page.find("cancel").click()
    page.until(lambda: page.text("status").startswith("Cancelled"))
    assert page.find("speak").is_enabled()


def test_the_request_is_ready_to_copy(page: StudioPage) -> None:
    allowed = ["clipboardReadWrite", "clipboardSanitizedWrite"]
    page.browser.execute_cdp_cmd("Browser.grantPermissions", {"permissions": allowed})
    page.browser.execute_cdp_cmd("Emulation.setFocusEmulationEnabled", {"enabled": True})
    page.write("script", "It's \"me\" - 'quoted' \\ here.")
    job_input = json.loads(page.text("request"))["input"]
    assert job_input["text"] == "It's \"me\" - 'quoted' \\ here."
    page.find("tab-curl").click()
    curl = page.text("request")
    assert "https://api.runpod.ai/v2/YOUR_ENDPOINT_ID/run" in curl
    assert "Bearer $RUNPOD_API_KEY" in curl
    page.find("tab-curl").send_keys(Keys.ARROW_RIGHT)
    python = page.text("request")
    assert page.find("tab-python").get_attribute("aria-selected") == "true"
    names: dict[str, Any] = {}
    job = next(node for node in python.split("\n\n\n") if "JOB = " in node)
    exec(compile(job[job.index("JOB = ") :], "job", "exec"), names)  # our own text
    assert json.loads(names["JOB"])["input"] == job_input
    compile(python, "request", "exec")
    page.find("copy").click()
    page.until(lambda: page.text("copy") != "Copy")
    assert page.text("copy") == "Copied"
    copied = page.browser.execute_async_script(
        "navigator.clipboard.readText().then(arguments[arguments.length - 1])"
    )
    assert copied == python


def test_keys_speak_play_and_step(page: StudioPage) -> None:
    page.write("script", TEXT)
    page.find("script").send_keys(Keys.CONTROL, Keys.ENTER)
    page.until(lambda: page.text("status").startswith("Done"))
    body = page.find("listen-title")
    page.run("document.activeElement.blur(); arguments[0].scrollIntoView()", body)
    keys = page.browser.find_element("tag name", "body")
    keys.send_keys(Keys.SPACE)
    page.until(lambda: page.run("return !document.querySelector('audio').paused"))
    keys.send_keys(Keys.SPACE)
    page.until(lambda: page.run("return document.querySelector('audio').paused"))
    keys.send_keys(Keys.HOME)
    first = page.until(lambda: [word.text for word in page.all("#player .word.now")])
    keys.send_keys(Keys.ARROW_RIGHT)
    page.until(lambda: [word.text for word in page.all("#player .word.now")] != first)
    assert page.text("script") != " "


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_and_can_be_read(page: StudioPage, scheme: str, width: int) -> None:
    page.emulate(scheme, width)
    widest = "return document.documentElement.scrollWidth - innerWidth"
    assert page.run(widest) <= 0
    page.speak(TEXT)
    assert page.run(widest) <= 0
    page.write("speed", "9")
    page.find("speak").click()
    page.until(lambda: page.all("#speed-problem"))
    assert page.run(widest) <= 0
    ground = page.run("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, ground[4:-1].split(","))) < 3 * 60) == (scheme == "dark")
    if width == 390:
        page.find("worker").click()
        assert page.run(widest) <= 0


def test_every_control_has_a_name(page: StudioPage) -> None:
    page.speak(TEXT)
    page.run("for (const one of document.querySelectorAll('details')) one.open = true")
    page.run("document.getElementById('upload').hidden = false")
    tree = page.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    seen = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in tree
        if not node["ignored"] and node["role"]["value"] in BUTTONS
    ]
    assert len(seen) > 40
    assert [role for role, name in seen if not name.strip()] == []
    for live in ("status", "files-status", "upload-status"):
        assert page.find(live).get_attribute("role") == "status"
    assert page.find("problem").get_attribute("role") == "alert"


def test_nobody_is_behind_a_wrong_endpoint(page: StudioPage) -> None:
    page.find("worker").click()
    page.write("endpoint_id", "a b")
    page.write("api_key", "rpa_SECRET")
    page.find("connect").click()
    note = page.until(lambda: page.all("#endpoint .at-field"))[0]
    assert note.text
    assert "rpa_SECRET" not in page.browser.page_source
    assert "This computer" in page.text("worker-sign")


def test_before_the_first_speech_the_frames_show_the_script(page: StudioPage) -> None:
    page.until(lambda: page.ink("tall") and page.ink("wide"))
    page.choose("style", "bold")
    end = time.monotonic() + 1
    while time.monotonic() < end:
        assert page.ink("tall", YELLOW) is None
    page.write("script", "")
    page.until(lambda: page.ink("tall") is None)
