"""The names of files on the Hugging Face hub in settings."""

import pytest

from settings import Settings, SettingsInvalid
from tts.hub_files import HubFile, parse_hub_file


@pytest.mark.parametrize(
    ("value", "file"),
    [
        ("hf://a/b/c.pt", HubFile("a/b", "c.pt")),
        ("hf://a/b/c/d.pt@v1", HubFile("a/b", "c/d.pt", "v1")),
        ("hf://a/b/c.pt@refs/pr/1", HubFile("a/b", "c.pt", "refs/pr/1")),
        ("/models/c.pt", None),
        ("F5TTS_v1_Base", None),
    ],
)
def test_a_name(value: str, file: HubFile | None) -> None:
    assert parse_hub_file(value) == file
    assert file is None or file.name == file.path.split("/")[-1]


@pytest.mark.parametrize(
    "value",
    ["hf://a/b", "hf://a//c", "hf://a/b/c@", "hf://a/b/../c", "hf://a/b/c@../x", "hf://a/b/c@/etc"],
)
@pytest.mark.parametrize("variable", ["F5_MODEL", "F5_CKPT_FILE", "F5_VOCAB_FILE"])
def test_a_name_that_names_no_file_is_refused_with_the_form(value: str, variable: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        Settings.from_environment({variable: value})
    assert f"{variable} is" in str(refused.value)
    assert "give hf://owner/repository/file" in str(refused.value)


def test_the_settings_hold_a_file_of_the_hub_or_a_path() -> None:
    settings = Settings.from_environment(
        {"F5_CKPT_FILE": "hf://a/b/c.pt@v1", "F5_VOCAB_FILE": "/b", "MODEL_REVISIONS": "a/b=v2"}
    )
    assert settings.f5_ckpt_file == HubFile("a/b", "c.pt", "v1")
    assert str(settings.f5_vocab_file) == "/b"
    assert settings.model_revisions == {"a/b": "v2"}
    with pytest.raises(SettingsInvalid, match="give pairs such as SWivid/F5-TTS=main"):
        Settings.from_environment({"MODEL_REVISIONS": "main"})
