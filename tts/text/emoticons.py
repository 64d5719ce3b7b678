"""Faces that are typed with letters or figures: :D, xD, :3, ¯\\_(ツ)_/¯.

They are silent, as emoji are.
"""

import re

from tts.text.context import FINAL

_FACE = re.compile(r"[:;=][-o^']?[DPpOo3]|xD+|XD{2,}|¯\\{0,2}_\(ツ\)_/¯")
# The bracket of these is their mouth. It may close an aside, too: (I got a B-).
_BRACKETED_FACE = re.compile(r"[8B]-\)+")
ASIDE_CHARS = 100
"""So near before a face an open bracket may be the one that it closes."""
# After an operand these are the end of a formula or a ratio: x =3, 1 :3. I and A are words; <3
# and :3 are none.
_FORMULA = re.compile(r"=[^3]?[DPpOo3]|:3")
_OPERAND = re.compile(r"[^\W\dIA_]|(?![<:]3$).*\d", re.DOTALL)


def is_emoticon(word: str, previous: str) -> bool:
    """Whether a word is a face. "XD" is none: it is a word of letters as often.

    word: the word without quotes and brackets. previous: the word before it.
    """
    face = word.rstrip(FINAL)
    if not _FACE.fullmatch(face):
        return False
    return not (_FORMULA.fullmatch(face) and _OPERAND.fullmatch(previous.rstrip(FINAL)))


def is_bracketed_face(word: str, near: str) -> bool:
    """Whether a word is a face with glasses: 8-), B-).

    word: the word with its brackets. near: ASIDE_CHARS of text before it.
    """
    is_face = _BRACKETED_FACE.fullmatch(word.rstrip(FINAL)) is not None
    return is_face and near.count("(") <= near.count(")")
