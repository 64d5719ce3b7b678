"""What outside of an environment keeps a worker from starting is named, with the remedy."""

import errno
import resource
from pathlib import Path

import pytest

from tests.support.environments import OWN
from volume.causes import cause_in_error, cause_in_variables
from volume.environment import SITE_PACKAGES

ROOT = Path(__file__).resolve().parents[2]


def test_our_own_broken_file_is_no_damage_of_the_environment() -> None:
    ours = SyntaxError("bad", (str(ROOT / "jobs" / "tts" / "run.py"), 1, 1, "def (", 1, 2))
    assert "jobs/tts/run.py is not valid Python" in cause_in_error(ROOT, ours)
    theirs = SyntaxError("bad", (str(OWN / "boto3" / "session.py"), 1, 1, "def (", 1, 2))
    assert cause_in_error(ROOT, theirs) == ""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        ImportError("libtorch_cuda.so: failed to map segment from shared object"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 bytes"),
        ImportError("Exception caught: std::bad_alloc"),
    ],
)
def test_memory_that_is_not_there_is_named(error: Exception) -> None:
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY
    assert "give the container more" in cause_in_error(ROOT, error)


def test_a_limit_of_threads_is_named() -> None:
    assert "`ulimit -u`" in cause_in_error(ROOT, RuntimeError("can't start new thread"))


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), OSError(2, "no such file")])
def test_an_error_that_tells_nothing_tells_nothing(error: Exception, tmp_path: Path) -> None:
    assert cause_in_error(ROOT, error) == ""
    assert cause_in_variables(tmp_path, str(error)) == ""


def test_a_folder_that_hides_a_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("numpy", "tests", "__pycache__"):
        (tmp_path / SITE_PACKAGES / name).mkdir(parents=True)
    harmless, harmful = tmp_path / "harmless", tmp_path / "harmful"
    for folder, name in ((harmless, "other"), (harmful, "numpy")):
        folder.mkdir()
        (folder / f"{name}.py").touch()
    for name in ("tests", "__pycache__"):
        (harmless / name).mkdir()
        (harmless / name / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", f"{harmless}:{harmful}")
    said = cause_in_variables(tmp_path, "No module named 'numpy.typing'")
    assert said.startswith(f"PYTHONPATH has {harmful}, whose numpy hides the environment's")
    assert cause_in_variables(tmp_path, "the GPU is lost") == ""


def test_a_folder_of_libraries_is_named_if_the_error_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "lib" / "nvidia"
    monkeypatch.setenv("LD_LIBRARY_PATH", f"/opt/bad/:{inside}")
    said = cause_in_variables(tmp_path, "/opt/bad/libstdc++.so.6: version `GLIBCXX' not found")
    assert said.startswith("LD_LIBRARY_PATH has /opt/bad/, whose libraries do not fit")
    assert cause_in_variables(tmp_path, f"{inside}/libcudnn.so: file too short") == ""


def test_a_variable_whose_value_the_error_quotes_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_SOMETHING", "12q")
    message = "invalid literal for int() with base 10: '12Q'"
    assert cause_in_variables(tmp_path, message) == (
        "TORCH_SOMETHING has this value: correct it, or remove the variable"
    )
