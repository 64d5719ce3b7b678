"""What in a script is no text: pauses and changes of voice, in brackets or as SSML writes it."""

import re
from dataclasses import dataclass
from typing import ClassVar

from errors import WorkerError
from storage import keys

SHORTEST_S, LONGEST_S = 0.05, 10.0
_TAG = re.compile(
    r"\[\s*pause\s*:\s*(?P<pause>[^\[\]\n]{1,20})\]"
    r"|<break\s+time\s*=\s*[\"'](?P<time>[^\"'<>\n]{1,20})[\"']\s*/?>(?:\s*</break>)?"
    r"|\[\s*voice\s*:\s*(?P<voice>[^\[\]\n]{1,100})\]",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"(?P<number>\d{1,6}(?:\.\d{1,6})?)\s*(?P<unit>ms|s|sec|seconds?)?", re.I)


class TagRejected(WorkerError):
    """A tag whose value makes no sense."""

    code: ClassVar[str] = "text_rejected"


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag at `char` of the text without tags: silence of `pause_ms`, or a voice from there on."""

    char: int
    pause_ms: int = 0
    voice: str | None = None


def parted(text: str) -> tuple[str, tuple[Tag, ...]]:
    """The text without its tags, and the tags. What stands in other brackets is text.

    Where a tag parts two words, one space does. Raises TagRejected for a pause outside SHORTEST_S
    to LONGEST_S or for what cannot be a voice's name.
    """
    kept, tags, end = "", [], 0
    for match in _TAG.finditer(text):
        kept += text[end : match.start()]
        end = match.end()
        if kept and not kept[-1].isspace():
            kept += " "
        elif text[end : end + 1] == " ":
            end += 1
        tags.append(_tag(match, len(kept)))
    return kept + text[end:], tuple(tags)


def _tag(match: re.Match[str], char: int) -> Tag:
    if match["voice"] is not None:
        try:
            return Tag(char, voice=keys.voice_name(match["voice"].strip()))
        except keys.InvalidName as error:
            raise TagRejected(f"{match[0]!r}: {error.sentence}") from None
    written = (match["pause"] or match["time"]).strip()
    length = _LENGTH.fullmatch(written)
    seconds = float(length["number"]) if length else 0.0
    if length and (length["unit"] or "s").lower() == "ms":
        seconds /= 1000
    if not SHORTEST_S <= seconds <= LONGEST_S:
        raise TagRejected(
            f"{match[0]!r} is no pause; give {SHORTEST_S:g} to {LONGEST_S:g} seconds, such as "
            "[pause:0.8s] or [pause:800ms]"
        )
    return Tag(char, pause_ms=round(1000 * seconds))
