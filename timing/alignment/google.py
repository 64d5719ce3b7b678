"""Alignment with Google Cloud Speech: its transcript of a window is matched to the text.

The only file that imports google. It costs money and sends audio out of the worker.
"""

import json
import logging
import math
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import google.auth
import numpy as np
from google.api_core import exceptions
from google.api_core.client_options import ClientOptions
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from google.cloud import speech_v1

from errors import LoadError
from timing.alignment.aligner import (
    Alignment,
    RemoteService,
    ServiceRefused,
    WindowFailed,
    check_length,
)
from timing.alignment.match import match
from tts.speech import ASR_SAMPLE_RATE, RecognizedWord, Samples

LANGUAGES = {
    "af": "af-ZA", "am": "am-ET", "ar": "ar-EG", "az": "az-AZ", "bg": "bg-BG", "bn": "bn-BD",
    "bs": "bs-BA", "ca": "ca-ES", "cs": "cs-CZ", "da": "da-DK", "de": "de-DE", "el": "el-GR",
    "en": "en-US", "es": "es-ES", "et": "et-EE", "eu": "eu-ES", "fa": "fa-IR", "fi": "fi-FI",
    "fr": "fr-FR", "gl": "gl-ES", "gu": "gu-IN", "he": "iw-IL", "hi": "hi-IN", "hr": "hr-HR",
    "hu": "hu-HU", "hy": "hy-AM", "id": "id-ID", "is": "is-IS", "it": "it-IT", "ja": "ja-JP",
    "jv": "jv-ID", "ka": "ka-GE", "kk": "kk-KZ", "km": "km-KH", "kn": "kn-IN", "ko": "ko-KR",
    "lo": "lo-LA", "lt": "lt-LT", "lv": "lv-LV", "mk": "mk-MK", "ml": "ml-IN", "mn": "mn-MN",
    "mr": "mr-IN", "ms": "ms-MY", "my": "my-MM", "nb": "no-NO", "ne": "ne-NP", "nl": "nl-NL",
    "no": "no-NO", "pa": "pa-Guru-IN", "pl": "pl-PL", "pt": "pt-BR", "ro": "ro-RO", "ru": "ru-RU",
    "si": "si-LK", "sk": "sk-SK", "sl": "sl-SI", "sq": "sq-AL", "sr": "sr-RS", "su": "su-ID",
    "sv": "sv-SE", "sw": "sw-KE", "ta": "ta-IN", "te": "te-IN", "th": "th-TH", "tr": "tr-TR",
    "uk": "uk-UA", "ur": "ur-PK", "uz": "uz-UZ", "vi": "vi-VN", "zh": "cmn-Hans-CN", "zu": "zu-ZA",
}  # fmt: skip
"""The language code at Google for each ISO 639-1 code."""

MAX_WINDOW_MS = 55_000
"""Google refuses more than 60 s in one call:
https://docs.cloud.google.com/speech-to-text/docs/quotas"""

MAX_CONFIDENCE = 0.8
"""No word gets more confidence: Google's times are whole tenths of a second."""

_MAX_PHRASE_CHARACTERS, _MAX_PHRASES = 100, 500
"""Of one hint, which Google refuses if it is longer, and of the hints of one call."""

_LOGIN_TYPES = (
    "authorized_user",
    "external_account",
    "external_account_authorized_user",
    "impersonated_service_account",
)
"""Types of credentials beside a service account's."""
_KEY_FIELDS = ("type", "project_id", "private_key", "client_email")
_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
# Worth another try; anything else fails again.
_TRANSIENT = (exceptions.ServiceUnavailable, exceptions.InternalServerError, exceptions.BadGateway)
_NO_TOKEN = "Getting metadata from plugin failed"
"""The message of grpcio (read in 1.85.1) when a login was revoked or its key deleted. It comes with
the status of a service that cannot be reached."""

_REFUSALS: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.Unauthenticated, "Google does not accept the credentials"),
    (
        exceptions.Forbidden,
        "Google refuses the account; enable the Cloud Speech-to-Text API for it",
    ),
    (exceptions.ResourceExhausted, "the quota at Google is used up"),
    (exceptions.DeadlineExceeded, "Google did not answer in time"),
    (exceptions.ServiceUnavailable, "Google cannot be reached"),
    (GoogleAuthError, "the credentials give no access token"),
)
"""Failures that every other window of the job would meet too, and the reason for the client."""

logger = logging.getLogger("worker")


