"""How the text of clients and libraries stands in messages and log lines.

`one_line` is what every error and every log line goes through: one line, bounded, without control
characters and without credentials. Any package but `volume` may import this module; it imports none
of ours.
"""

import json
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Any

SHOWN = 60
"""Most characters of a client's value that a message quotes."""
MAX_SENTENCE = 4000
"""Most characters of an error, a warning or a log line. RunPod drops replies of over 10 MB."""

MAX_LISTED = 12
"""Most names that a sentence lists."""

HIDDEN = "[hidden]"
# A password may be cut off before the "@" that shows it to be one, so more is read than is shown.
_MAX_READ = 4096
_MAX_READ_JSON = 300
_MAX_COMPARED = 2000

# Line breaks and terminal codes (Cc, Zl, Zp) would forge lines, marks that turn the direction of
# writing (bidi controls) would show a line in another order, and no encoder takes half a surrogate.
_CONTROLS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_CONTROLS_BUT_LAYOUT = re.compile(_CONTROLS.pattern.replace("\x00-\x1f", "\x00-\x08\x0b-\x1f"))

# `user:password@` (the keys of AWS have slashes) and `token@`, behind the slashes of a URL, behind
# one slash, or with none.
_USER = re.compile(
    r"(:/{1,3}[^\s:/@\"'<>]{0,256}:)[^\s@\"'<>]{1,512}@"
    r"|((?::|(?<![^\s\"'(=]))/{1,3}|[^\s:/@\"'<>]:)[^\s/@\"'<>]{1,512}@"
)
# The signatures in links of S3, Google Cloud Storage, Azure and CloudFront, and keys and tokens.
_SIGNED_URL = re.compile(
    r"((?:X-(?:Amz|Goog)-(?:Signature|Credential|Security-Token)"
    r"|[?&](?:sig|signature|policy|(?:access_?|api_?)?(?:token|key)|secret|password))=)"
    r"[^&\s\"'\\]+",
    re.IGNORECASE,
)
# The credentials of a job's own bucket, as JSON or as Python prints a dict.
_S3_CONFIG = re.compile(
    r"(['\"]?(?:accessId|accessSecret|sessionToken)['\"\\]*\s*[:=]\s*)(['\"\\]+)[^'\"\\]*"
)


def one_line(text: str, most: int = MAX_SENTENCE) -> str:
    """A text for a message or a log line, of at most `most` characters and "...".

    Control characters, line breaks and bidi marks are escaped as Python writes them, and so are
    lone surrogates; passwords and signatures in URLs are hidden.
    """
    # Before it is cut: what is cut off may be what shows a password to be one.
    window = text[: most + _MAX_READ]
    return cut(hide_credentials(_CONTROLS.sub(_escaped, window)), most)


def escape_controls(text: str) -> str:
    """The text with control characters escaped, but for line breaks (LF) and tabs."""
    return _CONTROLS_BUT_LAYOUT.sub(_escaped, text)


def hide_credentials(text: str) -> str:
    """The text without the passwords and the signatures of URLs, and the keys of an s3Config."""
    text = _USER.sub(rf"\1\2{HIDDEN}@", text)
    text = _SIGNED_URL.sub(rf"\1{HIDDEN}", text)
    return _S3_CONFIG.sub(rf"\1\2{HIDDEN}", text)


def cut(text: str, most: int = SHOWN) -> str:
    """The beginning of a text, with "..." if there is more."""
    return text if len(text) <= most else f"{text[:most]}..."


def listed(parts: Sequence[str], most: int = MAX_LISTED) -> str:
    """Parts of a sentence in one: "a, b and c"; of more than `most` parts the last are counted."""
    shown = list(parts)
    if len(parts) > most:
        shown = [*parts[: most - 1], f"{len(parts) - most + 1} more"]
    *others, last = shown
    return f"{', '.join(others)} and {last}" if others else last


def quote_value(value: Any) -> str:
    """A client's value for a message: JSON on one line, abbreviated.

    It reads no more of the value than it shows, whatever the size or the depth of the value.
    """
    if isinstance(value, str):
        return one_line(json.dumps(value[:_MAX_READ], ensure_ascii=False), SHOWN)
    # The encoder in Python gives piece after piece; the one in C would write the whole value.
    pieces = json.JSONEncoder(ensure_ascii=False, default=lambda _: "...").iterencode(value)
    text = ""
    for piece in pieces:
        text += piece[:_MAX_READ]
        if len(text) > _MAX_READ_JSON:
            break
    return one_line(text, SHOWN)


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """The clause ", did you mean ...?"; empty if no allowed name is similar."""
    similar = closest(name, allowed)
    return f", did you mean {similar!r}?" if similar else ""


def closest(name: str, allowed: Iterable[str], likeness: float = 0.6) -> str | None:
    """The allowed name that is most like this one, whatever the case; None if none is similar.

    likeness: how similar it must be at least, from 0 to 1.
    """
    # Bounded, because the comparison takes time with the length and the number of the names.
    by_key = {other.casefold(): other for other in islice(allowed, _MAX_COMPARED)}
    similar = get_close_matches(name[:SHOWN].casefold(), by_key, n=1, cutoff=likeness)
    return by_key[similar[0]] if similar else None


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()
