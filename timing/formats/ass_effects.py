r"""What ASS shows of a cue whose spoken word stands out: one event, or several in layers.

Every event of a cue has the same words between the same tags, so that the player sets them at the
same places whatever is lit. What changes only its colour does so within one event, by `\t`.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ass.data import Color

from timing.formats import bidi
from timing.formats.ass_tags import centiseconds, changes, colour, escape, override
from timing.subtitles.captions import Captions, has_right_to_left, runs_right_to_left
from timing.subtitles.cues import DASH, Cue
from timing.subtitles.spoken import lit
from timing.subtitles.style import POSITIONS, SubtitleStyle, width_em
from timing.subtitles.units import CueUnit

DEFAULT, WORD_BOX, SECOND = "Default", "Word box", "Second"
"""The names of the styles in the file: of the letters, of the box behind a word, and of the second
language."""

POP = 1.2
"""How much larger a word is when it pops."""
POP_MS, POP_FULL_MS = 80, 40
"""It is larger for so long, and shrinks after the second time."""


GONE = r"\1a&HFF&\3a&HFF&\4a&HFF&"
"""The tags of the words of an upper layer that nobody sees, and of no box behind them."""

# libass draws neighbours that look the same as one picture, and rounds the place of each picture. A
# colour that comes would divide the picture and move letters by a part of a pixel. An invisible
# difference that is always there keeps words apart.
_APART = (r"\2a&H00&", r"\2a&HFF&")


class Event(NamedTuple):
    """A line of the file's events, all but its speaker.

    lines: with their tags.
    before: the tags before the first line.
    is_extra: whether it shows something of a cue that another event shows whole.
    """

    start_ms: int
    end_ms: int
    lines: Sequence[str]
    layer: int = 0
    style: str = DEFAULT
    before: str = ""
    is_extra: bool = False


class _Word(NamedTuple):
    """A word at its place on the screen.

    text: escaped.
    space: what stands between the word to its left and it.
    after: an invisible mark that ends the word's embedding.
    """

    unit: CueUnit
    text: str
    space: str
    after: str = ""


class _Colours(NamedTuple):
    """The tags of a word's colour before, while and after it is spoken; `plain` is its line's."""

    upcoming: str
    active: str
    past: str
    plain: str


def events(cue: Cue, captions: Captions, size: int) -> Iterator[Event]:
    """The events of a cue in a style with an effect other than `none` and `karaoke`.

    size: of the letters, pixels.
    """
    shown = _ShownCue(lit(cue), captions, size)
    match captions.style.effect:
        case "underline":
            yield from shown.underlined()
        case "box_word":
            yield from shown.boxed()
        case "pop":
            yield from shown.popped()
        case "reveal":
            yield shown.revealed()
        case _:
            yield shown.coloured()


def voices(cue: Cue, captions: Captions) -> Sequence[str]:
    """The name of each line's voice; "" if it is not known."""
    # A cue has no names where one voice speaks the whole script.
    return cue.voices or [*captions.speakers[:1], ""][:1] * len(cue.lines)


def word_colour(style: SubtitleStyle, voice: str) -> Color:
    """The colour of a voice's letters; "" is no voice."""
    return colour(style.voice_colours.get(voice, style.primary_colour))


