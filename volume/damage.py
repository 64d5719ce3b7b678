"""How a worker that cannot start tells a damaged environment from other faults.

An environment is given up on evidence only: a file that differs from what its package's RECORD
says. Building again would give the same files otherwise. Standard library only.
"""

import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType, TracebackType

from volume.causes import cause_in_error, cause_in_variables
from volume.crash import forget_start
from volume.environment import SITE_PACKAGES
from volume.records import damaged_file
from volume.space import MARKER

_PATH = re.compile(r"/[^\s'\"(),;:]+")
_MESSAGE = 300  # characters


def install_excepthook(venv: Path, root: Path, tell: Callable[[str], object]) -> None:
    """When an error ends the process, say why in one sentence after the traceback.

    venv: the environment of this process.
    root: the folder of the repository.
    tell: called with the sentence, last.
    """
    previous = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, frames: TracebackType | None) -> None:
        # Outside of every environment the traceback says nothing that the sentence does not.
        if isinstance(error, KeyboardInterrupt) or not is_missing_everywhere(venv, error):
            previous(kind, error, frames)
        forget_start(venv)
        if isinstance(error, Exception):
            remedy = explain(venv, root, error) or "the traceback above says where; report it"
            sentence = f"cannot start: {one_line(error)}; {remedy}"
            print(sentence, file=sys.stderr, flush=True)
            tell(sentence)

    sys.excepthook = hook


def explain(venv: Path, root: Path, error: BaseException) -> str:
    """The cause of an error at the start, with its remedy, in words; empty if none is recognised.

    If the cause is a damaged file of the environment, the environment is marked: then the next
    start builds it again.

    venv: the environment of this process.
    root: the folder of the repository.
    """
    if is_missing_everywhere(venv, error):
        return (
            f"{sys.executable} is not an environment of the worker; start it with "
            "`python3 setup_network_venv.py`, or with the Python that "
            "`python3 setup_network_venv.py --prepare-only` prints"
        )
    # First what the error alone tells: without memory the files could not be compared either.
    told = cause_in_error(root, error)
    if told:
        return told
    damage = damaged_file(venv, suspects(venv, error))
    if damage:
        # A test or a developer may run handler.py in the environment of another home.
        home = Path(os.environ.get("WORKER_HOME", ""))
        is_ours = venv.resolve().parent == (home / "venvs").resolve()
        what_next = give_up(venv) if is_ours else f"remove {venv} and build it again"
        return f"the environment is damaged ({damage}): {what_next}"
    return cause_in_variables(venv, str(error))


def is_missing_everywhere(venv: Path, error: BaseException) -> bool:
    """Whether a library is missing because this Python is no environment that a start built."""
    return isinstance(error, ModuleNotFoundError) and not (venv / MARKER).exists()


def give_up(venv: Path) -> str:
    """Mark an environment as damaged. Returns what happens next, or what a person must do."""
    by_hand = f"remove {venv} and run setup_network_venv.py"
    try:
        # Without its marker the environment counts as damaged; the other name keeps the content.
        (venv / MARKER).replace(venv / ".damaged.json")
    except FileNotFoundError:
        pass  # another worker marked it
    except OSError as error:
        return f"it cannot be marked ({error.strerror}): {by_hand}"
    return "the next start builds the environment again"


def suspects(venv: Path, error: BaseException) -> set[Path]:
    """The files of an environment that an error points to.

    These are the files of its traceback, those that Python's import was reading, and those that
    the error or its message names.
    """
    found: set[Path] = set()
    for each in chain(error):
        texts = [getattr(each, name, None) for name in ("filename", "path")]
        texts += [*_PATH.findall(str(each)), *_module_files(venv, getattr(each, "name", None))]
        for frame, _ in traceback.walk_tb(each.__traceback__):
            texts += _files_of(frame)
        found |= {Path(text) for text in texts if isinstance(text, str) and text.startswith("/")}
    return {path for path in found if path.is_relative_to(venv)}


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and those that led to it, each once."""
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and all(each is not other for other in seen):
            seen.append(each)
            waiting += [each.__context__, each.__cause__]
            yield each


def _files_of(frame: FrameType) -> list[str]:
    """The file of a frame; of a frame of Python's own import, the files that it was reading."""
    file = frame.f_code.co_filename
    if not file.startswith("<frozen importlib"):
        return [file]
    return [value for value in frame.f_locals.values() if isinstance(value, str)]


def _module_files(venv: Path, name: object) -> list[str]:
    """The file of the package that an ImportError names."""
    if not isinstance(name, str) or not name:
        return []
    package = venv / SITE_PACKAGES / name.partition(".")[0]
    return [f"{package}.py", f"{package}/__init__.py"]


def one_line(error: BaseException) -> str:
    """An error's message without line breaks; the name of its type if it has no message.

    Of a long message only the end is left, where libraries put the cause.
    """
    message = " ".join(str(error).split()) or type(error).__name__
    return message if len(message) <= _MESSAGE else f"...{message[-_MESSAGE:]}"
