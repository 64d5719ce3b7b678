"""Cutting a script into chunks: what the voice speaks in one go."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import TypeVar

from tts.speech import Chunk, Directive, Script, Token
from tts.text.earlier_cuts import EarlierCuts

# The pauses between two chunks, at the end of a sentence, a paragraph, a clause.
SENTENCE_MS = 150
PARAGRAPH_MS = 450
CLAUSE_MS = 60
_Value = TypeVar("_Value", str, float)
Measure = Callable[[str], float]
"""How long a spoken word is to an engine: its characters, or its bytes."""
# A shorter sentence is spoken together with its neighbour: alone, voices lose their pace on it.
MIN_CHARS = 25


def split(
    script: Script, limit: float, measure: Measure = len, earlier: EarlierCuts | None = None
) -> tuple[Chunk, ...]:
    """Cut a script into chunks whose spoken text is no longer than an engine's limit.

    script: its marks (pauses, changes of voice, pace and language) always end a chunk.
    limit: the length of a chunk, in the unit of `measure`.
    measure: the length of a spoken word.
    earlier: the chunks of an earlier version of the script: what did not change is cut as it was.

    Chunks end where sentences do. A longer sentence is cut near its middle, at the end of a clause
    if there is one, else between words; inside a written word only if that word alone is over the
    limit. A sentence under MIN_CHARS joins a neighbour of its paragraph, or takes words from it.
    The chunks' word ranges cover the script; their tokens are those of `fit_tokens`.
    """
    breaks = _paragraph_breaks(script)
    stops = [mark.word for mark in script.directives]
    tokens = fit_tokens(script, limit, measure).tokens
    parts: list[list[Token]] = []
    for stretch in _stretches(tokens, breaks, stops):
        if earlier is None:
            parts += _cut(stretch, limit, measure)
            continue
        for is_known, part in _divide(stretch, limit, measure, earlier):
            parts += [part] if is_known else _cut(part, limit, measure)
    return _apply_marks(_with_words(script, parts, breaks), script.directives)


def _cut(tokens: list[Token], limit: float, measure: Measure) -> list[list[Token]]:
    """Tokens cut into parts of which each is spoken as one chunk."""
    halves = [part for sentence in _sentences(tokens) for part in _halve(sentence, limit, measure)]
    return _lengthen_short(_join_short(halves, limit, measure), limit, measure)


def _divide(
    tokens: list[Token], limit: float, measure: Measure, earlier: EarlierCuts
) -> list[tuple[bool, list[Token]]]:
    """Tokens as earlier chunks, each with True, and what lies between them, to be cut anew.

    What is too short to be spoken alone takes an earlier chunk beside it along.
    """
    divided: list[tuple[bool, list[Token]]] = []

    def add(is_known: bool, part: list[Token]) -> None:
        if not part:
            return
        if divided:
            was_known, before = divided[-1]
            is_short = min(_length(before, measure), _length(part, measure)) < MIN_CHARS
            if not (was_known and is_known) and is_short:
                divided[-1] = (False, before + part)
                return
        divided.append((is_known, part))

    ends = list(accumulate(len(sentence) for sentence in _sentences(tokens)))
    changed = at = 0
    while at < len(tokens):
        # Twice: an engine may count a letter with its marks as one.
        end = earlier.find(tokens, at, 2 * limit)
        if end > at and MIN_CHARS <= _length(tokens[at:end], measure) <= limit:
            add(False, tokens[changed:at])
            add(True, tokens[at:end])
            changed = at = end
        else:
            at = ends[bisect_right(ends, at)]
    add(False, tokens[changed:])
    return divided


def fit_tokens(script: Script, limit: float, measure: Measure = len) -> Script:
    """Cut the tokens that are longer than a chunk may be; see `split` for the parameters.

    A clause of a script without spaces is one word, and may be longer than a voice can speak.
    """
    parts = (part for token in script.tokens for part in _fitting(token, limit, measure))
    return replace(script, tokens=tuple(parts))


def _fitting(token: Token, limit: float, measure: Measure) -> list[Token]:
    """A token in as many parts of one word as it needs for the limit."""
    middle = len(token.spoken) // 2
    if not middle or _length([token], measure) <= limit:
        return [token]
    left = replace(token, spoken=token.spoken[:middle], pause="")
    right = replace(token, spoken=token.spoken[middle:])
    return _fitting(left, limit, measure) + _fitting(right, limit, measure)


def _join_short(parts: list[list[Token]], limit: float, measure: Measure) -> list[list[Token]]:
    """Join each short part to the one before or after it if both fit into a chunk."""
    joined: list[list[Token]] = []
    for part in parts:
        is_short = joined and min(_length(joined[-1], measure), _length(part, measure)) < MIN_CHARS
        if is_short and _length([*joined[-1], *part], measure) <= limit:
            joined[-1] = [*joined[-1], *part]
        else:
            joined.append(part)
    return joined


def _lengthen_short(parts: list[list[Token]], limit: float, measure: Measure) -> list[list[Token]]:
    """Give each part that is still short some words of a neighbour: both are cut anew."""
    parts = list(parts)
    # From the end, so that a cut does not move the parts that are still to come.
    for index in range(len(parts) - 1, -1, -1):
        if _length(parts[index], measure) >= MIN_CHARS:
            continue
        firsts = [first for first in (index - 1, index) if 0 <= first < len(parts) - 1]
        if firsts:
            first = min(firsts, key=lambda at: _length([*parts[at], *parts[at + 1]], measure))
            parts[first : first + 2] = _halve([*parts[first], *parts[first + 1]], limit, measure)
    return parts


def _apply_marks(chunks: Sequence[Chunk], marks: Sequence[Directive]) -> tuple[Chunk, ...]:
    """Give the chunks what the marks ask for: silences, voices, paces and languages."""
    if not marks:
        return tuple(chunks)
    stops = [mark.word for mark in marks]
    # By the number of marks: the silence of all of them, and what the last of them sets.
    silences_ms = list(accumulate((mark.pause_ms for mark in marks), initial=0))
    voices = _in_force((mark.voice for mark in marks), "")
    languages = _in_force((mark.language for mark in marks), "")
    rates = _in_force((mark.rate for mark in marks), 1.0)
    # By chunk: how many marks stand before its first word, and before the word after its last one.
    firsts = [bisect_right(stops, chunk.tokens[0].word) for chunk in chunks]
    lasts = [bisect_right(stops, chunk.tokens[-1].word) for chunk in chunks]
    # Words without tokens lie between two chunks; a mark among them belongs to the first one.
    return tuple(
        replace(
            chunk,
            silence_ms=silences_ms[next_first] - silences_ms[last] or None,
            lead_ms=0 if index else silences_ms[first],
            voice=voices[first] or None,
            language=languages[first] or None,
            rate=rates[first],
        )
        for index, (chunk, first, last, next_first) in enumerate(
            zip(chunks, firsts, lasts, [*firsts[1:], len(marks)], strict=True)
        )
    )


def _in_force(changes: Iterable[_Value | None], first: _Value) -> list[_Value]:
    """What holds before any change, and after each of them; None changes nothing."""
    values = [first]
    for change in changes:
        values.append(values[-1] if change is None else change)
    return values


def _stretches(
    tokens: Sequence[Token], breaks: set[int], stops: Sequence[int]
) -> list[list[Token]]:
    """Group tokens into stretches that end with a paragraph or at a mark."""
    stretches = [[tokens[0]]]
    for before, token in pairwise(tokens):
        if before.word != token.word and (
            before.word in breaks
            # Whether a mark stands between the two words.
            or bisect_right(stops, before.word) < bisect_right(stops, token.word)
        ):
            stretches.append([])
        stretches[-1].append(token)
    return stretches


def _sentences(tokens: Sequence[Token]) -> list[list[Token]]:
    """Group tokens by sentence."""
    sentences = [[tokens[0]]]
    for before, token in pairwise(tokens):
        if before.word != token.word and before.pause in tuple(".!?"):
            sentences.append([])
        sentences[-1].append(token)
    return sentences


def _paragraph_breaks(script: Script) -> set[int]:
    """The words before blank lines.

    If a paragraph ends in words that are not spoken (emoji), it is its last spoken word.
    """
    spoken = {token.word for token in script.tokens}
    breaks: set[int] = set()
    last = -1
    for index, (word, following) in enumerate(zip(script.words, script.words[1:], strict=False)):
        last = index if index in spoken else last
        gap = script.text[word.char_end : following.char_start]
        if last >= 0 and len(re.findall(r"\n", gap)) > 1:
            breaks.add(last)
    return breaks


def _halve(tokens: list[Token], limit: float, measure: Measure) -> list[list[Token]]:
    """Cut tokens near their middle, at the cheapest place, until no part is over the limit."""
    ends = list(accumulate(_length([token], measure) + 1 for token in tokens))
    total = ends[-1] - 1
    if total <= limit or len(tokens) == 1:
        return [tokens]

    def cut_cost(index: int) -> float:
        """The distance from the middle, 0 to 0.5, and a penalty for a bad cut."""
        left = tokens[index - 1]
        shorter = min(ends[index - 1] - 1, total - ends[index - 1])
        cost = abs(ends[index - 1] / total - 0.5)
        if shorter < MIN_CHARS:
            cost += 2 - shorter / MIN_CHARS
        if left.word == tokens[index].word:
            cost += 2
        elif not left.pause:
            # A clause's end up to 0.35 further from the middle is still better than no pause.
            cost += 0.35
        return cost

    best = min(range(1, len(tokens)), key=cut_cost)
    return _halve(tokens[:best], limit, measure) + _halve(tokens[best:], limit, measure)


def _length(tokens: Sequence[Token], measure: Measure) -> float:
    return sum(measure(token.spoken) + len(token.pause) + 1 for token in tokens) - 1


def _with_words(script: Script, parts: list[list[Token]], breaks: set[int]) -> tuple[Chunk, ...]:
    """Make chunks of the parts: with their words of the script, and the pause after them.

    Words without tokens go to the chunk before them.
    """
    chunks: list[Chunk] = []
    for index, part in enumerate(parts):
        first = chunks[-1].end_word if chunks else 0
        is_last = index + 1 == len(parts)
        end = len(script.words) if is_last else parts[index + 1][0].word
        ends_word = is_last or end != part[-1].word
        end = end if ends_word else end + 1
        pause = 0 if is_last or not ends_word else _pause_ms(part[-1], breaks)
        chunks.append(Chunk(tuple(part), first, max(first, end), pause))
    return tuple(chunks)


def _pause_ms(token: Token, breaks: set[int]) -> int:
    if token.word in breaks:
        return PARAGRAPH_MS
    if token.pause in tuple(".!?"):
        return SENTENCE_MS
    return CLAUSE_MS if token.pause else 0
