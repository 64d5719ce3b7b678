"""The tags of a script, in brackets or in SSML: pauses, marks, what holds for a passage (its voice,
pace and language), and words that are said in another way than they are shown."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import regex

from errors import WorkerError
from storage import keys
from tts.text import say_as
from tts.text.clean_text import CleanText
from tts.text.formatting import drop_hidden, is_ssml
from tts.text.scopes import InvalidValue, Scopes, Settings, attributes_of
from tts.text.twins import fold_twins
from tts.text.words import trace_written
from unicode_sets import CLOSES, OPENING_BRACKETS, QUOTES, SPACELESS_MARKS, VOICE_MARKS

MIN_PAUSE_S, MAX_PAUSE_S = 0.05, 10.0
MAX_PAUSE_ROW_S, MAX_PAUSE_SUM_S = 60, 600
# SSML leaves the length of each strength to the engine. A <break> without attributes is medium.
STRENGTHS_MS = {"none": 0, "x-weak": 0, "weak": 100, "medium": 150, "strong": 300, "x-strong": 450}
_TAG = re.compile(
    r"\[\s*pause\s*:(?!\])\s*+(?P<pause>[^\[\]\n]{0,30})\]"
    r"|<break(?P<break>(?:\s[^<>]{0,200}+)?)\s*+/?>(?:\s*</break>)?"
    r"|\[\s*voice\s*:(?!\])\s*+(?P<voice>[^\[\]\n]{0,200})\]"
    r"|\[\s*mark\s*:(?P<mark>[^\[\]\n]{0,100})\]"
    rf"|<(?:mark\s+name|bookmark\s+mark)\s*=\s*[{QUOTES}](?P<named>[^<>\n]{{0,100}}?)[{QUOTES}]"
    r"\s*/?>(?:\s*</(?:book)?mark>)?"
    r"|(?<![\\$])\{(?!\s*\|\s*\})(?P<shown>[^{}|\n]{0,100})\|(?P<said>[^{}|\n]{0,200})\}"
    rf"|<sub\s+alias\s*=\s*[{QUOTES}](?P<alias>[^{QUOTES}<>\n]{{0,200}})[{QUOTES}]\s*>"
    r"(?P<subbed>[^<>\n]{1,100})</sub\s*>"
    r"|\[\s*(?P<setting>rate|lang)\s*:(?!\])(?P<value>[^\[\]\n]{0,100})\]"
    r"|\[/(?P<ended>rate|lang)\s*\]"
    r"|<say-as(?P<how>\s[^<>]{0,200}+)>(?P<as_said>[^<>]{1,200}+)</say-as\s*>"
    r"|<(?P<closes>/)?(?P<element>prosody|lang|voice|p|s)(?P<attributes>\s[^<>]{0,300}+)?>",
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
_OTHER_PROSODY = frozenset({"contour", "duration", "pitch", "range", "volume"})
# A passage may begin inside of quotes and brackets.
_OPENED = re.compile(rf"(?:\A|\s)[{re.escape(QUOTES + OPENING_BRACKETS)}]{{1,8}}\Z")
_MAX_OPENED = 9
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
    """Silence of `pause_ms`, a mark, the end of a sentence, or what holds from here on.

    char: its offset in the text without tags.
    voice, language: the name and the tag of another one; empty for that of the whole script.
    rate: the pace, as a multiple of the pace of the speech.
    ends_sentence: whether a sentence ends here, whatever its last word has.
    """

    char: int
    pause_ms: int = 0
    voice: str | None = None
    mark: str | None = None
    rate: float | None = None
    language: str | None = None
    ends_sentence: bool = False

    @property
    def has_effect(self) -> bool:
        """Whether it does anything."""
        return replace(self, char=0) != Tag(0)


@dataclass(frozen=True, slots=True)
class Reading:
    """A part of the text without tags that is said in another way than it is written.

    char_start, char_end: its offsets.
    said: what the voice reads in its place; nothing if it is silent.
    is_shown: false if it is said only, and captions leave it out.
    how: what `say_as.said` makes of `said`, by the language there; empty if nothing.
    """

    char_start: int
    char_end: int
    said: str
    is_shown: bool = True
    how: str = ""


@dataclass(frozen=True)
class Markup:
    """A text without tags, control characters and what HTML hides, and the tags in their order.

    source: the text as it came, for messages.
    tags, readings: in the order of the text.
    optional_voices: the voices that SSML alone names. Those of other services have names too, and
        a voice that the store lacks changes nothing.
    unopened: the tags that end what nothing began.
    ignored: what SSML's tags around passages ask for in vain, such as "<prosody pitch>".
    offsets: where each character of `text` stands in `source`; None if `text` is what the client
        knows.
    """

    text: str
    source: str
    tags: tuple[Tag, ...] = ()
    readings: tuple[Reading, ...] = ()
    optional_voices: frozenset[str] = frozenset()
    unopened: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    offsets: Sequence[int] | None = None

    @property
    def voices(self) -> list[str]:
        """The names of the voices that the tags ask for, each once, in order."""
        return list(dict.fromkeys(tag.voice for tag in self.tags if tag.voice))

    def without_voices(self, names: Collection[str]) -> "Markup":
        """The same text, in which the voice stays where one of these names is asked for."""
        if not names:
            return self
        tags = (replace(tag, voice=None) if tag.voice in names else tag for tag in self.tags)
        return replace(self, tags=tuple(tag for tag in tags if tag.has_effect))


def extract_tags(text: str) -> Markup:
    """Take the tags out of a text, and what HTML hides. What stands in other brackets stays text.

    Of `{shown|said}` what is shown stays, or what is said if nothing is shown.
    A tag between two words leaves one space; punctuation after a tag moves to the word before it.
    Raises TagRejected for a pause outside MIN_PAUSE_S to MAX_PAUSE_S, for more silence than
    MAX_PAUSE_ROW_S in a row or MAX_PAUSE_SUM_S in all, for an impossible name of a voice or a mark,
    an impossible pace or language, and for two marks of one name.
    """
    return _Extraction(text).markup()


class _Extraction:
    """One text from which the tags are taken, from its start to its end."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._traced = drop_hidden(trace_written(source))
        self._text = self._traced.text
        self._is_ssml = is_ssml(self._text)
        self._clean = CleanText()
        self._end = 0
        """Where the last tag ended."""
        self._tags: list[Tag] = []
        self._readings: list[Reading] = []
        self._marked: set[str] = set()
        self._scopes = Scopes()
        self._ssml_voices: set[str] = set()
        self._named_voices: set[str] = set()
        # Dictionaries hold each once, in order.
        self._unopened: dict[str, None] = {}
        self._ignored: dict[str, None] = {}
        self._row_ms = self._sum_ms = 0

    def markup(self) -> Markup:
        """See `extract_tags`."""
        # Full-width signs, as Chinese keyboards write them, are read like the plain ones.
        for match in _TAG.finditer(fold_twins(self._text)):
            if match["shown"] is not None:
                self._read(match, "shown", "said")
            elif match["subbed"] is not None:
                self._read(match, "subbed", "alias")
            elif match["as_said"] is not None:
                how = say_as.how(attributes_of(match["how"]))
                if how:
                    self._read(match, "as_said", "as_said", how)
            elif match["setting"] or match["ended"] or match["element"]:
                self._set(match)
            else:
                self._place(match)
        self._clean.append(self._traced.part(self._end))
        return Markup(
            "".join(self._clean.parts),
            self._source,
            tuple(self._tags),
            tuple(self._readings),
            frozenset(self._ssml_voices - self._named_voices),
            tuple(self._unopened),
            tuple(self._ignored),
            self._clean.offsets,
        )

    def _pass(self, match: re.Match[str]) -> None:
        """Keep the text before a tag, and leave the tag out."""
        between = self._traced.part(self._end, match.start())
        self._clean.append(between)
        self._end = match.end()
        if between.text.strip():
            self._row_ms = 0

    def _read(self, match: re.Match[str], shown_part: str, said_part: str, how: str = "") -> None:
        """Keep what is shown of a part of the text, and what is said for it."""
        self._pass(match)
        shown, said = (
            self._traced.part(*match.span(part)).on_one_line() for part in (shown_part, said_part)
        )
        start = self._clean.length
        self._clean.append(shown if shown.text else said)
        self._readings.append(Reading(start, self._clean.length, said.text, bool(shown.text), how))
        self._row_ms = 0

    def _take(self, match: re.Match[str], *, opens: bool = False) -> int:
        """Take a tag out of the text; what follows it begins at the offset that is returned.

        opens: whether the passage that it opens may stand in quotes that begin before it.
        """
        self._pass(match)
        clean = self._clean
        if opens and clean.parts and _OPENED.search(clean.parts[-1][-_MAX_OPENED:]):
            return clean.length
        closing = _CLOSING.match(self._text, self._end) if clean.has_words else None
        if closing:
            clean.strip_end()
            clean.append(self._traced.part(closing.end() - len(closing[0].lstrip()), closing.end()))
            self._end = closing.end()
        if self._text[self._end : self._end + 1] == " ":
            self._end += 1
        clean.end_with_space()
        return clean.length

    def _place(self, match: re.Match[str]) -> None:
        """Take a pause, a mark or a change of voice."""
        tag = _tag(match, self._take(match), self._text[slice(*match.span("voice"))])
        if tag.mark:
            if tag.mark in self._marked:
                raise TagRejected(f"two marks have the name {tag.mark!r}; give each its own")
            self._marked.add(tag.mark)
        if tag.voice:
            self._scopes.voice = tag.voice
            self._named_voices.add(tag.voice)
        self._row_ms += tag.pause_ms
        self._sum_ms += tag.pause_ms
        if self._row_ms > 1000 * MAX_PAUSE_ROW_S or self._sum_ms > 1000 * MAX_PAUSE_SUM_S:
            raise TagRejected(
                f"the pauses are too long: give at most {MAX_PAUSE_ROW_S} seconds in a row and "
                f"{MAX_PAUSE_SUM_S} seconds in a script"
            )
        if tag.has_effect:
            self._tags.append(tag)

    def _set(self, match: re.Match[str]) -> None:
        """Begin or end a passage. A tag that sets nothing stays, as one of HTML."""
        before = self._scopes.settings
        name = (match["setting"] or match["ended"] or match["element"]).lower()
        element = name if match["element"] else ""
        is_part = element in ("p", "s")
        if is_part and not self._is_ssml:
            return
        is_end = bool(match["ended"] or match["closes"])
        if is_end:
            is_open = self._scopes.close(element or f"[{name}]")
            if match["ended"] and not is_open:
                self._unopened[match[0][:20]] = None
        elif (match["attributes"] or "").rstrip().endswith("/"):
            return
        else:
            changes = self._changes(match)
            try:
                self._scopes.open(element or f"[{name}]", match[0], **changes)
            except InvalidValue as error:
                raise TagRejected(str(error)) from None
        if element == "p":
            self._pass(match)
            self._clean.end_paragraph()
            char = self._clean.length
        elif is_part or not element or self._scopes.settings != before:
            char = self._take(match, opens=not is_end)
        else:
            return
        tag = _difference(char, before, self._scopes.settings)
        if element == "s" and self._clean.has_words:
            tag = replace(tag, ends_sentence=True)
        if tag.has_effect:
            self._tags.append(tag)

    def _changes(self, match: re.Match[str]) -> dict[str, str]:
        """What a tag that begins a passage sets, as it is written."""
        if match["setting"]:
            name = "rate" if match["setting"].lower() == "rate" else "language"
            return {name: match["value"].strip()}
        element = match["element"].lower()
        attributes = attributes_of(match["attributes"] or "")
        changes: dict[str, str] = {}
        if element == "prosody":
            for other in filter(_OTHER_PROSODY.__contains__, attributes):
                self._ignored[f"<prosody {other}>"] = None
            return {"rate": attributes["rate"]} if attributes.get("rate") else {}
        language = attributes.get("xml:lang") or attributes.get("language")
        if language:
            changes["language"] = language
        if element == "voice":
            try:
                changes["voice"] = keys.voice_name(attributes.get("name", ""))
            except keys.InvalidName:
                # A voice of another service, or a choice by gender and age.
                if not language:
                    self._ignored["<voice>"] = None
                return changes
            self._ssml_voices.add(changes["voice"])
        return changes


def _difference(char: int, before: Settings, after: Settings) -> Tag:
    """The tag that makes the settings of one place those of the next."""
    return Tag(
        char,
        voice=after.voice if after.voice != before.voice else None,
        rate=after.rate if after.rate != before.rate else None,
        language=after.language if after.language != before.language else None,
    )


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
            f"{tag!r} has no length that the worker can read; give {MIN_PAUSE_S:g} to "
            f"{MAX_PAUSE_S:g} seconds, such as [pause:0.8s] or [pause:800ms]"
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
