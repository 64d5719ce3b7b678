"""A warm worker, measured job by job from inside; run with the worker's settings and Python.

It answers each line, the input of a job, with the job's wall time, the part of it that was the
model's forward passes and Vocos, the frames that were computed, and the work done for the voice.
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import handler
from bench.process import REPLY
from settings import Settings
from storage import keys
from storage.local import LocalStore
from tests.support import handling
from tts.f5 import dit
from tts.f5 import load as f5_load
from tts.f5.engine import DEFAULT_CLIP, DEFAULT_TEXT, F5Engine
from tts.f5.files import package_file
from tts.voices import reference
from worker import logs as job_log
from worker.build import build

VOICE = "bench"
Function = Callable[..., Any]


class Meter:
    """What was counted and timed of one job. Functions are measured where they are defined."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.model_s = 0.0
        self.frames = 0

    def attach(self) -> None:
        """Measure the model, and what makes a reference of a stored clip; before they are built."""
        replace(LocalStore, "get", self._counted_voice_reads)
        replace(LocalStore, "get_file", self._counted_voice_reads)
        replace(reference, "read_clip", lambda function: self._counted("decodes", function))
        replace(F5Engine, "mel", lambda function: self._counted("mels", function))
        replace(dit.VelocityField, "condition", self._counted_frames)
        for owner, name in (
            (dit.VelocityField, "condition"),
            (dit.VelocityField, "modulations"),
            (dit.VelocityField, "velocity"),
            (vars(f5_load)["Vocos"], "decode"),
        ):
            replace(owner, name, self._timed)

    def take(self) -> dict[str, Any]:
        """Everything since the last time, and begin anew."""
        taken = {"model_s": self.model_s, "frames": self.frames, "voice_work": dict(self.calls)}
        self.calls.clear()
        self.model_s, self.frames = 0.0, 0
        return taken

    def _counted(self, what: str, function: Function) -> Function:
        def counted(*arguments: Any) -> Any:
            self.calls[what] += 1
            return function(*arguments)

        return counted

    def _counted_voice_reads(self, function: Function) -> Function:
        def counted(store: LocalStore, key: str, *arguments: Any) -> Any:
            self.calls["store reads"] += key.startswith("voices/")
            return function(store, key, *arguments)

        return counted

    def _counted_frames(self, function: Function) -> Function:
        def counted(flow: Any, prompts: Any, *arguments: Any) -> Any:
            self.frames += sum(prompt.frames for prompt in prompts)
            return function(flow, prompts, *arguments)

        return counted

    def _timed(self, function: Function) -> Function:
        def timed(*arguments: Any) -> Any:
            started = time.perf_counter()
            try:
                return function(*arguments)
            finally:
                self.model_s += time.perf_counter() - started

        return timed


def replace(owner: Any, name: str, wrapper: Callable[[Function], Function]) -> None:
    """Put what `wrapper` makes of a module's or class's function in its place."""
    setattr(owner, name, wrapper(getattr(owner, name)))


def answer(value: dict[str, Any]) -> None:
    """One line for the benchmark."""
    print(f"{REPLY}{json.dumps(value)}", flush=True)


def main() -> None:
    """Build the worker, store a voice, say so, and answer jobs until stdin ends."""
    settings = Settings.from_environment(os.environ)
    job_log.configure(handler.logger, settings.log_level, settings.log_format)
    meter = Meter()
    meter.attach()
    worker = build(settings)
    worker.store.put(keys.voice_clip(VOICE), package_file(DEFAULT_CLIP).read_bytes(), "audio/wav")
    record = json.dumps({"ref_text": DEFAULT_TEXT, "language": "en"}).encode()
    worker.store.put(keys.voice_record(VOICE), record, "application/json")
    answer({"ready": True})
    for number, line in enumerate(sys.stdin):
        job = {"id": f"bench-{number}", "input": json.loads(line) | {"voice": VOICE}}
        meter.take()
        started = time.perf_counter()
        reply = handling.handle(worker, job, lambda stage, done, total: None)
        seconds = time.perf_counter() - started
        if "error" in reply:
            sys.exit(f"the job failed: {reply['error']}")
        answer({"seconds": seconds, "speech_s": reply["duration"], **meter.take()})


if __name__ == "__main__":
    main()
