"""The font of a job's captions through the real handler: shipped, behind a URL, or named only."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pysubs2
import pytest

from jobs.schema.subtitles import Subtitles
from jobs.schema.validation import InvalidRequest, validate
from tests.jobs.conftest import Ask
from tests.support.fonts import build
from tests.support.web import ALLOW_PRIVATE, refuse_private_targets, serving
from timing.subtitles import fonts

LETTERS = "".join(map(chr, range(0x20, 0x7F)))


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A web server on loopback with some files that are fonts and some that are none."""
    folder = tmp_path_factory.mktemp("web")
    files = {
        "mine.ttf": build(LETTERS, family="Mine, of 2026", weight=800),
        "mine.otf": build(LETTERS, is_cff=True),
        "mine.woff2": b"wOF2" + bytes(1000),
        "restricted.ttf": build(usage=2),
        "half.ttf": build(LETTERS)[:700],
        "large.ttf": b"\0\1\0\0" + bytes(fonts.MAX_FONT_BYTES),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    with serving(folder, on_request=refuse_private_targets) as url:
        yield url


@pytest.fixture
def _allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOW_PRIVATE, "1")


def document(reply: dict[str, Any]) -> pysubs2.SSAFile:
    """The ASS file of a reply, read by pysubs2."""
    assert "error" not in reply, reply
    return pysubs2.load(unquote(urlsplit(reply["timing_files"]["ass"]).path))


def about_fonts(reply: dict[str, Any]) -> list[str]:
    return [sentence for sentence in reply["warnings"] if "font" in sentence]


@pytest.mark.parametrize("name", ["Montserrat", "montserrat", "Bebas Neue", "ANTON"])
def test_a_font_of_the_worker_is_embedded(ask: Ask, name: str) -> None:
    looks = {"font": name, "embed_font": True}
    reply = ask(text="Hello there, “friend”.", timing_format="ass", subtitles=looks)
    made = document(reply)
    assert made.styles["Default"].fontname == name.title()
    assert len(made.fonts_opaque) == 1
    assert about_fonts(reply) == []
    assert "font_ms" in reply["metrics"]


def test_timing_embeds_too(ask: Ask) -> None:
    ask("for-a-font", text="Hello there.")
    looks = {"font": "Anton", "embed_font": True}
    reply = ask(
        endpoint="timing", job_id="for-a-font", timing_format=["ass", "srt"], subtitles=looks
    )
    assert list(document(reply).fonts_opaque) == ["Anton_0.ttf"]


def test_characters_that_the_font_lacks_are_told(ask: Ask) -> None:
    looks = {"font": "Anton", "embed_font": True}
    reply = ask(text="Hello Привет 👋 there.", timing_format="ass", subtitles=looks)
    assert about_fonts(reply) == [
        'the font "Anton" has no П р и в е т 👋: a player takes them from another font, or draws '
        "boxes"
    ]
    text = "Hello абвгдежзиклмн."
    many = about_fonts(ask(text=text, timing_format="ass", subtitles=looks))
    assert "has no а б в г д е ж з и к and 3 more" in many[0]
    cyrillic = {"font": "Montserrat", "embed_font": True}
    assert about_fonts(ask(text=text, timing_format="ass", subtitles=cyrillic)) == []


def test_a_font_that_is_only_named_is_told(ask: Ask) -> None:
    def told(formats: str = "ass", **looks: Any) -> list[str]:
        return about_fonts(ask(text="Hello.", timing_format=formats, subtitles=looks))

    assert told() == told(font="Arial") == told("srt", font="Impact") == []
    assert told(font="Impact") == [
        'the machine that burns in the captions must have the font "Impact", or it takes another '
        "one; font_url puts a font of yours into the file, embed_font one of the worker's (Anton, "
        "Bebas Neue, Montserrat)"
    ]
    assert told(font="anton") == [
        'the machine that burns in the captions must have the font "anton", or it takes another '
        "one; embed_font puts it into the file"
    ]


