"""The font in an ASS file: what others read of it, and what a player without fonts draws."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any

import ass as ass_package
import numpy as np
import numpy.typing as npt
import pysubs2
import pytest
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from errors import never_cancelled
from jobs.results.fonts import complete
from jobs.schema.subtitles import Subtitles
from tests.support.fonts import build, save
from timing.formats import ass
from timing.subtitles import fonts
from timing.subtitles.captions import AudioSource, Captions, caption
from timing.subtitles.fonts import Font
from timing.subtitles.style import width_em
from timing.words import TimedWord, Timing
from tts.text.script import read_script

pytestmark = pytest.mark.slow

Picture = npt.NDArray[np.int32]
TEXT = "AVATAR To fi ffl Wave, 12% “Yes” it’s a fjord—fine. Nobody saw the old boat."
NO_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><cachedir>{folder}/cache</cachedir></fontconfig>"""


def captions(face: Font | None, text: str = TEXT, **fields: Any) -> Captions:
    """The text with a word every 400 ms, in a font."""
    script = read_script(text)
    words = tuple(
        TimedWord(
            word=word.text, start_ms=400 * index, end_ms=400 * index + 360, confidence=1.0,
            source="whisperx", is_heard=True, spoken=word.text, chunk=0,
        )
        for index, word in enumerate(script.words)
    )  # fmt: skip
    asked = Subtitles.model_validate(fields)
    made = caption(
        script, Timing(words, "whisperx", 1.0, ()), job_id="fonts",
        duration_ms=400 * len(words), language="en",
        generated_at=datetime(2026, 1, 1, tzinfo=UTC), audio=AudioSource("", ""),
        rules=asked.rules(), style=asked.rendering_style(face),
    )  # fmt: skip
    return complete(made, never_cancelled)


def attached(file: bytes) -> dict[str, bytes]:
    """The fonts in an ASS file, decoded as the format's description says."""
    found: dict[str, bytes] = {}
    for name, lines in pysubs2.SSAFile.from_string(file.decode("utf-8-sig")).fonts_opaque.items():
        assert all(len(line) == 80 for line in lines[:-1])
        text = "".join(lines)
        assert set(map(ord, text)) <= set(range(33, 97))
        bits = "".join(f"{ord(char) - 33:06b}" for char in text)
        found[name] = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits) - 7, 8))
    return found


@pytest.mark.parametrize("name", fonts.SHIPPED)
def test_other_readers_find_the_font(name: str) -> None:
    made = captions(fonts.shipped(name, True), preset="social")
    assert made.style.face is not None
    file = ass.render(made)
    assert attached(file) == {f"{name.replace(' ', '')}_0.ttf": made.style.face.file}
    for read in (pysubs2.SSAFile.from_string, ass_package.Document.parse_string):
        document = read(file.decode("utf-8-sig"))
        assert len(document.events) == len(made.cues)
    assert pysubs2.SSAFile.from_string(file.decode("utf-8-sig")).styles["Default"].fontname == name


@pytest.mark.parametrize("size", range(1, 6))
def test_every_length_is_kept(size: int) -> None:
    face = replace(fonts.read(build(), True, ""), file=bytes(range(250, 250 + size)))
    assert list(attached(ass.render(captions(face, "A"))).values()) == [face.file]


def test_a_font_that_is_not_embedded_is_not_in_the_file() -> None:
    file = ass.render(captions(None, font="Anton"))
    assert b"[Fonts]" not in file
    assert b"Default,Anton,76," in file


