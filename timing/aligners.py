"""The aligners that a worker may have: what the worker knows of each one before it loads it.

This module imports no aligner. `worker.build` makes the aligners that the settings name.
"""

from dataclasses import dataclass
from typing import Final, Literal

AlignerName = Literal["whisperx", "sphinx", "google"]
WHISPERX: Final = "whisperx"
SPHINX: Final = "sphinx"
GOOGLE: Final = "google"


@dataclass(frozen=True)
class AlignerSpec:
    """One aligner.

    module: the module that names the aligner's libraries; importing it shows that they are there.
    extras: the locks under requirements/ that install those libraries.
    needs_account: whether the aligner is a service, which the worker uses only with credentials.
    """

    module: str
    extras: tuple[str, ...]
    needs_account: bool = False


# In the order in which `auto` asks them.
ALIGNERS: dict[AlignerName, AlignerSpec] = {
    WHISPERX: AlignerSpec("timing.alignment.whisperx", extras=("worker",)),
    SPHINX: AlignerSpec("timing.alignment.sphinx", extras=("worker", "preview")),
    GOOGLE: AlignerSpec("timing.alignment.google", extras=("worker",), needs_account=True),
}
