"""English signs that stand alone between spaces: 5 – 10, 3 x 4, # 5."""

import re

from tts.text.context import FINAL, WordContext
from tts.text.english import dates, measures, money, numerals, patterns, symbols, times

# A letter of a formula, with or without its coefficient.
_OPERAND = re.compile(r"\d{1,6}[A-Za-z]?|[A-Za-z]")


def sign_rule(word: WordContext) -> list[str]:
    """5 – 10, 3 x 4, 10 * 5 = 50, # 5, > 3. A sign between words that are no numbers is silent."""
    if word.core.isalpha() and word.key != "x":
        return []
    before, after = numerals.last_part(word.previous), word.following.rstrip(FINAL)
    before_number = after[:1].isdecimal() or money.MONEY.fullmatch(after) is not None
    after_number = numerals.is_number(word.previous) or patterns.is_quantity(before)
    is_between = after_number and before_number
    in_equation = (
        word.after_following == "="
        or word.before_previous in symbols.OPERATORS
        or word.previous == "="
    )
    is_scientific = after.startswith("10^")
    if word.core in ("x", "X", "×") and is_between and (in_equation or is_scientific):
        return ["times"]
    if word.core in ("x", "X", "×"):
        after_unit = word.previous_key in measures.UNITS and numerals.is_number(
            word.before_previous
        )
        after_side = (
            patterns.is_quantity(before.rstrip("'′\"″"))
            or numerals.is_number(word.previous)
            or after_unit
        )
        return ["by"] if after_side and after[:1].isdecimal() else []
    if word.core in symbols.DASHES:
        return _dash(word, is_between, in_equation)
    if word.core in ("*", "/"):
        is_operator = is_between and (word.core == "*" or in_equation)
        return symbols.OPERATORS[word.core].split() if is_operator else symbols.SILENT
    # The arrow of "← Back" leads the label of a button.
    if word.core in ("←", "↑", "↓") and not word.previous and any(map(str.isalpha, after)):
        return symbols.SILENT
    if word.core == "→":  # it points at a link or leads a line where it joins no words
        is_joint = word.previous[-1:] not in tuple(FINAL) and any(map(str.isalnum, after))
        if word.previous_key in ("press", "or") and not is_joint:
            return ["right"]
        return ["to"] if word.previous and is_joint else symbols.SILENT
    if word.core in ("~", "<", ">"):
        is_compared = before_number or _is_comparison(word)
        return symbols.COMPARED[word.core].split() if is_compared else symbols.SILENT
    # Rows of signs are drawn lines.
    if re.fullmatch(r"={4,}|\+{3,}|→{2,}", word.core):
        return symbols.SILENT
    if re.fullmatch("#+", word.core):
        return ["number"] if before_number and word.core == "#" else symbols.SILENT
    return []


def _is_comparison(word: WordContext) -> bool:
    """Whether < or > compares two words: x < y. The > of "File > Save" leads through a menu, and so
    do those of "home > settings > about".
    """
    before, after = word.previous, word.following.rstrip(FINAL)
    if word.core == "~" or not (before[-1:].isalnum() and after[:1].isalnum()):
        return False
    is_chain = word.core == ">" and ">" in (word.before_previous, word.after_following)
    if is_chain and len(before) > 1:
        return False
    are_plain = before.islower() and after.islower()
    return word.core == "<" or are_plain or len(before) == len(after) == 1


def _dash(word: WordContext, is_between: bool, in_equation: bool) -> list[str]:
    """The dash of 5 – 10, of Mon – Fri and of 5 - 3 = 2; elsewhere a dash is a pause.

    is_between: a number stands on both sides of it.
    in_equation: an operator or an equals sign stands nearby.
    """
    after = word.following.rstrip(FINAL)
    if is_between and (in_equation or word.core == "−"):
        return ["minus"]
    if in_equation and all(map(_OPERAND.fullmatch, (word.previous, after))):
        return ["minus"]
    # "The tablet (128GB) - $350" has no range.
    is_price = money.MONEY.fullmatch(after) is not None
    if is_price and not money.MONEY.fullmatch(numerals.last_part(word.previous)):
        return []
    between_measures = (
        word.previous_key in measures.UNITS
        and numerals.is_number(word.before_previous)
        and after[:1].isdecimal()
    )
    between_times = times.AM_PM.fullmatch(word.previous) and after[:1].isdecimal()
    names = (*dates.SHORT_DAYS, *dates.WEEKDAYS, *dates.MONTHS, *dates.MONTH_NAMES)
    between_names = (
        word.previous_key in names and word.following_key in names and word.previous[:1].isupper()
    )
    # June 5 – July 10.
    between_dates = (
        word.before_previous.rstrip(".").lower() in names and word.following_key in names
    )
    has_ends = is_between or between_measures or between_times or between_names or between_dates
    # The em dash is a mark of sentences, never of ranges.
    return ["to"] if has_ends and word.core != "—" else []
