"""What is said of keys without a bucket, and of variables with another program's names."""

import logging
from pathlib import Path

import pytest

from settings import Settings
from worker import checks
from worker.bucket_hints import bucket_hints, name_hints
from worker.build import build
from worker.checks import CheckFailed

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
NO_BUCKET = "there is a key for a bucket and no bucket"


def hints(environment: dict[str, str]) -> list[str]:
    return bucket_hints(Settings.from_environment(environment), environment)


def test_what_fits_together_needs_no_hint() -> None:
    assert hints({}) == []
    assert hints(KEYS | {"S3_BUCKET": "b"}) == []
    assert hints(KEYS | {"AWS_ENDPOINT_URL": "https://minio.example/b"}) == []
    runpod = {"BUCKET_NAME": "b", "BUCKET_ENDPOINT_URL": "https://minio.example"}
    runpod |= {"BUCKET_ACCESS_KEY_ID": "key", "BUCKET_SECRET_ACCESS_KEY": "secret"}
    assert hints(runpod) == []
    assert (
        hints(
            {
                "AWS_REGION": "eu-west-1",
                "HF_TOKEN": "x",
                "S3_BUCKET_NAME": " ",
                "RUNPOD_AI_API_KEY": "x",
            }
        )
        == []
    )


@pytest.mark.parametrize(
    "given", [KEYS, {"AWS_ACCESS_KEY_ID": "key"}, {"BUCKET_ACCESS_KEY_ID": "k"}]
)
def test_a_key_without_a_bucket(given: dict[str, str]) -> None:
    (hint,) = hints(given)
    assert hint.startswith(NO_BUCKET)
    assert "set S3_BUCKET" in hint


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("S3_BUCKET_NAME", "S3_BUCKET"),
        ("AWS_BUCKET", "S3_BUCKET"),
        ("AWS_S3_BUCKET_NAME", "S3_BUCKET"),
        ("R2_BUCKET", "S3_BUCKET"),
        ("BUCKET", "S3_BUCKET"),
        ("s3_bucket", "S3_BUCKET"),
        ("S3_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
        ("AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
        ("B2_KEY_ID", "AWS_ACCESS_KEY_ID"),
        ("S3_SECRET_KEY", "AWS_SECRET_ACCESS_KEY"),
        ("AWS_SECRET_KEY", "AWS_SECRET_ACCESS_KEY"),
        ("S3_ENDPOINT", "AWS_ENDPOINT_URL"),
        ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
        ("S3_ENDPOINT_URL", "AWS_ENDPOINT_URL"),
        ("S3_REGION", "AWS_REGION"),
        ("BUCKET_REGION", "AWS_REGION"),
    ],
)
def test_a_variable_with_another_programs_name(variable: str, name: str) -> None:
    assert hints({variable: "hiddenvalue"}) == [f"{variable} is set, but the worker reads {name}"]


def test_a_name_that_is_right_excuses_the_others() -> None:
    placed = KEYS | {"AWS_ENDPOINT_URL": "https://minio.example"}
    assert hints(placed | {"S3_BUCKET_NAME": "b"}) == [
        "S3_BUCKET_NAME is set, but the worker reads S3_BUCKET"
    ]
    assert hints(KEYS | {"S3_BUCKET": "b", "S3_BUCKET_NAME": "b", "AWS_BUCKET": "c"}) == []


def test_the_missing_half_of_the_credentials_is_named() -> None:
    placed = {"S3_BUCKET": "b", "BUCKET_ACCESS_KEY_ID": "k"}
    assert hints(placed) == ["AWS_SECRET_ACCESS_KEY is not set"]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, []),
        ({"TTS_ENGIN": "preview"}, ["TTS_ENGIN is set, but the worker reads TTS_ENGINE"]),
        ({"tts_engine": "preview"}, ["tts_engine is set, but the worker reads TTS_ENGINE"]),
        ({"TTS_ENGIN": "preview", "TTS_ENGINE": "preview"}, []),
        ({"LOGLEVEL": "debug"}, ["LOGLEVEL is set, but the worker reads LOG_LEVEL"]),
        ({"ALIGNER": "sphinx"}, ["ALIGNER is set, but the worker reads ALIGNERS"]),
        ({"S3_BUKET": "b"}, ["S3_BUKET is set, but the worker reads S3_BUCKET"]),
        # `bucket_hints` says this.
        ({"S3_BUCKET_NAME": "b", "AWS_ACCESS_KEY": "k"}, []),
        ({"RUNPOD_POD_ID2": "x", "HF_HOME": "/x", "PATH": "/bin", "LOG_LEVELX": " "}, []),
        (
            {"AWS_SECRET_ACCESS_KEY": '"hiddenvalue"'},
            ["AWS_SECRET_ACCESS_KEY has quotes around its value: leave them out"],
        ),
    ],
)
def test_a_name_that_is_nearly_right_and_a_value_in_quotes(
    environment: dict[str, str], said: list[str]
) -> None:
    assert name_hints(Settings.from_environment(environment), environment) == said


def test_the_log_of_the_start_has_the_hints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    environment = KEYS | {"WORKER_HOME": str(tmp_path), "TTS_ENGINE": "preview", "ALIGNERS": "none"}
    monkeypatch.setenv("S3_BUCKET_NAME", "b")
    monkeypatch.setenv("LOGLEVEL", "debug")
    monkeypatch.setattr(logging.getLogger("worker"), "propagate", True)
    build(Settings.from_environment(environment))
    warned = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert warned[0] == "LOGLEVEL is set, but the worker reads LOG_LEVEL"
    assert warned[1] == "S3_BUCKET_NAME is set, but the worker reads S3_BUCKET"
    assert warned[2].startswith(NO_BUCKET)


def test_the_check_has_the_hints_about_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGLEVEL", "debug")
    told = checks.names(Settings.from_environment({}))
    assert told == "they can be used; LOGLEVEL is set, but the worker reads LOG_LEVEL"


def test_the_check_has_the_hints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_ACCESS_KEY", "key")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    environment = {"WORKER_HOME": str(tmp_path), "AWS_SECRET_ACCESS_KEY": "secret"}
    told = checks.store(Settings.from_environment(environment))
    assert told.startswith(f"{tmp_path}/store, no bucket; S3_ACCESS_KEY is set, but the worker")
    with pytest.raises(
        CheckFailed, match=r"half of the credentials is missing .* S3_ACCESS_KEY is"
    ):
        checks.store(Settings.from_environment(environment | {"S3_BUCKET": "b"}))
    with pytest.raises(CheckFailed, match="there are no credentials for the bucket"):
        checks.store(Settings.from_environment({"S3_BUCKET": "b"}))