class _ShownCue:
    """A cue with its words in the order of the screen."""

    def __init__(self, cue: Cue, captions: Captions, size: int) -> None:
        self._cue, self._style, self._size = cue, captions.style, size
        names = voices(cue, captions)
        if cue.voices:
            lines = tuple(map(mark_apart, cue.lines, cue.voices))
            cue = replace(cue, lines=lines)
        self._lines = _displayed(cue, captions)
        self._colours = [_colours(captions.style, of) for of in names]
        start_cs, end_cs = centiseconds(cue.start_ms), centiseconds(cue.end_ms)
        self._length_ms = 10 * (end_cs - start_cs)

    def coloured(self) -> Event:
        """Only the spoken word has the highlight colour."""
        return self._whole(lambda unit, of: self._turns(unit, of.upcoming, of.active, of.past))

    def revealed(self) -> Event:
        """Words appear as they are spoken."""
        hidden, visible = _hidden(self._style), _visible(self._style)
        return self._whole(
            lambda unit, of: self._turns(
                unit, of.plain + hidden, of.plain + visible, of.past + visible
            )
        )

    def underlined(self) -> Iterator[Event]:
        r"""The cue without the spoken word, and over it that word with its line.

        `\t` cannot bring the line, so it brings the letters that have one.
        """
        hidden, visible = _hidden(self._style), _visible(self._style)
        yield self._whole(
            lambda unit, of: self._turns(
                unit, of.upcoming + visible, of.upcoming + hidden, of.past + visible
            )
        )
        lined = self._dressed(
            lambda unit, of: r"\u1" + self._turns(unit, GONE, of.active + visible, GONE),
            r"\u0" + GONE,
        )
        yield Event(self._cue.start_ms, self._cue.end_ms, _closed(lined), 1, is_extra=True)

    def boxed(self) -> Iterator[Event]:
        """The boxes of all words, each visible while its word is spoken; the words over them."""
        visible = rf"\3a&H{colour(self._style.highlight_colour).a:02X}&"
        hidden = r"\3a&HFF&"
        boxes = self._dressed(lambda unit, _: self._turns(unit, hidden, visible, hidden), hidden)
        yield Event(self._cue.start_ms, self._cue.end_ms, boxes, style=WORD_BOX, is_extra=True)
        yield self._whole(lambda unit, of: self._turns(unit, of.upcoming, of.plain, of.past), 1)

    def popped(self) -> Iterator[Event]:
        """The cue without the word that pops, and over it that word alone, larger."""
        hidden, visible = _hidden(self._style), _visible(self._style)

        def dress(unit: CueUnit, of: _Colours) -> str:
            start_ms, end_ms = self._times(unit)
            states = [
                (0, of.upcoming + visible),
                (start_ms, of.active + hidden),
                (min(start_ms + POP_MS, end_ms), of.active + visible),
                (end_ms, of.past + visible),
            ]
            return changes(self._length_ms, states)

        lines = self._dressed(dress)
        yield Event(self._cue.start_ms, self._cue.end_ms, lines, before=r"{\q2}")
        for line in self._lines:
            for word in line:
                if word.unit.start_ms < word.unit.end_ms:
                    yield self._pop(word)

    def _pop(self, popped: _Word) -> Event:
        r"""A word alone, larger. The others are there, but nobody sees them.

        A larger word makes its line wider and higher. In a centred line both its ends move by the
        same, so the word stays over its place; elsewhere `\move` takes it back there.
        """
        full = rf"\fscx{100 * POP:.0f}\fscy{100 * POP:.0f}"
        grown = rf"{full}\t({POP_FULL_MS},{POP_MS},\fscx100\fscy100)"
        visible = _visible(self._style)
        lines: list[str] = []
        for words, colours in zip(self._lines, self._colours, strict=True):
            parts = [f"{{{GONE}}}"]
            for word in words:
                is_popped = word is popped
                large = f"{{{colours.active}{visible}{grown}}}" if is_popped else ""
                small = rf"{{{GONE}\fscx100\fscy100}}" if is_popped else ""
                parts += [word.space, large, word.text, small, word.after]
            lines.append("".join(parts))
        start_ms = popped.unit.start_ms
        end_ms = min(start_ms + POP_MS, popped.unit.end_ms)
        before = rf"{{\q2{self._move(popped)}}}"
        return Event(start_ms, end_ms, lines, layer=1, before=before, is_extra=True)

    def _move(self, popped: _Word) -> str:
        """The tag that puts a larger word over its place, and follows it while it shrinks."""
        style, margins = self._style, self._style.margins
        wide, high = style.resolution
        row, column = divmod(POSITIONS[style.position] - 1, 3)  # 0 is the bottom, and the left
        x = (margins.left, (margins.left + wide - margins.right) / 2, wide - margins.right)[column]
        y = (high - margins.vertical, high / 2, margins.vertical)[row]
        grown = (POP - 1) / 2
        width = width_em(popped.unit.text, style.face) * self._size
        width += style.letter_spacing * len(popped.unit.text)
        from_x = x + grown * width * (column - 1)
        from_y = y + grown * self._size * (1 - row)
        places = ",".join(f"{at:.1f}".removesuffix(".0") for at in (from_x, from_y, x, y))
        return rf"\move({places},{POP_FULL_MS},{POP_MS})"

    def _whole(self, dress: Callable[[CueUnit, _Colours], str], layer: int = 0) -> Event:
        return Event(self._cue.start_ms, self._cue.end_ms, self._dressed(dress), layer)

    def _dressed(self, dress: Callable[[CueUnit, _Colours], str], space: str = "") -> list[str]:
        """The lines, each word after its tags.

        dress: the tags of a word with the colours of its line.
        space: the tags of the spaces, which otherwise look like the word before them.
        """
        lines: list[str] = []
        for words, colours in zip(self._lines, self._colours, strict=True):
            parts: list[str] = []
            after = ""
            for word in words:
                if after or word.space:
                    parts.append(f"{{{_APART[len(parts) % 2]}{space}}}{after}{word.space}")
                tags = _APART[len(parts) % 2] + dress(word.unit, colours)
                parts.append(f"{{{tags}}}{word.text}")
                after = word.after
            if after:
                parts.append(f"{{{_APART[len(parts) % 2]}{space}}}{after}")
            lines.append("".join(parts))
        return lines

    def _turns(self, unit: CueUnit, upcoming: str, active: str, past: str) -> str:
        start_ms, end_ms = self._times(unit)
        return changes(self._length_ms, [(0, upcoming), (start_ms, active), (end_ms, past)])

    def _times(self, unit: CueUnit) -> tuple[int, int]:
        """Start and end of a unit, ms after the start of the cue in the file."""
        start_cs = centiseconds(self._cue.start_ms)
        start_ms, end_ms = (
            10 * (centiseconds(ms) - start_cs) for ms in (unit.start_ms, unit.end_ms)
        )
        return start_ms, end_ms


