"""Timing files: rendering, keys in the store, and the fields of a reply about them."""

from collections.abc import Iterable
from typing import Any

from jobs.results import fonts
from jobs.results.manifest import Manifest, RenderedFile, StoredFile
from jobs.results.replies import MarkTime, SceneTimes
from messages import quote_value
from storage import keys
from storage.store import TEXT_BYTES, NotFound, StorageError, Store, TooLarge
from timing.formats import FORMATS, htmlpage
from timing.scenes import place_marks, scenes
from timing.subtitles.captions import Captions
from timing.subtitles.fonts import SHIPPED
from timing.subtitles.style import DEFAULT_FONT
from timing.words import Timing
from tts.speech import Script

_MAX_NAMED = 10
"""Most characters that a warning names."""


def render(job_id: keys.JobId, captions: Captions, names: Iterable[str]) -> list[RenderedFile]:
    """The timing files of a job, one for each of these formats."""
    files = []
    for name in names:
        form = FORMATS[name]
        # Several formats may have one extension: then the name of the format tells them apart.
        is_named_after = form.extension.lower() == name
        ending = form.extension if is_named_after else f"{name}.{form.extension}"
        stored = StoredFile(
            key=keys.timing(job_id, name, form.extension.lower()),
            content_type=form.content_type,
            filename=f"{job_id}.{ending}",
        )
        files.append(RenderedFile("timing", name, stored, form.render(captions)))
    return files


def warnings(captions: Captions, names: Iterable[str]) -> list[str]:
    """Warnings about cues that `offset_ms` moves before the start of the audio, colours of voices
    that speak nothing, the font, and a page whose audio no browser plays."""
    formats = set(names)
    found = _font_warnings(captions) if fonts.FORMAT in formats else []
    if "html" in formats and captions.audio.filename.endswith(".pcm"):
        found.append(
            "browsers do not play pcm, so the html page has no sound; take another output_format "
            "for a page"
        )
    if captions.cut and any(FORMATS[name].has_cues for name in formats):
        total = captions.cut + len(captions.cues)
        consequence = "what lies there is cut" if captions.cues else "no cue is left"
        found.append(f"offset_ms moves {captions.cut} of {total} cues before 0; {consequence}")
    elif not captions.cues and any(FORMATS[name].has_cues for name in formats):
        found.append("no word of the text is shown, so the files have no cues")
    silent = [name for name in captions.style.voice_colours if name not in captions.speakers]
    if silent and "ass" in formats:
        known = ", ".join(captions.speakers)
        remedy = (
            f"the voices of this script are {known}"
            if known
            else "write [voice:name] into the text where a voice begins to speak"
        )
        found.append(f"subtitles.voice_colours has no effect for {', '.join(silent)}; {remedy}")
    return found


def _font_warnings(captions: Captions) -> list[str]:
    font, face = captions.style.font, captions.style.face
    told = []
    if face is None and font != DEFAULT_FONT:
        remedy = (
            "embed_font puts it into the file"
            if font.casefold() in map(str.casefold, SHIPPED)
            else "font_url puts a font of yours into the file, embed_font one of the worker's "
            f"({', '.join(SHIPPED)})"
        )
        told.append(
            f"the machine that burns in the captions must have the font {quote_value(font)}, or it "
            f"takes another one; {remedy}"
        )
    if face is not None and (missing := face.missing(fonts.shown(captions))):
        named = " ".join(missing[:_MAX_NAMED])
        more = f" and {len(missing) - _MAX_NAMED} more" if len(missing) > _MAX_NAMED else ""
        told.append(
            f"the font {quote_value(font)} has no {named}{more}: a player takes them from another "
            "font, or draws boxes"
        )
    return told


def refresh_page_link(record: Manifest, store: Store, expires_s: int) -> list[str]:
    """Write a new audio link into a job's HTML page, valid as long as a new link to the page.

    Gives a warning if the store does not let the page be read or written.
    """
    # The page holds a signed link to the audio. That link has expired when a client asks for the
    # page later, so each new link to the page needs a page with a new link to the audio.
    page, audio = record.timings.get("html"), record.source_audio
    if page is None or audio is None:
        return []
    try:
        old = store.get(page.key, TEXT_BYTES)
        new = htmlpage.with_link(old, store.url(audio.key, expires_s))
        # Without a place for the link it is no page of this worker, and it stays as it is.
        if new != old:
            store.put(page.key, new, page.content_type)
    except NotFound:
        return []  # the link to a page that was deleted answers 404
    except (StorageError, TooLarge) as error:
        # The other links of the reply are good without the page's.
        return [
            "the html page has no fresh link to its audio, and may play it only from a file beside "
            f"it: {error.sentence}"
        ]
    return []


def mark_fields(script: Script, timing: Timing, duration_ms: int) -> dict[str, Any]:
    """The fields `marks` and `scenes` of a reply, in seconds; none for a script without marks."""
    if not script.marks:
        return {}
    marks = place_marks(script, timing.words, duration_ms)
    return {
        "marks": [
            MarkTime(name=mark.name, time=mark.time_ms / 1000, word=mark.word) for mark in marks
        ],
        "scenes": [
            SceneTimes(
                name=scene.name,
                start_time=scene.start_ms / 1000,
                end_time=scene.end_ms / 1000,
                text=scene.text,
            )
            for scene in scenes(script, marks, duration_ms)
        ],
    }


def reply_fields(timing: Timing, names: Iterable[str]) -> dict[str, Any]:
    """The fields of a reply about timing, without warnings and links.

    `timing_format` is a name if there is one format, else a list of names.
    """
    formats = list(names)
    return {
        "timing_format": formats[0] if len(formats) == 1 else formats,
        "timing_method": timing.method,
        "timing_confidence": round(timing.confidence, 3),
        "word_count": len(timing.words),
    }
