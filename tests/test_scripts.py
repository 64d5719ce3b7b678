"""The scripts explain themselves, and refuse what they do not know before they begin anything."""

import subprocess
from pathlib import Path

import pytest


def call(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Without a Python the scripts cannot begin their work.
    return subprocess.run(
        [Path("scripts") / name, *arguments],
        env={"PATH": "/usr/bin:/bin", "PYTHON": "/bin/false"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["bench", "check", "frames", "lock", "openapi", "test"])
def test_a_script_explains_itself(name: str) -> None:
    for option in ("-h", "--help"):
        shown = call(name, option)
        assert (shown.returncode, shown.stderr) == (0, "")
        assert len(shown.stdout.split()) > 10
        assert "set -euo" not in shown.stdout


@pytest.mark.parametrize("name", ["bench", "check", "frames", "lock", "openapi"])
def test_a_script_refuses_an_argument_that_it_does_not_know(name: str) -> None:
    for arguments in (["foo"], ["--nonsense"]):
        refused = call(name, *arguments)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(("name", "option"), [("check", "--fix"), ("lock", "--no-upgrade")])
def test_a_script_refuses_what_stands_behind_an_option(name: str, option: str) -> None:
    assert call(name, option, "foo").returncode == 2
