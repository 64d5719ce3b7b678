"""The files that a job's reply links to: their names, and the reply with links to this server."""

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from studio.jobs import StudioFile, url_of
from timing.formats import FORMATS
from tts.audio import encode

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}")
UNKNOWN_TYPE = "application/octet-stream"
"""Of a format that this worker does not have."""

_LINKS = ("audio_url", "timing_url")
"""The fields of replies that hold one link."""

Problem = Callable[[str], str | None]
"""Why a link cannot be served, as a sentence; None if it can be."""


class _Collector:
    """Gathers the files of one reply."""

    def __init__(self, job_id: str, problem: Problem) -> None:
        self._job_id = job_id
        self._problem = problem
        self.files: dict[str, StudioFile] = {}
        self.warnings: dict[str, None] = {}

    def add(self, kind: str, form: str, link: Any) -> str | None:
        """The path on this server for a link; None if it cannot be served."""
        problem = (
            self._problem(link) if _path(link) is not None else "a link of the reply is no URL"
        )
        if problem:
            self.warnings[problem] = None
            return None
        name = self._name(kind, form, link)
        types: dict[str, str] = {one: made.content_type for one, made in FORMATS.items()}
        if kind != "timing":
            types = {made.extension: made.content_type for made in encode.FORMATS.values()}
        self.files[name] = StudioFile(kind, form, name, types.get(form, UNKNOWN_TYPE), link)
        return url_of(self._job_id, name)

    def part(self, part: Any) -> Any:
        """A part of the audio whose link leads to this server."""
        if not isinstance(part, Mapping) or "audio_url" not in part:
            return part
        link = part["audio_url"]
        return {**part, "audio_url": self.add("part", _extension(link), link)}

    def _name(self, kind: str, form: str, link: str) -> str:
        """The last part of the link's path, or another name where that is none or is taken."""
        name = (_path(link) or "").rpartition("/")[2]
        if not _NAME.fullmatch(name) or ".." in name:
            name = f"{kind}.{form}" if _NAME.fullmatch(form) else kind
        taken = self.files
        return name if name not in taken else f"{len(taken)}-{name}"[:255]


def with_own_links(
    job_id: str, output: Mapping[str, Any], problem: Problem
) -> tuple[dict[str, Any], dict[str, StudioFile]]:
    """A reply whose links to files lead to this server, and these files by name.

    A link that cannot be served becomes null, and a warning of the reply says why.

    job_id: of the studio's job.
    problem: tells which links can be served.
    """
    collector = _Collector(job_id, problem)
    made = dict(output)
    for field in _LINKS:
        if field in made:
            kind = "timing" if field == "timing_url" else "audio"
            form = str(made.get("format") or "") or _extension(made[field])
            made[field] = collector.add(kind, form, made[field])
    if isinstance(made.get("timing_files"), Mapping):
        made["timing_files"] = {
            str(form): collector.add("timing", str(form), link)
            for form, link in made["timing_files"].items()
        }
    if isinstance(made.get("parts"), list):
        made["parts"] = [collector.part(part) for part in made["parts"]]
    if collector.warnings:
        said = made.get("warnings")
        made["warnings"] = [*(said if isinstance(said, list) else []), *collector.warnings]
    return made, collector.files


def _extension(link: Any) -> str:
    """The ending of the file that a link leads to."""
    return PurePosixPath(_path(link) or "").suffix[1:].lower()


def _path(link: Any) -> str | None:
    """The path of a link; None if the link cannot be read as a URL."""
    try:
        return unquote(urlsplit(link).path) if isinstance(link, str) else None
    except ValueError:
        return None
