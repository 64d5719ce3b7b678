"""What is said for the fields of a rule: numbers in their forms, units and currencies that agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import regex

from tts.text import numbers
from tts.text.multilingual import cldr
from tts.text.multilingual.languages import Language
from tts.text.multilingual.rules import Part, parse_spoken

_NUMERIC = ("n", "i", "d", "m", "y", "h", "min", "sec", "num", "whole", "part", "yy")
# 08:07 is "eight seven".
_WITHOUT_ZERO = ("d", "m", "h", "min", "sec", "num", "part")
_COUNTED = ("unit", "currency", "minor")
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_RUN = regex.compile(r"\p{L}+|\d+|[^\p{L}\d]")
_VOWEL = regex.compile(r"[^\x00-\x7f]|[aeiouy]", regex.I)
_SPELLED = {"http", "https", "www", "html", "htm", "php"}


@dataclass(frozen=True)
class Field:
    """What stands in a field of a rule: the text, and where it begins and ends."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Said:
    """Words that are said for a stretch of the text."""

    words: tuple[str, ...]
    start: int
    end: int


def canonical(text: str, decimal: str) -> str:
    """A number as written, with a period before its fraction and no other mark.

    Of two marks the last one is the decimal mark, and a mark that comes twice is none. A single one
    that is not the language's own separates thousands if three figures follow: 1.200 in German.
    """
    sign, figures = ("-", text[1:]) if text[0] in "-−" else ("", text.removeprefix("+"))
    marks = regex.findall(r"[.,'’]", figures)
    if not marks:
        return sign + figures
    last = marks[-1]
    *_, fraction = figures.rpartition(last)
    is_grouped = last in "'’" or (len(marks) > 1 and len(set(marks)) == 1)
    is_grouped = is_grouped or (len(marks) == 1 and last != decimal and len(fraction) == 3)
    whole = figures if is_grouped else figures[: -len(fraction) - 1]
    whole = regex.sub(r"[.,'’]", "", whole)
    return sign + (whole if is_grouped else f"{whole}.{fraction}")


