"""The documents are true: every example is valid, every field, code and variable is described."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

import errors
import handler
from jobs import (
    delete_job,
    delete_voice,
    download,
    dub,
    health,
    lexicon,
    list_jobs,
    list_voices,
    plan,
    timing,
    tts,
    upload,
)
from jobs.schema.model import Model
from jobs.schema.model_fields import field_names
from jobs.schema.subtitles import MarginsInPixels, SecondLanguage, Subtitles
from settings import Settings, variables_of
from tests.support.ports import free_ports
from tests.support.process import run_job
from tests.support.readme import lines_of
from timing.formats import FORMATS
from tts.audio import encode
from volume import refusal
from volume.variables import LIBRARY_SETTINGS

API = Path("API.md").read_text()
CONFIG = Path("CONFIG.md").read_text()
README = Path("README.md").read_text()
REPLIES: dict[str, type[Model]] = {
    "tts": tts.TtsReply,
    "dub": dub.DubReply,
    "plan": plan.PlanReply,
    "timing": timing.TimingReply,
    "upload": upload.UploadReply,
    "delete_voice": delete_voice.DeleteVoiceReply,
    "list_voices": list_voices.ListVoicesReply,
    "lexicon": lexicon.LexiconReply,
    "list_jobs": list_jobs.ListJobsReply,
    "delete_job": delete_job.DeleteJobReply,
    "download": download.DownloadReply,
    "health": health.HealthReply,
}
# Read by setup_network_venv.py, by the scripts, or by the SDK, and not part of Settings.
OTHER_VARIABLES = {"WORKER_EXTRA", "WORKER_USER", "PYTHON", "TEST_ALL", "RUNPOD_LOG_LEVEL"}
OTHER_VARIABLES |= {"FLASH_ATTN", "FLASH_ATTN_WHEEL", "FLASH_ATTN_SHA256", "RUNPOD_INIT_TIMEOUT"}
OTHER_VARIABLES |= {"HF_HOME", "TORCH_HOME", "NLTK_DATA", "HF_HUB_OFFLINE"}
OTHER_VARIABLES |= {"RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS"}
OTHER_VARIABLES |= {"PYTORCH_CUDA_ALLOC_CONF", "MALLOC_ARENA_MAX", "LD_LIBRARY_PATH"}
OTHER_VARIABLES |= {"RUNPOD_SKIP_GPU_CHECK", "RUNPOD_SKIP_AUTO_SYSTEM_CHECKS"}
OTHER_VARIABLES |= set(LIBRARY_SETTINGS)


@pytest.mark.parametrize("name", ["docs/DEPLOY.md", "CONTRIBUTING.md", "docs/ARCHITECTURE.md"])
def test_every_place_that_a_page_names_is_there(name: str) -> None:
    """Every path in code style exists below the root; `<...>` and `*` match any name."""
    folders = "bench|docs|jobs|scripts|storage|studio|tests|timing|tts|volume|worker"
    places = re.findall(rf"`((?:{folders})/[\w.<>*/-]*)`", Path(name).read_text())
    assert places
    for place in places:
        assert list(Path().glob(re.sub(r"<[^>]*>", "*", place).rstrip("/"))), place


def examples(document: str, kind: str) -> list[tuple[str, Any]]:
    """The JSON blocks that a comment `<!-- kind -->` or `<!-- kind: name -->` announces."""
    found = re.findall(rf"<!-- {kind}(?:: (\w+))? -->\n```json\n(.*?)```", document, re.DOTALL)
    return [(name, json.loads(block)) for name, block in found]


def section(title: str) -> str:
    return API.split(f"\n## {title}\n")[1].split("\n## ")[0]


def section_of_requests(name: str) -> str:
    """The section that describes an endpoint's request."""
    return section({"result": "status", "plan": "tts"}.get(name, name))


def codes(kind: type[errors.WorkerError]) -> set[str]:
    """The codes of an error class and of everything derived from it."""
    return {kind.code}.union(*(codes(derived) for derived in kind.__subclasses__()))


def test_every_example_request_is_valid() -> None:
    requests = examples(API, "request")
    assert {request["input"].get("endpoint", "tts") for _, request in requests} == set(
        handler.ENDPOINTS
    )
    for _, request in requests:
        handler.parse(request["input"])


def test_every_example_reply_is_valid_and_whole() -> None:
    replies = examples(API, "reply")
    assert {name for name, _ in replies} == set(REPLIES)
    for name, reply in replies:
        REPLIES[name].model_validate_json(json.dumps(reply))


def test_the_example_of_list_voices_is_one_that_its_request_can_have() -> None:
    asked = next(
        handler.parse(request["input"])[1]
        for _, request in examples(API, "request")
        if request["input"].get("endpoint") == "list_voices"
    )
    shown = dict(examples(API, "reply"))["list_voices"]
    assert isinstance(asked, list_voices.ListVoicesRequest)
    assert all(voice["name"].startswith(asked.prefix) for voice in shown["voices"])
    assert shown["count"] == len(shown["voices"])
    assert sum(not voice["built_in"] for voice in shown["voices"]) == asked.limit
    assert shown["next_after"] == shown["voices"][-1]["name"]


