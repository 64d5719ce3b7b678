"""Scripts without spaces and scripts that run from right to left: whole files, golden ones."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.timing.formats.test_page import Reader
from timing.formats import FORMATS
from timing.formats.bidi import visual_order
from timing.subtitles.captions import AudioSource, Captions, caption, runs_right_to_left
from timing.subtitles.cues import PRESETS
from timing.subtitles.style import style_for
from timing.subtitles.units import cue_units, join
from timing.token_times import TimedCharacter, TimedToken, WindowAlignment
from timing.words import TimedWord, Timing, time_words
from tts.speech import Script, Token, Word

GOLDEN = Path(__file__).parents[1] / "golden"

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

HEBREW: list[Row] = [
    ("אתמול", "", 100, 500),
    ("קניתי", "", 500, 900),
    ("iPhone", "", 900, 1300),
    ("15", "", 1300, 1600),
    ("Pro", "", 1600, 1900),
    ("בחנות.", ".", 1900, 2400),
    ("The", "", 3400, 3600),
    ("price", "", 3600, 3900),
    ("was", "", 3900, 4100),
    ("fine.", ".", 4100, 4500),
    ("תודה", "", 5500, 5900),
    ("רבה", "", 5900, 6200),
    ("לכם!", "!", 6200, 6600),
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
    tokens = [TimedToken(start_ms, end_ms, 0.9) for _, _, start_ms, end_ms in rows]
    last_ms = rows[-1][3]
    aligned = [WindowAlignment("whisperx", tokens, last_ms)]
    return time_words(script, [0] * len(rows), aligned, last_ms + 400)


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
        style=style_for("karaoke" if preset == "karaoke" else "bold", frame),
    )


def check_golden(captions: Captions, file: str) -> None:
    extension = file.rpartition(".")[2]
    assert FORMATS[extension].render(captions) == (GOLDEN / file).read_bytes()


@pytest.mark.parametrize("name", ["srt", "vtt", "ass"])
@pytest.mark.parametrize("preset", ["standard", "karaoke"])
def test_the_chinese_file_is_the_golden_one(preset: str, name: str) -> None:
    check_golden(captions_of(CHINESE, preset, "zh", ""), f"chinese.{preset}.{name}")


@pytest.mark.parametrize("name", ["srt", "vtt", "ass"])
@pytest.mark.parametrize("preset", ["standard", "karaoke"])
def test_the_hebrew_and_english_file_is_the_golden_one(preset: str, name: str) -> None:
    check_golden(captions_of(HEBREW, preset, "he"), f"hebrew.{preset}.{name}")


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
            "今天天气很好，", "我们一起", "去公园散步吧。", "「明天呢？」", "他用iPhone问我，",
            "我没有回答。",
        ]  # fmt: skip


def test_only_words_that_touch_are_glued() -> None:
    rows = [("你好。", ".", 0, 400), ("Hello", "", 500, 900), ("world.", ".", 900, 1200)]
    spaced, unspaced = timed(script_of(rows), rows), timed(script_of(rows, ""), rows)
    assert [word.no_space_before for word in spaced] == [False, False, False]
    assert [word.no_space_before for word in unspaced] == [False, True, True]
    assert join(cue_units(timed(script_of(rows, ""), rows))) == "你好。Helloworld."


def test_characters_take_the_times_that_the_aligner_gave_them() -> None:
    letters = [("他", 0, 90), ("用", 100, 190), ("问", 700, 790), ("我", 800, 900)]
    word = TimedWord(
        "「他用iPhone问我，", 0, 1000, 0.9, "whisperx", True, "他用问我", 0,
        tuple(TimedCharacter(*letter) for letter in letters),
    )  # fmt: skip
    assert [(part.text, part.start_ms, part.end_ms) for part in cue_units([word])] == [
        ("「他", 0, 100),
        ("用", 100, 400),
        ("iPhone", 400, 700),
        ("问", 700, 800),
        ("我，", 800, 1000),
    ]


def shown(text: str, to_the_left: bool) -> str:
    words = [TimedWord(word, 0, 100, 0.9, "sphinx", True, "x", 0) for word in text.split()]
    return " ".join(word.unit.text for word in visual_order(cue_units(words), to_the_left))


@pytest.mark.parametrize(
    ("line", "on_the_screen"),
    [
        ("אתמול קניתי iPhone 15 Pro בחנות", "בחנות iPhone 15 Pro קניתי אתמול"),
        ("התקנתי Windows 11 במחשב", "במחשב Windows 11 התקנתי"),
        ("לקוחות של AT & T כאן", "כאן AT & T של לקוחות"),
        ("עברית & Windows - עברית", "עברית - Windows & עברית"),
        ("בשנת 15 20 קרה", "קרה 20 15 בשנת"),
        ("בשנת 15 Pro קרה", "קרה Pro 15 בשנת"),
    ],
)
def test_the_words_of_a_right_to_left_line_on_the_screen(line: str, on_the_screen: str) -> None:
    assert shown(line, True) == on_the_screen


@pytest.mark.parametrize(
    ("line", "on_the_screen"),
    [
        ("He said שלום לכם to 15 men", "He said לכם שלום to 15 men"),
        ("He said שלום - לכם 15 times", "He said 15 לכם - שלום times"),
        ("Just English & 15", "Just English & 15"),
    ],
)
def test_the_words_of_a_left_to_right_line_on_the_screen(line: str, on_the_screen: str) -> None:
    assert shown(line, False) == on_the_screen


def test_marks_stand_where_their_word_s_run_has_them() -> None:
    words = [
        TimedWord(word, 0, 100, 0.9, "sphinx", True, "x", 0)
        for word in ("שלום,", "Hello,", "world,", "עולם.")
    ]
    assert [word.embedded for word in visual_order(cue_units(words), True)] == [
        True,
        False,
        True,
        True,
    ]
    assert [word.embedded for word in visual_order(cue_units(words), False)] == [False] * 4


@pytest.mark.parametrize(
    ("line", "in_script", "to_the_left"),
    [
        ("The price was fine.", True, False),
        ("תודה רבה", False, True),
        ("iPhone Pro של אפל", True, True),
        ("iPhone Pro של אפל", False, False),
        ("קניתי iPhone אתמול", False, True),
        ("15%", True, True),
        ("15%", False, False),
    ],
)
def test_each_line_runs_its_own_way(line: str, in_script: bool, to_the_left: bool) -> None:
    assert runs_right_to_left(line, in_script) == to_the_left