class GoogleAligner:
    """Transcribes windows of up to 55 s, one call each, and matches the words to the tokens.

    credentials: of google.auth; None stands for the application default credentials.
    allowed_in_auto: whether the method `auto` may use it.
    project: the project that is billed; None for the one of the credentials.
    endpoint: another host of the service, such as `eu-speech.googleapis.com`.
    timeout_s: a call that takes longer fails.
    attempts: how often a call is made that Google could not serve.
    pause_s: the wait after the first attempt; after the second it is twice that, and so on.

    Building it makes no call. Raises LoadError if there are no credentials.
    """

    max_window_ms = MAX_WINDOW_MS
    languages = frozenset(LANGUAGES)

    def __init__(
        self,
        credentials: Any | None,
        *,
        allowed_in_auto: bool = True,
        project: str | None = None,
        endpoint: str | None = None,
        timeout_s: float = 60.0,
        attempts: int = 3,
        pause_s: float = 0.5,
    ) -> None:
        self.service = RemoteService("Google Cloud Speech", allowed_in_auto)
        options = ClientOptions(api_endpoint=endpoint, quota_project_id=project)
        login = credentials or _application_default()
        self._client = speech_v1.SpeechClient(credentials=login, client_options=options)
        self._timeout_s = timeout_s
        self._attempts = attempts
        self._pause_s = pause_s

    def align(self, samples: Samples, tokens: Sequence[str], language: str) -> Alignment:
        """See `Aligner`. Words that Google did not hear get the time between their neighbours."""
        check_length(samples, 0, MAX_WINDOW_MS / 1000)
        response = self._recognize(samples, tokens, language)
        duration_s = len(samples) / ASR_SAMPLE_RATE
        billed_s = _billed_s(response, duration_s)
        recognized = list(_words(response))
        if not recognized:
            raise WindowFailed("Google heard no word in it", billed_s)
        return Alignment(match(tokens, recognized, 1000 * duration_s), billed_s)

    def _recognize(self, samples: Samples, tokens: Sequence[str], language: str) -> Any:
        """Google's response for one window. Raises `WindowFailed`."""
        pcm = (np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()
        config = speech_v1.RecognitionConfig(
            encoding=speech_v1.RecognitionConfig.AudioEncoding.LINEAR16,
            sample_rate_hertz=ASR_SAMPLE_RATE,
            language_code=LANGUAGES[language],
            enable_word_time_offsets=True,
            enable_word_confidence=True,
            profanity_filter=False,
            speech_contexts=[speech_v1.SpeechContext(phrases=phrases(tokens))],
        )
        audio = speech_v1.RecognitionAudio(content=pcm)
        attempt = 1
        while True:
            try:
                # Google's own timeout and retries would let a call last 5000 s.
                return self._client.recognize(
                    config=config, audio=audio, timeout=self._timeout_s, retry=None
                )
            except _TRANSIENT as error:
                if attempt >= self._attempts or _NO_TOKEN in str(error):
                    raise _failed(error) from error
            except (exceptions.GoogleAPIError, GoogleAuthError) as error:
                raise _failed(error) from error
            time.sleep(self._pause_s * attempt)
            attempt += 1


def credentials_of(raw: str) -> Any:
    """Credentials from the text of GOOGLE_CREDENTIALS_JSON. Raises LoadError with the remedy."""
    name = "GOOGLE_CREDENTIALS_JSON"
    text = raw.strip()
    if not text.startswith(("{", "[", '"')):
        if "/" in text[:500] or "\\" in text[:500] or text.endswith(".json"):
            raise LoadError(
                f"{name} holds the path of a file, not JSON; put the file's content there, or the "
                "path into GOOGLE_APPLICATION_CREDENTIALS"
            )
        raise LoadError(f"{name} is not JSON; put the content of the key file there, whole")
    try:
        info = json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        raise LoadError(
            f"{name} is not valid JSON (line {error.lineno}, column {error.colno}); put the "
            "content of the key file there, whole and unchanged"
        ) from None
    return _from_info(info, name)


def credentials_in(path: Path) -> Any:
    """Credentials from the file that GOOGLE_APPLICATION_CREDENTIALS names. Raises LoadError."""
    name = "GOOGLE_APPLICATION_CREDENTIALS"
    if str(path).lstrip().startswith("{"):
        raise LoadError(f"{name} holds JSON, not a path; put the JSON into GOOGLE_CREDENTIALS_JSON")
    try:
        info = json.loads(path.read_text())
    except OSError as error:
        raise LoadError(f"the file that {name} names cannot be read ({error.strerror})") from None
    except ValueError:
        raise LoadError(f"the file that {name} names is not JSON; give a key file") from None
    return _from_info(info, name)


def phrases(tokens: Sequence[str]) -> list[str]:
    """The words as hints for the recogniser, in phrases as long as Google allows."""
    hints = [""]
    for token in tokens:
        longer = f"{hints[-1]} {token}".strip()
        if len(longer) <= _MAX_PHRASE_CHARACTERS:
            hints[-1] = longer
        else:
            hints.append(token[:_MAX_PHRASE_CHARACTERS])
    return hints[:_MAX_PHRASES]


def seconds(offset: object) -> float:
    """A time of Google's in seconds: a timedelta, a Duration of older clients, or a number."""
    if isinstance(offset, timedelta):
        return offset.total_seconds()
    if isinstance(offset, int | float):
        return float(offset)
    whole_s: int = getattr(offset, "seconds", 0)
    nanos: int = getattr(offset, "nanos", 0)
    return whole_s + nanos / 1e9


def _words(response: Any) -> Iterator[RecognizedWord]:
    """The words of the best alternative of each result, ms from the start of the window."""
    for result in response.results:
        for best in result.alternatives[:1]:
            for word in best.words:
                # 0 stands for a confidence that Google did not compute.
                confidence = word.confidence or best.confidence or MAX_CONFIDENCE
                yield RecognizedWord(
                    word.word,
                    1000 * seconds(word.start_time),
                    1000 * seconds(word.end_time),
                    min(MAX_CONFIDENCE, confidence),
                )


def _billed_s(response: Any, duration_s: float) -> float:
    """The seconds that Google charges for by its response, or the whole seconds that were sent."""
    return seconds(response.total_billed_time) or float(math.ceil(duration_s))


def _failed(error: Exception) -> WindowFailed:
    """The reason for the client; the cause goes to the log."""
    logger.warning("Google's service failed: %s: %s", type(error).__name__, error)
    if _NO_TOKEN in str(error):
        return ServiceRefused("the credentials give no access token; give a login that is valid")
    for kind, reason in _REFUSALS:
        if isinstance(error, kind):
            return ServiceRefused(reason)
    if isinstance(error, exceptions.InvalidArgument):
        return WindowFailed("Google does not take such a request")
    return WindowFailed("Google failed")


def _application_default() -> Any:
    """The machine's own credentials. Raises LoadError if it has none."""
    try:
        return google.auth.default(scopes=_SCOPES)[0]
    except DefaultCredentialsError:
        raise LoadError(
            "there are no credentials; give GOOGLE_CREDENTIALS_JSON, or a key file's path in "
            "GOOGLE_APPLICATION_CREDENTIALS, or take google out of ALIGNERS"
        ) from None


def _from_info(info: Any, name: str) -> Any:
    """Credentials from parsed JSON; `name` is its environment variable. Raises LoadError."""
    if isinstance(info, str):
        raise LoadError(f"{name} is JSON in quotes; take the outer quotes and backslashes away")
    if not isinstance(info, Mapping):
        raise LoadError(f"{name} is not the JSON object of a key file")
    kind = str(info.get("type", "service_account"))
    if kind == "service_account":
        info = _completed(info, name)
    elif kind not in _LOGIN_TYPES:
        raise LoadError(f"{name} is of type {kind[:40]!r}; give a service account's key file")
    try:
        with warnings.catch_warnings():
            # google.auth warns of credentials from a stranger; these are the operator's own.
            warnings.simplefilter("ignore", DeprecationWarning)
            # The client adds the scopes. With scopes here some types would make a call already.
            return google.auth.load_credentials_from_dict(info)[0]  # type: ignore[no-untyped-call]
    except (GoogleAuthError, KeyError, TypeError, ValueError) as error:
        if kind == "service_account":
            raise LoadError(
                f"the private_key of {name} is damaged; give the key file whole, line breaks as \\n"
            ) from None
        logger.warning("the login of Google is refused: %s: %s", type(error).__name__, error)
        raise LoadError(f"the login in {name}, {kind}, is incomplete") from None


def _completed(info: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A service account's key with the fields that google.auth needs. Raises LoadError."""
    missing = [field for field in _KEY_FIELDS if not info.get(field)]
    if missing:
        raise LoadError(f"{name} lacks {', '.join(missing)}; give a service account's key file")
    # Some consoles write line breaks as a backslash and an n.
    key = str(info["private_key"]).replace("\\n", "\n")
    return {"token_uri": "https://oauth2.googleapis.com/token", **info, "private_key": key}
