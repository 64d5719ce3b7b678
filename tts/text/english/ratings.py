"""English ratings by stars: 4.5★, a 5★ hotel, ★★★★☆."""

import re

from tts.text import numbers
from tts.text.context import WordContext

_STARS = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2})?)★|(?P<row>★{1,10})☆{0,10}")
# What a noun's words in small letters are not: rated 5★ by all.
_NO_NOUNS = {"and", "by", "for", "from", "in", "is", "of", "on", "or", "out", "to", "was", "with"}


def stars_rule(word: WordContext) -> list[str]:
    """The number of stars. A star alone is a bullet."""
    match = _STARS.fullmatch(word.core) if "★" in word.core else None
    if not match or word.core == "★":
        return []
    number = match["number"] or str(len(match["row"]))
    noun_follows = word.following[:1].islower() and word.following_key not in _NO_NOUNS
    is_one = number == "1" or (noun_follows and not word.punctuation and match["number"])
    return [*numbers.plain(number), "star" if is_one else "stars"]
