"""What an operator is told when the bucket fails: the cause, the variable, and no secret."""

import socket
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from storage.retry import RetryingStore
from storage.s3.errors import from_code
from storage.s3.store import PROBE, S3Store
from storage.store import NotFound, StorageError, TooLarge
from tests.support.canned import CannedServer, canned_server, s3_error
from tests.support.ports import free_ports
from tests.support.seaweed import Seaweed
from tests.support.threads import serve_in_thread

SECRET = "verysecretvalue"
KEY_ID = "AKIDKEYOFTHETEST"


def broken(endpoint_url: str, **changed: str | float | None) -> S3Store:
    options: dict[str, object] = {
        "bucket": "some-bucket",
        "access_key": KEY_ID,
        "secret_key": SECRET,
        "attempts": 1,
        "endpoint_url": endpoint_url,
    }
    return S3Store(**(options | changed))  # type: ignore[arg-type]


def assert_told(call: Callable[[], object], *parts: str, hidden: tuple[str, ...] = ()) -> None:
    """The error says the parts; nothing secret is in it or in what a log would show of it."""
    with pytest.raises(StorageError) as failed:
        call()
    shown = "".join(traceback.format_exception_only(failed.value)) + str(failed.value.reply())
    for part in parts:
        assert part in failed.value.sentence
    for word in (SECRET, KEY_ID, "127.0.0.1", "://", *hidden):
        assert word not in shown
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__ or failed.value.__context__ is None


# What SeaweedFS refuses


def calls(store: S3Store) -> list[Callable[[], object]]:
    return [
        store.check,
        lambda: store.put("a", b"x", "text/plain"),
        lambda: store.get("a"),
        lambda: store.list(),
        lambda: store.delete("a"),
    ]


def test_an_unknown_key(seaweed: Seaweed) -> None:
    store = broken(seaweed.endpoint_url, bucket=seaweed.bucket)
    for call in calls(store):
        assert_told(call, "does not know the access key", "check AWS_ACCESS_KEY_ID")
    assert_told(lambda: store.stat("a"), "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def test_a_wrong_secret(seaweed: Seaweed) -> None:
    key = seaweed.access_key
    store = broken(seaweed.endpoint_url, bucket=seaweed.bucket, access_key=key)
    for call in calls(store):
        assert_told(call, "check AWS_SECRET_ACCESS_KEY", hidden=(key, seaweed.secret_key))
    assert_told(lambda: store.stat("a"), "AWS_SECRET_ACCESS_KEY", hidden=(key,))


def test_a_key_that_may_not_write(seaweed: Seaweed) -> None:
    reader = seaweed.reader
    store = broken(
        reader.endpoint_url,
        bucket=seaweed.bucket,
        access_key=reader.access_key,
        secret_key=reader.secret_key,
    )
    hidden = (reader.access_key, reader.secret_key)
    for call in (store.check, lambda: store.put("a", b"x", "text/plain")):
        assert_told(call, "may not do this", "the right to get, put and list", hidden=hidden)
    assert list(store.list("nothing/")) == []


def test_a_bucket_that_does_not_exist(seaweed: Seaweed) -> None:
    keys = (seaweed.access_key, seaweed.secret_key)
    store = broken(seaweed.endpoint_url, access_key=keys[0], secret_key=keys[1])
    for call in calls(store):
        assert_told(call, "the bucket does not exist (NoSuchBucket)", "S3_BUCKET", hidden=keys)


def test_half_of_the_credentials(seaweed: Seaweed) -> None:
    told = ("credentials is missing", "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    assert_told(lambda: broken(seaweed.endpoint_url, secret_key=None), *told)


def test_no_credentials(seaweed: Seaweed, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    store = broken(seaweed.endpoint_url, access_key=None, secret_key=None)
    for call in (store.check, lambda: store.stat("a"), lambda: store.url("a", 60)):
        assert_told(call, "no credentials", "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("AWS_PROFILE", "nobody", "unset AWS_PROFILE"),
        ("AWS_CONFIG_FILE", "damaged", "configuration file is damaged"),
    ],
)
def test_what_boto3_reads_by_itself_may_be_wrong(
    seaweed: Seaweed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    told: str,
) -> None:
    (tmp_path / "damaged").write_text("[default")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(variable, value)
    assert_told(lambda: broken(seaweed.endpoint_url), told, hidden=("nobody", str(tmp_path)))


def test_credentials_of_the_environment_are_used_when_none_are_given(
    seaweed: Seaweed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in seaweed.environ.items():
        monkeypatch.setenv(name, value)
    S3Store(seaweed.bucket, endpoint_url=seaweed.endpoint_url).check()


# What a person may set wrongly


@pytest.mark.parametrize("bucket", ["s3://some-bucket", "some-bucket/voices", "a b"])
def test_a_bucket_name_that_none_can_have(seaweed: Seaweed, bucket: str) -> None:
    told = ("cannot be the name of a bucket", "S3_BUCKET")
    assert_told(lambda: broken(seaweed.endpoint_url, bucket=bucket), *told)


def test_the_arn_of_a_bucket_is_not_its_name() -> None:
    assert_told(
        lambda: S3Store("arn:aws:s3:::some-bucket", access_key=KEY_ID, secret_key=SECRET),
        *("cannot be the name of a bucket", "check S3_BUCKET"),
    )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"access_key": "AKID\nKEY"}, "copy AWS_ACCESS_KEY_ID again"),
        ({"access_key": "AKID KEY"}, "copy AWS_ACCESS_KEY_ID again"),
        ({"secret_key": f"{SECRET}\r\n"}, "copy AWS_SECRET_ACCESS_KEY again"),
        ({"session_token": "token\0"}, "copy AWS_SESSION_TOKEN again"),
    ],
)
def test_a_key_that_no_header_can_hold(
    seaweed: Seaweed, changed: dict[str, str], told: str
) -> None:
    assert_told(lambda: broken(seaweed.endpoint_url, **changed), told, hidden=("AKID", "token\0"))