def mark_apart(line: Sequence[CueUnit], voice: str) -> tuple[CueUnit, ...]:
    """A line whose dash, or speaker's name, is a unit that is never lit.

    voice: the speaker's name; "" if it is not known.
    """
    first, *others = line
    for mark in (DASH, f"{voice}: "):
        if first.text.startswith(mark) and len(first.text) > len(mark):
            alone = first._replace(text=mark.rstrip(), end_ms=first.start_ms)
            word = first._replace(text=first.text[len(mark) :], no_space_before=False)
            return (alone, word, *others)
    return tuple(line)


def _displayed(cue: Cue, captions: Captions) -> list[list[_Word]]:
    """The lines of a cue, their words from left to right."""
    if not any(map(has_right_to_left, cue.texts)):
        return [
            [
                _Word(unit, escape(unit.text), "" if unit.no_space_before or not index else " ")
                for index, unit in enumerate(line)
            ]
            for line in cue.lines
        ]
    # Players order the text between two tags by itself. U+200E keeps those that order the whole
    # line from reversing it.
    lines = []
    for line, text in zip(cue.lines, cue.texts, strict=True):
        words = bidi.visual_order(line, runs_right_to_left(text, captions.right_to_left))
        lines.append(
            [
                _Word(unit, *_in_order(unit.text, embedded, f"{bidi.LEFT_TO_RIGHT} " * bool(index)))
                for index, (unit, embedded) in enumerate(words)
            ]
        )
    return lines


def _in_order(text: str, embedded: bool, space: str) -> tuple[str, str, str]:
    """A word, escaped, in an embedding where letters alone do not give its direction.

    The end of the embedding is apart from the word: libass draws the line under a word a space too
    long if an invisible character ends it.

    Returns (text, space, after) of a `_Word`.
    """
    directions = set(map(unicodedata.bidirectional, text))
    if not embedded or directions <= {"R", "AL"} or directions == {"L"}:
        return escape(text), space, ""
    return bidi.EMBED + escape(text), space, bidi.END


def _colours(style: SubtitleStyle, voice: str) -> _Colours:
    plain = word_colour(style, voice)
    found = [
        colour(style.upcoming_colour) if style.upcoming_colour else plain,
        colour(style.highlight_colour),
        colour(style.past_colour) if style.past_colour else plain,
        plain,
    ]
    hides = style.effect in ("pop", "reveal", "underline")
    with_alpha = hides or len({of.a for of in found}) > 1 or voice in style.voice_colours
    return _Colours(*(override(of, with_alpha) for of in found))


def _closed(lines: Sequence[str]) -> list[str]:
    """Lines that end without anything to see. A player's box has the colour of the very end."""
    return [f"{line}{{{GONE}}}" for line in lines]


def _hidden(style: SubtitleStyle) -> str:
    """The tags of a word that nobody sees. A box behind the text, in the fourth colour, stays."""
    return r"\1a&HFF&\3a&HFF&" + ("" if style.box else r"\4a&HFF&")


def _visible(style: SubtitleStyle) -> str:
    """The tags that give a hidden word its outline and shadow back."""
    behind = f"&H{colour(style.outline_colour).a:02X}&"
    return rf"\3a{behind}" + ("" if style.box else rf"\4a{behind}")
