"""A real S3 service on loopback: one SeaweedFS process that runs during a `with` block."""

import json
import os
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.ports import free_ports
from tests.support.s3_server import S3Server

GRPC_OFFSET = 10_000
"""SeaweedFS opens a gRPC port this much above each of its HTTP ports."""


@dataclass(frozen=True, slots=True)
class Seaweed(S3Server):
    """The service, with a second key `reader` that may read and list but not write."""

    reader: S3Server = field(default_factory=lambda: S3Server("", ""))

    @property
    def identities(self) -> str:
        """The service's configuration: the keys, and what each may do."""
        keys = {"owner": (self, ["Admin"]), "reader": (self.reader, ["Read", "List"])}
        return json.dumps(
            {
                "identities": [
                    {
                        "name": name,
                        "credentials": [{"accessKey": of.access_key, "secretKey": of.secret_key}],
                        "actions": actions,
                    }
                    for name, (of, actions) in keys.items()
                ]
            }
        )


@contextmanager
def running(folder: Path, bucket: str = "f5-tts-tests") -> Iterator[Seaweed]:
    """Serve an empty bucket from `folder`; the process is killed at the end of the block.

    The ports are chosen at random, so that two test runs can go on at the same time. If another
    process takes one before SeaweedFS starts, other ports are tried.
    """
    for _ in range(3):
        ports = free_ports(5, GRPC_OFFSET)
        url = f"http://127.0.0.1:{ports[0]}"
        seaweed = Seaweed(url, bucket, reader=S3Server(url, bucket))
        process = _start(folder, seaweed, ports)
        try:
            if seaweed.is_ready(process):
                yield seaweed
                return
        finally:
            # SIGTERM would wait half a minute for idle connections; nothing here must survive.
            process.kill()
            process.wait()
            for port in ports:
                for socket in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                    socket.unlink(missing_ok=True)
                for socket in Path("/tmp").glob(f"seaweedfs-*-{port + GRPC_OFFSET}.sock"):
                    socket.unlink(missing_ok=True)
    raise RuntimeError((folder / "weed.log").read_text(errors="replace")[-2000:])


def _start(folder: Path, seaweed: Seaweed, ports: list[int]) -> subprocess.Popen[bytes]:
    s3, master, volume, filer, admin = ports
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "identities.json").write_text(seaweed.identities)
    command = [
        str(Path(sysconfig.get_path("scripts"), "weed")),
        "mini",
        f"-dir={folder}",
        f"-bucket={seaweed.bucket}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-s3.port={s3}",
        f"-s3.config={folder / 'identities.json'}",
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
