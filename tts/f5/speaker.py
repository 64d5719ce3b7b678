"""Speaks batches of planned takes on one device: noise, sampling, vocoder, and what may fail."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import torch

from errors import is_gpu_fault
from tts.engine import Reference, SamplingOptions, SynthesisFailed, Take
from tts.f5.attention import select_attention
from tts.f5.dit import Blocks, Modulations, Prompt, VelocityField
from tts.f5.load import LoadedF5, get_epss_timesteps
from tts.f5.sampling import TimeGrids, initial_noise
from tts.f5.stepper import Batch, CudaGraphs, Stepper
from tts.speech import Samples

logger = logging.getLogger("worker")

ROOM = 1.25
"""Room of the buffers, as a multiple of the frames of a batch: buckets round up."""


class NotFinite(Exception):
    """A take came out as NaN or infinity."""


class NoSound(SynthesisFailed):
    """The weights give no finite sound, in float32 either."""


class EngineBroken(SynthesisFailed):
    """The GPU failed: nothing that this process does on it will work again."""

    refresh_worker: ClassVar[bool] = True


@dataclass(frozen=True)
class PlannedTake:
    """One take before it is spoken.

    key: which take of which chunk.
    ids: the tokens of the reference's transcript and of the chunk, (tokens,).
    frames: mel frames of the reference and of the chunk.
    samples: the exact length of the take; the vocoder gives up to one frame more.
    """

    key: Take
    ids: torch.Tensor
    frames: int
    samples: int


class Speaker:
    """The model on its device. What it keeps between two batches is no part of either: between two
    of one caller it may speak those of another."""

    def __init__(
        self,
        model: LoadedF5,
        device: torch.device,
        dtype: torch.dtype,
        attention: str,
        most_frames: int,
    ) -> None:
        """Take over a loaded model; its DiT is no longer needed then.

        dtype: of the transformer's blocks.
        attention: the setting F5_ATTENTION.
        most_frames: of a batch.
        """
        self._device = device
        self._on_gpu = device.type == "cuda"
        self._vocos: Any = model.vocos
        self._flow = VelocityField(model.dit, select_attention(attention, device, dtype))
        self._stepper = Stepper(
            self._flow,
            Blocks(model.dit, dtype).packed(),
            partial(CudaGraphs, torch.cuda.Stream(device)) if self._on_gpu else None,
            round(ROOM * most_frames) if self._on_gpu else 0,
        )
        self._grids = TimeGrids(self._flow, get_epss_timesteps)
        # For the rare take that is not finite in half precision. flash-attn has no float32, and a
        # GPU's memory has a better use than these weights.
        self._exact_flow = self._exact = None
        if dtype != torch.float32:
            self._exact_flow = VelocityField(
                model.dit, select_attention("sdpa", device, torch.float32)
            )
            self._exact = Blocks(model.dit, torch.float32, torch.device("cpu"))

    def speak(
        self,
        groups: Sequence[Sequence[PlannedTake]],
        reference: Reference,
        sampling: SamplingOptions,
    ) -> Iterator[tuple[PlannedTake, Samples]]:
        """Speak groups of takes, each group as one batch: every take and its samples.

        Raises SynthesisFailed; EngineBroken if the GPU has failed.
        """
        ahead: Batch | None = None
        for takes, following in zip(groups, [*groups[1:], None], strict=True):
            sounds, ahead = self._group(takes, following, ahead, reference, sampling)
            for take, samples in zip(takes, sounds, strict=True):
                yield take, samples[: take.samples]

    def _group(
        self,
        takes: Sequence[PlannedTake],
        following: Sequence[PlannedTake] | None,
        ahead: Batch | None,
        reference: Reference,
        sampling: SamplingOptions,
    ) -> tuple[list[Samples], Batch | None]:
        """The samples of one group, and the batch of the following one if it is ready.

        ahead: the group's batch, if it is ready. If it does not fit into the GPU's memory, the
            takes are spoken one by one, without what else the speaker keeps there.
        """
        with _translated(), torch.inference_mode():
            try:
                return self._together(takes, following, ahead, reference, sampling)
            except torch.OutOfMemoryError:
                ahead = None
            self._free()
            return [self._alone(take, reference, sampling) for take in takes], None

    def _together(
        self,
        takes: Sequence[PlannedTake],
        following: Sequence[PlannedTake] | None,
        ahead: Batch | None,
        reference: Reference,
        sampling: SamplingOptions,
    ) -> tuple[list[Samples], Batch | None]:
        batch = ahead or self._prepared(takes, reference, sampling)
        mels = self._stepper.sample(batch, self._schedule(sampling))
        # The GPU is still at work on this batch.
        ready = self._prepared_early(following, reference, sampling)
        return self._sounds(batch, mels, sampling), ready

    def _alone(self, take: PlannedTake, reference: Reference, sampling: SamplingOptions) -> Samples:
        batch = self._prepared([take], reference, sampling)
        mels = self._stepper.sample(batch, self._schedule(sampling))
        (samples,) = self._sounds(batch, mels, sampling)
        return samples

    def _schedule(self, sampling: SamplingOptions) -> tuple[torch.Tensor, Modulations]:
        return self._grids.times(sampling.nfe_step, sampling.sway_sampling_coef)

    def _prepared(
        self, takes: Sequence[PlannedTake], reference: Reference, sampling: SamplingOptions
    ) -> Batch:
        """The batch of some takes. The GPU is not waited for."""
        mel = self._moved(torch.from_numpy(reference.mel))
        prompts = [Prompt(mel, self._moved(take.ids), take.frames) for take in takes]
        noises = [
            self._moved(initial_noise(sampling.seed, *take.key, take.frames, self._flow.channels))
            for take in takes
        ]
        return self._stepper.batch(prompts, noises, sampling.cfg_strength)

    def _prepared_early(
        self,
        takes: Sequence[PlannedTake] | None,
        reference: Reference,
        sampling: SamplingOptions,
    ) -> Batch | None:
        """On a GPU, a batch that is spoken later; None if it must be prepared in its own time."""
        if takes is None or not self._on_gpu:
            return None
        try:
            return self._prepared(takes, reference, sampling)
        except torch.OutOfMemoryError:
            return None

    def _moved(self, values: torch.Tensor) -> torch.Tensor:
        """On the device. A copy from pageable memory would wait for the GPU."""
        if not self._on_gpu:
            return values
        return values.pin_memory().to(self._device, non_blocking=True)

    def _sounds(
        self, batch: Batch, mels: list[torch.Tensor], sampling: SamplingOptions
    ) -> list[Samples]:
        """The mels of a batch as samples. Raises NotFinite.

        A take that overflows half precision is sampled again, alone, in float32.
        """
        finite = torch.stack([mel.isfinite().all() for mel in mels]).tolist()
        for index in (index for index, is_sound in enumerate(finite) if not is_sound):
            mels[index] = self._in_float32(batch, index, sampling)
        return [self._vocode(mel) for mel in mels]

    def _in_float32(self, batch: Batch, index: int, sampling: SamplingOptions) -> torch.Tensor:
        """The mel of one take of a batch, sampled in float32. Raises NotFinite."""
        if self._exact_flow is None or self._exact is None:
            raise NotFinite
        logger.warning("a take has NaN or infinite values, so the model speaks it again in float32")
        stepper = Stepper(self._exact_flow, self._exact.on(self._device).packed())
        prompts, noises = batch.prompts[index : index + 1], batch.noises[index : index + 1]
        again = stepper.batch(prompts, noises, sampling.cfg_strength)
        (mel,) = stepper.sample(again, self._schedule(sampling))
        if not mel.isfinite().all():
            raise NotFinite
        return mel

    def _vocode(self, mel: torch.Tensor) -> Samples:
        """A mel (frames, 100) as samples, shape ((frames - 1) * 256,), in float32."""
        audio = self._vocos.decode(mel.T[None])[0].float().cpu()
        if not audio.isfinite().all():
            raise NotFinite
        samples: Samples = audio.numpy()
        return samples

    def _free(self) -> None:
        """Give the GPU's memory back that only speed needs."""
        self._stepper.release()
        torch.cuda.empty_cache()


@contextmanager
def _translated() -> Iterator[None]:
    """What torch raises, as SynthesisFailed, NoSound or EngineBroken."""
    try:
        yield
    except NotFinite:
        raise NoSound(
            "the model gave NaN or infinite values in place of sound for this voice and text, in "
            "float32 too; send another seed or cfg_strength, or use another clip"
        ) from None
    except torch.OutOfMemoryError:
        torch.cuda.empty_cache()
        raise SynthesisFailed(
            "the GPU has too little free memory to speak one sentence; use a "
            "shorter reference clip, a smaller WHISPER_MODEL, or a GPU with more memory"
        ) from None
    except RuntimeError as error:
        # A defect of the program is a RuntimeError too, and must not restart the worker: only
        # the message tells the two apart.
        if not is_gpu_fault(error):
            raise
        logger.error("the GPU failed, so RunPod replaces this worker: %s", error)
        raise EngineBroken(
            "the GPU failed, so RunPod replaces this worker; send the job again"
        ) from None
