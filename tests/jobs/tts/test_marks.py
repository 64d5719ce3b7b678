"""Marks of a script in the replies of `tts`, `timing` and `status`."""

import pytest

from tests.jobs.conftest import Ask

TEXT = "Before it. [mark:cat] Here is the cat. <mark name='dog'/> And the dog."


def test_marks_and_scenes_are_in_every_reply(ask: Ask) -> None:
    reply = ask("marked", text=TEXT, return_word_timings=True, timing_format="json")
    marks, scenes = reply["marks"], reply["scenes"]
    assert [(mark["name"], mark["word"]) for mark in marks] == [("cat", 2), ("dog", 6)]
    assert [(scene["name"], scene["text"]) for scene in scenes] == [
        ("", "Before it."), ("cat", "Here is the cat."), ("dog", "And the dog."),
    ]  # fmt: skip
    starts = [scene["start_time"] for scene in scenes]
    assert starts == [0, marks[0]["time"], marks[1]["time"]]
    assert [scene["end_time"] for scene in scenes] == [*starts[1:], reply["duration"]]
    assert ask(endpoint="status", job_id="marked")["scenes"] == scenes
    # A second alignment of the same audio may differ by the length of a window's edge.
    timing = ask(endpoint="timing", job_id="marked")
    assert [mark["time"] for mark in timing["marks"]] == pytest.approx(
        [mark["time"] for mark in marks], abs=0.1
    )


def test_marks_have_times_without_timing_files(ask: Ask) -> None:
    reply = ask("unfiled", text=TEXT)
    assert "timing_files" not in reply
    assert "timing_method" not in reply
    assert [mark["name"] for mark in reply["marks"]] == ["cat", "dog"]


def test_a_script_without_marks_has_neither(ask: Ask) -> None:
    reply = ask("unmarked", text="Nothing here.", return_word_timings=True)
    assert "marks" not in reply
    assert "scenes" not in reply
