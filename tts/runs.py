"""Text taken apart into runs of letters, runs of figures, and single other characters."""

import unicodedata
from itertools import groupby

# What joins or parts two letters of a word in Persian and in the scripts of India.
JOINERS = "\u200c\u200d"


def runs(text: str) -> list[str]:
    """Split into letters (with their marks and inner apostrophes), decimal figures, symbols.

    Curly apostrophes become straight ones; a combining mark belongs to the letter before it, which
    `\\w` of the re module does not know (Devanagari, Thai and Arabic words would fall apart).
    """
    text = text.replace("’", "'")
    parts: list[str] = []
    for kind, characters in groupby(text, _kind):
        run = "".join(characters)
        if kind == "letters":
            parts += [part for part in (run.lstrip("'"),) if part.strip("'")]
        elif kind == "figures":
            parts.append(run)
        else:
            parts += run
    return parts


def _kind(character: str) -> str:
    kind = unicodedata.category(character)
    if kind[0] in "LM" or kind == "Nl" or character in "'" + JOINERS:
        return "letters"
    return "figures" if character.isdecimal() else "symbols"
