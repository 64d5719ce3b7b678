"""Jobs that bring a bucket of their own, through the real handler and a real S3 service."""

import logging
import subprocess
import sys
from dataclasses import replace
from typing import Any

import httpx
import pytest

from storage import keys
from storage.s3.store import S3Store
from storage.store import StorageError
from tests.support import handling
from tests.support.canned import canned_server, s3_error
from tests.support.odd_s3 import ODD_ANSWERS, Request, odd_server, response
from tests.support.s3_server import S3Server
from tests.support.seaweed import Seaweed
from tests.support.waiting import PATIENCE_S
from worker.state import Worker


def own(server: S3Server) -> dict[str, str]:
    """RunPod's s3Config for a server of the tests."""
    return {
        "accessId": server.access_key,
        "accessSecret": server.secret_key,
        "bucketName": server.bucket,
        "endpointUrl": server.endpoint_url,
    }


def ask(worker: Worker, job_id: str, s3_config: Any, /, **fields: Any) -> dict[str, Any]:
    job = {"id": job_id, "input": fields, "s3Config": s3_config}
    return handling.handle(worker, job, lambda *_: None)


@pytest.fixture
def private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS", "1")


@pytest.fixture(params=["seaweed", "rclone"])
def server(request: pytest.FixtureRequest) -> S3Server:
    found: S3Server = request.getfixturevalue(request.param)
    return found


@pytest.mark.usefixtures("private")
def test_a_jobs_files_go_to_its_own_bucket_and_nothing_else_does(
    worker: Worker, server: S3Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "worker"):
        config = own(server)
        name = f"own-{type(server).__name__}"
        timed = {"return_word_timings": True, "timing_format": "all"}
        reply = ask(worker, name, config, text="Hello there.", **timed)
    assert httpx.get(reply["audio_url"], timeout=PATIENCE_S).status_code == 200
    assert all(
        httpx.get(url, timeout=PATIENCE_S).status_code == 200
        for url in reply["timing_files"].values()
    )
    assert not any("file://" in warning for warning in reply["warnings"])
    log = "".join(record.getMessage() for record in caplog.records if record.name == "worker")
    assert "upload took" in log
    manifest = server.store().get(keys.manifest(keys.JobId(name))).decode()
    for secret in (server.secret_key, server.access_key, server.endpoint_url):
        assert secret not in manifest + log
    asked = {"endpoint": "status", "job_id": name}
    assert ask(worker, "without", None, **asked)["code"] == "not_found"
    assert ask(worker, "with", config, **asked)["duration"] == reply["duration"]
    again = ask(worker, name, config, text="Hello there.", **timed)
    assert again["metrics"]["synthesis_ms"] == reply["metrics"]["synthesis_ms"]
    link = ask(worker, "link", config, endpoint="download", job_id=name)["audio_url"]
    assert httpx.get(link, timeout=PATIENCE_S).status_code == 200
    timing = ask(worker, "timing", config, endpoint="timing", job_id=name)
    assert httpx.get(timing["timing_files"]["srt"], timeout=PATIENCE_S).status_code == 200
    voices = ask(worker, "voices", config, endpoint="list_voices")["voices"]
    assert voices[0]["name"] == "default"


@pytest.mark.parametrize(
    "endpoint_url",
    ["http://127.0.0.1:9000", "http://169.254.169.254", "https://localhost", "http://[::1]:80"],
)
def test_a_private_address_is_refused(worker: Worker, seaweed: S3Server, endpoint_url: str) -> None:
    config = own(seaweed) | {"endpointUrl": endpoint_url}
    reply = ask(worker, "refused", config, text="Hello.")
    assert reply["code"] == "fetch_refused"
    assert endpoint_url.partition("//")[2] not in str(reply)


