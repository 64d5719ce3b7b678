"""Signed links: what they answer, when they end, where they lead."""

import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import boto3.session
import httpx
import pytest

from storage.s3.store import S3Store
from tests.support.odd_s3 import ETAG, LISTED, odd_server, response
from tests.support.seaweed import Seaweed
from tests.support.waiting import PATIENCE_S


@pytest.fixture(scope="module")
def store(seaweed: Seaweed) -> S3Store:
    return seaweed.store()


@pytest.fixture(scope="module")
def web() -> Iterator[httpx.Client]:
    """Whoever has the link: no credentials."""
    with httpx.Client(timeout=PATIENCE_S) as client:
        yield client


@pytest.fixture
def key() -> str:
    return f"voices/{uuid.uuid4().hex}/Jürgen Müller #1.wav"


def test_the_link_answers_bytes_content_type_and_name(
    web: httpx.Client, store: S3Store, key: str
) -> None:
    store.put(key, b"sound", "audio/wav")
    answer = web.get(store.url(key, 60))
    assert (answer.status_code, answer.content) == (200, b"sound")
    assert answer.headers["content-type"] == "audio/wav"
    assert "content-disposition" not in answer.headers


def test_the_link_names_the_file_in_the_old_way_and_the_new(
    web: httpx.Client, store: S3Store, key: str
) -> None:
    store.put(key, b"sound", "audio/wav")
    answer = web.get(store.url(key, 60, filename='Jürgen "1";\r\nX-Bad: %.wav'))
    assert answer.headers["content-disposition"] == (
        'attachment; filename="J_rgen _1_;__X-Bad: _.wav"; '
        "filename*=UTF-8''J%C3%BCrgen%20%221%22%3B%0D%0AX-Bad%3A%20%25.wav"
    )
    assert "x-bad" not in answer.headers


def test_the_content_type_of_a_file_is_kept(web: httpx.Client, store: S3Store, key: str) -> None:
    store.put(key, b"1\n", "application/x-subrip")
    assert web.get(store.url(key, 60)).headers["content-type"] == "application/x-subrip"


def test_the_link_ends(web: httpx.Client, store: S3Store, key: str) -> None:
    store.put(key, b"sound", "audio/wav")
    link = store.url(key, 6)  # signed for a whole second, so it ends after 5 to 6
    assert web.get(link).status_code == 200
    ended = wait_for_refusal(web, link)
    assert b"expired" in ended.content


def wait_for_refusal(web: httpx.Client, link: str) -> httpx.Response:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        answer = web.get(link)
        if answer.status_code != 200:
            return answer
        time.sleep(0.1)
    raise TimeoutError("the link never ended")


@pytest.mark.parametrize("part", ["X-Amz-Signature=", "X-Amz-Expires=", "Jürgen"])
def test_a_changed_link_is_refused(web: httpx.Client, store: S3Store, key: str, part: str) -> None:
    store.put(key, b"sound", "audio/wav")
    link = httpx.URL(store.url(key, 60))
    text = str(link)
    changed = {
        "X-Amz-Signature=": text[:-1] + ("0" if text[-1] != "0" else "1"),
        "X-Amz-Expires=": text.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"),
        "Jürgen": text.split("?")[0],
    }[part]
    assert changed != text
    assert web.get(changed).status_code == 403


def test_a_client_can_upload_to_a_link(web: httpx.Client, store: S3Store, key: str) -> None:
    link = store.upload_url(key, 60)
    assert web.put(link, content=b"clip", headers={"content-type": "audio/x"}).is_success
    assert store.get(key) == b"clip"
    assert web.put(link, content=b"clip").is_success  # without any header of the client's own
    assert web.put(link.replace("=60", "=600"), content=b"x").status_code == 403


