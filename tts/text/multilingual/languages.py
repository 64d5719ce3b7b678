"""The languages that have rules of their own: each is a file `data/<language>.toml`.

Its table `[regions.PT.minor]` adds to `[minor]` what people of one region say otherwise.
CONTRIBUTING.md says how to add a language.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import regex

from tts.text import cldr

_FOLDER = Path(__file__).with_name("data")
_COMMON, _UNITS = _FOLDER / "common.toml", _FOLDER / "units.toml"
RULED = frozenset(path.stem for path in _FOLDER.glob("??.toml"))
"""The languages with rules of their own. All others have the rules of common.toml."""


@dataclass(frozen=True)
class Language:
    """What the rules of a language are made of; the names are those of the tables in its file."""

    tag: str  # the language, and its region if one counts: "de", "pt-BR"
    decimal: str  # the mark before a fraction
    attached: bool  # whether numbers are one word with the text around them
    joint: str  # what joins the words of such a number
    fields: Mapping[str, str]  # the pattern of each kind of writing that rules name
    words: Mapping[str, str]  # the word for each sign that common.toml's rules name
    lists: Mapping[str, Sequence[str]]  # words that rules name, in small letters
    maps: Mapping[str, Mapping[str, str]]  # the same, and what is said for them
    # How a number's words change, for its gender or its case or as the lower part of a fraction:
    # what is replaced, in this order.
    forms: Mapping[str, Sequence[tuple[regex.Pattern[str], str]]]
    genders: Mapping[str, str]  # the form of a number before a unit or a currency, by its name
    ordinal_endings: Mapping[str, str]  # of an ordinal, by the word before it; "" is all others
    # CLDR's names of units and codes of currencies, by their signs. In a file an empty name says
    # that a sign is none: ma is a word of Italian, mA a unit.
    units: Mapping[str, str]
    currencies: Mapping[str, str]
    # What people say for a unit or a currency by plural category, where it is not what CLDR says;
    # "EUR-minor" is the hundredth part of a currency.
    names: Mapping[str, Mapping[str, str]]
    months_said: Mapping[int, str]
    months_written: Mapping[str, int]  # every way to write them, in small letters
    denominators: Mapping[str, Sequence[str]]  # for one and for many, where no form makes them
    money: Mapping[str, str]  # what is said for an amount with hundredths, and for these alone
    rules: Sequence[tuple[str, str, str]]  # `after`, `written` and `spoken`, in order


@lru_cache(maxsize=16)
def load(tag: str) -> Language:
    """A language by its tag ("de", "pt-BR"); its file is read once."""
    language, _, region = tag.partition("-")
    common = tomllib.loads(_COMMON.read_text("utf-8"))
    own: dict[str, Any] = {}
    ruled = common["same"].get(language, language)
    if ruled in RULED:
        own = tomllib.loads((_FOLDER / f"{ruled}.toml").read_text("utf-8"))
    region = region or own.get("region", "")
    for table, items in own.get("regions", {}).get(region, {}).items():
        own[table] = own.get(table, {}) | items
    full = f"{language}-{region}" if region else language
    units = tomllib.loads(_UNITS.read_text("utf-8"))
    for unit in list(dict.fromkeys(units.values())):
        units |= dict.fromkeys(cldr.unit_symbols(unit, full), unit)
    units |= own.get("units", {})
    # Writers are careless about a unit's capitals, where they decide nothing.
    units = {sign.lower(): unit for sign, unit in units.items() if len(sign) > 1} | units
    said, written = cldr.month_names(full)
    written |= _small(own.get("months", {}))
    # After a month in full a period ends the sentence: "le 5 mai. 3 jours".
    short = written.keys() - {name.lower() for name in said.values()}
    return Language(
        tag=full,
        decimal=own.get("decimal") or cldr.decimal_mark(full),
        attached=own.get("attached", language in common["attached"]),
        joint=own.get("joint", ""),
        fields=common["fields"] | own.get("fields", {}),
        words=own.get("words", {}),
        lists=own.get("lists", {}),
        maps={name: _small(items) for name, items in own.get("maps", {}).items()},
        forms={
            name: tuple((regex.compile(old), new) for old, new in changes.items())
            for name, changes in own.get("forms", {}).items()
        },
        genders=_by_item(own.get("genders", {})),
        ordinal_endings=_by_item(own.get("ordinal_endings", {})),
        units={sign: unit for sign, unit in units.items() if unit},
        names=own.get("names", {})
        | {f"{code}-minor": names for code, names in own.get("minor", {}).items()},
        currencies=common["currencies"] | own.get("currencies", {}),
        months_said=said,
        months_written=written | {f"{name}.": written[name] for name in short},
        denominators=own.get("denominators", {}),
        money=own.get("money", {}),
        rules=tuple(
            (rule.get("after", ""), rule["written"], rule["spoken"])
            for rule in (*own.get("rules", ()), *common["rules"])
        ),
    )


def _by_item(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {item: key for key, items in table.items() for item in items}


def _small(items: Mapping[str, Any]) -> dict[str, Any]:
    return {key.lower(): value for key, value in items.items()}
