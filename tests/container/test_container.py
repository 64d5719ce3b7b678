"""The image built and booted: empty volume, killed builder, second start, every library."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.container.image import Image, build, stop, wait_for
from tests.job_server import JobServer
from tests.support.project import wait_until
from tests.volume.test_libraries import LIBRARIES, WITHOUT_STUBS

OWNER = 12345
"""A user that the image does not know."""

START = ["python3", "-u", "/app/setup_network_venv.py"]
SPEAK = {"endpoint": "tts", "text": "The worker came up.", "return_word_timings": True}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.alone,
    pytest.mark.needs("buildah"),
    pytest.mark.needs("debootstrap"),
    pytest.mark.timeout(900),
]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    folder = tmp_path_factory.mktemp("image")
    yield build(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def volume(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "volume"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def boot(
    image: Image, volume: Path, server: JobServer, worker_id: str, log: Path
) -> "subprocess.Popen[bytes]":
    """The image's own command, as RunPod starts it, with the preview engine."""
    environment = {"WORKER_EXTRA": "preview", "TTS_ENGINE": "preview"}
    environment |= {"RUNPOD_SKIP_AUTO_SYSTEM_CHECKS": "true", "RUNPOD_SKIP_GPU_CHECK": "true"}
    return image.start(volume, environment | server.worker_env(worker_id), START, log)


def give_to(user: int, folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)


def test_a_killed_first_boot_then_one_that_answers_then_one_at_once(
    image: Image, volume: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with JobServer() as server:
        killed = boot(image, volume, server, "killed", log)
        wait_until(lambda: list(volume.glob("worker/venvs/.building-*/env/lib")), "the build")
        stop(killed)
        assert not list(volume.glob("worker/venvs/preview-*"))
        (lost,) = volume.glob("worker/venvs/.building-*")

        for number in ("first", "second", "owned"):
            log.write_text("")
            if number == "owned":
                give_to(OWNER, volume)
            worker = boot(image, volume, server, number, log)
            try:
                submitted = server.submit(SPEAK, job_id=f"boot-{number}")
                wait_for(log, "All fitness checks passed", worker, 300)
                job = server.wait(submitted, 120)
                assert (job.status, job.error) == ("COMPLETED", None), log.read_text()[-4000:]
                assert job.output["word_count"] == 4
            finally:
                stop(worker)
            said = log.read_text()
            assert ("taking over" in said) == (number == "first")
            assert ("environment ready after" in said) == (number == "first")
            assert (f"the worker runs as user {OWNER}" in said) == (number == "owned")
            (audio,) = volume.glob(f"worker/store/output/boot-{number}*.wav")
            assert audio.stat().st_uid == (OWNER if number == "owned" else 0)
        took = re.search(r"([\d.]+) s after this process began", said)
        assert took is not None
        assert float(took[1]) < 0.3
    assert not lost.exists()
    (venv,) = (volume / "worker" / "venvs").iterdir()
    assert venv.name.startswith("preview-")
    # Nothing imports this: the build compiled it.
    assert list(venv.glob("lib/python3.11/site-packages/fastapi_cli/__pycache__/*.pyc"))
    assert list((volume / "worker" / "locks").iterdir()) == []


def test_the_real_lock_on_an_empty_volume_imports_every_adapter(
    image: Image, volume: Path, tmp_path: Path
) -> None:
    """8 GB: the worker's own lock, in the image, on a system without ffmpeg."""
    log = tmp_path / "log"
    imports = "; ".join(f"import {name}" for name in LIBRARIES)
    script = f"! command -v ffmpeg && cd /app && python=$({' '.join(START)} --prepare-only)"
    script += f" && $python -c '{imports}' && $python -c '{WITHOUT_STUBS}'"
    process = image.start(volume, {}, ["sh", "-ec", f"{script} && echo every library"], log)
    try:
        said = wait_for(log, "every library", process, 800)
    finally:
        stop(process)
    assert "building the environment worker-" in said


def test_the_image_adds_little_to_its_base(image: Image) -> None:
    assert image.added_mb() < 150
    assert not (image.root / "app" / "tests").exists()
