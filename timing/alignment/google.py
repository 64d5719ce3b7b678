"""Google Cloud Speech hears a window, and its words are mapped onto the known text.

The only file that names google. It costs money and sends audio out of the worker.
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
from timing.alignment.google_languages import LANGUAGES
from timing.alignment.match import match
from timing.alignment.vad import VAD_SAMPLE_RATE
from tts.speech import RecognizedWord, Samples

MAX_WINDOW_MS = 55_000
"""Google refuses more than 60 s in one call."""

MAX_CONFIDENCE = 0.8
"""Its times are whole tenths of a second, so no word of it scores more."""

_MAX_PHRASE_CHARACTERS, _MAX_PHRASES = 100, 500
_TYPES = (
    "authorized_user",
    "external_account",
    "external_account_authorized_user",
    "impersonated_service_account",
)
_NEEDED = ("type", "project_id", "private_key", "client_email")
_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_TRANSIENT = (exceptions.ServiceUnavailable, exceptions.InternalServerError, exceptions.BadGateway)
_NO_TOKEN = "Getting metadata from plugin failed"
"""What gRPC says, as if the service were away, where a login was revoked or its key deleted."""

_SAID: tuple[tuple[type[Exception], str], ...] = (
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
"""Failures that every other window of the job would meet too."""

logger = logging.getLogger("worker")


class GoogleAligner:
    """Recognises windows of up to 55 s in one call each and maps the words onto the script.

    `credentials` None are the application default ones. A call that takes over `timeout_s` fails;
    one that Google could not serve is tried `attempts` times, `pause_s` seconds apart and then
    twice that. `endpoint` is another host of the service, such as `eu-speech.googleapis.com`.
    Building it makes no call. Raises ValueError where there are no credentials.
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
        """See `Aligner`. Words that Google did not hear get what their neighbours leave."""
        check_length(samples, 0, MAX_WINDOW_MS / 1000)
        response = self._recognize(samples, tokens, language)
        duration_s = len(samples) / VAD_SAMPLE_RATE
        billed_s = _billed_s(response, duration_s)
        recognized = list(_words(response))
        if not recognized:
            raise WindowFailed("Google heard no word in it", billed_s)
        return Alignment(match(tokens, recognized, 1000 * duration_s), billed_s)

    def _recognize(self, samples: Samples, tokens: Sequence[str], language: str) -> Any:
        pcm = (np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()
        config = speech_v1.RecognitionConfig(
            encoding=speech_v1.RecognitionConfig.AudioEncoding.LINEAR16,
            sample_rate_hertz=VAD_SAMPLE_RATE,
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
                # Without these two a call may last 5000 s.
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
    """Credentials from the text of GOOGLE_CREDENTIALS_JSON. Raises ValueError with the remedy."""
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
    """Credentials from the file that GOOGLE_APPLICATION_CREDENTIALS names. Raises ValueError."""
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
    """The words as hints, joined to stretches of at most 100 characters, as Google demands."""
    found = [""]
    for token in tokens:
        longer = f"{found[-1]} {token}".strip()
        if len(longer) <= _MAX_PHRASE_CHARACTERS:
            found[-1] = longer
        else:
            found.append(token[:_MAX_PHRASE_CHARACTERS])
    return found[:_MAX_PHRASES]


def seconds(offset: object) -> float:
    """A time that Google gives: a timedelta, a protobuf Duration of older clients, or a number."""
    if isinstance(offset, timedelta):
        return offset.total_seconds()
    if isinstance(offset, int | float):
        return float(offset)
    nanos: int = getattr(offset, "nanos", 0)
    whole: int = getattr(offset, "seconds", 0)
    return whole + nanos / 1e9


def _words(response: Any) -> Iterator[RecognizedWord]:
    for result in response.results:
        for best in result.alternatives[:1]:
            for word in best.words:
                sure = word.confidence or best.confidence or MAX_CONFIDENCE
                yield RecognizedWord(
                    word.word,
                    1000 * seconds(word.start_time),
                    1000 * seconds(word.end_time),
                    min(MAX_CONFIDENCE, sure),
                )


def _billed_s(response: Any, duration_s: float) -> float:
    """What Google says that it charges for; else the whole seconds that were sent."""
    return seconds(response.total_billed_time) or float(math.ceil(duration_s))


def _failed(error: Exception) -> WindowFailed:
    logger.warning("google: %s: %s", type(error).__name__, error)
    if _NO_TOKEN in str(error):
        return ServiceRefused("the credentials give no access token; give a login that is valid")
    for kind, said in _SAID:
        if isinstance(error, kind):
            return ServiceRefused(said)
    if isinstance(error, exceptions.InvalidArgument):
        return WindowFailed("Google does not take such a request")
    return WindowFailed("Google failed")


def _application_default() -> Any:
    try:
        return google.auth.default(scopes=_SCOPES)[0]
    except DefaultCredentialsError:
        raise LoadError(
            "there are no credentials; give GOOGLE_CREDENTIALS_JSON, or a key file's path in "
            "GOOGLE_APPLICATION_CREDENTIALS, or take google out of ALIGNERS"
        ) from None


def _from_info(info: Any, name: str) -> Any:
    if isinstance(info, str):
        raise LoadError(f"{name} is JSON in quotes; take the outer quotes and backslashes away")
    if not isinstance(info, Mapping):
        raise LoadError(f"{name} is not the JSON object of a key file")
    kind = str(info.get("type", "service_account"))
    if kind == "service_account":
        info = _completed(info, name)
    elif kind not in _TYPES:
        raise LoadError(f"{name} is of type {kind[:40]!r}; give a service account's key file")
    try:
        with warnings.catch_warnings():
            # What is loaded is the operator's own; clients have no say in it.
            warnings.simplefilter("ignore", DeprecationWarning)
            # Without scopes, which the client adds: with them some types make a call here.
            return google.auth.load_credentials_from_dict(info)[0]  # type: ignore[no-untyped-call]
    except (GoogleAuthError, KeyError, TypeError, ValueError) as error:
        if kind == "service_account":
            raise LoadError(
                f"the private_key of {name} is damaged; give the key file whole, line breaks as \\n"
            ) from None
        logger.warning("google: %s: %s", type(error).__name__, error)
        raise LoadError(f"the login in {name}, {kind}, is incomplete") from None


def _completed(info: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A service account's key as Google's library wants it. Raises ValueError."""
    missing = [field for field in _NEEDED if not info.get(field)]
    if missing:
        raise LoadError(f"{name} lacks {', '.join(missing)}; give a service account's key file")
    # What some consoles make of a line break.
    key = str(info["private_key"]).replace("\\n", "\n")
    return {"token_uri": "https://oauth2.googleapis.com/token", **info, "private_key": key}
