"""Fonts that travel within an ASS file: what is read of them, and what is refused."""

from importlib import resources
from io import BytesIO

import pytest
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from tests.support.cost import measure
from tests.support.fonts import HOSTILE, build, builder, save
from timing.subtitles import fonts
from timing.subtitles.fonts import FontRejected
from timing.subtitles.style import style_for, width_em


@pytest.mark.parametrize("bold", [True, False])
@pytest.mark.parametrize("name", fonts.SHIPPED)
def test_a_font_of_the_worker(name: str, bold: bool) -> None:
    found = fonts.shipped(name, bold, "é")
    made = TTFont(BytesIO(found.file))
    assert made["name"].getDebugName(1) == found.family == name
    assert "Open Font License" in made["name"].getDebugName(13)
    assert made["name"].getDebugName(0).startswith("Copyright")
    assert fonts.BASE | {"é"} <= set(map(chr, made.getBestCmap())) == set(found.widths)
    assert "fvar" not in made
    assert len(found.file) < 40_000
    assert not found.missing("Straight “and” curly — it’s 100 %, é!")
    # Players ask for 400 or 700; an installed font must not be nearer than the embedded one.
    weight = 700 if bold and name == "Montserrat" else 400
    assert made["OS/2"].usWeightClass == weight
    assert found.is_bold is (weight == 700)
    assert fonts.shipped(name, bold, "é") is found


def test_the_widths_are_those_of_the_whole_font() -> None:
    package, file = fonts.SHIPPED["Anton"]
    whole = TTFont(resources.files(package) / "files" / file)
    height = whole["OS/2"].usWinAscent + whole["OS/2"].usWinDescent
    for char, width in fonts.shipped("Anton", True).widths.items():
        assert width == whole["hmtx"][whole.getBestCmap()[ord(char)]][0] / height
    text = "To be"
    units = sum(whole["hmtx"][whole.getBestCmap()[ord(char)]][0] for char in text)
    assert width_em(text, fonts.shipped("Anton", True)) == pytest.approx(units / height)


def test_the_weight_of_a_variable_font_follows_bold() -> None:
    heavy, regular = (fonts.shipped("Montserrat", bold).widths["i"] for bold in (True, False))
    assert heavy > 1.05 * regular
    package, file = fonts.SHIPPED["Montserrat"]
    whole = TTFont(resources.files(package) / "files" / file)
    cut = subset.Subsetter(subset.Options(name_IDs=["*"]))  # the whole font takes a minute
    cut.populate(text="i ")
    cut.subset(whole)
    limited = instancer.instantiateVariableFont(whole, {"wght": (100, 600)})
    mine = fonts.read(save(limited), True, "i")
    assert (mine.family, mine.is_bold) == ("Montserrat", True)
    assert regular < mine.widths["i"] < heavy


def test_a_font_gets_the_characters_that_are_shown() -> None:
    first = fonts.shipped("Montserrat", True)
    assert first.covering("Hello.") is first
    later = first.covering("Привет, 你")
    assert later.missing("Привет, 你 你") == ["你"]
    assert set(first.widths) < set(later.widths)
    mine = fonts.read(build("ABC "), True, "A")
    assert mine.covering("B") is mine
    assert mine.covering("CЖ").missing("AЖ") == ["Ж"]


@pytest.mark.parametrize("is_cff", [False, True])
def test_a_font_of_a_client(is_cff: bool) -> None:
    found = fonts.read(build("ABCé ", family="Mine, Two", is_cff=is_cff, weight=900), False, "é€")
    made = TTFont(BytesIO(found.file))
    assert found.family == made["name"].getDebugName(1) == "Mine Two"
    assert made["name"].getDebugName(0) == "Mine"
    assert made["OS/2"].usWeightClass == 900
    assert found.is_bold
    assert found.widths == dict.fromkeys("ABCé ", 0.5)
    assert found.cap_height == 0.7
    assert found.column_em(upper=False) == 0
    assert found.missing("A€") == ["€"]
    assert found.file.startswith(b"OTTO" if is_cff else b"\0\1\0\0")


@pytest.mark.parametrize(
    ("family", "expected"),
    [("Ünï Ćøde", "Ünï Ćøde"), ("@Turned", "Turned"), ("{\\fn}", "fn"), ("\n", "Font"),
     ("x" * 500, "x" * 100), ("思源", "思源")],
)  # fmt: skip
def test_a_name_that_can_stand_in_an_ass_file(family: str, expected: str) -> None:
    assert fonts.read(build(family=family), True, "").family == expected


@pytest.mark.parametrize("usage", [0, 4, 8, 6, 12])
def test_a_licence_that_allows_embedding(usage: int) -> None:
    assert fonts.read(build(usage=usage), True, "A").file


@pytest.mark.parametrize("usage", [2, 0x202, 0x200])
def test_a_licence_that_forbids_embedding(usage: int) -> None:
    with pytest.raises(FontRejected, match="does not allow it to be embedded"):
        fonts.read(build(usage=usage), True, "A")


def test_a_font_that_must_stay_whole() -> None:
    data = build(usage=0x100)
    found = fonts.read(data, True, "A")
    assert found.file == data
    assert found.covering("B").file == data
    with pytest.raises(FontRejected, match="its maker does not allow changes"):
        fonts.read(build(usage=0x100, family="a,b"), True, "A")


def test_a_font_without_the_tables_of_windows() -> None:
    font = builder("AB", "Mine", 400, 0, False).font
    del font["OS/2"]
    assert fonts.read(save(font), True, "A").widths["A"] == 0.5


@pytest.mark.parametrize(
    ("data", "problem"),
    [(b"wOF2" + bytes(99), "WOFF2"), (b"wOFF" + bytes(99), "WOFF file"), (b"PK\3\4", "ZIP"),
     (b"ttcf" + bytes(99), "collection"), (b"\n<!DOCTYPE html>", "web page"),
     (b"%!PS-AdobeFont", "PostScript"), (b"", "not a font"), (b"RIFF", "not a font")],
)  # fmt: skip
def test_a_file_that_is_no_ttf(data: bytes, problem: str) -> None:
    with pytest.raises(FontRejected, match=f"{problem}.*; give the link to one TTF or OTF file"):
        fonts.read(data, True, "")


def test_a_font_without_outlines() -> None:
    font = builder("AB", "Mine", 400, 0, False).font
    del font["glyf"], font["loca"]
    with pytest.raises(FontRejected, match="no outlines"):
        fonts.read(save(font), True, "A")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_font_costs_its_own_process(name: str) -> None:
    data = HOSTILE[name]()

    def read() -> None:
        with pytest.raises(FontRejected):
            fonts.read(data, True, "ABCDEFGHIJ")

    cost = measure(read)
    assert cost.grown_bytes < 150_000_000
    assert cost.held_s < 0.5


def test_a_job_that_is_cancelled_leaves_its_font() -> None:
    class Cancelled(Exception):
        pass

    def check() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        fonts.read(build(), True, "A", check)


def test_no_environment_reaches_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that would stop Python from starting is not passed on."""
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    assert fonts.read(build(), True, "A").family == "Mine"


@pytest.mark.parametrize("resolution", [(1080, 1920), (1920, 1080), (720, 1280)])
@pytest.mark.parametrize("name", fonts.SHIPPED)
def test_capitals_are_about_as_high_in_every_font(name: str, resolution: tuple[int, int]) -> None:
    face = fonts.shipped(name, True)
    arial, other = style_for("bold", resolution), style_for("bold", resolution, face=face)
    assert other.font == name
    assert other.size * face.cap_height == pytest.approx(arial.size * 0.64, rel=0.03)
