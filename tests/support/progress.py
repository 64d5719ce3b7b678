"""A progress that keeps what a job sends, as RunPod's client would see it."""

import threading
from typing import Any


class Shown:
    """Takes updates with fields, and outputs for /stream; `waits` is set with the first update."""

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.sent: list[dict[str, Any]] = []
        self.streamed: list[dict[str, Any]] = []
        self.waits = threading.Event()

    def __call__(self, stage: str, done: int, total: int) -> None:
        self.sent.append({"stage": stage, "done": done, "total": total} | self.fields)
        self.waits.set()

    def show(self, **fields: Any) -> None:
        merged = self.fields | fields
        fields = {name: value for name, value in merged.items() if value is not None}
        is_new, self.fields = fields != self.fields, fields
        if is_new and self.sent:
            self.sent.append(self.sent[-1] | fields)

    def stream(self, output: dict[str, Any]) -> None:
        self.streamed.append(output)
