"""Requests to every endpoint: most fields as clients send them, some with any JSON in it."""

import json
from typing import Any

import pytest
from hypothesis import strategies as st

import handler
from jobs.schema.fields import INCLUDED
from jobs.schema.model_fields import field_names
from tests.fuzz.conftest import Asked, Fuzz
from tests.support.malformed import JSON
from timing.formats import FORMATS

pytestmark = pytest.mark.slow

PIECES = (
    "Hello world. | Dr. Smith paid $1,250.50! | 3.5 km | 10:30 | 24.12.2024 | 1⁄2 | ½ | 50% | €5 | "
    "[pause:0.5s] | [voice:default] | [laughs] | {happy} | {a|b} | <b>bold</b> | <speak> | &amp; | "
    "<break time='1s'/> | **bold** | # Title | - item | 你好，世界。 | こんにちは | 안녕 | สวัสดี | "
    "שלום | مرحبا ٣٫٥ | Привет 21 | naïve café | I'm | ‘quoted’ | — | … | 😀 | :-) | XD | "
    "\u200b | \u202e | \0 | \ud800 | \x1b[31m | \u2028 | \n\n | \t | \xa0 | ﷺ | ǅ | ⅷ | ² | "
    "7777777 | 0x1F | a@b.co | https://a.b/c?d=e#f | C++ | AT&T | x<y | 1/0 | -40 | ± | No. 5 | "
    "e.g. | U.S.A. | 99999999999999999999999 | 1e400 | 12-13 | (555) 123-4567 | v1.2.3 | C:\\x | "
    "[rate:0.85] | [rate:+150%] | [/rate] | [lang:de] | [lang:xx] | [/lang] | </speak> | <p> | "
    "</s> | <prosody rate='slow' pitch='x'> | </prosody> | <lang xml:lang='fr'> | </lang> | "
    "<a:b c='d'> | "
    "<voice name='en-US-AvaNeural'> | </voice> | <say-as interpret-as='date' format='dmy'>1/2/03"
    "</say-as> | <say-as interpret-as='telephone'>x</say-as> | <bookmark mark='m'/> | <![CDATA["
)
"""What scripts are made of, good and bad, with bars between."""
TEXT = st.lists(
    st.sampled_from(PIECES.split(" | ")) | st.text(max_size=6), min_size=1, max_size=8
).map(" ".join)
CUE_TIMES = st.tuples(st.integers(0, 9999), st.integers(0, 9999)).map(
    lambda ms: f"00:00:{ms[0] / 1000:06.3f} --> 00:00:{ms[1] / 1000:06.3f}"
)
SUBTITLES = st.lists(st.tuples(CUE_TIMES, TEXT).map("\n".join), min_size=1, max_size=4).map(
    "\n\n".join
)
LANGUAGES = "en de fr es it pt ru zh ja ko hi ar he th pl tr sv xx en-US EN"
NAMES = st.sampled_from(
    ["default", "anna", "Anna", "a/b", "a/b/c", "a/", "..", "ann\u3164", "voices/anna.wav"]
)
IDS = st.sampled_from(["fuzz-0", "job", "a/b", "../x", "é" * 100, "x" * 300])
COLOUR = st.sampled_from(["#FFFFFF", "#ff000080", "red", "#12345"])
GOOD: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXT,
    "gen_text": TEXT,
    "ref_text": TEXT,
    "voice": NAMES,
    "voice_name": NAMES,
    "style": NAMES | st.sampled_from(["whisper", "angry.wav", "x" * 65]),
    "job_id": IDS,
    "upload_id": IDS | st.sampled_from(["0" * 32, "../a", ""]),
    "language": st.sampled_from(LANGUAGES.split()),
    "speed": st.floats(0.2, 3.5),
    "quality": st.sampled_from(["draft", "standard", "best", "Best", "high", 3]),
    "seed": st.integers(-1, 2**60) | st.just(7.0),
    "target_rms": st.floats(0, 1.1),
    "loudness": st.none() | st.floats(-40, 0),
    "fix_duration": st.floats(0.4, 5),
    "max_duration": st.floats(0.4, 8),
    "max_speed": st.floats(0.9, 2.1),
    "early": st.booleans(),
    "idempotency_key": st.sampled_from(["a", "order 7/ü", " a", "a\n", "x" * 129, ""]),
    "based_on": IDS,
    "parts": st.sampled_from(["sentence", "mark", "turn", "cue", "word"]),
    "index": st.integers(-1, 1001),
    "srt": SUBTITLES,
    "srt_url": st.sampled_from(["http://127.0.0.1/a.srt", "file:///a.srt", "http://a b/"]),
    "overflow": st.sampled_from(["shift", "trim", "error", "wrap"]),
    "output_format": st.sampled_from(
        ["wav", "mp3", "ogg", "opus", "flac", "pcm", "MP3", "aac", "m4a"]
    ),
    "sample_rate": st.sampled_from([8000, 24000, 44100, 48000, 12345]),
    "normalize": st.booleans(),
    "remove_silence": st.booleans(),
    "return_word_timings": st.just(True),
    "timing_method": st.sampled_from(["auto", "sphinx", "estimate", "whisperx", "google"]),
    "timing_format": st.lists(st.sampled_from([*FORMATS, "SRT", "txt"]), max_size=8)
    | st.just("all"),
    "include": st.lists(st.sampled_from([*INCLUDED, "Words", "audio"]), max_size=5)
    | st.sampled_from(["words", "segments,chunks", ""]),
    "pronunciations": st.dictionaries(TEXT | st.text(max_size=5), TEXT, max_size=4),
    "voice_file_url": st.sampled_from(["http://127.0.0.1/", "https://u:pw@h/", "file:///x", "//x"]),
    "audio_url": st.sampled_from(["http://169.254.169.254/", "http://[::1]:1/", "http://a b/"]),
    "action": st.sampled_from(["get", "set", "remove", "SET", "put"]),
    "words": st.dictionaries(TEXT | st.text(max_size=5), TEXT, max_size=4)
    | st.lists(TEXT | st.text(max_size=5), max_size=4),
    "consent": TEXT,
    "after": st.text(max_size=3),
    "limit": st.integers(-1, 100),
    "prefix": st.text(max_size=3) | NAMES,
    "format": st.sampled_from([*FORMATS, "wav", "txt"]),
    "metadata": st.dictionaries(TEXT | st.text(max_size=5), JSON, max_size=4),
    "subtitles": st.fixed_dictionaries(
        {},
        optional={
            "preset": st.sampled_from(["word", "standard", "social", "karaoke", "tiktok"]),
            "max_chars_per_line": st.integers(3, 201),
            "max_words": st.integers(0, 101),
            "max_lines": st.integers(0, 4),
            "min_ms": st.integers(0, 10_001),
            "max_ms": st.integers(99, 60_001),
            "case": st.sampled_from(["keep", "upper", "lower", "Title"]),
            "offset_ms": st.integers(-100_000, 100_000),
            "resolution": st.sampled_from(["1080x1920", "64x64", "1x1", "1080p"]),
            "font": st.sampled_from(["Arial", "a,b", "é", ""]),
            "primary_colour": COLOUR,
            "second": st.fixed_dictionaries(
                {"text": TEXT, "language": st.sampled_from(LANGUAGES.split())},
                optional={"position": st.sampled_from(["under", "over", "beside"])},
            ),
            "box": st.booleans(),
            "shadow": st.floats(0, 100),
        },
    ),
}


@st.composite
def _value(draw: st.DrawFn, field: str) -> Any:
    """A value of a field."""
    kind = draw(st.integers(0, 9))
    value = draw(JSON if kind == 0 else GOOD.get(field, JSON))
    return json.dumps(value) if kind == 1 else value


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """An endpoint's request. One field in ten holds any JSON, one in ten is text, as forms send it,
    and a few names are unknown."""
    name = draw(st.sampled_from(sorted(handler.ENDPOINTS)) | st.just("tts"))
    model = handler.ENDPOINTS[name].request
    known = field_names(model)
    required = [field for field in ("text", "voice_name", "job_id", "srt") if field in known]
    chosen = [*required, *draw(st.lists(st.sampled_from(known), max_size=5))] if known else []
    fields = {field: draw(_value(field)) for field in chosen}
    if draw(st.integers(0, 9)) == 0:
        fields |= draw(st.dictionaries(st.text(max_size=12), JSON, max_size=2))
    return fields | {"endpoint": name}


def test_every_request_gets_its_files_or_a_documented_error(fuzz: Fuzz, asked: Asked) -> None:
    fuzz(requests(), asked, rounds=6)
