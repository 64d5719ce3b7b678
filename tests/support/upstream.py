"""Runs upstream's own CFM.sample in a process without import stubs, to compare with ours.

python -m tests.support.upstream CASES.json OUT.npz
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).resolve().parents[2]
REFERENCE_FRAMES = 150
TOKENS = 60


@dataclass(frozen=True)
class Case:
    """One synthesis of a batch.

    folder: holds the checkpoint of tests/support/tiny_f5.py.
    steps, guidance: the ODE's steps and the strength of classifier-free guidance.
    lengths: for each take of the batch, its mel frames including the reference's.
    dtype: of the whole model. Upstream casts all of it on a GPU; ours only the transformer.
    """

    folder: str
    steps: int
    guidance: float
    lengths: tuple[int, ...]
    dtype: str = "float32"
    seed: int = 11


def inputs(case: Case, take: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """The reference mel (frames, 100) and the token numbers of a take, from the case's seed."""
    random = np.random.default_rng(case.seed + take)
    mel = random.normal(-2, 2, (REFERENCE_FRAMES, 100)).astype(np.float32)
    return mel, random.integers(0, 2545, TOKENS)


def sample_with_upstream(cases: Sequence[Case], folder: Path) -> list[npt.NDArray[np.float32]]:
    """Upstream's mels, one array (takes, longest, 100) a case, the reference's frames included."""
    cases_file, mels_file = folder / "cases.json", folder / "out.npz"
    cases_file.write_text(json.dumps([asdict(case) for case in cases]))
    command = [sys.executable, "-m", "tests.support.upstream", str(cases_file), str(mels_file)]
    subprocess.run(command, check=True, cwd=ROOT)
    with np.load(mels_file) as arrays:
        return [arrays[str(index)] for index in range(len(cases))]


def main(cases_file: Path, mels_file: Path) -> None:
    """Sample each case as upstream does, and write the mels."""
    import torch
    import yaml
    from safetensors.torch import load_file

    # f5_tts.model imports its trainer, which imports wandb: that is not installed. This process
    # runs upstream alone, so an empty module in the trainer's place changes no test.
    trainer = ModuleType("f5_tts.model.trainer")
    vars(trainer)["Trainer"] = object
    sys.modules[trainer.__name__] = trainer
    from f5_tts.model import CFM, DiT

    randn = torch.randn
    # In half precision torch draws other random numbers. The comparison needs the same noise at
    # every precision, and upstream offers no parameter for it.
    torch.randn = lambda *size, device, dtype: randn(*size, device=device).to(dtype)  # type: ignore[assignment]
    arrays = {}
    for index, raw in enumerate(json.loads(cases_file.read_text())):
        case = replace(Case(**raw), lengths=tuple(raw["lengths"]))
        folder = Path(case.folder)
        arch = yaml.safe_load((folder / "tiny.yaml").read_text())["model"]["arch"]
        dit = DiT(**arch, text_num_embeds=2545, mel_dim=100)
        state = load_file(folder / "model.safetensors")
        prefix = "ema_model.transformer."
        dit.load_state_dict(
            {name[len(prefix) :]: value for name, value in state.items() if prefix in name}
        )
        cfm = CFM(dit, mel_spec_kwargs={"n_mel_channels": 100})
        cfm = cfm.to(getattr(torch, case.dtype))
        takes = [inputs(case, take) for take in range(len(case.lengths))]
        out, _ = cfm.sample(
            torch.from_numpy(np.stack([mel for mel, _ in takes])),
            torch.from_numpy(np.stack([ids for _, ids in takes])),
            torch.tensor(case.lengths),
            steps=case.steps,
            cfg_strength=case.guidance,
            sway_sampling_coef=-1.0,
            seed=case.seed,
        )
        arrays[str(index)] = out.float().numpy()
    np.savez(mels_file, **arrays)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
