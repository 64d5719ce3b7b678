"""English telephone numbers: +1-800-555-0199, (206) 555-0188, call 911, 1-800-FLOWERS."""

import re
from re import Match

from tts.text import numbers
from tts.text.context import FINAL, WordContext

# After these three digits are a telephone number: call 911.
DIALLED = {"call", "called", "calling", "dial", "dialed", "dialled", "dialing", "ring", "text"}
PHONE = re.compile(
    r"\+\d{1,3}(?:-\d{1,10}){1,5}|\d{3}-\d{4}|0\d{3,4}-\d{6}|(?:\+?\d{1,3}\.)?\d{3}\.\d{3}\.\d{4}"
    # Fewer figures are a row of numbers: 5-10-15.
    r"|(?=(?:\d-?){7})(?:\+?\d{1,4}|0\d{4})(?:-\d{2,4}){2,4}"
    # With an area code in brackets or before a slash, and with an extension.
    r"|(?:\+?\d{1,3}[-.]?\(?)?\d{3}(?:\)[-.]?|/)\d{3}[-.]\d{4}"
    r"|(?:\+?\d{1,3}-)?\d{3}-\d{3}-\d{4}-\d{1,5}"
)
# An area code in brackets, whose opening one is cut off where it begins the word.
_AREA_CODE = re.compile(r"(?:\+?\d{1,3}[-.]?\()?\d{3}")
_LOCAL = re.compile(r"\d{3}[-.]\d{4}\b")
_EXTENSION = re.compile(r"x(\d{1,6})")


def phone(match: Match[str]) -> list[str]:
    """A telephone number digit by digit, its round hundreds by name: 1-800-555-0199."""
    spoken: list[str] = ["plus"] if match[0].startswith("+") else []
    for group in re.findall(r"\d+", match[0]):
        if re.fullmatch(r"[1-9]00", group):
            spoken += [numbers.DIGITS[int(group[0])], "hundred"]
        else:
            spoken += numbers.one_by_one(group)
    return spoken


def dialled_rule(word: WordContext) -> list[str]:
    """A short telephone number: call 311. 911 needs no such word."""
    is_number = word.previous.lower() in DIALLED or word.core == "911"
    return numbers.one_by_one(word.core) if is_number and re.fullmatch(r"\d{3}", word.core) else []


def area_code_rule(word: WordContext) -> list[str]:
    """The area code of (206) 555-0188 and of +1(415) 555-2671."""
    match = _AREA_CODE.fullmatch(word.core)
    return phone(match) if match and _LOCAL.match(word.following) else []


def extension_rule(word: WordContext) -> list[str]:
    """The extension after a telephone number: 555-0199 x12."""
    match = _EXTENSION.fullmatch(word.core)
    if not match or not PHONE.fullmatch(word.previous.rstrip(FINAL)):
        return []
    return ["extension", *numbers.one_by_one(match[1])]


def toll_free(match: Match[str]) -> list[str]:
    """1-800-FLOWERS: the digits as in a telephone number, the words as words."""
    spoken: list[str] = []
    for part in match[0].split("-"):
        if part.isdecimal():
            is_round = part.endswith("00") and len(part) == 3
            hundreds = [numbers.DIGITS[int(part[0])], "hundred"]
            spoken += hundreds if is_round else numbers.one_by_one(part)
        else:
            spoken.append(part.capitalize())
    return spoken
