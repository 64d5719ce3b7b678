"""Lines of the log, and what stands in none of them."""

import io
import json
import logging
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from errors import WorkerError
from settings import Settings
from storage.fetch import fetch
from storage.s3.store import S3Store
from tests.support.odd_s3 import ODD_ANSWERS, odd_server
from worker.logs import JobLog, JsonFormatter, RedactingStream, TextFormatter, configure

LINK = (
    "https://s3.example.com/b/output/a.wav?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=AKIDEXAMPLE%2F20261124%2Fauto%2Fs3%2Faws4_request&X-Amz-Date=20261124T000000Z"
    "&X-Amz-Expires=3600&X-Amz-Security-Token=FwoGZXIvYXdz&X-Amz-Signature=0123456789abcdef"
)


def printed(text: str, *secrets: str) -> str:
    stream = io.StringIO()
    print(text, file=RedactingStream(stream, secrets), flush=True)
    return stream.getvalue()


def test_what_signs_a_link_is_hidden_and_the_rest_stays() -> None:
    shown = printed(json.dumps({"message": f"Handler output: {{'audio_url': '{LINK}'}}"}))
    for secret in ("AKIDEXAMPLE", "FwoGZXIvYXdz", "0123456789abcdef"):
        assert secret not in shown
    assert "output/a.wav" in shown
    assert "X-Amz-Expires=3600" in shown
    assert json.loads(shown)["message"].endswith("'}")


@pytest.mark.parametrize(
    "signed",
    [
        "X-Goog-Credential=s3cr3t%40project&X-Goog-Expires=60&X-Goog-Signature=s3cr3t",
        "sv=2024-11-04&se=2026-11-24&sig=s3cr3t%3D",
        "Expires=1764000000&Signature=s3cr3t~_&Key-Pair-Id=K2",
    ],
)
def test_what_signs_a_link_of_another_service_is_hidden(signed: str) -> None:
    shown = printed(json.dumps({"message": f"'https://example.com/a.wav?{signed}'"}))
    assert "s3cr3t" not in shown
    assert json.loads(shown)["message"].startswith("'https://example.com/a.wav?")


def test_known_secrets_are_hidden_wherever_they_stand() -> None:
    shown = printed("boto said s3cr3t+key/x, twice: s3cr3t+key/x", "s3cr3t+key/x", "", "ab")
    assert shown == "boto said [hidden], twice: [hidden]\n"
    assert printed("a b ab", "ab") == "a b ab\n"


def test_a_secret_is_hidden_in_a_url_and_in_every_notation() -> None:
    secret = 's3cr3t+"key"/x\nä'
    for text in (quote(secret, safe=""), str([secret]), json.dumps(secret), json.dumps([secret])):
        for shown in (printed(text, secret), printed(json.dumps(text), secret)):
            assert "s3cr3t" not in shown


def test_lines_written_at_once_are_hidden_too() -> None:
    stream = io.StringIO()
    RedactingStream(stream, ["s3cr3t-key"]).writelines(["a s3cr3t-", "key\n", "b\n"])
    assert stream.getvalue() == "a [hidden]\nb\n"


@pytest.mark.parametrize("as_file", [False, True])
def test_the_private_key_of_a_service_account_is_hidden(tmp_path: Path, as_file: bool) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\nBgkqhkiG9w0B\n-----END PRIVATE KEY-----\n"
    account = json.dumps({"type": "service_account", "private_key": key})
    file = tmp_path / "account.json"
    file.write_text(account)
    settings = Settings.from_environment(
        {"GOOGLE_APPLICATION_CREDENTIALS": str(file)}
        if as_file
        else {"GOOGLE_CREDENTIALS_JSON": account}
    )
    for text in (key, json.dumps(key), key.splitlines()[1]):
        shown = printed(text, *settings.secrets)
        assert "MIIE" not in shown
        assert "Bgkq" not in shown
    assert "/none" in printed("/none", *Settings(google_credentials_file=Path("/none")).secrets)


def test_a_jobs_own_bucket_is_hidden() -> None:
    job = {"s3Config": {"accessId": "AKIDOWN", "accessSecret": "own-secret", "bucketName": "b"}}
    for text in (str(job), json.dumps(job), json.dumps(str(job)), json.dumps(json.dumps(job))):
        shown = printed(text)
        assert "AKIDOWN" not in shown
        assert "own-secret" not in shown
        assert "bucketName" in shown


def test_a_json_line_has_what_the_line_gave() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger = logging.Logger("test")
    logger.addHandler(handler)
    log = JobLog(logger, {"job_id": "a-1"})
    log.info("%s took %.0f ms", "voice", 12.34, extra={"stage": "voice", "ms": 12.3})
    try:
        raise ValueError("äöü\nsecond line")
    except ValueError:
        log.exception("failed")
    logger.info("no job")
    first, second, third = map(json.loads, stream.getvalue().splitlines())
    assert first["message"] == "voice took 12 ms"
    assert (first["job_id"], first["level"]) == ("a-1", "INFO")
    assert (first["stage"], first["ms"]) == ("voice", 12.3)
    assert first["time"].endswith("Z")
    assert "second line" in second["traceback"]
    assert third["job_id"] is None