def test_a_name_that_leads_elsewhere_later_is_refused_at_the_connection(
    seaweed: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a host does whose name means another address each time it is asked for."""
    with monkeypatch.context() as allowed:
        allowed.setenv("RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS", "1")
        store = S3Store(
            seaweed.bucket,
            endpoint_url=seaweed.endpoint_url,
            access_key=seaweed.access_key,
            secret_key=seaweed.secret_key,
            attempts=1,
            public_only=True,
        )
        store.put("rebound", b"x", "text/plain")
        assert store.get("rebound") == b"x"
        fresh = S3Store(
            seaweed.bucket,
            endpoint_url=seaweed.endpoint_url,
            access_key=seaweed.access_key,
            secret_key=seaweed.secret_key,
            attempts=1,
            public_only=True,
        )
    with pytest.raises(StorageError):
        fresh.put("rebound", b"y", "text/plain")
    assert seaweed.store().get("rebound") == b"x"


def test_what_it_lacks_is_named(worker: Worker) -> None:
    reply = ask(worker, "lacking", {"accessId": "some-key"}, text="Hello.")
    assert reply["message"] == "s3Config.accessSecret is required; s3Config.endpointUrl is required"


@pytest.mark.usefixtures("private")
@pytest.mark.parametrize(
    ("changed", "code", "sentence"),
    [
        ({"accessId": "wrongkeyid"}, "storage_error", "check s3Config.accessId"),
        ({"accessSecret": "wrongsecret"}, "storage_error", "check s3Config.accessSecret"),
        ({"bucketName": "no-such-bucket"}, "storage_error", "check s3Config.bucketName"),
        ({"bucketName": None}, "storage_error", "set s3Config.bucketName"),
        ({"endpointUrl": "http://127.0.0.1:1"}, "storage_error", "check s3Config.endpointUrl"),
        ({"endpointUrl": "wrongplace"}, "storage_error", "s3Config.endpointUrl as https"),
        ({"endpointUrl": "https://a..b"}, "storage_error", "s3Config.endpointUrl as https"),
        ({"endpointUrl": "https://my_host.example"}, "storage_error", "one of an S3 service; give"),
        ({"endpointUrl": "https://b\u00fccher.example"}, "storage_error", "begins with xn--"),
        ({"endpointUrl": f"https://{63 * chr(252)}.com"}, "storage_error", "begins with xn--"),
        (
            {"endpointUrl": "https://u:hiddenword@host"},
            "storage_error",
            "without a user, a password or",
        ),
        ({"endpointUrl": "https://host.example/?b=c"}, "storage_error", "or a query"),
        ({"endpointUrl": "https://a\0b.example"}, "storage_error", "is not a URL"),
        ({"endpointUrl": "https://host.example:0"}, "storage_error", "is not a URL"),
        ({"bucketName": "arn:aws:s3:::some-bucket"}, "storage_error", "not its URL, its ARN"),
        ({"bucketName": ".."}, "storage_error", "check s3Config.bucketName"),
        ({"accessId": "some\nkey"}, "storage_error", "copy s3Config.accessId again"),
        ({"accessSecret": "some\u2028key"}, "storage_error", "copy s3Config.accessSecret again"),
        ({"sessionToken": "some\ttoken"}, "storage_error", "copy s3Config.sessionToken again"),
        ({"region": "eu west\n1"}, "storage_error", "check s3Config.region"),
        ({"accessSecret": 12345}, "invalid_request", "s3Config.accessSecret must be a string"),
        ({"accessId": ""}, "invalid_request", "s3Config.accessId must not be empty"),
    ],
)
def test_what_is_wrong_with_it_is_told_in_its_own_names(
    worker: Worker, seaweed: S3Server, changed: dict[str, Any], code: str, sentence: str
) -> None:
    config = own(seaweed) | changed
    reply = ask(replace(worker, patience_s=0.0), "wrong", config, text="Hello.")
    assert "hiddenword" not in str(reply)
    assert reply["code"] == code
    assert sentence in reply["error"]
    for value in (*config.values(), "AWS_", "S3_BUCKET"):
        assert not value or str(value) not in str(reply)


@pytest.mark.usefixtures("private")
def test_a_key_that_may_not_write_fails_the_job_and_leaves_no_record(
    worker: Worker, seaweed: Seaweed
) -> None:
    reader = own(seaweed.reader) | {"bucketName": seaweed.bucket}
    reply = ask(worker, "reader", reader, text="Hello.")
    assert "give s3Config.accessId the right to get, put" in reply["error"]
    status = ask(worker, "asked", own(seaweed), endpoint="status", job_id="reader")
    assert status["code"] == "not_found"


@pytest.mark.usefixtures("private")
def test_white_space_around_its_values_does_not_count(worker: Worker, seaweed: S3Server) -> None:
    config = {name: f" {value}\n" for name, value in own(seaweed).items()}
    assert ask(worker, "pasted", config, text="Hello.")["status"] == "completed"


@pytest.mark.usefixtures("private")
def test_a_wrong_region_fails_the_job_with_its_field(worker: Worker, seaweed: S3Server) -> None:
    with canned_server() as server:
        server.canned = 400, s3_error("AuthorizationHeaderMalformed", "expecting 'eu-west-1'")
        config = own(seaweed) | {"endpointUrl": server.url}
        reply = ask(worker, "region", config, text="Hello.")
    assert reply["code"] == "storage_error"
    assert "set s3Config.region to the bucket's own region" in reply["error"]


@pytest.mark.usefixtures("private")
def test_a_bucket_that_drips_bytes_is_left(worker: Worker, seaweed: S3Server) -> None:
    with canned_server() as server:
        # Each answer would take ten minutes.
        server.canned, server.pause_s = (200, bytes(12_000)), 0.05
        config = own(seaweed) | {"endpointUrl": server.url}
        reply = ask(
            replace(worker, patience_s=0.0, max_answer_s=0.3), "drip", config, text="Hello."
        )
    assert "broke the connection off" in reply["error"]


@pytest.mark.usefixtures("private")
@pytest.mark.parametrize(
    "name",
    ["a 404 whose chunks break off", "an error 2000 deep", "a bad date", "a length of letters",
     "missing-meta of letters", "an error code of markup", "a negative chunk", "a web page"],
)  # fmt: skip
def test_a_server_that_answers_oddly_is_an_error_of_the_store(
    worker: Worker, seaweed: S3Server, name: str
) -> None:
    with odd_server(lambda _: ODD_ANSWERS[name]) as server:
        config = own(seaweed) | {"endpointUrl": server.url}
        hasty = replace(worker, patience_s=0.0)
        asked = ask(hasty, "asked", config, endpoint="status", job_id="odd")
        spoken = ask(hasty, "odd", config, text="Hello.")
    assert asked["code"] == "storage_error"
    assert spoken["code"] == "storage_error"
    assert "127.0.0.1" not in str(asked) + str(spoken)


@pytest.mark.usefixtures("private")
def test_a_server_that_says_yes_to_everything_stores_nothing(
    worker: Worker, seaweed: S3Server
) -> None:
    def answer(request: Request) -> bytes:
        # As a new job finds it: no record. Every upload is "done", and nothing is there then.
        return response(404) if request.method in ("GET", "HEAD") else response(200)

    with odd_server(answer) as server:
        config = own(seaweed) | {"endpointUrl": server.url}
        reply = ask(replace(worker, patience_s=0.0), "yes", config, text="Hello.")
    assert reply["error"].startswith("storage_error: the store does not answer as S3 does")
    assert "set s3Config.endpointUrl" in reply["error"]


@pytest.mark.parametrize("given", [["a"], "text", 5])
def test_what_is_no_object_is_refused(worker: Worker, given: object) -> None:
    assert ask(worker, "odd", given, text="Hello.")["code"] == "invalid_request"


@pytest.mark.parametrize("nothing", [None, {}])
def test_nothing_in_it_is_nothing(worker: Worker, nothing: object) -> None:
    reply = ask(worker, "nothing", nothing, endpoint="list_voices")
    assert reply["status"] == "success"


def test_a_second_bucket_costs_no_reading_of_what_botocore_knows_of_s3() -> None:
    code = """
import sys
from storage.s3.store import S3Store

def store():
    return S3Store("b", endpoint_url="https://s3.example.com", access_key="k", secret_key="s")

def note(event, arguments):
    if event == "open" and "/botocore/data/" in str(arguments[0]):
        print(arguments[0])

store()
sys.addaudithook(note)
print(store().url("a", 60)[:24])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "https://s3.example.com/b\n"
