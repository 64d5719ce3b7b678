"""`tts` through the real handler: preview engine, local store, sphinx."""

import csv
import io
import json
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pysubs2
import pytest
import soundfile

from storage import keys
from tests.jobs.conftest import Ask
from tests.support import handling
from timing.alignment.aligner import AlignerBroken, Alignment, WindowFailed
from tts.speech import Samples
from worker.cancellation import Cancelled
from worker.state import Worker

TEXT = "Dr. Smith paid $5 — really! — for 2 cats."


def path_of(url: str) -> Path:
    return Path(unquote(urlsplit(url).path))


def test_the_first_workers_request_is_answered_as_it_was(ask: Ask) -> None:
    reply = ask(text=TEXT, local_voice="default", return_word_timings=True, timing_format="SRT")
    assert reply["status"] == "completed"
    assert reply["timing_format"] == "srt"
    assert reply["timing_method"] == "sphinx"
    assert reply["word_count"] == 10
    assert 0 < reply["timing_confidence"] <= 1
    assert 0 <= reply["seed"] < 2**31
    assert reply["text"] == TEXT
    audio = soundfile.info(path_of(reply["audio_url"]))
    assert (audio.samplerate, audio.channels, audio.subtype) == (24_000, 1, "PCM_16")
    assert audio.duration == pytest.approx(reply["duration"], abs=0.001)
    cues = pysubs2.load(str(path_of(reply["timing_files"]["srt"])))
    shown = ["Dr.", "Smith", "paid", "$5 —", "really! —", "for", "2", "cats."]
    assert [cue.text for cue in cues] == shown
    assert cues[-1].end <= 1000 * reply["duration"]


@pytest.mark.parametrize("text", ["Who is it?", "Wait \u2014 no.", "Great! Wow, so hot.", "Yes!"])
def test_a_short_text_is_aligned_too(ask: Ask, text: str) -> None:
    reply = ask(text=text, return_word_timings=True)
    assert reply["timing_method"] == "sphinx"
    assert not any("does not match" in warning for warning in reply["warnings"])


def test_without_timings_there_is_only_audio(ask: Ask) -> None:
    reply = ask(text="Hello there.")
    assert "timing_files" not in reply
    assert path_of(reply["audio_url"]).is_file()
    assert reply["metrics"]["total_ms"] >= reply["metrics"]["synthesis_ms"] > 0


@pytest.mark.parametrize(
    ("subtitles", "is_warned"),
    [
        ({"style": "box", "shadow": 3}, True),
        ({"box": True, "shadow": 3}, True),
        ({"style": "box", "shadow": 3, "box": False}, False),
        ({"style": "box", "shadow": 0}, False),
        ({"shadow": 3}, False),
        ({"style": "box"}, False),
    ],
)
def test_a_shadow_that_the_box_replaces_gets_a_warning(
    ask: Ask, subtitles: dict[str, object], is_warned: bool
) -> None:
    reply = ask(text="Hello.", return_word_timings=True, subtitles=subtitles)
    assert ("subtitles.shadow has no effect with a box" in reply["warnings"]) == is_warned
    timing = ask(endpoint="timing", job_id=reply["job_id"], subtitles=subtitles)
    assert ("subtitles.shadow has no effect with a box" in timing["warnings"]) == is_warned


def test_the_log_says_what_a_job_is_about_and_what_became_of_it(
    ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "worker"):
        reply = ask("logged", text="Hello there.")
        ask("logged-timing", endpoint="timing", job_id="logged")
        ask("logged-voices", endpoint="list_voices")
    log = [record.getMessage() for record in caplog.records if record.name == "worker"]
    assert "started: tts, voice default, 12 characters" in log
    factor = reply["metrics"]["real_time_factor"]
    assert any(
        line.startswith(f"finished: {reply['duration']:.1f} s of audio in ")
        and line.endswith(f", real-time factor {factor:.2f}")
        for line in log
    )
    assert "started: timing, audio of job logged" in log
    assert "started: list_voices" in log
    assert "finished" in log


