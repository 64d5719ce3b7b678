"""volume/flash_attn.py with stand-in wheels: good, broken, hanging, crashing, wrong, missing."""

import contextlib
import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.support.index import wheel

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
GOOD = """\
import torch
import torch.nn.functional as F

def flash_attn_func(query, key, value):
    rows = [part.transpose(1, 2) for part in (query, key, value)]
    return F.scaled_dot_product_attention(*rows).transpose(1, 2)

def flash_attn_varlen_func(query, key, value, starts, ends, longest, same):
    parts = []
    for first, last in zip(starts, starts[1:]):
        rows = [part[None, first:last] for part in (query, key, value)]
        parts.append(flash_attn_func(*rows)[0])
    return torch.cat(parts)
"""
WHEELS = {
    "good": GOOD,
    "broken": "raise ImportError('undefined symbol: _ZN3c105ErrorC2E')",
    "hanging": "import time; time.sleep(600)",
    "crashing": "import os; os.abort()",
    "lying": GOOD.replace("return torch.cat(parts)", "return torch.cat(parts) * 1.5"),
}
SAYS = {
    "good": "flash-attn is installed and agrees",
    "broken": "flash-attn is not used: ImportError: undefined symbol",
    "hanging": "flash-attn is not used: it does nothing for 5 s",
    "crashing": "flash-attn is not used: status -6",
    "lying": "flash-attn is not used: it differs from torch's attention by",
}


@pytest.fixture
def python(tmp_path: Path, uv: Path) -> Path:
    """An environment of its own that sees the test environment's torch."""
    folder = tmp_path / "env"
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, folder], check=True)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    own = next(path for path in sys.path if path.endswith("site-packages"))
    (site_packages / "test_environment.pth").write_text(f"{own}\n")
    return folder / "bin" / "python"


def try_flash(
    python: Path, uv: Path, file: Path, sha256: str = "", timeout_s: float = 120.0
) -> str:
    """What volume.flash_attn says about a wheel."""
    code = f"import sys; from volume import flash_attn; flash_attn.main(sys.argv[1], {timeout_s})"
    result = subprocess.run(
        [python, "-c", code, uv],
        cwd=ROOT,
        env=os.environ | {"FLASH_ATTN_WHEEL": file.as_uri(), "FLASH_ATTN_SHA256": sha256},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.count("\n") == 1, result.stdout + result.stderr
    return result.stdout


def is_installed(python: Path) -> bool:
    return bool(list(python.parents[1].rglob("flash_attn*")))


def write_wheel(tmp_path: Path, source: str) -> Path:
    file = tmp_path / "flash_attn-1.0-py3-none-any.whl"
    file.write_bytes(wheel("flash_attn", {"flash_attn/__init__.py": source}))
    return file


@pytest.mark.parametrize("kind", WHEELS)
def test_a_wheel_stays_only_where_it_works(
    python: Path, uv: Path, tmp_path: Path, kind: str
) -> None:
    timeout_s = 5.0 if kind == "hanging" else 120.0
    said = try_flash(python, uv, write_wheel(tmp_path, WHEELS[kind]), timeout_s=timeout_s)
    assert said.startswith(SAYS[kind])
    assert is_installed(python) == (kind == "good")


def test_a_wheel_with_another_hash_is_not_installed(python: Path, uv: Path, tmp_path: Path) -> None:
    file = write_wheel(tmp_path, GOOD)
    assert "not FLASH_ATTN_SHA256" in try_flash(python, uv, file, "0" * 64)
    assert not is_installed(python)
    right = hashlib.sha256(file.read_bytes()).hexdigest()
    assert "is installed" in try_flash(python, uv, file, right)


def test_a_wheel_that_is_nowhere_costs_one_line(python: Path, uv: Path, tmp_path: Path) -> None:
    said = try_flash(python, uv, tmp_path / "flash_attn-{torch}-{python}-{abi}-{cuda}.whl")
    assert said.startswith("flash-attn is not used: ")
    assert not is_installed(python)


@pytest.mark.parametrize("broken", ["lacks torch", "0 in the URL", "no HTTP"])
def test_nothing_that_goes_wrong_costs_the_build(python: Path, tmp_path: Path, broken: str) -> None:
    """`uv` is not there either: nothing was installed that it could remove."""
    url = tmp_path.as_uri() + "/{0}/a.whl" if broken == "0 in the URL" else ""
    if broken == "lacks torch":
        (site_packages,) = python.parents[1].glob("lib/python*/site-packages")
        (site_packages / "torch.py").write_text("raise ImportError('libcudnn.so.9')")
    with socket.create_server(("127.0.0.1", 0)) as server:
        if broken == "no HTTP":
            url = f"http://127.0.0.1:{server.getsockname()[1]}/a.whl"
            threading.Thread(target=answer_nonsense, args=(server,), daemon=True).start()
        result = subprocess.run(
            [python, "-m", "volume.flash_attn", tmp_path / "no-uv"],
            cwd=ROOT,
            env=os.environ | {"FLASH_ATTN_WHEEL": url},
            capture_output=True,
            text=True,
            check=False,
        )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("flash-attn is not used: ")
    assert result.stdout.count("\n") == 1


def answer_nonsense(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(10_000)
        connection.sendall(b"hello\r\n\r\n")


def test_the_wheel_is_chosen_by_cuda_torch_abi_and_python() -> None:
    from volume import flash_attn

    tags = flash_attn.tags()
    assert tags["python"] == "cp311"
    assert tags["torch"] == "2.8"
    assert flash_attn.WHEEL.format(**tags).endswith(
        "/flash_attn-2.8.3+cu12torch2.8cxx11abiTRUE-cp311-cp311-linux_x86_64.whl"
    )


def drip(server: socket.socket) -> None:
    """Answer with a byte every 50 ms, for ever."""
    connection, _ = server.accept()
    with connection, contextlib.suppress(OSError):
        connection.recv(10_000)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while True:
            connection.sendall(b"x")
            time.sleep(0.05)


def test_a_server_that_sends_byte_by_byte_has_a_limit_too(tmp_path: Path) -> None:
    from volume import flash_attn

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=drip, args=(server,), daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/a.whl"
        with pytest.raises(flash_attn.FlashAttnUnusable, match="did not arrive whole in"):
            flash_attn.download(url, tmp_path / "a.whl", 60.0, 0.3)


def test_a_removal_that_hangs_ends(tmp_path: Path) -> None:
    from volume import flash_attn

    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\nexec sleep 600\n")
    uv.chmod(0o755)
    flash_attn.remove(str(uv), 0.2)
