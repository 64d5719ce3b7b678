"""A text that remembers where its characters stood in the text that it was taken from."""

import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass

_WHITE_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class TracedText:
    """A text, and the offset of each of its characters in its source, a text that is as long at
    least. The offsets grow."""

    text: str
    offsets: "array[int]"

    @classmethod
    def whole(cls, text: str) -> "TracedText":
        """A text that is its own source."""
        return cls(text, array("I", range(len(text))))

    def part(self, start: int, end: int | None = None) -> "TracedText":
        """The characters from `start` to `end`, or to the end of the text."""
        return TracedText(self.text[start:end], self.offsets[start:end])

    def without(self, spans: Iterable[tuple[int, int]]) -> "TracedText":
        """The text without these stretches, half-open ones in their order that do not overlap."""
        parts, offsets, end = list[str](), array("I"), 0
        for start, following in spans:
            parts.append(self.text[end:start])
            offsets += self.offsets[end:start]
            end = following
        if not end:
            return self
        return TracedText("".join([*parts, self.text[end:]]), offsets + self.offsets[end:])

    def on_one_line(self) -> "TracedText":
        """The text with single spaces in place of white space, and none at its ends."""
        start = len(self.text) - len(self.text.lstrip())
        bare = self.part(start, max(start, len(self.text.rstrip())))
        longer = bare.without(
            (match.start() + 1, match.end()) for match in _WHITE_SPACE.finditer(bare.text)
        )
        return TracedText(_WHITE_SPACE.sub(" ", longer.text), longer.offsets)
