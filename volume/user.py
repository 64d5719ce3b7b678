"""The user that the start-up and the worker run as: in the image, the owner of the volume's folder.

Standard library only.
"""

import contextlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from volume.errors import SetupError
from volume.log import say

SETTING = "WORKER_USER"
"""The variable that allows the change of user: OWNER, or nothing for none. The image sets it."""

OWNER = "owner"
ROOT_USER = 0
NAME = "worker"
"""The name of a user that the system's list of users lacks. Libraries ask for one."""

XDG = ("CACHE_HOME", "CONFIG_HOME", "DATA_HOME", "STATE_HOME", "RUNTIME_DIR")
"""The variables XDG_* that name a folder to write to. Without them it lies below HOME."""

GPU_DEVICES = ("nvidia[0-9]*", "nvidiactl", "nvidia-uvm")
"""Below /dev: what a process needs to use a GPU."""

WRITTEN = ("HF_HOME", "HF_HUB_CACHE", "TORCH_HOME")
"""The variables that name folders which the worker creates and fills."""

READ = ("F5_CKPT_FILE", "F5_VOCAB_FILE", "F5_VOCODER_DIR", "GOOGLE_APPLICATION_CREDENTIALS")
"""The variables that may name files of the operator's."""

READ_AND_WRITE = os.R_OK | os.W_OK


@dataclass(frozen=True)
class User:
    """The numbers of a user and of its group."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Choice:
    """The user to become, None to stay; and the line to say, empty if there is nothing to say."""

    user: User | None = None
    line: str = ""


def run_as_owner(home: Path) -> None:
    """Become the owner of the home folder, if SETTING asks for it and it is safe; say so.

    home: the home folder. If there is none yet, the owner of the folder counts in which it will be
    created, such as the mounted volume.

    Call it before anything is written: root's files would be in that user's way later. A user
    other than root gets a HOME that it can write to, also one that the container was
    started with. Raises SetupError if SETTING has another value.
    """
    setting = os.environ.get(SETTING, "")
    if setting not in ("", OWNER):
        raise SetupError(f"{SETTING} is {setting!r}; set it to {OWNER}, or remove it")
    if not setting:
        return
    if os.geteuid() == ROOT_USER:
        existing = _existing(home)
        state = existing.stat()
        owner = User(state.st_uid, state.st_gid)
        choice = choose_user(existing, owner, owners_in(home))
        if choice.user and (refused := refused_to(choice.user, accesses(existing, os.environ))):
            choice = Choice(
                line=f"the worker runs as root: user {owner.uid}, who owns {existing}, cannot "
                f"{refused}"
            )
        if choice.line:
            say(choice.line)
        if choice.user:
            become(choice.user)
    if os.geteuid() != ROOT_USER:
        os.environ |= variables_of_user(os.environ, Path(tempfile.gettempdir()))
        for name in unusable(os.environ):
            del os.environ[name]


def choose_user(folder: Path, owner: User, owners: Iterable[int]) -> Choice:
    """Whom root should become.

    folder: the home folder, or the folder in which it will be created.
    owner: who owns `folder`.
    owners: the numbers of the users who own what is in the home folder. They are read as far as
        needed: a folder of root's costs no look into it.
    """
    if owner.uid == ROOT_USER:
        return Choice()
    for uid in owners:
        if uid != owner.uid:
            return Choice(
                line=f"the worker runs as root: user {owner.uid} owns {folder}, but user {uid} "
                f"owns a part of what is in it; if no other worker runs on it, "
                f"`chown -R {owner.uid}:{owner.gid} {folder}` lets the next one run as that user"
            )
    return Choice(owner, f"the worker runs as user {owner.uid}, who owns {folder}")


def accesses(home: Path, environment: Mapping[str, str]) -> dict[Path, int]:
    """What a worker must be able to use, and how (`refused_to`): of all this, what is there.

    In place of a folder that the worker would have to create, the folder in which it would.
    """
    needed = {
        Path(sys.executable): os.R_OK | os.X_OK,
        Path(__file__): os.R_OK,
        home: READ_AND_WRITE | os.X_OK,
    }
    needed |= {Path(environment[name]): os.R_OK for name in READ if environment.get(name)}
    folders = [_existing(Path(environment[name])) for name in WRITTEN if environment.get(name)]
    if environment.get("TMPDIR"):  # where it is missing, other places serve
        folders.append(Path(environment["TMPDIR"]))
    needed |= dict.fromkeys(folders, READ_AND_WRITE | os.X_OK)
    for pattern in GPU_DEVICES:
        needed |= dict.fromkeys(Path("/dev").glob(pattern), READ_AND_WRITE)
    return {path: access for path, access in needed.items() if path.exists()}


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def owners_in(home: Path) -> Iterator[int]:
    """Who owns the entries of the home folder, and the entries of its folders.

    Two levels, because a root that ran a worker here left something there: an environment, a list
    of models. A worker must not read a whole volume at its start. The logs are many, and nobody
    writes to the log of another start.
    """
    for entry in _entries(home):
        with contextlib.suppress(FileNotFoundError):  # another worker's temporary file
            yield entry.stat(follow_symlinks=False).st_uid
        if entry.is_dir(follow_symlinks=False) and entry.name != "logs":
            for inner in _entries(Path(entry)):
                with contextlib.suppress(FileNotFoundError):
                    yield inner.stat(follow_symlinks=False).st_uid


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        return []


def refused_to(user: User, accesses: Mapping[Path, int]) -> str:
    """The first of these paths that the user may not access, in words; empty if there is none.

    accesses: by path, the access that is needed, as for os.access.

    A process of that user tries it: the mode of a file does not say what a network file system
    allows. Nothing is written.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            become(user)
            paths = (path for path, access in accesses.items() if not os.access(path, access))
            os.write(writing, os.fsencode(next((f"use {path}" for path in paths), "")))
            status = 0
        finally:  # also where the container has no right to change the user
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        words = os.fsdecode(pipe.read())
    _, status = os.waitpid(child, 0)
    return words if status == 0 else "change its user"


def become(user: User) -> None:
    """Give up root for good, with its groups. Raises OSError."""
    os.setgroups([])
    os.setgid(user.gid)
    os.setuid(user.uid)


def variables_of_user(environment: Mapping[str, str], temporary: Path) -> dict[str, str]:
    """The variables that a user without a home of its own needs in place of those in `environment`.

    Makes a private folder in `temporary` if HOME is not one that can be written to.
    """
    found = {"LOGNAME": environment.get("LOGNAME", NAME)}
    if not can_fill(environment.get("HOME", "")):
        found["HOME"] = str(_private_folder(temporary))
    return found


def unusable(environment: Mapping[str, str]) -> list[str]:
    """The variables XDG_* that name a folder which this user cannot write to."""
    names = [f"XDG_{name}" for name in XDG if f"XDG_{name}" in environment]
    return [name for name in names if not can_fill(environment[name])]


def can_fill(folder: str) -> bool:
    """Whether a path is that of a folder in which this user can create files."""
    # In this order: what lies in a closed folder can be asked for its kind only with an error.
    return os.access(folder, READ_AND_WRITE | os.X_OK) and Path(folder).is_dir()


def _private_folder(temporary: Path) -> Path:
    """This user's folder among the temporary files; a new one where somebody took its name."""
    folder = temporary / f"f5-tts-home-{os.getuid()}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    state = folder.lstat()
    if stat.S_ISDIR(state.st_mode) and state.st_uid == os.getuid():
        return folder
    return Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=temporary))
