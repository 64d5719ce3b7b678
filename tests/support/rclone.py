"""A second real S3 service on loopback, `rclone serve s3`, that runs during a `with` block."""

import os
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.ports import free_ports
from tests.support.s3_server import S3Server


@contextmanager
def running(folder: Path, bucket: str = "f5-tts-tests") -> Iterator[S3Server]:
    """Serve an empty bucket, a folder below `folder`; the process is killed at the block's end."""
    files = folder / "files"
    (files / bucket).mkdir(parents=True)
    for _ in range(3):
        (port,) = free_ports(1)
        server = S3Server(f"http://127.0.0.1:{port}", bucket)
        process = _start(folder, server, f"127.0.0.1:{port}")
        try:
            if server.is_ready(process):
                yield server
                return
        finally:
            process.kill()
            process.wait()
    raise RuntimeError((folder / "rclone.log").read_text(errors="replace")[-2000:])


def _start(folder: Path, server: S3Server, address: str) -> subprocess.Popen[bytes]:
    command = [
        str(Path(sysconfig.get_path("scripts"), "rclone")),
        "serve",
        "s3",
        f"--addr={address}",
        "--config=/dev/null",
        str(folder / "files"),
    ]
    pair = f'"{server.access_key},{server.secret_key}"'  # not where `ps` shows it
    with (folder / "rclone.log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"RCLONE_AUTH_KEY": pair, "TMPDIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
