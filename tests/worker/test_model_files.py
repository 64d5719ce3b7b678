"""worker/model_files.py against a hub on loopback: resumed, verified, complete or absent."""

import io
import json
import os
import re
import subprocess
import sys
import tomllib
import urllib.error
from collections.abc import Iterator, Mapping
from email.message import Message
from pathlib import Path

import pytest
import torch

import setup_network_venv
from settings import Settings, variables_of
from tests.support.hub import COMMIT, Hub
from tests.support.project import kill, wait_until
from worker import model_files

ROOT = Path(__file__).resolve().parents[2]
F5 = "SWivid/F5-TTS"
WEIGHTS = "F5TTS_v1_Base/model_1250000.safetensors"
VOCOS = "charactr/vocos-mel-24khz"
WHISPER = "Systran/faster-whisper-tiny"
GERMAN = "somebody/german"
OPEN = "mrfakename/OpenF5-TTS-Base"
PINNED = tomllib.loads(model_files.REVISIONS.read_text())
REPOSITORIES = {
    # More than two of huggingface_hub's blocks of 10 MB: less is not kept of a broken download.
    F5: {WEIGHTS: os.urandom(33_000_000), "F5TTS_Base/model_1200000.safetensors": b"not wanted"},
    VOCOS: {"config.yaml": b"a: 1\n", "pytorch_model.bin": os.urandom(2_000_000)},
    WHISPER: {
        "config.json": b"{}",
        "model.bin": os.urandom(2_000_000),
        "tokenizer.json": b"{}",
        "vocabulary.txt": b"a\n",
        "README.md": b"not wanted",
    },
    OPEN: {
        "model.pt": os.urandom(2_000_000),
        "config.yaml": b"{}",
        "vocab.txt": b"a\n",
        "vocab [2].txt": b"b\n",
    },
    GERMAN: {
        "config.json": b"{}",
        "vocab.json": b"{}",
        "pytorch_model.bin": os.urandom(1_500_000),
        "model.safetensors": os.urandom(1_500_000),
        "flax_model.msgpack": b"not wanted",
    },
}
F5_ALONE = {"TTS_ENGINE": "f5", "WHISPER_MODEL": "none", "ALIGNERS": "none"}
EVERYTHING = {
    "TTS_ENGINE": "f5",
    "WHISPER_MODEL": "tiny",
    "ALIGNERS": "whisperx,sphinx",
    "ALIGN_LANGUAGES": "de",
    "ALIGN_MODELS": f"de={GERMAN}",
}


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub(REPOSITORIES).running() as running:
        yield running


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder / ".complete-key.json"


