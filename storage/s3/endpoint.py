"""The address of a bucket, from the endpoint URL and the other settings."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from storage.store import StorageError

Style = Literal["auto", "path", "virtual"]
_DEFAULT_REGION = "us-east-1"  # S3's own default, which other services accept

# Hosts of services that may have the bucket in front, or the region inside.
_HOSTS = tuple(
    re.compile(rf"(?:(?P<bucket>.+)\.)?{host}")
    for host in (
        r"s3(?:[.-]dualstack)?(?:[.-](?P<region>[a-z]{2}-[a-z-]+-\d))?\.amazonaws\.com",
        r"s3\.(?P<region>[a-z]{2}-[a-z]+-\d{3})\.backblazeb2\.com",
        r"(?P<region>[a-z]{3}\d)\.digitaloceanspaces\.com",
        r"[0-9a-f]{32}(?:\.[a-z]+)?\.r2\.cloudflarestorage\.com",
    )
)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_MAX_HOST = 253
# Two dots would lead to another path.
_BUCKET = re.compile(r"(?!\.+$)[A-Za-z0-9._-]{1,255}")
# R2 has one region, which no host names.
_REGION_BY_SUFFIX = {".r2.cloudflarestorage.com": "auto"}


@dataclass(frozen=True)
class Address:
    """A bucket, the URL of its service (None for AWS), the region to sign for, the URLs' style."""

    bucket: str
    endpoint_url: str | None
    region: str
    style: Literal["path", "virtual"]


def address(
    bucket: str | None, endpoint_url: str | None, region: str | None = None, style: Style = "auto"
) -> Address:
    """The address of a bucket. Raises StorageError.

    bucket: may be None if the endpoint URL names the bucket.
    endpoint_url: None for AWS. It may have the bucket as its path, or in front of the host of a
        service in _HOSTS. In front of another host the bucket counts with the style "virtual" only,
        because a server and a bucket may both be called minio.
    region: None for the region in the host of a known service, else us-east-1.
    style: "auto" is "path" if there is an endpoint URL, or a dot in the bucket's name, which no
        certificate covers; otherwise "virtual".
    """
    if endpoint_url is None:
        return _build(bucket, None, region, style)
    parts, host, port = _split(endpoint_url)
    service = next((match for form in _HOSTS if (match := form.fullmatch(host))), None)
    in_host = service and service["bucket"]
    if service is None and style == "virtual" and bucket and host.startswith(f"{bucket.lower()}."):
        in_host = bucket
    in_path = parts.path.strip("/") or None
    # A bucket may be named twice, as S3_BUCKET and in the URL, if the names agree.
    names = {name for name in (bucket, in_host, in_path) if name}
    if len(names) > 1 or (in_path and "/" in in_path):
        raise StorageError(
            "the address of the store has a path or a bucket in it that is not the bucket's name",
            "give AWS_ENDPOINT_URL as https://host, and the bucket's name as S3_BUCKET",
        )
    rest = host[len(in_host) + 1 :] if in_host else host
    if region is None:
        region = service.groupdict().get("region") if service else None
        fixed = (r for suffix, r in _REGION_BY_SUFFIX.items() if host.endswith(suffix))
        region = region or next(fixed, None)
    rest = f"[{rest}]" if ":" in rest else rest
    base = f"{parts.scheme}://{rest}" + (f":{port}" if port else "")
    return _build(next(iter(names), None), base, region, style)


def _split(endpoint_url: str) -> tuple[SplitResult, str, int | None]:
    """The parts of the endpoint URL, its host in lower case, and its port. Raises StorageError."""
    try:
        parts = urlsplit(endpoint_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _not_a_url(endpoint_url) from None
    # urlsplit removes tabs and line breaks, and "?" and "#" with nothing after them.
    if (
        not host
        or port == 0
        or parts.scheme not in ("http", "https")
        or re.search(r"[\s\x00-\x20\x7f@?#\\]", endpoint_url)
    ):
        raise _not_a_url(endpoint_url)
    if not _is_host(host):
        raise StorageError(
            "the host in the address of the store cannot be one of an S3 service",
            "give AWS_ENDPOINT_URL as https://host, where the host has no characters but letters "
            "of ASCII, digits, '-' and '.'; an international name begins with xn--",
        )
    return parts, host, port


def _not_a_url(endpoint_url: str) -> StorageError:
    """The error for what is given in place of a URL, which the sentence does not show."""
    begins_well = endpoint_url.lower().startswith(("http://", "https://"))
    return StorageError(
        "the address of the store is not a URL"
        + ("" if begins_well else ": it does not begin with https://"),
        "give AWS_ENDPOINT_URL as https://host, without a user, a password or a query",
    )


def _is_host(host: str) -> bool:
    """Whether botocore takes the host."""
    if ":" in host:  # urlsplit takes the brackets off an IPv6 address
        try:
            return "%" not in host and bool(ipaddress.IPv6Address(host))
        except ValueError:
            return False
    # DNS allows a dot at the end and 63 characters in each label.
    return len(host) <= _MAX_HOST and all(
        _LABEL.fullmatch(label) for label in host.removesuffix(".").split(".")
    )


def _no_bucket_name(bucket: str) -> StorageError:
    """The error for what is given in place of a bucket's name, which the sentence does not show."""
    problem = "this cannot be the name of a bucket"
    if "://" in bucket:
        return StorageError(f"{problem}: it is a URL", "give the name alone as S3_BUCKET")
    if "/" in bucket and not bucket.startswith("arn:"):
        return StorageError(
            f"{problem}: it has a folder in it",
            "give the bucket's name alone as S3_BUCKET; the worker puts its own folders, such as "
            "voices/, at the top of the bucket",
        )
    return StorageError(
        problem,
        "check S3_BUCKET: it is the bucket's plain name, not its URL, its ARN or a folder in it, "
        "and has no characters but letters of ASCII, digits, '.', '-' and '_'",
    )


def _build(
    bucket: str | None, endpoint_url: str | None, region: str | None, style: Style
) -> Address:
    if bucket is None:
        raise StorageError("no bucket is named", "set S3_BUCKET to the bucket's name")
    # AWS has access points, which botocore finds by their ARN. With another endpoint it would send
    # the requests to a host that it makes of the ARN.
    # The ARN of a bucket names no region, and botocore does not take it.
    is_access_point = endpoint_url is None and bucket.startswith("arn:") and ":::" not in bucket
    if not is_access_point and not _BUCKET.fullmatch(bucket):
        raise _no_bucket_name(bucket)
    if style == "auto":
        # botocore's own "auto" signs links for the host of us-east-1 in every region.
        style = "path" if endpoint_url or "." in bucket else "virtual"
    return Address(bucket, endpoint_url, region or _DEFAULT_REGION, style)
