"""A word between its neighbours, as the rules of all languages see it."""

from dataclasses import dataclass
from functools import cached_property

from unicode_sets import DASHES, VOICE_MARKS

FINAL = VOICE_MARKS + "…"
JOINER = DASHES + "/"
# No rule knows a longer word. A word of thousands of parts compares each part with its neighbours.
MAX_NEIGHBOUR_CHARS = 200


@dataclass(frozen=True)
class WordContext:
    """A word without its final punctuation, that punctuation, and its neighbours as written.

    core: the word without its final punctuation.
    punctuation: the marks of FINAL at its end.
    previous, following: the words beside it, with their punctuation; empty at the text's ends.
    before_previous, after_following: the words next to those.
    all_caps: the word stands in a row of words in capitals, so capitals mean nothing here.
    """

    core: str
    punctuation: str
    previous: str
    following: str
    before_previous: str = ""
    after_following: str = ""
    all_caps: bool = False

    @cached_property
    def key(self) -> str:
        """The word in lower case, as the tables have it."""
        return self.core.lower()

    @property
    def dotted(self) -> bool:
        """Whether a single period follows, with or without another mark: "etc.", "etc.,"."""
        return self.punctuation[:1] == "." and self.punctuation[1:2] not in (".", "…")

    @cached_property
    def following_key(self) -> str:
        """The next word in lower case, without its final punctuation."""
        return self.following.rstrip(FINAL).lower()

    @cached_property
    def previous_key(self) -> str:
        """The previous word in lower case, without its final punctuation."""
        return self.previous.rstrip(FINAL).lower()


def word_context(
    word: str,
    previous: str,
    following: str,
    before_previous: str = "",
    after_following: str = "",
) -> WordContext:
    """Split the final punctuation off a word; the parameters are WordContext's fields.

    Of a longer neighbour only the MAX_NEIGHBOUR_CHARS next to the word count.
    """
    core = word.rstrip(FINAL)
    punctuation = word[len(core) :]
    return WordContext(
        core,
        punctuation,
        previous[-MAX_NEIGHBOUR_CHARS:],
        following[:MAX_NEIGHBOUR_CHARS],
        before_previous[-MAX_NEIGHBOUR_CHARS:],
        after_following[:MAX_NEIGHBOUR_CHARS],
    )
