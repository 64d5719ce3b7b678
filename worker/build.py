"""Builds the worker from its settings: store, engine, Whisper and aligners, each loaded once.

Heavy libraries are imported inside these functions, never by importing this module.
"""

import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from errors import LoadError, WorkerError, is_gpu_fault
from settings import Settings, SettingsInvalid
from storage.retry import ATTEMPTS, PATIENCE_S, READ_TIMEOUT_S, RetryingStore
from storage.store import Store
from timing.aligners import GOOGLE, SPHINX, WHISPERX, AlignerName
from timing.alignment.aligner import Aligner
from tts.asr.transcriber import Transcriber
from tts.audio.decode import POOL
from tts.engine import Engine
from tts.engines import F5, PREVIEW, EngineName
from tts.text.lexicon import Lexicon
from tts.voices.library import VoiceLibrary
from tts.voices.maker import NameOnlyVoices, VoiceCloner, VoiceMaker
from tts.voices.reference import ReferenceBuilder
from volume import damage
from volume.environment import extra_of
from worker.bucket_hints import bucket_hints, name_hints
from worker.cancellation import ActiveJobs
from worker.model_thread import ModelThread
from worker.scratch import Scratch
from worker.state import Worker

if TYPE_CHECKING:
    from tts.f5.files import CheckpointFiles

ROOT = Path(__file__).resolve().parent.parent
logger = logging.getLogger("worker")


class CannotLoad(WorkerError):
    """A part of the worker that cannot be loaded; the worker exits with this sentence.

    what: the part, in the words of a setting.
    problem: the rest of the sentence, with the remedy.
    """

    def __init__(self, what: str, problem: str) -> None:
        super().__init__(f"{what} cannot be loaded{problem}")


def build(settings: Settings) -> Worker:
    """Load everything that the settings enable. Raises WorkerError, whose sentence has a remedy."""
    make_home(settings.home)
    for hint in [*name_hints(settings, os.environ), *bucket_hints(settings, os.environ)]:
        logger.warning("%s", hint)
    with report_load_errors("the store"):
        store = build_store(settings)
    RetryingStore(store, patience_s=start_patience_s(os.environ)).check()
    active_jobs = ActiveJobs()
    store = RetryingStore(store, active_jobs.shutdown.sleep)
    model_thread = ModelThread()
    # On the model thread already: see ModelThread for what a second thread would cost.
    with report_load_errors(f"TTS_ENGINE={settings.engine}"):
        engine = model_thread.build(lambda: ENGINE_BUILDERS[settings.engine](settings))
    whisper = build_whisper(settings, engine)
    try:
        scratch = Scratch()
    except OSError as error:
        reason = f" ({error.strerror}); make room there, or name another in TMPDIR"
        raise CannotLoad("the folder for temporary files", reason) from error
    # Last where no model needs it, so that its start takes no time from theirs.
    POOL.warm_up()
    return Worker(
        settings=settings,
        store=store,
        engine=engine,
        voices=VoiceLibrary(store, engine.default_voice, build_voice_maker(engine, whisper)),
        aligners=build_aligners(settings, engine.device),
        lexicon=Lexicon(store),
        model_thread=model_thread,
        scratch=scratch,
        whisper=whisper,
        active_jobs=active_jobs,
    )


@contextmanager
def report_load_errors(what: str) -> Iterator[None]:
    """Turn what a library raises while it loads into one sentence with the remedy.

    what: the setting or the part that is loaded, which begins the sentence. Raises CannotLoad. A
    cause that no adapter translated goes to the log with its traceback: the sentence cannot know
    whether a library, a file or this worker's own code is at fault.
    """
    try:
        yield
    except LoadError as error:
        raise CannotLoad(what, f": {error}") from error
    except (
        *(ImportError, SyntaxError, EOFError, ValueError, OSError, RuntimeError, MemoryError),
    ) as error:
        logger.error("%s cannot be loaded", what, exc_info=True)
        raise CannotLoad(what, f" ({damage.one_line(error)}); {_remedy(error)}") from error


def _remedy(error: Exception) -> str:
    """What to do about an error that no adapter translated, as far as its kind tells."""
    if is_gpu_fault(error):
        return "the GPU's memory is full, or this GPU or its driver cannot run the worker's torch"
    # If it marks the environment, the next start repairs it and nobody need do anything.
    explained = damage.explain(Path(sys.prefix), ROOT, error)
    if explained:
        return explained
    if isinstance(error, ImportError):
        extra = extra_of(Path(sys.prefix))
        return (
            f"the environment was built with `--extra {extra}`, which may lack it. With `--extra "
            "preview` set TTS_ENGINE=preview, and leave ALIGNERS and WHISPER_MODEL unset; for "
            "F5-TTS, whisperx and Whisper run setup_network_venv.py with `--extra worker`"
        )
    if _is_raised_by_us(error):
        return (
            "the worker's own code failed, or a library that it called; the log has the "
            "traceback above this line: report it"
        )
    return (
        "a library failed, with the traceback above this line; a file that it reads may be damaged"
    )


def _is_raised_by_us(error: Exception) -> bool:
    """Whether the last Python frame of an error is of this repository.

    A library in C has no frame of its own, so this cannot tell its errors from ours.
    """
    # The last frame, because it raised: every traceback here begins in our own code.
    frames = traceback.extract_tb(error.__traceback__)
    file = Path(frames[-1].filename)
    # The environment may lie under the repository too.
    return file.is_relative_to(ROOT) and not file.is_relative_to(sys.prefix)