@pytest.mark.parametrize("token", [None, "token"])
@pytest.mark.parametrize("endpoint_url", [None, f"https://{'0' * 32}.r2.cloudflarestorage.com"])
def test_a_link_asks_for_no_checksum(endpoint_url: str | None, token: str | None) -> None:
    """R2 and B2 refuse links with a checksum, and a client cannot know which one to send."""
    store = S3Store(
        "b", endpoint_url=endpoint_url, access_key="key", secret_key="secret", session_token=token
    )
    signed = {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires"}
    signed |= {"X-Amz-SignedHeaders", "X-Amz-Signature"}
    signed |= {"X-Amz-Security-Token"} if token else set()
    for link in (store.upload_url("uploads/0", 60), store.url("output/0.wav", 60)):
        parameters = httpx.URL(link).params
        assert set(parameters) == signed
        assert parameters["X-Amz-SignedHeaders"] == "host"


def test_a_put_and_its_neighbours_send_no_checksum(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"sound")
    listed = response(200, LISTED, ETAG)
    with odd_server(lambda _: listed) as server:
        store = S3Store("b", endpoint_url=server.url, access_key="key", secret_key="secret")
        store.put("a", b"sound", "audio/wav")
        store.put_file("a", tmp_path / "file", "audio/wav")
        store.list()
        store.delete("a")
    assert [request.method for request in server.seen] == ["PUT", "PUT", "GET", "DELETE"]
    for request in server.seen:
        assert not [name for name in request.headers if "checksum" in name]
        assert not {"x-amz-trailer", "content-encoding", "content-md5"} & set(request.headers)
    assert [request.body for request in server.seen[:2]] == [b"sound", b"sound"]


def test_a_bucket_has_no_warnings(store: S3Store) -> None:
    assert store.warnings == ()


def test_links_of_temporary_credentials_are_warned_about() -> None:
    store = S3Store("b", access_key="key", secret_key="secret", session_token="token")
    (warning,) = store.warnings
    assert "temporary credentials" in warning
    assert "X-Amz-Security-Token=token" in store.url("k", 60)


def test_so_are_those_of_credentials_that_boto3_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert S3Store("b").warnings == ()
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    assert "temporary credentials" in S3Store("b").warnings[0]
    assert S3Store("b", access_key="key", secret_key="secret").warnings == ()


def test_a_folder_marker_of_a_console_is_not_listed(seaweed: Seaweed, store: S3Store) -> None:
    folder = uuid.uuid4().hex
    client = boto3.session.Session().client(
        "s3",
        endpoint_url=seaweed.endpoint_url,
        region_name=seaweed.region,
        aws_access_key_id=seaweed.access_key,
        aws_secret_access_key=seaweed.secret_key,
    )
    client.put_object(Bucket=seaweed.bucket, Key=f"{folder}/")
    store.put(f"{folder}/a", b"x", "text/plain")
    assert [info.key for info in store.list(f"{folder}/")] == [f"{folder}/a"]


@pytest.mark.parametrize(
    ("region", "endpoint_url", "addressing", "begins"),
    [
        (None, None, "auto", "https://b-1.s3.amazonaws.com/k?"),
        ("eu-west-3", None, "auto", "https://b-1.s3.eu-west-3.amazonaws.com/k?"),
        ("auto", "https://x.example", "auto", "https://x.example/b-1/k?"),
        ("auto", "https://x.example", "virtual", "https://b-1.x.example/k?"),
    ],
)
def test_where_links_lead(
    monkeypatch: pytest.MonkeyPatch,
    region: str | None,
    endpoint_url: str | None,
    addressing: str,
    begins: str,
) -> None:
    """Only the constructor's values count: a job's own bucket must not end at the worker's."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://other.example")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
    store = S3Store(
        "b-1",
        region=region,
        endpoint_url=endpoint_url,
        access_key="key",
        secret_key="secret",
        style=addressing,  # type: ignore[arg-type]
    )
    link = store.url("k", 60)
    assert link.startswith(begins)
    assert f"%2F{region or 'us-east-1'}%2Fs3%2Faws4_request" in link
