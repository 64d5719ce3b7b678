"""Fetch every model that the settings name: `python -m worker.model_files MARKER`.

setup_network_venv.py runs it in the environment's Python while it holds a lease. A model in
RunPod's own cache is linked, not copied. The others are downloaded from the Hugging Face hub, in
the revisions of requirements/models.toml or of the settings; a download resumes where an earlier
attempt stopped, and each file is compared with the hub's hash. MARKER, the list of files with
their sizes, is written last.
"""

import glob
import hashlib
import http
import json
import os
import shutil
import sys
import tomllib
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from volume import damage

if __name__ == "__main__":
    # As in handler.py: any import below may meet a damaged file.
    damage.install_excepthook(
        Path(sys.prefix), Path(__file__).resolve().parents[1], lambda sentence: None
    )

from errors import WorkerError
from settings import Settings
from timing.aligners import WHISPERX
from tts.engines import F5
from tts.hub_files import HubFile, parse_hub_file
from volume import space
from volume.errors import SetupError
from volume.progress import progress_lines
from volume.retry import retry
from worker.hub_cache import (
    MAIN,
    RepositoryFiles,
    cached,
    hub_cache,
    link_snapshot,
    make_current,
    select_files,
    snapshot_of,
)

TIMEOUT_S = 30.0
"""How long one read from a server may take, in seconds, not the whole download."""

HUB = "https://huggingface.co"

REVISIONS = Path(__file__).resolve().parents[1] / "requirements" / "models.toml"
"""The revisions that this release fetches, by repository."""

T = TypeVar("T")


class ModelsMissing(WorkerError):
    """A model cannot be downloaded, so the worker cannot start."""


@dataclass(frozen=True)
class Sources:
    """Where models come from. The worker uses the defaults; tests pass other values.

    shared_cache: the hub cache in which RunPod keeps models for all workers of an endpoint.
    bundles_url: the folder from which torchaudio itself downloads its bundles.
    retry_after_s: the seconds to wait before each further attempt of a download.
    """

    shared_cache: Path = Path("/runpod-volume/huggingface-cache/hub")
    bundles_url: str = "https://download.pytorch.org/torchaudio/models/"
    retry_after_s: Sequence[float] = (5.0, 20.0, 60.0)


def main(marker: Path, sources: Sources = Sources()) -> int:
    """Fetch the models of the settings and write the marker. Returns 1, with one sentence printed,
    if that fails."""
    home = marker.parents[1]  # the marker lies in the folder `models` of WORKER_HOME
    try:
        settings = Settings.from_environment(os.environ)
        paths = [path for need in repositories(settings) for path in ensure(need, home, sources)]
        paths += bundles(settings, home, sources)
    except (WorkerError, SetupError, OSError, ValueError) as error:
        full = isinstance(error, OSError) and space.is_full(error)
        print(space.report(home, 0) if full else getattr(error, "sentence", error))
        return 1
    sizes = {os.path.relpath(path, marker.parent): path.stat().st_size for path in paths}
    # Renamed at the end, so that a process that is killed here leaves no marker.
    unfinished = marker.with_suffix(".partial")
    unfinished.write_text(json.dumps(sizes, indent=1))
    unfinished.replace(marker)
    return 0


def repositories(settings: Settings) -> list[RepositoryFiles]:
    """The repositories of the hub that the settings need, in the revisions to fetch."""
    revisions = tomllib.loads(REVISIONS.read_text()) | dict(settings.model_revisions)
    needed = f5_repositories(settings) if settings.engine == F5 else []
    if settings.loads_whisper:
        from tts.asr import whisper

        published = whisper.published(settings.whisper_model)
        if published is not None:
            needed.append(RepositoryFiles(*published))
    files = ("*.json", "model.safetensors|pytorch_model.bin")
    needed += [RepositoryFiles(name, files) for name in align_models(settings, bundled=False)]
    return [
        need if need.is_exact else replace(need, revision=revisions.get(need.repository, MAIN))
        for need in needed
    ]


def f5_repositories(settings: Settings) -> list[RepositoryFiles]:
    """The repositories of F5's files; those that a setting names come with their revision."""
    from tts.f5 import files as f5_files

    weights, vocab = settings.f5_ckpt_file, settings.f5_vocab_file
    config = parse_hub_file(settings.f5_model)
    if weights is None and config is None:
        name, _ = f5_files.read_config(settings.f5_model)
        if name in f5_files.PUBLISHED:
            weights = HubFile(*f5_files.PUBLISHED[name])
    needed = []
    for file in (config, weights, vocab):
        if isinstance(file, HubFile):
            revision, is_exact = file.revision or MAIN, file.revision is not None
            pattern = glob.escape(file.path)
            needed.append(RepositoryFiles(file.repository, [pattern], revision, is_exact))
    if settings.f5_vocoder_dir is None:
        needed.append(RepositoryFiles(*f5_files.VOCOS))
    return needed


