"""The written text: cleaning it, splitting it into words, finding its lines."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby, pairwise

import regex

from tts.speech import Word
from tts.text.context import FINAL
from tts.text.traced import TracedText
from unicode_sets import CLOSES, CLOSING, OPENING, OPENS, SPACELESS_MARKS, UNSPACED

# Characters that show nothing: joiners, soft hyphens, directional controls, variation selectors,
# tags, and the fillers of Hangul, which Unicode calls letters.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\U000e0000-\U000e007f"
)
_WIDE = SPACELESS_MARKS
# A clause ends at a wide mark, but not at that of 1，000 and 10：30, which is part of the number.
# Between two characters of a script without spaces it ends at a narrow mark too; elsewhere a
# narrow mark without a space after it may be part of a word (example.com).
_PART = regex.compile(
    rf"(?!(?<=\d)(?:(?<!\d{{4}})，\d{{3}}(?!\d)|：(?:\d\d|\d(?!\w))))(?<![{_WIDE}])[{_WIDE}]+[{CLOSES}]*"
    rf"(?=[^{_WIDE}{CLOSES},.!?;:…])"
    rf"|(?<=[{UNSPACED}])[,.!?;:…—]+[{CLOSES}]*(?=[{OPENS}]*[{UNSPACED}])"
)
_UNWRITTEN = re.compile(
    rf"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]|(?<!\S)[{INVISIBLE}]+(?!\S)"
)
_BREAKS = {**dict.fromkeys(range(0x1C, 0x20), " "), 0x85: "\n"}
_BULLET = re.compile(r"(?:[-=]{1,3}>|[-–—*+•‣◦▪●○∙·→►✓✔☐]|\d{1,3}[.)])\s")
# An editor wraps prose at 45 characters or more, and fills its lines to at least 70 per cent.
_MIN_WRAP_WIDTH, _MIN_FILL = 45, 0.7
_DOUBLE_QUOTES, _SINGLE_QUOTES = '"“”„‟«»', "'‘’‚‛"
# A quotation opens before a word, and inside one after a dash or a mark of Markdown: said—“I.
_OPENED = tuple(
    (quotes, re.compile(rf"^[(\[]*[{quotes}]|(?<![^\W_])[{quotes}](?=[^\W_])"))
    for quotes in (_DOUBLE_QUOTES, _SINGLE_QUOTES)
)


def bare(word: str) -> str:
    """A written word without the punctuation and brackets around it, unless it is nothing else."""
    return word.lstrip(OPENING).rstrip(FINAL + CLOSING) or word


def strip_control(text: str) -> str:
    """Remove control characters and words of zero-width characters alone.

    ffmpeg takes a NUL for the end of a subtitle file, and a word of joiners would be an empty cue.
    """
    return _UNWRITTEN.sub("", text.translate(_BREAKS))


def trace_written(text: str) -> TracedText:
    """As `strip_control`, with the offsets of the characters in `text`."""
    translated = TracedText.whole(text.translate(_BREAKS))
    return translated.without(match.span() for match in _UNWRITTEN.finditer(translated.text))


def split_words(text: str) -> tuple[Word, ...]:
    """Split at white space, and in scripts without spaces after each clause."""
    words: list[Word] = []
    for match in re.finditer(r"\S+", text):
        cuts = [part.end() for part in _PART.finditer(match[0])]
        for start, end in pairwise([0, *cuts, len(match[0])]):
            words.append(Word(match[0][start:end], match.start() + start, match.start() + end))
    return tuple(words)


def list_line_ends(text: str) -> set[int]:
    """The offsets at which a title or a list item ends without a mark; the voice pauses there.

    A line ends so if a bullet follows, or if a capital or a digit follows and the line is clearly
    shorter than the longest of its paragraph. Lines that an editor wrapped are about equally long.
    """
    ends: set[int] = set()
    for lines in _paragraphs(text):
        longest = max(len(line) for line, _ in lines)
        is_wrapped = longest > _MIN_WRAP_WIDTH
        max_length = longest * _MIN_FILL if is_wrapped else longest
        for (line, end), (following, _) in pairwise(lines):
            first = following.lstrip(OPENING)[:1]
            begins = first.isalnum() and not first.islower()
            # Emoji (category So) serve as bullets too, and the rows of a table have bars.
            is_item = (
                _BULLET.match(following)
                or unicodedata.category(following[0]) == "So"
                or line[0] == following[0] == "|"
            )
            if line[-1] != "." and (is_item or (begins and len(line) <= max_length)):
                ends.add(end)
    return ends


def _paragraphs(text: str) -> Iterator[list[tuple[str, int]]]:
    """The lines between blank lines: each without outer white space, and the offset of its end."""
    raw_lines = text.split("\n")
    offsets = accumulate((len(raw) + 1 for raw in raw_lines), initial=0)
    lines = [
        (raw.strip(), offset + len(raw.rstrip()))
        for raw, offset in zip(raw_lines, offsets, strict=False)
    ]
    for is_blank, paragraph in groupby(lines, key=lambda line: not line[0]):
        if not is_blank:
            yield list(paragraph)


def find_inch_marks(words: Sequence[str]) -> set[int]:
    """The indices of words whose final quote means inches or feet: 12", 50', 12”.

    A quote after a digit is an inch mark only if no quotation is open that it could close.
    """
    marked: set[int] = set()
    is_open = {quotes: False for quotes, _ in _OPENED}
    for index, word in enumerate(words):
        bare = word.rstrip(",.;:!?)")
        last = bare[-1:]
        for quotes, opened in _OPENED:
            if opened.search(word):
                is_open[quotes] = True
            if last in quotes and len(bare) > 1:
                if not is_open[quotes] and bare[-2].isdecimal() and last in "\"'”’":
                    marked.add(index)
                is_open[quotes] = False
    return marked
