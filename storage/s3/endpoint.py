"""Where a bucket is: what people put into an endpoint URL, taken apart."""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from storage.store import StorageError

Style = Literal["auto", "path", "virtual"]
_REGION = "us-east-1"  # what S3 itself takes for "not said", and what other services accept

# The hosts of services that put the bucket before their own name, or the region into it.
_HOSTS = tuple(
    re.compile(rf"(?:(?P<bucket>.+)\.)?{host}")
    for host in (
        r"s3(?:[.-]dualstack)?(?:[.-](?P<region>[a-z]{2}-[a-z-]+-\d))?\.amazonaws\.com",
        r"s3\.(?P<region>[a-z]{2}-[a-z]+-\d{3})\.backblazeb2\.com",
        r"(?P<region>[a-z]{3}\d)\.digitaloceanspaces\.com",
        r"[0-9a-f]{32}(?:\.[a-z]+)?\.r2\.cloudflarestorage\.com",
    )
)
_REGION_OF = {".r2.cloudflarestorage.com": "auto"}


@dataclass(frozen=True)
class Address:
    """A bucket, its service (None: AWS), the region to sign for, the style of its URLs."""

    bucket: str
    endpoint_url: str | None
    region: str
    style: Literal["path", "virtual"]


def address(
    bucket: str | None, endpoint_url: str | None, region: str | None = None, style: Style = "auto"
) -> Address:
    """Put together what the settings say.

    The endpoint URL may hold the bucket as its path, or before the host of a known service; then
    `bucket` may be None. Before another host it is known with the style "virtual" only: a server
    and a bucket may both be called minio. Without `region` it is the one in the host of a known
    service. `style` "auto" is path where there is an endpoint URL or a dot in the bucket's name,
    which no certificate covers, and virtual else. Raises StorageError.
    """
    if endpoint_url is None:
        return _finished(bucket, None, region, style)
    try:
        parts = urlsplit(endpoint_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not _is_host(host) or parts.scheme not in ("http", "https") or parts.username or parts.query:
        raise StorageError(
            "the address of the store is not a URL", "give AWS_ENDPOINT_URL as https://host"
        )
    known = next((match for form in _HOSTS if (match := form.fullmatch(host))), None)
    in_host = known and known["bucket"]
    if known is None and style == "virtual" and bucket and host.startswith(f"{bucket.lower()}."):
        in_host = bucket
    in_path = parts.path.strip("/") or None
    named = {name for name in (bucket, in_host, in_path) if name}
    if len(named) > 1 or (in_path and "/" in in_path):
        raise StorageError(
            "the address of the store has a path or a bucket in it that is not the bucket's name",
            "give AWS_ENDPOINT_URL as https://host, and the bucket's name as S3_BUCKET",
        )
    rest = host[len(in_host) + 1 :] if in_host else host
    if region is None:
        found = known.groupdict().get("region") if known else None
        region = found or next((r for end, r in _REGION_OF.items() if host.endswith(end)), None)
    rest = f"[{rest}]" if ":" in rest else rest
    base = f"{parts.scheme}://{rest}" + (f":{port}" if port else "")
    return _finished(next(iter(named), None), base, region, style)


def _is_host(host: str) -> bool:
    return all(0 < len(label) < 64 for label in host.removesuffix(".").split("."))


def _finished(
    bucket: str | None, endpoint_url: str | None, region: str | None, style: Style
) -> Address:
    if bucket is None:
        raise StorageError("no bucket is named", "set S3_BUCKET to the bucket's name")
    if style == "auto":
        # botocore's own "auto" signs links for the host of us-east-1, whatever the region.
        style = "path" if endpoint_url or "." in bucket else "virtual"
    return Address(bucket, endpoint_url, region or _REGION, style)
