"""What captions show for a script: its words without the markup around them.

What takes markup away keeps the length of the text, so that the offsets of its words stay.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import regex

from tts.speech import Token, Word
from tts.text import formatting
from tts.text.latex import plain_math
from tts.text.markdown import blank_fences, blank_links
from tts.text.notes import blank_notes
from tts.text.tags import Markup, Reading
from unicode_sets import CLAUSE_MARKS, CLOSING_BRACKETS, OPENING_BRACKETS, UNSPACED

# No character of a text is one: `strip_control` takes them out. It stands where nothing is shown
# and no space either.
_NOTHING = "\x00"
_MAY_BE_MARKUP = re.compile(
    r"[*_`#~|<>&\[\]\\$\u202a-\u202e\u2066-\u2069]|^[ \t]*+[-+=:•‣◦▪●○∙·—–─━═⸻⁂]|==|\^|[†¹²³⁰-⁹]",
    re.MULTILINE,
)
# A line of one sign, three times or more, with or without spaces: --- or * * *.
_RULE = re.compile(
    r"^[ \t]*+(?:(?P<sign>[-*_=~•·—–─━═])(?:[ \t]*+(?P=sign)){2,}+|[⸻⁂])[ \t]*+$", re.MULTILINE
)
_ALERT = re.compile(r"\[!(?P<kind>NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]")
_HEADING = re.compile(r"^(?P<mark>[ \t]*+#{1,6})(?P<title>[ \t][^\n]*+)$", re.MULTILINE)
_QUOTED = re.compile(r"^[ \t]*+(?:>[ \t]*+)++(?=[^\d\s$€£¥=]|==\S|$)", re.MULTILINE)
# What the definition of a term begins with.
_TERM = re.compile(r"^[ \t]*+:(?=[ \t]{1,3}[\w*\"'“‘`])", re.MULTILINE)
_AUTOLINK = re.compile(
    r"<(?P<address>(?:https?://|mailto:|ftp://)[^\s<>]{1,500}|[\w.+-]{1,64}@[\w.-]{1,255})>"
)
# H~2~O and x^2^, as some writers of Markdown have them.
_LOWERED = re.compile(r"(?<=[A-Za-z)])~(?P<low>[0-9n+-]{1,4})~(?!~)")
_RAISED = re.compile(r"(?<=[\w)])\^(?P<high>[\w+-]{1,10})\^(?![\w^])")
_BULLET = re.compile(r"^[ \t]*+(?:[-*+](?=[ \t])|[•‣◦▪●○∙·](?=[ \t]?))", re.MULTILINE)
_TABLE_RULE = re.compile(r"(?=[^|]*\|)(?=[^-]*-)[ \t|:-]+")
_CODE = re.compile(r"(?<!`)(?P<ticks>`{1,3})(?!`)[^`\n]{1,300}(?P=ticks)(?!`)")
# Faces with a mark of emphasis: ^_^, -_-, *_* and ¯\\_(ツ)_/¯.
_FACE = r"(?<!\S)[-^>*=~.;oOTx°•]_{1,3}[-^<*=~.;oOTx°•](?=[\s.,!?)]|\Z)|¯\\{0,2}_\(ツ\)_/¯"
_DELIMITERS = re.compile(
    rf"(?P<paragraph>\n[ \t]*+\n)|(?P<face>{_FACE})|`{{1,3}}"
    r"|(?<!\*)\*{1,3}(?!\*)|(?<!_)_{1,3}(?!_)|(?<!~)~~(?!~)|(?<!=)==(?!=)"
)
_MAX_BOLD = 40
"""Letters of a part of a word that is bold alone."""
_BOLD_PART = re.compile(rf"[^\W\d_]{{3,{_MAX_BOLD}}}\*\*(?!\*)")
_NO_MORE_STARS = re.compile(r"[^\s*]{0,60}(?![^\s])")
_PARAGRAPHS = re.compile(r"(\n[ \t]*+\n)")
_BAR_OR_DASH = re.compile("[|:-]")
# In the path of a file, C:\new\_old, a backslash is no escape.
_ESCAPE = re.compile(
    r"(?<!\S)(?P<path>[A-Za-z]:\\\S*+|\\\\\S*+)|(?P<arm>¯\\)\\?+(?=_\(ツ)"
    r"|\\(?=[*_#~`\[\]|<>+(){}.!%&$\"'\n-])"
)
# The spaces that markup leaves inside a word: [more](link), and <b>more</b>.
_LOOSE = re.compile(
    rf" (?=[{re.escape(CLAUSE_MARKS + CLOSING_BRACKETS)}])|(?<=[{re.escape(OPENING_BRACKETS)}]) "
)
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SPACED = regex.compile(rf"[^\W_{UNSPACED}]")
"""A letter or figure of a script that puts spaces between words."""


def with_shown(markup: Markup, words: Sequence[Word], tokens: Sequence[Token]) -> tuple[Word, ...]:
    """The words with what captions show for them. A word that is heard shows something.

    markup: the text, and what it shows in another way than it says.
    tokens: what is heard of the words.
    """
    spoken = {token.word for token in tokens}
    only_said = {reading.char_start for reading in markup.readings if not reading.is_shown}
    shown = shown_words(markup.text, words, markup.readings)
    return tuple(
        word
        if text is None or (not text and index in spoken and word.char_start not in only_said)
        else replace(word, shown=text)
        for index, (word, text) in enumerate(zip(words, shown, strict=True))
    )


def shown_words(
    text: str, words: Sequence[Word], readings: Sequence[Reading] = ()
) -> Iterator[str | None]:
    """What captions show for each word, nothing for a mark of Markdown; None if it is the word.

    text: the script, and `words` with their offsets in it.
    readings: parts of the text that are shown just as they are written, or not at all.
    """
    if not readings and not _MAY_BE_MARKUP.search(text):
        yield from (None for _ in words)
        return
    shown = _with_readings(_without_markup(text), text, readings)
    last = "."
    for word in words:
        part = shown[word.char_start : word.char_end]
        if part == word.text:
            last = part[-1]
            yield None
            continue
        bare = _LOOSE.sub("", " ".join(part.replace(_NOTHING, "").split()))
        # Of "Yes. {|Um}, no." the comma would stand alone.
        is_rest = word.text.endswith(bare) and not bare.strip(CLAUSE_MARKS)
        if last in CLAUSE_MARKS and is_rest:
            bare = ""
        last = bare[-1:] or last
        yield bare


def _with_readings(shown: str, text: str, readings: Sequence[Reading]) -> str:
    """What is shown of a text, with its readings as they are written, or with nothing for them."""
    parts: list[str] = []
    end = 0
    for reading in readings:
        written = text[reading.char_start : reading.char_end]
        parts.append(shown[end : reading.char_start])
        parts.append(written if reading.is_shown else _NOTHING * len(written))
        end = reading.char_end
    return "".join([*parts, shown[end:]])


def _without_markup(text: str) -> str:
    """The text with spaces in the place of markup that divides words, and else `_NOTHING`."""
    written = text
    text = formatting.blank_tags(blank_fences(text), separator=" ", inline=_NOTHING)
    text = formatting.blank_entities(_AUTOLINK.sub(_address, text))
    text = _BULLET.sub(_spaces, _QUOTED.sub(_spaces, _RULE.sub(_spaces, _TERM.sub(_spaces, text))))
    text = _ALERT.sub(_kind, _HEADING.sub(_title, text))
    if "|" in text:
        text = "".join(_without_table(text))
    text = blank_notes(blank_links(plain_math(text), _NOTHING)).replace("\u200b", _NOTHING)
    if "\u200b" in written:  # Khmer and Thai have them between words
        text = "".join(
            char if char == "\u200b" else kept for char, kept in zip(written, text, strict=True)
        )
    text = _without_emphasis(text)
    if "~" in text or "^" in text:
        text = _RAISED.sub(rf"^\g<high>{_NOTHING}", _LOWERED.sub(_lowered, text))
    text = _ESCAPE.sub(_escaped, text)
    return _DIRECTIONS.sub(_NOTHING, text)


def _without_table(text: str) -> Iterator[str]:
    """The lines of a text with spaces in the place of the lines and edges of tables."""
    for paragraph in _PARAGRAPHS.split(text):
        lines = paragraph.splitlines(keepends=True)
        rules = [bool(_TABLE_RULE.fullmatch(line.rstrip("\n"))) for line in lines]
        is_table = any(rules)
        for line, is_rule in zip(lines, rules, strict=True):
            bare = line.strip()
            if is_rule:
                yield _BAR_OR_DASH.sub(" ", line)
            elif is_table or (bare.startswith("|") and bare.endswith("|")):
                yield line.replace("|", " ")
            else:
                yield line


def _without_emphasis(text: str) -> str:
    """The text without the marks of emphasis, of struck-out words and of code.

    Marks are a pair if the first stands before a word and the second after one, in one paragraph:
    `2 * 3`, `snake_case` and `d**n` keep theirs.
    """
    kept = list(text)
    codes = _CODE.finditer(text)
    code = next(codes, None)
    opened: dict[str, list[list[int]]] = {}
    for match in _DELIMITERS.finditer(text):
        start, end = match.span()
        if match["paragraph"]:
            opened.clear()
        while code and code.end() <= start:
            code = next(codes, None)
        if code and code.start() <= start:
            ticks = len(code["ticks"])
            for at in (code.start(), code.end() - ticks):
                kept[at : at + ticks] = _NOTHING * ticks
            continue
        if match["paragraph"] or match["face"] or match[0][0] == "`":
            continue
        before, after = text[start - 1 : start], text[end : end + 1]
        if before == "\\":
            continue
        openers = opened.setdefault(match[0][0], [])
        if match[0] == "**" and openers and _is_late_end(text, start, end):
            first, last = openers.pop()
            kept[last - 2 : last] = kept[start:end] = _NOTHING * 2
            if first < last - 2:
                openers.append([first, last - 2])
            continue
        is_inside = _SPACED.match(before) and _SPACED.match(after)
        if is_inside and match[0] == "**":
            # Un**believ**able and **S**pecific; d**n keeps its stars.
            if openers:
                inner = text[max(openers[-1][1], start - _MAX_BOLD) : start]
                is_word_s = openers[-1][1] + len(inner) == start and inner.isalpha()
                if is_word_s and _NO_MORE_STARS.match(text, end):
                    _, last = openers.pop()
                    kept[last - 2 : last] = kept[start:end] = _NOTHING * 2
            elif _BOLD_PART.match(text, end):
                openers.append([start, end])
            continue
        if before.strip() and not _SPACED.match(after):
            # Several marks may close at one place: the *** of **a *b***.
            while start < end and openers:
                first, last = openers.pop()
                count = min(last - first, end - start)
                kept[last - count : last] = kept[start : start + count] = _NOTHING * count
                start += count
                if first < last - count:
                    openers.append([first, last - count])
        if start < end and after.strip() and not _SPACED.match(before):
            openers.append([start, end])
    return "".join(kept)


def _is_late_end(text: str, start: int, end: int) -> bool:
    """Whether a mark closes emphasis although a space stands before it: "**Note: **It is"."""
    if text[start - 1 : start] != " " or not text[start - 2 : start - 1].strip():
        return False
    is_between = text[end : end + 1] == " " and not text[end + 1 : end + 2].isdigit()
    return is_between or text[end : end + 1] in tuple(".,;:!?)") or text[start - 2] in ":.!?"


def _title(match: re.Match[str]) -> str:
    """A heading without its marks: those before it, and those that some writers close it with."""
    title = match["title"].rstrip()
    bare = title.rstrip("#")
    title = title if bare[-1:].strip() else bare
    return (" " * len(match["mark"]) + title).ljust(len(match[0]))


def _kind(match: re.Match[str]) -> str:
    return f"{_NOTHING}{_NOTHING}{match['kind']}{_NOTHING}"


def _address(match: re.Match[str]) -> str:
    return f"{_NOTHING}{match['address']}{_NOTHING}"


def _lowered(match: re.Match[str]) -> str:
    return f"{_NOTHING}{match['low']}{_NOTHING}"


def _escaped(match: re.Match[str]) -> str:
    """A match of _ESCAPE without the backslash of an escape."""
    return match["path"] or (match["arm"] or "").ljust(len(match[0]), _NOTHING)


def _spaces(match: re.Match[str]) -> str:
    return " " * len(match[0])
