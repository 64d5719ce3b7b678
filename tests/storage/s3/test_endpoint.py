"""Endpoint URLs as people copy them from their provider."""

import pytest

from storage.s3.endpoint import Address, address
from storage.store import StorageError

R2 = f"{'0123456789abcdef' * 2}.r2.cloudflarestorage.com"
EU_R2 = R2.replace(".r2", ".eu.r2")


@pytest.mark.parametrize(
    ("bucket", "endpoint_url", "expected"),
    [
        ("b", None, Address("b", None, "us-east-1", "virtual")),
        ("b.c", None, Address("b.c", None, "us-east-1", "path")),
        ("b", "https://s3.eu-west-1.amazonaws.com",
         Address("b", "https://s3.eu-west-1.amazonaws.com", "eu-west-1", "path")),
        # RunPod's own example of BUCKET_ENDPOINT_URL.
        (None, "https://b-1.s3.us-east-2.amazonaws.com",
         Address("b-1", "https://s3.us-east-2.amazonaws.com", "us-east-2", "path")),
        (None, "https://b.s3.amazonaws.com/",
         Address("b", "https://s3.amazonaws.com", "us-east-1", "path")),
        ("b", "https://s3.us-west-004.backblazeb2.com",
         Address("b", "https://s3.us-west-004.backblazeb2.com", "us-west-004", "path")),
        (None, "https://my.b.s3.eu-central-003.backblazeb2.com",
         Address("my.b", "https://s3.eu-central-003.backblazeb2.com", "eu-central-003", "path")),
        ("b", f"https://{R2}", Address("b", f"https://{R2}", "auto", "path")),
        (None, f"https://{R2}/b", Address("b", f"https://{R2}", "auto", "path")),
        (None, f"https://b.{EU_R2}", Address("b", f"https://{EU_R2}", "auto", "path")),
        ("b", "https://fra1.digitaloceanspaces.com",
         Address("b", "https://fra1.digitaloceanspaces.com", "fra1", "path")),
        ("b", "https://b.fra1.digitaloceanspaces.com",
         Address("b", "https://fra1.digitaloceanspaces.com", "fra1", "path")),
        ("b", "http://minio.example:9000",
         Address("b", "http://minio.example:9000", "us-east-1", "path")),
        ("b", "http://minio.example:9000/b/",
         Address("b", "http://minio.example:9000", "us-east-1", "path")),
        ("minio", "https://minio.example.com",
         Address("minio", "https://minio.example.com", "us-east-1", "path")),
        ("b", "http://[2001:db8::1]:9000",
         Address("b", "http://[2001:db8::1]:9000", "us-east-1", "path")),
    ],
)  # fmt: skip
def test_what_an_endpoint_says(
    bucket: str | None, endpoint_url: str | None, expected: Address
) -> None:
    assert address(bucket, endpoint_url) == expected


def test_before_an_unknown_host_a_bucket_is_known_by_the_style() -> None:
    found = address("b", "http://b.minio.example:9000", style="virtual")
    assert found == Address("b", "http://minio.example:9000", "us-east-1", "virtual")


def test_what_is_said_counts_more_than_what_is_in_the_host() -> None:
    found = address("b", "https://s3.eu-west-1.amazonaws.com", "eu-west-3", "virtual")
    assert (found.region, found.style) == ("eu-west-3", "virtual")


@pytest.mark.parametrize(
    ("bucket", "endpoint_url", "sentence"),
    [
        (None, None, "no bucket is named; set S3_BUCKET"),
        ("", "https://minio.example", "no bucket is named"),
        ("b", "https://minio.example/c", "not the bucket's name"),
        ("b", "https://c.s3.eu-west-1.amazonaws.com", "not the bucket's name"),
        ("b", "https://minio.example/b/voices", "not the bucket's name"),
        ("b", "minio.example:9000", "is not a URL"),
        ("b", "s3://b", "is not a URL"),
        ("b", "https://", "is not a URL"),
        ("b", "https://minio.example:port", "is not a URL"),
        ("b", "https://minio..example", "is not a URL"),
        ("b", f"https://{64 * 'a'}.minio.example", "is not a URL"),
        ("b", "https://user:secret@minio.example", "is not a URL"),
    ],
)
def test_what_is_wrong_with_an_address(
    bucket: str | None, endpoint_url: str | None, sentence: str
) -> None:
    with pytest.raises(StorageError, match=sentence) as failure:
        address(bucket, endpoint_url)
    assert "minio" not in str(failure.value)
    assert "secret" not in str(failure.value)
