"""Links, pictures and blocks of code of Markdown, of which the text alone is spoken.

What blanks them keeps the length of the text, so that the offsets of its words stay.
"""

import re
from re import Match

# What the round brackets of a link hold: an address, bare or in angle brackets, and a title.
_IS_ADDRESS = (
    r"(?=<|https?://|ftp://|mailto:|tel:|data:|[/#.]|[\w.%~-]{1,60}(?:[/#.]\w|[/#]\)|:[/\d]))"
)
_BARE = r"[^\s()<>]{0,500}(?:\([^\s()<>]{0,200}\)[^\s()<>]{0,200}){0,3}"
_ADDRESS = rf"(?:<[^<>\n]{{0,500}}>|{_BARE})"
_TITLE = r"(?:[ \t]{1,9}(?:\"[^\"\n]{0,200}\"|'[^'\n]{0,200}'|“[^”\n]{0,200}”|\([^()\n]{0,200}\)))?"
_LINK = re.compile(
    rf"\[(?P<link>[^\[\]\n]{{1,200}})\]\({_IS_ADDRESS}{_ADDRESS}{_TITLE}[ \t]{{0,9}}\)"
)
_PICTURE = re.compile(
    rf"!\[(?P<link>[^\[\]\n]{{0,200}})\]"
    rf"(?:\({_ADDRESS}{_TITLE}[ \t]{{0,9}}\)|\[[^\[\]\n]{{0,100}}\])"
)
# [the docs][1], [docs][] and [docs], whose address stands in a line of its own: [docs]: https://...
_REFERENCE = re.compile(
    r"\[(?P<link>[^\[\]\n]{1,200})\](?:\[(?P<label>[^\[\]\n]{0,100})\])?(?![(:])"
)
_DEFINITION = re.compile(
    rf"^ {{0,3}}\[(?P<label>[^\[\]\n^]{{1,100}})\]:[ \t]{{1,9}}"
    rf"{_IS_ADDRESS}{_ADDRESS}{_TITLE}[ \t]{{0,9}}$",
    re.MULTILINE,
)
# ```python, and the ``` that ends the block.
_FENCE = re.compile(r"^[ \t]*+(?:`{3,}+[^`\n]*+|~{3,}+[^~\n]*+)$", re.MULTILINE)


def blank_fences(text: str) -> str:
    """Blank the lines that begin and end blocks of code, and the language that they name."""
    if "```" not in text and "~~~" not in text:
        return text
    return _FENCE.sub(lambda match: " " * len(match[0]), text)


def blank_links(text: str) -> str:
    """Blank the addresses of links and pictures, and the lines that define addresses."""
    if "[" not in text:
        return text
    if "![" in text:
        text = _PICTURE.sub(_text_alone, text)
    text = _LINK.sub(_text_alone, text)
    labels = (
        {match["label"].lower() for match in _DEFINITION.finditer(text)} if "]:" in text else set()
    )
    if labels:
        text = _DEFINITION.sub(lambda match: " " * len(match[0]), text)
    if not labels and "][" not in text:
        return text
    return _REFERENCE.sub(lambda match: _referring(match, labels), text)


def _text_alone(match: Match[str]) -> str:
    """The text of a link or a picture, with spaces in the place of its brackets and its address."""
    start, end = match.start("link") - match.start(), match.end() - match.end("link")
    return " " * start + match["link"] + " " * end


def _referring(match: Match[str], labels: set[str]) -> str:
    """A match of _REFERENCE; as it is if it refers to nothing: [12][13], matrix[i][j]."""
    label = match["label"]
    is_defined = (label or match["link"]).lower() in labels
    is_numbered = (
        bool(label) and label.isdecimal() and bool(re.search(r"[^\W\d_]{2}", match["link"]))
    )
    return _text_alone(match) if is_defined or is_numbered else match[0]
