"""handler.py on damaged files: it gives its environment up. On other faults: it does not."""

import os
import py_compile
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import environments
from tests.support.environments import OWN, ROOT, own_copy, packages, start
from tests.support.process import environment
from tests.support.project import PYTHON
from volume.environment import inspect

pytestmark = pytest.mark.slow

HOUR_S = 3600.0


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, uv: Path) -> Path:
    """An environment that no test damages."""
    return environments.make(tmp_path_factory.mktemp("whole") / "home", uv)


def lacks_a_file(venv: Path) -> None:
    (own_copy(venv, "boto3") / "session.py").unlink()


def has_a_file_of_zeros(venv: Path) -> None:
    file = own_copy(venv, "boto3") / "session.py"
    file.write_bytes(bytes(file.stat().st_size))


def is_damaged_where_it_is_needed_first(venv: Path) -> None:
    file = own_copy(venv, "pydantic") / "fields.py"
    file.write_bytes(file.read_bytes()[:100])


def has_bytecode_that_is_cut_short(venv: Path) -> None:
    file = own_copy(venv, "boto3") / "session.py"
    bytecode = Path(str(py_compile.compile(str(file), doraise=True)))
    bytecode.write_bytes(bytecode.read_bytes()[:60])


def has_bytecode_that_ends_in_zeros(venv: Path) -> None:
    file = own_copy(venv, "boto3") / "session.py"
    bytecode = Path(str(py_compile.compile(str(file), doraise=True)))
    data = bytecode.read_bytes()
    bytecode.write_bytes(data[:60] + bytes(len(data) - 60))


def has_a_library_that_is_cut_short(venv: Path) -> None:
    (library,) = own_copy(venv, "soxr").glob("*.so")
    library.write_bytes(library.read_bytes()[:50])


def lacks_a_library(venv: Path) -> None:
    libraries = packages(venv) / "numpy.libs"
    libraries.unlink()
    libraries.mkdir()
    for file in (OWN / "numpy.libs").iterdir():
        if "openblas" not in file.name:
            (libraries / file.name).symlink_to(file)
    own_copy(venv, "numpy")  # so that it looks for its libraries beside itself


