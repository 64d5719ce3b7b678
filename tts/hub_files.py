"""Files on the Hugging Face hub, as settings name them: `hf://owner/repository/file@revision`."""

from dataclasses import dataclass

PREFIX = "hf://"


@dataclass(frozen=True)
class HubFile:
    """A file of a repository on the hub.

    path: the file's path in the repository.
    revision: a commit, a tag or a branch; None means the one that the worker chooses.
    """

    repository: str
    path: str
    revision: str | None = None

    @property
    def name(self) -> str:
        """The file's name without its folders."""
        return self.path.rpartition("/")[2]


def parse_hub_file(value: str) -> HubFile | None:
    """The file that a value names; None for a value without `hf://`, which is a path or a name.

    Raises ValueError, with the remedy, if the rest names no file.
    """
    if not value.startswith(PREFIX):
        return None
    name, sign, revision = value.removeprefix(PREFIX).partition("@")
    parts = name.split("/")
    # A cache keeps files and revisions under these names.
    named = {*parts, *(revision.split("/") if sign else ())}
    if len(parts) < 3 or {"", ".", ".."} & named:
        raise ValueError(
            "give hf://owner/repository/file, and if you want a fixed version of it, @ and its "
            "commit at the end"
        )
    return HubFile("/".join(parts[:2]), "/".join(parts[2:]), revision or None)
