"""Every fenced block of a page with commands is run by a test, or compared with what one runs."""

import os
import re
from pathlib import Path

import pytest

README = Path("README.md").read_text()
EXAMPLES = Path("examples")

# Which test runs the blocks of a chapter, or compares them with what a test runs; by the language
# of the blocks, "" if they name none.
RUN_BY = {
    "README.md": {
        ("Try it", "console"): "test_the_readme_says_how_to_get_the_repository",
        ("Try it", "bash"): "tests/studio/test_try.py, tests/test_demo.py",
        ("Deploy on RunPod", "console"): "tests/test_examples.py, tests/container",
        ("Call it", "console"): "tests/test_docs.py: test_the_readmes_curl_lines_work",
        ("Call it", "bash"): "tests/test_docs.py: test_the_readmes_curl_lines_work",
        ("Call it", "json"): "tests/test_docs.py: test_the_example_reply_of_the_readme_is_valid",
        ("From Python and JavaScript", "python"): "tests/test_docs.py, tests/test_sdks.py",
        ("From Python and JavaScript", "js"): "tests/test_docs.py, tests/test_sdks.py",
        ("Give it a voice", "console"): "tests/test_readme.py",
        ("Give it a voice", "bash"): "tests/test_readme.py",
        ("Burn the captions", "bash"): "tests/test_readme.py",
    },
    "docs/DEPLOY.md": {
        ("On RunPod", "console"): "test_deploy_builds_the_image_as_the_readme_does, "
        "tests/test_examples.py: test_the_first_job_of_the_manual_for_operators",
        ("On RunPod", ""): "tests/test_docs.py: test_the_log_in_the_manual_is_as_the_worker_prints",
        ("On your own machine with F5-TTS", "console"): "tests/volume/test_start.py, "
        "tests/test_f5_job.py: test_a_job_through_the_command_line",
    },
    "docs/CAPTIONS.md": {},
    "examples/README.md": {("", "console"): "test_the_page_of_the_examples_names_each_of_them"},
}


def blocks(page: str) -> list[tuple[str, str, str]]:
    """Chapter, language and text of each fenced block; "" is the part before the first chapter."""
    found = []
    for chapter in ("\n" + Path(page).read_text()).split("\n## "):
        title = "" if chapter.startswith("\n") else chapter.partition("\n")[0]
        fenced = re.findall(r"^```(\w*)\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL)
        found += [(title, language, text) for language, text in fenced]
    return found


def commands(page: str) -> list[str]:
    """The lines of the blocks for a shell, without their prompt."""
    shell = [text for _, language, text in blocks(page) if language in {"bash", "console"}]
    return [line.removeprefix("$ ") for text in shell for line in text.splitlines()]


@pytest.mark.parametrize("page", RUN_BY)
def test_every_block_is_accounted_for(page: str) -> None:
    assert {(title, language) for title, language, _ in blocks(page)} == set(RUN_BY[page])


def test_every_script_that_the_readme_runs_is_there() -> None:
    lines = commands("README.md")
    ours = {line.split()[0] for line in lines if line.startswith(("scripts/", "examples/"))}
    assert ours == {"scripts/try", "scripts/demo", "examples/speak.sh"}
    assert all(os.access(path, os.X_OK) for path in ours)
    assert Path("Dockerfile.runpod").is_file()


def test_the_readme_says_how_to_get_the_repository() -> None:
    clone, enter = commands("README.md")[:2]
    assert re.fullmatch(r"git clone https://github\.com/[\w-]+/[\w.-]+ f5-tts-worker", clone)
    assert enter == "cd f5-tts-worker"


def test_deploy_builds_the_image_as_the_readme_does() -> None:
    docker = [line for line in commands("docs/DEPLOY.md") if line.startswith("docker ")]
    assert docker == [line for line in commands("README.md") if line.startswith("docker ")]
    assert len(docker) == 2


def test_the_page_of_the_examples_names_each_of_them() -> None:
    """tests/test_examples.py, test_clients.py and test_openai_bridge.py run them."""
    run = set()
    for line in commands("examples/README.md"):
        (path,) = re.findall(r"^(?:uv run |node )?examples/([\w.]+)", line)
        assert line.startswith(("uv run ", "node ")) or os.access(EXAMPLES / path, os.X_OK), line
        run.add(path)
    named = re.findall(r"`([\w-]+\.json)`", (EXAMPLES / "README.md").read_text())
    there = {path.name for path in EXAMPLES.iterdir() if path.is_file()}
    assert run | set(named) == there - {"README.md"}
