"""HTML, SSML and Markdown in a script: what is markup and what is text, and blanking the markup.

What blanks markup keeps the length of the text, so that the offsets of its words stay.
"""

import html
import html.entities
import re
from collections.abc import Callable, Iterator

from tts.text.latex import plain_math
from tts.text.markdown import blank_fences, blank_links
from tts.text.notes import blank_notes

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
    "a", "address", "area", "article", "aside", "audio", "b", "base", "big", "body", "break",
    "button", "canvas", "caption", "center", "cite", "code", "col", "data", "desc", "details",
    "dialog", "embed", "emphasis", "figure", "font", "footer", "form", "frame", "head", "header",
    "i", "image", "input", "label", "lang", "legend", "lexicon", "link", "lookup", "main", "map",
    "mark", "menu", "meta", "metadata", "meter", "nav", "object", "option", "output", "p", "param",
    "picture", "portal", "progress", "q", "ruby", "s", "script", "search", "section", "select",
    "slot", "source", "style", "sub", "summary", "table", "template", "time", "title", "token",
    "track", "u", "video", "voice", "w",
}  # fmt: skip
# Tags that begin a new paragraph, line or list item.
_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "br", "center", "dd", "details", "dialog",
    "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2",
    "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section",
    "summary", "table", "td", "th", "title", "tr", "ul",
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
# What stands between them is no text of the script.
_HIDDEN = (
    (re.compile("<!--"), re.compile("-->")),
    (re.compile(r"<script\b[^<>]*>", re.IGNORECASE), re.compile(r"</script\s*>", re.IGNORECASE)),
    (re.compile(r"<style\b[^<>]*>", re.IGNORECASE), re.compile(r"</style\s*>", re.IGNORECASE)),
)
_MARKUP = re.compile(
    r"(?P<entity>&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
    r"|(?<=[-*+] )\[[ xX]\](?=\s)"
)
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
    """Blank tags, bullets, the addresses of Markdown's links, and the marks of notes and LaTeX."""
    text = plain_math(blank_tags(blank_fences(text)))
    text = _LINE_MARK.sub(lambda match: " " * len(match[0]), text)
    return blank_notes(blank_links(text))


def blank_tags(text: str, separator: str = ",") -> str:
    """Replace the tags of HTML and SSML by spaces, and comments, scripts and style sheets.

    separator: it stands for a tag that separates two lines or paragraphs; the voice pauses there.
    """
    if "<" not in text:
        return text
    text = _replace_hidden(text, lambda length: " " * length)
    blank, blocks = list(text), []
    for match in find_tags(text):
        blank[match.start() : match.end()] = " " * len(match[0])
        if match["name"].lower() in _BLOCKS:
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
    """
    matches = list(_TAG.finditer(text))
    closed = {match["name"].lower() for match in matches if match["close"]}
    for match in matches:
        name = match["name"].lower()
        is_more = match["close"] or match["empty"] or match["attributes"] or name in closed
        is_known = name in _ALSO_WORDS or ":" in name
        if name in _ELEMENTS or match["name"] == "p" or (is_known and is_more):
            yield match


def drop_hidden(text: str) -> str:
    """The text without comments, scripts, style sheets and declarations of HTML and XML."""
    return _replace_hidden(text, lambda length: "") if "<" in text else text


def _replace_hidden(text: str, filler: Callable[[int], str]) -> str:
    """Replace what HTML does not show. filler: makes the replacement from the length of a part."""
    for opening, closing in _HIDDEN:
        parts, end = [], 0
        # A search for an end that fails is the last one: the time stays linear.
        while (start := opening.search(text, end)) and (close := closing.search(text, start.end())):
            parts += [text[end : start.start()], filler(close.end() - start.start())]
            end = close.end()
        text = "".join([*parts, text[end:]])
    return _DECLARATION.sub(lambda match: filler(len(match[0])), text)


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