def bundles(settings: Settings, home: Path, sources: Sources = Sources()) -> list[Path]:
    """Download the torchaudio bundles that the settings need, and load each once as a check.

    Raises ModelsMissing, and SetupError or OSError if the disk under `home` is full.
    """
    names = align_models(settings, bundled=True)
    if not names:
        return []
    from timing.alignment.whisperx import bundle_file, fetch_bundle

    def fetch(name: str) -> Path:
        path = bundle_file(name)
        if not path.is_file():
            download_bundle(sources.bundles_url + path.name, path, home)
        return fetch_bundle(name)

    return [retry_download(name, partial(fetch, name), sources) for name in names]


def download_bundle(url: str, path: Path, home: Path) -> None:
    """Download a file of weights; resume where an earlier attempt stopped.

    pytorch.org publishes no hash. So the size is compared with the server's Content-Length, and the
    file, a zip archive as torch saves it, with its own checksums. Raises OSError, and ValueError
    for a damaged file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    arriving = path.with_name(f"{path.name}.partial")
    resume_at = arriving.stat().st_size if arriving.is_file() else 0
    # Request the last byte again: for a complete file `bytes=<size>-` is an invalid range (416),
    # `bytes=<size-1>-` is not.
    resume_at = max(0, resume_at - 1)
    request = urllib.request.Request(
        url, headers={"Range": f"bytes={resume_at}-"} if resume_at else {}
    )
    with open_url(request, arriving) as response:
        # A server that does not support ranges answers 200 and sends the whole file.
        resume_at = resume_at if response.status == 206 else 0
        # Without a Content-Length only the archive's own checksums show that the file is complete.
        total = resume_at + int(response.headers["Content-Length"] or 0)
        space.require(home, (total - resume_at) // 1_000_000)
        print(f"{path.name}: {total // 1_000_000:,} MB", flush=True)

        def progress() -> str:
            size = arriving.stat().st_size
            return f"{path.name}: {size // 1_000_000:,} of {total // 1_000_000:,} MB"

        with (
            arriving.open("r+b" if resume_at else "wb") as file,
            progress_lines(progress, lambda line: print(line, flush=True)),
        ):
            file.seek(resume_at)
            shutil.copyfileobj(response, file)
    received = arriving.stat().st_size
    if received < total:
        raise OSError(f"the connection broke off after {received:,} of {total:,} bytes")
    if not has_valid_checksums(arriving):
        arriving.unlink()
        raise ValueError(f"{path.name} arrived with a wrong checksum")
    arriving.rename(path)


def open_url(request: urllib.request.Request, arriving: Path) -> Any:
    """The server's response. Raises OSError.

    arriving: the part of the file that was received before. It is removed if the server answers
    that there is no such range, because then the part is larger than the file.
    """
    try:
        return urllib.request.urlopen(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            arriving.unlink()
        raise


def has_valid_checksums(path: Path) -> bool:
    """Whether every member of a zip archive has its checksum."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except zipfile.BadZipFile:
        return False


def align_models(settings: Settings, bundled: bool) -> list[str]:
    """The models of ALIGN_LANGUAGES, without paths: torchaudio's bundles, or those of the hub."""
    if WHISPERX not in settings.aligners:
        return []
    from timing.alignment.whisperx import is_bundle, model_names

    by_language = model_names(settings.align_models)
    languages = [language for language in settings.align_languages if language in by_language]
    names = [by_language[language] for language in languages]
    paths = [name for name in names if Path(name).is_absolute() or Path(name).is_dir()]
    return [name for name in names if is_bundle(name) == bundled and name not in paths]


def configured_paths(settings: Settings) -> list[Path]:
    """The files and folders that the settings name by path; they are never fetched."""
    f5 = (settings.f5_ckpt_file, settings.f5_vocab_file, settings.f5_vocoder_dir)
    paths = [path for path in f5 if isinstance(path, Path) and settings.engine == F5]
    names = [settings.whisper_model] if settings.loads_whisper else []
    if WHISPERX in settings.aligners:
        names += [settings.align_models.get(name, "") for name in settings.align_languages]
    return paths + [Path(name) for name in names if Path(name).is_absolute()]


def missing_models(settings: Settings) -> list[str]:
    """The models of the settings that are not on the disk; downloads nothing."""
    missing = [str(path) for path in configured_paths(settings) if not path.exists()]
    missing += [need.repository for need in repositories(settings) if not cached(hub_cache(), need)]
    names = align_models(settings, bundled=True)
    if names:
        from timing.alignment.whisperx import bundle_file

        missing += [name for name in names if not bundle_file(name).is_file()]
    return missing


def ensure(needed: RepositoryFiles, home: Path, sources: Sources) -> list[Path]:
    """The paths of a repository's files, linked from RunPod's cache or downloaded from the hub.

    Afterwards the libraries load this snapshot of the repository. If the hub does not answer, files
    of an earlier download serve. Raises ModelsMissing, and SetupError or OSError if the disk under
    `home` is full.
    """
    cache = hub_cache()
    shared = cached(sources.shared_cache, needed)
    if shared:
        say_source(needed, "the worker uses RunPod's cached copy", shared)
        paths = [link_snapshot(path, cache) for path in shared]
    else:
        try:
            paths = retry_download(
                needed.repository, lambda: download(needed, cache, home), sources
            )
        except ModelsMissing:
            paths = cached(cache, needed)
            if not paths:
                raise
            say_source(
                needed, "the hub does not answer, so the worker uses the copy on this disk", paths
            )
    make_current(snapshot_of(paths[0]), needed)
    return paths


