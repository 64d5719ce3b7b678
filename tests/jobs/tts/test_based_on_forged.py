"""Records and takes that the owner of a bucket wrote: a job that is based on them stays sound."""

import io
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from jobs.results.manifest import MAX_TAKE_SAMPLES
from tests.jobs.conftest import Ask

TEXT = (
    "The harbour opens at dawn on every day. The first ferry leaves at seven in the morning. "
    "Nobody had told the captain about this before."
)
Record = dict[str, Any]
Forge = Callable[[str, Callable[[Record], None]], None]


@pytest.fixture
def forge(ask: Ask, store_folder: Path) -> Forge:
    """Write the record of a finished job under another name, changed."""
    ask("honest", text=TEXT, seed=7)

    def write(name: str, change: Callable[[Record], None]) -> None:
        record = json.loads((store_folder / "jobs/honest.json").read_text())
        change(record)
        # With Infinity and NaN, as anybody can write them.
        (store_folder / f"jobs/{name}.json").write_text(json.dumps(record))

    return write


def take_with(**fields: Any) -> Callable[[Record], None]:
    return lambda record: record["takes"][0].update(fields)


@pytest.mark.parametrize(
    "change",
    [
        take_with(length=-1),
        take_with(length=0),
        take_with(length=MAX_TAKE_SAMPLES + 1),
        take_with(length=1.5),
        take_with(start_ms=-1),
        take_with(start_ms=float("inf")),
        take_with(start_ms=float("nan")),
        take_with(start_ms=1e300),
        take_with(quieter=[0]),
        take_with(quieter=[2]),
        take_with(quieter=[0.5] * 21),
        take_with(sha256="../" * 20),
        take_with(origin=""),
        take_with(text=""),
        take_with(text="x" * 20_001),
        lambda record: record["facts"].update(speed=0),
        lambda record: record["facts"].update(speed=-1),
        lambda record: record["facts"].update(speed=float("nan")),
        lambda record: record["facts"].update(seed=-1),
        lambda record: record.update(takes=record["takes"][:1] * 1001),
        # Silence is some bytes in FLAC, and gigabytes in memory.
        lambda record: record.update(takes=[record["takes"][0] | {"length": 10**7}] * 30),
    ],
)
def test_a_record_with_a_value_out_of_bounds_is_none(
    ask: Ask, forge: Forge, change: Callable[[Record], None]
) -> None:
    forge("forged", change)
    reply = ask(text=TEXT, based_on="forged")
    assert reply["error"].startswith("not_found: no finished job 'forged'")


def test_an_impossible_pace_is_held_within_the_bounds(ask: Ask, forge: Forge) -> None:
    forge("slow", lambda record: record["facts"].update(speed=0.001))
    reply = ask(text="Only these few words are said.", based_on="slow")
    assert reply["duration"] < 30


@pytest.mark.parametrize("factors", [[0.5] * 20, [0.999] * 20])
def test_levels_that_no_speech_has_are_not_taken_over(
    ask: Ask, forge: Forge, factors: list[float]
) -> None:
    def change(record: Record) -> None:
        gone = record["takes"][1] | {"origin": "0" * 64, "quieter": factors}
        record["takes"][1:2] = [gone] * 50

    forge("quiet", change)
    reply = ask("heard", text=TEXT, based_on="quiet")
    assert reply["reused"] == [0, 2]
    samples, _ = soundfile.read(reply["audio_url"].removeprefix("file://"))
    assert np.abs(samples).max() > 0.1


@pytest.mark.parametrize(
    "options",
    [
        {"speed": 1e9},
        {"voice": ["x"], "seed": {}},
        {"voice": "../../etc/passwd"},
        {"sample_rate": 7, "output_format": "exe"},
        {"pronunciations": {"a": "b" * 100_000}},
        {"text": "Another text", "based_on": "x", "verify": True, "fix_duration": 5},
    ],
)
def test_stored_options_that_no_request_has_count_as_missing(
    ask: Ask, forge: Forge, options: Record
) -> None:
    forge("options", lambda record: record.update(options=options))
    reply = ask(text=TEXT, based_on="options")
    assert reply["reused"] == [0, 1, 2]
    assert reply["text"] == TEXT


@pytest.mark.parametrize(
    ("rate", "channels", "kind", "subtype"),
    [
        (8000, 1, "FLAC", "PCM_16"),
        (22_050, 2, "FLAC", "PCM_16"),
        (22_050, 1, "FLAC", "PCM_24"),
        (22_050, 1, "WAV", "PCM_16"),
        (22_050, 1, "OGG", "VORBIS"),
    ],
)
def test_a_file_that_is_no_take_counts_as_gone(
    ask: Ask,
    forge: Forge,
    store_folder: Path,
    rate: int,
    channels: int,
    kind: str,
    subtype: str,
) -> None:
    data = io.BytesIO()
    noise = np.zeros((5000, channels), np.int16)
    soundfile.write(data, noise, rate, format=kind, subtype=subtype)
    name = sha256(data.getvalue()).hexdigest()
    (store_folder / f"chunks/{name}.flac").write_bytes(data.getvalue())
    forge("odd", take_with(sha256=name, length=5000))
    reply = ask(text=TEXT, based_on="odd")
    assert reply["spoken"] == [0]
    assert "are gone from the store or damaged" in " ".join(reply["warnings"])


def test_a_take_that_ends_early_or_is_longer_counts_as_gone(
    ask: Ask, forge: Forge, store_folder: Path
) -> None:
    takes = json.loads((store_folder / "jobs/honest.json").read_text())["takes"]
    whole = (store_folder / f"chunks/{takes[0]['sha256']}.flac").read_bytes()
    half = whole[: len(whole) // 2]
    name = sha256(half).hexdigest()
    (store_folder / f"chunks/{name}.flac").write_bytes(half)
    forge("half", take_with(sha256=name))
    assert ask(text=TEXT, based_on="half")["spoken"] == [0]
    forge("longer", take_with(length=takes[0]["length"] - 1))
    assert ask(text=TEXT, based_on="longer")["spoken"] == [0]
    # The take of another chunk is whole, but it has another length.
    forge("other", take_with(sha256=takes[2]["sha256"]))
    assert ask(text=TEXT, based_on="other")["spoken"] == [0]
