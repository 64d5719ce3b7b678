"""Files that clients put to an `upload_url`: what the endpoints do with them."""

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import AfterValidator

from errors import WorkerError
from storage import keys
from storage.store import NotFound, StorageError, Store, TooLarge


class UploadMissing(WorkerError):
    """The client named an upload before it put the file there, or after the upload was used."""

    code: ClassVar[str] = "not_found"

    def __init__(self, upload_id: str) -> None:
        super().__init__(
            f"nothing was put to the upload_url of {upload_id!r}, or a job has used it already; "
            "PUT the file first, or ask `upload` for a new upload_url with voice_name alone"
        )


def _upload_id(raw: str) -> str:
    try:
        keys.upload(raw)
    except keys.InvalidName as error:
        raise ValueError(error.sentence) from None
    return raw


UploadId = Annotated[str, AfterValidator(_upload_id)]
"""The `upload_id` of a reply of `upload`."""


def download(store: Store, upload_id: str, target: Path, max_bytes: int) -> None:
    """Download an uploaded file to `target`. Raises UploadMissing, TooLarge, StorageError.

    store: the worker's own store, for which the upload URL was signed.
    max_bytes: the largest file that is read; a larger one is deleted from the store.
    """
    key = keys.upload(upload_id)
    info = store.stat(key)
    if info is None:
        raise UploadMissing(upload_id)
    try:
        # `get_file` counts the bytes once more: a client can PUT another file after this check.
        if info.size > max_bytes:
            raise TooLarge(max_bytes)
        store.get_file(key, target, max_bytes)
    except TooLarge:
        remove(store, upload_id)
        raise
    except NotFound:
        raise UploadMissing(upload_id) from None


def remove(store: Store, upload_id: str) -> list[str]:
    """Delete an uploaded file; a warning if the store refuses."""
    try:
        store.delete(keys.upload(upload_id))
    except StorageError as error:
        return [f"the uploaded file could not be removed from the store: {error.sentence}"]
    return []
