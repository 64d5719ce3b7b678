"""The workflow that builds, signs and releases, and the files that it and the release rest on."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

WORKFLOWS = sorted(Path(".github/workflows").glob("*.yml"))
FULL_COMMIT = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
BY_DIGEST = re.compile(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}")
COMMIT = re.compile(r"[0-9a-f]{40}")


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load(path.read_text())["jobs"])


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in jobs(path).values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=str)
def test_actions_and_images_are_pinned(path: Path) -> None:
    for step in steps(path):
        if "uses" in step:
            assert FULL_COMMIT.fullmatch(step["uses"]), step["uses"]
    for line in path.read_text().splitlines():
        assert "uses:" not in line or re.search(r"# v\d+\.\d+\.\d+$", line), line
    for job in jobs(path).values():
        if "container" in job:
            assert BY_DIGEST.fullmatch(job["container"]["image"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=str)
def test_only_the_jobs_that_need_more_may_do_more_than_read(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    more = {name: job["permissions"] for name, job in jobs(path).items() if "permissions" in job}
    assert more == {
        "image": {"contents": "read", "id-token": "write"},
        "release": {"contents": "write"},
    }
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
    # YAML reads the key `on` as true.
    assert workflow[True]["push"] == {"branches": ["main"], "tags": ["v*"]}
    assert "pull_request_target" not in workflow[True]


def test_what_is_pushed_is_described_and_signed_by_its_digest() -> None:
    image = jobs(Path(".github/workflows/image.yml"))["image"]
    (build,) = [step for step in image["steps"] if step.get("id") == "build"]
    assert build["with"]["sbom"] is True
    assert build["with"]["provenance"] == "mode=max"
    (sign,) = [step for step in image["steps"] if "cosign sign" in step.get("run", "")]
    assert sign["env"]["DIGEST"] == "${{ steps.build.outputs.digest }}"
    assert "$IMAGE@$DIGEST" in sign["run"]
    order = [image["steps"].index(step) for step in (build, sign)]
    assert order == sorted(order)
    release = jobs(Path(".github/workflows/image.yml"))["release"]
    assert (release["needs"], release["if"]) == ("image", "github.ref_type == 'tag'")


def test_a_release_needs_the_address_of_the_repository() -> None:
    checks = jobs(Path(".github/workflows/image.yml"))["checks"]["steps"]
    (address,) = [step for step in checks if step.get("run") == "scripts/address --check"]
    assert address["if"] == "github.ref_type == 'tag'"
    (gate,) = [step for step in checks if step.get("run") == ".ci/run"]
    assert checks.index(address) < checks.index(gate)


def test_no_text_of_an_event_stands_in_a_command() -> None:
    """A branch or a tag may be named like a command; as a variable it stays a text."""
    for path in WORKFLOWS:
        for step in steps(path):
            assert "${{" not in step.get("run", "")


def test_the_base_image_is_pinned() -> None:
    (base,) = re.findall(r"^ARG BASE=(\S+)$", Path("Dockerfile.runpod").read_text(), re.MULTILINE)
    assert BY_DIGEST.fullmatch(base)
    assert base.startswith("python:3.11-slim-bookworm@")


def test_dependabot_looks_after_the_actions() -> None:
    config = yaml.safe_load(Path(".github/dependabot.yml").read_text())
    assert [update["package-ecosystem"] for update in config["updates"]] == ["github-actions"]


def test_every_model_of_the_table_has_a_commit() -> None:
    revisions = tomllib.loads(Path("requirements/models.toml").read_text())
    for repository, revision in revisions.items():
        assert repository.count("/") == 1
        assert COMMIT.fullmatch(revision), repository


def test_the_notes_of_a_release_are_its_section() -> None:
    def notes(version: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["scripts/release-notes", version], capture_output=True, text=True, check=False
        )

    assert notes("0.0.0").returncode == 1
    versions = re.findall(r"^## \[(\d[\d.]*)\]", Path("CHANGELOG.md").read_text(), re.MULTILINE)
    for version in versions:
        section = notes(version)
        assert section.returncode == 0
        assert section.stdout.strip()
        assert "\n## " not in section.stdout
