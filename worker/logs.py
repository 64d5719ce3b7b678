"""What the process prints: its own lines, one for each event, and everybody's without secrets."""

import json
import logging
import re
import sys
import threading
import time
from collections.abc import Iterable
from typing import Any, Literal, TextIO, cast
from urllib.parse import quote

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "job_id"}
# Of S3, of Google's and Azure's storage, and of CloudFront.
_SIGNED = re.compile(
    r"((?:X-(?:Amz|Goog)-(?:Signature|Credential|Security-Token)|[?&](?:sig|Signature))=)"
    r"[^&\s\"'\\]+",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(['\"]?(?:accessId|accessSecret|sessionToken)['\"\\]*\s*[:=]\s*)(['\"\\]+)[^'\"\\]*"
)
_HIDDEN = "[hidden]"
_SHORTEST = 6  # a secret of a letter or two would hide half the log


class JobLog(logging.LoggerAdapter[logging.Logger]):
    """Writes lines with the job's id, and with what a line itself gives as `extra`."""

    def process(self, msg: Any, kwargs: Any) -> Any:
        """See LoggerAdapter, which would drop the line's own `extra`."""
        return msg, {**kwargs, "extra": {**(self.extra or {}), **kwargs.get("extra", {})}}


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, job_id, message, what the line gave, traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """See Formatter."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {
            "time": f"{moment}.{int(record.msecs):03}Z",
            "level": record.levelname,
            "job_id": getattr(record, "job_id", None),
            "message": record.getMessage(),
        }
        line |= {k: v for k, v in record.__dict__.items() if k not in _STANDARD}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class RedactingStream:
    """A stream that writes what it is given without signatures, credentials and given secrets.

    Whole lines at once: `print` writes a line and its end apart, and threads come in between.
    """

    def __init__(self, stream: TextIO, secrets: Iterable[str]) -> None:
        self._stream = stream
        self._begun = threading.local()
        forms = {form for secret in secrets if len(secret) >= _SHORTEST for form in _forms(secret)}
        longest_first = sorted(forms, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def write(self, text: str) -> int:
        """Write the text's whole lines, their secrets replaced; the length of what was given."""
        lines, end, rest = (getattr(self._begun, "text", "") + text).rpartition("\n")
        self._begun.text = rest
        self._show(lines + end)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """See TextIO."""
        self.write("".join(lines))

    def flush(self) -> None:
        """Write the beginning of a line too."""
        rest, self._begun.text = getattr(self._begun, "text", ""), ""
        self._show(rest)
        self._stream.flush()

    def _show(self, text: str) -> None:
        if text:
            shown = self._secrets.sub(_HIDDEN, text)
            shown = _NAMED.sub(rf"\1\2{_HIDDEN}", _SIGNED.sub(rf"\1{_HIDDEN}", shown))
            self._stream.write(shown)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _forms(secret: str) -> set[str]:
    """A secret as it is, in a URL, in JSON, in Python's notation, and those in JSON once more."""
    once = {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    return {quote(secret, safe=""), *once, *(json.dumps(form)[1:-1] for form in once)}


def redact_output(secrets: Iterable[str]) -> None:
    """Have everything that this process prints from now on go through RedactingStream."""
    known = tuple(secrets)
    sys.stdout = cast(TextIO, RedactingStream(sys.stdout, known))
    sys.stderr = cast(TextIO, RedactingStream(sys.stderr, known))


def configure(logger: logging.Logger, level: str, form: Literal["text", "json"]) -> None:
    """One line per event on stderr, with the job's id."""
    lines = logging.StreamHandler()
    lines.setFormatter(
        JsonFormatter()
        if form == "json"
        else logging.Formatter(
            "%(asctime)s %(levelname)s [%(job_id)s] %(message)s", defaults={"job_id": "-"}
        )
    )
    logger.addHandler(lines)
    logger.setLevel(level)
    # Importing runpod gives the root logger a handler, which would write each line again.
    logger.propagate = False
