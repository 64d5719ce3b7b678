"""The warm worker from its settings: the store, the engine, Whisper and the aligners, loaded once.

Heavy libraries are imported inside these functions, never by importing this module.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from errors import WorkerError
from settings import Settings, SettingsInvalid
from storage.retry import ATTEMPTS, READ_TIMEOUT_S, RetryingStore
from storage.store import Store
from timing.alignment.aligner import Aligner
from tts.asr.transcriber import Transcriber
from tts.engine import Engine
from tts.text.lexicon import Lexicon
from tts.voices.library import VoiceLibrary
from tts.voices.reference import ReferenceBuilder
from volume import damage
from worker.cancellation import ActiveJobs
from worker.model_thread import ModelThread
from worker.scratch import Scratch
from worker.state import Worker


class CannotLoad(WorkerError):
    """A part of the worker that cannot be loaded; the worker exits with this sentence."""

    def __init__(self, what: str, problem: str) -> None:
        super().__init__(f"{what} cannot be loaded{problem}")


def build(settings: Settings, store: Store | None = None) -> Worker:
    """Load everything that the settings enable. Raises WorkerError with what to do about it.

    store: where the files go; by default what the settings say.
    """
    make_home(settings.home)
    with report_load_errors("the store"):
        store = store or build_store(settings)
    store.check()
    underway = ActiveJobs()
    store = RetryingStore(store, underway.shutdown.sleep)
    model_thread = ModelThread()
    with report_load_errors(f"TTS_ENGINE={settings.engine}"):
        engine = model_thread.build(lambda: ENGINES[settings.engine](settings))
    whisper = build_whisper(settings, engine)
    try:
        scratch = Scratch()
    except OSError as error:
        reason = f" ({error.strerror}); make room there, or name another in TMPDIR"
        raise CannotLoad("the folder for temporary files", reason) from error
    return Worker(
        settings=settings,
        store=store,
        engine=engine,
        voices=VoiceLibrary(store, engine.default_voice, build_references(engine, whisper)),
        aligners=build_aligners(settings, engine.device),
        lexicon=Lexicon(store),
        model_thread=model_thread,
        scratch=scratch,
        whisper=whisper,
        underway=underway,
    )


@contextmanager
def report_load_errors(what: str) -> Iterator[None]:
    """One sentence for what a library raises when it is missing or its files are damaged."""
    try:
        yield
    except (ImportError, SyntaxError, EOFError, ValueError, OSError, RuntimeError) as error:
        if damage.mark_damaged(Path(sys.prefix), error):
            remedy = f" ({error}); the environment is damaged: the next start builds it again"
        elif isinstance(error, FileNotFoundError | ValueError):
            remedy = f": {error}"
        elif isinstance(error, ImportError | SyntaxError | EOFError):
            remedy = (
                f" ({error}); the environment lacks it or is damaged: remove it under "
                "WORKER_HOME/venvs and run setup_network_venv.py, with --extra preview for the "
                "preview engine"
            )
        else:
            remedy = (
                f" ({error}); its files are damaged, or this machine's GPU, driver or memory does "
                "not do for it"
            )
        raise CannotLoad(what, remedy) from error


def make_home(home: Path) -> None:
    """The worker's folder, unless it is there. Raises SettingsInvalid."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsInvalid(
            f"WORKER_HOME cannot be made ({error.strerror}); name a folder that the worker may "
            "write to"
        ) from None


def build_store(settings: Settings) -> Store:
    """The bucket, or without one a folder under the worker's home."""
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
        attempts=ATTEMPTS,
        read_timeout_s=READ_TIMEOUT_S,
    )


def build_f5(settings: Settings) -> Engine:
    """F5-TTS, loaded and warm."""
    from tts.f5 import files as f5_files

    files = f5_files.find(
        settings.f5_model,
        settings.f5_ckpt_file,
        settings.f5_vocab_file,
        settings.f5_vocoder_dir,
    )
    f5_files.read_ahead(files)
    from tts.f5.engine import F5Engine

    return F5Engine(
        files,
        settings.f5_device,
        settings.f5_dtype,
        settings.f5_attention,
        settings.align_languages,
    )


def build_preview(settings: Settings) -> Engine:
    """Piper, loaded and warm."""
    from tts.preview import PreviewEngine

    return PreviewEngine()


# The names that Settings.engine allows.
ENGINES: dict[str, Callable[[Settings], Engine]] = {"f5": build_f5, "preview": build_preview}


def build_whisper(settings: Settings, engine: Engine) -> Transcriber | None:
    """What writes down clips and recordings; an engine that does not clone has it if asked to."""
    if not settings.loads_whisper:
        return None
    from tts.asr.whisper import Whisper

    with report_load_errors(f"WHISPER_MODEL={settings.whisper_model}"):
        return Whisper(settings.whisper_model, engine.device)


def build_references(engine: Engine, whisper: Transcriber | None) -> ReferenceBuilder | None:
    """What prepares clips for an engine that clones, with Whisper for those without transcript."""
    if engine.mel is None:
        return None
    return ReferenceBuilder(engine.mel, engine.sample_rate, whisper)


def build_sphinx(settings: Settings, device: str) -> Aligner:
    """pocketsphinx, loaded."""
    from timing.alignment.sphinx import SphinxAligner

    return SphinxAligner()


def build_whisperx(settings: Settings, device: str) -> Aligner:
    """whisperx with its models for ALIGN_LANGUAGES, on the engine's device."""
    from timing.alignment.whisperx import WhisperXAligner

    return WhisperXAligner(settings.align_languages, device, settings.align_models)


def build_google(settings: Settings, device: str) -> Aligner:
    """Google Cloud Speech, with the credentials of the settings or the machine's own."""
    from timing.alignment.google import GoogleAligner, credentials_in, credentials_of

    credentials = None
    if settings.google_credentials_json:
        credentials = credentials_of(settings.google_credentials_json.get_secret_value())
    elif settings.google_credentials_file:
        credentials = credentials_in(settings.google_credentials_file)
    return GoogleAligner(
        credentials,
        settings.google_fallback == "on",
        settings.google_project,
        settings.google_endpoint,
    )


# The names that Settings.aligners allows.
ALIGNERS: dict[str, Callable[[Settings, str], Aligner]] = {
    "whisperx": build_whisperx,
    "sphinx": build_sphinx,
    "google": build_google,
}


def build_aligners(settings: Settings, device: str) -> dict[str, Aligner]:
    """The aligners that the settings name, loaded and warm."""
    aligners: dict[str, Aligner] = {}
    for name in settings.aligners_to_load:
        with report_load_errors(f"the aligner {name}"):
            aligners[name] = ALIGNERS[name](settings, device)
    return aligners


def secret_value(secret: SecretStr | None) -> str | None:
    """The text of a secret, for the one who signs with it."""
    return secret.get_secret_value() if secret else None
