"""Log lines, one for each event, and output without secrets."""

import json
import logging
import re
import sys
import threading
import time
from collections.abc import Iterable
from typing import Any, Literal, TextIO, cast
from urllib.parse import quote

from messages import HIDDEN, escape_controls, hide_credentials, one_line

# What every record has; all other attributes come from a line's `extra`.
_STANDARD_ATTRIBUTES = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "job_id",
}
_MAX_ID = 200
_MAX_TRACEBACK_LINES, _MAX_TRACEBACK_LINE = 300, 1000
_MIN_SECRET_LENGTH = 6  # hiding a secret of one or two letters would make the log unreadable


class JobLog(logging.LoggerAdapter[logging.Logger]):
    """Adds the job's id to each line, and keeps the line's own `extra`."""

    def process(self, msg: Any, kwargs: Any) -> Any:
        """See LoggerAdapter, which in Python 3.11 drops the line's own `extra`."""
        return msg, {**kwargs, "extra": {**(self.extra or {}), **kwargs.get("extra", {})}}


class _SafeFormatter(logging.Formatter):
    """Formats what a record holds so that no text of a client can look like another line."""

    def message(self, record: logging.LogRecord) -> str:
        """The message on one line."""
        return one_line(record.getMessage())

    def job_id(self, record: logging.LogRecord) -> str | None:
        """The id of the record's job, which a client of the local server chooses; or None."""
        job_id = getattr(record, "job_id", None)
        return None if job_id is None else one_line(str(job_id), _MAX_ID)

    def traceback(self, record: logging.LogRecord) -> list[str]:
        """The lines of the record's traceback, the last ones if it is long; none without one."""
        if not record.exc_info:
            return []
        lines = self.formatException(record.exc_info).splitlines()
        return [one_line(line, _MAX_TRACEBACK_LINE) for line in lines[-_MAX_TRACEBACK_LINES:]]


class TextFormatter(_SafeFormatter):
    """Lines for people. The lines of a traceback are indented: no event begins with a space."""

    def format(self, record: logging.LogRecord) -> str:
        """See Formatter."""
        start = f"{self.formatTime(record)} {record.levelname} [{self.job_id(record) or '-'}]"
        traceback = [f"    {line}" for line in self.traceback(record)]
        return "\n".join([f"{start} {self.message(record)}", *traceback])


class JsonFormatter(_SafeFormatter):
    """One JSON object for each line: time, level, job_id, message, `extra`, traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """See Formatter."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {
            "time": f"{moment}.{int(record.msecs):03}Z",
            "level": record.levelname,
            "job_id": self.job_id(record),
            "message": self.message(record),
        }
        extra = {k: v for k, v in record.__dict__.items() if k not in _STANDARD_ATTRIBUTES}
        line |= {k: one_line(v) if isinstance(v, str) else v for k, v in extra.items()}
        if traceback := self.traceback(record):
            line["traceback"] = "\n".join(traceback)
        return json.dumps(line, ensure_ascii=False, default=str)


class RedactingStream:
    """A stream that hides signatures, credentials and the given secrets, and escapes controls.

    It buffers text until the end of the line: `print` writes a line and its newline separately, and
    another thread may write between them. A secret would then be split and not recognised.

    stream: where the redacted text goes.
    secrets: values that must not appear in any notation: plain, URL, JSON, Python.
    """

    def __init__(self, stream: TextIO, secrets: Iterable[str]) -> None:
        self._stream = stream
        self._partial = threading.local()  # threads write at once, each to a line of its own
        forms = {
            form
            for secret in secrets
            if len(secret) >= _MIN_SECRET_LENGTH
            for form in _forms(secret)
        }
        # A regex takes the first alternative that matches, and a short secret may be the beginning
        # of a longer one. Without secrets, `(?!)` matches nothing; an empty pattern would match
        # everywhere.
        longest_first = sorted(forms, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def write(self, text: str) -> int:
        """Write the complete lines, redacted. Returns the length of `text`."""
        lines, end, rest = (getattr(self._partial, "text", "") + text).rpartition("\n")
        self._partial.text = rest
        self._write_redacted(lines + end)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """See TextIO."""
        self.write("".join(lines))

    def flush(self) -> None:
        """Write the incomplete line, too."""
        rest, self._partial.text = getattr(self._partial, "text", ""), ""
        self._write_redacted(rest)
        self._stream.flush()

    def _write_redacted(self, text: str) -> None:
        if text:
            redacted = hide_credentials(self._secrets.sub(HIDDEN, text))
            # RunPod's SDK and other libraries print text of clients as it is.
            self._stream.write(escape_controls(redacted))

    def __getattr__(self, name: str) -> Any:
        # Libraries also use the rest of a stream, such as `isatty` and `encoding`.
        return getattr(self._stream, name)


def _forms(secret: str) -> set[str]:
    """A secret in every notation: plain, URL, JSON, Python, and the latter inside of JSON."""
    plain = {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    return {quote(secret, safe=""), *plain, *(json.dumps(text)[1:-1] for text in plain)}


def redact_output(secrets: Iterable[str]) -> None:
    """Redact everything that this process prints from now on."""
    values = tuple(secrets)
    sys.stdout = cast(TextIO, RedactingStream(sys.stdout, values))
    sys.stderr = cast(TextIO, RedactingStream(sys.stderr, values))


_QUIET = ("urllib3.connection", "urllib3.response", "botocore")
"""Loggers whose warnings show a client's host and a server's bytes. What is wrong becomes an error
of the job, in our own words. "urllib3" is none of them, because runpod sets its level on import."""


def configure(logger: logging.Logger, level: str, form: Literal["text", "json"]) -> None:
    """Log to stderr, one line for each event, with the job's id.

    level: the lowest level that is logged, such as `INFO`.
    form: lines for people, or JSON.
    """
    lines = logging.StreamHandler()
    lines.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    logger.addHandler(lines)
    logger.setLevel(level)
    # runpod adds a handler to the root logger on import, which would write each line twice.
    logger.propagate = False
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


_SDK = logging.getLogger("worker.sdk")
_SDK_LEVELS = {"TRACE": logging.DEBUG, "WARN": logging.WARNING, "TIP": logging.INFO}
"""The SDK's names of levels that are none of Python's."""


def take_sdk_lines(rp_logger: Any) -> None:
    """Have RunPod's SDK log through `configure`'s handler: one form for all lines of the process,
    and one name for the id of a job.

    RUNPOD_LOG_LEVEL still decides what the SDK says.

    rp_logger: the SDK's module of that name.
    """

    def log(
        sdk_logger: Any, message: object, message_level: str = "INFO", job_id: str | None = None
    ) -> None:
        """As RunPodLogger.log, which prints another form of line and calls the id `requestId`."""
        names = rp_logger.LOG_LEVELS
        least = names.index(sdk_logger.level)
        if not least or (message_level in names and names.index(message_level) < least):
            return
        level = _SDK_LEVELS.get(message_level) or logging.getLevelName(message_level)
        _SDK.log(level, "RunPod's SDK: %s", message, extra={"job_id": job_id})

    _SDK.setLevel(logging.DEBUG)
    rp_logger.RunPodLogger.log = log
