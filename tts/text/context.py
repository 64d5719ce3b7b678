"""A word of an English text among its neighbours, as the rules see it."""

from dataclasses import dataclass

from unicode_sets import DASHES, VOICE_MARKS

FINAL = VOICE_MARKS + "…"
JOINER = DASHES + "/"


@dataclass(frozen=True)
class WordContext:
    """A word without its final punctuation, that punctuation, and its neighbours as written.

    `earlier` stands before the word before, `beyond` behind the word after.
    """

    core: str
    punctuation: str
    previous: str
    following: str
    before_previous: str = ""
    after_following: str = ""
    all_caps: bool = False

    @property
    def key(self) -> str:
        """The word as the tables spell it."""
        return self.core.lower()

    @property
    def dotted(self) -> bool:
        """Whether a single period follows, perhaps with a comma after it."""
        return self.punctuation[:1] == "." and self.punctuation[1:2] not in (".", "…")

    @property
    def following_key(self) -> str:
        """The next word as the tables spell it."""
        return self.following.rstrip(FINAL).lower()

    @property
    def previous_key(self) -> str:
        """The word before as the tables spell it."""
        return self.previous.rstrip(FINAL).lower()


def word_context(
    word: str, before: str, after: str, earlier: str = "", beyond: str = ""
) -> WordContext:
    """A word between its neighbours."""
    bare = word.rstrip(FINAL)
    return WordContext(bare, word[len(bare) :], before, after, earlier, beyond)
