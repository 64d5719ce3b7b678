"""The files of RunPod's Hub: they match its documentation and our settings; its tests run here."""

from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

import handler
from settings import Settings, variables_of
from tests.support.process import run_job
from tests.support.tiny_f5 import Checkpoint
from tests.test_docs import OTHER_VARIABLES


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
    iconUrl: str | None = None
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


HUB = Hub.model_validate_json(Path(".runpod/hub.json").read_text())
TESTS = HubTests.model_validate_json(Path(".runpod/tests.json").read_text())


def test_every_variable_exists_and_is_named_once() -> None:
    keys = [variable.key for variable in HUB.config.env]
    assert len(set(keys)) == len(keys)
    known = {name for field in Settings.model_fields.values() for name in variables_of(field)}
    known |= OTHER_VARIABLES
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


def test_hosts_with_a_newer_driver_are_allowed() -> None:
    # The environment's libraries are of CUDA 12.8. Drivers from 12.6 run them, newer ones too.
    assert HUB.config.allowedCudaVersions == ["13.0", "12.9", "12.8", "12.7", "12.6"]


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
