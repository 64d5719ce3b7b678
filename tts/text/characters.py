"""Single characters: folding their variants, and splitting a word into letters and digits."""

import re
import unicodedata
from itertools import groupby

from tts.text.words import INVISIBLE

_HYPHEN = re.compile(r"(?<=[^\W\d_])[-‐‑](?=[^\W\d_])")
# To Unicode 〇 is a number and no letter, so `isalpha` does not hold for it: 〇点五.
_ZERO = "〇"
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_SHAPES = ("<font>", "<wide>", "<narrow>", "<square>")
_ROUND = ("<compat>", "<circle>")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def drop_invisible(text: str, language: str) -> str:
    """The text in NFC, without zero-width characters.

    Joiners inside a word stay in other languages than English: Persian and the languages of India
    write with them.
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


def fold_compatibility(text: str) -> str:
    """Bold, full-width, circled and ligature letters as plain ones, CO₂ as CO2, 10⁶ as 10^6.

    The ² and ³ of units (km²) stay, since the tables of units have them.
    """
    if text.isascii():
        return text
    text = "".join(map(_plain, text)).translate(_LOWERED)
    return re.sub(r"(?<=[\dA-Za-z])([⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+)", _power, text)


def _power(match: re.Match[str]) -> str:
    if match[0] in ("²", "³"):
        return match[0]
    if match[0][-1] in "⁻⁺":  # the charge of an ion
        after_figure = match.string[match.start() - 1].isdecimal() and len(match[0]) > 1
        return ("^" if after_figure else "") + match[0].translate(_RAISED)
    # After a word a raised number is a footnote's mark, which nobody reads aloud.
    before = match.string[max(0, match.start() - 2) : match.start()]
    is_power = before[-1:].isdecimal() or not re.fullmatch("[A-Za-z]{2}", before)
    return "^" + match[0].translate(_RAISED) if is_power else ""


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


# Zero-width non-joiner and joiner, which are part of the spelling in Persian and in India.
JOINERS = "\u200c\u200d"


def runs(text: str) -> list[str]:
    """Split a word into runs of letters, runs of decimal digits, and single symbols.

    Letters keep their combining marks and inner apostrophes; curly apostrophes become straight.
    `\\w` of the re module does not match combining marks: with it, words in Devanagari, Thai and
    Arabic would fall apart.
    """
    text = text.replace("’", "'")
    parts: list[str] = []
    for kind, characters in groupby(text, _kind):
        run = "".join(characters)
        if kind == "letters":
            parts += [part for part in (run.lstrip("'"),) if part.strip("'")]
        elif kind == "digits":
            parts.append(run)
        else:
            parts += run
    return parts


def _kind(character: str) -> str:
    kind = unicodedata.category(character)
    if kind[0] in "LM" or kind == "Nl" or character in "'" + JOINERS:
        return "letters"
    return "digits" if character.isdecimal() else "symbols"


def letters(text: str) -> list[str]:
    """The runs of letters and of digits in a text; a hyphen between letters stays (allez-vous)."""
    return [run for part in _HYPHEN.sub("\u2060-\u2060", text).split() for run in _runs(part)]


def _runs(part: str) -> list[str]:
    kept: list[list[str]] = []
    is_joined = False
    for run in runs(part):
        if run == "\u2060":
            continue
        if run == "-" and kept:
            is_joined = True
        elif run[0].isalpha() or run[0].isdecimal() or run[0] == _ZERO:
            if is_joined:
                kept[-1].append(run)
            else:
                kept.append([run])
            is_joined = False
    return ["-".join(joined) for joined in kept]
