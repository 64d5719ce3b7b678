"""A real S3 service on loopback: SeaweedFS, one process, for as long as a `with` block lasts."""

import os
import random
import secrets
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from storage.base import StorageError
from storage.s3 import S3Store

_READY_S = 30.0
_GRPC_OFFSET = 10_000  # weed opens a second port this much above each


@dataclass(frozen=True, slots=True)
class Seaweed:
    """Where the service is, and the key that owns its one bucket."""

    endpoint_url: str
    bucket: str
    access_key: str
    secret_key: str
    region: str = "us-east-1"

    @property
    def environ(self) -> dict[str, str]:
        """What a worker has to find in its environment to keep its files here."""
        return {
            "S3_BUCKET": self.bucket,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": self.region,
            "AWS_ENDPOINT_URL": self.endpoint_url,
        }

    def store(self, *, attempts: int = 5, page_size: int = 1000) -> S3Store:
        return S3Store(
            self.bucket,
            region=self.region,
            endpoint_url=self.endpoint_url,
            access_key=self.access_key,
            secret_key=self.secret_key,
            attempts=attempts,
            page_size=page_size,
        )


@contextmanager
def running(folder: Path, bucket: str = "f5-tts-tests") -> Iterator[Seaweed]:
    """Serve an empty bucket from `folder`; the process is killed at the end of the block.

    The ports are free ones, so two test runs can go side by side. Should another process take one
    between the choice and the start, other ports are tried.
    """
    for _ in range(3):
        ports = _free_ports(5)
        seaweed = Seaweed(
            endpoint_url=f"http://127.0.0.1:{ports[0]}",
            bucket=bucket,
            access_key=secrets.token_hex(8),
            secret_key=secrets.token_hex(16),
        )
        process = _start(folder, seaweed, ports)
        try:
            if _is_ready(process, seaweed):
                yield seaweed
                return
        finally:
            # SIGTERM would wait half a minute for idle connections; nothing here is to be kept.
            process.kill()
            process.wait()
            for port in ports:
                for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                    left.unlink(missing_ok=True)
                for left in Path("/tmp").glob(f"seaweedfs-*-{port + _GRPC_OFFSET}.sock"):
                    left.unlink(missing_ok=True)
    raise RuntimeError((folder / "weed.log").read_text(errors="replace")[-2000:])


def _start(folder: Path, seaweed: Seaweed, ports: list[int]) -> subprocess.Popen[bytes]:
    s3, master, volume, filer, admin = ports
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        str(Path(sysconfig.get_path("scripts"), "weed")),
        "mini",
        f"-dir={folder}",
        f"-bucket={seaweed.bucket}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-s3.port={s3}",
        f"-master.port={master}",
        f"-volume.port={volume}",
        f"-filer.port={filer}",
        f"-admin.port={admin}",
        "-admin.ui=false",
        "-webdav=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.autoCreateBucket=false",
        "-master.telemetry=false",
    ]
    with (folder / "weed.log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | seaweed.environ | {"TMPDIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _is_ready(process: subprocess.Popen[bytes], seaweed: Seaweed) -> bool:
    """Wait for a signed write, read and delete: the key is this run's own, so is the server."""
    store = seaweed.store(attempts=1)
    end = time.monotonic() + _READY_S
    while time.monotonic() < end and process.poll() is None:
        with suppress(StorageError):
            store.check()
            return True
        time.sleep(0.05)
    return False


def _free_ports(count: int) -> list[int]:
    """Ports that are free together with their gRPC twins, below those of outgoing connections."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(11_000, 22_000)
        if port not in found and _is_free(port) and _is_free(port + _GRPC_OFFSET):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
