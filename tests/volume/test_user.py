"""WORKER_USER: the worker runs as the owner of the volume's folder, where nothing is in its way."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import project as projects
from tests.support.index import Index
from tests.support.project import PYTHON, Project
from volume.user import (
    Choice,
    User,
    accesses,
    choose_user,
    owners_in,
    refused_to,
    unusable,
    variables_of_user,
)

AS_ROOT = pytest.mark.needs("root")
IN_A_NAMESPACE = pytest.mark.needs("unshare")
FOLDER = Path("/volume/worker")
SOMEBODY = User(1000, 1000)
IN_ITS_OWN_MOUNTS = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'
AS_SOMEBODY = ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups", "env", "-u"]
HANDLER = """\
import json, os, pathlib
pathlib.Path(os.path.expanduser("~"), "made").touch()
facts = {"user": os.getresuid(), "group": os.getresgid(), "groups": os.getgroups()}
print(json.dumps(facts | {"environment": dict(os.environ)}))
"""


def test_the_owner_of_an_empty_or_of_its_own_folder_is_chosen() -> None:
    for owners in ([], [1000, 1000]):
        choice = choose_user(FOLDER, SOMEBODY, owners)
        assert choice == Choice(SOMEBODY, f"the worker runs as user 1000, who owns {FOLDER}")


def test_a_folder_of_root_changes_nothing_and_says_nothing() -> None:
    assert choose_user(FOLDER, User(0, 0), [0, 1000]) == Choice()


@pytest.mark.parametrize("other", [0, 1001])
def test_a_folder_with_things_of_another_user_stays_with_root(other: int) -> None:
    choice = choose_user(FOLDER, SOMEBODY, [1000, other, 1000])
    assert choice.user is None
    assert choice.line == (
        f"the worker runs as root: user 1000 owns {FOLDER}, but user {other} owns a part of what "
        f"is in it; if no other worker runs on it, `chown -R 1000:1000 {FOLDER}` lets the next one "
        "run as that user"
    )


@AS_ROOT
@pytest.mark.parametrize(
    ("of_root", "seen"),
    [
        ("venvs", True),
        ("models/.complete-1.json", True),
        ("venv", True),
        ("logs", True),
        ("logs/old.log", False),
        ("store/voices/joe.wav", False),
    ],
)
def test_what_a_root_before_has_left_is_seen(tmp_path: Path, of_root: str, seen: bool) -> None:
    files = ["venvs/key/.complete.json", "models/.complete-1.json", "logs/old.log"]
    for name in [*files, "store/voices/joe.wav"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    # A link of its own to a folder of root's.
    (tmp_path / "venv").symlink_to("/usr")
    for path in tmp_path.rglob("*"):
        os.chown(path, 1000, 1000, follow_symlinks=False)
    assert set(owners_in(tmp_path)) == {1000}
    os.chown(tmp_path / of_root, 0, 0, follow_symlinks=False)
    assert set(owners_in(tmp_path)) == ({0, 1000} if seen else {1000})


def test_no_home_has_no_owners(tmp_path: Path) -> None:
    assert list(owners_in(tmp_path / "home")) == []


@AS_ROOT
def test_what_the_user_cannot_use_is_named() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        assert refused_to(SOMEBODY, {folder: os.R_OK}) == ""
        assert refused_to(SOMEBODY, {folder: os.R_OK | os.W_OK}) == f"use {folder}"
        os.chown(folder, 1000, 1000)
        assert refused_to(SOMEBODY, {folder: os.R_OK | os.W_OK}) == ""
        # The right to the folder itself is not enough.
        closed = folder / "closed" / "home"
        closed.mkdir(parents=True)
        os.chown(closed, 1000, 1000)
        closed.parent.chmod(0o700)
        assert refused_to(SOMEBODY, {closed: os.R_OK | os.W_OK}) == f"use {closed}"
        # A name that is no UTF-8.
        odd = folder / os.fsdecode(b"\xff")
        assert refused_to(SOMEBODY, {odd: os.R_OK}) == f"use {odd}"
    assert os.geteuid() == 0


@AS_ROOT
@IN_A_NAMESPACE
def test_a_container_that_may_not_change_the_user_says_so() -> None:
    script = "from volume.user import User, refused_to; print(refused_to(User(1000, 1000), {}))"
    without = ["setpriv", "--bounding-set", "-setuid", "--inh-caps", "-setuid"]
    command = [*without, sys.executable, "-c", script]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout == "change its user\n"


def test_the_places_that_settings_name_must_be_usable(tmp_path: Path) -> None:
    weights, cache = tmp_path / "model.pt", tmp_path / "hub"
    weights.touch()
    cache.mkdir()
    environment = {"F5_CKPT_FILE": str(weights), "HF_HUB_CACHE": str(cache)}
    environment |= {"F5_VOCAB_FILE": "hf://owner/name/vocab.txt", "TORCH_HOME": "/not/there"}
    environment |= {"HF_HOME": "", "F5_VOCODER_DIR": "", "TMPDIR": "/not/there"}
    needed = accesses(tmp_path, environment)
    assert needed[weights] == os.R_OK
    # The worker would create /not, so it must be able to write to /.
    for folder in (cache, Path("/")):
        assert needed[folder] == os.R_OK | os.W_OK | os.X_OK
    assert needed[tmp_path] == os.R_OK | os.W_OK | os.X_OK
    assert all(path.exists() for path in needed)
    assert Path() not in needed


def test_a_user_without_a_home_gets_one(tmp_path: Path) -> None:
    home = tmp_path / f"f5-tts-home-{os.getuid()}"
    for environment in ({}, {"HOME": ""}, {"HOME": "/not/there"}):
        found = variables_of_user(environment, tmp_path)
        assert found == {"HOME": str(home), "LOGNAME": "worker"}
        assert home.stat().st_mode & 0o777 == 0o700
    own = {"HOME": str(tmp_path), "LOGNAME": "me"}
    assert variables_of_user(own, tmp_path) == {"LOGNAME": "me"}


@pytest.mark.parametrize("kind", ["link", "file"])
def test_a_name_that_somebody_took_is_not_used(tmp_path: Path, kind: str) -> None:
    taken = tmp_path / f"f5-tts-home-{os.getuid()}"
    if kind == "link":
        taken.symlink_to(tmp_path)
    else:
        taken.touch()
    home = Path(variables_of_user({}, tmp_path)["HOME"])
    assert home not in (taken, tmp_path)
    assert home.parent == tmp_path
    assert home.stat().st_mode & 0o777 == 0o700


def test_folders_that_cannot_be_filled_are_not_named(tmp_path: Path) -> None:
    environment = {"XDG_CACHE_HOME": "/not/there", "XDG_DATA_HOME": str(tmp_path), "XDG_SEAT": "0"}
    assert unusable(environment) == ["XDG_CACHE_HOME"]


@dataclass(frozen=True)
class Volume:
    """A checkout and an empty volume in a folder that every user can enter."""

    project: Project
    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "volume" / "worker"

    def start(self, *arguments: str, before: tuple[str, ...] = (), user: str = "owner") -> str:
        """Start the worker on the volume with WORKER_USER; what handler.py printed.

        The Python of the tests may lie where only root can go, so it is mounted elsewhere.

        before: commands that run before the start-up's command, such as to be another user.
        """
        python = self.folder / "python"
        # The Python first looks for its own library where it was built.
        settings = {"LD_LIBRARY_PATH": str(python / "lib"), "WORKER_USER": user}
        settings |= {"XDG_CACHE_HOME": "/root/.cache", "TMPDIR": str(self.folder / "tmp")}
        command = ["unshare", "-m", "sh", "-c", IN_ITS_OWN_MOUNTS, "sh"]
        command += [str(PYTHON.parents[1]), str(python), *before, str(python / "bin" / PYTHON.name)]
        own = ["--home", str(self.home), "--extra", "tiny", *arguments]
        command += map(str, self.project.command(*own)[1:])
        environment = self.project.environment(settings)
        result = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, cwd=self.folder
        )
        assert result.returncode == 0, result.stderr
        (self.folder / "said").write_text(result.stderr)
        return result.stdout

    @property
    def said(self) -> str:
        """What the last start said about its user."""
        lines = (self.folder / "said").read_text().splitlines()
        return "\n".join(line for line in lines if "the worker runs as" in line)

    def owners(self) -> set[int]:
        """Who owns the home folder and what is in it."""
        return {path.lstat().st_uid for path in (self.home, *self.home.rglob("*"))}


@pytest.fixture
def volume(index: Index, uv: Path) -> Iterator[Volume]:
    """The volume belongs to user 1000."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("bin", "code", "python", "tmp", "volume"):
            (folder / part).mkdir()
        (folder / "tmp").chmod(0o1777)
        shutil.copy(uv, folder / "bin")
        os.chown(folder / "volume", 1000, 1000)
        project = projects.make(folder / "code", index, folder / "bin" / "uv")
        (project.folder / "handler.py").write_text(HANDLER)
        yield Volume(project, folder)
    index.faults.clear()
    index.request_counts.clear()


