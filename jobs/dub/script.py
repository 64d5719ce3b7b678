"""The cues of a subtitle file as one script, whose chunks each belong to one cue."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from jobs.dub.cues import SourceCue, SubtitlesRejected
from storage import keys
from tts.speech import Chunk, Script
from tts.text.tags import Markup, Reading, Tag, TagRejected, extract_tags
from worker.state import Worker

_MAX_NAMES = 100
"""Most names of speakers that are looked for in the store."""


@dataclass(frozen=True)
class CueMarkup:
    """The text of all cues with its tags, each cue a paragraph.

    starts: the offset of each cue's text.
    speakers: the voice that each cue's speaker has; None for the one that speaks anyway.
    """

    markup: Markup
    starts: list[int]
    speakers: list[str | None]

    def voices(self) -> list[str]:
        """The names of all voices beside the request's, each once."""
        named = (name for name in self.speakers if name)
        return list(dict.fromkeys([*self.markup.voices, *named]))


def find_speakers(
    worker: Worker, cues: Sequence[SourceCue]
) -> tuple[list[SourceCue], list[str | None], list[str]]:
    """The cues without the names of speakers that are voices, the voice of each, and warnings.

    Raises StorageError.
    """
    known: dict[str, str | None] = {}
    texts, speakers = [], list[str | None]()
    for cue in cues:
        if cue.speaker and cue.speaker not in known:
            known[cue.speaker] = _voice(worker, cue.speaker) if len(known) < _MAX_NAMES else None
        voice = known.get(cue.speaker)
        texts.append(replace(cue, text=cue.after_prefix) if voice else cue)
        speakers.append(voice)
    nobody = dict.fromkeys(
        cue.speaker for cue in cues if cue.is_tagged and not known.get(cue.speaker)
    )
    if not nobody:
        return texts, speakers, []
    names = ", ".join(repr(name[:40]) for name in list(nobody)[:5])
    return texts, speakers, [
        f"the file names speakers for whom there is no voice ({names}); upload a voice of each "
        "name, or the request's voice speaks for them"
    ]  # fmt: skip


def _voice(worker: Worker, speaker: str) -> str | None:
    """The name of the voice that a speaker's name means; None if there is no such voice."""
    for raw in dict.fromkeys((speaker, speaker.lower())):
        try:
            name = keys.voice_name(raw)
        except keys.InvalidName:
            continue
        if name == worker.voices.default.name or worker.voices.clip_info(name) is not None:
            return name
    return None


def as_markup(cues: Sequence[SourceCue], speakers: list[str | None]) -> CueMarkup:
    """The texts of the cues as one text. Raises SubtitlesRejected, which names the cue of a tag.

    A passage of another pace or language ends with its cue at the latest.
    """
    parts, starts = list[str](), list[int]()
    tags, readings = list[Tag](), list[Reading]()
    marked: set[str] = set()
    optional, required = set[str](), set[str]()
    unopened, ignored = dict[str, None](), dict[str, None]()
    length = 0
    for cue in cues:
        try:
            one = extract_tags(cue.text)
        except TagRejected as error:
            raise SubtitlesRejected(f"cue {cue.index + 1}: {error.sentence}") from None
        starts.append(length)
        for tag in one.tags:
            if tag.mark in marked:
                raise SubtitlesRejected(
                    f"cue {cue.index + 1}: another cue has a mark {tag.mark!r}; give each its own"
                )
            marked |= {tag.mark} if tag.mark else set()
            tags.append(replace(tag, char=tag.char + length))
        if any(tag.rate is not None or tag.language is not None for tag in one.tags):
            tags.append(Tag(length + len(one.text), rate=1.0, language=""))
        optional |= one.optional_voices
        required |= set(one.voices) - one.optional_voices
        unopened |= dict.fromkeys(one.unopened)
        ignored |= dict.fromkeys(one.ignored)
        readings += [
            replace(r, char_start=r.char_start + length, char_end=r.char_end + length)
            for r in one.readings
        ]
        parts.append(one.text)
        length += len(one.text) + 2
    text = "\n\n".join(parts)
    markup = Markup(
        text,
        text,
        tuple(tags),
        tuple(readings),
        frozenset(optional - required),
        tuple(unopened),
        tuple(ignored),
    )
    return CueMarkup(markup, starts, speakers)


def by_cue(
    script: Script, chunks: Sequence[Chunk], text: CueMarkup
) -> tuple[list[Chunk], list[range]]:
    """The chunks with the voices of their cues, and which of them each cue has.

    A tag of a voice in a cue comes before the voice of the cue's speaker. No silence is left at the
    ends of a cue: the times of the cues decide there.
    """
    owners = [
        bisect_right(text.starts, script.words[chunk.tokens[0].word].char_start) - 1
        for chunk in chunks
    ]
    tagged = {bisect_right(text.starts, tag.char) - 1 for tag in text.markup.tags if tag.voice}
    cut: list[Chunk] = []
    for index, (chunk, cue) in enumerate(zip(chunks, owners, strict=True)):
        speaker = None if cue in tagged else text.speakers[cue]
        is_last = index + 1 == len(chunks) or owners[index + 1] != cue
        cut.append(
            replace(
                chunk,
                voice=speaker or chunk.voice,
                lead_ms=0,
                pause_ms=0 if is_last else chunk.pause_ms,
                silence_ms=None if is_last else chunk.silence_ms,
            )
        )
    ranges = [
        range(bisect_right(owners, cue - 1), bisect_right(owners, cue))
        for cue in range(len(text.starts))
    ]
    return cut, ranges
