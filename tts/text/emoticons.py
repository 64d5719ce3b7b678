"""Faces that are typed with letters or figures: :D, xD, :3. They are silent, as emoji are."""

import re

from tts.text.context import FINAL

_FACE = re.compile(r"[:;=][-o^']?[DPpOo3]|xD+|XD{2,}")
# After one of these, a face's signs belong to a formula, a time or a ratio: x =3, 1 :3. I and A are
# words.
_OPERAND = re.compile(r"[^\W\dIA_]|.*\d", re.DOTALL)


def is_emoticon(word: str, previous: str) -> bool:
    """Whether a word is a face. "XD" is none: it is a word of letters as often.

    word: the word without quotes and brackets. previous: the word before it.
    """
    if not _FACE.fullmatch(word.rstrip(FINAL)):
        return False
    return word[0] in "xX" or not _OPERAND.fullmatch(previous.rstrip(FINAL))
