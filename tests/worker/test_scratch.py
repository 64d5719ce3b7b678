"""Temporary folders: gone with their process, however it ends, and not before."""

import gc
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from worker.scratch import JobFolder, Scratch

HOLDS = """
import os, sys, time
from pathlib import Path
from worker.scratch import Scratch
os.register_at_fork(after_in_child=lambda: time.sleep(0.3))  # a machine with much to do
scratch = Scratch(Path(sys.argv[1]))
job = scratch.job()
(job.__enter__().path / "samples").write_bytes(b"x")
if os.fork() == 0:
    # As the SDK's ping process, which outlives a killed worker. It has the lock until it gets here.
    print("ready", flush=True)
time.sleep(60)
"""


def test_a_jobs_folder_goes_with_its_block_and_all_with_the_scratch(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    with scratch.job() as folder:
        (folder.path / "file").write_bytes(b"x")
        assert len(list(tmp_path.rglob("file"))) == 1
    assert not list(tmp_path.rglob("file"))
    del scratch, folder
    gc.collect()
    assert not list(tmp_path.iterdir())


def test_a_job_that_needs_no_folder_makes_none(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    with scratch.job():
        (folder,) = tmp_path.iterdir()
        assert not list(folder.iterdir())
        shutil.rmtree(tmp_path)
    assert not tmp_path.exists()


@pytest.mark.parametrize("with_parent", [False, True])
def test_a_folder_that_a_cleaner_removed_is_made_anew(tmp_path: Path, with_parent: bool) -> None:
    root = tmp_path / "tmp"
    root.mkdir()
    scratch = Scratch(root)
    with scratch.job() as folder:
        (folder.path / "file").touch()
        shutil.rmtree(root if with_parent else next(root.iterdir()))
    with scratch.job() as folder:
        (folder.path / "file").touch()
        another = Scratch(root)  # as another worker's: it must not take the new folder for dead
        assert (folder.path / "file").exists()
    del scratch, another, folder
    gc.collect()
    assert not list(root.iterdir())


def test_a_lost_folder_that_could_not_be_made_is_made_for_a_later_job(tmp_path: Path) -> None:
    root = tmp_path / "tmp"
    root.mkdir()
    scratch = Scratch(root)
    shutil.rmtree(root)
    root.touch()  # where a file lies, no folder can be made
    for _ in range(2):
        with scratch.job() as folder, pytest.raises(FileExistsError):
            assert folder.path
    root.unlink()
    with scratch.job() as folder:
        (folder.path / "file").touch()


def test_jobs_that_need_the_lost_folder_at_once_share_one_new_one(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    shutil.rmtree(next(tmp_path.iterdir()))

    def use(_: int) -> Path:
        with scratch.job() as folder:
            return folder.path.parent

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(use, range(40)))) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_the_threads_of_a_job_share_its_folder_however_they_meet(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    together = Barrier(8)

    def use(folder: JobFolder) -> Path:
        together.wait()
        return folder.path

    with ThreadPoolExecutor(8) as threads:
        for _ in range(50):
            with scratch.job() as folder:
                assert len(set(threads.map(use, [folder] * 8))) == 1
                assert folder.path.is_dir()


def test_what_a_killed_process_left_is_removed_by_the_next_and_no_living_ones(
    tmp_path: Path,
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        mine = Scratch(tmp_path)
        assert len(list(tmp_path.rglob("samples"))) == 1
        process.kill()
        process.wait()
        after = Scratch(tmp_path)
        assert not list(tmp_path.rglob("samples"))
        assert len(list(tmp_path.iterdir())) == 2
        with mine.job() as one, after.job() as other:
            assert one.path.is_dir()
            assert other.path.is_dir()
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.stdout.close()
