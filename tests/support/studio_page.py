"""The studio's page in a real browser, as a person uses it."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from studio.core import Studio
from studio.jobs import StudioJob

WAIT_S = 120.0

# The smallest box around what a canvas shows, as parts of its size: left, top, right, bottom; null
# if it shows nothing. With a colour only pixels of it count.
INK = """
const canvas = document.getElementById(arguments[0]), colour = arguments[1];
const { width, height } = canvas;
const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
let [left, top, right, bottom] = [width, height, -1, -1];
for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) {
  const at = 4 * (y * width + x);
  if (data[at + 3] < 128) continue;
  if (colour && colour.some((part, index) => Math.abs(data[at + index] - part) > 24)) continue;
  left = Math.min(left, x); right = Math.max(right, x + 1);
  top = Math.min(top, y); bottom = Math.max(bottom, y + 1);
}
return right < 0 ? null : [left / width, top / height, right / width, bottom / height];
"""

# Keeps each new text of the status line in `window.seen`.
WATCH_STATUS = """
window.seen = [];
const line = document.getElementById("status");
new MutationObserver(() => window.seen.push(line.textContent))
  .observe(line, { childList: true, characterData: true, subtree: true });
"""

HAS_VOICES = """
const voice = document.getElementById("voice");
return voice.options.length > 0 && voice.ariaBusy !== "true";
"""


class WatchedStudio(Studio):
    """A studio that keeps the inputs of its jobs."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.inputs: list[Mapping[str, Any]] = []

    def submit(self, job_input: Mapping[str, Any]) -> StudioJob:
        """Start a job. Raises Refusal."""
        self.inputs.append(job_input)
        return super().submit(job_input)

    def endpoints(self) -> list[str]:
        """The endpoints of the jobs so far, without the lists of voices."""
        asked = [str(job_input.get("endpoint", "tts")) for job_input in self.inputs]
        return [endpoint for endpoint in asked if endpoint != "list_voices"]


class StudioPage:
    """The page, freshly opened.

    url: the studio's, without a slash at its end.
    """

    def __init__(self, browser: Chrome, url: str) -> None:
        self.browser = browser
        self.url = url
        self.complaints()
        browser.get(url + "/")
        self.until(self.has_voices)

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script in the page returns."""
        return self.browser.execute_script(script, *arguments)

    def until(self, is_so: Callable[[], Any]) -> Any:
        """Wait until a call returns something true, and return it."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            if found := is_so():
                return found
            time.sleep(0.05)
        raise TimeoutError(self.text("status") + self.text("problem"))

    def has_voices(self) -> bool:
        """Whether the worker that is driven has told its voices."""
        return bool(self.run(HAS_VOICES))

    def find(self, element_id: str) -> WebElement:
        """The element of an id."""
        return self.browser.find_element(By.ID, element_id)

    def all(self, selector: str) -> list[WebElement]:
        """The elements of a selector of CSS."""
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def text(self, element_id: str) -> str:
        """The text of an element, seen or not."""
        return str(self.run("return document.getElementById(arguments[0]).textContent", element_id))

    def write(self, element_id: str, text: str) -> None:
        """Replace the text of a field, key by key."""
        self.find(element_id).send_keys(Keys.CONTROL + "a", Keys.DELETE)
        if text:
            self.find(element_id).send_keys(text)

    def choose(self, group: str, value: str) -> None:
        """Click a chip."""
        self.run(
            "document.querySelector(`#${arguments[0]} input[value='${arguments[1]}']`).click()",
            group, value,
        )  # fmt: skip

    def speak(self, text: str | None = None) -> None:
        """Press Speak, and wait until the speech can be played."""
        if text is not None:
            self.write("script", text)
        self.find("speak").click()
        self.until(lambda: self.text("status").startswith("Done"))

    def files(self) -> dict[str, str]:
        """The URL of each file of the list by its format; the sound is `Sound`."""
        links: list[tuple[str, str]] = self.run(
            "return [...document.querySelectorAll('.files a')].map((a) => [a.textContent, a.href])"
        )
        return dict(links)

    def focused(self) -> str:
        """The id of the element that has the focus, or its class where it has no id."""
        return str(self.run("const one = document.activeElement; return one.id || one.className"))

    def press(self, *keys: str) -> None:
        """Press keys at whatever has the focus."""
        for key in keys:
            ActionChains(self.browser).send_keys(key).perform()

    def ink(self, canvas: str, colour: tuple[int, int, int] | None = None) -> list[float] | None:
        """The box around what a canvas shows, or around one colour; see INK."""
        found: list[float] | None = self.run(INK, canvas, colour)
        return found

    def emulate(self, scheme: str = "light", width: int = 1280, height: int = 900) -> None:
        """Show the page in a window of this width, in a scheme of colours."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def complaints(self) -> list[str]:
        """What the browser's console has said since the last call."""
        entries = self.browser.get_log("browser")  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in entries]
