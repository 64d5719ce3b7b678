"""The font of a job's captions: read before anything is spoken, completed for what is shown."""

from collections.abc import Collection
from dataclasses import replace

from errors import CancelCheck
from jobs.schema.subtitles import Subtitles
from storage.fetch import FetchFailed, FetchRefused, fetch
from storage.store import TooLarge
from timing.subtitles import fonts
from timing.subtitles.captions import Captions
from worker.job import Job

FORMAT = "ass"
"""The format that has fonts."""


def load(subtitles: Subtitles, formats: Collection[str], text: str, job: Job) -> fonts.Font | None:
    """The font that the `ass` file is to hold, as stage `font`; None without one.

    formats: of the timing files.
    text: what will be spoken, as far as it is known.

    Raises font_rejected, fetch_refused, fetch_failed.
    """
    name, url = subtitles.shipped_font, subtitles.font_url
    if FORMAT not in formats or not (subtitles.embed_font or url):
        return None
    check, bold = job.stop.raise_if_cancelled, subtitles.wants_bold()
    characters = {*text, *text.upper(), *text.lower()}
    with job.stage("font"):
        if url is not None:
            return fonts.read(_download(url, job), bold, _visible(characters), check)
        return fonts.shipped(name or "", bold, _visible(characters))


def complete(captions: Captions, check: CancelCheck) -> Captions:
    """The captions, whose embedded font has every character that they show.

    check: called each 0.1 s; an exception from it ends the work.

    Raises font_rejected.
    """
    face = captions.style.face
    if face is None:
        return captions
    face = face.covering(shown(captions), check)
    return replace(captions, style=replace(captions.style, face=face))


def shown(captions: Captions) -> list[str]:
    """The characters of the cues, in their order, without repeats."""
    lines = (line for cue in captions.cues for line in (*cue.texts, *cue.second))
    return _visible(dict.fromkeys(char for line in lines for char in line))


def _visible(characters: Collection[str]) -> list[str]:
    """Those that a font draws."""
    return [char for char in characters if char.isprintable()]


def _download(url: str, job: Job) -> bytes:
    path = job.folder / "font"
    try:
        fetch(url, path, fonts.MAX_FONT_BYTES, job.stop.raise_if_cancelled)
    except TooLarge:
        raise fonts.FontRejected(
            f"the file is larger than {fonts.MAX_FONT_BYTES // 1_000_000} MB; give a smaller font"
        ) from None
    except (FetchFailed, FetchRefused) as error:
        raise error.about("subtitles.font_url") from None
    return path.read_bytes()
