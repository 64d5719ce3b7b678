"""Endpoint URLs as people copy them from their provider."""

import boto3.session
import pytest

from storage.s3.endpoint import Address, address
from storage.s3.store import S3Store
from storage.store import StorageError

R2 = f"{'0123456789abcdef' * 2}.r2.cloudflarestorage.com"
ACCESS_POINT = "arn:aws:s3:us-east-1:123456789012:accesspoint/b"
EU_R2 = R2.replace(".r2", ".eu.r2")


@pytest.mark.parametrize(
    ("bucket", "endpoint_url", "expected"),
    [
        ("b", None, Address("b", None, "us-east-1", "virtual")),
        ("b.c", None, Address("b.c", None, "us-east-1", "path")),
        (ACCESS_POINT, None, Address(ACCESS_POINT, None, "us-east-1", "virtual")),
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
        ("b", "https://XN--MNIO-0RA.example.",
         Address("b", "https://xn--mnio-0ra.example.", "us-east-1", "path")),
        ("My_Bucket.1", "https://minio.example:443",
         Address("My_Bucket.1", "https://minio.example:443", "us-east-1", "path")),
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
        ("b", "minio.example:9000", "is not a URL: it does not begin with https://"),
        ("b", "s3://b", "is not a URL: it does not begin with https://"),
        ("b", "https://", "is not a URL; give"),
        ("b", "https://minio.example:port", "is not a URL"),
        ("b", "https://minio..example", "cannot be one of an S3 service"),
        ("b", f"https://{64 * 'a'}.minio.example", "cannot be one of an S3 service"),
        ("b", f"https://{130 * 'a.'}minio.example", "cannot be one of an S3 service"),
        ("b", "https://minio_1.example", "cannot be one of an S3 service"),
        ("b", "https://-minio.example", "cannot be one of an S3 service"),
        ("b", "https://minio%41.example", "cannot be one of an S3 service"),
        ("b", "https://m\u00fcnio.example", "an international name begins with xn--"),
        ("b", "https://[fe80::1%25eth0]", "cannot be one of an S3 service"),
        ("b", "https://[::1", "is not a URL"),
        ("b", "https://user:secret@minio.example", "is not a URL"),
        ("b", "https://:secret@minio.example", "is not a URL"),
        ("b", "https://minio.example?secret=1", "is not a URL"),
        ("b", "https://minio.example#secret", "is not a URL"),
        ("b", "https://min io.example", "is not a URL"),
        ("b", "https://min\tio.example", "is not a URL"),
        ("b", "https://minio.example\r\nX: secret", "is not a URL"),
        ("b", "https://minio\0.example", "is not a URL"),
        ("b", "https://minio.example\\secret", "is not a URL"),
        ("b", "https://minio.example:0", "is not a URL"),
        ("b", "https://minio.example:65536", "is not a URL"),
        ("b", "https://minio.example/%00", "not the bucket's name"),
        (None, "https://minio.example/%00", "cannot be the name of a bucket"),
        (ACCESS_POINT, "https://minio.example", "plain name, not its URL"),
        ("arn:aws:s3:::b", "https://minio.example", "plain name, not its URL"),
        ("arn:aws:s3:::b", None, "plain name, not its URL"),
        ("s3://secret", None, "it is a URL; give the name alone as S3_BUCKET"),
        ("https://secret.s3.amazonaws.com", None, "it is a URL; give the name alone"),
        ("b/secret", None, "it has a folder in it; give the bucket's name alone as S3_BUCKET"),
        ("..", "https://minio.example", "cannot be the name of a bucket"),
        ("b\n", "https://minio.example", "cannot be the name of a bucket"),
        ("b\u00fc", "https://minio.example", "cannot be the name of a bucket"),
        (256 * "b", "https://minio.example", "cannot be the name of a bucket"),
    ],
)
def test_what_is_wrong_with_an_address(
    bucket: str | None, endpoint_url: str | None, sentence: str
) -> None:
    with pytest.raises(StorageError, match=sentence) as failure:
        address(bucket, endpoint_url)
    assert "minio" not in str(failure.value)
    assert failure.value.__suppress_context__ or failure.value.__context__ is None
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize(
    "url",
    ["https://minio.example", "https://a-b.c1", "http://10.0.0.1:9000", "http://[::1]:9000",
     "https://xn--mnio-0ra.example.", "https://minio"],
)  # fmt: skip
def test_botocore_takes_what_is_not_refused(url: str) -> None:
    store = S3Store("b", endpoint_url=url, access_key="key", secret_key="secret")
    assert store.url("k", 60).startswith(f"{url}/b/k?")


@pytest.mark.parametrize("url", ["https://minio_1.example", "https://m\u00fcnio.example"])
def test_botocore_refuses_what_is_refused(url: str) -> None:
    session = boto3.session.Session(aws_access_key_id="key", aws_secret_access_key="secret")
    with pytest.raises(ValueError, match="Invalid endpoint"):
        session.client("s3", endpoint_url=url, region_name="us-east-1")
