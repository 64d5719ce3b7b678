"""A word of an English text among its neighbours, as the rules see it."""

from dataclasses import dataclass

FINAL = ".,;:!?…"
JOINER = "-‐‑‒–—―/"


@dataclass(frozen=True)
class Place:
    """A word without its final punctuation, that punctuation, and its neighbours as written.

    `earlier` stands before the word before, `beyond` behind the word after.
    """

    bare: str
    tail: str
    before: str
    after: str
    earlier: str = ""
    beyond: str = ""
    shouting: bool = False

    @property
    def name(self) -> str:
        """The word as the tables spell it."""
        return self.bare.lower()

    @property
    def dotted(self) -> bool:
        """Whether a single period follows, perhaps with a comma after it."""
        return self.tail[:1] == "." and self.tail[1:2] not in (".", "…")

    @property
    def next(self) -> str:
        """The next word as the tables spell it."""
        return self.after.rstrip(FINAL).lower()

    @property
    def label(self) -> str:
        """The word before as the tables spell it."""
        return self.before.rstrip(FINAL).lower()


def place(word: str, before: str, after: str, earlier: str = "", beyond: str = "") -> Place:
    """A word between its neighbours."""
    bare = word.rstrip(FINAL)
    return Place(bare, word[len(bare) :], before, after, earlier, beyond)
