"""English formulas: 2x+1=5, 1.5e-3, H2SO4, 10x."""

import re
from re import Match

from tts.text import numbers
from tts.text.context import WordContext
from tts.text.english import numerals, symbols

TERM = r"(?:(?:\d*\.)?\d+[a-z]?|[A-Za-z]|[A-Za-z]{2,3}(?=\^))"
FUNCTIONS = {
    "sin": "sine", "cos": "cosine", "tan": "tangent", "ln": "natural log", "exp": "exponential",
    "sqrt": "square root", "max": "maximum", "min": "minimum",
}  # fmt: skip
# The closing bracket is missing where it ends the word.
_FUNCTION = re.compile(
    rf"(?P<name>[fghFGHOP]|[fghFGH]['’′]{{1,2}}|log|{'|'.join(FUNCTIONS)})"
    r"\((?P<arguments>(?:[A-Za-zα-ω](?:\^[23]|[²³])?|\d{1,6}[A-Za-z]?|\d{1,6}\.\d{1,6})"
    r"(?:[,;](?:[A-Za-zα-ω]|\d{1,6})){0,3})(?:\)|$)"
)
# One letter alone; several are a word in Greek.
_GREEK_LETTER = re.compile(
    "(?<![\u0370-\u03ff\u1f00-\u1fff])[Α-Ωα-ωϑϕϵ](?![\u0370-\u03ff\u1f00-\u1fff])"
)
_GREEK_POWER = re.compile(r"(?<=[\u0370-\u03ff])\^(?P<minus>[-−])?(?P<power>\d{1,15}|[A-Za-z])")
_GREEK_WORD = re.compile("[\u0370-\u03ff\u1f00-\u1fff]{2}")
ELEMENT = "Na|Mg|Al|Si|Cl|Ca|Fe|Cu|Zn|Ag|Au|Pb|Li|He|Ba|Br|Co|Cr|Hg|Mn|Ni|Pt|Sn|Sr|Ti|[HBCNOFPSKI]"
# Compounds without a figure. Others look like names: McCoy, HeLa.
COMPOUNDS = {
    "AgBr", "AgCl", "CaO", "CaS", "CuO", "FeO", "FeS", "GaAs", "GaN", "HBr", "HCl", "HClO", "KBr",
    "KCl", "LiCl", "LiF", "MgO", "NaBr", "NaCN", "NaCl", "NaClO", "NaF", "NaI", "NaOH", "PbS",
    "SiC", "SiO", "TiN", "ZnO", "ZnS",
}  # fmt: skip
ION = (
    r"(?:Na|K|H|Li|Ag|Cu|NH4|H3O)\+|(?:Ca|Mg|Fe|Cu|Zn|Al|Pb|Ba|Mn|Ni|Sn|Co|Hg|Cr)\^?[1-4]\+"
    r"|(?:Cl|Br|OH|CN|NO[23]|HCO3|HSO4|MnO4|ClO[34]?|CH3COO)[-−]|(?:SO[34]|CO3|PO4|O|S)\^?[2-4][-−]"
)


def equation(match: Match[str]) -> list[str]:
    """10-3=7, 3*4, 2x+1=5, 10^6, p<.05: numbers, letters and operators one by one."""
    spoken: list[str] = []
    for part in re.findall(r"\^[23](?![\d.])|\d*\.\d+|\d+|[A-Za-z]|[-+*/×÷=−^<>≤≥≠]", match[0]):
        power = symbols.NAMED_POWERS.get(part[1:], "") if part[0] == "^" else ""
        sign = power or symbols.OPERATORS.get(part) or symbols.SYMBOLS.get(part)
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


def is_factorial(word: WordContext) -> bool:
    """Whether an exclamation mark is an operator: 4! = 24."""
    is_operand = re.fullmatch(r"\d{1,15}|[a-z]", word.core) is not None
    return word.punctuation == "!" and is_operand and word.following in symbols.AFTER_OPERAND


def factorial_rule(word: WordContext) -> list[str]:
    """4! = 24 -> four factorial."""
    if not is_factorial(word):
        return []
    number = numbers.cardinal(word.core) if word.core.isdecimal() else [word.core]
    return [*number, "factorial"]


