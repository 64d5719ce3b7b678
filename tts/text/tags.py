"""The tags of a script, in brackets or in SSML: pauses, changes of voice, marks, and words that are
said in another way than they are shown."""

import re
from dataclasses import dataclass
from typing import ClassVar

import regex

from errors import WorkerError
from storage import keys
from tts.text.formatting import drop_hidden
from tts.text.twins import fold_twins
from tts.text.words import strip_control
from unicode_sets import CLOSES, QUOTES, SPACELESS_MARKS, VOICE_MARKS

MIN_PAUSE_S, MAX_PAUSE_S = 0.05, 10.0
MAX_PAUSE_ROW_S, MAX_PAUSE_SUM_S = 60, 600
# SSML leaves the length of each strength to the engine. A <break> without attributes is medium.
STRENGTHS_MS = {"none": 0, "x-weak": 0, "weak": 100, "medium": 150, "strong": 300, "x-strong": 450}
_TAG = re.compile(
    r"\[\s*pause\s*:(?!\])\s*+(?P<pause>[^\[\]\n]{0,30})\]"
    r"|<break(?P<break>(?:\s[^<>]{0,200}+)?)\s*+/?>(?:\s*</break>)?"
    r"|\[\s*voice\s*:(?!\])\s*+(?P<voice>[^\[\]\n]{0,100})\]"
    r"|\[\s*mark\s*:(?P<mark>[^\[\]\n]{0,100})\]"
    rf"|<mark\s+name\s*=\s*[{QUOTES}](?P<named>[^<>\n]{{0,100}}?)[{QUOTES}]\s*/?>(?:\s*</mark>)?"
    r"|(?<![\\$])\{(?!\s*\|\s*\})(?P<shown>[^{}|\n]{0,100})\|(?P<said>[^{}|\n]{0,200})\}"
    rf"|<sub\s+alias\s*=\s*[{QUOTES}](?P<alias>[^{QUOTES}<>\n]{{0,200}})[{QUOTES}]\s*>"
    r"(?P<subbed>[^<>\n]{1,100})</sub\s*>",
    re.IGNORECASE,
)
_LENGTH = re.compile(
    r"(?P<number>\d{1,6}(?:[.,]\d{1,6})?|[.,]\d{1,6})\s*"
    r"(?P<unit>ms|msecs?|milliseconds?|s|secs?|seconds?)?",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(rf"\b(time|strength)\s*=\s*[{QUOTES}]\s*([^{QUOTES}]*)", re.IGNORECASE)
# A mark's name is that of a file too: ffmpeg's lists of files take these characters alone.
_MARK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
# Punctuation and closing quotes after a tag belong to the word before it.
_CLOSING = regex.compile(
    rf"\s*(?:[{VOICE_MARKS}…]+[\"'{CLOSES}]*(?=\s|$|[\[<])|[{SPACELESS_MARKS}]+[{CLOSES}]*)"
    rf"|[\"'{CLOSES}]+(?=\s|$)"
)


class TagRejected(WorkerError):
    """A tag with an impossible value."""

    code: ClassVar[str] = "text_rejected"


@dataclass(frozen=True, slots=True)
class Tag:
    """Silence of `pause_ms`, another voice from here on, or a mark.

    `char` is its offset in the text without tags.
    """

    char: int
    pause_ms: int = 0
    voice: str | None = None
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A part of the text without tags that is said in another way than it is written.

    char_start, char_end: its offsets.
    said: what the voice reads in its place; nothing if it is silent.
    is_shown: false if it is said only, and captions leave it out.
    """

    char_start: int
    char_end: int
    said: str
    is_shown: bool = True


@dataclass(frozen=True)
class Markup:
    """A text without tags, control characters and what HTML hides, and the tags in their order.

    `source` is the text as it came, for messages; the readings are in order too.
    """

    text: str
    source: str
    tags: tuple[Tag, ...] = ()
    readings: tuple[Reading, ...] = ()

    @property
    def voices(self) -> list[str]:
        """The names of the voices that the tags ask for, each once, in order."""
        return list(dict.fromkeys(tag.voice for tag in self.tags if tag.voice))


def extract_tags(text: str) -> Markup:
    """Take the tags out of a text, and what HTML hides. What stands in other brackets stays text.

    Of `{shown|said}` what is shown stays, or what is said if nothing is shown.
    A tag between two words leaves one space; punctuation after a tag moves to the word before it.
    Raises TagRejected for a pause outside MIN_PAUSE_S to MAX_PAUSE_S, for more silence than
    MAX_PAUSE_ROW_S in a row or MAX_PAUSE_SUM_S in all, for an impossible name of a voice or a mark,
    and for two marks of one name.
    """
    source, text = text, drop_hidden(strip_control(text))
    clean, tags, end = _CleanText(), [], 0
    readings: list[Reading] = []
    marked: set[str] = set()
    row_ms, sum_ms = 0, 0
    # Full-width signs, as Chinese keyboards write them, are read like the plain ones.
    for match in _TAG.finditer(fold_twins(text)):
        between = text[end : match.start()]
        clean.append(between)
        end = match.end()
        if match["shown"] is not None or match["subbed"] is not None:
            name = "shown" if match["shown"] is not None else "subbed"
            shown, said = (
                " ".join(text[slice(*match.span(part))].split())
                for part in (name, "said" if name == "shown" else "alias")
            )
            start = clean.length
            clean.append(shown or said)
            readings.append(Reading(start, clean.length, said, is_shown=bool(shown)))
            row_ms = 0
            continue
        closing = _CLOSING.match(text, end) if clean.has_words else None
        if closing:
            clean.strip_end()
            clean.append(closing[0].lstrip())
            end = closing.end()
        if text[end : end + 1] == " ":
            end += 1
        clean.end_with_space()
        tag = _tag(match, clean.length, text[slice(*match.span("voice"))])
        if tag.mark:
            if tag.mark in marked:
                raise TagRejected(f"two marks have the name {tag.mark!r}; give each its own")
            marked.add(tag.mark)
        row_ms = tag.pause_ms + (0 if between.strip() else row_ms)
        sum_ms += tag.pause_ms
        if row_ms > 1000 * MAX_PAUSE_ROW_S or sum_ms > 1000 * MAX_PAUSE_SUM_S:
            raise TagRejected(
                f"the pauses are too long: at most {MAX_PAUSE_ROW_S} seconds in a row and "
                f"{MAX_PAUSE_SUM_S} in a script"
            )
        if tag.pause_ms or tag.voice or tag.mark:
            tags.append(tag)
    clean.append(text[end:])
    return Markup("".join(clean.parts), source, tuple(tags), tuple(readings))


class _CleanText:
    """A text that grows part by part; only its last part is ever looked at again.

    A string would be copied for each tag, of which a long script may have thousands.
    """

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.has_words = False

    def append(self, part: str) -> None:
        if part:
            self.parts.append(part)
            self.length += len(part)
            self.has_words = self.has_words or not part.isspace()

    def strip_end(self) -> None:
        """Remove the white space at the end."""
        while self.parts:
            last = self.parts.pop()
            bare = last.rstrip()
            self.length -= len(last) - len(bare)
            if bare:
                self.parts.append(bare)
                return

    def end_with_space(self) -> None:
        """Add a space, unless there is no text or it ends with white space."""
        if self.parts and not self.parts[-1][-1].isspace():
            self.append(" ")


def _tag(match: re.Match[str], char: int, voice: str) -> Tag:
    """The tag of a match of _TAG. voice: the name of its voice as it is written, if it has one."""
    if match["voice"] is not None:
        try:
            return Tag(char, voice=keys.voice_name(voice.strip()))
        except keys.InvalidName as error:
            raise TagRejected(f"{match[0]!r}: {error.sentence}") from None
    if match["mark"] is not None or match["named"] is not None:
        return Tag(char, mark=_mark_name(match["mark"] or match["named"] or "", match[0]))
    length_text = match["pause"]
    if length_text is None:
        attributes = {name.lower(): value for name, value in _ATTRIBUTE.findall(match["break"])}
        if "time" not in attributes:
            strength = attributes.get("strength", "").strip().lower()
            return Tag(char, pause_ms=STRENGTHS_MS.get(strength, STRENGTHS_MS["medium"]))
        length_text = attributes["time"]
    return Tag(char, pause_ms=round(1000 * _seconds(length_text, match[0])))


def _mark_name(raw: str, tag: str) -> str:
    """The name of a mark. `tag` is shown in the error."""
    name = raw.strip()
    if not _MARK_NAME.fullmatch(name):
        raise TagRejected(
            f"{tag!r} has no name that a mark can have; give 1 to 64 letters of ASCII, figures, "
            "hyphens, underscores or dots, such as [mark:intro]"
        )
    return name


def _seconds(length_text: str, tag: str) -> float:
    """The length of a pause. `tag` is shown in the error."""
    length = _LENGTH.fullmatch(length_text.strip())
    if not length:
        raise TagRejected(
            f"{tag!r} has no length that the worker knows; give {MIN_PAUSE_S:g} to {MAX_PAUSE_S:g} "
            "seconds, such as [pause:0.8s] or [pause:800ms]"
        )
    seconds = float(length["number"].replace(",", "."))
    if (length["unit"] or "s").lower().startswith("m"):
        seconds /= 1000
    if seconds < MIN_PAUSE_S:
        raise TagRejected(f"{tag!r} is too short: a pause lasts at least {MIN_PAUSE_S:g} seconds")
    if seconds > MAX_PAUSE_S:
        raise TagRejected(
            f"{tag!r} is too long: a pause lasts at most {MAX_PAUSE_S:g} seconds; write several in "
            "a row for a longer one"
        )
    return seconds