class Speaker:
    """Says the parts of one match. `before`: the word before it, in small letters."""

    def __init__(self, language: Language, fields: Mapping[str, Field], before: str) -> None:
        self._language = language
        self._fields = fields
        self._before = before

    def say(self, parts: tuple[Part, ...], start: int) -> list[Said] | None:
        """The words of all parts; None if a number has no words in the language."""
        said: list[Said] = []
        for index, part in enumerate(parts):
            at = said[-1].end if said else start
            if not part.field:
                found = [Said((part.text,), at, at)]
            else:
                following = parts[index + 1].field if index + 1 < len(parts) else ""
                spoken = self._say_field(part, parts[:index], following, said)
                if spoken is None:
                    return None
                found = spoken
            if part.glued and said and found and said[-1].words and found[0].words:
                first, last = found[0], said.pop()
                glued = "".join(last.words[-1:]) + "".join(first.words)
                found[0] = Said((*last.words[:-1], glued), last.start, max(last.end, first.end))
            said += found
        return said

    def _say_field(
        self, part: Part, earlier: tuple[Part, ...], following: str, said: list[Said]
    ) -> list[Said] | None:
        name = part.field.rstrip("23456789")
        if part.field == "money":
            return self._money()
        field = self._fields.get(part.field)
        if field is None or not field.text:
            return []
        if name in _COUNTED:
            return self._counted(name, field, part.forms, earlier, said)
        forms = part.forms
        if name in _NUMERIC and not forms and following.rstrip("23456789") in _COUNTED:
            forms = self._gender(following)
        words = self._words(name, field, forms)
        return None if words is None else [Said(tuple(words), field.start, field.end)]

    def _words(self, name: str, field: Field, forms: tuple[str, ...]) -> list[str] | None:
        language, text = self._language, field.text
        if name in _NUMERIC:
            if name in _WITHOUT_ZERO and "digits" not in forms:
                text = text.lstrip("0") or "0"
            return self._number(text, forms)
        if name == "sign":
            word = language.words.get("plus" if text == "+" else "minus", "")
            return word.split()
        if name == "month":
            number = language.months_written[text.rstrip(".").lower()]
            return language.months_said[number].split()
        if name == "roman":
            return self._number(str(roman_value(text)), forms)
        if name == "den":
            return self._denominator(text)
        if name == "figures":
            return self._one_by_one(text)
        if name == "address":
            return self._address(text)
        if name in language.maps:
            return language.maps[name][text.lower()].split()
        return text.split()

    def _number(self, text: str, forms: tuple[str, ...]) -> list[str] | None:
        language, tag = self._language, self._language.tag
        written = canonical(text, language.decimal)
        whole = int(written) if "." not in written else None
        if "digits" in forms:
            words = numbers.digits_in("".join(filter(str.isdecimal, written)), tag)
        elif whole is not None and "ordinal" in forms:
            words = numbers.ordinal_in(whole, tag)
            if words and language.ordinal_endings:
                other = language.ordinal_endings.get("", "")
                words[-1] += language.ordinal_endings.get(self._before, other)
        elif whole is not None and "year" in forms:
            words = numbers.year_in(whole, tag)
        elif whole is not None and "month" in forms:
            words = language.months_said[whole].split()
        elif whole is not None and "cardinal" in forms:
            words = numbers.cardinal_in(whole, tag)
        else:
            words = numbers.in_language(written, tag)
            if words and text[0] == "+":
                words = [*language.words.get("plus", "+").split(), *words]
        if not words:
            return None
        # A fraction's last figure counts nothing: the words stay as they are.
        return words if "." in written else inflect(words, forms, language)

    def _one_by_one(self, text: str) -> list[str] | None:
        words = numbers.digits_in("".join(filter(str.isdecimal, text)), self._language.tag)
        return words or None

    def _denominator(self, text: str) -> list[str] | None:
        language = self._language
        one, many = language.denominators.get(str(int(text)), ("", ""))
        is_one = self._fields["num"].text.lstrip("0") == "1"
        if one:
            return (one if is_one else many).split()
        base = numbers.ordinal_in if "denominator" in language.forms else numbers.cardinal_in
        form = "denominator" if "denominator" in language.forms else "denominator_of_cardinal"
        words = base(int(text), language.tag)
        if not words or form not in language.forms:
            return None
        return inflect(words, (form,) if is_one else (form, "denominators"), language)

    def _address(self, text: str) -> list[str] | None:
        """An e-mail or web address: its words, its signs by name, its figures one by one."""
        words: list[str] = []
        for run in _RUN.findall(text):
            if run.isdecimal():
                words += numbers.digits_in(run, self._language.tag)
            elif run.isalpha():
                is_spelled = run.lower() in _SPELLED or not _VOWEL.search(run)
                words += list(run) if is_spelled and len(run) < 7 else [run]
            else:
                words += self._language.maps.get("signs", {}).get(run, "").split()
        return words

    def _gender(self, counted: str) -> tuple[str, ...]:
        field = self._fields.get(counted)
        name = self._name(counted.rstrip("23456789"), field) if field else ""
        default = "counting" if "counting" in self._language.forms else ""
        form = self._language.genders.get(name, default)
        return (form,) if form else ()

    def _name(self, kind: str, field: Field) -> str:
        """The name of a unit in CLDR, or the code of a currency."""
        if kind == "unit":
            units = self._language.units
            return units.get(field.text) or units[field.text.lower()]
        code = self._language.currencies[field.text]
        return f"{code}-minor" if kind == "minor" else code

    def _counted(
        self,
        kind: str,
        field: Field,
        forms: tuple[str, ...],
        earlier: tuple[Part, ...],
        said: list[Said],
    ) -> list[Said] | None:
        """A unit or a currency that agrees with the number before it, or is in a form's plural."""
        language = self._language
        counts = [part.field for part in earlier if part.field.rstrip("23456789") in _NUMERIC]
        value = Decimal(2)
        if forms:
            value = cldr.example(forms[0], language.tag)
        elif counts:
            value = abs(Decimal(canonical(self._fields[counts[-1]].text, language.decimal)))
        name = self._name(kind, field)
        own = language.minor.get(name.removesuffix("-minor")) if kind == "minor" else None
        own = own or language.names.get(name)
        if own:
            category = cldr.plural_category(value, language.tag)
            phrase = own.get(category) or own["other"]
            return [Said(tuple(phrase.split()), field.start, field.end)]
        if kind != "unit":
            words = cldr.currency_words(name, value, language.tag)
            return [Said(tuple(words), field.start, field.end)]
        found = cldr.unit_words(name, value, language.tag)
        if found is None:
            return None
        before, after = found
        if before and said:  # yüzde beş: a part of the name stands before the number
            number = said.pop()
            said.append(Said((*before, *number.words), number.start, number.end))
        return [Said(tuple(after), field.start, field.end)]

    def _money(self) -> list[Said] | None:
        """An amount: with its hundredths where it has two figures after the decimal mark."""
        amount, currency = self._fields["n"], self._fields["currency"]
        language = self._language
        written = canonical(amount.text, language.decimal)
        whole, _, fraction = written.partition(".")
        code = language.currencies[currency.text]
        has_minor = code in language.minor and len(fraction) == 2
        if has_minor and int(fraction) and language.money:
            kind = "minor" if whole == "0" else "both"
            fields = {
                "whole": Field(whole, amount.start, amount.end),
                "part": Field(fraction, amount.start, amount.end),
                "currency": currency,
                "minor": currency,
            }
        else:
            kind = "amount"
            text = whole if has_minor else amount.text
            fields = {"n": Field(text, amount.start, amount.end), "currency": currency}
        template = language.money.get(kind, "{n} {currency}")
        parts = parse_spoken(template, language)
        return Speaker(language, fields, self._before).say(parts, amount.start)


def inflect(words: list[str], forms: tuple[str, ...], language: Language) -> list[str]:
    """The words of a number in these forms; forms that the language does not have do nothing."""
    phrase = " ".join(words)
    for form in forms:
        for old, new in language.forms.get(form, ()):
            phrase = old.sub(new, phrase)
    return phrase.split()


def roman_value(text: str) -> int:
    """The value of a Roman numeral: 21 of XXI."""
    values = [_ROMAN[letter] for letter in text]
    return sum(
        -value if value < following else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    )
