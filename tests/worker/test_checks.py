"""`--check` on a good and on a broken home, the fitness checks, and a worker on damaged files."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from settings import Settings
from tests.job_server import JobServer, Worker
from tests.support.process import environment
from tests.support.project import PYTHON, Project, wait_for_result
from tests.support.tiny_f5 import Checkpoint
from volume import space
from volume.errors import SetupError
from worker import checks

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = ["python", "venv", "volume", "space", "settings"]
NAMES = ["settings", "packages", "volume", "space", "models", "store", "gpu"]


def check_inside(home: Path, **settings: str) -> tuple[int, dict[str, str]]:
    """worker.checks in the test environment: its status, and what it says of each check."""
    result = subprocess.run(
        [sys.executable, "-m", "worker.checks"],
        cwd=ROOT,
        env=environment(home, settings) | {"HF_HOME": str(home / "models" / "huggingface")},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line.split(maxsplit=2) for line in result.stdout.splitlines()]
    assert result.stderr == ""
    return result.returncode, {name: f"{verdict} {said}" for verdict, name, said in lines}


def test_a_good_home_inside(tmp_path: Path, tiny_checkpoint: Checkpoint) -> None:
    settings = tiny_checkpoint.environment | {"WHISPER_MODEL": "none", "ALIGNERS": "sphinx"}
    status, said = check_inside(tmp_path, **settings)
    assert status == 0, said
    assert list(said) == NAMES
    assert (
        said["packages"] == "ok storage.local, tts.f5.load, timing.alignment.sphinx can be imported"
    )
    assert said["store"] == f"ok {tmp_path}/store, no bucket"
    assert said["gpu"] == "ok not needed by these settings"


def test_a_broken_home_inside(tmp_path: Path) -> None:
    wrong = {"TTS_ENGINE": "f5", "F5_DEVICE": "cuda", "CUDA_VISIBLE_DEVICES": ""}
    wrong |= {"S3_BUCKET": "none", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "ALIGNERS": "none"}
    wrong |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    status, said = check_inside(tmp_path, **wrong)
    assert status == 1
    assert said["packages"].startswith("ok storage.s3.store")
    assert said["models"].startswith("WRONG not on the disk: SWivid/F5-TTS, charactr/vocos")
    assert said["store"].startswith("WRONG ")
    assert said["gpu"].startswith("WRONG torch finds no GPU that it can use")


def test_what_a_setting_adds_to_the_worker_is_checked_too(tmp_path: Path) -> None:
    """As handler.py loads them: google for its credentials, Whisper beside the preview engine."""
    added = {"GOOGLE_CREDENTIALS_JSON": "{}", "WHISPER_MODEL": "tiny", "TTS_ENGINE": "preview"}
    status, said = check_inside(tmp_path, **added)
    assert status == 1
    aligners = "timing.alignment.sphinx, timing.alignment.google"
    names = f"storage.local, tts.preview, {aligners}, faster_whisper"
    assert said["packages"] == f"ok {names} can be imported"
    assert said["models"].startswith("WRONG not on the disk: Systran/faster-whisper-tiny;")


def test_settings_that_cannot_be_used_are_one_line(tmp_path: Path) -> None:
    status, said = check_inside(tmp_path, F5_DTYPE="float8")
    assert status == 1
    assert list(said) == ["settings"]


def test_check_where_there_is_no_environment_or_a_damaged_one(project: Project, home: Path) -> None:
    before = wait_for_result(project.start(home, "tiny", "--check"))
    assert before.returncode == 1
    assert not home.exists()
    assert "WRONG  venv" in before.stdout
    assert "is not built; the next start builds it" in before.stdout
    assert [line.split()[1] for line in before.stdout.splitlines()] == OUTSIDE
    venv = Path(project.prepare(home).stdout.strip()).parents[1]
    shutil.rmtree(next(venv.rglob("site-packages/tinyone")))
    files = sorted(home.rglob("*"))
    broken = wait_for_result(project.start(home, "tiny", "--check"))
    assert broken.returncode == 1
    assert "is damaged (tinyone missing); the next start builds it" in broken.stdout
    assert sorted(home.rglob("*")) == files


@pytest.fixture
def built(home: Path, uv: Path) -> Path:
    """The environment of the preview lock in `home`, with the test environment's packages."""
    code = "import sys, pathlib, setup_network_venv as s\n"
    code += "print(s.venv_of(pathlib.Path(sys.argv[1]), 'preview'))"
    said = subprocess.run(
        [PYTHON, "-c", code, home], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    venv = Path(said.strip())
    subprocess.run([uv, "venv", "-q", "--python", PYTHON, venv], check=True)
    (site_packages,) = venv.glob("lib/python*/site-packages")
    own = next(path for path in sys.path if path.endswith("site-packages"))
    (site_packages / "zz_test_environment.pth").write_text(f"{own}\n")
    (venv / ".complete.json").write_text(json.dumps({"site_packages": []}))
    return venv


def whole_check(home: Path, **settings: str) -> tuple[int, list[list[str]], str]:
    """`--check` as a person types it: its status, verdicts and names, what it said."""
    result = subprocess.run(
        [PYTHON, ROOT / "setup_network_venv.py", "--home", home, "--check"],
        env=environment(home, {"WORKER_EXTRA": "preview"} | settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    return result.returncode, [line.split()[:2] for line in lines], result.stdout


def test_check_on_a_good_home_is_all_right_and_changes_nothing(home: Path, built: Path) -> None:
    files = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    status, verdicts, said = whole_check(home)
    assert verdicts == [["ok", name] for name in ["python", "venv", *NAMES]], said
    assert status == 0
    assert f"{built} is complete" in said
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == files


def test_check_names_what_the_environment_lacks_for_the_settings(home: Path, built: Path) -> None:
    """The preview lock, and nobody said TTS_ENGINE=preview."""
    lacks = 'import sys; sys.modules |= dict.fromkeys(["f5_tts", "torch", "faster_whisper"])\n'
    (next(built.glob("lib/*/site-packages")) / "zz_lacks.pth").write_text(lacks)
    files = sorted(home.rglob("*"))
    status, verdicts, said = whole_check(home, TTS_ENGINE="f5")
    assert status == 1
    assert [name for verdict, name in verdicts if verdict == "WRONG"] == [
        "packages",
        "models",
        "gpu",
    ]
    assert "--extra preview works with TTS_ENGINE=preview alone" in said
    assert sorted(home.rglob("*")) == files


def test_with_a_bucket_a_volume_may_be_full_or_read_only(small_volume: Path) -> None:
    """What is complete there is used; nothing of a job needs the home folder."""
    plain = Settings.from_environment({"TTS_ENGINE": "preview", "WORKER_HOME": str(small_volume)})
    bucket = plain.model_copy(update={"bucket": "bucket"})
    with pytest.raises(SetupError, match="200 MB needed"):
        checks.room(plain)
    assert "this does no harm: no space left" in checks.room(bucket)
    subprocess.run(["mount", "-o", "remount,ro", small_volume], check=True)
    with pytest.raises(SetupError, match="mount it for writing"):
        checks.volume(plain)
    assert "cannot be written to" in checks.volume(bucket)


def test_a_fitness_check_that_fails_ends_the_worker(tmp_path: Path, small_volume: Path) -> None:
    """In RunPod's own loop: the same worker with and without room for its work."""
    skip = {"RUNPOD_SKIP_AUTO_SYSTEM_CHECKS": "true", "RUNPOD_SKIP_GPU_CHECK": "true"}
    settings = {"TTS_ENGINE": "preview", "ALIGNERS": "none"}
    with JobServer() as server:
        roomy = settings | {"WORKER_HOME": str(tmp_path / "home")}
        with Worker(server, ROOT / "handler.py", env=roomy | skip) as worker:
            worker.ready()
            assert "All fitness checks passed" in worker.log()
        full = settings | {"WORKER_HOME": str(small_volume)}
        server.submit({"text": "Hello."}, job_id="told")
        with Worker(server, ROOT / "handler.py", "worker-2", env=full | skip) as worker:
            assert worker.wait(60) == 1
            assert "no space left under" in worker.log()
        assert "worker_unavailable: this worker cannot start: no space left under" in str(
            server.wait("told").error
        )


def test_the_volume_check_says_what_to_do(tmp_path: Path) -> None:
    assert "can be written to" in space.check_volume(tmp_path / "a" / "b")
    with pytest.raises(SetupError, match="mount it for writing"):
        space.check_volume(Path("/proc/1/home"))


def test_every_fitness_check_passes_on_a_good_home(tmp_path: Path) -> None:
    settings = Settings.from_environment({"TTS_ENGINE": "preview", "WORKER_HOME": str(tmp_path)})
    assert set(checks.FITNESS) == {"volume", "space", "models", "store", "gpu"}
    assert all(look(settings) for look in checks.FITNESS.values())