def test_control_characters_of_a_script_are_in_no_timing_file(ask: Ask) -> None:
    text = "One\x0btwo \x0c three\x1b[31m four\x85five\u2028six\x00 seven\x7f eight\x9b nine."
    reply = ask(text=text, return_word_timings=True, timing_format="all")
    files = {name: path_of(url).read_bytes() for name, url in reply["timing_files"].items()}
    document = json.loads(files.pop("json"))["timing_data"]
    assert document["full_text"].startswith("One\x0btwo")
    for name, content in files.items():
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028]", content.decode()), name
    words = [word["word"] for word in document["words"]]
    assert words == ["One", "two", "three[31m", "four", "five", "six", "seven", "eight", "nine."]
    for name in ("srt", "vtt", "ass"):
        shown = pysubs2.SSAFile.from_string(files[name].decode("utf-8-sig"))
        assert [cue.plaintext for cue in shown] == words
    assert len(list(csv.DictReader(io.StringIO(files["csv"].decode())))) == len(words)


@pytest.mark.parametrize(
    "fields",
    [{"timing_format": "vtt"}, {"timing_formats": ["vtt"]}, {"subtitles": {"preset": "social"}}],
)
def test_who_says_which_timing_files_gets_them(ask: Ask, fields: dict[str, Any]) -> None:
    made = ask(text="Hello there.", **fields)
    assert list(made["timing_files"]) == ["srt" if "subtitles" in fields else "vtt"]
    refused = ask(text="Hello there.", return_word_timings=False, **fields)
    assert "timing_files" not in refused
    name = "subtitles" if "subtitles" in fields else "timing_format"
    assert refused["warnings"][-1] == (
        f"no timing files are made, so {name} had no effect; set return_word_timings to true"
    )


def test_a_timing_method_alone_asks_for_no_files_and_is_told(ask: Ask) -> None:
    reply = ask(text="Hello there.", timing_method="sphinx")
    assert "timing_files" not in reply
    assert "timing_method had no effect" in reply["warnings"][-1]


def test_all_timing_formats(ask: Ask) -> None:
    reply = ask(text=TEXT, return_word_timings=True, timing_formats="all")
    assert list(reply["timing_files"]) == ["srt", "vtt", "csv", "json", "ass", "html"]
    assert reply["timing_format"] == ["srt", "vtt", "csv", "json", "ass", "html"]
    document = json.loads(path_of(reply["timing_files"]["json"]).read_text())
    assert document["job_id"] == reply["job_id"]
    data = document["timing_data"]
    assert [word["word"] for word in data["words"]] == TEXT.split()
    assert {word["voice"] for word in data["words"]} == {"default"}
    assert data["full_text"] == TEXT
    assert data["total_duration"] == reply["duration"]


def test_captions_in_two_languages(ask: Ask) -> None:
    second = {"text": "Hallo [pause:1s] dort. Wie geht es Dr. Müller?", "language": "de"}
    subtitles = {"preset": "standard", "second": second}
    reply = ask(text="Hello there. How is Dr. Miller?", subtitles=subtitles)
    cues = pysubs2.load(str(path_of(reply["timing_files"]["srt"])))
    shown = " ".join(cue.text.replace(r"\N", " ") for cue in cues)
    assert shown == "Hello there. How is Dr. Miller? Hallo dort. Wie geht es Dr. Müller?"


@pytest.mark.parametrize(
    ("second", "error"),
    [
        (
            "Hallo! Da. Wie geht es?",
            "text_rejected: the text has 2 sentences and subtitles.second.text has 3 sentences; "
            "give both the same number, because each sentence is shown with its translation (a "
            "blank line ends a sentence too)",
        ),
        (
            "— …",
            "invalid_request: subtitles.second.text: there is nothing to speak in '— …'; send "
            "words or numbers, not only symbols",
        ),
    ],
)
def test_a_second_text_that_does_not_fit_fails_before_the_speech(
    ask: Ask, worker: Worker, second: str, error: str
) -> None:
    subtitles = {"second": {"text": second, "language": "de"}}
    reply = ask(text="Hello there. How are you?", subtitles=subtitles)
    assert reply["error"] == error
    # Without timing files it is not looked at.
    silent = ask(text="Hello. There.", subtitles=subtitles, return_word_timings=False)
    assert silent["status"] == "completed"


@pytest.mark.parametrize(
    ("output_format", "sample_rate"), [("wav", 8000), ("flac", 44100), ("mp3", 22050),
                                       ("ogg", 48000), ("opus", 16000)]
)  # fmt: skip
def test_format_and_rate_are_honoured(ask: Ask, output_format: str, sample_rate: int) -> None:
    reply = ask(text="Hello there.", response_format=output_format, sample_rate=sample_rate)
    audio = soundfile.info(path_of(reply["audio_url"]))
    assert path_of(reply["audio_url"]).suffix == f".{output_format}"
    assert audio.samplerate == sample_rate == reply["sample_rate"]
    assert audio.duration == pytest.approx(reply["duration"], abs=0.1)


