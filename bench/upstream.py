"""What upstream does, in upstream's own environment: F5TTS loaded, then `infer` for each line.

    python upstream.py {"yaml": ..., "weights": ..., "vocoder": ..., "align": ...}

Started with -P: of this repository it imports nothing.
"""

import importlib.util
import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def config_name(yaml: str) -> str:
    """The name under which F5TTS finds any YAML file: a path from its own folder of configs."""
    spec = importlib.util.find_spec("f5_tts")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    configs = Path(next(iter(spec.submodule_search_locations)), "configs")
    return os.path.relpath(Path(yaml).with_suffix(""), configs)


def load(files: dict[str, Any]) -> Any:
    """The F5TTS of these files, with what a worker around it imports."""
    import boto3  # noqa: F401
    import runpod  # noqa: F401
    from f5_tts.api import F5TTS

    return F5TTS(
        model=config_name(files["yaml"]),
        ckpt_file=files["weights"],
        vocab_file="",
        vocoder_local_path=files["vocoder"],
        device=files["device"],
    )


def listen(language: str) -> Any:
    """The alignment model of whisperx, beside F5TTS in the same process."""
    import whisperx.alignment

    return whisperx.alignment.load_align_model(language, "cpu")


def spoken(tts: Any, job: dict[str, Any]) -> dict[str, Any]:
    """Run one `infer`, for `speech_s` of new speech if given; the reference is prepared before.

    Gives its wall time, the seconds that came, and the frames that the model computed.
    """
    import soundfile
    from f5_tts.infer.utils_infer import preprocess_ref_audio_text

    quiet = {"show_info": lambda *line: None}
    prepared, _ = preprocess_ref_audio_text(job["ref_file"], job["ref_text"], **quiet)
    job = dict(job)
    speech_s = job.pop("speech_s")
    if speech_s is not None:
        # Upstream means the whole, with the reference as it has cut it.
        job["fix_duration"] = soundfile.info(prepared).duration + speech_s
    frames: list[int] = []
    sample = tts.ema_model.sample

    def counted(*arguments: Any, **named: Any) -> Any:
        frames.append(named["duration"])
        return sample(*arguments, **named)

    tts.ema_model.sample = counted
    started = time.perf_counter()
    wave, rate, _ = tts.infer(**job, **quiet, progress=None)
    seconds = time.perf_counter() - started
    tts.ema_model.sample = sample
    return {"seconds": seconds, "speech_s": len(wave) / rate, "frames": sum(frames)}


def answer(value: dict[str, Any]) -> None:
    """One line for the benchmark; see bench.process.REPLY."""
    print(f"BENCH {json.dumps(value)}", flush=True)


def main(files: dict[str, Any]) -> None:
    """Load, say so, and answer jobs until stdin ends."""
    tts = load(files)
    listener = listen(files["align"]) if files["align"] else None
    answer({"ready": True, "aligner": listener is not None})
    for line in sys.stdin:
        answer(spoken(tts, json.loads(line)))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
