"""A small client of a worker's endpoint; only the standard library.

export RUNPOD_ENDPOINT=https://api.runpod.ai/v2/<endpoint id> RUNPOD_API_KEY=...
python examples/client.py "Hello there." --voice default --to folder
"""

import argparse
import json
import os
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit


class JobFailed(Exception):
    """A job without a reply; its text is the sentence of the worker or of the service."""


class Client:
    """Sends jobs to one endpoint and waits for them."""

    def __init__(self, endpoint: str, key: str, poll_s: float = 1.0) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._key = key
        self._poll_s = poll_s

    def run(
        self, job_input: dict[str, Any], progress: Callable[[dict[str, Any]], None] = lambda _: None
    ) -> dict[str, Any]:
        """The reply to one job; `progress` hears stage, done and total. Raises JobFailed."""
        job_id = self._call("run", {"input": job_input})["id"]
        while True:
            state = self._call(f"status/{job_id}")
            output: dict[str, Any] = state.get("output") or {}
            if state["status"] == "COMPLETED":
                return output
            if state["status"] in ("FAILED", "CANCELLED", "TIMED_OUT"):
                raise JobFailed(state.get("error") or state["status"])
            if "stage" in output:
                progress(output)
            time.sleep(self._poll_s)

    def _call(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._endpoint}/{path}", data, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                found: dict[str, Any] = json.load(answer)
        except HTTPError as error:
            # The service's own sentence, for example that the key is wrong.
            sentence = error.read().decode(errors="replace").strip()
            raise JobFailed(f"status {error.code}: {sentence or error.reason}") from None
        except URLError as error:
            raise JobFailed(f"{self._endpoint} cannot be reached: {error.reason}") from None
        return found


def save(reply: dict[str, Any], folder: Path) -> list[Path]:
    """Download a reply's files."""
    links = [reply["audio_url"], *reply.get("timing_files", {}).values()]
    saved = []
    for link in links:
        path = folder / Path(urlsplit(link).path).name
        urllib.request.urlretrieve(link, path)
        saved.append(path)
    return saved


def main() -> None:
    """Speak a text and save its files."""
    parser = argparse.ArgumentParser(description="Speak a text and save its files.")
    parser.add_argument("text")
    parser.add_argument("--voice", default="default")
    parser.add_argument("--to", type=Path, default=Path())
    options = parser.parse_args()
    needed = ("RUNPOD_ENDPOINT", "RUNPOD_API_KEY")
    if missing := [name for name in needed if not os.environ.get(name)]:
        parser.error(f"set {' and '.join(missing)}; the head of this file shows how")
    # Before the job: a folder that cannot be made must not cost a job.
    options.to.mkdir(parents=True, exist_ok=True)
    client = Client(os.environ["RUNPOD_ENDPOINT"], os.environ["RUNPOD_API_KEY"])
    job_input = {
        "text": options.text,
        "voice": options.voice,
        "return_word_timings": True,
        "timing_format": "all",
        "subtitles": {"preset": "karaoke"},
    }
    try:
        reply = client.run(job_input, lambda step: print(step, file=sys.stderr))
    except JobFailed as error:
        sys.exit(str(error))
    for sentence in [*reply["warnings"], *filter(None, [reply.get("timing_error")])]:
        print(sentence, file=sys.stderr)
    for path in save(reply, options.to):
        print(path)


if __name__ == "__main__":
    main()
