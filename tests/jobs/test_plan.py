"""`plan`: what a `tts` request would give, compared with what it then gives."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.conftest import Ask
from tests.support import handling
from tests.support.media import sweep, with_soundfile
from tts.engine import SamplingOptions, Take, Voice
from tts.preview import PreviewEngine
from tts.speech import Chunk, Samples
from worker.state import Worker

SCRIPT = (
    "Dr. Smith paid $5 for 2 cats. [pause:2s]Nobody knew what they were called, and nobody asked. "
    "[rate:0.7]They slept all day long, in the sun.[/rate]"
)
VOICE = re.compile(r"\[voice:\w+\]")
DATA = Path("tests/data")
HEADER_ROWS = 1


class MuteEngine(PreviewEngine):
    """An engine that must not be asked to speak."""

    def synthesize(
        self,
        chunks: Sequence[Chunk],
        voice: Voice,
        sampling: SamplingOptions,
        tries: Sequence[Take],
        targets: Sequence[int] | None = None,
    ) -> Iterator[tuple[int, Samples]]:
        raise AssertionError("a plan must not speak")


def files_of(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_a_plan_says_what_would_be_spoken(ask: Ask) -> None:
    text = (
        "Dr. Smith paid $5 to the FBI. A “well-known” naïve FBI 😀 — don't {2FA|two factor} **it**!"
    )
    reply = ask(endpoint="plan", text=text)
    assert reply["status"] == "success"
    assert reply["spoken"] == [
        {"word": "Dr", "spoken": "doctor"},
        {"word": "$5", "spoken": "five dollars"},
        {"word": "FBI", "spoken": "F B I"},
        {"word": "😀", "spoken": ""},
        {"word": "2FA", "spoken": "two factor"},
    ]
    assert reply["spoken_count"] == 5
    assert reply["characters"] == len(text)
    assert reply["words"] == 16
    assert reply["chunks"] == 2
    assert reply["missing_voices"] == []
    assert (reply["voice"], reply["engine"]) == ("default", "preview")
    assert "fits" not in reply
    assert "speed" not in reply


def test_a_plan_asks_no_model_and_stores_nothing(worker: Worker, store_folder: Path) -> None:
    before = files_of(store_folder)
    mute = replace(worker, engine=MuteEngine())
    job = {"id": "plan-mute", "input": {"endpoint": "plan", "text": SCRIPT, "verify": True}}
    steps: list[str] = []
    reply = handling.handle(mute, job, lambda stage, done, total: steps.append(stage))
    assert reply["status"] == "success"
    assert steps == []
    assert files_of(store_folder) == before
    again = handling.handle(mute, job, lambda stage, done, total: None)
    assert again == reply


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"speed": 0.7},
        {"speed": 1.6},
        {"fix_duration": 30},
        {"max_duration": 30},
        {"max_duration": 10.5, "max_speed": 2},
    ],
)
def test_the_speech_is_as_long_as_planned(ask: Ask, fields: dict[str, Any]) -> None:
    planned = ask(endpoint="plan", text=SCRIPT, **fields)
    spoken = ask(text=SCRIPT, **fields)
    assert planned["shortest_duration"] <= spoken["duration"] <= planned["longest_duration"]
    assert (
        planned["shortest_duration"] <= planned["estimated_duration"] <= planned["longest_duration"]
    )
    is_limited = "max_duration" in fields or "fix_duration" in fields
    assert planned.get("fits") is (True if is_limited else None)
    if "max_duration" in fields:
        assert planned["speed"] == pytest.approx(spoken["speed"], rel=0.15)
        assert planned["longest_duration"] <= fields["max_duration"]
    if "fix_duration" in fields:
        assert planned["estimated_duration"] == fields["fix_duration"]


def test_a_pause_lengthens_a_plan_by_itself(ask: Ask) -> None:
    plain, paused = (
        ask(endpoint="plan", text=f"The rain fell all night. {tag}And then it stopped at last.")
        for tag in ("", "[pause:5s]")
    )
    longer_s = paused["estimated_duration"] - plain["estimated_duration"]
    assert longer_s == pytest.approx(5, abs=0.5)


def test_a_plan_says_how_much_to_cut(ask: Ask) -> None:
    fields = {"text": SCRIPT, "max_duration": 6}
    planned, spoken = ask(endpoint="plan", **fields), ask(**fields)
    assert spoken["code"] == "synthesis_failed"
    assert planned["fits"] is False
    assert planned["speed"] == 1.25
    assert 5 <= planned["cut_words"] <= 15
    (warning,) = [warning for warning in planned["warnings"] if "tts would fail" in warning]
    assert f"cut about {planned['cut_words']} of its {planned['words']} words" in warning


def test_near_a_limit_a_plan_is_not_sure(ask: Ask) -> None:
    length_s = ask(endpoint="plan", text=SCRIPT, speed=1.25)["estimated_duration"]
    for limit_s, fits in ((length_s - 0.3, False), (length_s + 0.3, True)):
        planned = ask(endpoint="plan", text=SCRIPT, max_duration=limit_s)
        assert planned["fits"] is fits
        assert any("tts may fail" in warning for warning in planned["warnings"])


def test_an_exact_duration_that_is_too_short_does_not_fit(ask: Ask) -> None:
    planned = ask(endpoint="plan", text=SCRIPT, fix_duration=2.5)
    assert planned["fits"] is False
    assert planned["cut_words"] >= 1
    assert any("make it longer" in warning for warning in planned["warnings"])


def test_near_an_exact_duration_a_plan_is_not_sure(ask: Ask) -> None:
    shortest_s = ask(endpoint="plan", text=SCRIPT, fix_duration=2.5)["estimated_duration"]
    for limit_s, fits in ((shortest_s - 0.2, False), (shortest_s + 0.2, True)):
        planned = ask(endpoint="plan", text=SCRIPT, fix_duration=limit_s)
        assert planned["fits"] is fits
        assert any("tts may fail" in warning for warning in planned["warnings"])
    planned = ask(endpoint="plan", text=SCRIPT, fix_duration=3 * shortest_s)
    assert planned["fits"] is True
    assert not any("fail" in warning for warning in planned["warnings"])


def test_voices_that_are_not_there_are_named(ask: Ask, worker: Worker) -> None:
    worker.store.put("voices/plan-anna.wav", with_soundfile(sweep(), "WAV"), "audio/wav")
    text = "Hello. [voice:plan-ana]Who? [voice:plan-anna]Me. <voice name='Zed'>No.</voice>"
    reply = ask(endpoint="plan", text=text, voice="nobody")
    assert reply["missing_voices"] == ["nobody", "plan-ana", "Zed"]
    assert reply["voice"] == "nobody"
    failing = [warning for warning in reply["warnings"] if "tts would fail" in warning]
    assert ["nobody" in failing[0], "did you mean 'plan-anna'" in failing[1]] == [True, True]
    assert len(failing) == 2
    assert ask(text=text, voice="nobody")["code"] == "voice_not_found"


def test_of_many_missing_voices_some_are_named(ask: Ask) -> None:
    text = " ".join(f"[voice:gone{number}]Hello there." for number in range(50))
    reply = ask(endpoint="plan", text=text)
    assert len(reply["missing_voices"]) == 20
    assert any("looks for no more" in warning for warning in reply["warnings"])


def test_a_clip_behind_a_url_is_not_fetched(ask: Ask) -> None:
    reply = ask(endpoint="plan", text="Hello there.", voice="https://198.51.100.1/anna.wav")
    assert reply["missing_voices"] == []
    assert reply["voice"] == "url"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": "!!"}, "text_rejected"),
        ({"text": "Hi [pause:99s] there."}, "text_rejected"),
        ({"text": "Hi.", "speed": 9}, "invalid_request"),
        ({"text": "Hi. [voice:ben]Hi.", "fix_duration": 4}, "invalid_request"),
        ({"text": "Hi.", "based_on": "no-such-job"}, "not_found"),
        ({"text": "Hi.", "return_word_timings": True, "timing_method": "google"},
         "timing_unavailable"),
    ],
)  # fmt: skip
def test_what_tts_refuses_at_once_plan_refuses_alike(
    ask: Ask, fields: dict[str, Any], code: str
) -> None:
    planned, spoken = ask(endpoint="plan", **fields), ask(**fields)
    assert planned["code"] == spoken["code"] == code
    assert planned["error"] == spoken["error"]


def test_a_plan_warns_as_tts_does(ask: Ask) -> None:
    fields = {"text": "Look [laughs] at ≙ this.", "nfe_step": 8, "verify": True}
    planned, spoken = ask(endpoint="plan", **fields), ask(**fields)
    assert sorted(planned["warnings"]) == sorted(spoken["warnings"])
    assert len(planned["warnings"]) > 3


def test_a_plan_takes_the_options_of_an_earlier_job(ask: Ask) -> None:
    ask("plan-base", text=SCRIPT, speed=1.5)
    slow, fast = (
        ask(endpoint="plan", text=SCRIPT, **fields) for fields in ({}, {"based_on": "plan-base"})
    )
    assert fast["estimated_duration"] < slow["estimated_duration"] - 1


def test_the_list_of_spoken_words_is_bounded(ask: Ask) -> None:
    reply = ask(endpoint="plan", text=" ".join(map(str, range(1000, 1700))))
    assert len(reply["spoken"]) == 500
    assert reply["spoken_count"] == 700


def scripts() -> list[tuple[str, str, str]]:
    """A name, a language and a text each: 36 scripts, and 70 of other rows of the tables."""
    found = []
    for path in sorted((DATA / "scripts").glob("*.md")):
        name, language = path.stem.split(".")
        found.append((name, language, path.read_text()[:250].rpartition(" ")[0]))
    for path in sorted((DATA / "spoken" / "en").glob("*.tsv")):
        rows = [line.split("\t")[0] for line in path.read_text().splitlines()[HEADER_ROWS:]]
        for first in range(0, min(len(rows), 9), 3):
            found.append((f"{path.stem}-{first}", "en", " ".join(rows[first : first + 3])))
    return found


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nine_lengths_in_ten_lie_in_the_range(ask: Ask) -> None:
    missed, count = [], 0
    for name, language, text in scripts():
        fields = {"text": VOICE.sub("", text), "language": language}
        planned, spoken = ask(endpoint="plan", **fields), ask(**fields)
        if "error" in spoken:
            assert planned["error"] == spoken["error"]
            continue
        count += 1
        least, most = planned["shortest_duration"], planned["longest_duration"]
        if not least <= spoken["duration"] <= most:
            missed.append((name, spoken["duration"], least, most))
    assert count >= 100
    assert len(missed) <= 0.1 * count, missed
