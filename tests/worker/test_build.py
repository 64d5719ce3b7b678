"""What a part of the worker that cannot be loaded leaves behind: one sentence, and its cause."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from worker.build import CannotLoad, report_load_errors


def load_own_code(_: Path) -> None:
    int("not a number")


def load_damaged_weights(folder: Path) -> None:
    weights = folder / "model.pt"
    torch.save({"weight": torch.zeros(1000)}, weights)
    weights.write_bytes(weights.read_bytes()[:2000])
    torch.load(weights)


def load_missing_library(_: Path) -> None:
    import no_such_library  # type: ignore[import-not-found] # noqa: F401


def load_missing_file(folder: Path) -> None:
    (folder / "model.pt").read_bytes()


@pytest.mark.parametrize(
    ("load", "sentence", "has_traceback"),
    [
        (load_own_code, "cannot be loaded: invalid literal for int()", True),
        (load_damaged_weights, "in a library it means damaged files", True),
        (load_missing_library, "(No module named 'no_such_library'); the environment lacks", False),
        (load_missing_file, "model.pt", False),
    ],
)
def test_the_log_has_the_traceback_of_what_a_sentence_cannot_explain(
    load: Callable[[Path], None], sentence: str, has_traceback: bool, tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    logger = logging.getLogger("worker")
    logger.addHandler(caplog.handler)
    try:
        with pytest.raises(CannotLoad) as failure, report_load_errors("the part"):
            load(tmp_path)
    finally:
        logger.removeHandler(caplog.handler)
    assert failure.value.sentence.startswith("the part cannot be loaded")
    assert sentence in failure.value.sentence
    assert "\n" not in failure.value.sentence
    assert (load.__name__ in caplog.text) == has_traceback
