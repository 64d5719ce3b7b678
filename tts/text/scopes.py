"""What tags set for a passage: its pace, its language and its voice, until the tag is closed."""

import re
from dataclasses import dataclass, field
from typing import Any

from tts.languages import language_remedy, language_tag
from unicode_sets import QUOTES

MIN_RATE, MAX_RATE = 0.5, 2.0
"""The pace of a passage, as a multiple of the pace of the speech."""
MAX_LANGUAGES = 10
"""Of one script: the rules of each take time and memory to load."""
# SSML leaves what each name means to the engine.
RATES = {
    "x-slow": 0.6, "slow": 0.8, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.5,
}  # fmt: skip
_RATE = re.compile(
    r"(?P<sign>[+-])?(?P<number>[0-9]{1,4}(?:[.,][0-9]{1,4})?)\s{0,3}(?P<percent>%)?"
)
_ATTRIBUTE = re.compile(
    rf"\s(?P<name>[\w:.-]{{1,40}}+)\s*+=\s*+(?:[{QUOTES}](?P<value>[^{QUOTES}<>]*+)[{QUOTES}]"
    rf"|(?P<bare>[^\s{QUOTES}<>/]++))"
)


class InvalidValue(ValueError):
    """A tag with an impossible value. Its message is a sentence for the client."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds at a place of the text.

    rate: a multiple of the pace of the speech.
    language, voice: a tag and a name; empty for those of the whole script.
    """

    rate: float = 1.0
    language: str = ""
    voice: str = ""


@dataclass
class Scopes:
    """The tags that are open, by their name, each with what held before it."""

    rate: float = 1.0
    language: str = ""
    voice: str = ""
    languages: set[str] = field(default_factory=set)
    _before: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """What holds now."""
        return Settings(self.rate, self.language, self.voice)

    def open(self, name: str, tag: str, **changes: str) -> None:
        """Begin a passage.

        name: of the tag that ends it.
        tag: as it is written, for messages.
        changes: the values of `rate`, `language` and `voice` that the tag gives, as written.

        Raises InvalidValue.
        """
        before = {key: getattr(self, key) for key in changes}
        if "rate" in changes:
            self.rate = _rate(changes["rate"], self.rate, tag)
        if "language" in changes:
            self.language = _language(changes["language"], tag)
            self.languages.add(self.language)
            if len(self.languages) > MAX_LANGUAGES:
                raise InvalidValue(f"a script may name {MAX_LANGUAGES} languages at most")
        if "voice" in changes:
            self.voice = changes["voice"]
        self._before.setdefault(name, []).append(before)

    def close(self, name: str) -> bool:
        """End the last passage of a tag; what the tag changed is again as it was before.

        Returns false if no such tag is open.
        """
        if not self._before.get(name):
            return False
        for key, value in self._before[name].pop().items():
            setattr(self, key, value)
        return True


def attributes_of(text: str) -> dict[str, str]:
    """The attributes of a tag, their names in small letters.

    text: what follows the name of the tag.
    """
    return {
        match["name"].lower(): (match["value"] or match["bare"] or "").strip()
        for match in _ATTRIBUTE.finditer(text)
    }


def _rate(raw: str, outer: float, tag: str) -> float:
    """The pace that a tag asks for. `outer` is that of the passage around it."""
    text = raw.strip().lower()
    match = _RATE.fullmatch(text)
    if text in RATES:
        rate = RATES[text]
    elif match:
        rate = float(match["number"].replace(",", "."))
        if match["percent"]:
            rate /= 100
        if match["sign"]:
            rate = outer * (1 + rate if match["sign"] == "+" else 1 - rate)
    else:
        raise InvalidValue(
            f"{tag!r} has no rate that the worker can read; give {MIN_RATE:g} to {MAX_RATE:g}, a "
            "percentage such as 85%, +10% or -15%, or one of " + ", ".join(RATES)
        )
    rate = round(rate, 4)
    if not MIN_RATE <= rate <= MAX_RATE:
        raise InvalidValue(
            f"{tag!r} makes the pace {rate:g} times that of the speech; give a rate from "
            f"{MIN_RATE:g} to {MAX_RATE:g} (50% to 200%), and set `speed` for the whole script"
        )
    return rate


def _language(raw: str, tag: str) -> str:
    """The tag of the language that a tag names."""
    language = language_tag(raw)
    if language is None:
        raise InvalidValue(f"{tag!r} is not a language code of ISO 639-1; {language_remedy(raw)}")
    return language