def test_speed_and_exact_duration(ask: Ask) -> None:
    normal = ask(text="The same words at another pace.")["duration"]
    assert ask(text="The same words at another pace.", speed=1.6)["duration"] < 0.8 * normal
    assert ask(text="The same words at another pace.", fix_duration=4.0)["duration"] == 4.0


def test_a_pronunciation_is_heard_but_not_written(ask: Ask) -> None:
    reply = ask(
        text="We run NGINX.",
        pronunciations={"nginx": "engine x"},
        return_word_timings=True,
        timing_format="json",
    )
    document = json.loads(path_of(reply["timing_files"]["json"]).read_text())
    last = document["timing_data"]["words"][-1]
    assert (last["word"], last["spoken"]) == ("NGINX.", "engine x")


def test_it_says_what_the_engine_made_no_use_of(ask: Ask) -> None:
    reply = ask(text="Hello there.", nfe_step=16, ref_text="Some.", seed=7, language="de")
    warnings = " / ".join(reply["warnings"])
    assert "does not clone voices" in warnings
    assert "speaks English only, not 'de'" in warnings
    assert "makes no use of nfe_step, ref_text, seed" in warnings


@pytest.mark.parametrize("endpoint", ["tts", "plan", "dub"])
def test_the_preview_engine_says_that_the_clip_of_a_url_was_not_used(
    ask: Ask, endpoint: str
) -> None:
    script = (
        {"srt": "1\n00:00:00,000 --> 00:00:02,000\nHi"} if endpoint == "dub" else {"text": "Hi."}
    )
    warnings = ask(endpoint=endpoint, voice="https://example.com/dead.wav", **script)["warnings"]
    assert any("did not use or check the clip that you named" in one for one in warnings)
    warnings = ask(endpoint=endpoint, **script)["warnings"]
    assert not any("clip" in one for one in warnings)


def test_a_job_delivered_again_whose_audio_was_deleted_is_done_anew(
    ask: Ask, worker: Worker
) -> None:
    first = ask("deleted", text="Hello.")
    audio = keys.audio(keys.JobId("deleted"), "wav")
    before = worker.store.get(audio)
    worker.store.delete(audio)
    assert ask("deleted", text="Hello.")["audio_url"] == first["audio_url"]
    assert worker.store.get(audio) == before


def test_it_says_which_numbers_stay_figures(ask: Ask) -> None:
    warnings = ask(text="Tá 20% agus $5 ann.", language="ga")["warnings"]
    said = [warning for warning in warnings if "stay figures" in warning]
    assert said == [
        "numbers stay figures in language 'ga' (20%, $5); write them as words, or give them "
        "pronunciations"
    ]
    for other in ({"text": "20% of 5"}, {"text": "20%", "language": "ga", "normalize": False}):
        assert not any("stay figures" in warning for warning in ask(**other)["warnings"])


def test_it_says_what_in_the_text_is_not_spoken_as_it_is_meant(ask: Ask) -> None:
    warnings = " / ".join(
        ask(text="[laughs] The <prosody pitch='x-low'>sum</prosody> ⊗.")["warnings"]
    )
    assert "[laughs]: the worker has no such tag" in warnings
    assert "<prosody pitch>: these tags of SSML have no effect" in warnings
    assert "the voice does not say ⊗" in warnings


def test_a_job_delivered_twice_does_the_work_once(ask: Ask) -> None:
    fields = {"text": "Only once, please.", "return_word_timings": True}
    first = ask("only-once", **fields)
    written = path_of(first["audio_url"]).stat().st_mtime_ns
    second = ask("only-once", **fields)
    assert path_of(first["audio_url"]).stat().st_mtime_ns == written
    assert second["seed"] == first["seed"]
    assert second["timing_files"] == first["timing_files"]
    other = ask("only-once", text="Another text under the same id.")
    assert other["error"] == (
        "invalid_request: job id only-once was used before, for another input; send it as a new job"
    )


def test_an_unknown_voice_is_refused_with_the_remedy(ask: Ask) -> None:
    reply = ask(text="Hello.", voice="kurt.wav")
    assert reply["code"] == "voice_not_found"
    assert reply["error"] == (
        "voice_not_found: no voice named 'kurt'; list_voices shows what exists"
    )


