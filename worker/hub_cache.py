"""The Hugging Face cache: which files of a repository it has, and which snapshot is loaded."""

import fnmatch
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MAIN = "main"
"""The branch that the hub and its libraries take where no revision is named."""


@dataclass(frozen=True)
class RepositoryFiles:
    """A repository of the hub and the files that are needed of it.

    files: patterns as in fnmatch. `|` separates alternatives, of which the first that matches
    counts; an empty alternative means that the file may be missing.
    revision: a commit, a tag or a branch.
    is_exact: whether a copy of another revision must not be used in its place.
    """

    repository: str
    files: Sequence[str]
    revision: str = MAIN
    is_exact: bool = False

    @property
    def folder(self) -> str:
        """The name of the repository's folder in a hub cache."""
        return f"models--{self.repository.replace('/', '--')}"


def hub_cache() -> Path:
    """The cache of the Hugging Face libraries: HF_HUB_CACHE, or hub/ under HF_HOME."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def select_files(names: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """The names that the patterns match, each once. Raises ValueError if a pattern matches none.

    patterns: as in RepositoryFiles.
    """
    files: list[str] = []
    for pattern in patterns:
        for alternative in pattern.split("|"):
            matches = fnmatch.filter(names, alternative)
            if matches or not alternative:
                break
        else:
            raise ValueError(f"the repository has no {pattern}")
        files += [name for name in matches if name not in files]
    return files


def cached(cache: Path, needed: RepositoryFiles) -> list[Path]:
    """The files in a hub cache's snapshot of a repository; none unless all are there.

    The wanted revision comes first, then, unless it `is_exact`, the cache's current one.
    `snapshot_download(local_files_only=True)` would not do: it returns a snapshot's folder even if
    files are missing there, and it needs a ref, which RunPod's cache may lack.
    """
    for snapshot in snapshots(cache / needed.folder, needed):
        # is_file is False for a dangling link: the file was not downloaded completely.
        files = [path for path in snapshot.rglob("*") if path.is_file()]
        # ValueError: a download that was interrupted, or a repository with other files than these.
        with suppress(ValueError):
            names = select_files([str(path.relative_to(snapshot)) for path in files], needed.files)
            return [snapshot / name for name in names]
    return []


def snapshots(folder: Path, needed: RepositoryFiles) -> Iterator[Path]:
    """The snapshots of a repository's folder that may serve, the best one first."""
    yield named_snapshot(folder, needed.revision)
    if needed.is_exact:
        return
    if (folder / "refs" / MAIN).is_file():
        yield named_snapshot(folder, MAIN)
    else:
        # Any snapshot must do: their names are hashes, so no order tells the newest.
        yield from sorted(folder.glob("snapshots/*"))[-1:]


def named_snapshot(folder: Path, revision: str) -> Path:
    """Where a revision of a repository lies, if it is there; of a branch or tag, its ref tells."""
    ref = folder / "refs" / revision
    return folder / "snapshots" / (ref.read_text().strip() if ref.is_file() else revision)


def snapshot_of(path: Path) -> Path:
    """The snapshot's folder that a file of a hub cache lies in."""
    return next(parent for parent in path.parents if parent.parent.name == "snapshots")


def make_current(snapshot: Path, needed: RepositoryFiles) -> None:
    """Make a snapshot the one that the libraries load: with the revision where it `is_exact`, else
    without one."""
    # Not both: another file of the repository may be wanted in the revision of the release.
    name = needed.revision if needed.is_exact else MAIN
    ref = snapshot.parents[1] / "refs" / name
    if name != snapshot.name and (not ref.is_file() or ref.read_text() != snapshot.name):
        ref.parent.mkdir(parents=True, exist_ok=True)
        ref.write_text(snapshot.name)


def link_snapshot(path: Path, cache: Path) -> Path:
    """Link a file of another hub cache's snapshot into this cache.

    The link is relative, because both caches lie on one volume that may be mounted elsewhere.
    """
    snapshot = snapshot_of(path)
    repository = snapshot.parents[1]
    link = cache / repository.name / "snapshots" / snapshot.name / path.relative_to(snapshot)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(path, link.parent.resolve()))
    return link
