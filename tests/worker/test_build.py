"""What a worker that cannot load says: a true sentence, and the cause in the log."""

import json
import logging
import runpy
from pathlib import Path

import pytest

from errors import LoadError, is_gpu_fault
from storage.retry import PATIENCE_S
from worker.build import CannotLoad, report_load_errors, start_patience_s


def sentence_of(error: Exception) -> str:
    with pytest.raises(CannotLoad) as raised, report_load_errors("TTS_ENGINE=f5"):
        raise error
    return raised.value.sentence


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The messages with a traceback."""
    return [record.message for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("error", [RuntimeError("shapes differ"), ValueError("shapes differ")])
def test_a_fault_of_our_own_code_is_not_called_damaged_files(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    sentence = sentence_of(error)
    assert sentence.startswith("TTS_ENGINE=f5 cannot be loaded (shapes differ); the worker's own ")
    assert "damaged" not in sentence
    assert logged(caplog) == ["TTS_ENGINE=f5 cannot be loaded"]


def test_a_library_that_fails_may_have_read_a_damaged_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    weights = tmp_path / "config.json"
    weights.write_text('{"layers": 2')
    with pytest.raises(CannotLoad) as raised, report_load_errors("F5_MODEL=tiny"):
        json.loads(weights.read_text())
    assert "a file that it reads may be damaged" in raised.value.sentence
    assert logged(caplog) == ["F5_MODEL=tiny cannot be loaded"]


def test_a_missing_library_is_the_environments(caplog: pytest.LogCaptureFixture) -> None:
    sentence = sentence_of(ModuleNotFoundError("No module named 'f5_tts'", name="f5_tts"))
    assert "No module named 'f5_tts'" in sentence
    assert "the environment was built with `--extra dev`, which may lack it" in sentence
    assert "set TTS_ENGINE=preview, and leave ALIGNERS and WHISPER_MODEL unset" in sentence
    assert len(logged(caplog)) == 1


def test_a_gpu_that_fails_is_named() -> None:
    sentence = sentence_of(RuntimeError("CUDA error: out of memory\nCompile with ..."))
    assert "(CUDA error: out of memory Compile with ...); the GPU's memory is full" in sentence


@pytest.mark.parametrize(
    ("words", "is_fault"),
    [
        ("CUDA error: an illegal memory access was encountered", True),
        ("CUDA out of memory. Tried to allocate 20.00 MiB", True),
        ("CUDA failed with error out of memory", True),
        ("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED", True),
        ("Found no NVIDIA driver on your system.", True),
        ("found at least two devices, cuda:0 and cpu!", False),
        ("Input type (torch.cuda.HalfTensor) and weight type (torch.FloatTensor) differ", False),
        ("mat1 and mat2 shapes cannot be multiplied", False),
    ],
)
def test_a_gpu_that_fails_and_a_defect_of_the_program_are_told_apart(
    words: str, is_fault: bool
) -> None:
    assert is_gpu_fault(RuntimeError(words)) == is_fault
    assert not is_gpu_fault(ValueError(words))


def test_a_cause_that_an_adapter_knows_needs_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    assert sentence_of(LoadError("WHISPER_MODEL=x is no folder; name one")) == (
        "TTS_ENGINE=f5 cannot be loaded: WHISPER_MODEL=x is no folder; name one"
    )
    assert logged(caplog) == []


def test_an_error_without_words_has_its_type() -> None:
    assert "(OSError)" in sentence_of(OSError())


def test_an_error_in_a_file_of_another_place_is_a_librarys(tmp_path: Path) -> None:
    (tmp_path / "library.py").write_text("def load(): raise RuntimeError('bad file')")
    library = runpy.run_path(str(tmp_path / "library.py"))
    with pytest.raises(CannotLoad, match="a library failed"), report_load_errors("the store"):
        library["load"]()


@pytest.fixture(autouse=True)
def _worker_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "worker")


def test_a_start_waits_for_a_store_on_runpod_alone() -> None:
    assert start_patience_s({}) == 0
    assert start_patience_s({"RUNPOD_WEBHOOK_GET_JOB": "https://api.example.com"}) == PATIENCE_S
