"""Letters and figures in other shapes (bold, full width, ligatures) as the ones that are meant."""

import re
import unicodedata

from tts.runs import JOINERS
from tts.written import INVISIBLE

_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_SHAPES = ("<font>", "<wide>", "<narrow>", "<square>")
_ROUND = ("<compat>", "<circle>")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉٫٬", "0123456789.,")


def visible(text: str, language: str) -> str:
    """The text in NFC without what is not seen.

    Other languages than English keep the joiners inside a word: Persian and India's write with
    them.
    """
    text = unicodedata.normalize("NFC", text)
    if text.isascii() or not _INVISIBLE.search(text):
        return text
    return "".join(
        character
        for index, character in enumerate(text)
        if not _INVISIBLE.match(character)
        or (language != "en" and character in JOINERS and _is_inside(text, index))
    )


def _is_inside(text: str, index: int) -> bool:
    around = text[index - 1 : index] + text[index + 1 : index + 2]
    return len(around) == 2 and all(unicodedata.category(c)[0] in "LM" for c in around)


def plain(text: str) -> str:
    """Bold, full width, circled and joined letters as plain ones; CO₂ as CO2, 10⁶ as 10^6.

    The squares and cubes of units and names stay as they are.
    """
    if text.isascii():
        return text
    text = "".join(map(_plain, text)).translate(_LOWERED)
    return re.sub(r"(?<=[\dA-Za-z])([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", _power, text)


def _power(match: re.Match[str]) -> str:
    before = match.string[: match.start()]
    if match[0] in ("²", "³"):
        return match[0]
    one_letter = re.search(r"(?:^|[^A-Za-z])[A-Za-z]$|\d$", before)
    return "^" + match[0].translate(_RAISED) if one_letter else ""


def _plain(character: str) -> str:
    shape = unicodedata.decomposition(character).partition(" ")[0]
    if shape in _SHAPES or character in "℃℉":
        return unicodedata.normalize("NFKC", character)
    kind = unicodedata.category(character)
    if shape in _ROUND and kind in ("Nl", "No"):
        value = unicodedata.numeric(character, 0.5)
        return str(int(value)) if value == int(value) else character
    if shape in _ROUND and kind in ("Ll", "Lu"):
        letters = unicodedata.normalize("NFKC", character)
        return letters if letters.isalpha() else character
    return character
