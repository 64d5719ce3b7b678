"""An environment as a start builds it, made in a second: its packages are links to this one's."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.process import environment
from tests.support.project import PYTHON

ROOT = Path(__file__).resolve().parents[2]
OWN = Path(next(path for path in sys.path if path.endswith("site-packages")))


def make(home: Path, uv: Path) -> Path:
    """Make `home`/venvs/preview-key with every package of the test environment, and its marker."""
    venv = home / "venvs" / "preview-key"
    subprocess.run([uv, "venv", "-q", "--python", PYTHON, venv], check=True)
    site_packages = packages(venv)
    names = sorted(os.listdir(OWN))
    for name in names:
        if not (site_packages / name).exists():
            (site_packages / name).symlink_to(OWN / name)
    (venv / ".complete.json").write_text(json.dumps({"site_packages": names}))
    return venv


def packages(venv: Path) -> Path:
    """The folder of an environment's packages."""
    (site_packages,) = venv.glob("lib/python*/site-packages")
    return site_packages


def own_copy(venv: Path, name: str) -> Path:
    """Give an environment its own copy of a package, for damage. Returns its folder."""
    folder = packages(venv) / name
    folder.unlink()
    shutil.copytree(OWN / name, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def start(
    venv: Path, settings: Mapping[str, str], tree: Path = ROOT, limit: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Run `handler.py --test_input` in an environment to its end.

    tree: the checkout.
    limit: a command of the shell that limits the process, such as `ulimit -v 900000`.
    """
    job = '{"input": {"endpoint": "health"}}'
    command: list[str | Path] = [venv / "bin" / "python", tree / "handler.py", "--test_input", job]
    return subprocess.run(
        ["bash", "-c", f'{limit or ":"}; exec "$0" "$@"', *command],
        env=environment(venv.parents[1], {"PYTHONDONTWRITEBYTECODE": "1"} | dict(settings)),
        capture_output=True,
        text=True,
        check=False,
    )
