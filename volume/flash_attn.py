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
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from volume.process import die_with_parent

WHEEL = (
    "https://github.com/Dao-AILab/flash-attention/releases/download/v2.8.3/"
    "flash_attn-2.8.3+cu{cuda}torch{torch}cxx11abi{abi}-{python}-{python}-linux_{machine}.whl"
)
TIMEOUT_S = 180.0
"""For the download, the installation and the self-test, each."""


class FlashAttnUnusable(Exception):
    """Why flash-attn is not used, in words."""


MAY_HAPPEN = (
    *(FlashAttnUnusable, OSError, http.client.HTTPException, subprocess.SubprocessError),
    *(ImportError, AttributeError, LookupError, RuntimeError, ValueError),
)
"""What a network, other braces in the wheel's name and a torch that does not import raise."""


def main(uv: str, timeout_s: float = TIMEOUT_S) -> int:
    """Install it and prove that it works, or leave nothing of it; always 0."""
    try:
        wheel = os.environ.get("FLASH_ATTN_WHEEL") or WHEEL
        install(uv, wheel.format(**tags()), os.environ.get("FLASH_ATTN_SHA256", ""), timeout_s)
        self_test(timeout_s)
    except MAY_HAPPEN as error:
        remove(uv)
        print(f"flash-attn is not used: {' '.join(str(error).split())}", flush=True)
    else:
        print("flash-attn is installed and agrees with torch's attention", flush=True)
    return 0


def tags() -> dict[str, str]:
    """What a wheel's name must say to fit this environment."""
    import torch

    return {
        "cuda": (torch.version.cuda or "none").split(".")[0],
        "torch": ".".join(torch.__version__.split(".")[:2]),
        "abi": str(torch.compiled_with_cxx11_abi()).upper(),
        "python": f"cp{sys.version_info.major}{sys.version_info.minor}",
        "machine": os.uname().machine,
    }


def install(uv: str, url: str, sha256: str, timeout_s: float) -> None:
    """Download the wheel, compare its hash where one is set, install it alone."""
    with tempfile.TemporaryDirectory(dir=sys.prefix) as folder:
        wheel = Path(folder, url.rpartition("/")[2])
        with urllib.request.urlopen(url, timeout=timeout_s) as answer, wheel.open("wb") as file:
            shutil.copyfileobj(answer, file)
        with wheel.open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
        if sha256 and actual != sha256:
            raise FlashAttnUnusable(f"{url} has the hash {actual}, not FLASH_ATTN_SHA256")
        options = ["--quiet", "--no-deps", "--python", sys.executable]
        run([uv, "pip", "install", *options, wheel], timeout_s)


def self_test(timeout_s: float) -> None:
    """One attention in a process of its own: a wheel that does not fit may crash or hang."""
    run([sys.executable, "-m", "tts.f5.attention"], timeout_s)


def remove(uv: str) -> None:
    """Leave nothing of it."""
    command = [uv, "pip", "uninstall", "--quiet", "--python", sys.executable, "flash-attn"]
    with contextlib.suppress(OSError):
        subprocess.run(command, capture_output=True, check=False)


def run(command: list[str | Path], timeout_s: float) -> None:
    """Run a command. Raises FlashAttnUnusable with its last line if it fails or hangs."""
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
