"""HTML, SSML and Markdown in a script: what is markup and what is text, and blanking the markup.

What blanks markup keeps the length of the text, so that the offsets of its words stay.
"""

import html
import html.entities
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

from tts.text.latex import plain_math
from tts.text.markdown import blank_fences, blank_links
from tts.text.notes import blank_notes
from tts.text.traced import TracedText

# Elements of HTML, those of its past included, and of SSML.
_ELEMENTS = {
    "abbr", "acronym", "applet", "basefont", "bdi", "bdo", "bgsound", "blockquote", "br",
    "colgroup", "datalist", "dd", "del", "dfn", "dir", "div", "dl", "dt", "em", "fieldset",
    "figcaption", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "hgroup", "hr", "html", "iframe",
    "img", "ins", "kbd", "li", "marquee", "math", "nobr", "noframes", "noscript", "ol", "optgroup",
    "phoneme", "pre", "prosody", "rp", "rt", "samp", "say-as", "small", "span", "speak", "strike",
    "strong", "sup", "svg", "tbody", "td", "textarea", "tfoot", "th", "thead", "tr", "tt", "ul",
    "var", "wbr", "xmp",
}  # fmt: skip
# Elements whose names may also be words or keys in angle brackets: "press <Q>", "Dear <title>".
_ALSO_WORDS = {
    "a", "address", "area", "article", "aside", "audio", "b", "base", "big", "body", "bookmark",
    "break",
    "button", "canvas", "caption", "center", "cite", "code", "col", "data", "desc", "details",
    "dialog", "embed", "emphasis", "figure", "font", "footer", "form", "frame", "head", "header",
    "i", "image", "input", "label", "lang", "legend", "lexicon", "link", "lookup", "main", "map",
    "mark", "media", "menu", "meta", "metadata", "meter", "nav", "object", "option", "output", "p",
    "par", "param", "picture", "portal", "progress", "q", "ruby", "s", "script", "search",
    "section", "select", "seq", "slot", "source", "style", "sub", "summary", "table", "template",
    "time", "title", "token", "track", "u", "video", "voice", "w",
}  # fmt: skip
# Tags that begin a new paragraph, line or list item.
_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "br", "center", "dd", "details", "dialog",
    "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2",
    "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section",
    "summary", "table", "td", "th", "title", "tr", "ul",
}  # fmt: skip
# Elements inside a line, at whose tags a word goes on: H<sub>2</sub>O.
_INLINE = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em",
    "emphasis", "font", "i", "ins", "kbd", "lang", "mark", "nobr", "phoneme", "prosody", "q", "s",
    "samp", "say-as", "small", "span", "strike", "strong", "sub", "sup", "token", "tt", "u", "var",
    "voice", "w", "wbr",
}  # fmt: skip
_FLAGS = (
    "allowfullscreen|async|autofocus|autoplay|checked|compact|controls|default|defer|disabled"
    "|formnovalidate|hidden|inert|ismap|itemscope|loop|multiple|muted|nomodule|noresize|noshade"
    "|novalidate|nowrap|open|playsinline|readonly|required|reversed|selected"
)
# Every part is possessive and none crosses a "<", so that the search takes linear time.
_ATTRIBUTE = (
    r"\s++(?:[A-Za-z_:@][\w:.-]*+\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'|[“”][^“”<]*+[“”]|[^\s\"'<>]++)"
    rf"|(?:{_FLAGS})(?![^\s/>]))"
)
_TAG = re.compile(
    rf"<(?P<close>/)?(?P<name>[A-Za-z][A-Za-z0-9:-]*+)(?P<attributes>(?:{_ATTRIBUTE})*+)"
    r"\s*+(?P<empty>/)?>",
    re.IGNORECASE,
)
_DECLARATION = re.compile(r"<!DOCTYPE\b[^<>]*>|<\?(?:xml|php)\b[^<>]*\?>", re.IGNORECASE)
_SPEAK = re.compile(r"<speak[\s>]", re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
# What stands between them is no text of the script.
_HIDDEN = (
    (re.compile("<!--"), re.compile("-->")),
    (re.compile(r"<script\b[^<>]*>", re.IGNORECASE), re.compile(r"</script\s*>", re.IGNORECASE)),
    (re.compile(r"<style\b[^<>]*>", re.IGNORECASE), re.compile(r"</style\s*>", re.IGNORECASE)),
)
_HIDDEN_IN_SSML = (
    (
        re.compile(r"<metadata\b[^<>]*>", re.IGNORECASE),
        re.compile(r"</metadata\s*>", re.IGNORECASE),
    ),
    (re.compile(r"<desc\b[^<>]*>", re.IGNORECASE), re.compile(r"</desc\s*>", re.IGNORECASE)),
)
_MARKUP = re.compile(
    r"(?P<entity>&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
    r"|(?<=[-*+] )\[[ xX]\](?=\s)"
)
# The marks of a heading before a figure, "## 3 tips", of which the voice would make "number 3".
# With a single # it is a title if it stands alone and ends no sentence: "# 1 in sales." is none.
_NUMBERED_HEADING = re.compile(
    r"(?:^[ \t]*+#{2,6}|(?:\A|(?<=\n\n))[ \t]*+#(?=[ \t]++\d[^\n]{0,200}[^\s.,;:]\n[ \t]*\n))"
    r"(?=[ \t]++\d)",
    re.MULTILINE,
)
_DASH_ITEM = re.compile(r"^[ \t]*+-(?=[ \t])[^\n]*+", re.MULTILINE)
_DASH_BEFORE_FIGURE = re.compile(r"[ \t]*+-(?=[ \t]++[\d$£€¥¼½¾⅓⅔])")
# ==words== that a writer highlights: after a space a == is a comparison.
_HIGHLIGHTED = re.compile(r"(?<![\w=])==(?=[^\s=])(?P<inside>[^\n=]{1,200})(?<!\s)==(?![\w=])")
# Signs that draw the bullet of a list item, or the edge of a quotation, at the start of a line.
# Before a figure they may be signs of arithmetic.
_LINE_MARK = re.compile(
    r"^[ \t]*+(?:[+>→➔➜➝➞➤➢⇒►▶]|[-=]{1,3}>)(?=[ \t]++[^\d\s$€£¥<>=+−-])", re.MULTILINE
)


def blank_markup(text: str) -> str:
    """Blank what `blank_unspoken` does, and decode entities."""
    return blank_entities(blank_unspoken(text))


def blank_entities(text: str) -> str:
    """Decode entities and blank the boxes of task lists. Zero-width spaces fill the length."""
    return _MARKUP.sub(_blank, text) if "&" in text or "[" in text else text


def blank_unspoken(text: str) -> str:
    """Blank tags, bullets, the addresses of Markdown's links, and the marks of notes and LaTeX.

    So are the marks of headings and lists before figures, and those of what is highlighted.
    """
    text = plain_math(blank_tags(blank_fences(text)))
    if "==" in text:
        text = _HIGHLIGHTED.sub(lambda match: f"  {match['inside']}  ", text)
    text = _LINE_MARK.sub(lambda match: " " * len(match[0]), text)
    if "#" in text:
        text = _NUMBERED_HEADING.sub(lambda match: " " * len(match[0]), text)
    return blank_notes(blank_links(_blank_items(text)))


def _blank_items(text: str) -> str:
    """Blank the dashes before the figures of a list. After "190 g" that of "- 3 eggs" is no range.

    A dash alone at the start of a line may be a sign of arithmetic.
    """
    if "\n" not in text or "- " not in text:
        return text
    items = [match.span() for match in _DASH_ITEM.finditer(text)]
    if len(items) < 2:
        return text
    blank = list(text)
    for (start, end), (following, _) in pairwise(items):
        if not text[end:following].strip():
            for item in (start, following):
                if match := _DASH_BEFORE_FIGURE.match(text, item):
                    blank[match.end() - 1] = " "
    return "".join(blank)


def blank_tags(text: str, separator: str = ",", inline: str = " ") -> str:
    """Replace the tags of HTML and SSML by spaces, and comments, scripts and style sheets.

    separator: it stands for a tag that separates two lines or paragraphs; the voice pauses there.
    inline: the character in the place of tags inside a line, at which a word may go on.
    """
    if "<" not in text:
        return text
    text = _blank_hidden(text)
    blank, blocks = list(text), []
    for match in find_tags(text):
        name = match["name"].lower()
        blank[match.start() : match.end()] = (inline if name in _INLINE else " ") * len(match[0])
        if name in _BLOCKS:
            blocks.append(match.start())
    spoken = [index for index, character in enumerate(blank) if character.isalnum()]
    for start in blocks:
        if spoken and spoken[0] < start < spoken[-1]:
            blank[start + 1] = separator
    return "".join(blank)


def find_tags(text: str) -> Iterator[re.Match[str]]:
    """The tags of HTML and SSML in a text; every other word in angle brackets is text.

    A tag has a known name and nothing but attributes after it. A bare name that is also a word
    (`<time>`), a letter (`<I>`) or an extension (`<x:y>`) is a tag only if it has its other half.
    In a text with <speak> every name is one of a tag.
    """
    matches = list(_TAG.finditer(text))
    closed = {match["name"].lower() for match in matches if match["close"]}
    # In a document of SSML a "<" begins a tag, whoever made that tag up.
    is_document = any(match["name"].lower() == "speak" for match in matches)
    for match in matches:
        name = match["name"].lower()
        is_more = match["close"] or match["empty"] or match["attributes"] or name in closed
        is_known = name in _ALSO_WORDS or ":" in name
        if is_document or name in _ELEMENTS or match["name"] == "p" or (is_known and is_more):
            yield match


def is_ssml(text: str) -> bool:
    """Whether a text is a document of SSML: then <p> and <s> are paragraphs and sentences."""
    return bool(_SPEAK.search(text))


def drop_hidden(text: TracedText) -> TracedText:
    """The text without comments, scripts, style sheets and declarations of HTML and XML."""
    if "<" not in text.text:
        return text
    for find in _hidden_finders(text.text):
        text = text.without(find(text.text))
    return text


def _blank_hidden(text: str) -> str:
    """The text with spaces in place of what HTML does not show."""
    for find in _hidden_finders(text):
        parts, end = [], 0
        for start, following in find(text):
            parts += [text[end:start], " " * (following - start)]
            end = following
        text = "".join([*parts, text[end:]])
    return text


_Find = Callable[[str], Iterator[tuple[int, int]]]
"""Finds the stretches of a text that HTML does not show."""


def _hidden_finders(text: str) -> Iterator[_Find]:
    """What finds each kind of hidden text, for the text without the kinds before it.

    text: it says whether it is SSML, which hides more.
    """
    is_document = is_ssml(text)
    if is_document:
        yield partial(_matches, _CDATA)
    for opening, closing in (*_HIDDEN, *(_HIDDEN_IN_SSML if is_document else ())):
        yield partial(_enclosed, opening, closing)
    yield partial(_matches, _DECLARATION)


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    return (match.span() for match in pattern.finditer(text))


def _enclosed(
    opening: re.Pattern[str], closing: re.Pattern[str], text: str
) -> Iterator[tuple[int, int]]:
    end = 0
    # A search for an end that fails is the last one: the time stays linear.
    while (start := opening.search(text, end)) and (close := closing.search(text, start.end())):
        end = close.end()
        yield start.start(), end


def _blank(match: re.Match[str]) -> str:
    if match["entity"]:
        # Zero-width spaces fill the entity's length: AT&amp;T must stay one word.
        return _decoded(match["entity"]).ljust(len(match[0]), "\u200b")
    return " " * len(match[0])


def _decoded(entity: str) -> str:
    """What an entity stands for; one that HTML does not know ("R&D;") stays as it is."""
    # `html.unescape` alone would take the "&not" of "&notes;" for an entity.
    if entity[1] != "#" and entity[1:] not in html.entities.html5:
        return entity
    plain = html.unescape(entity)
    # U+FFFD is what it makes of NUL and of half a surrogate pair.
    is_shown = plain != "\ufffd" and (plain.isprintable() or plain.isspace())
    return plain if is_shown else ""
