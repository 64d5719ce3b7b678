"""The settings: how variables are read, and what is said of a wrong one."""

from typing import get_args

import pytest

from settings import Settings, SettingsInvalid
from worker.build import ENGINE_BUILDERS


def test_every_engine_that_the_settings_allow_can_be_built() -> None:
    assert set(ENGINE_BUILDERS) == set(get_args(Settings.model_fields["engine"].annotation))


def test_a_wrong_engine_is_the_only_variable_that_is_named() -> None:
    with pytest.raises(SettingsInvalid) as raised:
        Settings.from_environment({"TTS_ENGINE": "pewview"})
    assert raised.value.sentence == (
        "TTS_ENGINE is \"pewview\": give f5 or preview, did you mean 'preview'?"
    )


def test_settings_name_every_wrong_variable() -> None:
    with pytest.raises(SettingsInvalid) as raised:
        Settings.from_environment({"LOG_LEVEL": "nonsense", "URL_EXPIRES_S": "5"})
    assert "LOG_LEVEL" in raised.value.sentence
    assert "URL_EXPIRES_S" in raised.value.sentence


@pytest.mark.parametrize(
    ("given", "aligners"),
    [
        ({}, ("whisperx", "sphinx")),
        ({"TTS_ENGINE": "preview"}, ("sphinx",)),
        ({"TTS_ENGINE": "preview", "ALIGNERS": "whisperx"}, ("whisperx",)),
        ({"ALIGNERS": "none"}, ()),
    ],
)
def test_the_engine_decides_which_aligners_are_usual(
    given: dict[str, str], aligners: tuple[str, ...]
) -> None:
    assert Settings.from_environment(given).aligners == aligners


def test_white_space_around_a_setting_does_not_count() -> None:
    """A pasted key often ends in a newline."""
    given = {
        "AWS_ACCESS_KEY_ID": "AKID\n",
        "AWS_SECRET_ACCESS_KEY": " secret\r\n",
        "S3_BUCKET": " ",
    }
    settings = Settings.from_environment(given)
    assert (settings.access_key_id, settings.bucket) == ("AKID", None)
    assert settings.secrets == ["secret", "AKID"]


def test_runpods_names_for_the_bucket_are_understood_and_secrets_stay_hidden() -> None:
    settings = Settings.from_environment(
        {
            "S3_BUCKET": "b",
            "BUCKET_ENDPOINT_URL": "https://s3.example.com",
            "BUCKET_ACCESS_KEY_ID": "id",
            "BUCKET_SECRET_ACCESS_KEY": "hush",
            "AWS_REGION": "",
        }
    )
    assert (settings.endpoint_url, settings.access_key_id) == ("https://s3.example.com", "id")
    assert settings.region is None
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("TTS_ENGINE", "xtts", "give f5 or preview"),
        ("F5_DEVICE", "gpu", "give auto, cpu, cuda (the first GPU) or cuda:1 (the second)"),
        ("F5_DTYPE", "fp16", "give auto, float32, float16 or bfloat16"),
        ("LOG_LEVEL", "verbose", "give DEBUG, INFO, WARNING or ERROR"),
        ("GOOGLE_FALLBACK", "yes", "give on or off"),
        ("URL_EXPIRES_S", "1h",
         "give a whole number of seconds from 60 to 604800, without a unit"),
        ("URL_EXPIRES_S", "30s",
         "give a whole number of seconds from 60 to 604800, without a unit"),
        ("URL_EXPIRES_S", "5", "give a whole number of seconds from 60 to 604800, without a unit"),
        ("MAX_CONCURRENCY", "17", "give a whole number from 1 to 16, without a unit"),
        ("MAX_CONCURRENCY", "two", "give a whole number from 1 to 16, without a unit"),
        ("ALIGN_LANGUAGES", "en,cantonese",
         '"cantonese" is not a language code of ISO 639-1; use "zh"'),
        ("ALIGN_LANGUAGES", "en,germn",
         '"germn" is not a language code of ISO 639-1; did you mean "de" (German)?'),
        ("ALIGN_LANGUAGES", "en de",
         '"en de" is not a language code of ISO 639-1; separate several with commas'),
        ("ALIGN_MODELS", "de",  "give pairs such as de=/models/german, separated by commas"),
        ("ALIGN_MODELS", "germn=/m",
         '"germn" is not a language code of ISO 639-1; did you mean "de" (German)?'),
        ("F5_CKPT_FILE", "https://huggingface.co/a/b/blob/main/model.pt",
         "give a path on this machine, or hf://owner/repository/file"),
        ("TTS_ENGINE", "'preview'", "leave out the quotes around it"),
        ("MAX_CONCURRENCY", "'2'", "leave out the quotes around it"),
    ],
)  # fmt: skip
def test_a_wrong_variable_is_named_with_its_value_and_what_to_set(
    variable: str, value: str, sentence: str
) -> None:
    with pytest.raises(SettingsInvalid) as raised:
        Settings.from_environment({variable: value})
    assert raised.value.sentence == f'{variable} is "{value}": {sentence}'


def test_a_wrong_aligner_is_named() -> None:
    with pytest.raises(SettingsInvalid) as raised:
        Settings.from_environment({"ALIGNERS": "whisperx,sphynx"})
    assert raised.value.sentence == (
        'ALIGNERS is "sphynx": give whisperx, sphinx or google, separated by commas, or none, '
        "did you mean 'sphinx'?"
    )


@pytest.mark.parametrize(
    ("variable", "value", "field", "meant"),
    [
        ("TTS_ENGINE", "Preview", "engine", "preview"),
        ("LOG_LEVEL", "info", "log_level", "INFO"),
        ("LOG_LEVEL", "warn", "log_level", "WARNING"),
        ("LOG_FORMAT", "JSON", "log_format", "json"),
        ("F5_DEVICE", "CUDA:1", "f5_device", "cuda:1"),
        ("F5_DTYPE", "Float16", "f5_dtype", "float16"),
        ("ALIGNERS", "Sphinx", "aligners", ("sphinx",)),
        ("ALIGNERS", "None", "aligners", ()),
        ("ALIGN_LANGUAGES", "en-US, DE", "align_languages", ("en", "de")),
        ("S3_ADDRESSING", "Path", "addressing", "path"),
        ("WHISPER_MODEL", "None", "whisper_model", "none"),
        ("ALIGN_MODELS", "DE=/m, fr-FR=/n", "align_models", {"de": "/m", "fr": "/n"}),
    ],
)
def test_a_choice_may_be_written_in_any_case(
    variable: str, value: str, field: str, meant: object
) -> None:
    assert getattr(Settings.from_environment({variable: value}), field) == meant
