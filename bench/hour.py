"""The sentences of tests/data/timing over and over, through the real `timing` endpoint.

    python -m bench.hour MINUTES

A process of its own, so that its peak memory is that of the whole worker with one such job. It
answers with the job's seconds, what its words came from, and where each word starts.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import soundfile

from bench.process import REPLY
from jobs.results.replies import TtsReply
from settings import Settings
from storage import keys
from tests.support import handling
from tests.timing.fixtures import sentences
from tts.speech import ASR_SAMPLE_RATE
from worker.build import build

GAP_S = 0.3
"""Silence between two sentences."""


def copies(minutes: int) -> int:
    """How often the sentences fit into so many minutes."""
    return int(60 * minutes / once_s())


def once_s() -> float:
    """The length of the sentences with their gaps."""
    gap = round(GAP_S * ASR_SAMPLE_RATE)
    return sum(len(sentence.samples) + gap for sentence in sentences()) / ASR_SAMPLE_RATE


def main(minutes: int) -> None:
    """Time the recording and print what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"TTS_ENGINE": "preview", "WORKER_HOME": folder}
        worker = build(Settings.from_environment(settings))
        recording = Path(folder, "long.wav")
        gap = np.zeros(round(GAP_S * ASR_SAMPLE_RATE), np.float32)
        with soundfile.SoundFile(recording, "w", ASR_SAMPLE_RATE, 1, "PCM_16") as file:
            for _ in range(copies(minutes)):
                for sentence in sentences():
                    file.write(np.append(sentence.samples, gap))
        sound = {"key": "output/long.wav", "content_type": "audio/wav", "filename": "long.wav"}
        facts = TtsReply(
            job_id="long", duration=copies(minutes) * once_s(), sample_rate=ASR_SAMPLE_RATE,
            output_format="wav", text="", seed=0, voice="default", engine="preview", warnings=[],
            metrics={},
        )  # fmt: skip
        record = {
            "job_id": "long", "endpoint": "tts", "input_sha256": "",
            "facts": facts.model_dump(exclude_none=True),
            "created_at": "2026-11-22T00:00:00Z", "audio": {"wav": sound},
        }  # fmt: skip
        worker.store.put_file(sound["key"], recording, sound["content_type"])
        worker.store.put(
            keys.manifest(keys.JobId("long")), json.dumps(record).encode(), "application/json"
        )
        text = " ".join([sentence.text for sentence in sentences()] * copies(minutes))
        job = {"id": "bench", "input": {"endpoint": "timing", "job_id": "long", "text": text,
                                        "timing_format": "json"}}  # fmt: skip
        started = time.perf_counter()
        reply = handling.handle(worker, job, lambda *_: None)
        seconds = time.perf_counter() - started
        file_of = Path(unquote(urlsplit(reply["timing_files"]["json"]).path))
        words = json.loads(file_of.read_text())["timing_data"]["words"]
    answer = {
        "seconds": seconds,
        "others": sum(word["source"] != "sphinx" for word in words),
        "starts_s": [word["start_time"] for word in words],
    }
    print(REPLY + json.dumps(answer))


if __name__ == "__main__":
    main(int(sys.argv[1]))
