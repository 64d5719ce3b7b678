#!/usr/bin/env python3
"""Takes the README's picture of the studio; scripts/frames calls it while the studio runs.

scripts/studio_picture.py URL OUT.png     URL: of the studio; the picture is 1280 pixels wide

Needs the environment `dev`, chromium and chromedriver.
"""

import base64
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

WIDTH, HEIGHT = 1280, 900
WAIT_S = 120.0
WORD = 6
"""The word that is lit in the picture, counted from 0."""
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run")

IS_READY = (
    "const voice = document.getElementById('voice');"
    "return voice.options.length > 0 && voice.ariaBusy !== 'true'"
)
IS_DONE = "return document.getElementById('status').textContent.startsWith('Done')"
SEEK = (
    "const word = document.querySelectorAll('#player .word')[arguments[0]];"
    "const audio = document.querySelector('#player audio');"
    "const { start, end } = word.dataset;"
    "audio.currentTime = (Number(start) + Number(end)) / 2000"
)
IS_LIT = "return document.querySelectorAll('#player .word')[arguments[0]].classList.contains('now')"


def main() -> int:
    """Open the page, speak its script, stop in the middle of a word, and take the picture."""
    if len(sys.argv) != 3 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 0 if {"-h", "--help"} & set(sys.argv) else 2
    url, out = sys.argv[1], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as profile:
        browser = start(profile)
        try:
            browser.get(url)
            wait(lambda: browser.execute_script(IS_READY))
            browser.find_element("id", "speak").click()
            wait(lambda: browser.execute_script(IS_DONE))
            browser.execute_script(SEEK, WORD)
            wait(lambda: browser.execute_script(IS_LIT, WORD))
            out.write_bytes(picture(browser))
        finally:
            browser.quit()
    return 0


def start(profile: str) -> webdriver.Chrome:
    """A headless browser without motion, in the light scheme."""
    options = Options()
    options.binary_location = shutil.which("chromium") or ""
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    browser = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
    size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
    looks = {"prefers-color-scheme": "light", "prefers-reduced-motion": "reduce"}
    features = [{"name": name, "value": value} for name, value in looks.items()]
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    return browser


def wait(is_so: Callable[[], object]) -> None:
    """Wait until a call returns something true. Raises TimeoutError."""
    end = time.monotonic() + WAIT_S
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(
                "the studio's page does not get ready; open it in a browser and look"
            )
        time.sleep(0.1)


def picture(browser: webdriver.Chrome) -> bytes:
    """The page from its top to the end of the player, as PNG."""
    browser.execute_script("document.activeElement.blur()")
    bottom = browser.execute_script(
        "return document.getElementById('listen').getBoundingClientRect().bottom + scrollY"
    )
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": round(bottom) + 20, "scale": 1}
    asked = {"captureBeyondViewport": True, "clip": clip}
    return base64.b64decode(browser.execute_cdp_cmd("Page.captureScreenshot", asked)["data"])


if __name__ == "__main__":
    sys.exit(main())