def test_a_stored_voice_is_found_by_its_name(ask: Ask, worker: Worker) -> None:
    clip = Path("tests/data/timing/01.wav").read_bytes()
    worker.store.put(keys.voice_clip("Ana María"), clip, "audio/wav")
    assert ask(text="Hello.", local_voice="Ana María.wav")["voice"] == "Ana María"


def test_a_text_without_words_is_refused(ask: Ask) -> None:
    assert ask(text="😀 — !!")["code"] == "text_rejected"


def test_a_method_that_is_not_there_is_refused_before_anything_is_spoken(ask: Ask) -> None:
    reply = ask(text="Hello.", return_word_timings=True, timing_method="google")
    assert reply["code"] == "timing_unavailable"
    assert "auto, sphinx, estimate" in reply["error"]


def test_a_window_that_sphinx_cannot_align_is_estimated_and_marked(ask: Ask) -> None:
    reply = ask(
        text="Hello there, my very best friend. 你好世界 stands in this other sentence.",
        return_word_timings=True,
        timing_format="json",
    )
    words = json.loads(path_of(reply["timing_files"]["json"]).read_text())["timing_data"]["words"]
    sources = [word["source"] for word in words]
    assert sources[:6] == ["sphinx"] * 6
    assert set(sources[6:]) == {"estimate"}
    assert any(
        "s: sphinx: no English pronunciation of '你好世界'; word" in warning
        for warning in reply["warnings"]
    )


def test_a_job_whose_manifest_cannot_be_written_did_not_finish(
    ask: Ask, store_folder: Path
) -> None:
    blocked = store_folder / "jobs" / "blocked.json"
    blocked.mkdir(parents=True)
    assert ask("blocked", text="Hello.")["code"] == "storage_error"
    blocked.rmdir()
    assert ask(endpoint="status", job_id="blocked")["code"] == "not_found"
    assert ask(endpoint="download", job_id="blocked")["code"] == "not_found"


def test_progress_comes_after_each_chunk_and_stage(worker: Worker) -> None:
    heard: list[tuple[str, int, int]] = []
    text = "The first sentence is here. The second one follows it. And so does the third one."
    job = {"id": "progress", "input": {"text": text, "return_word_timings": True}}
    handling.handle(worker, job, lambda *progress: heard.append(progress))
    assert heard == [
        ("synthesis", 1, 3),
        ("synthesis", 2, 3),
        ("synthesis", 3, 3),
        ("timing", 0, 3),
        ("timing", 1, 3),
        ("timing", 2, 3),
        ("timing", 3, 3),
        ("upload", 0, 2),
    ]


@dataclass
class Told:
    """An aligner that does what it is told when it is asked, then fails."""

    act: Callable[[], None]
    asked: int = 0
    languages: frozenset[str] = frozenset({"en"})
    max_window_ms: int = 48_000
    service: None = None

    def align(self, samples: Samples, tokens: Sequence[str], language: str) -> Alignment:
        self.asked += 1
        self.act()
        raise WindowFailed("it was told so")


def broken() -> None:
    raise AlignerBroken


def test_a_stop_while_words_are_timed_ends_the_job(worker: Worker) -> None:
    text = "The first sentence is here. The second one follows it. And so does the third one."
    job = {"id": "stopped", "input": {"text": text, "return_word_timings": True}}
    told = Told(lambda: worker.active_jobs.stop("stopped"))
    with pytest.raises(Cancelled):
        handling.handle(replace(worker, aligners={"sphinx": told}), job, lambda *_: None)
    assert told.asked == 1


def test_good_audio_is_not_lost_with_the_aligners_gpu(worker: Worker, ask: Ask) -> None:
    job = {"id": "gpu-lost", "input": {"text": "Hello there.", "return_word_timings": True}}
    failing = replace(worker, aligners={"sphinx": Told(broken)})
    reply = handling.handle(failing, job, lambda *_: None)
    assert reply["status"] == "completed"
    assert reply["timing_error"] == (
        "alignment_failed: the GPU failed, so RunPod replaces this worker; send the job again"
    )
    assert reply["refresh_worker"] is True
    assert "timing_files" not in reply
    assert path_of(reply["audio_url"]).is_file()
    assert "refresh_worker" not in ask(endpoint="status", job_id="gpu-lost")
    timing = {"id": "gpu-lost-2", "input": {"endpoint": "timing", "job_id": "gpu-lost"}}
    reply = handling.handle(failing, timing, lambda *_: None)
    assert (reply["code"], reply["refresh_worker"]) == ("alignment_failed", True)