def say_source(needed: RepositoryFiles, source: str, paths: Sequence[Path]) -> None:
    """Print where files come from, and their revision if it is not the commit that was wanted."""
    found = snapshot_of(paths[0]).name
    is_other = len(needed.revision) == len(found) and needed.revision != found
    other = f", revision {found} and not {needed.revision}" if is_other else ""
    print(f"{needed.repository}: {source}{other}", flush=True)


def retry_download(name: str, step: Callable[[], T], sources: Sources) -> T:
    """Try a download again, unless the disk is full. Raises ModelsMissing, with the last problem.

    name: the model's, for the messages.
    step: downloads it and returns the paths. Its OSError and ValueError may pass.
    """
    try:
        return retry(
            step,
            (OSError, ValueError),  # the errors of huggingface_hub are OSErrors
            sources.retry_after_s,
            is_final=space.is_full,
            announce=lambda problem, wait_s: print(
                f"{name}: {problem}; trying again in {wait_s:g} s", flush=True
            ),
        )
    except (OSError, ValueError) as error:
        if space.is_full(error):
            raise
        raise ModelsMissing(
            f"{name} cannot be downloaded ({describe(error)}); what has arrived is kept and the "
            "next start goes on from there"
        ) from error


def describe(error: Exception) -> str:
    """Why a download failed, in words, with the remedy where the kind of error tells it."""
    # By name: the library that raises them may change (requests, httpx), the words stay.
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if "OfflineModeIsEnabled" in kinds:
        return "HF_HUB_OFFLINE is set: unset it, or put the files into the cache"
    unreachable = "cannot be reached: check the network and the variables of the proxy"
    # An HTTPError is a URLError too, and an answer.
    if isinstance(error, urllib.error.URLError) and not isinstance(error, urllib.error.HTTPError):
        return f"download.pytorch.org {unreachable}"
    if kinds & {"ConnectionError", "ConnectTimeout", "ConnectError", "ProxyError"}:
        host = urllib.parse.urlsplit(os.environ.get("HF_ENDPOINT") or HUB).hostname
        return f"{host} {unreachable}, or name another hub in HF_ENDPOINT"
    if "GatedRepoError" in kinds:
        return "its authors must grant you access: ask for it on its page, and set HF_TOKEN"
    if "RevisionNotFoundError" in kinds:
        return (
            "the hub has no such revision of it: name one in the setting, or the newest in "
            "MODEL_REVISIONS, such as SWivid/F5-TTS=main"
        )
    if "RepositoryNotFoundError" in kinds:
        return "the hub has no such repository, or HF_TOKEN may not read it"
    return " ".join(str(error).split()) or type(error).__name__


def download(needed: RepositoryFiles, cache: Path, home: Path) -> list[Path]:
    """Download the files that are missing from the cache; compare all with the hub's hashes."""
    from huggingface_hub import HfApi, hf_hub_download

    revision = needed.revision
    info = HfApi().model_info(needed.repository, revision=revision, files_metadata=True)
    published = {file.rfilename: file for file in info.siblings or ()}
    names = select_files(list(published), needed.files)
    total = sum(published[name].size or 0 for name in names)
    folder = cache / needed.folder
    space.require(home, (total - space.size_of(folder)) // 1_000_000)
    print(f"{needed.repository}: {len(names)} files, {total // 1_000_000:,} MB", flush=True)

    def progress() -> str:
        done = space.size_of(folder)
        return f"{needed.repository}: {done // 1_000_000:,} of {total // 1_000_000:,} MB"

    paths = []
    with progress_lines(progress, lambda line: print(line, flush=True)):
        for name in names:
            path = Path(hf_hub_download(needed.repository, name, revision=revision))
            verify(path, published[name])
            paths.append(path)
    return paths


def verify(path: Path, published: Any) -> None:
    """Compare a file with the hub's hash. If they differ, remove the file and raise ValueError.

    published: the hub's entry of the file, a `huggingface_hub.hf_api.RepoSibling`.
    """
    if published.lfs is not None:
        expected, actual = published.lfs.sha256, hashlib.sha256()
    else:
        # A file outside LFS has git's object id: the SHA-1 of a header and the file's bytes.
        expected = published.blob_id
        actual = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            actual.update(block)
    if actual.hexdigest() != expected:
        # The hub's cache keeps the bytes in a blob, to which the snapshot's file is a link. A blob
        # that stays would count as downloaded.
        path.resolve().unlink()
        path.unlink(missing_ok=True)
        raise ValueError(f"{published.rfilename} arrived with a wrong checksum")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
