"""The written text: cleaning it, splitting it into words, blanking markup, finding its lines."""

import html
import re
import unicodedata
from collections.abc import Iterator
from itertools import accumulate, groupby, pairwise

import regex

from tts.speech import Word
from unicode_sets import CLOSES, OPENING, OPENS, SPACELESS_MARKS, UNSPACED

# Zero-width characters: joiners, soft hyphens, directional controls, variation selectors, tags.
INVISIBLE = (
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e007f"
)
_WIDE = SPACELESS_MARKS
# A clause ends at a wide mark, but not at that of 1，000 and 10：30, which is part of the number.
# Between two characters of a script without spaces it ends at a narrow mark too; elsewhere a
# narrow mark without a space after it may be part of a word (example.com).
_PART = regex.compile(
    rf"(?!(?<=\d)(?:(?<!\d{{4}})，\d{{3}}(?!\d)|：\d\d))(?<![{_WIDE}])[{_WIDE}]+[{CLOSES}]*"
    rf"(?=[^{_WIDE}{CLOSES},.!?;:…])"
    rf"|(?<=[{UNSPACED}])[,.!?;:…—]+[{CLOSES}]*(?=[{OPENS}]*[{UNSPACED}])"
)
_UNWRITTEN = re.compile(
    rf"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]|(?<!\S)[{INVISIBLE}]+(?!\S)"
)
_BREAKS = {**dict.fromkeys(range(0x1C, 0x20), " "), 0x85: "\n"}
_BULLET = re.compile(r"(?:[-–—*+•‣◦▪●○∙·→►✓✔☐]|\d{1,3}[.)])\s")
# An editor wraps prose at 45 characters or more, and fills its lines to at least 70 per cent.
_MIN_WRAP_WIDTH, _MIN_FILL = 45, 0.7
# The tags of HTML and SSML. Any other word in angle brackets is text.
_TAGS = (
    "a|abbr|audio|b|big|blockquote|body|br|center|cite|code|del|div|em|emphasis|font|h[1-6]|head|hr"
    "|html|i|img|ins|kbd|li|mark|ol|p|phoneme|pre|prosody|q|s|say-as|small|span|speak|strike|strong"
    "|sub|sup|table|tbody|td|th|thead|title|tr|tt|u|ul"
)
# Tags that begin a new paragraph, line or list item.
_BLOCKS = "blockquote|br|center|div|h[1-6]|hr|li|ol|p|pre|table|td|th|title|tr|ul"
_TAG = re.compile(rf"</?(?i:(?P<block>{_BLOCKS})|{_TAGS})(?:\s[^<>]{{0,200}})?/?>")
_MARKUP = re.compile(
    r"(?P<entity>&(?:#\d{1,6}|#x[0-9A-Fa-f]{1,5}|[A-Za-z]{2,8});)"
    r"|(?P<image>!)?\[(?P<link>[^\[\]\n]{1,200})\]"
    r"\((?(image)[^()\s]{1,500}|(?:https?://|mailto:|[/#.])[^()\s]{0,500})\)"
    r"|(?<=[-*+] )\[[ xX]\](?=\s)"
)


def strip_control(text: str) -> str:
    """Remove control characters and words of zero-width characters alone.

    ffmpeg takes a NUL for the end of a subtitle file, and a word of joiners would be an empty cue.
    """
    return _UNWRITTEN.sub("", text.translate(_BREAKS))


def split_words(text: str) -> tuple[Word, ...]:
    """Split at white space, and in scripts without spaces after each clause."""
    words: list[Word] = []
    for match in re.finditer(r"\S+", text):
        cuts = [part.end() for part in _PART.finditer(match[0])]
        for start, end in pairwise([0, *cuts, len(match[0])]):
            words.append(Word(match[0][start:end], match.start() + start, match.start() + end))
    return tuple(words)


def blank_markup(text: str) -> str:
    """Blank HTML tags and Markdown links, and decode entities. The length of the text stays."""
    text = blank_tags(text)
    return _MARKUP.sub(_blank, text) if "&" in text or "[" in text else text


def blank_tags(text: str) -> str:
    """Replace HTML tags by spaces. The length of the text stays, so that offsets do too.

    A tag that separates two lines or paragraphs becomes a comma: the voice pauses there.
    """
    if "<" not in text:
        return text
    blank = list(_TAG.sub(lambda match: " " * len(match[0]), text))
    spoken = [index for index, character in enumerate(blank) if character.isalnum()]
    for match in _TAG.finditer(text):
        if match["block"] and spoken and spoken[0] < match.start() < spoken[-1]:
            blank[match.start() + 1] = ","
    return "".join(blank)


def _blank(match: re.Match[str]) -> str:
    if match["entity"]:
        plain = html.unescape(match[0])
        # Zero-width spaces fill the entity's length: AT&amp;T must stay one word.
        return plain[:1].ljust(len(match[0]), "\u200b") if len(plain) < 3 else match[0]
    if match["link"]:
        start = match.start("link") - match.start()
        return " " * start + match["link"] + " " * (match.end() - match.end("link"))
    return " " * len(match[0])


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
            # Emoji (category So) serve as bullets too.
            is_item = _BULLET.match(following) or unicodedata.category(following[0]) == "So"
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


def find_inch_marks(words: tuple[Word, ...]) -> set[int]:
    """The indices of words whose final quote means inches or feet: 12", 50'.

    A quote after a digit is an inch mark only if no quotation is open that it could close.
    """
    marked: set[int] = set()
    opened = {'"': False, "'": False}
    for index, word in enumerate(words):
        bare = word.text.rstrip(",.;:!?)")
        first, last = word.text.lstrip("([")[:1], bare[-1:]
        if first in opened:
            opened[first] = True
        if last in opened and len(bare) > 1:
            if not opened[last] and bare[-2].isdecimal():
                marked.add(index)
            opened[last] = False
    return marked
