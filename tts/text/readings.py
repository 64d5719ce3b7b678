"""Words that are said in another way than they are shown: the words of {shown|said}."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tts.speech import Word
from tts.text import say_as
from tts.text.tags import Reading
from tts.text.twins import fold_twins


def whole_words(
    text: str, words: tuple[Word, ...], readings: Sequence[Reading]
) -> tuple[Word, ...]:
    """The words of a text; those that share a reading are one: the New York of {New York|NYC}."""
    if not readings:
        return words
    joined: list[Word] = []
    following = iter(readings)
    reading: Reading | None = next(following)
    for word in words:
        while reading and reading.char_end <= word.char_start:
            reading = next(following, None)
        if joined and reading and reading.char_start < joined[-1].char_end:
            first = joined.pop().char_start
            joined.append(Word(text[first : word.char_end], first, word.char_end))
        else:
            joined.append(word)
    return tuple(joined)


def said_words(
    plain: Sequence[str], words: Sequence[Word], readings: Sequence[Reading]
) -> Iterator[str]:
    """What is read of each word: what its readings say, in the place of what they show.

    plain: the words without markup, as long as they are written.
    words: their places in the text, in which the readings have theirs.
    """
    next_reading = 0
    for text, word in zip(plain, words, strict=True):
        parts, end = [], 0
        while next_reading < len(readings):
            reading = readings[next_reading]
            if reading.char_start >= word.char_end:
                break
            parts += [
                text[end : reading.char_start - word.char_start],
                fold_twins(reading.said),
            ]
            end = reading.char_end - word.char_start
            next_reading += 1
        yield "".join([*parts, text[end:]])


def by_language(
    readings: Sequence[Reading], words: Sequence[Word], languages: Sequence[tuple[int, str]]
) -> list[Reading]:
    """The readings with what is said for each in its language; see `say_as`.

    words: those of the text.
    languages: the tags of languages, each with the index of the first word that is read by it.
    """
    if not any(reading.how for reading in readings):
        return [*readings]
    starts = [words[at].char_start for at, _ in languages if at < len(words)]
    read: list[Reading] = []
    for reading in readings:
        _, tag = languages[max(0, bisect_right(starts, reading.char_start) - 1)]
        said = say_as.said(reading.said, reading.how, tag) if reading.how else reading.said
        read.append(replace(reading, said=said, how=""))
    return read
