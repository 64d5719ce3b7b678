"""English formulas: 2x+1=5, 1.5e-3, H2SO4, 10x."""

import re
from re import Match

from tts.text import numbers
from tts.text.context import WordContext
from tts.text.english import numerals, symbols

TERM = r"(?:(?:\d*\.)?\d+[a-z]?|[A-Za-z]|[A-Za-z]{2,3}(?=\^))"
ELEMENT = "Na|Mg|Al|Si|Cl|Ca|Fe|Cu|Zn|Ag|Au|Pb|Li|He|[HBCNOFPSKI]"


def equation(match: Match[str]) -> list[str]:
    """10-3=7, 3*4, 2x+1=5, 10^6, p<.05: numbers, letters and operators one by one."""
    spoken: list[str] = []
    for part in re.findall(r"\d*\.\d+|\d+|[A-Za-z]|[-+*/×÷=−^<>≤≥≠]", match[0]):
        sign = symbols.OPERATORS.get(part) or symbols.SYMBOLS.get(part)
        if sign:
            spoken += sign.split()
        else:
            spoken += [part] if part.isalpha() else numbers.plain(part)
    return spoken


def scientific(match: Match[str]) -> list[str]:
    """1.5e-3 -> one point five times ten to the power of minus three."""
    minus = ["minus"] if match["power"][0] in "-−" else []
    power = [*minus, *numbers.cardinal(match["power"].lstrip("-−+"))]
    return [*numerals.number(match), "times", "ten", "to", "the", "power", "of", *power]


def coefficient_rule(word: WordContext) -> list[str]:
    """A coefficient beside an operator: the 2x of "2x + 1". Elsewhere 2x is "two times"."""
    match = re.fullmatch(r"(\d+)([a-z])", word.core)
    operators = ("+", "-", "−", "=")
    if not match or not (word.following in operators or word.previous in operators):
        return []
    return [*numbers.cardinal(match[1]), match[2]]


def chemical_formula(match: Match[str]) -> list[str]:
    """H2SO4 -> H two S O four."""
    spoken: list[str] = []
    for part in re.findall(r"[A-Za-z]|\d+", match[0]):
        spoken += numbers.cardinal(part) if part.isdecimal() else [part.upper()]
    return spoken


def multiple(match: Match[str]) -> list[str]:
    """10x, 1.5x -> ten times, one point five times."""
    return [*numbers.plain(match["number"]), "times"]