@AS_ROOT
@IN_A_NAMESPACE
def test_root_becomes_the_owner_of_the_volume(volume: Volume) -> None:
    for line in (f"who owns {volume.home.parent}", f"who owns {volume.home}"):
        worker = json.loads(volume.start())
        assert volume.said == f"setup: the worker runs as user 1000, {line}"
        assert worker["user"] == worker["group"] == [1000] * 3
        assert worker["groups"] == []
        home = volume.folder / "tmp" / "f5-tts-home-1000"
        assert worker["environment"]["HOME"] == str(home)
        assert "XDG_CACHE_HOME" not in worker["environment"]
        assert (home / "made").stat().st_uid == 1000
        assert volume.owners() == {1000}
    assert list(volume.home.glob("venvs/tiny-*/.complete.json"))
    assert volume.project.index.request_counts == {"tinyone": 1, "tinytwo": 1}


@AS_ROOT
@IN_A_NAMESPACE
def test_a_volume_that_root_has_used_stays_with_root(volume: Volume) -> None:
    volume.start("--prepare-only", user="")
    assert volume.said == ""
    assert volume.owners() == {0}
    # The home is root's, as on every volume that RunPod mounts: nothing to say.
    assert json.loads(volume.start())["user"] == [0] * 3
    assert volume.said == ""
    os.chown(volume.home, 1000, 1000)
    worker = json.loads(volume.start())
    assert worker["user"] == [0] * 3
    assert worker["environment"].get("HOME") == os.environ.get("HOME")
    assert "user 0 owns a part of what is in it" in volume.said
    assert volume.project.index.request_counts == {"tinyone": 1, "tinytwo": 1}


@AS_ROOT
@IN_A_NAMESPACE
def test_a_user_that_cannot_reach_its_volume_leaves_root_there(volume: Volume) -> None:
    volume.home.mkdir()
    os.chown(volume.home, 1000, 1000)
    volume.home.parent.chmod(0o700)
    os.chown(volume.home.parent, 0, 0)
    assert json.loads(volume.start())["user"] == [0] * 3
    assert volume.said == (
        f"setup: the worker runs as root: user 1000, who owns {volume.home}, cannot use "
        f"{volume.home}"
    )


@AS_ROOT
@IN_A_NAMESPACE
def test_a_container_that_was_started_as_another_user_works(volume: Volume) -> None:
    """As `docker run --user 1000:1000` does it: no entry in /etc/passwd and no HOME."""
    code = sorted(volume.project.folder.rglob("*"))
    worker = json.loads(volume.start(before=(*AS_SOMEBODY, "HOME")))
    assert worker["user"] == [1000] * 3
    assert worker["environment"]["HOME"] == str(volume.folder / "tmp" / "f5-tts-home-1000")
    assert worker["environment"]["LOGNAME"] == "worker"
    assert volume.said == ""
    assert volume.owners() == {1000}
    assert sorted(volume.project.folder.rglob("*")) == code
