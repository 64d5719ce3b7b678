"""Scripts without spaces and scripts that run from right to left: whole files, golden ones."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.timing.test_page import Reader
from timing.captions import AudioSource, Captions, caption
from timing.cues import PRESETS
from timing.formats import FORMATS
from timing.look import look
from timing.pieces import join, pieces
from timing.words import Character, Placed, TimedWord, Timing, time_words
from tts.speech import Script, Token, Word

GOLDEN = Path(__file__).parent / "golden"

Row = tuple[str, str, int, int]
"""What is written, the mark that the voice hears after it, start and end in ms."""

# Words without a space between them, each up to the mark that ends its clause.
CHINESE: list[Row] = [
    ("今天天气很好，", ",", 120, 1460),
    ("我们一起去公园散步吧。", ".", 1700, 3900),
    ("「明天呢？」", "?", 4400, 5100),
    ("他用iPhone问我，", ",", 5160, 6700),
    ("我没有回答。", ".", 6950, 8100),
]


def script_of(rows: Sequence[Row], space: str = " ") -> Script:
    text, words, tokens = "", [], []
    for index, (written, pause, _, _) in enumerate(rows):
        text += space if text else ""
        words.append(Word(written, len(text), len(text) + len(written)))
        spoken = "".join(filter(str.isalnum, written))
        tokens.append(Token(index, len(text), len(text) + len(written), spoken, pause))
        text += written
    return Script(text, tuple(words), tuple(tokens))


def timed(script: Script, rows: Sequence[Row]) -> tuple[TimedWord, ...]:
    placed = [Placed(start_ms, end_ms, 0.9, "whisperx") for _, _, start_ms, end_ms in rows]
    last_ms = rows[-1][3]
    return time_words(script, [0] * len(rows), placed, last_ms + 400, last_ms)


def captions_of(rows: Sequence[Row], preset: str, language: str, space: str = " ") -> Captions:
    script = script_of(rows, space)
    frame = (1920, 1080) if preset == "standard" else (1080, 1920)
    return caption(
        job_id="golden-2",
        script=script,
        timing=Timing(timed(script, rows), "whisperx", 0.9),
        duration_ms=rows[-1][3] + 400,
        language=language,
        generated_at=datetime(2026, 11, 22, 13, 0, 5, tzinfo=UTC),
        audio=AudioSource("", "golden-2.wav"),
        rules=PRESETS[preset],
        look=look("karaoke" if preset == "karaoke" else "bold", frame),
    )


def check_golden(captions: Captions, file: str) -> None:
    extension = file.rpartition(".")[2]
    assert FORMATS[extension].render(captions) == (GOLDEN / file).read_bytes()


@pytest.mark.parametrize("name", ["srt", "vtt", "ass"])
@pytest.mark.parametrize("preset", ["standard", "karaoke"])
def test_the_chinese_file_is_the_golden_one(preset: str, name: str) -> None:
    check_golden(captions_of(CHINESE, preset, "zh", ""), f"chinese.{preset}.{name}")


@pytest.mark.parametrize("preset", PRESETS)
def test_words_without_spaces_stay_together_in_every_file(preset: str) -> None:
    captions = captions_of(CHINESE, preset, "zh", "")
    text = "".join(row[0] for row in CHINESE)
    assert "".join("".join(cue.texts) for cue in captions.cues) == text
    assert Reader(FORMATS["html"].render(captions)).main == text
    data = json.loads(FORMATS["json"].render(captions))["timing_data"]
    assert data["full_text"] == text
    assert [segment["text"] for segment in data["segments"]] == [
        "今天天气很好，我们一起去公园散步吧。", "「明天呢？」", "他用iPhone问我，我没有回答。"
    ]  # fmt: skip
    if preset == "word":
        assert [cue.texts[0] for cue in captions.cues] == [
            "今天天气很好，", "我们一", "起去公园散步吧。", "「明天呢？」", "他用iPhone问我，",
            "我没有回答。",
        ]  # fmt: skip


def test_only_words_that_touch_are_glued() -> None:
    rows = [("你好。", ".", 0, 400), ("Hello", "", 500, 900), ("world.", ".", 900, 1200)]
    assert [word.glued for word in timed(script_of(rows), rows)] == [False, False, False]
    assert [word.glued for word in timed(script_of(rows, ""), rows)] == [False, True, True]
    assert join(pieces(timed(script_of(rows, ""), rows))) == "你好。Helloworld."


def test_characters_take_the_times_that_the_aligner_gave_them() -> None:
    letters = [("他", 0, 90), ("用", 100, 190), ("问", 700, 790), ("我", 800, 900)]
    word = TimedWord(
        "「他用iPhone问我，", 0, 1000, 0.9, "whisperx", False, "他用问我", 0,
        tuple(Character(*letter) for letter in letters),
    )  # fmt: skip
    assert [(part.text, part.start_ms, part.end_ms) for part in pieces([word])] == [
        ("「他", 0, 100),
        ("用", 100, 400),
        ("iPhone", 400, 700),
        ("问", 700, 800),
        ("我，", 800, 1000),
    ]
