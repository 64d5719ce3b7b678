"""`timing` through the real handler: a job's own audio, a URL, and audio without its text."""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import pysubs2
import pytest
import soundfile

from storage import keys
from storage.local import LocalStore
from tests.jobs.conftest import Ask
from tests.jobs.timing.stored_audio import put_audio
from tests.support import handling
from tests.support.ffmpeg import encode_with_ffmpeg
from tests.support.speech import WHISPER_FOLDER
from tests.support.web import serving
from tests.timing.fixtures import sentences, whole
from timing.alignment.aligner import Alignment, WindowFailed
from tts.asr.transcriber import Transcript, TranscriptionFailed
from tts.asr.whisper import Whisper
from tts.speech import Samples
from tts.text.lexicon import Lexicon, LexiconEntries
from worker.cancellation import Cancelled
from worker.state import Worker

TEXT = "Dr. Smith paid $5 for 2 cats. Nobody knew why, but everybody was glad."


def path_of(url: str) -> Path:
    return Path(unquote(urlsplit(url).path))


def words_of(reply: dict[str, Any]) -> list[dict[str, Any]]:
    document = json.loads(path_of(reply["timing_files"]["json"]).read_text())
    words: list[dict[str, Any]] = document["timing_data"]["words"]
    return words


def assert_places(words: Sequence[dict[str, Any]], text: str) -> None:
    """Every word stands in the text where it says."""
    for word in words:
        assert text[word["char_start"] : word["char_end"]] == word["word"]


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A web server on loopback, and the folder that it serves."""
    folder = tmp_path_factory.mktemp("web")
    with serving(folder) as url:
        yield url, folder


@pytest.fixture
def private_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS", "1")


def test_a_finished_job_is_timed_later_with_its_own_text(ask: Ask) -> None:
    made = ask("made", text=TEXT, return_word_timings=True, timing_format="json")
    reply = ask(endpoint="timing", job_id="made", timing_format="all")
    assert reply["status"] == "completed"
    assert reply["timing_method"] == "sphinx"
    assert reply["word_count"] == len(TEXT.split())
    assert reply["text"] == TEXT
    assert reply["duration"] == pytest.approx(made["duration"], abs=0.002)
    assert set(reply["timing_files"]) == {"srt", "vtt", "csv", "json", "ass", "html"}
    for later, first in zip(words_of(reply), words_of(made), strict=True):
        assert later["word"] == first["word"]
        assert later["start_time"] == pytest.approx(first["start_time"], abs=0.08)


@pytest.mark.parametrize(
    ("form", "rate"), [("pcm", 48_000), ("pcm", 8000), ("aac", 24_000), ("m4a", 8000)]
)
def test_audio_of_any_format_is_timed_later(ask: Ask, form: str, rate: int) -> None:
    asked = {"text": TEXT, "output_format": form, "sample_rate": rate}
    made = ask(f"made-{form}-{rate}", timing_format="json", **asked)
    formats = ["json", "html"]
    reply = ask(endpoint="timing", job_id=f"made-{form}-{rate}", timing_format=formats)
    # The last frame of AAC is filled with silence.
    assert 0 <= reply["duration"] - made["duration"] < (0.002 if form == "pcm" else 1024 / rate)
    for later, first in zip(words_of(reply), words_of(made), strict=True):
        assert later["start_time"] == pytest.approx(first["start_time"], abs=0.08)
    silent = [sentence for sentence in reply["warnings"] if "no sound" in sentence]
    assert len(silent) == (form == "pcm")


def test_a_record_with_a_rate_that_no_worker_writes_gives_no_samples(
    ask: Ask, store_folder: Path
) -> None:
    ask("odd-rate", text=TEXT, output_format="pcm")
    path = store_folder / "jobs/odd-rate.json"
    path.write_text(path.read_text().replace('"sample_rate":24000', '"sample_rate":1'))
    reply = ask(endpoint="timing", job_id="odd-rate")
    assert reply["error"].startswith("alignment_failed: the audio cannot be read")


def test_the_tags_of_a_text_tell_who_speaks(ask: Ask) -> None:
    """The first speaker is the voice of the job that spoke; audio behind a URL has none."""
    said = TEXT.replace("Nobody", "[voice:ben] Nobody")
    ask("told", text=TEXT)
    reply = ask(
        endpoint="timing",
        job_id="told",
        text=said,
        timing_format=["vtt", "srt"],
        subtitles={"preset": "standard", "speaker": "prefix"},
    )
    vtt = path_of(reply["timing_files"]["vtt"]).read_text()
    assert vtt.count("<v default>default: Dr. Smith paid") == 1
    assert vtt.count("<v ben>ben: Nobody knew") == 1
    srt = path_of(reply["timing_files"]["srt"]).read_text()
    assert [line for line in srt.splitlines() if ":" in line and "-->" not in line] == [
        "default: Dr. Smith paid $5 for 2 cats.",
        "ben: Nobody knew why,",
    ]
    alone = ask(endpoint="timing", job_id="told", timing_format="vtt")
    assert "<v" not in path_of(alone["timing_files"]["vtt"]).read_text()


def test_the_voices_of_a_text_have_their_colours(ask: Ask) -> None:
    """Also a voice that speaks the whole text. A colour of another voice is warned of."""
    ask("coloured", text=TEXT)
    blue = {"preset": "standard", "voice_colours": {"default": "#0000FF", "ben": "#00FF00"}}
    for text, names in ((TEXT, "default"), (TEXT.replace("Nobody", "[voice:ben] Nobody"), "")):
        reply = ask(
            endpoint="timing", job_id="coloured", text=text, timing_format="ass", subtitles=blue
        )
        events = path_of(reply["timing_files"]["ass"]).read_text()
        assert "\\1c&HFF0000&" in events
        assert ("\\1c&H00FF00&" in events) == (not names)
        told = [one for one in reply["warnings"] if "voice_colours" in one]
        assert len(told) == bool(names)
        assert all(
            "no effect for ben; the voices of this script are default" in one for one in told
        )


def test_a_job_is_timed_as_it_was_spoken(ask: Ask, worker: Worker) -> None:
    """Its language, pronunciations and normalize, unless the request has others; the lexicon."""
    text = "GIF shows 5 nginx on the screen."
    worker.store.put(keys.LEXICON, b'{"nginx": "engine X"}', "application/json")
    own = {"normalize": False, "pronunciations": {"GIF": "jiff"}}
    ask("as-spoken", text=text, language="en", **own)
    reply = ask(endpoint="timing", job_id="as-spoken", timing_format="json")
    said = [word["spoken"] for word in words_of(reply)]
    assert said == ["jiff", "shows", "5", "engine X", "on", "the", "screen"]
    other = ask(endpoint="timing", job_id="as-spoken", timing_format="json", normalize=True)
    assert [word["spoken"] for word in words_of(other)][:3] == ["jiff", "shows", "five"]
    worker.store.delete(keys.LEXICON)
    ask("deutsch", text="Guten Tag.", language="de")
    assert ask(endpoint="timing", job_id="deutsch")["language"] == "de"
    refused = ask(endpoint="timing", job_id="deutsch", timing_method="sphinx")
    assert "cannot time language 'de' with 'sphinx'" in refused["error"]
    assert ask(endpoint="timing", job_id="deutsch", language="en")["language"] == "en"


def test_the_region_of_a_language_is_for_the_reading_alone(ask: Ask) -> None:
    spoken = ask(
        "british", text="Due on 05/06/2023.", language="en_gb", timing_format="json", verify=True
    )
    assert spoken["timing_method"] == "sphinx"
    assert path_of(spoken["timing_files"]["json"]).read_text().count('"language": "en"') == 1
    assert words_of(spoken)[2]["spoken"] == "june fifth twenty twenty three"
    later = ask(endpoint="timing", job_id="british", timing_format="json")
    assert (later["language"], later["timing_method"]) == ("en", "sphinx")
    assert words_of(later)[2]["spoken"] == "june fifth twenty twenty three"
    american = ask(endpoint="timing", job_id="british", timing_format="json", language="en-US")
    assert words_of(american)[2]["spoken"] == "may sixth twenty twenty three"


def test_subtitles_and_formats_are_as_for_tts(ask: Ask) -> None:
    ask("styled", text=TEXT)
    both = ask(endpoint="timing", job_id="styled", timing_formats=["srt", "csv"])
    assert set(both["timing_files"]) == {"srt", "csv"}
    reply = ask(endpoint="timing", job_id="styled", subtitles={"preset": "social", "case": "upper"})
    cues = [cue.text for cue in pysubs2.load(str(path_of(reply["timing_files"]["srt"])))]
    assert " ".join(cues) == TEXT.upper()
    assert all(len(cue) <= 20 for cue in cues)


def test_a_second_language_is_as_for_tts(ask: Ask) -> None:
    ask("bilingual", text="Hello there. Good bye.")
    fields = {"endpoint": "timing", "job_id": "bilingual"}
    second = {"text": "你好。再见。", "language": "zh", "position": "over"}
    reply = ask(**fields, subtitles={"preset": "social", "second": second})
    cues = [cue.text for cue in pysubs2.load(str(path_of(reply["timing_files"]["srt"])))]
    assert cues == [r"你好。\NHello there.", r"再见。\NGood bye."]
    refused = ask(**fields, subtitles={"second": {"text": "Hallo.", "language": "de"}})
    assert refused["code"] == "text_rejected"
    assert "has 2 sentences and subtitles.second.text has 1 sentence;" in refused["error"]


@pytest.mark.parametrize("by", ["tts", "timing"])
def test_an_offset_that_cuts_cues_is_told(ask: Ask, by: str) -> None:
    ask("moved", text=TEXT)
    spoken = {"text": TEXT, "return_word_timings": True}
    asked = spoken if by == "tts" else {"endpoint": "timing", "job_id": "moved"}

    def warnings(offset_ms: int, name: str = "srt") -> list[str]:
        fields: dict[str, Any] = {"timing_format": name, "subtitles": {"offset_ms": offset_ms}}
        told: list[str] = ask(**asked, **fields)["warnings"]
        return [sentence for sentence in told if "offset_ms" in sentence]

    assert warnings(-600) == ["offset_ms moves 1 of 14 cues before 0; what lies there is cut"]
    assert warnings(-86_400_000, "ass") == [
        "offset_ms moves 14 of 14 cues before 0; no cue is left"
    ]
    assert warnings(600) == warnings(-600, "json") == []


@pytest.mark.parametrize(("name", "is_told"), [("srt", True), ("csv", False)])
def test_a_text_of_which_nothing_is_shown_is_told(ask: Ask, name: str, is_told: bool) -> None:
    reply = ask(text="{|Hello there}", timing_format=name)
    told = "no word of the text is shown, so the files have no cues"
    assert (told in reply["warnings"]) == is_told


def test_status_and_download_know_it_and_it_is_done_once(ask: Ask) -> None:
    ask("source", text=TEXT)
    made = ask("timed", endpoint="timing", job_id="source")
    again = ask("timed", endpoint="timing", job_id="source")
    known = ask(endpoint="status", job_id="timed")
    times = [reply.pop("metrics")["timing_ms"] for reply in (made, known, again)]
    assert len(set(times)) == 1
    assert {**made, "expires_at": ""} == {**known, "expires_at": ""} == {**again, "expires_at": ""}
    link = ask(endpoint="download", job_id="timed", type="timing")
    assert link["timing_url"] == made["timing_files"]["srt"]
    assert ask(endpoint="download", job_id="timed")["code"] == "not_found"
    assert ask("timed", endpoint="timing", job_id="other")["code"] == "invalid_request"
    nested = ask(endpoint="timing", job_id="timed")
    assert nested["error"] == "not_found: job 'timed' has no audio file; it has none"


def test_a_job_or_its_audio_that_is_gone_is_not_found(ask: Ask, worker: Worker) -> None:
    assert ask(endpoint="timing", job_id="nobody")["code"] == "not_found"
    ask("lost", text="Hello.")
    worker.store.delete(keys.audio(keys.JobId("lost"), "wav"))
    assert "was deleted from the store" in ask(endpoint="timing", job_id="lost")["error"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "give job_id (of a finished tts or dub job), audio_url or upload_id, one of them"),
        ({"upload_id": "a", "audio_url": "https://a/b"}, "only one of them"),
        ({"upload_id": "../voices/a.wav"}, "is not a valid upload id"),
        ({"upload_id": "a", "timing_format": "all"}, "an upload is removed after its job"),
        ({"job_id": "a", "audio_url": "https://a.b/c"}, "only one of them"),
        ({"audio_url": "file:///etc/passwd"}, "is not the URL of a sound file"),
        ({"job_id": "../a"}, "is not a job id"),
        ({"job_id": "a", "txt": "b"}, "did you mean 'text'?"),
    ],
)
def test_a_wrong_request_is_told(ask: Ask, fields: dict[str, str], sentence: str) -> None:
    reply = ask(endpoint="timing", **fields)
    assert reply["code"] == "invalid_request"
    assert sentence in reply["error"]


@pytest.mark.usefixtures("private_urls")
@pytest.mark.parametrize("name", ["speech.wav", "speech.mp3", "speech.flac", "speech.ogg"])
def test_audio_behind_a_url_is_timed(ask: Ask, web: tuple[str, Path], name: str) -> None:
    host, folder = web
    _, speech, truth = whole(44_100)
    left = np.asarray(speech.samples)
    stereo = np.stack([left, 0.5 * left], axis=1)
    with soundfile.SoundFile(folder / name, "w", 44_100, 2) as file:
        for start in range(0, len(stereo), 44_100):
            file.write(stereo[start : start + 44_100])
    text = " ".join(sentence.text for sentence in sentences())
    reply = ask(endpoint="timing", audio_url=f"{host}/{name}", text=text, timing_format="json")
    assert reply["timing_method"] == "sphinx"
    words = words_of(reply)
    errors = [
        abs(1000 * word["start_time"] - start) for word, start in zip(words, truth, strict=True)
    ]
    # The sentences follow each other after 28 ms: no pause between most of them.
    assert np.median(errors) <= 25


@pytest.mark.usefixtures("private_urls")
@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "aac"), ("a.webm", "libopus")])
def test_the_sound_of_a_video_is_timed(
    ask: Ask, web: tuple[str, Path], name: str, codec: str
) -> None:
    host, folder = web
    script, speech, truth = whole(48_000, gap=14_400)
    samples = np.asarray(speech.samples)
    picture = codec == "aac"
    (folder / name).write_bytes(encode_with_ffmpeg(samples, name[2:], codec, picture=picture))
    url = f"{host}/{name}"
    reply = ask(endpoint="timing", audio_url=url, text=script.text, timing_format="json")
    errors = [
        abs(1000 * word["start_time"] - start)
        for word, start in zip(words_of(reply), truth, strict=True)
    ]
    assert np.median(errors) <= 25


@pytest.mark.usefixtures("private_urls")
def test_a_recording_that_was_cut_off_is_timed_with_a_warning(
    ask: Ask, web: tuple[str, Path]
) -> None:
    host, folder = web
    sound = path_of(ask("for-cut", text=TEXT)["audio_url"]).read_bytes()
    (folder / "cut.wav").write_bytes(sound[: len(sound) // 2])
    reply = ask(endpoint="timing", audio_url=f"{host}/cut.wav", text="Doctor Smith paid.")
    assert reply["status"] == "completed"
    assert any("the file ends earlier than it says" in said for said in reply["warnings"])


@pytest.mark.usefixtures("private_urls")
def test_what_a_url_answers_wrongly_is_told(ask: Ask, web: tuple[str, Path]) -> None:
    host, folder = web
    (folder / "page.html").write_text("<html>not a sound</html>")
    (folder / "empty.wav").write_bytes(b"")
    missing = ask(endpoint="timing", audio_url=f"{host}/none.wav", text="a")
    assert missing["error"].startswith("fetch_failed: the URL answers with status 404")
    problems = {
        "page.html": "it is a web page, not a sound file; use a direct download link",
        "empty.wav": "the file is empty; give one of wav",
    }
    for name, problem in problems.items():
        reply = ask(endpoint="timing", audio_url=f"{host}/{name}", text="a")
        assert reply["error"].startswith(f"alignment_failed: the audio cannot be read: {problem}")
    gone = ask(endpoint="timing", audio_url="http://127.0.0.1:1/a.wav", text="a")
    assert gone["code"] == "fetch_failed"


def test_a_text_that_nobody_can_have_said_is_refused(ask: Ask) -> None:
    ask("brief", text="Hello there.")
    assert ask(endpoint="timing", job_id="brief", text="Hello " * 200)["status"] == "completed"
    reply = ask(endpoint="timing", job_id="brief", text="Hello " * 400)
    assert reply["error"].startswith("text_rejected: 2000 letters are more than anybody says in ")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/a", "http://169.254.169.254/latest", "http://[::1]/a"]
)
def test_an_address_that_is_not_public_is_refused_and_not_shown(ask: Ask, url: str) -> None:
    reply = ask(endpoint="timing", audio_url=url, text="a")
    assert reply["code"] == "fetch_refused"
    assert "169" not in reply["error"]


@pytest.fixture(scope="module")
def hearing(worker: Worker) -> Worker:
    """The worker with Whisper."""
    return replace(worker, whisper=Whisper(str(WHISPER_FOLDER), "cpu"))


def test_a_text_that_was_divided_wrongly_is_divided_by_what_whisper_hears(hearing: Worker) -> None:
    """Six seconds of a tone shift every window of the 97 s after it by half its length."""
    tone = (0.1 * np.sin(np.arange(6 * 16_000) / 7)).astype(np.float32)
    script, speech, starts = whole(16_000, gap=6_400)
    once = speech.samples[:]
    out = io.BytesIO()
    soundfile.write(out, np.concatenate([tone, np.zeros(8_000), once, once]), 16_000, format="WAV")
    put_audio(hearing, "intro", out.getvalue())
    spoken = {"text": f"{script.text} {script.text}", "timing_format": "json"}
    job = {"id": "anew", "input": {"endpoint": "timing", "job_id": "intro", **spoken}}
    stages: list[str] = []
    reply = handling.handle(hearing, job, lambda stage, *_: stages.append(stage))
    assert reply["warnings"][1:] == []
    order = ["timing", "listening", "transcription", "repair", "upload"]
    assert [stage for stage in order if stage in stages] == list(dict.fromkeys(stages))
    assert "listening" in stages
    first_ms, step_ms = 6_500.0, len(once) / 16
    truth = [first_ms + copy * step_ms + start for copy in range(2) for start in starts]
    found = [1000 * word["start_time"] for word in words_of(reply)]
    assert np.percentile(np.abs(np.subtract(found, truth)), 95) <= 90
    assert np.abs(np.subtract(found, truth)).max() <= 250


def test_one_window_that_no_second_try_mends_costs_its_neighbours_nothing(worker: Worker) -> None:
    """Joined to them it fails again, and would take both along."""
    script, speech, starts = whole(16_000, gap=6_400)
    out = io.BytesIO()
    soundfile.write(out, speech.samples[:], 16_000, format="WAV")
    put_audio(worker, "foreign", out.getvalue())
    words = script.text.split()
    words[30] = "你好"
    spoken = {"text": " ".join(words), "timing_format": "json"}
    job = {"id": "alone", "input": {"endpoint": "timing", "job_id": "foreign", **spoken}}
    progress: list[tuple[str, int, int]] = []
    reply = handling.handle(worker, job, lambda *update: progress.append(update))
    found = words_of(reply)
    assert [word["source"] for word in found].count("estimate") <= 12
    assert found[30]["source"] == "estimate"
    assert len(reply["warnings"]) == 2
    errors = [
        abs(1000 * word["start_time"] - start) for word, start in zip(found, starts, strict=True)
    ]
    assert np.median(errors) <= 25
    repairs = [(done, total) for stage, done, total in progress if stage == "repair"]
    assert repairs
    assert all(a[0] / a[1] <= b[0] / b[1] for a, b in pairwise(repairs))


@dataclass
class Bounded:
    """Takes windows of up to 30 s, and places none."""

    seconds: list[float] = field(default_factory=list)
    languages: frozenset[str] = frozenset({"en"})
    max_window_ms: int = 30_000
    service: None = None

    def align(self, samples: Samples, tokens: Sequence[str], language: str) -> Alignment:
        self.seconds.append(len(samples) / 16_000)
        raise WindowFailed("it was told so")


def test_windows_are_joined_as_far_as_the_aligner_takes_them(worker: Worker) -> None:
    script, speech, _ = whole(16_000, gap=6_400)
    out = io.BytesIO()
    soundfile.write(out, np.tile(speech.samples[:], 2), 16_000, format="WAV")
    put_audio(worker, "twice", out.getvalue())
    spoken = {"endpoint": "timing", "job_id": "twice", "text": f"{script.text} {script.text}"}
    bounded = Bounded()
    own = replace(worker, aligners={"whisperx": bounded})
    reply = handling.handle(own, {"id": "bounded", "input": spoken}, lambda *_: None)
    assert reply["word_count"] == 2 * len(script.words)
    assert 24 < max(bounded.seconds) <= 30


def test_where_nothing_aligns_the_estimate_stays_in_short_windows(worker: Worker) -> None:
    script, speech, starts = whole(16_000, gap=6_400)
    out = io.BytesIO()
    soundfile.write(out, speech.samples[:], 16_000, format="WAV")
    put_audio(worker, "guessed", out.getvalue())
    spoken = {"endpoint": "timing", "job_id": "guessed", "text": script.text}
    job = {"id": "guess", "input": {**spoken, "timing_format": "json"}}
    reply = handling.handle(replace(worker, aligners={}), job, lambda *_: None)
    assert reply["timing_method"] == "estimate"
    errors = [
        abs(1000 * word["start_time"] - start)
        for word, start in zip(words_of(reply), starts, strict=True)
    ]
    assert np.mean(errors) <= 90


def test_without_text_whisper_writes_it_down_first(worker: Worker, hearing: Worker) -> None:
    put_audio(worker, "bare", Path("tests/data/timing/08.wav").read_bytes())
    progress: list[tuple[str, int, int]] = []
    job = {"id": "heard", "input": {"endpoint": "timing", "job_id": "bare", "language": "en-GB"}}
    reply = handling.handle(hearing, job, lambda *update: progress.append(update))
    assert reply["text"].lower().startswith("the quick brown fox")
    assert reply["language"] == "en"
    assert reply["timing_method"] == "sphinx"
    assert progress == [("transcription", 1, 1), ("timing", 1, 1), ("upload", 0, 1)]
    deaf = handling.handle(worker, {**job, "id": "deaf"}, lambda *_: None)
    assert deaf["code"] == "timing_unavailable"
    assert deaf["error"].startswith("timing_unavailable: send `text`: this worker has no Whisper")
    finnish = {"endpoint": "timing", "job_id": "bare", "language": "fi"}
    unknown = handling.handle(hearing, {"id": "finnish", "input": finnish}, lambda *_: None)
    assert "send `text`: this worker's Whisper does not know language 'fi'" in unknown["error"]
    worker.store.put("output/bare.wav", silence(), "audio/wav")


def test_a_quiet_recording_is_timed_like_a_loud_one(worker: Worker) -> None:
    """70 dB below full scale: speech reaches a few steps of the 16 bits."""
    script, speech, starts = whole(16_000, gap=6_400)
    loud = speech.samples[:]
    out = io.BytesIO()
    quiet = loud * 10**-3.5 / np.sqrt(np.mean(loud**2))
    soundfile.write(out, quiet, 16_000, format="WAV")
    put_audio(worker, "whisper", out.getvalue())
    spoken = {"text": script.text, "timing_format": "json"}
    job = {"id": "quiet", "input": {"endpoint": "timing", "job_id": "whisper", **spoken}}
    reply = handling.handle(worker, job, lambda *_: None)
    assert reply["warnings"][1:] == []
    found = [1000 * word["start_time"] for word in words_of(reply)]
    assert np.median(np.abs(np.subtract(found, starts))) <= 25


@pytest.mark.parametrize("text", [TEXT, None])
def test_silence_is_refused_with_and_without_a_text(
    worker: Worker, hearing: Worker, text: str | None
) -> None:
    put_audio(worker, "silence", silence())
    spoken = {"endpoint": "timing", "job_id": "silence", **({"text": text} if text else {})}
    reply = handling.handle(
        hearing, {"id": f"silent-{bool(text)}", "input": spoken}, lambda *_: None
    )
    assert reply["error"] == (
        "alignment_failed: no word was heard in the audio: all of its 3.0 s are silent; check the "
        "recording"
    )


def test_a_stop_ends_the_decoding_of_a_recording(worker: Worker, tmp_path: Path) -> None:
    """Which would else come to the sample that is no number."""

    class Stopping(LocalStore):
        def get_file(self, key: str, path: Path, max_bytes: int) -> None:
            super().get_file(key, path, max_bytes)
            worker.active_jobs.stop("ended")

    out = io.BytesIO()
    soundfile.write(out, np.full(16_000, np.nan, np.float32), 16_000, "FLOAT", format="WAV")
    stopping = replace(worker, store=Stopping(tmp_path))
    put_audio(stopping, "endless", out.getvalue())
    spoken = {"endpoint": "timing", "job_id": "endless", "text": TEXT}
    with pytest.raises(Cancelled):
        handling.handle(stopping, {"id": "ended", "input": spoken}, lambda *_: None)


def test_a_stop_ends_the_reading_of_a_text(worker: Worker) -> None:
    """Which would else be refused, for it has no words."""

    class Stopping(Lexicon):
        def read(self) -> LexiconEntries:
            entries = super().read()
            worker.active_jobs.stop("left")
            return entries

    stopping = replace(worker, lexicon=Stopping(worker.store))
    put_audio(stopping, "spoken", beeps())
    spoken = {"endpoint": "timing", "job_id": "spoken", "text": "?!"}
    with pytest.raises(Cancelled):
        handling.handle(stopping, {"id": "left", "input": spoken}, lambda *_: None)


class Music:
    """Hears a song without words."""

    languages = frozenset({"en"})

    def transcribe(self, samples: Samples, sample_rate: int, language: str | None) -> Transcript:
        return Transcript("♪ ♪", "en", ())


def test_music_is_no_word(worker: Worker) -> None:
    put_audio(worker, "music", Path("tests/data/timing/08.wav").read_bytes())
    job = {"id": "notes", "input": {"endpoint": "timing", "job_id": "music"}}
    reply = handling.handle(replace(worker, whisper=Music()), job, lambda *_: None)
    assert reply["error"].startswith("alignment_failed: no word was heard in the audio; give the")


class Broken:
    """A Whisper whose device has no memory left."""

    languages = frozenset({"en"})

    def transcribe(self, samples: Samples, sample_rate: int, language: str | None) -> Transcript:
        raise TranscriptionFailed from RuntimeError("out of memory")


def test_a_whisper_that_fails_takes_only_its_own_help_away(worker: Worker) -> None:
    broken = replace(worker, whisper=Broken())
    put_audio(worker, "unheard", Path("tests/data/timing/08.wav").read_bytes())
    spoken = {"endpoint": "timing", "job_id": "unheard", "text": "The 你好 fox"}
    reply = handling.handle(broken, {"id": "deafened", "input": spoken}, lambda *_: None)
    assert reply["timing_method"] == "estimate"
    del spoken["text"]
    silent = handling.handle(broken, {"id": "untold", "input": spoken}, lambda *_: None)
    assert "give what is said in it: ref_text of a voice, text of a timing job" in silent["error"]


class Chinese:
    """Hears two clauses in each stretch but the second, where nothing is said."""

    languages = frozenset({"zh"})

    def __init__(self) -> None:
        self._count = 0

    def transcribe(self, samples: Samples, sample_rate: int, language: str | None) -> Transcript:
        self._count += 1
        text = "" if self._count == 2 else f"今天天气很好，我们走吧{'一二三'[self._count - 1]}。"
        return Transcript(text, "zh", ())


def test_what_is_heard_in_a_stretch_stays_in_it_without_spaces_too(worker: Worker) -> None:
    put_audio(worker, "chinese", beeps())
    job = {"id": "zh", "input": {"endpoint": "timing", "job_id": "chinese",
                                 "timing_format": "json"}}  # fmt: skip
    reply = handling.handle(replace(worker, whisper=Chinese()), job, lambda *_: None)
    assert reply["text"] == "今天天气很好，我们走吧一。 今天天气很好，我们走吧三。"
    words = words_of(reply)
    later = [word for word in words if word["start_time"] > 20]
    assert "".join(word["word"] for word in later) == "今天天气很好，我们走吧三。"
    assert later[0]["start_time"] > 40
    assert_places(words, reply["text"])


class Tagged:
    """Hears a tag in one stretch, one with a value that makes no sense in the next, then words."""

    languages = frozenset({"en"})

    def __init__(self) -> None:
        self._texts = [
            "Hello [pause: 1s] there.",
            "<break time='1000s'/> Good [voice: x] day.",
            "Bye.",
        ]

    def transcribe(self, samples: Samples, sample_rate: int, language: str | None) -> Transcript:
        return Transcript(self._texts.pop(0), "en", ())


def test_what_looks_like_a_tag_is_heard_as_words(worker: Worker) -> None:
    put_audio(worker, "tagged", beeps())
    job = {"id": "tags", "input": {"endpoint": "timing", "job_id": "tagged",
                                   "timing_format": "json"}}  # fmt: skip
    reply = handling.handle(replace(worker, whisper=Tagged()), job, lambda *_: None)
    assert reply["text"].split() == [word["word"] for word in words_of(reply)]
    assert reply["text"].startswith("Hello [pause: 1s] there. <break")
    assert [word["word"] for word in words_of(reply) if word["chunk"] == 2] == ["Bye."]
    assert_places(words_of(reply), reply["text"])


class Intro:
    """Hears music, in whatever language, and then German if it is not told another one."""

    languages = frozenset({"en", "de"})

    def __init__(self) -> None:
        self._count = 0

    def transcribe(self, samples: Samples, sample_rate: int, language: str | None) -> Transcript:
        self._count += 1
        if self._count == 1:
            return Transcript("♪", "en", ())
        return Transcript("Guten Tag.", language or "de", ())


def test_music_before_the_first_word_does_not_choose_the_language(worker: Worker) -> None:
    put_audio(worker, "jingle", beeps())
    job = {"id": "jingled", "input": {"endpoint": "timing", "job_id": "jingle"}}
    reply = handling.handle(replace(worker, whisper=Intro()), job, lambda *_: None)
    assert reply["language"] == "de"


def beeps() -> bytes:
    """A minute of 30 beeps with pauses between them."""
    at = np.arange(60 * 16_000) / 16_000
    out = io.BytesIO()
    soundfile.write(out, 0.1 * np.sin(3000 * at) * (at % 2 < 1.5), 16_000, format="WAV")
    return out.getvalue()


def silence() -> bytes:
    out = io.BytesIO()
    soundfile.write(out, np.zeros(48_000, np.float32), 16_000, format="WAV")
    return out.getvalue()


def test_progress_comes_after_each_window(worker: Worker, ask: Ask) -> None:
    ask("windows", text="The first sentence is here. The second one follows. And so does this.")
    progress: list[tuple[str, int, int]] = []
    job = {"id": "windows-2", "input": {"endpoint": "timing", "job_id": "windows"}}
    handling.handle(worker, job, lambda *update: progress.append(update))
    total = progress[0][2]
    assert progress[:-1] == [("timing", done, total) for done in range(1, total + 1)]
    assert progress[-1] == ("upload", 0, 1)