def start(
    hub: Hub,
    marker: Path,
    shared_cache: Path | None = None,
    settings: Mapping[str, str] = F5_ALONE,
) -> "subprocess.Popen[str]":
    """worker.model_files in a process of its own, its waits short."""
    code = "import sys; from pathlib import Path; from worker.model_files import Sources, main\n"
    code += "sources = Sources(shared_cache=Path(sys.argv[2]), retry_after_s=(0.1, 0.1))\n"
    code += "sys.exit(main(Path(sys.argv[1]), sources))"
    drop = ("HF_", "TTS_", "F5_", "WHISPER_", "ALIGN")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(drop)}
    environment |= {"HF_ENDPOINT": hub.url, "HF_HOME": str(marker.parent / "huggingface")}
    environment |= {"HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    environment |= {"HF_HUB_DOWNLOAD_TIMEOUT": "5"}
    return subprocess.Popen(
        [sys.executable, "-c", code, marker, shared_cache or marker / "none"],
        cwd=ROOT,
        env=environment | dict(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def fetch(
    hub: Hub,
    marker: Path,
    shared_cache: Path | None = None,
    settings: Mapping[str, str] = F5_ALONE,
) -> tuple[int, str]:
    """Its exit status and what it said."""
    process = start(hub, marker, shared_cache, settings)
    said, _ = process.communicate(timeout=120)
    return process.returncode, said


def listed(marker: Path) -> dict[str, int]:
    """The marker's files without their folders, and their sizes."""
    return {Path(name).name: size for name, size in json.loads(marker.read_text()).items()}


def json_names(marker: Path) -> list[str]:
    """The marker's files, relative to its folder."""
    return list(json.loads(marker.read_text()))


EXPECTED = {
    "model_1250000.safetensors": 33_000_000,
    "config.yaml": 5,
    "pytorch_model.bin": 2_000_000,
}
REST = {
    "model.bin": 2_000_000,
    "tokenizer.json": 2,
    "vocabulary.txt": 2,
    "config.json": 2,
    "vocab.json": 2,
    "model.safetensors": 1_500_000,
}


def test_everything_that_the_settings_name_and_nothing_else(hub: Hub, marker: Path) -> None:
    status, said = fetch(hub, marker, settings=EVERYTHING)
    assert status == 0, said
    assert listed(marker) == EXPECTED | REST
    assert setup_network_venv.models_complete(marker)
    # Ten files, of which two are the same as another of their repository.
    assert len(hub.ranges) == 8
    for path in map(Path, json.loads(marker.read_text())):
        repository = path.parts[2].removeprefix("models--").replace("--", "/")
        file = "/".join(path.parts[5:])
        assert (marker.parent / path).read_bytes() == REPOSITORIES[repository][file]
        assert path.parts[4] == PINNED.get(repository, COMMIT)


def test_a_connection_that_breaks_goes_on_where_it_stopped(hub: Hub, marker: Path) -> None:
    hub.faults[WEIGHTS] = "cut"
    status, said = fetch(hub, marker)
    assert status == 0, said
    asked = [asked for file, asked in hub.ranges if file == WEIGHTS]
    assert asked[0] is None
    assert asked[1] is not None
    assert int(asked[1].removeprefix("bytes=").rstrip("-")) >= 20_000_000
    assert listed(marker) == EXPECTED


def test_a_fetcher_that_is_killed_leaves_what_the_next_goes_on_from(hub: Hub, marker: Path) -> None:
    hub.faults[WEIGHTS] = "hang"
    killed = start(hub, marker)

    def arrived() -> bool:
        blobs = marker.parent.glob("huggingface/hub/*/blobs/*.incomplete")
        return any(path.stat().st_size >= 20_000_000 for path in blobs)

    wait_until(arrived, "two thirds of the file")
    kill(killed)
    assert not marker.exists()
    hub.faults.clear()
    status, said = fetch(hub, marker)
    assert status == 0, said
    assert [asked for file, asked in hub.ranges if file == WEIGHTS][-1] == "bytes=20971520-"
    assert listed(marker) == EXPECTED


def test_a_wrong_checksum_is_never_used(hub: Hub, marker: Path) -> None:
    hub.faults[WEIGHTS] = "wrong"
    status, said = fetch(hub, marker)
    assert status == 1
    assert "model_1250000.safetensors arrived with a wrong checksum" in said
    assert f"{F5} cannot be downloaded" in said
    assert not marker.exists()
    assert not list(marker.parent.rglob("model_1250000.safetensors"))
    hub.faults.clear()
    assert fetch(hub, marker)[0] == 0
    assert listed(marker) == EXPECTED


def test_a_model_that_does_not_fit_is_said_before_it_is_fetched(
    hub: Hub, small_volume: Path
) -> None:
    folder = small_volume / "worker" / "models"
    folder.mkdir(parents=True)
    status, said = fetch(hub, folder / ".complete-key.json")
    assert status == 1
    assert f"no space left under {small_volume / 'worker'}" in said
    assert "33 MB needed" in said
    assert not hub.ranges


def test_what_is_there_is_used_when_the_hub_is_gone(hub: Hub, marker: Path) -> None:
    assert fetch(hub, marker)[0] == 0
    marker.unlink()
    hub.url = "http://127.0.0.1:9"
    status, said = fetch(hub, marker)
    assert status == 0, said
    assert "the hub does not answer, so the worker uses the copy on this disk" in said
    assert listed(marker) == EXPECTED


def test_without_the_hub_and_without_models_the_repository_is_named(hub: Hub, marker: Path) -> None:
    hub.url = "http://127.0.0.1:9"
    status, said = fetch(hub, marker)
    assert status == 1
    assert f"{F5} cannot be downloaded" in said
    assert "the next start goes on from there" in said
    assert not marker.exists()


@pytest.mark.parametrize("with_ref", [True, False])
def test_what_runpod_has_cached_is_linked_and_not_asked_for(
    hub: Hub, marker: Path, with_ref: bool
) -> None:
    shared_cache = marker.parents[1] / "huggingface-cache" / "hub"
    repository = shared_cache / f"models--{F5.replace('/', '--')}"
    weights = repository / "snapshots" / "abc123" / WEIGHTS
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"cached")
    if with_ref:
        (repository / "refs").mkdir()
        (repository / "refs" / "main").write_text("abc123")
    incomplete = shared_cache / f"models--{VOCOS.replace('/', '--')}" / "snapshots" / "abc123"
    incomplete.mkdir(parents=True)
    (incomplete / "config.yaml").write_text("a: 1\n")
    status, said = fetch(hub, marker, shared_cache)
    assert status == 0, said
    assert f"{F5}: the worker uses RunPod's cached copy" in said
    assert not [file for file, _ in hub.ranges if file == WEIGHTS]
    assert listed(marker) == EXPECTED | {"model_1250000.safetensors": 6}
    code = "from huggingface_hub import try_to_load_from_cache as load\n"
    code += f"assert open(load({F5!r}, {WEIGHTS!r})).read() == 'cached'"
    environment = os.environ | {"HF_HOME": str(marker.parent / "huggingface")}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def test_models_of_an_earlier_release_are_not_fetched_again(hub: Hub, marker: Path) -> None:
    """A volume that holds them under another revision keeps its bytes; only links are new."""
    newest = F5_ALONE | {"MODEL_REVISIONS": f"{F5}=main,{VOCOS}=main"}
    assert fetch(hub, marker, settings=newest)[0] == 0
    assert Path(json_names(marker)[0]).parts[4] == COMMIT
    hub.ranges.clear()
    status, said = fetch(hub, marker)
    assert status == 0, said
    assert hub.ranges == []
    assert Path(json_names(marker)[0]).parts[4] == PINNED[F5]
    assert listed(marker) == EXPECTED
    repository = marker.parent / "huggingface" / "hub" / f"models--{F5.replace('/', '--')}"
    assert (repository / "refs" / "main").read_text() == PINNED[F5]


def test_a_revision_that_the_hub_lacks_is_named_with_the_remedy(hub: Hub, marker: Path) -> None:
    hub.unknown.add(PINNED[F5])
    status, said = fetch(hub, marker)
    assert status == 1
    assert "the hub has no such revision of it" in said
    newest = F5_ALONE | {"MODEL_REVISIONS": f"{F5}=main"}
    assert fetch(hub, marker, settings=newest)[0] == 0


@pytest.mark.parametrize("revision", ["", "@v1", "@" + "ab" * 20])
def test_weights_are_fetched_by_their_name_on_the_hub(
    hub: Hub, marker: Path, revision: str
) -> None:
    names = {"F5_MODEL": "config.yaml", "F5_CKPT_FILE": "model.pt", "F5_VOCAB_FILE": "vocab.txt"}
    settings = F5_ALONE | {key: f"hf://{OPEN}/{file}{revision}" for key, file in names.items()}
    hub.faults["model.pt"] = "wrong"
    status, said = fetch(hub, marker, settings=settings)
    assert (status, "model.pt arrived with a wrong checksum" in said) == (1, True)
    hub.faults.clear()
    status, said = fetch(hub, marker, settings=settings)
    assert status == 0, said
    vocos = {name: EXPECTED[name] for name in ("config.yaml", "pytorch_model.bin")}
    assert listed(marker) == {"model.pt": 2_000_000, "vocab.txt": 2} | vocos
    code = "from pathlib import Path; from tts.f5 import files; from tts.hub_files import *\n"
    code += f"file = parse_hub_file({settings['F5_CKPT_FILE']!r})\n"
    code += "assert files._on_disk(file, 'F5_CKPT_FILE').stat().st_size == 2_000_000"
    environment = os.environ | {"HF_HOME": str(marker.parent / "huggingface")}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, cwd=ROOT)
    if revision:
        hub.url = "http://127.0.0.1:9"
        other = {key: value.replace(revision, "@v2") for key, value in settings.items()}
        assert fetch(hub, marker, settings=other)[0] == 1


@pytest.mark.parametrize("exact", ["F5_MODEL", "F5_CKPT_FILE", "F5_VOCAB_FILE"])
@pytest.mark.parametrize("revision", ["@v1", "@" + "ab" * 20])
def test_one_file_of_another_revision_leaves_the_others_as_they_are(
    hub: Hub, marker: Path, exact: str, revision: str
) -> None:
    """The name of a file may have what is a pattern elsewhere."""
    names = {
        "F5_MODEL": "config.yaml",
        "F5_CKPT_FILE": "model.pt",
        "F5_VOCAB_FILE": "vocab [2].txt",
    }
    files = {key: f"hf://{OPEN}/{file}" for key, file in names.items()}
    files[exact] += revision
    pinned = {"MODEL_REVISIONS": f"{OPEN}={'cd' * 20}"}
    status, said = fetch(hub, marker, settings=F5_ALONE | files | pinned)
    assert status == 0, said
    assert "vocab [2].txt" in listed(marker)
    code = "import sys; from tts.f5 import files; from tts.hub_files import parse_hub_file\n"
    code += "for one in sys.argv[1:]: print(files._cached(parse_hub_file(one), '').parts[-2])"
    environment = os.environ | {"HF_HOME": str(marker.parent / "huggingface")}
    command = [sys.executable, "-c", code, *files.values()]
    found = subprocess.run(
        command, env=environment, check=True, cwd=ROOT, capture_output=True, text=True
    )
    own = COMMIT if revision == "@v1" else "ab" * 20
    wanted = [own if key == exact else "cd" * 20 for key in files]
    assert found.stdout.split() == wanted


def test_nothing_is_wanted_for_files_of_ones_own(tmp_path: Path) -> None:
    own = {
        "F5_CKPT_FILE": "/models/own.safetensors",
        "F5_VOCODER_DIR": "/models/vocos",
        "WHISPER_MODEL": str(tmp_path),
        "ALIGNERS": "whisperx",
        "ALIGN_MODELS": f"en={tmp_path}",
    }
    settings = Settings.from_environment(own)
    assert model_files.repositories(settings) == []
    assert model_files.bundles(settings, tmp_path) == []
    preview = Settings.from_environment({"TTS_ENGINE": "preview"})
    assert model_files.repositories(preview) == []


def test_a_path_that_is_not_there_is_told_and_never_asked_for(tmp_path: Path) -> None:
    own = {name: str(tmp_path / name) for name in ("F5_CKPT_FILE", "F5_VOCAB_FILE")}
    own |= {"F5_VOCODER_DIR": str(tmp_path), "WHISPER_MODEL": str(tmp_path / "whisper")}
    own |= {"ALIGN_MODELS": f"en={tmp_path}/english,de={tmp_path}/german"}
    settings = Settings.from_environment(own)
    assert model_files.repositories(settings) == []
    assert model_files.bundles(settings, tmp_path) == []
    gone = ["F5_CKPT_FILE", "F5_VOCAB_FILE", "whisper", "english"]
    assert model_files.missing_models(settings) == [str(tmp_path / name) for name in gone]


def test_a_damaged_bundle_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    settings = Settings.from_environment({"TTS_ENGINE": "preview", "ALIGNERS": "whisperx"})
    assert model_files.repositories(settings) == []
    name = "wav2vec2_fairseq_base_ls960_asr_ls960.pth"
    file = tmp_path / "hub" / "checkpoints" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"half of it")
    sources = model_files.Sources(bundles_url="http://127.0.0.1:9/", retry_after_s=())
    with pytest.raises(model_files.ModelsMissing, match="arrived damaged"):
        model_files.bundles(settings, tmp_path, sources)
    assert not file.exists()


