"""The aligners, by name: what must be known of one before it is loaded. Imports nothing heavy."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class AlignerName(StrEnum):
    """The values of ALIGNERS, in the order in which the method `auto` asks the aligners."""

    WHISPERX = "whisperx"
    SPHINX = "sphinx"
    GOOGLE = "google"


@dataclass(frozen=True)
class AlignerSpec:
    """One aligner.

    module: its import needs every library of the aligner; `--check` imports it.
    needs_torch: only the environment of an engine that uses torch has its libraries.
    needs_account: it is somebody else's service, so it is loaded only if it is asked for.
    """

    module: str
    needs_torch: bool = False
    needs_account: bool = False


ALIGNERS: Mapping[AlignerName, AlignerSpec] = {
    AlignerName.WHISPERX: AlignerSpec("timing.alignment.whisperx", needs_torch=True),
    AlignerName.SPHINX: AlignerSpec("timing.alignment.sphinx"),
    AlignerName.GOOGLE: AlignerSpec("timing.alignment.google", needs_account=True),
}