def test_the_example_error_is_what_the_worker_says() -> None:
    _, example = examples(API, "error")[0]
    with pytest.raises(errors.WorkerError) as raised:
        handler.parse({"text": "a", "speed": 9, "voise": "b"})
    assert raised.value.reply() == example


@pytest.mark.parametrize("name", handler.ENDPOINTS)
def test_every_request_field_is_described(name: str) -> None:
    text = section_of_requests(name)
    for field in field_names(handler.ENDPOINTS[name].request):
        assert f"`{field}`" in text or f'"{field}"' in text, f"{name}: {field}"


@pytest.mark.parametrize("name", handler.ENDPOINTS)
def test_every_request_field_has_a_description_of_its_own(name: str) -> None:
    for field, info in handler.ENDPOINTS[name].request.model_fields.items():
        assert info.description, field


def test_every_field_of_the_subtitles_is_described() -> None:
    described = section("tts").split("### Subtitles")[1]
    for field in [
        *Subtitles.model_fields,
        *MarginsInPixels.model_fields,
        *SecondLanguage.model_fields,
    ]:
        assert f"`{field}`" in described, field


@pytest.mark.parametrize("name", REPLIES)
def test_every_reply_field_is_described(name: str) -> None:
    for field in REPLIES[name].model_fields:
        assert re.search(rf"[`\"]{field}[`\"]", section(name)), f"{name}: {field}"


def test_every_metric_is_described() -> None:
    code = "".join(
        path.read_text() for top in ("jobs", "worker") for path in Path(top).rglob("*.py")
    )
    stages = set(re.findall(r"job\.stage\(\"(\w+)\"\)", code))
    assert {"queue", "synthesis", "upload"} <= stages
    described = section("tts").split("### Metrics\n")[1].split("\n### ")[0]
    for name in [*(f"{stage}_ms" for stage in stages), "other_ms", "total_ms", "real_time_factor"]:
        assert f"`{name}`" in described, name


def test_the_contents_of_the_api_name_every_chapter() -> None:
    contents = section("Contents")
    chapters = set(re.findall(r"^## (.*)$", API, re.MULTILINE)) - {"Contents"}
    assert {chapter for chapter in chapters if f"[{chapter}](#" not in contents} == set()


def test_defaults_are_what_the_table_says() -> None:
    rows = re.findall(r"^\| `(\w+)`[^|]*\|[^|]*\| `?([^|`]*?)`? \|", section("tts"), re.MULTILINE)
    table = dict(rows)
    for name, field in tts.TtsRequest.model_fields.items():
        if isinstance(field.default, bool | float | int):
            assert json.loads(table[name]) == field.default
        elif isinstance(field.default, str):
            assert table[name] == field.default


def numbers(row: str) -> set[float]:
    """The numbers in a cell of a table: `20 000`, `-1`, `2^53-1`."""
    found = re.findall(r"-?\d+(?: \d{3})*(?:\.\d+)?", row.replace("2^53-1", str(2**53 - 1)))
    return {float(number.replace(" ", "")) for number in found}


@pytest.mark.parametrize("name", [*handler.ENDPOINTS, "subtitles"])
def test_bounds_are_what_the_tables_say(name: str) -> None:
    before, _, described = section("tts").partition("### Subtitles")
    text = {"tts": before, "plan": before, "subtitles": described}.get(name)
    text = text or section_of_requests(name)
    kind = Subtitles if name == "subtitles" else handler.ENDPOINTS[name].request
    for field, info in kind.model_fields.items():
        rows = re.findall(rf"^\|[^|]*`{field}`[^|]*\|([^|]*)\|", text, re.MULTILINE)
        said = set().union(*map(numbers, rows))
        names = ("ge", "le", "min_length", "max_length")
        real = {getattr(rule, b) for rule in info.metadata for b in names if hasattr(rule, b)}
        assert real <= said or any("as for" in row for row in rows), (field, real, rows)


def test_exactly_the_codes_that_exist_are_described() -> None:
    described = set(re.findall(r"^\| `(\w+)` \|", section("Errors"), re.MULTILINE))
    assert described == codes(errors.WorkerError) | {refusal.CODE}


def test_exactly_the_variables_that_exist_are_described() -> None:
    rows = [line.split("|")[1] for line in CONFIG.splitlines() if line.startswith("| `")]
    described = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    variables = {name for field in Settings.model_fields.values() for name in variables_of(field)}
    assert described == variables | OTHER_VARIABLES


def test_the_defaults_of_the_settings_are_what_the_table_says() -> None:
    for field in Settings.model_fields.values():
        name = variables_of(field)[0]
        if isinstance(field.default, str | int):
            assert re.search(rf"^\| `{name}`.*\| `{field.default}` \|", CONFIG, re.MULTILINE), name


