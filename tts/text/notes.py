"""The marks of notes, which nobody reads aloud: war.[12], fast [3, 4]., [citation needed], May.²

What blanks them keeps the length of the text, so that the offsets of its words stay. They are the
same in all languages.
"""

import re
from re import Match

_NUMBERS = r"[1-9]\d{0,2}(?:[ ]?[,;–-][ ]?[1-9]\d{0,2}){0,9}"
# Those of Wikipedia, and the footnotes of Markdown.
_REMARKS = (
    r"(?:citation|clarification|page|better source|verification|full citation|attribution) needed"
    r"|(?:note|nb|n) \d{1,2}|failed verification|dead link|original research\??|dubious"
    r"|who\?|when\?|where\?|which\?|by whom\?|according to whom\?|edit|\^[\w-]{1,20}"
)
_CITATION = re.compile(
    rf"(?P<space> ?)(?:\[(?:(?P<numbers>{_NUMBERS})|(?i:{_REMARKS}))\]){{1,9}}"
    r"(?![\w([:=]| ?=(?!=\S)|\.\w)"
)
# What a mark without a space follows, and what one with a space does: words, rather than x[1].
_BEFORE = re.compile(r"(?:[^\W\d_]{2}|[\d%]{2}|\S[.,;:!?…\"'”’»)。，、！？」])\Z")
_LAST_WORD = re.compile(r"(?<![^\W\d_])(?P<word>[^\W\d_]{1,40})(?P<period>\.?)\Z")
# After these, figures in square brackets are an index, a list, a key to press, or are read aloud.
_COUNTING = {
    "args", "argv", "arr", "array", "buf", "buffer", "data", "dict", "grid", "items", "list",
    "lists", "map", "matrix", "nums", "row", "rows", "tuple", "values", "vec", "vector",
}  # fmt: skip
_NAMING = _COUNTING | {
    "between", "button", "choose", "click", "domain", "enter", "equals", "from", "interval", "item",
    "like", "number", "numbers", "option", "page", "pairs", "points", "press", "range", "reference",
    "references", "section", "select", "sequence", "step", "type", "with",
}  # fmt: skip
# What assistants leave in the texts that they write: 【4†source】.
_SOURCE = re.compile(
    r"【\d{1,3}(?::\d{1,3})?†[^【】\n]{0,80}】|:contentReference\[oaicite:\d{1,4}\]\{index=\d{1,4}\}"
)
# The note itself, in a line of its own: [^1]: The note, or ¹ The note.
_LABEL = re.compile(r"^ {0,3}\[\^[\w-]{1,20}\]:", re.MULTILINE)
_RAISED_LABEL = re.compile(r"^ {0,3}[⁰¹²³⁴-⁹]{1,3}(?=[ \t])", re.MULTILINE)
_RAISED = "[⁰¹²³⁴-⁹]{1,3}(?:[,⁻–][⁰¹²³⁴-⁹]{1,3}){0,9}"
_RAISED_NOTE = re.compile(
    rf"(?:(?<=[^\W\d_]{{3}})|(?<=[\w\"”’»)][.,;:!?…])|(?<=[.,;!?…][\"'”’»)])){_RAISED}(?![\w⁻])"
)
# Words whose powers are spoken.
_POWERS = {
    "centimeter", "centimeters", "centimetre", "centimetres", "cos", "cosh", "cot", "csc", "feet",
    "foot", "inch", "inches", "kilometer", "kilometers", "kilometre", "kilometres", "log", "meter",
    "meters", "metre", "metres", "metri", "metro", "metros", "mile", "miles", "mètre", "mètres",
    "sec", "second", "seconds", "sin", "sinh", "tan", "tanh", "yard", "yards", "zoll",
}  # fmt: skip


def blank_notes(text: str) -> str:
    """Blank the numbers of citations and footnotes. The marks beside them stay."""
    if "†" in text or ":contentReference" in text:
        text = _SOURCE.sub(lambda match: "\u200b" * len(match[0]), text)
    if "[" in text:
        text = _CITATION.sub(_citation, _LABEL.sub(lambda match: " " * len(match[0]), text))
    if text.isascii():
        return text
    text = _RAISED_LABEL.sub(lambda match: " " * len(match[0]), text)
    return _RAISED_NOTE.sub(_raised, text)


def _citation(match: Match[str]) -> str:
    before = match.string[max(0, match.start() - 42) : match.start()]
    word = _LAST_WORD.search(before)
    name = word["word"] if word else ""
    if match["space"]:
        is_cited = _is_cited_apart(match, word)
    else:
        # An index follows the names of programs: items[1], myList[2], a_b[3].
        joint = before[: word.start()][-1:] if word else ""
        is_name = joint in tuple("_.0123456789") or not (name == name.lower() or name.istitle())
        is_index = match["numbers"] and (name in _COUNTING or is_name)
        is_cited = bool(_BEFORE.search(before)) and not is_index
    # Zero-width spaces: what follows stays a part of the word.
    return "\u200b" * len(match[0]) if is_cited else match[0]


def _is_cited_apart(match: Match[str], word: Match[str] | None) -> bool:
    """Whether a mark after a space ends a clause: as shown before [12]. Smith et al. [3] too."""
    if not match["numbers"]:
        return True
    if word is None:
        return False
    if word["period"]:
        return word["word"] == "al"
    ends = re.match(r"[.,;:!?)]|\s*\Z", match.string[match.end() : match.end() + 8])
    return bool(ends) and len(word["word"]) > 3 and word["word"].lower() not in _NAMING


def _raised(match: Match[str]) -> str:
    before = match.string[max(0, match.start() - 16) : match.start()]
    word = re.search(r"[^\W\d_]{1,16}\Z", before)
    # The ² of "A²z³" is no letter, although \w matches it. 米 is a meter.
    is_power = word and (
        word[0].lower() in _POWERS or word[0][-1] in "米里尺寸" or not word[0].isalpha()
    )
    return match[0] if is_power else "\u200b" * len(match[0])
