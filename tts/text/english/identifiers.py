"""Words of programs as people read them: getUserName, --dry-run, a .py file, Ctrl+C."""

import re

from tts.text import numbers
from tts.text.context import WordContext
from tts.text.english import acronyms, electronic

# Keys whose names are cut short on a keyboard.
KEYS = {
    "ctrl": "control", "cmd": "command", "alt": "alt", "opt": "option", "esc": "escape",
    "del": "delete", "ins": "insert", "shift": "shift", "win": "windows", "tab": "tab",
    "enter": "enter", "fn": "F N", "pgup": "page up", "pgdn": "page down",
}  # fmt: skip
# Beside these a word with two dashes is a flag of a command; elsewhere the dashes are a pause.
_AFTER_FLAGS = {"argument", "flag", "flags", "option", "options", "parameter", "switch"}
_BEFORE_FLAGS = {
    "add", "flag", "option", "pass", "passing", "run", "set", "specify", "use", "using", "with",
}  # fmt: skip
# Endings of hidden files, besides those that the tables of files have.
_HIDDEN = {"env", "gitignore", "bashrc", "yml", "yaml", "toml", "cfg", "ini", "log", "tsv", "ipynb"}
# Names of things that are sold, which have their capitals in the middle.
_BRANDS = {"macOS", "iPhone", "iPad", "iPod", "iMac", "eBay", "deSantis", "deLillo"}
_FLAG = re.compile(r"--([a-z][a-z0-9]{0,30}(?:-[a-z0-9]{1,30}){0,6})(?:=([A-Za-z0-9.]{1,30}))?")
_CAMEL = re.compile(r"[a-z]{2,20}(?:[A-Z][a-z]{1,20}){1,6}(?:[A-Z]{2,5})?|[a-z]{3,20}[A-Z]{2,5}")
_HUMP = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_CHORD = re.compile(r"(?:[A-Z][a-z]{1,4}|[a-z]{3,4})(?:[+-][A-Za-z0-9]{1,6}){1,3}")


def camel_rule(word: WordContext) -> list[str]:
    """The parts of a name of a program: getUserName -> get user name. iPhone stays."""
    name = word.core.removesuffix("(")
    if name.islower() or not _CAMEL.fullmatch(name) or name in _BRANDS:
        return []
    spoken: list[str] = []
    for part in _HUMP.findall(name):
        spoken += [part.lower()] if not part.isupper() else acronyms.verbalize_unknown(part)
    return spoken


def flag_rule(word: WordContext) -> list[str]:
    """A flag of a command: --dry-run -> dash dash dry run."""
    match = _FLAG.fullmatch(word.core)
    if not match:
        return []
    is_flag = (
        "-" in match[1]
        or match[2]
        or word.previous_key in _BEFORE_FLAGS
        or word.following_key in _AFTER_FLAGS
        or word.previous.startswith("-")
    )
    if not is_flag:
        return []
    value = acronyms.verbalize_unknown(match[2]) if match[2] else []
    name = [part for piece in match[1].split("-") for part in acronyms.verbalize_unknown(piece)]
    return ["dash", "dash", *name, *(["equals", *value] if value else [])]


def ending_rule(word: WordContext) -> list[str]:
    """The ending of a file that stands for its kind: a .py file -> dot P Y."""
    name = word.core[1:]
    if word.core[:1] != "." or not (name in electronic.ENDINGS or name in _HIDDEN):
        return []
    match = electronic.ADDRESS.fullmatch("a" + word.core)
    spoken = electronic.address(match) if match else []
    return spoken[1:] if spoken else ["dot", name]


def chord_rule(word: WordContext) -> list[str]:
    """Keys that are pressed together: Ctrl+C -> control plus C."""
    if "+" not in word.core and "-" not in word.core:
        return []
    keys = re.split("[+-]", word.core) if _CHORD.fullmatch(word.core) else []
    is_bare = "-" in word.core and keys[:1] and keys[0].lower() not in ("ctrl", "cmd")
    if not keys or is_bare or any(len(key) > 2 and key.lower() not in KEYS for key in keys):
        return []
    spoken: list[str] = []
    for key in keys:
        name = KEYS.get(key.lower(), "").split() or _key(key)
        spoken += [*(["plus"] if spoken and "+" in word.core else []), *name]
    return spoken if keys[0].lower() in KEYS else []


def _key(key: str) -> list[str]:
    if key.isdecimal():
        return numbers.cardinal(key)
    return (
        [key[0].upper(), *numbers.cardinal(key[1:])] if key[1:].isdecimal() else list(key.upper())
    )
