"""Temporary folders: gone with their process, however it ends, and not before."""

import gc
import os
import signal
import subprocess
import sys
from pathlib import Path

from worker.scratch import Scratch

HOLDS = """
import os, sys, time
from pathlib import Path
from worker.scratch import Scratch
os.register_at_fork(after_in_child=lambda: time.sleep(0.3))  # a machine with much to do
scratch = Scratch(Path(sys.argv[1]))
folder = scratch.job()
Path(folder.name, "samples").write_bytes(b"x")
if os.fork() == 0:
    # As the SDK's ping process, which outlives a killed worker. It has the lock until it gets here.
    print("ready", flush=True)
time.sleep(60)
"""


def test_a_jobs_folder_goes_with_its_block_and_all_with_the_scratch(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    with scratch.job() as folder:
        Path(folder, "file").write_bytes(b"x")
        assert len(list(tmp_path.rglob("file"))) == 1
    assert not list(tmp_path.rglob("file"))
    del scratch
    gc.collect()
    assert not list(tmp_path.iterdir())


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
            assert Path(one).is_dir()
            assert Path(other).is_dir()
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.stdout.close()
