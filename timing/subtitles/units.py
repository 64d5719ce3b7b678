"""The units that cues are made of: words, and single characters of scripts without spaces."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

from timing.token_times import MIN_WORD_MS
from timing.unspaced import characters
from timing.words import TimedWord
from unicode_sets import CLAUSE_MARKS, CLOSING, DASHES, OPENING

CASES = ("keep", "upper", "lower")
PUNCTUATIONS = ("keep", "strip")

_MARKS = OPENING + CLOSING + CLAUSE_MARKS + DASHES + "·・〽"

_FINAL_MARKS = CLOSING + CLAUSE_MARKS

_SIGN, _AMOUNT = re.compile(r"(?<![-.])(?:-\.?|\.)$"), re.compile(r"[$£€¥]?\d")
"""A single leading "-" or "." changes a number's value, so it is kept when punctuation is stripped;
"--" and "..." are punctuation."""
_MAX_COMPARED_LETTERS = 200
"""Of a word and of what the aligner placed of it, where the two differ."""
_MAX_SILENT_COLUMNS = 24
"""Of emoji, dashes and bullets beside one word."""
_OTHER_HALF = dict(zip("([{)]}", ")]}([{", strict=True))


class CueUnit(NamedTuple):
    """Text that no break divides, and when it is spoken, in whole ms.

    text: what is shown.
    word: the index of its script word, of the last one if it holds several.
    no_space_before: true if no space stands between it and the unit before.
    written: the text as the script has it, with the marks that are not shown.
    """

    text: str
    start_ms: int
    end_ms: int
    word: int
    no_space_before: bool
    written: str


def word_units(words: Sequence[TimedWord]) -> list[CueUnit]:
    """The words as the script shows them, in order, each at least 20 ms long where there is room.

    Units of less than 20 ms are joined: nobody would see them, and in the centiseconds of ASS they
    could be empty.
    """
    return _join_short([_with_hidden(words, group) for group in _shown_groups(words, str)])


def cue_units(
    words: Sequence[TimedWord],
    case: str = "keep",
    punctuation: str = "keep",
    language: str = "en",
) -> list[CueUnit]:
    """The words as cues show them; as `word_units`, but words without sound stand with a neighbour.
    Those that nobody says are left out.

    words: with their times.
    case: one of CASES.
    punctuation: one of PUNCTUATIONS. `strip` removes the marks at both ends of words, and the words
        that consist of marks.
    language: ISO 639-1, for the letter case.
    """

    def shown(text: str) -> str:
        text = _cased(text, case, language)
        return _stripped(text) if punctuation == "strip" else text

    return _join_short(_join_silent(words, _shown_groups(words, shown)))


def _shown_groups(words: Sequence[TimedWord], shown: Callable[[str], str]) -> list[list[CueUnit]]:
    """The units of which something is shown, each with those after it that are left out.

    shown: what is shown of a unit's text; nothing to leave it out.
    """
    groups: list[list[CueUnit]] = []
    # A word that is left out passes its space on to the next one.
    has_space = False
    for unit in (part for index, word in enumerate(words) for part in _parts(index, word)):
        if not words[unit.word].is_spoken:
            has_space = True
            continue
        has_space = has_space or not unit.no_space_before
        text = shown(unit.text)
        if text:
            # Most are shown as they are, and a copy takes time.
            is_same = text == unit.text and unit.no_space_before is not has_space
            kept = unit if is_same else unit._replace(text=text, no_space_before=not has_space)
            groups.append([kept])
            has_space = False
        elif groups:
            groups[-1].append(unit)
    return groups


def _join_silent(words: Sequence[TimedWord], shown: Sequence[list[CueUnit]]) -> list[CueUnit]:
    """Join units without sound to the one before, or to the one after if they begin a line.

    shown: the units of which something is shown, each with those after it that are left out.

    A row of silent ones that is longer than a line stays apart: nobody could read it beside a word.
    """
    joined: list[list[CueUnit]] = []
    owners: list[int] = []
    waiting: list[CueUnit] = []
    silent_columns = 0
    for group in shown:
        unit, word = _with_hidden(words, group), words[group[0].word]
        is_new_chunk = bool(joined) and words[joined[-1][-1].word].chunk != word.chunk
        if not word.is_silent:
            if waiting and joined and joined[-1][-1].end_ms == waiting[0].start_ms:
                # They had their time from the word before, which gets it back.
                joined[-1][-1] = joined[-1][-1]._replace(end_ms=waiting[-1].end_ms)
            joined.append([*(mark._replace(start_ms=unit.start_ms) for mark in waiting), unit])
            owners.append(group[0].word)
            waiting, silent_columns = [], 0
            continue
        silent_columns += width(unit.text) + 1
        if silent_columns > _MAX_SILENT_COLUMNS:
            joined.append([*waiting, unit])
            owners.append(group[0].word)
            waiting, silent_columns = [], width(unit.text)
        elif waiting or not joined or word.joins_next or is_new_chunk:
            waiting.append(unit)
        else:
            joined[-1].append(unit)
    if joined:
        joined[-1] += waiting
    elif waiting:
        joined.append(waiting)
    units = [_joined(group) if len(group) > 1 else group[0] for group in joined]
    # All parts of a word stand for the silent ones that its last part stands for.
    for index in range(len(owners) - 2, -1, -1):
        if owners[index] == owners[index + 1]:
            units[index] = units[index]._replace(word=units[index + 1].word)
    return units


def _with_hidden(words: Sequence[TimedWord], units: Sequence[CueUnit]) -> CueUnit:
    """The first unit, with the others in what it stands for, and in its time if they are silent."""
    first, last = units[0], units[-1]
    if first is last:
        return first
    end_ms = first.end_ms
    for unit in units[1:]:
        if words[unit.word].is_silent and unit.start_ms == end_ms:
            end_ms = unit.end_ms
    written = "".join(unit.written for unit in units)
    return first._replace(end_ms=end_ms, word=last.word, written=written)


def join(line: Sequence[CueUnit]) -> str:
    """A line of units as text."""
    return "".join(
        unit.text if unit.no_space_before or not index else f" {unit.text}"
        for index, unit in enumerate(line)
    )


def width(text: str) -> int:
    """How many columns a text takes: two for each wide character (Chinese), none for a mark."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def _parts(index: int, word: TimedWord) -> list[CueUnit]:
    """What is shown of a word; without spaces, its characters, each with its share of the time."""
    texts = characters(word.word if word.shown is None else word.shown)
    edges = _edges(word, texts) if len(texts) > 1 else [word.start_ms, word.end_ms]
    # The period that is left of "fast [2]." stands at the word before it.
    is_rest = texts[0] != word.word and word.word.endswith(texts[0])
    is_glued = word.no_space_before or (is_rest and not texts[0].strip(_FINAL_MARKS))
    return [
        CueUnit(text, edges[part], edges[part + 1], index, part > 0 or is_glued, text)
        for part, text in enumerate(texts)
    ]


