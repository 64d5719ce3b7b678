"""The F5 engine: a cloned voice through f5_tts' own DiT and Vocos, seeded, of exact lengths.

Of tts, only the files of this folder import torch, f5_tts and vocos.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch

from errors import WorkerError
from tts.engine import Mel, Reference, SamplingOptions, SynthesisFailed, Take, Voice
from tts.engines import F5, LICENCES
from tts.estimate import LengthEstimate
from tts.f5 import duration
from tts.f5.files import CheckpointFiles, FilesUnusable, identity, package_file
from tts.f5.load import load
from tts.f5.sampling import batch_frames, batches
from tts.f5.speaker import NoSound, PlannedTake, Speaker
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
"""Steps, frames of the reference, samples to speak on a CPU: enough to load every kernel. The
speech is thrown away."""

GPU_WARM_UPS = ((639,), (1663,), (1664, 1600))
"""Batches to speak on a GPU, in frames of their takes: kernels and plans depend on the length and
on whether a batch has padding. All have some, as 63 of 64 takes have. Each is spoken twice, because
the second one makes the graph."""


class NoSuchDevice(WorkerError):
    """F5_DEVICE names a GPU that is not there; the worker cannot start."""

    def __init__(self, wanted: str) -> None:
        super().__init__(
            f"F5_DEVICE={wanted}, but this machine has no such GPU that torch can use; set "
            "F5_DEVICE=auto, or start the worker on a machine with one (nvidia-smi shows it)"
        )


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
        if self._device.index is not None:
            # CUDA graphs are captured on the thread's current device, whatever the tensors are on.
            torch.cuda.set_device(self._device)
        half = pick_dtype(dtype, self._device)
        # By default cuDNN computes float32 convolutions in TF32. Vocos and the float32 retry of a
        # take that is not finite need full float32.
        torch.backends.cudnn.allow_tf32 = False
        # `model` is dropped at the end: the speaker keeps the weights that it needs, with q, k and
        # v as one matrix, and the originals would double the memory.
        model = load(files, self._device)
        self._tokenizer, self._spectrogram = model.tokenizer, model.mel
        self._most_frames = batch_frames(self._device) if most_frames is None else most_frames
        self._speaker = Speaker(model, self._device, half, attention, self._most_frames)
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
        takes = [[planned[index] for index in group] for group in groups]
        for take, samples in self._speaker.speak(takes, reference, sampling):
            yield take.key.chunk, samples

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

    def _planned(self, key: Take, chunk: Chunk, reference: Reference, samples: int) -> PlannedTake:
        """The tokens and the lengths of one take of `samples` samples."""
        text = f"{to_reference_text(reference.spoken)} {to_model_text(chunk.tokens)}"
        ids = torch.tensor(self._tokenizer.ids(text))
        frames = -(-samples // duration.HOP)
        # Like CFM.sample of f5_tts, it has at least one frame more than it has tokens.
        # Vocos makes one frame's samples less than it gets frames.
        length = max(len(reference.mel) + frames + 1, len(ids) + 1)
        return PlannedTake(key, ids, length, samples)

    def _warm_up(self, files: CheckpointFiles) -> None:
        """Speak what jobs will speak, so that the first one finds every kernel loaded.

        Raises FilesUnusable if the weights give no finite sound.
        """
        reference = self._reference(self.default_voice)
        if self._device.type == "cuda":
            lengths = [
                [(frames - len(reference.mel) - 1) * duration.HOP for frames in batch]
                for batch in GPU_WARM_UPS
                for _ in range(2)
            ]
        else:
            lengths = [[WARM_UP_SAMPLES]]
            short = reference.clip[:F5_SAMPLE_RATE]
            reference = replace(reference, clip=short, mel=reference.mel[:WARM_UP_FRAMES])
        script = read_script("Ready.")
        chunk = Chunk(script.tokens, 0, len(script.words))
        sampling = SamplingOptions(seed=0, nfe_step=WARM_UP_STEPS)
        voice = replace(self.default_voice, reference=reference)
        try:
            for targets in lengths:
                tries = [Take(index) for index in range(len(targets))]
                list(self.synthesize([chunk] * len(tries), voice, sampling, tries, targets))
        # A GPU that is full or has failed says nothing about the files.
        except NoSound:
            raise FilesUnusable(
                f"{files.weights} gives NaN or infinite values in place of sound: the file is "
                f"damaged, or it does not belong to F5_MODEL={files.name}"
            ) from None


def pick_device(wanted: str) -> torch.device:
    """The device of F5_DEVICE. Raises NoSuchDevice."""
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if wanted == "auto" and count:
        return torch.device("cuda")
    if wanted == "auto":
        logger.warning("torch finds no GPU, so F5 runs on the CPU, much slower than real time")
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