def test_an_otf_is_named_so() -> None:
    face = fonts.read(build(is_cff=True, family="思源"), True, "")
    assert list(attached(ass.render(captions(face, "A")))) == ["Font_0.otf"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the fonts of the worker, whole; the variable one as its heavy weight."""
    folder = tmp_path_factory.mktemp("installed")
    for name, (package, file) in fonts.SHIPPED.items():
        source = resources.files(package) / "files" / file
        font = TTFont(BytesIO(source.read_bytes()))
        if "fvar" not in font:
            (folder / file).write_bytes(source.read_bytes())
            continue
        cut = subset.Subsetter(subset.Options(layout_features=["*"]))  # the whole takes 12 s
        cut.populate(text=TEXT)
        cut.subset(font)
        instancer.instantiateVariableFont(font, {"wght": 800}, inplace=True)
        font["name"].setName(name, 1, 3, 1, 0x409)
        (folder / f"{name}.ttf").write_bytes(save(font))
    return folder


@pytest.fixture(scope="module")
def without_fonts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a machine that has no font at all."""
    folder = tmp_path_factory.mktemp("none")
    (folder / "fonts.conf").write_text(NO_FONTS.format(folder=folder))
    return {**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf")}


def draw(
    made: Captions,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    fontsdir: Path | None = None,
    at_s: float = 0.6,
    enter: Sequence[str] = (),
) -> Picture:
    """FFmpeg's picture of the captions, shape (height, width, 3), as signed numbers.

    enter: the command before ffmpeg's own that takes it into another file system.
    """
    (folder / "a.ass").write_bytes(ass.render(made))
    width, height = made.style.resolution
    from_folder = f":fontsdir={fontsdir}" if fontsdir else ""
    command = [
        *enter, shutil.which("ffmpeg") or "ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i",
        f"color=c=0x204060:s={width}x{height}:r=25:d=8", "-vf",
        f"format=rgb24,ass=a.ass{from_folder},select='gte(t,{at_s})'", "-frames:v", "1",
        "-f", "rawvideo", "-pix_fmt", "rgb24", "-",
    ]  # fmt: skip
    raw = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    return np.frombuffer(raw.stdout, np.uint8).reshape(height, width, 3).astype(np.int32)


def drawn(picture: Picture) -> npt.NDArray[np.bool_]:
    """A mask of the pixels that are not background, shape (height, width)."""
    found: npt.NDArray[np.bool_] = np.abs(picture - picture[0, 0]).max(axis=2) > 60
    return found


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize(
    "looks",
    [{"preset": "standard"}, {"preset": "karaoke", "resolution": "1920x1080"}],
    ids=["portrait", "landscape"],
)
@pytest.mark.parametrize("name", fonts.SHIPPED)
def test_the_same_pixels_on_a_machine_without_fonts(
    name: str,
    looks: dict[str, str],
    installed: Path,
    without_fonts: dict[str, str],
    tmp_path: Path,
) -> None:
    made = captions(fonts.shipped(name, True), **looks)
    face = made.style.face
    assert face is not None
    bare = replace(made, style=replace(made.style, face=None))
    embedded = draw(made, tmp_path, without_fonts)
    assert np.array_equal(embedded, draw(bare, tmp_path, fontsdir=installed))
    assert not drawn(draw(bare, tmp_path, without_fonts)).any()
    # The widths are those that are drawn.
    _, columns = np.nonzero(drawn(embedded))
    computed = max(width_em(text, face) for text in made.cues[0].texts) * made.style.size
    ink = columns.max() - columns.min() - 2 * made.style.outline
    assert 0.97 * computed < ink < 1.01 * computed
    # And a player that has other fonts draws the embedded one.
    assert np.array_equal(embedded, draw(made, tmp_path))


@pytest.fixture(scope="module")
def bare_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file system with ffmpeg and its libraries only: no font, and nothing that says of one."""
    ffmpeg = Path(shutil.which("ffmpeg") or "")
    root = tmp_path_factory.mktemp("root")
    listed = subprocess.run(["ldd", ffmpeg], capture_output=True, text=True, check=True).stdout
    paths = {Path(word) for word in listed.split() if word.startswith("/")}
    for path in {ffmpeg, *paths}:
        # With its name and folder, since the loader has the same folders in every root.
        (root / path.relative_to("/")).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, root / path.relative_to("/"))
    (root / "work").mkdir()
    (root / "tmp").mkdir()
    return root


@pytest.mark.needs("ffmpeg")
@pytest.mark.needs("unshare")
@pytest.mark.parametrize("name", fonts.SHIPPED)
def test_the_same_pixels_in_a_file_system_without_fonts(
    name: str, installed: Path, bare_root: Path, tmp_path: Path
) -> None:
    made = captions(fonts.shipped(name, True), preset="karaoke")
    bare = replace(made, style=replace(made.style, face=None))
    # A user other than root may change the root only in a user namespace.
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    if as_root and subprocess.run(["unshare", *as_root, "true"], check=False).returncode:
        pytest.skip("this machine allows no user namespaces")
    enter = ["unshare", *as_root, f"--root={bare_root}", "--wd=/work"]
    embedded = draw(made, bare_root / "work", enter=enter)
    assert np.array_equal(embedded, draw(bare, tmp_path, fontsdir=installed))
    assert not drawn(draw(bare, bare_root / "work", enter=enter)).any()


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize(
    ("preset", "resolution", "case"),
    [
        ("standard", "1080x1920", "keep"),
        ("standard", "1080x1080", "upper"),
        ("word", "1080x1920", "upper"),
        ("karaoke", "1920x1080", "keep"),
    ],
)
@pytest.mark.parametrize("name", fonts.SHIPPED)
def test_no_line_leaves_the_frame_or_is_broken_again(
    name: str,
    preset: str,
    resolution: str,
    case: str,
    without_fonts: dict[str, str],
    tmp_path: Path,
) -> None:
    text = "WWWWWWWWWWWWWW mmmmmmmmmmmmmmmmmmmmmmmm Donaudampfschifffahrtsgesellschaftskapitän"
    made = captions(
        fonts.shipped(name, True), text, preset=preset, resolution=resolution, case=case
    )
    style = made.style
    for cue in made.cues:
        picture = draw(made, tmp_path, without_fonts, at_s=(cue.start_ms + cue.end_ms) / 2000)
        rows, columns = np.nonzero(drawn(picture))
        slack = style.outline + 2
        assert columns.min() >= style.margins.left - slack
        assert columns.max() <= picture.shape[1] - style.margins.right + slack
        assert rows.max() - rows.min() <= len(cue.lines) * style.size + slack


@pytest.mark.needs("ffmpeg")
def test_ffmpeg_reads_and_keeps_the_file(tmp_path: Path) -> None:
    made = captions(fonts.shipped("Montserrat", True), preset="standard")
    (tmp_path / "a.ass").write_bytes(ass.render(made))
    for command in (["-i", "a.ass", "a.srt"], ["-i", "a.ass", "a.mkv"], ["-i", "a.mkv", "b.ass"]):
        subprocess.run(
            ["ffmpeg", "-loglevel", "error", *command], cwd=tmp_path, check=True, text=True
        )
    texts = ["\n".join(cue.texts) for cue in made.cues]
    assert [event.plaintext for event in pysubs2.load(str(tmp_path / "a.srt"))] == texts
    assert made.style.face is not None
    assert list(attached((tmp_path / "b.ass").read_bytes()).values()) == [made.style.face.file]
