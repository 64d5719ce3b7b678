"""The image of Dockerfile.runpod, by buildah over a Debian from this machine's own mirror."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
PACKAGES = "python3,python3-venv,ca-certificates"
SUITE = "bookworm"


@dataclass(frozen=True)
class Image:
    """A built image and one container of it; `storage` holds all that buildah keeps."""

    storage: Path
    name: str

    def start(
        self, volume: Path, environment: Mapping[str, str], command: Sequence[str], log: Path
    ) -> "subprocess.Popen[bytes]":
        """Run a command in a fresh container with the volume mounted, in a group of its own.

        Network and processes are this machine's, as buildah's chroot isolation has it.
        """
        container = buildah(self.storage, "from", self.name).strip()
        options = ["-v", f"{volume}:/runpod-volume"]
        for name, value in environment.items():
            options += ["--env", f"{name}={value}"]
        with log.open("ab") as file:
            return subprocess.Popen(
                [*base_command(self.storage), "run", *options, container, "--", *command],
                env=os.environ | {"BUILDAH_ISOLATION": "chroot"},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def root(self) -> Path:
        """The image's whole file system: buildah's vfs copies each layer onto the one below."""
        return next(layer for layer in self._layers() if (layer / "app" / "handler.py").exists())

    def added_mb(self) -> float:
        """What Dockerfile.runpod added to its base."""
        bases = [layer for layer in self._layers() if not (layer / "app").exists()]
        (base,) = {round(size_mb(layer), 3) for layer in bases if (layer / "usr").exists()}
        return size_mb(self.root) - base

    def _layers(self) -> list[Path]:
        return list(self.storage.glob("vfs/dir/*"))


def size_mb(folder: Path) -> float:
    """What the files in a folder take."""
    return sum(file.lstat().st_size for file in folder.rglob("*")) / 1e6


def build(folder: Path) -> Image:
    """The base with debootstrap, then Dockerfile.runpod on it."""
    storage, rootfs = folder / "storage", folder / "rootfs"
    options = ["--variant=minbase", f"--include={PACKAGES}", SUITE]
    subprocess.run(
        ["debootstrap", *options, rootfs, *mirror()], check=True, stdout=subprocess.DEVNULL
    )
    # This machine's registry may be behind a certificate of its own.
    shutil.copy(CERTIFICATES, rootfs / CERTIFICATES.relative_to("/"))
    scratch = buildah(storage, "from", "scratch").strip()
    buildah(storage, "copy", "-q", scratch, str(rootfs), "/")
    shutil.rmtree(rootfs)
    for name in ("SSL_CERT_FILE", "PIP_CERT"):
        buildah(storage, "config", "--env", f"{name}={CERTIFICATES}", scratch)
    buildah(storage, "commit", "-q", "--rm", scratch, "localhost/python-base")
    arguments = ["--build-arg", "BASE=localhost/python-base", "-f", "Dockerfile.runpod"]
    buildah(storage, "build", "--pull-never", *arguments, "-t", "localhost/worker", str(ROOT))
    return Image(storage, "localhost/worker")


def mirror() -> list[str]:
    """Where this machine's own apt finds Debian; none on Ubuntu, where debootstrap has its own."""
    sources = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    text = "\n".join(path.read_text() for path in sources if path.is_file())
    found = re.findall(r"^URIs: *(\S+/debian)/?$|^deb (?:\[.*?\] )?(\S+/debian)/? ", text, re.M)
    return [str(url) for pair in found for url in pair if url][:1]


def base_command(storage: Path) -> list[str]:
    """buildah with a storage of its own."""
    runroot = storage.with_name("run")
    return ["buildah", "--root", str(storage), "--runroot", str(runroot), "--storage-driver", "vfs"]


def buildah(storage: Path, *command: str) -> str:
    """One command of buildah's, and what it printed."""
    result = subprocess.run(
        [*base_command(storage), *command],
        env=os.environ | {"BUILDAH_ISOLATION": "chroot"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"buildah {' '.join(command)}: {result.stderr[-3000:]}"
    return result.stdout


def stop(process: "subprocess.Popen[bytes]") -> None:
    """SIGKILL to everything that runs in the container, as when a host takes it away."""
    for pid in [*reversed(descendants(process.pid)), process.pid]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait(60)


def descendants(pid: int) -> list[int]:
    """The processes below one, parents first."""
    below: list[int] = []
    # buildah starts processes from any of its threads, and each has the list of its own.
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            below += map(int, children.read_text().split())
    return [one for child in below for one in (child, *descendants(child))]


def wait_for(log: Path, text: str, process: "subprocess.Popen[bytes]", seconds: float) -> str:
    """The log once it holds a text, which the process must write before it ends."""
    deadline = time.monotonic() + seconds
    while True:
        ended = process.poll() is not None
        said = log.read_text(errors="replace")
        if text in said:
            return said
        assert not ended, said[-4000:]
        assert time.monotonic() < deadline, said[-4000:]
        time.sleep(0.1)