def test_lines_of_several_threads_stay_whole() -> None:
    class Slow(io.StringIO):
        """Lets another thread in between two writes."""

        def write(self, text: str) -> int:
            time.sleep(0.001)
            return super().write(text)

    stream = Slow()
    shared = RedactingStream(stream, ())

    def talk(name: str) -> None:
        for number in range(50):
            print(json.dumps({name: number}), file=shared, flush=True)

    threads = [threading.Thread(target=talk, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    for name in "abcd":
        assert [line[name] for line in found if name in line] == list(range(50))


def test_what_has_no_end_of_line_comes_with_the_flush() -> None:
    stream = io.StringIO()
    shared = RedactingStream(stream, ["s3cr3t-key"])
    shared.write("a s3cr3t")
    assert stream.getvalue() == ""
    shared.write("-key")
    shared.flush()
    assert stream.getvalue() == "a [hidden]"


FORGING = "a\nFORGED \x1b[31m\x85\u2028\u202e\ud800"


def logged(formatter: logging.Formatter, job_id: str, message: str, error: str) -> str:
    """Everything that one event with a traceback writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.Logger("test")
    logger.addHandler(handler)
    log = JobLog(logger, {"job_id": job_id})
    try:
        raise ValueError(error)
    except ValueError:
        log.exception("failed: %s", message, extra={"name_of_field": message})
    return stream.getvalue()


def test_a_clients_text_forges_no_line_of_text() -> None:
    shown = logged(TextFormatter(), FORGING, FORGING, FORGING)
    first, *others = shown.removesuffix("\n").split("\n")
    escaped = r"a\nFORGED \x1b[31m\x85\u2028\u202e\ud800"
    assert first.endswith(f" ERROR [{escaped}] failed: {escaped}")
    assert all(line.startswith("    ") for line in others)
    assert "Traceback (most recent call last):" in others[0]
    for sign in "\r\x1b\x85\u2028\u202e\ud800":
        assert sign not in shown


def test_a_clients_text_forges_no_line_of_json() -> None:
    shown = logged(JsonFormatter(), FORGING, FORGING, FORGING)
    assert len(shown.splitlines()) == 1
    line = json.loads(shown)
    escaped = r"a\nFORGED \x1b[31m\x85\u2028\u202e\ud800"
    assert line["message"] == f"failed: {escaped}"
    assert (line["job_id"], line["name_of_field"]) == (escaped, escaped)
    for sign in "\x1b\x85\u2028\u202e\ud800":
        assert sign not in shown


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_an_event_is_bounded(formatter: logging.Formatter) -> None:
    long = "x" * 1_000_000
    assert len(logged(formatter, long, long, "\n".join([long] * 5))) < 20_000


def test_a_password_in_a_url_is_hidden_in_every_line() -> None:
    for formatter in (TextFormatter(), JsonFormatter()):
        shown = logged(formatter, "a", "s3://u:PASS@host", "https://u:PASS@host")
        assert "PASS" not in shown
        assert "[hidden]@host" in shown


def test_what_libraries_print_has_no_control_character() -> None:
    assert printed("job a\x1b[31m\u202e\x85 | Started.\tb") == (
        "job a\\x1b[31m\\u202e\\x85 | Started.\tb\n"
    )


def test_the_libraries_of_the_store_do_not_show_hosts_and_answers(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS", "1")
    configure(logging.getLogger("tests.quiet"), "INFO", "text")
    with odd_server() as server:
        store = S3Store("b", endpoint_url=server.url, access_key="a", secret_key="s", attempts=1)
        for name, answer in ODD_ANSWERS.items():
            server.answer = lambda _, answer=answer: answer  # type: ignore[misc]
            with suppress(WorkerError):
                store.get(name)
            with suppress(WorkerError):
                fetch(f"{server.url}/link", tmp_path / "file", 1000)
    assert not caplog.records


SDK_LINES = """
import os, sys, logging
os.environ["RUNPOD_LOG_LEVEL"] = sys.argv[1]
os.environ["RUNPOD_ENDPOINT_ID"] = "on-platform"
from runpod.serverless.modules import rp_logger
from worker.logs import configure, take_sdk_lines
configure(logging.getLogger("worker"), "ERROR", "json")
take_sdk_lines(rp_logger)
log = rp_logger.RunPodLogger()
log.debug("polls", "a-1")
log.info("two\\nlines\\x1b", "a-1")
log.warn("careful")
log.tip("a tip")
log.trace("traced", "a-1")
log.error("https://h/x?X-Amz-Signature=secret", request_id="a-1")
"""


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        ("DEBUG", ["polls", "two\\nlines\\x1b", "careful", "a tip"]),
        ("INFO", ["two\\nlines\\x1b", "careful", "a tip"]),
        ("ERROR", ["a tip"]),
        ("NOTSET", None),
    ],
)
def test_the_sdks_lines_have_our_form(level: str, shown: list[str] | None) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SDK_LINES, level], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    if shown is None:
        assert not lines
        return
    last = "https://h/x?X-Amz-Signature=[hidden]"
    assert [line["message"] for line in lines] == [f"RunPod's SDK: {m}" for m in [*shown, last]]
    assert (lines[-1]["job_id"], lines[-1]["level"]) == ("a-1", "ERROR")
    assert all(line["job_id"] is None for line in lines if line["message"].endswith("careful"))
