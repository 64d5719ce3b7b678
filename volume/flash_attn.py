"""flash-attn, if it works here: `python -m volume.flash_attn UV`, in the environment it belongs to.

Run by volume/install.py while the environment is still private. The wheel must fit CUDA, torch,
Python and C++ ABI exactly, and one attention on the device must agree with torch's own; otherwise
it is removed again, because a half-installed flash_attn breaks `import f5_tts`. Its absence costs
one log line and never the build.
"""

import contextlib
import hashlib
import http.client
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from volume.process import die_with_parent

WHEEL = (
    "https://github.com/Dao-AILab/flash-attention/releases/download/v2.8.3/"
    "flash_attn-2.8.3+cu{cuda}torch{torch}cxx11abi{abi}-{python}-{python}-linux_{machine}.whl"
)
TIMEOUT_S = 180.0
"""The limit of the installation, of the self-test and of each wait of the download for bytes."""

DOWNLOAD_S = 900.0
"""The limit of the whole download, in seconds: 0.3 MB a second for the usual wheel."""

BLOCK_BYTES = 1 << 20


class FlashAttnUnusable(Exception):
    """Why flash-attn is not used, in words."""


MAY_HAPPEN = (
    *(FlashAttnUnusable, OSError, http.client.HTTPException, subprocess.SubprocessError),
    *(ImportError, AttributeError, LookupError, RuntimeError, ValueError),
)
"""What the network, unknown braces in FLASH_ATTN_WHEEL and a broken torch may raise."""


def main(uv: str, timeout_s: float = TIMEOUT_S, download_s: float = DOWNLOAD_S) -> int:
    """Install flash-attn and prove that it works, or remove it. Always returns 0.

    uv: the path of uv.
    timeout_s: as TIMEOUT_S.
    download_s: as DOWNLOAD_S.
    """
    sha256 = os.environ.get("FLASH_ATTN_SHA256", "")
    try:
        wheel = os.environ.get("FLASH_ATTN_WHEEL") or WHEEL
        install(uv, wheel.format(**tags()), sha256, timeout_s, download_s)
        self_test(timeout_s)
    except MAY_HAPPEN as error:
        remove(uv, timeout_s)
        print(f"flash-attn is not used: {' '.join(str(error).split())}", flush=True)
    else:
        print("flash-attn is installed and agrees with torch's attention", flush=True)
    return 0


def tags() -> dict[str, str]:
    """The parts of a wheel's name, so that the wheel fits this environment."""
    # Imported here, because main() must catch the errors of a torch that does not import.
    import torch

    return {
        "cuda": (torch.version.cuda or "none").split(".")[0],
        "torch": ".".join(torch.__version__.split(".")[:2]),
        "abi": str(torch.compiled_with_cxx11_abi()).upper(),
        "python": f"cp{sys.version_info.major}{sys.version_info.minor}",
        "machine": os.uname().machine,
    }


def install(uv: str, url: str, sha256: str, timeout_s: float, download_s: float) -> None:
    """Download a wheel and install it without its dependencies.

    url: the wheel's address.
    sha256: the hash to compare, in hexadecimal digits; empty for no comparison.

    Raises FlashAttnUnusable if the hash differs or the installation fails.
    """
    # Inside the private environment, not in /tmp: the rest of a killed download goes with it.
    with tempfile.TemporaryDirectory(dir=sys.prefix) as folder:
        # The file keeps its name: installers read version and platform from it.
        wheel = Path(folder, url.rpartition("/")[2])
        download(url, wheel, timeout_s, download_s)
        with wheel.open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
        if sha256 and actual != sha256:
            raise FlashAttnUnusable(f"{url} has the hash {actual}, not FLASH_ATTN_SHA256")
        # --no-deps: the lock decides about all other packages.
        options = ["--quiet", "--no-deps", "--python", sys.executable]
        run([uv, "pip", "install", *options, wheel], timeout_s)


def download(url: str, file: Path, timeout_s: float, download_s: float) -> None:
    """Download a file. Raises FlashAttnUnusable if the server takes too long."""
    end = time.monotonic() + download_s
    with urllib.request.urlopen(url, timeout=timeout_s) as response, file.open("wb") as target:
        # `read1` returns what has arrived: a server that sends byte by byte must not hold the loop.
        while block := response.read1(BLOCK_BYTES):
            target.write(block)
            if time.monotonic() > end:
                raise FlashAttnUnusable(f"{url} did not arrive whole in {download_s:g} s")


def self_test(timeout_s: float) -> None:
    """Run one attention in its own process, because a wheel that does not fit may crash or hang."""
    run([sys.executable, "-m", "tts.f5.attention"], timeout_s)


def remove(uv: str, timeout_s: float) -> None:
    """Uninstall flash-attn. Does nothing if it is not installed."""
    command = [uv, "pip", "uninstall", "--quiet", "--python", sys.executable, "flash-attn"]
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(command, capture_output=True, check=False, timeout=timeout_s)


def run(command: list[str | Path], timeout_s: float) -> None:
    """Run a command. Raises FlashAttnUnusable with its last line of output if it fails or hangs."""
    try:
        result = subprocess.run(
            die_with_parent(command),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FlashAttnUnusable(f"it does nothing for {timeout_s:g} s") from None
    if result.returncode != 0:
        lines = result.stdout.strip().splitlines() or [f"status {result.returncode}"]
        raise FlashAttnUnusable(lines[-1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