def test_the_exactness_is_what_was_measured() -> None:
    chapter = Path("docs/ACCURACY.md").read_text()
    results = Path("bench/RESULTS.md").read_text()
    rows = re.findall(r"^\| `(\w+)`[^|]*\| (\d+ ms) \| (\d+ ms) \|", chapter, re.MULTILINE)
    assert [name for name, _, _ in rows] == ["sphinx", "estimate"]
    for name, middle, most in rows:
        for what, said in (("median", middle), ("p95", most)):
            assert re.search(rf"^\| {name}, {what} +\| {said} ", results, re.MULTILINE), name


def test_the_example_reply_of_the_readme_is_valid() -> None:
    block = re.findall(r"```json\n(.*?)```", README, re.DOTALL)[0]
    tts.TtsReply.model_validate_json(block)


LINKING = ["README.md", "API.md", "CONFIG.md", "MIGRATING.md", "CONTRIBUTING.md"]
LINKING += ["examples/README.md", *map(str, sorted(Path("docs").glob("*.md")))]


def test_the_readme_has_the_clients_of_the_manual() -> None:
    """tests/test_sdks.py runs those of the manual."""
    for language in ("python", "js"):
        (shown,) = re.findall(rf"```{language}\n.*?```", README, re.DOTALL)
        assert shown in section("Calling the worker")


@pytest.mark.parametrize("name", LINKING)
def test_what_a_document_links_to_is_there(name: str) -> None:
    text = Path(name).read_text()
    links = re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", text)
    for link in (one or other for one, other in links):
        path, _, anchor = link.partition("#")
        if path.startswith("https:"):
            continue
        target = Path(name).parent / path if path else Path(name)
        assert target.is_file(), link
        headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE) if anchor else []
        slugs = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
        slugs += re.findall(r'<a id="([\w-]+)">', target.read_text()) if anchor else []
        assert not anchor or anchor in slugs, link


def test_every_format_is_described() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+/[^`]+)` \|", section("tts"), re.MULTILINE)
    types = {name: form.content_type for name, form in FORMATS.items()}
    types |= {name: form.content_type for name, form in encode.FORMATS.items()}
    assert dict(rows) == types


def test_the_log_in_the_manual_is_as_the_worker_prints_it(tmp_path: Path) -> None:
    chapter = (
        Path("docs/DEPLOY.md").read_text().split("**6. The log**")[1].split("**What it costs.**")[0]
    )
    printed = run_job(
        tmp_path, {"input": {"text": "Hello from my own worker."}}
    ).stderr.splitlines()
    block = chapter.split("```")[1].strip().splitlines()
    lines = [line for line in block if not line.startswith("setup:")]
    assert len(lines) > 2
    anything = {", commit …": r"(, commit [0-9a-f]+)?"}  # a copy without .git has none
    anything |= {"<time>": r"[\d-]{10} [\d:]{8},\d{3}", "4a3c…-u1": r"[\w-]+", "…": r"[\d.]+"}
    anything["f5 on cuda"] = "preview on cpu"
    for line in lines:
        pattern = re.escape(line)
        for said, meant in anything.items():
            pattern = pattern.replace(re.escape(said), meant)
        assert any(re.fullmatch(pattern, other) for other in printed), line
    refused = run_job(tmp_path, {}, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}).stderr
    assert f"`{refused.splitlines()[-1]}`" in chapter


def test_the_readmes_curl_lines_work(tmp_path: Path) -> None:
    """The server as the README starts it, on another port; each curl line as it stands."""
    (port,) = free_ports(1)
    environment = os.environ | {"TTS_ENGINE": "preview", "WORKER_HOME": str(tmp_path)}
    command = [sys.executable, "handler.py", "--rp_serve_api", "--rp_api_port", str(port)]
    server = subprocess.Popen(command, env=environment)
    try:
        wait_for(f"http://localhost:{port}/docs")
        script = lines_of("Call it")
        answers = subprocess.run(
            ["bash", "-e", "-c", script.replace("8000", str(port)).replace("}}'", "}}'; echo")],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    finally:
        server.terminate()
        server.wait(60)
    assert '"timing_files":{"srt":' in answers
    example = json.loads(re.findall(r"```json\n(.*?)```", README, re.DOTALL)[0])
    reply, _ = json.JSONDecoder().raw_decode(answers)
    assert list(reply["output"]) == list(example)
    assert list(reply["output"]["metrics"]) == list(example["metrics"])
    assert "Piper's own voice" in answers
    assert '"engine":"preview"' in answers
    assert "unknown field \\\"speeed\\\", did you mean 'speed'?" in answers


def wait_for(url: str) -> None:
    """Wait until a server answers, at most three minutes."""
    end = time.monotonic() + 180
    while time.monotonic() < end:
        try:
            httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(url)