@pytest.mark.parametrize(
    ("looks", "problem"),
    [
        (
            {"embed_font": True},
            "give Anton, Bebas Neue or Montserrat as font, or a font of yours as font_url",
        ),
        ({"embed_font": True, "font": "Impact"}, "Anton, Bebas Neue or Montserrat as font"),
        ({"font_url": "ftp://a/b.ttf"}, "is not the URL of a font; give https://host/path"),
        ({"font_url": "C:\\a.ttf"}, "is not the URL of a font"),
        ({"font_url": "https://a/" + "b" * 5000}, "font_url"),
        ({"font_url": "https://a/b.ttf", "font": "Anton"}, "leave font out"),
        ({"font_url": "https://a/b.ttf", "embed_font": False}, "leave embed_font out"),
    ],
)
def test_fields_that_make_no_sense_together(looks: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidRequest, match=problem):
        validate(Subtitles, looks)


@pytest.mark.usefixtures("_allowed")
@pytest.mark.parametrize(
    ("file", "family", "entry"),
    [("mine.ttf", "Mine of 2026", "Mineof2026_0.ttf"), ("mine.otf", "Mine", "Mine_0.otf")],
)
def test_a_font_of_the_client(ask: Ask, web: str, file: str, family: str, entry: str) -> None:
    looks = {"font_url": f"{web}/{file}?X-Amz-Signature=abc"}
    made = document(ask(text="Hello there.", timing_format="all", subtitles=looks))
    assert made.styles["Default"].fontname == family
    assert made.styles["Default"].bold is (file == "mine.ttf")
    assert list(made.fonts_opaque) == [entry]


@pytest.mark.usefixtures("_allowed")
@pytest.mark.parametrize(
    ("path", "code", "problem"),
    [
        ("mine.woff2", "font_rejected", "it is a WOFF2 file"),
        ("restricted.ttf", "font_rejected", "does not allow it to be embedded"),
        ("half.ttf", "font_rejected", "the font is damaged"),
        ("large.ttf", "font_rejected", "larger than 20 MB; give a smaller font"),
        ("!/bomb/30000000", "font_rejected", "larger than 20 MB"),
        ("none.ttf", "fetch_failed", "the URL answers with status 404"),
        ("!/loop/", "fetch_failed", "leads to other URLs"),
        ("!/to/http%3A%2F%2F127.0.0.1%2Fa.ttf", "fetch_refused", "public addresses only"),
    ],
)
@pytest.mark.parametrize("endpoint", ["tts", "timing"])
def test_a_bad_link_costs_no_speech(
    ask: Ask, web: str, endpoint: str, path: str, code: str, problem: str
) -> None:
    looks = {"font_url": f"{web}/{path}" + ("" if path.startswith("!") else "?token=hush")}
    asked = {"text": "Hello."} if endpoint == "tts" else {"job_id": "none-so-far"}
    if endpoint == "timing":
        ask("none-so-far", text="Hello.")
    reply = ask(f"bad-{endpoint}-{abs(hash(path))}", endpoint=endpoint, timing_format="ass",
                subtitles=looks, **asked)  # fmt: skip
    assert reply["code"] == code
    assert reply["message"].startswith("subtitles.font_url: ")
    assert problem in reply["message"]
    assert "hush" not in str(reply)
    assert "127.0.0.1" not in str(reply)


def test_a_private_address_is_refused(ask: Ask, web: str) -> None:
    reply = ask(text="Hello.", timing_format="ass", subtitles={"font_url": f"{web}/mine.ttf"})
    assert reply["code"] == "fetch_refused"


def test_no_font_is_fetched_for_files_without_fonts(ask: Ask, web: str) -> None:
    looks = {"font_url": f"{web}/mine.ttf"}
    assert "timing_files" in ask(text="Hello.", timing_format="srt", subtitles=looks)
    silent = ask(text="Hello.", timing_format="ass", subtitles=looks, return_word_timings=False)
    assert "error" not in silent


@pytest.mark.usefixtures("_allowed")
def test_the_secrets_of_a_link_are_in_no_file(
    ask: Ask, web: str, store_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    looks = {"font_url": f"{web}/mine.ttf?sig=very-hush&X-Amz-Signature=very-hush"}
    reply = ask("hushed", text="Hello.", timing_format="all", subtitles=looks)
    assert "very-hush" not in str(reply) + caplog.text
    for path in store_folder.rglob("*hushed*"):
        assert b"very-hush" not in path.read_bytes()
