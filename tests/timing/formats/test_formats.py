"""Whole files, compared byte by byte with those in golden/."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from timing.formats import FORMATS
from timing.subtitles.captions import AudioSource, Captions, caption
from timing.subtitles.cues import PRESETS
from timing.subtitles.style import STYLES, style_for
from timing.words import TimedWord, Timing
from tts.speech import Script, Token, Word

GOLDEN = Path(__file__).parents[1] / "golden"

# word, spoken, pause, start_ms, end_ms, confidence, chunk; no pause where nothing is spoken
WORDS = [
    ("Dr.", "doctor", "", 46, 348, 0.951, 0),
    ("Ünal", "unal", "", 348, 708, 0.87, 0),
    ("paid", "paid", "", 708, 1022, 0.9321, 0),
    (
        "$1,250.50",
        "one thousand two hundred fifty dollars and fifty cents",
        "",
        1022,
        3796,
        1.0,
        0,
    ),
    ('"quoted,', "quoted", "", 3950, 4017, 0.9, 0),
    ('word".', "word", ".", 4017, 4337, 0.9, 0),
    ("🎉", "", "", 4337, 4357, 0.9, 0),
    ("a<b", "a less than b", "", 5005, 5014, 0.3, 1),
    ("-->", "", "", 5014, 5034, 0.3, 1),
    (r"C:\New", "c new", "", 5034, 5995, 0.3, 1),
    (r"{x}", "x", "", 5995, 6015, 0.3, 1),
    (r"{\an8}", "a n eight", "", 6015, 6500, 0.3, 1),
    ("&amp;", "amp", "", 6500, 6999, 0.3, 1),
    ("日本語", "日本語", "!", 7000, 3_661_001, 0.3, 1),
]


def sample(
    preset: str = "word", style: str = "bold", frame: tuple[int, int] = (1080, 1920)
) -> Captions:
    text = "  " + "\n".join(row[0] for row in WORDS)
    words, tokens, timed = [], [], []
    position = 2
    for index, (word, spoken, pause, start_ms, end_ms, confidence, chunk) in enumerate(WORDS):
        words.append(Word(word, position, position + len(word)))
        said = spoken.split()
        for i, part in enumerate(said):
            last = pause if i + 1 == len(said) else ""
            tokens.append(Token(index, position, position + len(word), part, last))
        source = "estimate" if chunk else "sphinx"
        is_heard = source != "estimate" and bool(spoken)
        timed.append(TimedWord(word, start_ms, end_ms, confidence, source, is_heard, spoken, chunk))
        position += len(word) + 1
    return caption(
        job_id="golden-1",
        script=Script(text, tuple(words), tuple(tokens)),
        timing=Timing(tuple(timed), "sphinx", 0.65434),
        duration_ms=3_661_500,
        language="en",
        generated_at=datetime(2026, 11, 22, 13, 0, 5, tzinfo=UTC),
        audio=AudioSource("https://s3.example.com/golden-1.wav?a=1&b=2", "golden-1.wav"),
        rules=PRESETS[preset],
        style=style_for(style, frame),
    )


@pytest.mark.parametrize("name", ["srt", "vtt", "csv", "json", "ass"])
def test_the_file_is_the_golden_one(name: str) -> None:
    form = FORMATS[name]
    assert form.render(sample()) == (GOLDEN / f"words.{form.extension}").read_bytes()


@pytest.mark.parametrize("name", ["srt", "vtt", "ass"])
@pytest.mark.parametrize("preset", ["standard", "social", "karaoke"])
def test_the_file_of_a_preset_is_the_golden_one(preset: str, name: str) -> None:
    frame = (1920, 1080) if preset == "standard" else (1080, 1920)
    captions = sample(preset, "karaoke" if preset == "karaoke" else "bold", frame)
    golden = GOLDEN / f"{preset}.{FORMATS[name].extension}"
    assert FORMATS[name].render(captions) == golden.read_bytes()


@pytest.mark.parametrize("preset", PRESETS)
def test_the_data_files_are_the_same_for_every_preset(preset: str) -> None:
    for name in ("csv", "json"):
        assert FORMATS[name].render(sample(preset)) == (GOLDEN / f"words.{name}").read_bytes()


STYLE_LINES = {
    "bold": "Arial,76,&H00FFFFFF,&H000000FF,&H00000000,&H00000000,-1,0,0,0,100,100,0,0,1,4,0,2",
    "clean": "Arial,76,&H00FFFFFF,&H000000FF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,2,2,2",
    "box": "Arial,76,&H00FFFFFF,&H000000FF,&H4C000000,&H4C000000,-1,0,0,0,100,100,0,0,4,0,16,2",
    "karaoke": "Arial,76,&H0000DDFF,&H00FFFFFF,&H00000000,&H00000000,-1,0,0,0,100,100,0,0,1,5,0,2",
}
LIT_LINE = "Arial,76,&H00FFFFFF,&H000000FF,&H00000000,&H00000000,-1,0,0,0,100,100,0,0,1,5,0,2"


@pytest.mark.parametrize("style", STYLES)
def test_the_style_line_of_each_style(style: str) -> None:
    written = FORMATS["ass"].render(sample(style=style)).decode("utf-8-sig")
    assert f"Style: Default,{STYLE_LINES.get(style, LIT_LINE)},90,150,520,1\n" in written


@pytest.mark.parametrize(
    ("frame", "size", "margins"),
    [
        ((1080, 1920), 76, (90, 150, 520)),
        ((1920, 1080), 54, (96, 96, 60)),
        ((720, 1280), 51, (60, 100, 347)),
        ((1080, 1350), 76, (90, 150, 366)),
        ((1080, 1080), 54, (96, 96, 60)),
        ((3840, 2160), 108, (192, 192, 120)),
    ],
)
def test_a_style_fits_its_frame(
    frame: tuple[int, int], size: int, margins: tuple[int, int, int]
) -> None:
    fitted = style_for("bold", frame)
    edges = fitted.margins
    assert (fitted.size, (edges.left, edges.right, edges.vertical)) == (size, margins)


def test_a_hebrew_line_is_embedded_and_lit_from_the_right() -> None:
    words = [("שלום", 0, 400), ("ABC", 400, 800), ("DEF", 800, 1000), ("לכולם.", 1000, 1500)]
    timed = tuple(TimedWord(w, a, b, 0.9, "sphinx", True, "x", 0) for w, a, b in words)
    text = " ".join(word for word, _, _ in words)
    script = Script(text, tuple(Word(word, 0, len(text)) for word, _, _ in words), ())
    now = datetime(2026, 11, 22, tzinfo=UTC)
    timing = Timing(timed, "sphinx", 0.9)
    nowhere = AudioSource("", "")
    captions = caption(
        script, timing, job_id="job", duration_ms=1500, language="he", generated_at=now,
        audio=nowhere, rules=PRESETS["social"], style=STYLES["karaoke"],
    )  # fmt: skip
    line = "\u202bשלום ABC DEF לכולם.\u202c"
    assert FORMATS["srt"].render(captions).decode() == (
        f"1\n00:00:00,000 --> 00:00:01,500\n{line}\n"
    )
    shown = [
        rf"{{\1c&HFFFFFF&\t({at},{at + 1},\1c&H00DDFF&)}}{word}"
        for word, at in (
            ("\u202bלכולם.\u202c", 1000),
            ("ABC", 400),
            ("\u202bDEF\u202c", 800),
            ("\u202bשלום\u202c", 0),
        )
    ]
    event = FORMATS["ass"].render(captions).decode("utf-8-sig").splitlines()[-1]
    assert event.split(",,0,0,0,,")[1] == "\u200e ".join(shown)


def test_a_word_of_characters_in_a_hebrew_line_is_lit_whole() -> None:
    words = [("שלום", 0, 400), ("你好", 400, 800), ("לכולם.", 800, 1500)]
    timed = tuple(TimedWord(w, a, b, 0.9, "sphinx", True, "x", 0) for w, a, b in words)
    text = " ".join(word for word, _, _ in words)
    script = Script(text, tuple(Word(word, 0, len(text)) for word, _, _ in words), ())
    now = datetime(2026, 11, 22, tzinfo=UTC)
    timing = Timing(timed, "sphinx", 0.9)
    nowhere = AudioSource("", "")
    captions = caption(
        script, timing, job_id="job", duration_ms=1500, language="he", generated_at=now,
        audio=nowhere, rules=PRESETS["social"], style=STYLES["karaoke"],
    )  # fmt: skip
    event = FORMATS["ass"].render(captions).decode("utf-8-sig").splitlines()[-1]
    assert re.findall("\u202b([^\u202c]*)\u202c", event) == ["לכולם.", "你好", "שלום"]


def test_every_format_has_its_content_type() -> None:
    assert {name: form.content_type for name, form in FORMATS.items()} == {
        "srt": "application/x-subrip",
        "vtt": "text/vtt",
        "csv": "text/csv",
        "json": "application/json",
        "ass": "text/x-ssa",
        "html": "text/html",
        "ttml": "application/ttml+xml",
        "lrc": "text/plain; charset=utf-8",
        "elrc": "text/plain; charset=utf-8",
        "textgrid": "text/plain; charset=utf-8",
        "ctm": "text/plain; charset=utf-8",
        "whisper": "application/json",
        "elevenlabs": "application/json",
        "remotion": "application/json",
        "podcast": "application/json",
        "edl": "text/plain; charset=utf-8",
        "premiere": "text/tab-separated-values; charset=utf-16",
        "ffconcat": "text/plain; charset=utf-8",
    }


def test_clients_of_the_first_worker_find_their_fields() -> None:
    document = json.loads(FORMATS["json"].render(sample()))
    assert set(document) == {"job_id", "timing_data", "generated_at"}
    data = document["timing_data"]
    assert {"words", "full_text", "total_duration", "confidence", "language", "method"} <= set(data)
    assert {"word", "start_time", "end_time", "confidence"} <= set(data["words"][0])
    assert datetime.fromisoformat(document["generated_at"]).tzinfo is not None


def test_sentences_point_at_their_words() -> None:
    captions = sample()
    assert [(s.first_word, s.last_word) for s in captions.segments] == [(0, 6), (7, 13)]
    assert captions.segments[0].start_ms == 46
    assert captions.segments[0].end_ms == 4357
    assert captions.segments[0].text.startswith("Dr. Ünal")
    assert captions.segments[0].text.endswith("🎉")
