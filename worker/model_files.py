"""Fetch every model that the settings name: `python -m worker.model_files MARKER`.

Run by setup_network_venv.py, which holds the lease, in the environment's Python. What RunPod's own
cache of models has is linked, not copied. The rest is downloaded from the Hugging Face hub, goes on
where an earlier attempt stopped, and counts only with the hash that the hub names. MARKER, the list
of files with their sizes, is written last.
"""

import fnmatch
import hashlib
import http
import json
import os
import shutil
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from errors import WorkerError
from settings import Settings
from timing.alignment.registry import AlignerName
from tts.registry import EngineName
from volume import space
from volume.log import SetupError, progress_lines

PLATFORM_CACHE = Path("/runpod-volume/huggingface-cache/hub")
BUNDLES = "https://download.pytorch.org/torchaudio/models/"
"""Where torchaudio itself gets its bundles."""

RETRY_AFTER_S = (5.0, 20.0, 60.0)
TIMEOUT_S = 30.0

T = TypeVar("T")


class ModelsMissing(WorkerError):
    """A model cannot be had; the worker cannot start."""


@dataclass(frozen=True)
class RepositoryFiles:
    """A repository of the hub and its files: patterns, `|` between alternatives, the first counts.

    An empty alternative means that it may be missing.
    """

    repository: str
    files: Sequence[str]


def main(marker: Path) -> int:
    """Fetch what the settings want and write the marker; 1 with one sentence where it fails."""
    home = marker.parents[1]
    try:
        settings = Settings.from_environment(os.environ)
        paths = [path for wanted in repositories(settings) for path in ensure(wanted, home)]
        paths += bundles(settings, home)
    except (WorkerError, SetupError, OSError, ValueError) as error:
        full = isinstance(error, OSError) and space.is_full(error)
        print(space.report(home, 0) if full else getattr(error, "sentence", error))
        return 1
    sizes = {os.path.relpath(path, marker.parent): path.stat().st_size for path in paths}
    partial = marker.with_suffix(".partial")
    partial.write_text(json.dumps(sizes, indent=1))
    partial.replace(marker)
    return 0


def repositories(settings: Settings) -> list[RepositoryFiles]:
    """What the settings want from the hub."""
    wanted = []
    if settings.engine == EngineName.F5:
        from tts.f5 import files as f5_files

        name, _ = f5_files.read_config(settings.f5_model)
        if settings.f5_ckpt_file is None and name in f5_files.PUBLISHED:
            repository, file = f5_files.PUBLISHED[name]
            wanted.append(RepositoryFiles(repository, [file]))
        if settings.f5_vocoder_dir is None:
            wanted.append(RepositoryFiles(*f5_files.VOCOS))
    if settings.loads_whisper:
        from tts.asr import whisper

        published = whisper.published(settings.whisper_model)
        if published is not None:
            wanted.append(RepositoryFiles(*published))
    files = ("*.json", "model.safetensors|pytorch_model.bin")
    wanted += [RepositoryFiles(name, files) for name in align_models(settings, bundled=False)]
    return wanted


def bundles(settings: Settings, home: Path) -> list[Path]:
    """The torchaudio bundles that the settings want, downloaded, verified and loaded once.

    Raises ModelsMissing, and SetupError or OSError where the disk under `home` is full.
    """
    names = align_models(settings, bundled=True)
    if not names:
        return []
    from timing.alignment.whisperx import bundle_file, fetch_bundle

    def fetched(name: str) -> Path:
        path = bundle_file(name)
        if not path.is_file():
            download_bundle(BUNDLES + path.name, path, home)
        return fetch_bundle(name)

    return [retried(name, partial(fetched, name)) for name in names]


