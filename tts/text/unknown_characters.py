"""Characters of a script for which the engine has no sound."""

import unicodedata
from collections.abc import Callable, Sequence
from typing import ClassVar

from errors import WorkerError
from tts.speech import Token
from tts.text.script_warnings import listed

_REMEDY = (
    "use a checkpoint that was trained on this language (the operator can set F5_CKPT_FILE and "
    "F5_VOCAB_FILE)"
)

Unknown = Callable[[str], Sequence[str]]
"""`unknown_characters` of an engine."""


class LettersUnknown(WorkerError):
    """A script of which the engine knows no letter: its speech would be noise."""

    code: ClassVar[str] = "text_rejected"

    def __init__(self, unknown: Sequence[str]) -> None:
        super().__init__(
            f"the checkpoint knows no letter of this text ({_quoted(unknown)}), so its speech "
            f"would be noise; {_REMEDY}"
        )


def check_letters(tokens: Sequence[Token], unknown: Unknown) -> list[str]:
    """`warn_unknown` about a script. Raises LettersUnknown if no letter of it has a sound.

    tokens: the spoken words of the script.
    unknown: tells the characters of a text for which the engine has no sound.
    """
    text = "".join(token.spoken for token in tokens)
    letters = set(filter(str.isalpha, text))
    silent = unknown(text)
    # Marks that belong to a letter are no letters to Unicode, and sound only with it.
    if letters and letters <= set(silent):
        raise LettersUnknown(silent)
    return warn_unknown(tokens, unknown)


def warn_unknown(tokens: Sequence[Token], unknown: Unknown, whose: str = "") -> list[str]:
    """A sentence that names the characters for which the voice says nothing, and words with them.

    tokens: spoken words. unknown: as for `check_letters`. whose: what the sentence begins with.
    """
    silent = unknown("".join(token.spoken + token.pause for token in tokens))
    if not silent:
        return []
    found = frozenset(silent)
    words = (token.spoken for token in tokens if not found.isdisjoint(token.spoken + token.pause))
    return [
        f"{whose}the checkpoint does not know {_quoted(silent)} (in {listed(words)}): the voice "
        f"says nothing for them; {_REMEDY}"
    ]


def _quoted(characters: Sequence[str]) -> str:
    """The first of these in quotes; a mark that stands on a letter stands on a circle."""
    return listed(
        f"'◌{character}'" if unicodedata.category(character)[0] == "M" else f"'{character}'"
        for character in characters
    )
