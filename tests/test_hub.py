"""The files of RunPod's Hub: they match its documentation and our settings; its tests run here."""

import re
from pathlib import Path
from typing import Any, Literal

import pytest
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

import handler
from settings import Settings, variables_of
from setup_network_venv import STRIPPED_SETTINGS
from tests.support.process import run_job
from tests.support.tiny_f5 import Checkpoint
from tests.test_docs import OTHER_VARIABLES
from tts.engines import LICENCES
from tts.hub_files import HubFile, parse_hub_file


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Option(Strict):
    label: str
    value: str


class Input(Strict):
    name: str
    type: Literal["string", "number", "boolean", "huggingface"]
    description: str
    default: str | int | float | bool
    required: bool = False
    advanced: bool = False
    options: list[Option] = []
    min: float | None = None
    max: float | None = None


class Variable(Strict):
    key: str
    value: str | None = None
    input: Input | None = None


class Preset(Strict):
    name: str
    defaults: dict[str, str]


class HubConfig(Strict):
    runsOn: Literal["GPU", "CPU"]
    containerDiskInGb: int = Field(gt=0)
    gpuCount: int
    gpuIds: str
    allowedCudaVersions: list[str] = []
    presets: list[Preset] = []
    env: list[Variable] = []


class Hub(Strict):
    title: str
    description: str
    type: Literal["serverless"]
    category: Literal["audio"]
    iconUrl: str
    config: HubConfig


class HubTest(Strict):
    name: str
    input: dict[str, Any]
    timeout: int = Field(gt=0)


class HubTestsConfig(Strict):
    gpuTypeId: str
    gpuCount: int
    env: list[Variable]
    allowedCudaVersions: list[str]


class HubTests(Strict):
    tests: list[HubTest]
    config: HubTestsConfig


ICON = re.compile(r"https://raw\.githubusercontent\.com/[\w-]+/[\w.-]+/main/docs/icon\.png")
HUB = Hub.model_validate_json(Path(".runpod/hub.json").read_text())
TESTS = HubTests.model_validate_json(Path(".runpod/tests.json").read_text())


def test_every_variable_exists_and_is_named_once() -> None:
    keys = [variable.key for variable in HUB.config.env]
    assert len(set(keys)) == len(keys)
    known = {name for field in Settings.model_fields.values() for name in variables_of(field)}
    known |= OTHER_VARIABLES | set(STRIPPED_SETTINGS)
    assert set(keys) | {key for preset in HUB.config.presets for key in preset.defaults} <= known
    for variable in HUB.config.env:
        assert (variable.value is None) != (variable.input is None)


def test_the_defaults_start_a_worker() -> None:
    chosen = {v.key: str(v.input.default) for v in HUB.config.env if v.input}
    for preset in HUB.config.presets:
        assert Settings.from_environment(chosen | preset.defaults).max_concurrency == 2
    for variable in HUB.config.env:
        for option in variable.input.options if variable.input else []:
            Settings.from_environment({variable.key: option.value})


def test_what_a_preset_sets_can_be_seen_and_changed() -> None:
    inputs = {variable.key for variable in HUB.config.env if variable.input}
    names = [preset.name for preset in HUB.config.presets]
    assert len(set(names)) == len(names)
    for preset in HUB.config.presets:
        assert preset.defaults.keys() <= inputs
        # A preset must undo what another one has set.
        assert preset.defaults.keys() == HUB.config.presets[0].defaults.keys()


def test_a_preset_says_the_licence_of_its_weights() -> None:
    for preset in HUB.config.presets:
        settings = Settings.from_environment(preset.defaults)
        weights = settings.f5_ckpt_file
        repository = weights.repository if isinstance(weights, HubFile) else settings.f5_model
        assert LICENCES[repository] in preset.name
        for file in (weights, settings.f5_vocab_file, parse_hub_file(settings.f5_model)):
            assert not isinstance(file, HubFile) or file.repository == repository


def test_an_icon_is_a_file_of_this_repository() -> None:
    """scripts/address writes the repository's address into iconUrl."""
    with Image.open("docs/icon.png") as icon:
        assert (icon.format, icon.size) == ("PNG", (512, 512))
    assert ICON.fullmatch(HUB.iconUrl)


def test_the_hub_builds_the_image_that_we_test() -> None:
    """tests/container builds and boots Dockerfile.runpod."""
    assert Path(".runpod/Dockerfile").read_bytes() == Path("Dockerfile.runpod").read_bytes()
    assert not Path(".runpod/Dockerfile").is_symlink()


def test_the_files_that_the_hub_asks_for_are_there() -> None:
    for name in ("handler.py", ".runpod/Dockerfile", ".runpod/README.md", "README.md"):
        assert Path(name).is_file(), name


@pytest.mark.parametrize("test", TESTS.tests, ids=lambda test: test.name)
def test_a_test_of_the_hub_is_a_valid_request(test: HubTest) -> None:
    handler.parse(test.input)


def test_the_names_of_the_hubs_tests_differ() -> None:
    names = [test.name for test in TESTS.tests]
    assert len(set(names)) == len(names)
    for variable in TESTS.config.env:
        assert variable.value is not None


def test_hosts_with_a_newer_driver_are_allowed() -> None:
    # The environment's libraries are of CUDA 12.8. Drivers from 12.6 run them, newer ones too.
    newest_first = ["13.0", "12.9", "12.8", "12.7", "12.6"]
    assert HUB.config.allowedCudaVersions == newest_first
    assert TESTS.config.allowedCudaVersions == newest_first


def test_every_gpu_id_and_the_disk_are_there() -> None:
    assert HUB.config.gpuIds.split(",") == ["AMPERE_16", "AMPERE_24", "ADA_24"]
    assert HUB.config.containerDiskInGb >= 25


@pytest.mark.slow
@pytest.mark.parametrize("test", TESTS.tests, ids=lambda test: test.name)
def test_the_hubs_tests_pass_without_a_volume_and_a_bucket(
    test: HubTest, tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    handler.parse(test.input)
    environment = tiny_checkpoint.environment | {"WHISPER_MODEL": "none"}
    result = run_job(tmp_path, {"input": test.input}, environment)
    assert result.returncode == 0, result.stdout
    assert "'error'" not in result.stdout