DAMAGES: dict[Callable[[Path], None], str] = {
    lacks_a_file: "boto3/session.py is missing",
    has_a_file_of_zeros: "boto3/session.py has another content than its package",
    is_damaged_where_it_is_needed_first: "pydantic/fields.py has 100 bytes and not",
    has_bytecode_that_is_cut_short: "the bytecode of boto3/session.py is damaged",
    has_bytecode_that_ends_in_zeros: "the bytecode of boto3/session.py is damaged",
    has_a_library_that_is_cut_short: ".so has 50 bytes and not",
    lacks_a_library: "is missing",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_environment_is_given_up(
    tmp_path: Path, uv: Path, damage: Callable[[Path], None]
) -> None:
    venv = environments.make(tmp_path / "home", uv)
    damage(venv)
    result = start(venv, {"S3_BUCKET": "bucket"})
    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert last.startswith("cannot start: ")
    assert DAMAGES[damage] in last
    assert last.endswith("): the next start builds the environment again")
    assert not inspect(venv).complete
    assert (venv / ".damaged.json").exists()


def test_a_damaged_environment_of_another_home_is_only_told(tmp_path: Path, uv: Path) -> None:
    venv = environments.make(tmp_path / "home", uv)
    lacks_a_file(venv)
    result = start(venv, {"S3_BUCKET": "bucket", "WORKER_HOME": str(tmp_path / "mine")})
    assert f"remove {venv} and build it again" in result.stderr.splitlines()[-1]
    assert inspect(venv).complete


@pytest.fixture
def bad_libraries(tmp_path: Path) -> Path:
    (tmp_path / "libstdc++.so.6").write_bytes(b"\x7fELF\x02\x01\x01")
    return tmp_path


@pytest.fixture(params=[-2, 2])
def venv(whole: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """An environment that was marked two hours before, or two hours after, this machine's time.

    As on a volume whose server has another clock.
    """
    then = time.time() + request.param * HOUR_S
    os.utime(whole / ".complete.json", (then, then))
    yield whole
    assert inspect(whole).complete, "the environment was given up"


def test_a_value_that_a_library_refuses_is_named_before_it_is_imported(venv: Path) -> None:
    result = start(venv, {"RUNPOD_PING_INTERVAL": "10s", "HF_HUB_DOWNLOAD_TIMEOUT": "30s"})
    assert result.returncode == 1
    assert result.stderr == (
        "cannot start: RUNPOD_PING_INTERVAL is '10s'; it must be a whole number of milliseconds, "
        "1000 at least, such as 10000, or not set; HF_HUB_DOWNLOAD_TIMEOUT is '30s'; it must be a "
        "whole number of seconds, 1 at least, such as 30, or not set\n"
    )


def test_a_limit_of_the_address_space_is_named(venv: Path) -> None:
    # One thread, because the memory of numpy's library grows with the processors.
    result = start(venv, {"OPENBLAS_NUM_THREADS": "1"}, limit="ulimit -v 200000")
    assert result.returncode == 1
    assert "this process may use 204 MB of address space at most" in result.stderr.splitlines()[-1]


def test_a_library_on_the_path_that_does_not_fit_is_named(venv: Path, bad_libraries: Path) -> None:
    result = start(venv, {"LD_LIBRARY_PATH": str(bad_libraries)})
    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert "libstdc++.so.6: file too short" in last
    assert last.endswith("remove it from LD_LIBRARY_PATH")


def test_a_module_that_hides_a_package_is_named(venv: Path, tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("one = 1\n")
    result = start(venv, {"PYTHONPATH": str(tmp_path)})
    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert f"PYTHONPATH has {tmp_path}, whose numpy hides the environment's" in last


def test_a_broken_file_of_our_own_is_named(venv: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    left_out = shutil.ignore_patterns(".*", "tests", "bench", "__pycache__")
    shutil.copytree(ROOT, tree, ignore=left_out)
    (tree / "jobs" / "health.py").write_text("def (\n")
    result = start(venv, {}, tree)
    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert "the worker's own file jobs/health.py is not valid Python" in last


def test_a_worker_that_is_started_through_the_symlink_keeps_its_environment(
    whole: Path, tmp_path: Path
) -> None:
    """WORKER_HOME/venv points to another environment as soon as another one is built."""
    link = whole.parents[1] / "venv"
    link.symlink_to(whole)
    program = tmp_path / "program.py"
    program.write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from volume.environment import leave_symlink\n"
        "leave_symlink()\nprint(sys.prefix, *sys.argv[1:], sys.flags.dont_write_bytecode)\n"
    )
    for started in (link, whole):
        command: list[str | Path] = [started / "bin" / "python", "-B", program, "--a", "b c"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert said == f"{whole} --a b c 1\n"
    link.unlink()


def test_a_python_that_is_no_environment_is_one_sentence(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", bare], check=True)
    result = subprocess.run(
        [bare / "bin" / "python", ROOT / "handler.py"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("cannot start: No module named ")
    assert (
        "is not an environment of the worker; start it with `python3 setup_network_venv.py`" in line
    )


def test_the_sdks_own_check_that_fails_while_it_is_imported_is_told(
    tmp_path: Path, uv: Path
) -> None:
    """As releases after 1.12.0 do; the models are not on the GPU yet."""
    venv = environments.make(tmp_path / "home", uv)
    (packages(venv) / "runpod").unlink()
    (packages(venv) / "runpod.py").write_text(
        "import sys\nassert 'onnxruntime' not in sys.modules\nsys.exit(1)\n"
    )
    result = start(venv, {})
    assert result.returncode == 1
    assert result.stderr.startswith(
        "cannot start: RunPod's SDK cannot be loaded: its check of this machine failed"
    )
    assert "RUNPOD_SKIP_GPU_CHECK=true" in result.stderr


def test_another_engine_than_the_environments_is_named(tmp_path: Path, uv: Path) -> None:
    venv = environments.make(tmp_path / "home", uv)
    for link in packages(venv).glob("f5_tts*"):
        link.unlink()
    result = start(venv, {"TTS_ENGINE": "f5"})
    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert last.startswith("cannot start: TTS_ENGINE=f5 cannot be loaded (f5-tts is not installed)")
    assert "the environment was built with `--extra preview`, which may lack it" in last
    assert "set TTS_ENGINE=preview" in last