@pytest.mark.parametrize("url", ["storage.example", "storage.example:9000", "https://"])
def test_an_endpoint_that_is_no_url(url: str) -> None:
    with pytest.raises(
        StorageError, match=r"is not a URL(: it does .*)?; give AWS_ENDPOINT_URL as"
    ) as failed:
        broken(url)
    assert "example" not in failed.value.sentence


def test_a_region_that_none_can_be() -> None:
    with pytest.raises(
        StorageError, match=r"cannot be the name of a region \(\w+\); check AWS_REGION"
    ):
        broken("https://storage.example", region="eu west/1")


# Servers that fail


def test_an_endpoint_that_is_down() -> None:
    (port,) = free_ports(1)
    store = broken(f"http://127.0.0.1:{port}")
    for call in (*calls(store), lambda: store.stat("a")):
        assert_told(call, "cannot be reached", "check AWS_ENDPOINT_URL", hidden=(str(port),))


def test_an_endpoint_that_never_answers() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        store = broken(url, read_timeout_s=0.3)
        assert_told(lambda: store.get("a"), "did not answer in time (ReadTimeoutError)")


@pytest.fixture(scope="module")
def canned() -> Iterator[CannedServer]:
    """What S3 services answer and SeaweedFS cannot be brought to answer."""
    with canned_server() as server:
        yield server


@pytest.fixture(scope="module")
def failing(canned: CannedServer) -> S3Store:
    return broken(canned.url)


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (301, "PermanentRedirect", "set AWS_REGION to the bucket's own region"),
        (400, "AuthorizationHeaderMalformed", "set AWS_REGION to the bucket's own region"),
        (403, "AccessDenied", "give AWS_ACCESS_KEY_ID the right"),
        (403, "RequestTimeTooSkewed", "set the clock"),
        (400, "ExpiredToken", "AWS_SESSION_TOKEN"),
        (400, "InvalidToken", "AWS_SESSION_TOKEN"),
        (503, "SlowDown", "send the job again later"),
        (500, "InternalError", "send the job again later"),
        (401, "Unauthorized", "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        (429, "TooManyRequests", "send the job again later"),
        (503, "RequestLimitExceeded", "send the job again later"),
        (418, "Teapot", "(Teapot); check S3_BUCKET, AWS_REGION and AWS_ENDPOINT_URL"),
    ],
)
def test_codes_of_s3(
    canned: CannedServer, failing: S3Store, status: int, code: str, told: str
) -> None:
    message = f"127.0.0.1 {KEY_ID} {SECRET}"
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    canned.canned = status, body.encode()
    for call in calls(failing):
        assert_told(call, told, f"({code})")


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (400, "check S3_BUCKET, AWS_REGION and AWS_ENDPOINT_URL"),
        (403, "AWS_SECRET_ACCESS_KEY"),
        (301, "AWS_REGION"),
        (308, "AWS_ENDPOINT_URL with https"),
        (401, "AWS_ACCESS_KEY_ID"),
        (429, "send the job again later"),
        (503, "send the job again later"),
    ],
)
def test_an_answer_without_a_body(
    canned: CannedServer, failing: S3Store, status: int, told: str
) -> None:
    canned.canned = status, b""
    before = canned.request_count
    assert_told(lambda: failing.stat("a"), told, f"({status})")
    assert_told(lambda: failing.get("a"), told, f"({status})")
    assert canned.request_count - before == 2  # botocore's own hunt for the region would not end


