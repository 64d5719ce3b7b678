"""A text that grows while the tags are taken out of it."""


class CleanText:
    """A text that grows part by part; only its last part is ever looked at again.

    A string would be copied for each tag, of which a long script may have thousands.
    """

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.has_words = False

    def append(self, part: str) -> None:
        """Add a part at the end."""
        if part:
            self.parts.append(part)
            self.length += len(part)
            self.has_words = self.has_words or not part.isspace()

    def strip_end(self) -> None:
        """Remove the white space at the end."""
        while self.parts:
            last = self.parts.pop()
            bare = last.rstrip()
            self.length -= len(last) - len(bare)
            if bare:
                self.parts.append(bare)
                return

    def end_with_space(self) -> None:
        """Add a space, unless there is no text or it ends with white space."""
        if self.parts and not self.parts[-1][-1].isspace():
            self.append(" ")

    def end_paragraph(self) -> None:
        """End the text with a blank line, unless there is no text."""
        self.strip_end()
        if self.parts:
            self.append("\n\n")