def minus_rule(word: WordContext) -> list[str]:
    """The minus of "7- 2 = 5", and that of "x = -b"."""
    match = re.fullmatch(r"(\d{1,15})[-−]", word.core)
    if match and word.following[:1].isdecimal() and word.after_following == "=":
        return [*numbers.cardinal(match[1]), "minus"]
    is_negative = word.previous in symbols.AFTER_OPERAND and re.fullmatch("[-−][a-z]", word.core)
    return ["minus", word.core[1]] if is_negative else []


def function(text: str) -> tuple[list[str], str]:
    """The name and the arguments of a function that begins a word, and the rest of the word.

    f(x)=2x -> f of x, =2x. Both are empty if there is none.
    """
    match = _FUNCTION.match(text)
    if not match:
        return [], ""
    arguments = [part for part in re.split("[,;]", match["arguments"]) if part]
    name = match["name"].rstrip("'’′")
    primes = ["", "prime", "double prime"][len(match["name"]) - len(name)].split()
    spoken = [*FUNCTIONS.get(name, name).split(), *primes, "of"]
    for argument in arguments:
        spoken += [symbols.GREEK[argument]] if argument in symbols.GREEK else _argument(argument)
    return spoken, text[match.end() :]


def _argument(argument: str) -> list[str]:
    power = re.fullmatch(r"([A-Za-z])(?:\^([23])|([²³]))", argument)
    if power:
        return [power[1], "squared" if (power[2] or power[3]) in "2²" else "cubed"]
    match = re.fullmatch(r"(\d*)([A-Za-z]?)", argument)
    if not match:
        return numbers.plain(argument)
    return [*(numbers.cardinal(match[1]) if match[1] else []), *match[2]]


def with_letter_names(word: WordContext) -> str:
    """A word with the names of its Greek letters: Δt -> delta-t. Words in Greek stay."""
    if word.core.isascii() or any(map(_GREEK_WORD.search, (word.previous, word.following))):
        return word.core
    return _GREEK_LETTER.sub(_named, _GREEK_POWER.sub(_power, word.core))


def _power(match: Match[str]) -> str:
    """π^2 -> π-squared."""
    if not match["minus"] and match["power"] in symbols.NAMED_POWERS:
        return f"-{symbols.NAMED_POWERS[match['power']]}"
    return f"-to-the-power-of{'-minus' if match['minus'] else ''}-{match['power']}"


def _named(match: Match[str]) -> str:
    name = symbols.GREEK.get(match[0].lower(), match[0])
    before = match.string[match.start() - 1 : match.start()] if match.start() else ""
    after = match.string[match.end() : match.end() + 1]
    left = "-" if before.isalnum() and before not in "²³" else ""
    return left + name + ("-" if after.isalnum() and after not in "²³" else "")


def coefficient_rule(word: WordContext) -> list[str]:
    """A coefficient beside an operator: the 2x of "2x + 1". Elsewhere 2x is "two times"."""
    match = re.fullmatch(r"(\d+)([a-z])", word.core)
    operators = ("+", "-", "−", "=")
    if not match or not (word.following in operators or word.previous in operators):
        return []
    return [*numbers.cardinal(match[1]), match[2]]


def chemical_formula(match: Match[str]) -> list[str]:
    """H2SO4 -> H two S O four, Ca2+ -> C A two plus."""
    spoken: list[str] = []
    for part in re.findall(r"[A-Za-z]|\d+|[-+−]", match[0]):
        if part in symbols.OPERATORS:
            spoken.append(symbols.OPERATORS[part])
        else:
            spoken += numbers.cardinal(part) if part.isdecimal() else [part.upper()]
    return spoken


def compound_rule(word: WordContext) -> list[str]:
    """A compound without a figure: NaCl -> N A C L."""
    return list(word.core.upper()) if word.core in COMPOUNDS else []


def multiple(match: Match[str]) -> list[str]:
    """10x, 1.5x -> ten times, one point five times."""
    return [*numbers.plain(match["number"]), "times"]