class Endless(BaseHTTPRequestHandler):
    """Answers everything with bytes that do not end; a PUT with an error that does not."""

    def answer(self) -> None:
        self.send_response(403 if self.command == "PUT" else 200)
        self.send_header("ETag", '"0"')
        self.end_headers()
        with suppress(OSError):  # the store had enough
            while True:
                self.wfile.write(bytes(1 << 16))

    do_GET = do_PUT = do_DELETE = answer

    def log_message(self, format: str, *args: object) -> None:
        """Tests print nothing."""


def test_of_a_clients_server_no_more_is_read_than_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS", "1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endless)
    with serve_in_thread(server):
        store = broken(f"http://127.0.0.1:{server.server_port}", public_only=True)
        for read in (
            lambda: store.get("a"),
            lambda: store.get_file("a", tmp_path / "a", 5_000_000),
        ):
            with pytest.raises(TooLarge):
                read()
        for call in (
            lambda: store.put("a", b"x", "text/plain"),
            lambda: store.delete("a"),
            lambda: store.list(),
        ):
            assert_told(call, "does not answer as S3 does")


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (403, "AccessDenied", "may not do this"),
        (403, "QuotaExceeded", "is full"),
        (507, "XMinioStorageFull", "is full"),
        (507, "", "is full"),
        (405, "MethodNotAllowed", "can only be read"),
    ],
)
def test_a_store_that_takes_no_changes_says_why(
    canned: CannedServer, failing: S3Store, status: int, code: str, told: str
) -> None:
    canned.canned = status, s3_error(code) if code else b""
    with pytest.raises(StorageError, match=told):
        failing.put("a", b"x", "text/plain")
    with pytest.raises(StorageError, match=told):
        failing.delete("a")


def test_delete_is_done_where_a_missing_object_is_a_404(
    canned: CannedServer, failing: S3Store
) -> None:
    canned.canned = 404, b"<Error><Code>NoSuchKey</Code></Error>"
    failing.delete("a")
    with pytest.raises(NotFound):
        failing.get("a")


def test_a_key_that_is_too_short_for_r2(canned: CannedServer, failing: S3Store) -> None:
    said = "Credential access key has length 20, should be 32"
    body = f"<Error><Code>InvalidArgument</Code><Message>{said}</Message></Error>"
    canned.canned = 400, body.encode()
    for call in calls(failing):
        assert_told(call, "does not know the access key", hidden=("length",))


def test_a_server_that_is_not_s3(canned: CannedServer, failing: S3Store) -> None:
    canned.canned = 200, b"<html><body><p>Console<br></body></html>"
    for call in (failing.check, failing.list):
        assert_told(call, "AWS_ENDPOINT_URL")


def test_an_answer_that_lacks_what_s3_tells_of_an_object(
    canned: CannedServer, failing: S3Store
) -> None:
    body = b"<ListBucketResult><Contents><Key>a</Key><Size>1</Size></Contents></ListBucketResult>"
    canned.canned = 200, body
    for call in (lambda: failing.stat("a"), failing.list):
        assert_told(call, "does not answer as S3 does", "with no bucket and no path in it")


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (400, b"<Error><Code>AuthorizationQueryParametersError</Code></Error>", "AWS_REGION"),
        (403, b"", "the signed link to it: the store refused the credentials (403)"),
        (501, b"<html>", "RunPod's network volumes have no such links: use a bucket"),
        (307, b"", "AWS_REGION"),
        (200, b"<html>", "gives back other bytes than it got"),
    ],
)
def test_a_store_whose_links_do_not_work_fails_the_check(
    canned: CannedServer, failing: S3Store, status: int, body: bytes, told: str
) -> None:
    canned.canned = 200, PROBE
    canned.canned_link = None
    failing.check()
    canned.canned_link = status, body
    try:
        assert_told(failing.check, told)
    finally:
        canned.canned_link = None


def test_a_busy_store_is_asked_again(canned: CannedServer) -> None:
    canned.canned = 503, b"<Error><Code>SlowDown</Code></Error>"
    before = canned.request_count
    store = broken(canned.url, attempts=2)
    assert_told(lambda: store.put("a", b"x", "text/plain"), "at every attempt (SlowDown)")
    assert canned.request_count - before == 2


@pytest.mark.parametrize("length", [0, 10, 3_000_000])
def test_an_object_that_breaks_off_is_asked_for_again(
    canned: CannedServer, failing: S3Store, length: int
) -> None:
    def mend(_: float) -> None:
        canned.cut = 0

    canned.canned, canned.cut = (200, bytes(length)), 10
    try:
        assert_told(lambda: failing.get("a", 4_000_000), "broke the connection off")
        assert RetryingStore(failing, mend).get("a", 4_000_000) == bytes(length)
    finally:
        canned.cut = 0


def test_a_code_is_shown_only_if_it_looks_like_one() -> None:
    assert "(no code)" in from_code("http://10.0.0.1/ <script>").sentence
