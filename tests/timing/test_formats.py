"""Whole files, compared byte by byte with those in golden/."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from timing.captions import Captions, caption
from timing.formats import FORMATS
from timing.words import TimedWord, Timing
from tts.speech import Script, Token, Word

GOLDEN = Path(__file__).parent / "golden"

# word, spoken, pause, start_ms, end_ms, confidence, chunk; no pause where nothing is spoken
WORDS = [
    ("Dr.", "doctor", "", 46, 348, 0.951, 0),
    ("Ünal", "unal", "", 348, 708, 0.87, 0),
    ("paid", "paid", "", 708, 1022, 0.9321, 0),
    (
        "$1,250.50",
        "one thousand two hundred fifty dollars and fifty cents",
        ",",
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


def sample() -> Captions:
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
        interpolated = source == "estimate" or not spoken
        timed.append(
            TimedWord(word, start_ms, end_ms, confidence, source, interpolated, spoken, chunk)
        )
        position += len(word) + 1
    return caption(
        job_id="golden-1",
        script=Script(text, tuple(words), tuple(tokens)),
        timing=Timing(tuple(timed), "sphinx", 0.65434),
        duration_ms=3_661_500,
        language="en",
        generated_at=datetime(2026, 11, 22, 13, 0, 5, tzinfo=UTC),
    )


@pytest.mark.parametrize("name", FORMATS)
def test_the_file_is_the_golden_one(name: str) -> None:
    form = FORMATS[name]
    assert form.render(sample()) == (GOLDEN / f"words.{form.extension}").read_bytes()


def test_every_format_has_its_content_type() -> None:
    assert {name: form.content_type for name, form in FORMATS.items()} == {
        "srt": "application/x-subrip",
        "vtt": "text/vtt",
        "csv": "text/csv",
        "json": "application/json",
        "ass": "text/x-ssa",
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
