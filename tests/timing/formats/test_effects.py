"""The spoken word of each style, looked at in ffmpeg's frames: the right one, and nothing moves."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import ass
import numpy as np
import pytest

from tests.support.frames import Mask, Picture, bounds, burn, changed, grown, inked, near
from timing.formats import FORMATS
from timing.subtitles.captions import AudioSource, Captions, SecondLanguage, caption
from timing.subtitles.cues import PRESETS
from timing.subtitles.style import POSITIONS, STYLES, SubtitleStyle, style_for
from timing.words import TimedWord, Timing
from tts.text.script import read_script

pytestmark = [pytest.mark.needs("ffmpeg"), pytest.mark.slow]
FRAMES = [(1080, 1920), (1920, 1080)]
LIT = ["active", "box_word", "pop", "underline"]
WORD_MS = 400
ONE_LINE = "We saw AV Tiger."
TEXTS = {
    "two lines": "Yes, We Took AV To LA, whom nobody saw.",
    "hebrew": "שלום לכם ABC DEF כן.",
    "chinese": "今天我们谈谈城市。",
}


def captions_of(text: str, style: SubtitleStyle, rest_ms: int = 0) -> Captions:
    """A word every 400 ms, the last `rest_ms` of them silent; one cue."""
    script = read_script(text)
    words = script.words
    timed = tuple(
        TimedWord(
            word.text, WORD_MS * i, WORD_MS * (i + 1) - rest_ms, 0.9, "sphinx", True, "x", 0,
            no_space_before=i > 0 and word.char_start == words[i - 1].char_end,
        )
        for i, word in enumerate(words)
    )  # fmt: skip
    rules = replace(PRESETS["standard"], max_chars_per_line=24, max_ms=60_000, max_cps=1000)
    captions = caption(
        script, Timing(timed, "sphinx", 0.9), job_id="job", duration_ms=WORD_MS * len(words),
        language="en", generated_at=datetime(2026, 11, 22, tzinfo=UTC), audio=AudioSource("", ""),
        rules=rules, style=style,
    )  # fmt: skip
    assert len(captions.cues) == 1
    return captions


def middles(captions: Captions) -> list[int]:
    units = [unit for line in captions.cues[0].lines for unit in line]
    return [(unit.start_ms + unit.end_ms) // 2 for unit in units]


def lit_in(picture: Picture, style: SubtitleStyle) -> Mask:
    red, green, blue = bytes.fromhex(style.highlight_colour[1:7])
    return near(picture, (red, green, blue))


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", LIT)
def test_one_word_after_the_other_is_lit_and_no_other_changes(
    name: str, text: str, frame: tuple[int, int], tmp_path: Path
) -> None:
    style = replace(style_for(name, frame, 24), font="DejaVu Sans")
    captions = captions_of(TEXTS[text], style)
    pictures = burn(captions, tmp_path, middles(captions))
    masks = [lit_in(picture, style) for picture in pictures]
    places = [bounds(mask) for mask in masks]
    for before, after in pairwise(range(len(pictures))):
        margin = round(style.outline) + 3
        allowed = grown(masks[before], margin) | grown(masks[after], margin)
        assert not (changed(pictures[before], pictures[after]) & ~allowed).any()
    # The places follow the order of reading: along the line, then down to the next one.
    order = sorted(range(len(places)), key=lambda i: reading(places, i, text == "hebrew"))
    expected = list(range(len(places)))
    if text == "hebrew":
        # A Latin stretch in a Hebrew line runs from left to right.
        expected[2:4] = [3, 2]
    assert order == expected


def reading(
    places: list[tuple[int, int, int, int]], index: int, leftwards: bool
) -> tuple[int, int]:
    top, bottom, left, _ = places[index]
    middle_row = (top + bottom) // 2
    high = max(b - a for a, b, _, _ in places)
    line = (middle_row - min((a + b) // 2 for a, b, _, _ in places) + high // 2) // high
    return line, -left if leftwards else left


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("name", LIT)
def test_the_lit_word_is_the_one_that_is_spoken(
    name: str, frame: tuple[int, int], tmp_path: Path
) -> None:
    style = style_for(name, frame)
    captions = captions_of(ONE_LINE, style)
    moments = middles(captions)
    plain = burn(replace(captions, style=replace(style, effect="none")), tmp_path, moments[:1])[0]
    columns = np.flatnonzero(inked(plain).any(axis=0))
    gaps = np.sort(np.argsort(np.diff(columns))[::-1][: len(moments) - 1])
    starts = [columns[0], *columns[gaps + 1]]
    ends = [*columns[gaps], columns[-1]]
    for index, picture in enumerate(burn(captions, tmp_path, moments)):
        _, _, left, right = bounds(lit_in(picture, style))
        slack = style.size // 5
        assert abs(left - starts[index]) < slack
        assert abs(right - ends[index]) < slack


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("text", TEXTS)
def test_revealed_words_appear_and_stay(text: str, frame: tuple[int, int], tmp_path: Path) -> None:
    style = replace(style_for("reveal", frame, 24), font="DejaVu Sans")
    captions = captions_of(TEXTS[text], style)
    pictures = burn(captions, tmp_path, middles(captions))
    for before, after in pairwise(pictures):
        white = near(before, (255, 255, 255))
        assert white.any()
        assert (near(after, (255, 255, 255)) | ~white).all()
        assert near(after, (255, 255, 255)).sum() > white.sum() + 10


@pytest.mark.parametrize("box", [False, True])
@pytest.mark.parametrize("position", POSITIONS)
def test_a_word_pops_over_its_place(position: str, box: bool, tmp_path: Path) -> None:
    style = replace(
        style_for("pop", (540, 960), 24), font="DejaVu Sans", position=position, box=box
    )
    text = TEXTS["hebrew"] if position == "top" else "The tall man saw nobody there then."
    captions = captions_of(text, style)
    starts = [unit.start_ms for line in captions.cues[0].lines for unit in line]
    pictures = burn(captions, tmp_path, [ms + step for ms in starts for step in (20, 80)])
    for one, other in zip(pictures[::2], pictures[1::2], strict=True):
        top, bottom, left, right = bounds(lit_in(one, style))
        was_top, was_bottom, was_left, was_right = bounds(lit_in(other, style))
        assert 1.1 < (right - left) / (was_right - was_left) < 1.3
        assert abs((left + right) - (was_left + was_right)) <= 6
        # The letters' middle lies below or above the middle of the line by a part of the size.
        assert abs((top + bottom) - (was_top + was_bottom)) <= 0.2 * style.size
        allowed = grown(lit_in(one, style), round(style.outline) + 3)
        assert not (changed(one, other) & ~allowed).any()


@pytest.mark.parametrize("name", [*LIT, "reveal"])
def test_the_line_never_flickers(name: str, tmp_path: Path) -> None:
    """Around every change each word is there, in the old colour or in the new one."""
    style = style_for(name, (960, 540))
    captions = captions_of(ONE_LINE, style, rest_ms=30)
    edges = [unit.start_ms for line in captions.cues[0].lines for unit in line][1:]
    moments = [
        at + step for at in edges for step in (-35, -30, -10, -1, 0, 1, 10, 39, 40, 79, 80, 81)
    ]
    first, *pictures = burn(captions, tmp_path, [200, *moments])
    least = int(inked(first).sum())
    for picture in pictures:
        assert inked(picture).sum() > 0.97 * least
        assert name == "reveal" or lit_in(picture, style).any()


@pytest.mark.parametrize("name", LIT)
def test_no_word_is_lit_in_a_pause(name: str, tmp_path: Path) -> None:
    style = style_for(name, (960, 540))
    captions = captions_of(ONE_LINE, style, rest_ms=250)
    words = [unit for line in captions.cues[0].lines for unit in line]
    pauses = [word.end_ms + 125 for word in words[:-1]]
    for picture in burn(captions, tmp_path, pauses):
        assert not lit_in(picture, style).any()
        assert inked(picture).sum() > 1000


@pytest.mark.parametrize("name", LIT)
def test_words_before_and_after_have_their_colours(name: str, tmp_path: Path) -> None:
    style = replace(
        style_for(name, (1920, 1080)), past_colour="#00FF00", upcoming_colour="#0000FF80", outline=0
    )
    captions = captions_of(ONE_LINE, style)
    for picture in burn(captions, tmp_path, middles(captions)[1:3]):
        green = bounds(near(picture, (0, 255, 0)))
        blue = bounds(near(picture, (16, 24, 160)))
        lit = bounds(lit_in(picture, style))
        assert green[3] < lit[3]
        assert lit[2] < blue[2]


def test_the_line_under_a_word_is_as_wide_as_the_word(tmp_path: Path) -> None:
    style = replace(style_for("underline", (1920, 1080), 24), font="DejaVu Sans")
    captions = captions_of("אמר: (כן) 12, של ABC לכולם.", style)
    unlined = replace(captions, style=replace(style, effect="active"))
    moments = middles(captions)
    pairs = zip(
        burn(captions, tmp_path, moments), burn(unlined, tmp_path, moments), strict=True
    )  # fmt: skip
    for lined, plain in pairs:
        _, _, left, right = bounds(lit_in(lined, style))
        _, _, plain_left, plain_right = bounds(lit_in(plain, style))
        slack = style.size // 8
        assert plain_left - slack <= left <= plain_left
        assert plain_right <= right <= plain_right + slack


def with_voices(captions: Captions, *names: str) -> Captions:
    (cue,) = captions.cues
    return replace(captions, cues=(replace(cue, voices=names),), voices=names)


@pytest.mark.parametrize("name", ["bold", "karaoke", "active", "box_word", "pop", "underline"])
def test_each_voice_has_its_colour(name: str, tmp_path: Path) -> None:
    colours = {"anna": "#0000FF", "ben": "#00FF00"}
    style = replace(style_for(name, (540, 960), 24), voice_colours=colours)
    captions = captions_of(TEXTS["two lines"], style)
    (picture,) = burn(with_voices(captions, "anna", "ben"), tmp_path, [100])
    _, bottom, _, _ = bounds(near(picture, (0, 0, 255)))
    top, _, _, _ = bounds(near(picture, (0, 255, 0)))
    assert bottom < top
    assert not near(picture, (255, 255, 255)).any()


@pytest.mark.parametrize("mark", ["- ", "anna: "])
@pytest.mark.parametrize("name", LIT)
def test_the_mark_of_a_speaker_is_never_lit(name: str, mark: str, tmp_path: Path) -> None:
    style = style_for(name, (960, 540), 24)
    captions = captions_of(ONE_LINE, style)
    (cue,) = captions.cues
    (line,) = cue.lines
    first = line[0]._replace(text=mark + line[0].text)
    marked = replace(cue, lines=((first, *line[1:]),), voices=("anna",))
    named = replace(captions, cues=(marked,), voices=("anna", "ben"))
    moments = [*middles(captions), 20, 60]
    pictures = burn(named, tmp_path, moments)
    lit = [bounds(lit_in(picture, style)) for picture in pictures]
    alone = [bounds(lit_in(picture, style)) for picture in burn(captions, tmp_path, moments)]
    for (_, _, left, right), (_, _, alone_left, alone_right) in zip(lit, alone, strict=True):
        assert abs((right - left) - (alone_right - alone_left)) <= 2
    plain = replace(named, style=replace(style, effect="none"))
    for picture, place in zip(pictures, burn(plain, tmp_path, moments), strict=True):
        assert bounds(inked(place))[2] == bounds(inked(picture))[2] < min(box[2] for box in lit)


@pytest.mark.parametrize("name", ["bold", "active"])
def test_a_single_voice_has_its_colour(name: str, tmp_path: Path) -> None:
    style = replace(style_for(name, (540, 960)), voice_colours={"anna": "#0000FF"})
    captions = replace(captions_of(ONE_LINE, style), speakers=("anna",))
    (picture,) = burn(captions, tmp_path, [100])
    assert near(picture, (0, 0, 255)).sum() > 200
    assert not near(picture, (255, 255, 255)).any()


@pytest.mark.parametrize("name", STYLES)
def test_events_name_their_speakers(name: str) -> None:
    captions = captions_of(TEXTS["two lines"], style_for(name, (540, 960), 24))
    speakers = with_voices(captions, "anna, the first", "ben")
    data = FORMATS["ass"].render(speakers).decode("utf-8-sig")
    events = ass.parse_string(data).events
    assert {event.name for event in events} == {"anna; the first; ben"}
    plain = ass.parse_string(FORMATS["ass"].render(captions).decode("utf-8-sig")).events
    assert [event.text for event in events] == [event.text for event in plain]


BEFORE, LIT_TAGS = r"\1c&HFFFFFF&", r"\1c&H00DDFF&"
SEEN, GONE = r"\1a&H00&\3a&H00&\4a&H00&", r"\1a&HFF&\3a&HFF&\4a&HFF&"
AS_WRITTEN = {
    "active": [
        rf"0: {{\2a&H00&{LIT_TAGS}\t(399,400,{BEFORE})}}Hi{{\2a&HFF&}} "
        rf"{{\2a&H00&{BEFORE}\t(399,400,{LIT_TAGS})}}you"
    ],
    "box_word": [
        r"0: {\2a&H00&\3a&H00&\t(399,400,\3a&HFF&)}Hi{\2a&HFF&\3a&HFF&} "
        r"{\2a&H00&\3a&HFF&\t(399,400,\3a&H00&)}you",
        rf"1: {{\2a&H00&{BEFORE}}}Hi{{\2a&HFF&}} {{\2a&H00&{BEFORE}}}you",
    ],
    "underline": [
        rf"0: {{\2a&H00&{BEFORE}\1a&H00&{GONE}\t(399,400,{BEFORE}{SEEN})}}Hi{{\2a&HFF&}} "
        rf"{{\2a&H00&{BEFORE}{SEEN}\t(399,400,{BEFORE}\1a&H00&{GONE})}}you",
        rf"1: {{\2a&H00&\u1{LIT_TAGS}{SEEN}\t(399,400,{GONE})}}Hi{{\2a&HFF&\u0{GONE}}} "
        rf"{{\2a&H00&\u1{GONE}\t(399,400,{LIT_TAGS}{SEEN})}}you{{{GONE}}}",
    ],
}


@pytest.mark.parametrize("name", AS_WRITTEN)
def test_what_stands_in_the_file(name: str) -> None:
    data = FORMATS["ass"].render(captions_of("Hi you", STYLES[name])).decode("utf-8-sig")
    events = ass.parse_string(data).events
    assert [f"{event.layer}: {event.text}" for event in events] == AS_WRITTEN[name]


def test_a_word_is_lit_in_vtt_by_its_class() -> None:
    captions = captions_of("Hi you", STYLES["underline"], rest_ms=200)
    assert FORMATS["vtt"].render(captions).decode().split("\n\n")[1:] == [
        "00:00:00.000 --> 00:00:00.200\n<c.active><u>Hi</u></c> <c.upcoming>you</c>",
        "00:00:00.200 --> 00:00:00.400\n<c.past>Hi</c> <c.upcoming>you</c>",
        "00:00:00.400 --> 00:00:00.600\n<c.past>Hi</c> <c.active><u>you</u></c>",
        "00:00:00.600 --> 00:00:00.800\n<c.past>Hi you</c>\n",
    ]


@pytest.mark.parametrize("over", [False, True])
@pytest.mark.parametrize("name", [*LIT, "reveal"])
def test_a_second_language_is_drawn_once_and_stays(name: str, over: bool, tmp_path: Path) -> None:
    style = replace(style_for(name, (540, 960), 24), outline=0)
    if name == "box_word":
        # A box may reach behind the other line.
        style = replace(style, highlight_colour="#FFFFFF00")
    captions = captions_of("The tall man saw.", style)
    (cue,) = captions.cues
    translated = replace(
        captions,
        cues=(replace(cue, second=("Der große Mann sah.",)),),
        second=SecondLanguage("de", over, False),
        style=replace(style, primary_colour="#FFFFFF80"),
    )
    moments = [ms + step for ms in middles(captions) for step in (-180, 0)]
    pictures = burn(translated, tmp_path, moments)
    unlit = replace(translated, style=replace(translated.style, effect="none"))
    (plain,) = burn(unlit, tmp_path, [9])
    rows = np.flatnonzero(inked(plain).any(axis=1))
    gap = np.argmax(np.diff(rows))
    edge = (rows[gap] + rows[gap + 1]) // 2
    own = slice(0, edge + 1) if over else slice(edge + 1, None)
    for picture in pictures:
        assert (picture[own] == plain[own]).all()
