"""The studio's page with the keyboard alone, and as a screen reader hears it."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.support.studio_page import StudioPage, WatchedStudio

pytestmark = [*map(pytest.mark.needs, ("chromium", "chromedriver")), pytest.mark.slow]

TEXT = "Dr. Smith paid $5 for two cats. Nobody saw the old red boat."

# What has the focus: its id (or class, or text), whether it is seen, and whether that it has the
# focus is seen, by an outline of its own or of the chip that stands for it. The browser
# itself draws the one of its controls of the audio.
FOCUS = """
const one = document.activeElement, box = one.getBoundingClientRect();
const shown = one.type === "radio" ? one.nextElementSibling : one;
const look = getComputedStyle(shown);
return [
  one.id || one.name || one.className || one.tagName.toLowerCase(),
  box.width > 0 && Math.min(box.right, box.bottom) > 0
    && box.left < innerWidth && box.top < innerHeight,
  one.tagName === "AUDIO" || (look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0),
];
"""
# The order in which the parts of the page are, from its top to its bottom.
STOPS = (
    *("skip", "summary", "script", "voice", "language", "choose", "quality", "speed", "format"),
    *("speak", "player-wave", "player-audio", "player-alone", "player-speed", "tab-json", "copy"),
    *("request", "screen", "screen", "preset", "size", "style", "font", "position"),
    *("primary_colour", "highlight_colour", "outline_colour", "reset", "resolution", "summary"),
)


def test_tab_goes_through_the_page_in_its_order(page: StudioPage) -> None:
    page.speak(TEXT)
    page.run("document.activeElement.blur(); scrollTo(0, 0); document.body.tabIndex = -1")
    page.run("document.body.focus(); document.body.removeAttribute('tabindex')")
    seen: list[str] = []
    while len(seen) < 100:
        page.press(Keys.TAB)
        name, is_shown, has_outline = page.run(FOCUS)
        if name == "body":
            break
        assert (is_shown, has_outline) == (True, True), name
        seen.append(name)
    inside = [name for name in seen if name in STOPS]
    # The browser's own controls of the audio are stops of the one element.
    once = [name for at, name in enumerate(inside) if name == "screen" or name != inside[at - 1]]
    assert tuple(once) == STOPS
    assert len(seen) - len(inside) == len(page.all("#files a"))


def test_escape_closes_the_panel_of_the_worker(page: StudioPage) -> None:
    page.run("document.querySelector('summary').focus()")
    page.press(Keys.SPACE)
    page.until(lambda: page.find("endpoint").is_displayed())
    page.press(Keys.TAB)
    assert page.focused() == "endpoint_id"
    page.press(Keys.ESCAPE)
    page.until(lambda: not page.find("endpoint").is_displayed())
    assert page.run("return document.activeElement.tagName") == "SUMMARY"


def test_the_focus_stays_while_a_job_runs_and_ends(page: StudioPage) -> None:
    page.write("script", TEXT)
    page.run("document.getElementById('speak').focus()")
    page.press(Keys.SPACE)
    page.until(lambda: page.find("cancel").is_displayed())
    assert page.focused() == "speak"
    page.press(Keys.TAB)
    assert page.focused() == "cancel"
    page.until(lambda: page.text("status").startswith("Done"))
    page.until(lambda: page.focused() == "speak")


def test_a_second_press_speaks_nothing_twice(page: StudioPage, watched: WatchedStudio) -> None:
    page.write("script", TEXT)
    page.run("document.getElementById('speak').focus()")
    page.press(Keys.SPACE, Keys.SPACE, Keys.ENTER)
    page.until(lambda: page.text("status").startswith("Done"))
    assert watched.endpoints() == ["tts"]


def test_arrows_are_those_of_what_has_the_focus(page: StudioPage) -> None:
    page.speak(TEXT)
    position = "return document.querySelector('audio').currentTime"
    for element in ("tab-json", "request", "script", "size"):
        page.run("document.getElementById(arguments[0]).focus()", element)
        page.press(Keys.ARROW_RIGHT, Keys.ARROW_DOWN)
    assert page.run(position) == 0
    assert page.find("tab-curl").get_attribute("aria-selected") == "true"
    page.run("document.querySelector('#preset input:checked').focus()")
    page.press(Keys.ARROW_RIGHT)
    assert page.run("return document.querySelector('#preset input:checked').value") == "standard"
    assert page.run(position) == 0
    page.run("document.querySelector('.player-wave').focus()")
    page.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    page.until(lambda: page.run(position) > 0)
    page.until(lambda: page.run("return document.querySelector('.player-wave').ariaValueText"))


def test_a_screen_reader_hears_the_stage_and_not_each_step(page: StudioPage) -> None:
    page.run("document.getElementById('script').value = arguments[0]", f"{TEXT} " * 8)
    page.run(
        "window.spoken = []; window.shown = [];"
        "const line = document.getElementById('status');"
        "new MutationObserver(() => {"
        "  shown.push(line.textContent);"
        "  const heard = [...line.children].filter((one) => one.ariaHidden !== 'true');"
        "  spoken.push(heard.map((one) => one.textContent).join(''));"
        "}).observe(line, { childList: true, characterData: true, subtree: true })"
    )
    page.speak()
    shown, spoken = page.run("return [shown, spoken]")
    assert any(" of 16" in text for text in shown), shown
    assert not any(
        " of " in text.removeprefix("Done: ").partition(" of speech")[0] for text in spoken
    )
    # A live region inside of what is busy says nothing until that has ended.
    assert page.run("return document.querySelector('#status').closest('[aria-busy=true]')") is None


def test_the_list_of_tabs_has_tabs_alone(page: StudioPage) -> None:
    roles = page.run(
        "return [...document.querySelector('[role=tablist]').children].map((one) => one.role)"
    )
    assert roles == ["tab", "tab", "tab"]
