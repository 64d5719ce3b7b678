"""The F5 engine: a cloned voice through f5_tts' own DiT and Vocos, seeded, of exact lengths.

Of tts, only the files of this folder import torch, f5_tts and vocos.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import torch

from errors import GPU_FAULTS, WorkerError
from tts.engine import Mel, Reference, SamplingOptions, SynthesisFailed, Take, Voice
from tts.engines import F5, LICENCES
from tts.estimate import LengthEstimate
from tts.f5 import duration
from tts.f5.attention import select_attention
from tts.f5.dit import Blocks, Prompt, VelocityField
from tts.f5.files import CheckpointFiles, FilesUnusable, identity, package_file
from tts.f5.load import get_epss_timesteps, load
from tts.f5.sampling import NotFinite, TimeGrids, batch_frames, batches, initial_noise, sample
from tts.f5.tokenizer import to_model_text, to_reference_text
from tts.speech import F5_SAMPLE_RATE, Chunk, Samples, Script
from tts.text.script import read_script
from tts.text.unknown_characters import warn_unknown
from tts.voices.reference import ReferenceBuilder

logger = logging.getLogger("worker")

DEFAULT_CLIP = "infer/examples/basic/basic_ref_en.wav"
DEFAULT_TEXT = "Some call me nature, others call me mother nature."
TRAINED = ("en", "zh")
"""The languages of the published weights."""

WARM_UP_STEPS = 2
WARM_UP_FRAMES = 50
WARM_UP_SAMPLES = 21_120
"""Steps, frames of the reference, samples to speak: enough to load every kernel. The speech is
thrown away."""


class NoSuchDevice(WorkerError):
    """F5_DEVICE names a GPU that is not there; the worker cannot start."""

    def __init__(self, wanted: str) -> None:
        super().__init__(
            f"F5_DEVICE={wanted}, but this machine has no such GPU that torch can use; set "
            "F5_DEVICE=auto, or start the worker on a machine with one (nvidia-smi shows it)"
        )


class EngineBroken(SynthesisFailed):
    """The GPU failed: nothing that this process does on it will work again."""

    refresh_worker: ClassVar[bool] = True


@dataclass(frozen=True)
class _PlannedTake:
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


class F5Engine:
    """F5-TTS on one device. Building it loads everything and speaks once.

    The noise of a take is drawn from the seed, the chunk's index and the number of the take, so a
    take depends neither on its neighbours nor on what was spoken before. On CUDA chunks of about
    equal length are spoken in one batch; on a CPU, where a batch takes longer, one by one.
    """

    name = F5
    sample_rate = F5_SAMPLE_RATE
    unused_fields: frozenset[str] = frozenset()
    seeded = True
    min_pace = 0.3
    max_pace = 3.0

    def __init__(
        self,
        files: CheckpointFiles,
        device: str = "auto",
        dtype: str = "auto",
        attention: str = "sdpa",
        languages: Sequence[str] = ("en",),
        most_frames: int | None = None,
    ) -> None:
        """Load the files. Raises FilesUnusable, NoSuchDevice, ImportError.

        device, dtype, attention: the settings F5_DEVICE, F5_DTYPE and F5_ATTENTION.
        languages: if one is not English, the tables of Chinese and of other scripts are loaded
            now, else with the first text that needs them (0.3 s).
        most_frames: how many mel frames a batch may have, 0 for no batches; None chooses what
            suits the device.
        """
        self._device = pick_device(device)
        self.device = str(self._device)
        half = pick_dtype(dtype, self._device)
        # By default cuDNN computes float32 convolutions in TF32. Vocos and the float32 retry of a
        # take that is not finite need full float32.
        torch.backends.cudnn.allow_tf32 = False
        # `model` is dropped at the end: VelocityField and Blocks keep the weights that they need,
        # with q, k and v as one matrix, and the originals would double the memory.
        model = load(files, self._device)
        self._vocos, self._tokenizer, self._spectrogram = model.vocos, model.tokenizer, model.mel
        self._flow = VelocityField(model.dit, select_attention(attention, self._device, half))
        # flash-attn has no float32, so the float32 retry of a take uses torch's attention.
        self._exact_flow = VelocityField(
            model.dit, select_attention("sdpa", self._device, torch.float32)
        )
        self._exact = Blocks(model.dit, torch.float32)
        self._blocks = self._exact if half == torch.float32 else Blocks(model.dit, half)
        self._schedules = TimeGrids(self._flow, get_epss_timesteps)
        self._most_frames = batch_frames(self._device) if most_frames is None else most_frames
        self._published = files.published
        self.weights_id = identity(files)
        self.licence = LICENCES.get(files.repository or "")
        if set(languages) - {"en"}:
            self._tokenizer.load()
        clip = package_file(DEFAULT_CLIP)
        reference = ReferenceBuilder(self.mel, self.sample_rate, None).prepare(
            clip, DEFAULT_TEXT, "en"
        )
        self.default_voice = Voice(
            name="default",
            built_in=True,
            description="the clip packaged with f5-tts, an English speaker",
            ref_text=DEFAULT_TEXT,
            language="en",
            reference=reference,
        )
        self._warm_up(files)
        if self._device.type == "cuda":
            # Whisper and the aligners need the memory that loading took and released.
            torch.cuda.empty_cache()
        logger.info(
            "loaded %s on %s; the transformer computes in %s", files.name, self.device, half
        )

    def device_memory(self) -> tuple[int, int] | None:
        """See Engine."""
        if self._device.type != "cuda":
            return None
        free, total = torch.cuda.mem_get_info(self._device)
        return free, total

    def mel(self, clip: Samples) -> Mel:
        """Upstream's log mel spectrogram of a clip of 24 kHz, float32 (len // 256 + 1, 100)."""
        with torch.inference_mode():
            spectrogram = self._spectrogram(torch.from_numpy(clip)[None])[0].T
        return np.ascontiguousarray(spectrogram.numpy(), dtype=np.float32)

    def measure(self, text: str) -> float:
        """Letters of the Latin script; see tts.f5.duration.measure."""
        return duration.measure(text)

    def max_chunk_size(
        self,
        script: Script,
        voice: Voice,
        sampling: SamplingOptions,
        total_s: float | None = None,
    ) -> float:
        """What fits beside the voice's reference into MAX_CHUNK_S, at the pace of this script."""
        reference = self._reference(voice)
        letters_a_s = _letters_per_s(reference)
        pace = sampling.speed
        if total_s is not None:
            spoken = " ".join(token.spoken + token.pause for token in script.tokens)
            natural_s = duration.measure(spoken) / letters_a_s
            pace = max(self.min_pace, natural_s / total_s)
        return duration.max_letters(reference, letters_a_s, pace)

    def warnings(self, voice: Voice, language: str) -> list[str]:
        """The reference's warnings; what of its transcript the vocabulary lacks; and one if the
        weights were not trained on the language."""
        reference = self._reference(voice)
        warnings = list(reference.warnings)
        warnings += warn_unknown(
            reference.spoken, self.unknown_characters, f"voice {voice.name!r}: "
        )
        if self._published and language not in TRAINED:
            warnings.append(
                f"the published weights were trained on {' and '.join(TRAINED)}, not on "
                f"{language!r}; a fine-tuned checkpoint of that language (F5_CKPT_FILE) speaks it "
                "better"
            )
        return warnings

    def unknown_characters(self, text: str) -> list[str]:
        """What the vocabulary has in no form; see tts.f5.tokenizer."""
        return self._tokenizer.unknown(text)

    def natural_lengths(self, chunks: Sequence[Chunk], voice: Voice) -> list[int] | None:
        """Each chunk's samples at the pace of the reference and its own rate."""
        return [frames * duration.HOP for frames in self._frames(chunks, voice, speed=1.0)]

    def estimate(self, chunks: Sequence[Chunk], voice: Voice, speed: float) -> LengthEstimate:
        """The planned lengths of the takes, less the silence that the model may leave at their ends
        and in long pauses."""
        planned_s = sum(self._frames(chunks, voice, speed)) / duration.FRAMES_PER_S
        expected, least = duration.SOUND_SHARE
        return LengthEstimate(expected * planned_s, least * planned_s, planned_s)

    def synthesize(
        self,
        chunks: Sequence[Chunk],
        voice: Voice,
        sampling: SamplingOptions,
        tries: Sequence[Take],
        targets: Sequence[int] | None = None,
    ) -> Iterator[tuple[int, Samples]]:
        """Speak some of the chunks; see tts.engine.Engine. Each take is exactly as long as planned.

        Takes of about one length are spoken in one batch, so the order is not that of `tries`.
        """
        reference = self._reference(voice)
        if targets is None:
            frames = self._frames(chunks, voice, sampling.speed)
            targets = [count * duration.HOP for count in frames]
        planned = [
            self._planned(take, chunks[take.chunk], reference, targets[take.chunk])
            for take in tries
        ]
        groups = batches([take.frames for take in planned], self._most_frames)
        if self._most_frames == 0:
            groups.sort()
        for group in groups:
            takes = [planned[index] for index in group]
            audio = self._generate(takes, reference, sampling)
            for take, samples in zip(takes, audio, strict=True):
                yield take.key.chunk, samples[: take.samples]

    def _reference(self, voice: Voice) -> Reference:
        if voice.reference is None:
            raise SynthesisFailed(f"the voice {voice.name!r} has no reference clip to imitate")
        return voice.reference

    def _frames(self, chunks: Sequence[Chunk], voice: Voice, speed: float) -> list[int]:
        """The mel frames of each chunk at `speed` and its own rate times the reference's pace."""
        reference = self._reference(voice)
        letters_a_s = _letters_per_s(reference)
        return [
            duration.frames(to_model_text(chunk.tokens), letters_a_s, speed * chunk.rate)
            for chunk in chunks
        ]

    def _planned(self, key: Take, chunk: Chunk, reference: Reference, samples: int) -> _PlannedTake:
        """The tokens and the lengths of one take of `samples` samples."""
        text = f"{to_reference_text(reference.spoken)} {to_model_text(chunk.tokens)}"
        ids = torch.tensor(self._tokenizer.ids(text))
        frames = -(-samples // duration.HOP)
        # Like CFM.sample of f5_tts, it has at least one frame more than it has tokens.
        # Vocos makes one frame's samples less than it gets frames.
        length = max(len(reference.mel) + frames + 1, len(ids) + 1)
        return _PlannedTake(key, ids, length, samples)

    def _generate(
        self, takes: Sequence[_PlannedTake], reference: Reference, sampling: SamplingOptions
    ) -> list[Samples]:
        """Speak some takes in one batch; their samples, in the same order.

        If the batch does not fit into the GPU's memory, its takes are spoken one by one. Raises
        SynthesisFailed; EngineBroken if the GPU has failed.
        """
        try:
            with torch.inference_mode():
                mel = torch.from_numpy(reference.mel).to(self._device)
                prompts = [Prompt(mel, take.ids.to(self._device), take.frames) for take in takes]
                starts = [
                    initial_noise(sampling.seed, *take.key, take.frames, self._flow.channels)
                    for take in takes
                ]
                mels = self._sample(prompts, starts, sampling)
                return [self._vocode(spectrogram) for spectrogram in mels]
        except NotFinite:
            raise SynthesisFailed(
                "the model gave no finite sound for this voice and text, in full precision too; "
                "another reference clip, seed or cfg_strength will help"
            ) from None
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
            if len(takes) > 1:
                alone = [self._generate([take], reference, sampling) for take in takes]
                return [samples for (samples,) in alone]
            raise SynthesisFailed(
                "the GPU's memory is too small for one chunk beside what else is on it; use a "
                "shorter reference clip, a smaller WHISPER_MODEL, or a GPU with more memory"
            ) from None
        except RuntimeError as error:
            # A defect of the program is a RuntimeError too, and must not restart the worker: only
            # the message tells the two apart.
            if not any(fault in str(error).upper() for fault in GPU_FAULTS):
                raise
            logger.error("the GPU failed, so RunPod gets another worker: %s", error)
            raise EngineBroken("the GPU failed; the worker restarts, send the job again") from None

    def _sample(
        self, prompts: Sequence[Prompt], starts: Sequence[torch.Tensor], sampling: SamplingOptions
    ) -> list[torch.Tensor]:
        """The new frames of each prompt, float32 (frames, 100), all finite. Raises NotFinite.

        A prompt that overflows half precision is sampled again, alone, in float32.
        """
        schedule = self._schedules.times(sampling.nfe_step, sampling.sway_sampling_coef)
        guidance = sampling.cfg_strength
        mels = sample(self._flow, self._blocks, schedule, prompts, starts, guidance=guidance)
        for index, spectrogram in enumerate(mels):
            if spectrogram.isfinite().all():
                continue
            logger.warning(
                "a take has values that are no sound; the model speaks it again in float32"
            )
            mels[index] = sample(
                self._exact_flow,
                self._exact,
                schedule,
                [prompts[index]],
                [starts[index]],
                guidance=guidance,
            )[0]
        if not all(spectrogram.isfinite().all() for spectrogram in mels):
            raise NotFinite
        return mels

    def _vocode(self, spectrogram: torch.Tensor) -> Samples:
        """A mel (frames, 100) as samples, shape ((frames - 1) * 256,), in float32."""
        audio = self._vocos.decode(spectrogram.T[None])[0]
        if not audio.isfinite().all():
            raise NotFinite
        samples: Samples = audio.float().cpu().numpy()
        return samples

    def _warm_up(self, files: CheckpointFiles) -> None:
        """Speak as little as possible, so that the first job finds every kernel loaded.

        Raises FilesUnusable if the weights give no finite sound.
        """
        reference = self._reference(self.default_voice)
        short = replace(
            reference,
            clip=reference.clip[:F5_SAMPLE_RATE],
            mel=reference.mel[:WARM_UP_FRAMES],
        )
        script = read_script("Ready.")
        chunk = Chunk(script.tokens, 0, len(script.words))
        sampling = SamplingOptions(seed=0, nfe_step=WARM_UP_STEPS)
        voice = replace(self.default_voice, reference=short)
        try:
            list(self.synthesize([chunk], voice, sampling, [Take(0)], [WARM_UP_SAMPLES]))
        # It is a SynthesisFailed too, but a failed GPU says nothing about the files.
        except EngineBroken:
            raise
        except SynthesisFailed:
            raise FilesUnusable(
                f"{files.weights} gives no finite sound; it is damaged, or not of the architecture "
                f"F5_MODEL={files.name}"
            ) from None


def pick_device(wanted: str) -> torch.device:
    """The device of F5_DEVICE. Raises NoSuchDevice."""
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if wanted == "auto" and count:
        return torch.device("cuda")
    if wanted == "auto":
        logger.warning(
            "torch finds no GPU, so F5 runs on the CPU: it needs more time to speak than to play"
        )
        return torch.device("cpu")
    device = torch.device(wanted)
    if device.type == "cuda" and (device.index or 0) >= count:
        raise NoSuchDevice(wanted)
    return device


def pick_dtype(wanted: str, device: torch.device) -> torch.dtype:
    """The precision of F5_DTYPE; `auto` is float16 on a GPU with tensor cores, else float32."""
    if wanted != "auto":
        return {
            "float32": torch.float32,
            "float16": torch.float16,
            "bfloat16": torch.bfloat16,
        }[wanted]
    # Tensor cores came with compute capability 7.0.
    if device.type == "cuda" and torch.cuda.get_device_capability(device)[0] >= 7:
        return torch.float16
    return torch.float32


def _letters_per_s(reference: Reference) -> float:
    return duration.letters_per_s(reference, to_reference_text(reference.spoken))