def _edges(word: TimedWord, texts: Sequence[str]) -> list[int]:
    """Where the parts of a word start, and where the word ends, ms.

    A part starts where the aligner placed its first letter. Parts without a placed letter share the
    time between their neighbours equally.
    """
    starts_ms = {len(texts): word.end_ms}
    if word.characters:
        # The aligner has the spoken letters: without punctuation, and in other words if digits or
        # abbreviations were spelt out. Only letters that both have are used.
        owners = [part for part, text in enumerate(texts) for _ in text.lower()]
        letters = [char for text in texts for char in text.lower()]
        aligned = [letter.char for letter in word.characters]
        for first, other, size in reversed(_equal_runs(letters, aligned)):
            for step in reversed(range(size)):
                starts_ms[owners[first + step]] = int(word.characters[other + step].start_ms)
    starts_ms[0] = word.start_ms
    edges = [word.start_ms]
    for (first, start_ms), (end, end_ms) in pairwise(sorted(starts_ms.items())):
        steps = range(1, end - first + 1)
        edges += [start_ms + (end_ms - start_ms) * step // (end - first) for step in steps]
    return edges


def letter_edges(word: TimedWord) -> list[int]:
    """Where each letter of a word starts, and where the last one ends, ms; shape (letters + 1,).

    A letter that the aligner did not place has an equal share of the time between its neighbours.
    """
    return _edges(word, list(word.word))


def _equal_runs(letters: Sequence[str], aligned: Sequence[str]) -> list[tuple[int, int, int]]:
    """The runs of letters that both have, in order: where each begins in both, and its length.

    Where long words differ, the letters between their equal beginnings and ends have no run.
    """
    shorter = min(len(letters), len(aligned))
    start = next((i for i in range(shorter) if letters[i] != aligned[i]), shorter)
    rest = shorter - start
    tail = next((i for i in range(rest) if letters[-1 - i] != aligned[-1 - i]), rest)
    ends = len(letters) - tail, len(aligned) - tail
    inner: list[tuple[int, int, int]] = []
    # The comparison takes time with the square of the length.
    if max(ends) - start <= _MAX_COMPARED_LETTERS:
        matcher = SequenceMatcher(
            None, letters[start : ends[0]], aligned[start : ends[1]], autojunk=False
        )
        inner = [(start + a, start + b, size) for a, b, size in matcher.get_matching_blocks()]
    return [(0, 0, start), *inner, (*ends, tail)]


def _cased(text: str, case: str, language: str) -> str:
    if case == "keep":
        return text
    # In these languages the capital of i is İ, and the small letter of I is ı.
    turkish = language in {"tr", "az"}
    if case == "upper":
        return text.replace("i", "İ").upper() if turkish else text.upper()
    return text.replace("I", "ı").replace("İ", "i").lower() if turkish else text.lower()


def _stripped(text: str) -> str:
    """Without the marks at both ends; a number keeps its minus and point, `O(n)` its bracket."""
    without_tail = text.rstrip(_MARKS)
    core = without_tail.lstrip(_MARKS)
    lead, after = without_tail[: len(without_tail) - len(core)], text[len(without_tail) :][:1]
    sign = _SIGN.search(lead)
    if sign and _AMOUNT.match(core):
        core = sign[0] + core
    elif _closes(lead[-1:], core):
        core = lead[-1:] + core
    return core + after if _closes(after, core) else core


def _closes(bracket: str, text: str) -> bool:
    """Whether a bracket is the other half of one in a text."""
    return bracket in _OTHER_HALF and text.count(_OTHER_HALF[bracket]) > text.count(bracket)


def _join_short(units: Sequence[CueUnit]) -> list[CueUnit]:
    """Join neighbours until every unit has 20 ms; the last one joins the unit before it."""
    groups: list[list[CueUnit]] = []
    for unit in units:
        if groups and _length_ms(groups[-1]) < MIN_WORD_MS:
            groups[-1].append(unit)
        else:
            groups.append([unit])
    if len(groups) > 1 and _length_ms(groups[-1]) < MIN_WORD_MS:
        last = groups.pop()
        groups[-1] += last
    return [_joined(group) if len(group) > 1 else group[0] for group in groups]


def _joined(units: Sequence[CueUnit]) -> CueUnit:
    first, last = units[0], units[-1]
    return first._replace(
        text=join(units),
        end_ms=last.end_ms,
        word=last.word,
        written=join([unit._replace(text=unit.written) for unit in units]),
    )


def _length_ms(units: Sequence[CueUnit]) -> int:
    return units[-1].end_ms - units[0].start_ms
