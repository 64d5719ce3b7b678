"""Marks at the sound of words, and the scenes between them."""

from dataclasses import replace

import pytest

from tests.timing.subtitles.test_shown import timed
from timing.scenes import PlacedMark, Scene, place_marks, scenes
from tts.text.script import read_script


def placed(text: str, duration_ms: int = 5000) -> tuple[list[PlacedMark], list[Scene]]:
    """The marks and scenes of a script whose tokens last 300 ms each, after 100 ms of silence."""
    script = read_script(text)
    words = [
        replace(word, start_ms=word.start_ms + 100, end_ms=word.end_ms + 100)
        for word in timed(text)
    ]
    marks = place_marks(script, words, duration_ms)
    return marks, scenes(script, marks, duration_ms)


def test_a_mark_is_where_the_next_word_sounds() -> None:
    marks, found = placed("One [mark:two] two, [mark:three] 👋 three. [mark:end]")
    assert marks == [
        PlacedMark("two", 400, 1), PlacedMark("three", 700, 2), PlacedMark("end", 5000, 4),
    ]  # fmt: skip
    assert found == [
        Scene("", 0, 400, "One"),
        Scene("two", 400, 700, "two,"),
        Scene("three", 700, 5000, "👋 three."),
        Scene("end", 5000, 5000, ""),
    ]


def test_the_first_scene_begins_with_the_audio() -> None:
    marks, found = placed("[mark:a] One two. [mark:b] Three.")
    assert marks[0].time_ms == 100
    assert [(scene.name, scene.start_ms) for scene in found] == [("a", 0), ("b", 700)]


@pytest.mark.parametrize("text", ["One two.", "One [mark:a] two [mark:b] three.", "[mark:a] One."])
def test_scenes_cover_the_audio(text: str) -> None:
    _, found = placed(text)
    assert found[0].start_ms == 0
    assert [scene.end_ms for scene in found] == [*(s.start_ms for s in found[1:]), 5000]