BUNDLE = "weights.pth"


@pytest.fixture
def bundles() -> Iterator[Hub]:
    """A plain server of files that torch saved."""
    saved = io.BytesIO()
    torch.save({"weight": torch.rand(1_000_000)}, saved)
    with Hub({"models": {BUNDLE: saved.getvalue()}}).running() as running:
        yield running


def test_a_bundle_goes_on_where_it_stopped(bundles: Hub, tmp_path: Path) -> None:
    url, path = f"{bundles.url}/models/{BUNDLE}", tmp_path / "checkpoints" / BUNDLE
    data = bundles.repositories["models"][BUNDLE]
    bundles.faults[BUNDLE] = "cut"
    with pytest.raises(OSError, match="broke off after"):
        model_files.download_bundle(url, path, tmp_path)
    assert not path.exists()
    model_files.download_bundle(url, path, tmp_path)
    assert path.read_bytes() == data
    # All but the rename was done when the fetcher was killed.
    path.rename(f"{path}.partial")
    model_files.download_bundle(url, path, tmp_path)
    assert path.read_bytes() == data
    kept = len(data) * 2 // 3
    asked = [None, f"bytes={kept - 1}-", f"bytes={len(data) - 1}-"]
    assert [wanted for _, wanted in bundles.ranges] == asked


