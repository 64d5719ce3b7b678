"""How well cues read: where they break, how even their lines are, and how quick they are to read.

    python -m bench.captions

The words are those of tests/data/captions, with the times of Piper's speech.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import mean

from bench import report
from bench.report import Row
from timing.subtitles.cues import PRESETS, Cue, cues
from timing.words import TimedWord

WORDS = Path(__file__).resolve().parents[1] / "tests" / "data" / "captions" / "english.json"

# What a reader expects more words after. The list is wider than the one that the worker breaks by.
_FUNCTION_WORDS = """
a an the this that these those my your his her its our their i you he she it we they of in on
at by to for from with without into onto over under about after before between through behind
above below beside upon within during along against toward towards until till since around
near across inside outside and or but nor so because if when while as than who whom whose
which where what how why although though unless whether is are was were be been am being has
have had having will would can could shall should may might must do does did not no every
each some any all both either neither
""".split()  # noqa: SIM905


@dataclass(frozen=True)
class Quality:
    """What a reader sees of the cues of all texts.

    cues: how many there are.
    breaks: of lines and cues, without those at the end of a text.
    function_words: breaks after an article, preposition, conjunction, pronoun or auxiliary that has
        no mark after it, percent of all breaks.
    alone: cues of one word that belongs to a longer sentence.
    crossing: cues with the end of a sentence inside.
    balance: the shorter line of two by the longer one, mean of all cues of two lines; 1 if none.
    too_fast: cues of more than 20 characters a second.
    shortest_ms: how long the shortest cue is shown.
    """

    cues: int
    breaks: int
    function_words: float
    alone: int
    crossing: int
    balance: float
    too_fast: int
    shortest_ms: int


def texts() -> list[list[TimedWord]]:
    """The texts, word by word with their times."""
    rows = json.loads(WORDS.read_text())
    return [
        [TimedWord(word, a, b, 0.9, "piper", True, word, 0) for word, a, b in text] for text in rows
    ]


def divided(preset: str) -> list[tuple[Cue, ...]]:
    """The cues of each text."""
    return [
        cues(words, PRESETS[preset], words[-1].end_ms + 500, _sentence_ends(words))
        for words in texts()
    ]


def quality(divided: Sequence[Sequence[Cue]]) -> Quality:
    """Judge the cues of several texts."""
    every = [cue for found in divided for cue in found]
    inner = [text for found in divided for text in _texts(found)[:-1]]
    pairs = [sorted(map(len, cue.texts)) for cue in every if len(cue.lines) == 2]
    return Quality(
        cues=len(every),
        breaks=len(inner),
        function_words=100 * mean(_is_function_word(text.split()[-1]) for text in inner),
        alone=sum(map(_count_alone, divided)),
        crossing=sum(_crosses(cue) for cue in every),
        balance=mean(short / long for short, long in pairs) if pairs else 1.0,
        too_fast=sum(_cps(cue) > 20 for cue in every),
        shortest_ms=min(cue.end_ms - cue.start_ms for cue in every),
    )


def rows() -> list[Row]:
    """The numbers of `standard` and `social` with their bars."""
    found: list[Row] = []
    for preset, bar in (("standard", 3), ("social", 10)):
        judged = quality(divided(preset))
        found += [
            Row(f"`{preset}`: cues of 866 words", [judged.cues], [], "", 0),
            Row(f"`{preset}`: breaks after a function word", [judged.function_words], [], "%", 1,
                bar),
            Row(f"`{preset}`: cues of one word of a sentence", [judged.alone], [], "", 0),
            Row(f"`{preset}`: cues over 20 characters a second", [judged.too_fast], [], "", 0),
        ]  # fmt: skip
        if preset == "standard":
            found.append(
                Row("`standard`: balance of two lines", [judged.balance], [], "", 2, least=0.9)
            )
    return found


def _texts(found: Sequence[Cue]) -> list[str]:
    return [text for cue in found for text in cue.texts]


def _sentence_ends(words: Sequence[TimedWord]) -> set[int]:
    return {index for index, word in enumerate(words) if word.word.endswith((".", "!", "?"))}


def _is_function_word(word: str) -> bool:
    return word.lower() in _FUNCTION_WORDS


def _count_alone(found: Sequence[Cue]) -> int:
    """Cues of one word whose sentence goes on before or after it."""
    shown = [" ".join(cue.texts) for cue in found]
    befores = [".", *shown[:-1]]
    return sum(
        " " not in text and not (before[-1] in ".!?" and text[-1] in ".!?")
        for before, text in zip(befores, shown, strict=True)
    )


def _crosses(cue: Cue) -> bool:
    words = " ".join(cue.texts).split()
    return any(word[-1] in ".!?" for word, _ in pairwise(words))


def _cps(cue: Cue) -> float:
    return 1000 * sum(map(len, cue.texts)) / (cue.end_ms - cue.start_ms)


if __name__ == "__main__":
    print(report.table(rows()))