def download_bundle(url: str, path: Path, home: Path) -> None:
    """Download a file of weights, from where an earlier attempt stopped.

    pytorch.org names no hash: the size is compared with what the server says, and what torch saved
    is a zip archive, whose own checksums are. Raises OSError, and ValueError for a damaged one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    arriving = path.with_name(f"{path.name}.partial")
    done = arriving.stat().st_size if arriving.is_file() else 0
    # Its last byte once more: a file that is all there is no range that a server would refuse.
    done = max(0, done - 1)
    request = urllib.request.Request(url, headers={"Range": f"bytes={done}-"} if done else {})
    with open_url(request, arriving) as answer:
        done = done if answer.status == 206 else 0
        # A server need not say how long it is: then the archive's own checksums decide alone.
        total = done + int(answer.headers["Content-Length"] or 0)
        space.require(home, (total - done) // 1_000_000)
        print(f"{path.name}: {total // 1_000_000:,} MB", flush=True)

        def progress() -> str:
            size = arriving.stat().st_size
            return f"{path.name}: {size // 1_000_000:,} of {total // 1_000_000:,} MB"

        with (
            arriving.open("r+b" if done else "wb") as file,
            progress_lines(progress, lambda line: print(line, flush=True)),
        ):
            file.seek(done)
            shutil.copyfileobj(answer, file)
    arrived = arriving.stat().st_size
    if arrived < total:
        raise OSError(f"the connection broke off after {arrived:,} of {total:,} bytes")
    if not is_whole(arriving):
        arriving.unlink()
        raise ValueError(f"{path.name} arrived with a wrong checksum")
    arriving.rename(path)


def open_url(request: urllib.request.Request, arriving: Path) -> Any:
    """The server's answer. Raises OSError; what has arrived goes where it is more than there is."""
    try:
        return urllib.request.urlopen(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            arriving.unlink()
        raise


def is_whole(path: Path) -> bool:
    """Whether every part of a zip archive has its checksum."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except zipfile.BadZipFile:
        return False


def align_models(settings: Settings, bundled: bool) -> list[str]:
    """The models of ALIGN_LANGUAGES: torchaudio's bundles, or those of the hub; no paths."""
    if AlignerName.WHISPERX not in settings.aligners:
        return []
    from timing.alignment.whisperx import is_bundle, model_names

    known = model_names(settings.align_models)
    names = [known[language] for language in settings.align_languages if language in known]
    paths = [name for name in names if Path(name).is_absolute() or Path(name).is_dir()]
    return [name for name in names if is_bundle(name) == bundled and name not in paths]


def own_paths(settings: Settings) -> list[Path]:
    """The files and folders of one's own that the worker will load; nobody fetches those."""
    f5 = (settings.f5_ckpt_file, settings.f5_vocab_file, settings.f5_vocoder_dir)
    paths = [path for path in f5 if path is not None and settings.engine == EngineName.F5]
    names = [settings.whisper_model] if settings.loads_whisper else []
    if AlignerName.WHISPERX in settings.aligners:
        names += [settings.align_models.get(name, "") for name in settings.align_languages]
    return paths + [Path(name) for name in names if Path(name).is_absolute()]


def missing_models(settings: Settings) -> list[str]:
    """What the settings name and the disk does not have; nothing is downloaded."""
    gone = [str(path) for path in own_paths(settings) if not path.exists()]
    gone += [want.repository for want in repositories(settings) if not cached(own_cache(), want)]
    names = align_models(settings, bundled=True)
    if names:
        from timing.alignment.whisperx import bundle_file

        gone += [name for name in names if not bundle_file(name).is_file()]
    return gone


def own_cache() -> Path:
    """The hub's cache under HF_HOME."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def ensure(wanted: RepositoryFiles, home: Path) -> list[Path]:
    """The files of a repository, from RunPod's cache or the hub.

    Raises ModelsMissing, and SetupError or OSError where the disk under `home` is full.
    """
    own = own_cache()
    shared = cached(PLATFORM_CACHE, wanted)
    if shared:
        print(f"{wanted.repository}: using RunPod's cached copy", flush=True)
        return [link_snapshot(path, own) for path in shared]
    try:
        return retried(wanted.repository, lambda: download(wanted, own, home))
    except ModelsMissing:
        present = cached(own, wanted)
        if not present:
            raise
    print(f"{wanted.repository}: the hub cannot be asked; using what is here", flush=True)
    return present


def retried(name: str, step: Callable[[], T]) -> T:
    """A download, tried again after RETRY_AFTER_S unless the disk is full. Raises ModelsMissing."""
    problem: Exception | None = None
    for wait_s in (0.0, *RETRY_AFTER_S):
        if problem is not None:
            print(f"{name}: {problem}; again in {wait_s:g} s", flush=True)
            time.sleep(wait_s)
        try:
            return step()
        except (OSError, ValueError) as error:  # the hub's errors are OSErrors
            if space.is_full(error):
                raise
            problem = error
    raise ModelsMissing(
        f"{name} cannot be downloaded ({problem}); what has arrived is kept and the next start "
        "goes on from there"
    )


def download(wanted: RepositoryFiles, cache: Path, home: Path) -> list[Path]:
    """Download the files that are not there and compare all with the hub's hashes."""
    from huggingface_hub import HfApi, hf_hub_download

    listing = HfApi().model_info(wanted.repository, files_metadata=True).siblings
    known = {file.rfilename: file for file in listing or ()}
    names = select_files(list(known), wanted.files)
    total = sum(known[name].size or 0 for name in names)
    folder = cache / f"models--{wanted.repository.replace('/', '--')}"
    space.require(home, (total - space.size_of(folder)) // 1_000_000)
    print(f"{wanted.repository}: {len(names)} files, {total // 1_000_000:,} MB", flush=True)

    def progress() -> str:
        done = space.size_of(folder)
        return f"{wanted.repository}: {done // 1_000_000:,} of {total // 1_000_000:,} MB"

    paths = []
    with progress_lines(progress, lambda line: print(line, flush=True)):
        for name in names:
            path = Path(hf_hub_download(wanted.repository, name))
            verify(path, known[name])
            paths.append(path)
    return paths


def select_files(names: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """The names that the patterns choose. Raises ValueError where a pattern chooses none."""
    files: list[str] = []
    for pattern in patterns:
        for alternative in pattern.split("|"):
            found = fnmatch.filter(names, alternative)
            if found or not alternative:
                break
        else:
            raise ValueError(f"the repository has no {pattern}")
        files += [name for name in found if name not in files]
    return files


def verify(path: Path, known: Any) -> None:
    """Compare a file with the hash that the hub names; remove it and raise ValueError otherwise."""
    if known.lfs is not None:
        expected, actual = known.lfs.sha256, hashlib.sha256()
    else:
        # What git calls a file: the SHA-1 of a header and its bytes.
        expected = known.blob_id
        actual = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            actual.update(block)
    if actual.hexdigest() != expected:
        path.resolve().unlink()
        path.unlink(missing_ok=True)
        raise ValueError(f"{known.rfilename} arrived with a wrong checksum")


def cached(cache: Path, wanted: RepositoryFiles) -> list[Path]:
    """The files in a hub cache's current snapshot of a repository; none unless all are there."""
    folder = cache / f"models--{wanted.repository.replace('/', '--')}"
    snapshots = sorted(folder.glob("snapshots/*"))
    current = folder / "refs" / "main"
    if current.is_file():
        snapshots = [folder / "snapshots" / current.read_text().strip()]
    for snapshot in snapshots[-1:]:
        # is_file is False for a link into nothing: a file that has not arrived.
        files = [path for path in snapshot.rglob("*") if path.is_file()]
        try:
            names = select_files([str(path.relative_to(snapshot)) for path in files], wanted.files)
        except ValueError:
            return []
        return [snapshot / name for name in names]
    return []


def link_snapshot(path: Path, cache: Path) -> Path:
    """Show a file of another hub cache's snapshot in this one; both lie on one volume."""
    snapshot = next(parent for parent in path.parents if parent.parent.name == "snapshots")
    repository = snapshot.parents[1]
    here = cache / repository.name / "snapshots" / snapshot.name / path.relative_to(snapshot)
    here.parent.mkdir(parents=True, exist_ok=True)
    here.unlink(missing_ok=True)
    here.symlink_to(os.path.relpath(path, here.parent.resolve()))
    main = cache / repository.name / "refs" / "main"
    main.parent.mkdir(exist_ok=True)
    main.write_text(snapshot.name)
    return here


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