def test_a_bundle_of_which_more_is_here_than_there_is_comes_anew(
    bundles: Hub, tmp_path: Path
) -> None:
    url, path = f"{bundles.url}/models/{BUNDLE}", tmp_path / BUNDLE
    data = bundles.repositories["models"][BUNDLE]
    path.with_name(f"{BUNDLE}.partial").write_bytes(data + b"more")
    with pytest.raises(OSError, match="416"):
        model_files.download_bundle(url, path, tmp_path)
    model_files.download_bundle(url, path, tmp_path)
    assert path.read_bytes() == data


def test_a_server_need_not_say_how_long_a_bundle_is(bundles: Hub, tmp_path: Path) -> None:
    bundles.faults[BUNDLE] = "no length"
    model_files.download_bundle(f"{bundles.url}/models/{BUNDLE}", tmp_path / BUNDLE, tmp_path)
    assert (tmp_path / BUNDLE).read_bytes() == bundles.repositories["models"][BUNDLE]


def test_a_bundle_with_other_bytes_is_never_used(bundles: Hub, tmp_path: Path) -> None:
    data = bytearray(bundles.repositories["models"][BUNDLE])
    data[len(data) // 2] ^= 1
    damaged = {"models": {BUNDLE: bytes(data)}}
    with Hub(damaged).running() as hub, pytest.raises(ValueError, match="wrong checksum"):
        model_files.download_bundle(f"{hub.url}/models/{BUNDLE}", tmp_path / BUNDLE, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_start_up_names_variables_that_exist() -> None:
    """Those of settings.py, and those that CONFIG.md lists of the start-up and the libraries."""
    names = {variables_of(field)[0] for field in Settings.model_fields.values()}
    folders = {"HF_HOME", "HF_HUB_CACHE", "TORCH_HOME"}
    assert folders < set(setup_network_venv.MODEL_SETTINGS) <= names | folders
    documented = set(re.findall(r"`([A-Z0-9_]+)`", (ROOT / "CONFIG.md").read_text()))
    assert set(setup_network_venv.STRIPPED_SETTINGS) <= documented


class GatedRepoError(OSError):
    """Named as huggingface_hub names it."""


class OfflineModeIsEnabled(ConnectionError):
    """Named as huggingface_hub names it."""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionError("HTTPSConnectionPool(...)"), "huggingface.co cannot be reached"),
        (urllib.error.URLError("refused"), "download.pytorch.org cannot be reached"),
        (
            urllib.error.HTTPError("", 403, "Forbidden", Message(), None),
            "HTTP Error 403: Forbidden",
        ),
        (OfflineModeIsEnabled("offline"), "HF_HUB_OFFLINE is set: unset it"),
        (GatedRepoError("403"), "ask for it on its page, and set HF_TOKEN"),
        (ValueError("a.bin arrived\nwith a wrong checksum"), "a.bin arrived with a wrong checksum"),
    ],
)
def test_a_download_that_fails_is_told_in_words(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    assert said in model_files.describe(error)