def make_home(home: Path) -> None:
    """Make the worker's folder if it does not exist. Raises SettingsInvalid."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsInvalid(
            f"WORKER_HOME cannot be made ({error.strerror}); name a folder that the worker may "
            "write to"
        ) from None


def start_patience_s(environment: Mapping[str, str]) -> float:
    """How long a start waits for a store that cannot be reached, in seconds.

    On RunPod as long as a job waits: a start that fails would fail the job that it was made for.
    Elsewhere a person waits for the answer.
    """
    return PATIENCE_S if "RUNPOD_WEBHOOK_GET_JOB" in environment else 0.0


def build_store(settings: Settings) -> Store:
    """The bucket of the settings; without one, a folder under the worker's home."""
    if not settings.has_bucket:
        from storage.local import LocalStore

        return LocalStore(settings.home / "store")
    from storage.s3.store import S3Store

    return S3Store(
        settings.bucket,
        region=settings.region,
        endpoint_url=settings.endpoint_url,
        access_key=settings.access_key_id,
        secret_key=secret_value(settings.secret_access_key),
        session_token=secret_value(settings.session_token),
        style=settings.addressing,
        # Few and short, because RetryingStore repeats whole calls.
        attempts=ATTEMPTS,
        read_timeout_s=READ_TIMEOUT_S,
    )


def read_weights_ahead(settings: Settings) -> None:
    """Have a thread read F5's weights from the disk while this one imports the libraries.

    Raises CannotLoad if a file is not there.
    """
    if settings.engine == F5:
        with report_load_errors(f"TTS_ENGINE={settings.engine}"):
            from tts.f5 import files as f5_files

            f5_files.read_ahead(find_f5(settings))


def find_f5(settings: Settings) -> "CheckpointFiles":
    """The files of F5 that the settings name."""
    from tts.f5 import files as f5_files

    return f5_files.find(
        settings.f5_model,
        settings.f5_ckpt_file,
        settings.f5_vocab_file,
        settings.f5_vocoder_dir,
    )


def build_f5(settings: Settings) -> Engine:
    """F5-TTS, loaded and warm."""
    # The engine decodes a clip once torch is imported, and must not wait for the decoder then.
    POOL.warm_up()
    from tts.f5.engine import F5Engine

    return F5Engine(
        find_f5(settings),
        settings.f5_device,
        settings.f5_dtype,
        settings.f5_attention,
        settings.align_languages,
    )


def build_preview(settings: Settings) -> Engine:
    """Piper, loaded and warm."""
    from tts.preview import PreviewEngine

    return PreviewEngine()


ENGINE_BUILDERS: dict[EngineName, Callable[[Settings], Engine]] = {
    F5: build_f5,
    PREVIEW: build_preview,
}


def build_whisper(settings: Settings, engine: Engine) -> Transcriber | None:
    """Whisper, which transcribes clips and recordings; None if the settings load none."""
    if not settings.loads_whisper:
        return None
    from tts.asr.whisper import Whisper

    with report_load_errors(f"WHISPER_MODEL={settings.whisper_model}"):
        return Whisper(settings.whisper_model, engine.device)


def build_voice_maker(engine: Engine, whisper: Transcriber | None) -> VoiceMaker:
    """What makes voices of clips. Whisper transcribes the clips that come without a transcript."""
    # `mel` computes what F5 needs of a reference; an engine without it does not clone.
    if engine.mel is None:
        return NameOnlyVoices()
    return VoiceCloner(ReferenceBuilder(engine.mel, engine.sample_rate, whisper))


def build_sphinx(settings: Settings, device: str) -> Aligner:
    """pocketsphinx with its model."""
    from timing.alignment.sphinx import SphinxAligner

    return SphinxAligner()


def build_whisperx(settings: Settings, device: str) -> Aligner:
    """whisperx with its models for ALIGN_LANGUAGES, on the engine's device."""
    from timing.alignment.whisperx import WhisperXAligner

    return WhisperXAligner(settings.align_languages, device, settings.align_models)


def build_google(settings: Settings, device: str) -> Aligner:
    """Google Cloud Speech, with the credentials of the settings or of the machine."""
    from timing.alignment.google import GoogleAligner, credentials_in, credentials_of

    credentials = None
    if settings.google_credentials_json:
        credentials = credentials_of(settings.google_credentials_json.get_secret_value())
    elif settings.google_credentials_file:
        credentials = credentials_in(settings.google_credentials_file)
    return GoogleAligner(
        credentials,
        allowed_in_auto=settings.google_fallback == "on",
        project=settings.google_project,
        endpoint=settings.google_endpoint,
    )


ALIGNER_BUILDERS: dict[AlignerName, Callable[[Settings, str], Aligner]] = {
    WHISPERX: build_whisperx,
    SPHINX: build_sphinx,
    GOOGLE: build_google,
}


def build_aligners(settings: Settings, device: str) -> dict[str, Aligner]:
    """Load the aligners that the settings name, on the engine's device. Raises CannotLoad."""
    aligners: dict[str, Aligner] = {}
    for name in settings.aligners_to_load:
        with report_load_errors(f"the aligner {name}"):
            aligners[name] = ALIGNER_BUILDERS[name](settings, device)
    return aligners


def secret_value(secret: SecretStr | None) -> str | None:
    """The text of a secret, or None."""
    return secret.get_secret_value() if secret else None
