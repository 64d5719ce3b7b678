"""What is said for the fields of a rule: numbers in their forms, units that agree with them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import regex

from tts.text import cldr, numbers
from tts.text.multilingual.languages import Language
from tts.text.multilingual.rules import Part, parse_spoken

_NUMERIC = ("n", "i", "d", "m", "y", "h", "min", "sec", "num", "whole", "part", "yy")
# 08:07 is "eight seven".
_WITHOUT_ZERO = ("d", "m", "h", "min", "sec", "num", "part")
_COUNTED = ("unit", "currency", "minor")
_RUN = regex.compile(r"\p{L}+|\d+|[^\p{L}\d]")
_VOWEL = regex.compile(r"[^\x00-\x7f]|[aeiouy]", regex.I)
_SPELLED = {"http", "https", "www", "html", "htm", "php"}
_MAX_SPELLED = 6
_MAX_COUNT_CHARS = 20
_MAX_FRACTION_FIGURES = 3


class Field(NamedTuple):
    """What stands in a field of a rule: the text, and where it begins and ends."""

    text: str
    start: int
    end: int


class Said(NamedTuple):
    """Words that are said for a stretch of the text."""

    words: list[str]
    start: int
    end: int


class NoWords(Exception):
    """The language has no words for a field, so its rule does not apply."""


def say(
    parts: Sequence[Part], fields: Mapping[str, Field], start: int, before: str, language: Language
) -> list[Said]:
    """The words of all parts of a rule.

    fields: what stands in the rule's fields. start: where the rule's match begins.
    before: the word before it, in small letters. Raises NoWords.
    """
    if any(part.field == "money" for part in parts):
        parts, fields = _with_money(parts, fields, language)
    parts = [part for part in parts if not part.field or part.field in fields]
    said: list[Said] = []
    for index, part in enumerate(parts):
        at = said[-1].end if said else start
        if not part.field:  # a word between two fields stands between them: 5 - 10
            ahead = [fields[one.field].start for one in parts[index:] if one.field in fields]
            at = max(at, (at + ahead[0]) // 2) if said and ahead else at
        field = fields.get(part.field, Field(part.text, at, at))
        if not field.text:
            continue
        if part.kind in _COUNTED:
            count = _count(parts[:index], fields, language)
            if part.forms:
                count = cldr.example(part.forms[0], language.tag)
            name_before, words = _counted(part.kind, field, count, language)
            if said and _says_number(parts[index - 1], part, fields, language):
                said[-1].words.clear()
            if said:  # yüzde beş: the name of a unit may stand before its number
                said[-1].words[:0] = name_before
        elif part.field:
            counted = parts[index + 1] if index + 1 < len(parts) else Part()
            forms = part.forms
            if part.kind in _NUMERIC and not forms and counted.kind in _COUNTED:
                name = _name(counted.kind, fields[counted.field], language)
                forms = (language.genders.get(name, "counting"),)
            words = _words(part._replace(forms=forms), fields, before, language)
        else:
            words = part.text.split()
        if part.kind == "figures" and not part.glued:  # each of them where it stands
            places = ((c, field.start + i) for i, c in enumerate(field.text) if c.isdecimal())
            said += [Said(numbers.digits_in(c, language.tag), at, at + 1) for c, at in places]
            continue
        if part.glued and said and said[-1].words and words:
            # Of a number that is one word with the text around it, all words: 2.5 km is 二点五公里.
            number = said[-1].words
            first = 0 if language.attached else len(number) - 1
            words = [language.joint.join(number[first:]) + "".join(words)]
            del number[first:]
        said.append(Said(words, field.start, field.end))
    return said


def inflect(words: list[str], forms: Sequence[str], language: Language) -> list[str]:
    """The words of a number in these forms; forms that the language does not have do nothing."""
    phrase = " ".join(words)
    for form in forms:
        for old, new in language.forms.get(form, ()):
            phrase = old.sub(new, phrase)
    return phrase.split()


def _words(part: Part, fields: Mapping[str, Field], before: str, language: Language) -> list[str]:
    kind, forms, text = part.kind, part.forms, fields[part.field].text
    if kind in _NUMERIC:
        is_clean = kind in _WITHOUT_ZERO and "digits" not in forms
        return _number(text.lstrip("0") or "0" if is_clean else text, forms, before, language)
    if kind == "sign":
        return language.words.get("plus" if text == "+" else "minus", "").split()
    if kind == "month":
        return language.months_said[language.months_written[text.lower()]].split()
    if kind == "roman":
        return _number(str(numbers.roman_value(text)), forms, before, language)
    if kind == "den":
        return _denominator(text, fields["num"].text.lstrip("0") == "1", language)
    if kind == "figures":
        return numbers.digits_in("".join(filter(str.isdecimal, text)), language.tag)
    if kind == "as_written" and numbers.cardinal_in(1, language.tag):
        raise NoWords(text)
    if kind == "address":
        return _address(text, language)
    return (language.maps[kind][text.lower()] if kind in language.maps else text).split()


def _number(text: str, forms: tuple[str, ...], before: str, language: Language) -> list[str]:
    tag, written = language.tag, numbers.canonical(text, language.decimal)
    value = written.lstrip("-")
    if "digits" in forms:
        return numbers.digits_in("".join(filter(str.isdecimal, written)), tag)
    if "." in written or not forms or len(written) > numbers.MAX_CARDINAL_DIGITS:
        # The figures of a fraction and of a code count nothing: their words stay as they are.
        words, forms = _uninflected(text, written, language), ()
    elif "ordinal" in forms:
        words = numbers.ordinal_in(int(value), tag)
        if words and language.ordinal_endings:
            other = language.ordinal_endings.get("", "")
            words[-1] += language.ordinal_endings.get(before, other)
    elif "month" in forms:
        return language.months_said[int(value)].split()
    else:
        say_number = numbers.year_in if "year" in forms else numbers.cardinal_in
        words = say_number(int(value), tag)
    if not words:
        raise NoWords(text)
    sign = language.words.get("plus", "").split() if text[0] == "+" else []
    if value != written and forms:
        sign = numbers.in_language("-0", tag)[:-1]
    return [*sign, *inflect(words, forms, language)]


def _uninflected(text: str, written: str, language: Language) -> list[str]:
    """A number, with the name of its decimal mark as written and a short fraction as one number
    where the language says it so: 3,14 is "tres coma catorce" in Spanish, and 3.14 "tres punto".
    """
    tag, marks = language.tag, language.maps.get("decimal_mark")
    whole, _, fraction = written.partition(".")
    if not marks or not fraction:
        return numbers.in_language(written, tag)
    last = fraction.lstrip("0") if len(fraction) <= _MAX_FRACTION_FIGURES else ""
    zeros = numbers.digits_in(fraction.removesuffix(last), tag)
    mark = marks[text[-len(fraction) - 1]].split()
    words = numbers.in_language(whole, tag)
    return [*words, *mark, *zeros, *(numbers.in_language(last, tag) if last else [])]


def _denominator(text: str, is_one: bool, language: Language) -> list[str]:
    one, many = language.denominators.get(str(int(text)), ("", ""))
    if one:
        return (one if is_one else many).split()
    of_ordinal = "denominator" in language.forms
    form = "denominator" if of_ordinal else "denominator_of_cardinal"
    if form in language.forms:
        words = (numbers.ordinal_in if of_ordinal else numbers.cardinal_in)(int(text), language.tag)
        return inflect(words, (form,) if is_one else (form, "denominators"), language)
    raise NoWords(text)


def _address(text: str, language: Language) -> list[str]:
    """An e-mail or web address: its words, its signs by name, its figures one by one."""
    words: list[str] = []
    for run in _RUN.findall(text):
        if run.isdecimal():
            words += numbers.digits_in(run, language.tag)
        elif run.isalpha():
            is_spelled = run.lower() in _SPELLED or not _VOWEL.search(run)
            words += list(run) if is_spelled and len(run) <= _MAX_SPELLED else [run]
        else:
            words += language.maps.get("signs", {}).get(run, "").split()
    return words


def _name(kind: str, field: Field, language: Language) -> str:
    """The name of a unit in CLDR, or the code of a currency, with "-minor" for its hundredth."""
    if kind == "unit":
        return language.units.get(field.text) or language.units[field.text.lower()]
    code = language.currencies[field.text]
    return f"{code}-minor" if kind == "minor" else code


def _count(parts: Sequence[Part], fields: Mapping[str, Field], language: Language) -> Decimal:
    """The number that a unit or a currency agrees with: the last one before it."""
    counts = [fields[part.field].text for part in parts if part.kind in _NUMERIC]
    if not counts:
        return Decimal(2)
    digits = numbers.canonical(counts[-1], language.decimal).lstrip("-")
    # CLDR takes no longer number; the last figures decide on the plural.
    return Decimal(digits if len(digits) <= _MAX_COUNT_CHARS else f"1{digits[-_MAX_COUNT_CHARS:]}")


def _counted(
    kind: str, field: Field, count: Decimal, language: Language
) -> tuple[list[str], list[str]]:
    """What is said before and after a number of units or of a currency."""
    name = _name(kind, field, language)
    own = language.names.get(name)
    if own:
        category = cldr.plural_category(count, language.tag)
        return [], (own.get(category) or own["other"]).split()
    if kind == "currency":
        return [], cldr.currency_words(name, count, language.tag)
    words = cldr.unit_words(name, count, language.tag)
    if words is None:
        raise NoWords(name)
    return words


def _says_number(before: Part, part: Part, fields: Mapping[str, Field], language: Language) -> bool:
    """Whether a unit's name says the number before it too: ساعتان of Arabic are two hours."""
    number = fields[before.field].text if before.kind in _NUMERIC else ""
    if part.kind != "unit" or part.forms or not number.isdecimal():
        return False
    name = _name("unit", fields[part.field], language)
    return name not in language.names and cldr.says_number(name, Decimal(number), language.tag)


def _with_money(
    parts: Sequence[Part], fields: Mapping[str, Field], language: Language
) -> tuple[list[Part], dict[str, Field]]:
    """Put what the language says for an amount in the place of {money}.

    An amount has hundredths if it has two figures after the decimal mark, and the currency's
    hundredth part has a name.
    """
    amount, currency = fields["n"], fields["currency"]
    whole, _, fraction = numbers.canonical(amount.text, language.decimal).partition(".")
    has_minor = f"{language.currencies[currency.text]}-minor" in language.names
    kind, count = "amount", amount
    if has_minor and len(fraction) == 2 and language.money:
        count = amount._replace(text=whole)
        if int(fraction):
            kind = "both" if whole.strip("0") else "minor"
    template = parse_spoken(language.money.get(kind, "{n} {currency}"), language)
    spoken = [one for part in parts for one in (template if part.field == "money" else [part])]
    hundredths = {"part": amount._replace(text=fraction), "minor": currency}
    return spoken, {**fields, "n": count, "whole": count, **hundredths}
