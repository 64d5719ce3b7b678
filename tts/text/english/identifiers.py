"""Names of programs and flags of commands as people read them: getUserName, --dry-run."""

import re

from tts.text.context import WordContext
from tts.text.english import acronyms

# Beside these a word with two dashes is a flag of a command; elsewhere the dashes are a pause.
_AFTER_FLAGS = {"argument", "flag", "flags", "option", "options", "parameter", "switch"}
_BEFORE_FLAGS = {
    "add", "flag", "option", "pass", "passing", "run", "set", "specify", "use", "using", "with",
}  # fmt: skip
# Names of things that are sold, which have their capitals in the middle.
_BRANDS = {"macOS", "iPhone", "iPad", "iPod", "iMac", "eBay", "deSantis", "deLillo"}
_FLAG = re.compile(r"--([a-z][a-z0-9]{0,30}(?:-[a-z0-9]{1,30}){0,6})(?:=([A-Za-z0-9.]{1,30}))?")
_CAMEL = re.compile(r"[a-z]{2,20}(?:[A-Z][a-z]{1,20}){1,6}(?:[A-Z]{2,5})?|[a-z]{3,20}[A-Z]{2,5}")
_HUMP = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


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
