"""A script cut into what the voice speaks in one go."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from tts.speech import Chunk, Directive, Script, Token

SENTENCE_MS = 150
PARAGRAPH_MS = 450
CLAUSE_MS = 60
Measure = Callable[[str], float]
# A shorter sentence is spoken together with its neighbour: alone, voices lose their pace on it.
SHORT = 25


def split(script: Script, limit: float, measure: Measure = len) -> tuple[Chunk, ...]:
    """Cut a script into chunks of at most `limit` characters of spoken text, as `measure` counts.

    At sentence ends; a longer sentence near its middle, at a clause's end if there is one, else
    between words, inside a written word only when that word alone is over the limit. Sentences
    under SHORT characters join a neighbour of the same paragraph, or share its words. A mark always
    parts. The chunks' word ranges cover the script; their tokens are those of `fit_tokens`.
    """
    breaks = _paragraph_breaks(script)
    stops = [mark.word for mark in script.marks]
    tokens = fit_tokens(script, limit, measure).tokens
    parts: list[list[Token]] = []
    for stretch in _stretches(tokens, breaks, stops):
        halves = [
            part for sentence in _sentences(stretch) for part in _halve(sentence, limit, measure)
        ]
        parts += _none_short(_joined(halves, limit, measure), limit, measure)
    return _marked(_with_words(script, parts, breaks), script.marks)


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


def _joined(parts: list[list[Token]], limit: float, measure: Measure) -> list[list[Token]]:
    """Parts, the short ones joined to the one before or after them where that fits."""
    found: list[list[Token]] = []
    for part in parts:
        short = found and min(_length(found[-1], measure), _length(part, measure)) < SHORT
        if short and _length([*found[-1], *part], measure) <= limit:
            found[-1] = [*found[-1], *part]
        else:
            found.append(part)
    return found


def _none_short(parts: list[list[Token]], limit: float, measure: Measure) -> list[list[Token]]:
    """Parts without short ones: with a neighbour that has no room one is cut anew."""
    found = list(parts)
    for index in range(len(found) - 1, -1, -1):
        if _length(found[index], measure) >= SHORT:
            continue
        firsts = [first for first in (index - 1, index) if 0 <= first < len(found) - 1]
        if firsts:
            first = min(firsts, key=lambda at: _length([*found[at], *found[at + 1]], measure))
            found[first : first + 2] = _halve([*found[first], *found[first + 1]], limit, measure)
    return found


def _parted(word: int, following: int, stops: Sequence[int]) -> bool:
    """Whether a mark stands between two words."""
    return any(word < stop <= following for stop in stops)


def _marked(chunks: Sequence[Chunk], marks: Sequence[Directive]) -> tuple[Chunk, ...]:
    """The chunks with the silences that the marks ask for, and with their voices."""
    if not marks:
        return tuple(chunks)
    firsts = [chunk.tokens[0].word for chunk in chunks]
    found: list[Chunk] = []
    for index, chunk in enumerate(chunks):
        last = chunk.tokens[-1].word
        until = firsts[index + 1] if index + 1 < len(chunks) else marks[-1].word
        after = sum(mark.pause_ms for mark in marks if last < mark.word <= until)
        voices = [mark.voice for mark in marks if mark.voice and mark.word <= firsts[index]]
        lead = 0 if index else sum(mark.pause_ms for mark in marks if mark.word <= firsts[0])
        voice = voices[-1] if voices else None
        found.append(replace(chunk, silence_ms=after or None, lead_ms=lead, voice=voice))
    return tuple(found)


def _stretches(
    tokens: Sequence[Token], breaks: set[int], stops: Sequence[int]
) -> list[list[Token]]:
    """Tokens up to the end of a paragraph or to a mark."""
    stretches = [[tokens[0]]]
    for before, token in pairwise(tokens):
        if before.word != token.word and (
            before.word in breaks or _parted(before.word, token.word, stops)
        ):
            stretches.append([])
        stretches[-1].append(token)
    return stretches


def _sentences(tokens: Sequence[Token]) -> list[list[Token]]:
    """Tokens grouped by sentence."""
    sentences = [[tokens[0]]]
    for before, token in pairwise(tokens):
        if before.word != token.word and before.pause in tuple(".!?"):
            sentences.append([])
        sentences[-1].append(token)
    return sentences


def _paragraph_breaks(script: Script) -> set[int]:
    """The words after which a blank line follows; of wordless ends, the last word with tokens."""
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
    """Cut tokens at their best middle until no part is over the limit; short parts cost most."""
    ends = list(accumulate(_length([token], measure) + 1 for token in tokens))
    total = ends[-1] - 1
    if total <= limit or len(tokens) == 1:
        return [tokens]

    def cost(index: int) -> float:
        left = tokens[index - 1]
        smaller = min(ends[index - 1] - 1, total - ends[index - 1])
        found = abs(ends[index - 1] / total - 0.5)
        if smaller < SHORT:
            found += 2 - smaller / SHORT
        if left.word == tokens[index].word:
            return found + 2
        return found + (0 if left.pause else 0.35)

    best = min(range(1, len(tokens)), key=cost)
    return _halve(tokens[:best], limit, measure) + _halve(tokens[best:], limit, measure)


def _length(tokens: Sequence[Token], measure: Measure) -> float:
    return sum(measure(token.spoken) + len(token.pause) + 1 for token in tokens) - 1


def _with_words(script: Script, parts: list[list[Token]], breaks: set[int]) -> tuple[Chunk, ...]:
    """Give each part its script words (those without tokens go with the one before) and pause."""
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
