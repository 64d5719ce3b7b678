"""English web addresses, e-mail addresses, files, paths, hashtags and keys."""

import re
from re import Match

from tts.text import numbers
from tts.text.context import WordContext
from tts.text.english import acronyms, numerals

# Country codes and endings of files that are spelled; other endings are spoken as words.
SPELLED_LABELS = {"uk", "us", "eu", "tv", "io", "ai", "py", "ui", "id"}
ENDINGS = {
    "com", "org", "net", "edu", "gov", "io", "ai", "co", "uk", "de", "fr", "app", "dev", "tv", "me",
    "info", "biz", "eu", "us", "ca", "au", "js", "py", "md", "txt", "java", "html", "json", "pdf",
    "csv", "xml", "php", "css", "ts", "jpg", "png", "mp3", "mp4", "wav", "exe", "zip", "docx",
    "xlsx", "pptx", "ly", "gg", "cc", "to", "rs", "go", "sh", "swift",
}  # fmt: skip
ADDRESS = re.compile(
    r"(?i:https?://)?(?i:www\.)?(?P<address>[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?:(?:localhost|\d{1,3}(?:\.\d{1,3}){3})(?=[:/])|[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\d?)(?::\d{2,5})?"
    r"(?:[/?][\w./?=&#%~+@:-]*)?)"
)
# Addresses of other kinds than of the web, of which the beginning is spoken too.
LOCATION = re.compile(r"(?!https?:)(?P<address>[a-z][a-z0-9+]{1,9}://[\w./?=&#%~+@:-]+)", re.I)
# /usr/bin, ./run.sh, C:\\Users, and src/main.py by its ending. After a single slash alone there are
# other things: </b>, /s.
_SEGMENT = r"[\w.@+~-]+"
PATH = re.compile(
    rf"(?P<address>(?:~|\.{{1,2}})?(?:/{_SEGMENT}){{2,}}/?|(?:~|\.{{1,2}})/{_SEGMENT}/?"
    rf"|/(?:bin|dev|etc|home|mnt|opt|root|srv|tmp|usr|var)/?"
    rf"|(?:[A-Za-z]:|\\)[/\\]{_SEGMENT}(?:[/\\]{_SEGMENT})*[/\\]?"
    rf"|{_SEGMENT}(?:[/\\]{_SEGMENT})*[/\\][\w@+~-]+\.(?i:{'|'.join(sorted(ENDINGS))}))"
)
# Names of keys that are pressed together: Ctrl+C. A hyphen follows the first two only, since
# "opt-in" and "shift-click" have no plus.
_KEY_NAMES = {
    "ctrl": "control", "cmd": "command", "alt": "alt", "command": "command",
    "control": "control", "fn": "function", "meta": "meta", "opt": "option", "option": "option",
    "shift": "shift", "super": "super", "win": "windows", "del": "delete", "esc": "escape",
    "ins": "insert", "pgdn": "page down", "pgup": "page up",
}  # fmt: skip
_KEYS = re.compile(
    r"(?:[Cc]trl|[Cc]md)(?:[+-][A-Za-z0-9]{1,9}){0,4}"
    r"|(?:[Aa]lt|[Cc]ommand|[Cc]ontrol|[Ff]n|[Mm]eta|[Oo]pt(?:ion)?|[Ss]hift|[Ss]uper|[Ww]in)"
    r"(?:\+[A-Za-z0-9]{1,9}){1,4}"
)
# Endings that are also words.
_WORDS = {"to", "me", "us", "go", "de", "co", "ca", "ly"}


def address(match: Match[str]) -> list[str]:
    """A domain, an e-mail address or a file: example.com -> example dot com."""
    names = {".": "dot", "@": "at", "/": "slash", "-": "dash", "_": "underscore", "+": "plus"}
    names |= {"?": "question mark", "=": "equals", "&": "and", "#": "hash", ":": "colon"}
    names |= {"\\": "backslash", "~": "tilde"}
    spoken: list[str] = []
    written = match["address"].rstrip("/")
    # In an address capitals mean nothing (INFO@EXAMPLE.COM); in a file they may be an acronym.
    is_address = "@" in written or match[0][:4].lower() in ("http", "www.")
    written = written.lower() if is_address and written.isupper() else written
    for part in re.findall(r"[A-Za-z]+|\d+|[.@/_?=&#:+~\\-]", written):
        if part in names:
            spoken += names[part].split()
        elif part.isdecimal():
            spoken += numerals.two_by_two(part) if len(part) == 4 else numbers.cardinal(part)
        else:
            spoken += _label(part)
    return spoken


def keys_rule(word: WordContext) -> list[str]:
    """Ctrl+C -> control plus C; Cmd-V -> command V."""
    if not _KEYS.fullmatch(word.core):
        return []
    spoken: list[str] = []
    for part in re.findall(r"[A-Za-z0-9]+|\+", word.core):
        name = _KEY_NAMES.get(part.lower(), "plus" if part == "+" else "")
        if name:
            spoken += name.split()
        else:
            is_letter = len(part) == 1 and part.isalpha()
            spoken += [part.upper()] if is_letter else acronyms.verbalize_unknown(part)
    return spoken


def dotted_name_rule(word: WordContext) -> list[str]:
    """An ending that stands alone: .NET, a .com, .env files."""
    if word.core[:1] != ".":
        return []
    name = word.core[1:]
    is_ending = name.lower() in ENDINGS - _WORDS or name in ("env", "gitignore")
    if not is_ending or not (name.islower() or name == "NET"):
        return []
    return ["dot", "net"] if name == "NET" else ["dot", *_label(name)]


def wireless_rule(word: WordContext) -> list[str]:
    """The standards of networks: IEEE 802.11be."""
    match = re.fullmatch(r"802\.(\d{1,2})([a-z]{0,2})", word.core)
    if not match or not (match[2] or word.previous_key in ("ieee", "wi-fi", "wifi")):
        return []
    return ["eight", "oh", "two", "dot", *numbers.cardinal(match[1]), *match[2].upper()]


def _label(part: str) -> list[str]:
    """A part of an address: a word, or letters."""
    has_vowel = re.search("[aeiouy]", part, re.I)
    is_spelled = part.lower() in SPELLED_LABELS or (1 < len(part) < 5 and not has_vowel)
    return list(part.upper()) if is_spelled else acronyms.verbalize_unknown(part)


def hashtag(match: Match[str]) -> list[str]:
    """#100DaysOfCode -> hashtag one hundred Days Of Code."""
    tag = match["tag"]
    if numerals.YEAR.fullmatch(tag):
        return ["hashtag", *numbers.year(tag)]
    camel_case = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+"
    parts = re.findall(camel_case, tag) if tag.isascii() else [tag]
    spoken = (
        numbers.year(part) if numerals.YEAR.fullmatch(part) else acronyms.verbalize_unknown(part)
        for part in parts
    )
    return ["hashtag", *(word for words in spoken for word in words)]
