"""A script as it is written: made clean, divided into words, its markup and its lines found."""

import html
import re
import unicodedata
from itertools import pairwise

import regex

from tts.speech import Word
from unicode_sets import CLOSES, OPENING, OPENS, SPACELESS_MARKS, UNSPACED

# Characters that are not seen: they join and part letters and turn the direction of a line.
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
# Prose is not wrapped at fewer characters than this, and its lines are longer than this share.
_NARROWEST, _FILLED = 45, 0.7
# HTML's and SSML's; other words in angle brackets are text.
_TAGS = (
    "a|abbr|audio|b|big|blockquote|body|br|center|cite|code|del|div|em|emphasis|font|h[1-6]|head|hr"
    "|html|i|img|ins|kbd|li|mark|ol|p|phoneme|pre|prosody|q|s|say-as|small|span|speak|strike|strong"
    "|sub|sup|table|tbody|td|th|thead|title|tr|tt|u|ul"
)
# Those that part paragraphs, lines and items.
_BLOCKS = "blockquote|br|center|div|h[1-6]|hr|li|ol|p|pre|table|td|th|title|tr|ul"
_TAG = re.compile(rf"</?(?i:(?P<block>{_BLOCKS})|{_TAGS})(?:\s[^<>]{{0,200}})?/?>")
_MARKUP = re.compile(
    r"(?P<entity>&(?:#\d{1,6}|#x[0-9A-Fa-f]{1,5}|[A-Za-z]{2,8});)"
    r"|(?P<image>!)?\[(?P<link>[^\[\]\n]{1,200})\]"
    r"\((?(image)[^()\s]{1,500}|(?:https?://|mailto:|[/#.])[^()\s]{0,500})\)"
    r"|(?<=[-*+] )\[[ xX]\](?=\s)"
)


def strip_control(text: str) -> str:
    """The text without control characters and without words that nobody sees.

    A NUL ends a subtitle file for ffmpeg, and a word of joiners alone is an empty cue.
    """
    return _UNWRITTEN.sub("", text.translate(_BREAKS))


def split_words(text: str) -> tuple[Word, ...]:
    """The words between spaces; where a script has no spaces, its clauses."""
    found: list[Word] = []
    for match in re.finditer(r"\S+", text):
        cuts = [part.end() for part in _PART.finditer(match[0])]
        for start, end in pairwise([0, *cuts, len(match[0])]):
            found.append(Word(match[0][start:end], match.start() + start, match.start() + end))
    return tuple(found)


def blank_markup(text: str) -> str:
    """The text as long as before, without HTML's tags and Markdown's links, entities in plain."""
    text = blank_tags(text)
    return _MARKUP.sub(_blank, text) if "&" in text or "[" in text else text


def blank_tags(text: str) -> str:
    """The text as long as before, HTML's tags blank, with a comma where one parts two lines."""
    if "<" not in text:
        return text
    blank = list(_TAG.sub(lambda match: " " * len(match[0]), text))
    said = [index for index, character in enumerate(blank) if character.isalnum()]
    for match in _TAG.finditer(text):
        if match["block"] and said and said[0] < match.start() < said[-1]:
            blank[match.start() + 1] = ","
    return "".join(blank)


def _blank(match: re.Match[str]) -> str:
    if match["entity"]:
        plain = html.unescape(match[0])
        return plain[:1].ljust(len(match[0]), "\u200b") if len(plain) < 3 else match[0]
    if match["link"]:
        start = match.start("link") - match.start()
        return " " * start + match["link"] + " " * (match.end() - match.end("link"))
    return " " * len(match[0])


def list_line_ends(text: str) -> set[int]:
    """Where lines end that are items or titles of their own, each at its last character's end.

    Before a bullet; before a capital or a figure where the line is clearly shorter than the longest
    around it, or none is long: prose wrapped by an editor fills its lines, and gets no pauses.
    """
    ends: set[int] = set()
    for block in re.finditer(r"(?:[^\n]*\S[^\n]*\n?)+", text):
        lines = [
            (line[0].strip(), block.start() + line.start() + len(line[0].rstrip()))
            for line in re.finditer(r"[^\n]+", block[0])
        ]
        longest = max(len(line) for line, _ in lines)
        width = longest * _FILLED if longest > _NARROWEST else longest
        for (line, end), (following, _) in pairwise(lines):
            first = following.lstrip(OPENING)[:1]
            begins = first.isalnum() and not first.islower()
            listed = _BULLET.match(following) or unicodedata.category(following[0]) == "So"
            if line[-1] != "." and (listed or (begins and len(line) <= width)):
                ends.add(end)
    return ends


def find_inch_marks(words: tuple[Word, ...]) -> set[int]:
    """The words whose final quote is an inch or a foot: 12", 50', where none is open to close."""
    found: set[int] = set()
    opened = {'"': False, "'": False}
    for index, word in enumerate(words):
        bare = word.text.rstrip(",.;:!?)")
        first, last = word.text.lstrip("([")[:1], bare[-1:]
        if first in opened:
            opened[first] = True
        if last in opened and len(bare) > 1:
            if not opened[last] and bare[-2].isdecimal():
                found.add(index)
            opened[last] = False
    return found
