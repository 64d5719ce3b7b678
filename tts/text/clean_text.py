"""A text that grows while the tags are taken out of it."""

from array import array

from tts.text.traced import TracedText


class CleanText:
    """A text that grows part by part; only its last part is ever looked at again.

    A string would be copied for each tag, of which a long script may have thousands.

    offsets: where each character stands in the source of the parts; a space that is added has the
        place after the character before it.
    """

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.offsets: array[int] = array("I")
        self.has_words = False

    @property
    def length(self) -> int:
        """How many characters it has."""
        return len(self.offsets)

    def append(self, part: TracedText) -> None:
        """Add a part at the end."""
        if part.text:
            self.parts.append(part.text)
            self.offsets += part.offsets
            self.has_words = self.has_words or not part.text.isspace()

    def strip_end(self) -> None:
        """Remove the white space at the end."""
        while self.parts:
            last = self.parts.pop()
            bare = last.rstrip()
            del self.offsets[self.length - len(last) + len(bare) :]
            if bare:
                self.parts.append(bare)
                return

    def end_with_space(self) -> None:
        """Add a space, unless there is no text or it ends with white space."""
        if self.parts and not self.parts[-1][-1].isspace():
            self._add_space(" ")

    def end_paragraph(self) -> None:
        """End the text with a blank line, unless there is no text."""
        self.strip_end()
        if self.parts:
            self._add_space("\n\n")

    def _add_space(self, space: str) -> None:
        after = self.offsets[-1] + 1
        self.append(TracedText(space, array("I", [after] * len(space))))
