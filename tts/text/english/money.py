"""English money: $5, -£1.01, €1.200, 20$, USD 100, $5-10 million, a $5 bill."""

import re
from re import Match

from tts.text import numbers
from tts.text.context import FINAL, WordContext
from tts.text.english import numerals, symbols

CURRENCIES = {
    "$": ("dollar", "cent"), "£": ("pound", "penny"), "€": ("euro", "cent"), "¥": ("yen", "sen"),
    "US$": ("dollar", "cent"), "A$": ("Australian dollar", "cent"),
    "AU$": ("Australian dollar", "cent"), "C$": ("Canadian dollar", "cent"),
    "CA$": ("Canadian dollar", "cent"), "HK$": ("Hong Kong dollar", "cent"),
    "NZ$": ("New Zealand dollar", "cent"), "S$": ("Singapore dollar", "cent"),
    "R$": ("real", "centavo"), "₹": ("rupee", "paisa"), "Rs": ("rupee", "paisa"),
    "Rs.": ("rupee", "paisa"), "₩": ("won", "jeon"), "₽": ("ruble", "kopeck"),
    "₺": ("lira", "kurus"), "₿": ("bitcoin", "satoshi"), "฿": ("baht", "satang"),
    "₫": ("dong", "xu"), "₪": ("shekel", "agora"), "₴": ("hryvnia", "kopiyka"),
    "₦": ("naira", "kobo"), "₱": ("peso", "centavo"), "MX$": ("Mexican peso", "centavo"),
    "NT$": ("Taiwan dollar", "cent"), "CN¥": ("yuan", "fen"), "zł": ("zloty", "grosz"),
    "Kč": ("koruna", "haler"), "kr": ("krona", "ore"), "֏": ("dram", "luma"),
    "؋": ("afghani", "pul"), "৳": ("taka", "poisha"), "৲": ("rupee", "anna"),
    "૱": ("rupee", "paisa"), "௹": ("rupee", "paisa"), "꠸": ("rupee", "paisa"),
    "₨": ("rupee", "paisa"), "៛": ("riel", "sen"), "₠": ("European currency unit", "cent"),
    "₡": ("colon", "centimo"), "₢": ("cruzeiro", "centavo"), "₣": ("franc", "centime"),
    "₤": ("lira", "centesimo"), "₥": ("mill", "mill"), "₧": ("peseta", "centimo"),
    "₭": ("kip", "att"), "₮": ("tugrik", "mongo"), "₯": ("drachma", "lepton"),
    "₰": ("pfennig", "pfennig"), "₲": ("guarani", "centimo"), "₳": ("austral", "centavo"),
    "₵": ("cedi", "pesewa"), "₶": ("livre", "sou"), "₷": ("spesmilo", "speso"),
    "₸": ("tenge", "tiyn"), "₻": ("mark", "ore"), "₼": ("manat", "qepik"),
    "₾": ("lari", "tetri"), "\u20c0": ("som", "tyiyn"), "﷼": ("rial", "dinar"),
    "߾": ("dorome", "dorome"), "߿": ("taman", "taman"),
}  # fmt: skip
CURRENCY_CODES = {
    "USD": "U S dollar", "EUR": "euro", "GBP": "pound", "JPY": "yen", "CAD": "Canadian dollar",
    "AUD": "Australian dollar", "NZD": "New Zealand dollar", "CHF": "Swiss franc", "INR": "rupee",
    "BTC": "bitcoin", "AED": "dirham", "BRL": "real", "CNY": "yuan", "CZK": "koruna",
    "DKK": "Danish krone", "HKD": "Hong Kong dollar", "HUF": "forint", "ILS": "shekel",
    "KRW": "won", "MXN": "Mexican peso", "NOK": "Norwegian krone", "PLN": "zloty", "RUB": "ruble",
    "SEK": "Swedish krona", "SGD": "Singapore dollar", "THB": "baht", "TWD": "Taiwan dollar",
    "ZAR": "rand",
}  # fmt: skip
PLURALS = {
    "penny": "pence", "yen": "yen", "sen": "sen", "won": "won", "real": "reais", "paisa": "paise",
    "baht": "baht", "satang": "satang", "naira": "naira", "kobo": "kobo", "dong": "dong",
    "lira": "lira", "kurus": "kurus", "jeon": "jeon", "xu": "xu", "agora": "agorot",
    "krona": "kronor", "krone": "kroner", "yuan": "yuan", "rand": "rand", "fen": "fen",
    "grosz": "groszy", "ore": "ore", "colon": "colones", "guarani": "guaranies", "tenge": "tenge",
    "tiyn": "tiyn", "som": "som", "tyiyn": "tyiyn", "lari": "lari", "tetri": "tetri", "kip": "kip",
    "att": "att", "taka": "taka", "poisha": "poisha", "pul": "pul", "luma": "luma",
    "manat": "manat", "qepik": "qepik", "lepton": "lepta", "centesimo": "centesimi",
    "spesmilo": "spesmiloj", "speso": "spesoj", "mongo": "mongo",
}  # fmt: skip
# Before these a sum has the singular: a five dollar bill.
PRICED = {
    "acquisition", "apartment", "bill", "bills", "bonus", "budget", "coin", "coins", "contract",
    "coupon", "deal", "discount", "donation", "fee", "fine", "fund", "gift", "grant", "home",
    "house", "investment", "lawsuit", "loan", "mansion", "menu", "note", "notes", "prize",
    "settlement", "ticket", "tickets", "tip", "voucher",
}  # fmt: skip
# Words after a sum that cannot be the thing that has the price: "a $5 million for".
FUNCTION_WORDS = {
    "a", "after", "again", "ago", "all", "also", "an", "and", "are", "as", "at", "away", "back",
    "be", "because", "before", "but", "by", "came", "can", "come", "comes", "could", "did", "does",
    "down", "each", "even", "extra", "for", "from", "gets", "goes", "got", "had", "has", "have",
    "he", "here", "i", "if", "in", "into", "is", "it", "just", "last", "less", "made", "makes",
    "may", "might", "more", "must", "next", "not", "now", "of", "off", "on", "only", "or", "out",
    "over", "paid", "per", "plus", "she", "should", "since", "so", "still", "than", "that", "the",
    "then", "there", "they", "this", "to", "today", "tomorrow", "under", "until", "up", "was",
    "we", "went", "were", "when", "which", "while", "who", "will", "with", "would", "yesterday",
    "you",
}  # fmt: skip
# Between these and a noun a sum has the singular: the $5 lamp.
ARTICLES = {"a", "an", "the", "this", "my", "your", "his", "her", "our", "their", "its", "another"}
# Before a sum with "the" these are verbs and adverbs: the $5 covered it.
_NO_NOUN_ENDINGS = ("ed", "ly")
_SIGNS = "|".join(sorted(map(re.escape, CURRENCIES), key=len)[::-1])
_SCALE = r"(?P<scale>bn|mn|mil|mm|tn|[kKmMbBtT])?"
_FIGURE = rf"(?:{numerals.DIGITS})(?:\.\d+)?"
MONEY = re.compile(rf"(?P<minus>[-−+])?(?P<sign>{_SIGNS})(?P<inner>[-−])?{numerals.NUMBER}{_SCALE}")
RANGE = re.compile(
    rf"(?P<sign>{_SIGNS})(?P<low>{_FIGURE})(?P<first>bn|mn|[kKmMbBtT])?[-–—~]"
    rf"(?P<high>{_FIGURE})(?P<scale>bn|mn|[kKmMbBtT])?"
)
_AFTER = re.compile(rf"{numerals.SIGN}{numerals.NUMBER}(?P<sign>{_SIGNS})")
# The $2.5 of "$2.5 million-dollar yacht" has no dollars of its own.
_SCALED_NOUN = re.compile(rf"(?i:{'|'.join(numerals.SCALE_WORDS)})-(?:dollar|pound|euro)s?")
_SCALED = re.compile(rf"(?i:{'|'.join(numerals.SCALE_WORDS)})-[a-z]")
_JOINT = re.compile(
    rf"(?P<sign>{_SIGNS}){numerals.NUMBER}-(?P<scale>{'|'.join(numerals.SCALE_WORDS)})"
)
# European notation: periods between thousands, a comma before cents.
_DOTS = re.compile(r"(€|R\$)?(\d{1,3}(?:\.\d{3})+)(?:,(\d\d))?(€)?")
_COMMA = re.compile(r"(€|R\$)?(\d+),(\d{1,2})(€)?")
# Swiss notation: apostrophes between thousands.
_APOSTROPHES = re.compile(r"(?<!\d)\d{1,3}(?:['’]\d{3})+(?!\d)")
# Signs and codes that may stand apart from their number, and the unit of each.
_APART = {sign: names[0] for sign, names in CURRENCIES.items()} | CURRENCY_CODES


def cents(match: Match[str]) -> list[str]:
    """50¢ -> fifty cents."""
    return [*numerals.number(match), "cent" if match["whole"] == "1" else "cents"]


def to_us_format(before: str, word: str, after: str) -> str:
    """Turn European notation (€1.200, 1'200, 1,5 €, 3,5 million) into the American one.

    Periods and decimal commas change beside a currency or a scale only: elsewhere 1.200 is one
    point two, and 1,5 two numbers.
    """
    word = _APOSTROPHES.sub(lambda match: re.sub("['’]", ",", match[0]), word)
    following = after.rstrip(FINAL)
    has_scale = following.lower() in numerals.SCALE_WORDS
    has_currency = following in _APART or before in _APART
    bare = word.rstrip(FINAL)
    match = _COMMA.fullmatch(bare)
    if match and (match[1] or match[4] or has_scale or has_currency):
        return f"{match[1] or ''}{match[2]}.{match[3]}{match[4] or ''}" + word[len(bare) :]
    has_euros = {following, before} & {"€", "EUR"}
    match = _DOTS.fullmatch(bare)
    if match and (match[1] or match[4] or has_euros or (match[3] and has_currency)):
        cents = "." + match[3] if match[3] else ""
        whole = match[2].replace(".", ",")
        return f"{match[1] or ''}{whole}{cents}{match[4] or ''}" + word[len(bare) :]
    return word


def money(match: Match[str]) -> list[str]:
    """A match of MONEY: $2.5M, £1.01."""
    return [*_signs(match), *_amount(match)]


def _signs(match: Match[str]) -> list[str]:
    sign = match["minus"] or match["inner"]
    return [{"+": "plus"}.get(sign, "minus")] if sign else []


def _amount(match: Match[str]) -> list[str]:
    unit, small = CURRENCIES[match["sign"]]
    if match["scale"]:
        return [*numerals.number(match), numerals.SCALES[match["scale"].lower()], *plural(unit)]
    fraction = match["fraction"] or ""
    # $1.5 and $0.125 have no cents: one point five dollars.
    if len(fraction) not in (0, 2):
        return [*numerals.number(match), *plural(unit)]
    whole, cents = (match["whole"] or "0").replace(",", ""), int(fraction or 0)
    spoken = [*numbers.cardinal(whole), *(unit.split() if whole == "1" else plural(unit))]
    if cents:
        part = [*numbers.cardinal(str(cents)), *([small] if cents == 1 else plural(small))]
        spoken = [*spoken, "and", *part] if whole != "0" else part
    return spoken


def plural(unit: str) -> list[str]:
    """The plural of a currency's unit."""
    *first, last = unit.split()
    return [*first, PLURALS.get(last, last + "s")]


def before_scale_rule(word: WordContext) -> list[str]:
    """The number of "$5 million", whose dollars `scale_rule` adds; the singular of "a $5 bill"."""
    match = MONEY.fullmatch(word.core) or _AFTER.fullmatch(word.core)
    if not match or word.punctuation:
        return []
    scale = match.groupdict().get("scale")
    if scale:
        is_one = word.following_key in PRICED or (word.previous_key in ARTICLES and _is_noun(word))
        unit = CURRENCIES[match["sign"]][0].split()
        spoken = [*_signs(match), *numerals.number(match), numerals.SCALES[scale.lower()], *unit]
        return spoken if is_one else []
    # Of "$3 billion-a-year", too, the scale stands in the next word.
    is_scaled = _is_scale(word.following) or _SCALED.match(word.following) is not None
    if is_scaled and word.core[-1:].isalnum():
        return [*_signs(match), *numerals.number(match)]
    is_one = word.previous_key in ARTICLES and _is_noun(word)
    if match["fraction"] or not (word.following_key in PRICED or is_one):
        return []
    return [*numerals.number(match), *CURRENCIES[match["sign"]][0].split()]


def _is_noun(word: WordContext) -> bool:
    """Whether the next word is the thing that has the price: a $5 million house."""
    noun = word.following.rstrip(FINAL)
    is_word = noun.isalpha() and noun.islower() and not word.punctuation
    return is_word and noun not in FUNCTION_WORDS and not noun.endswith(_NO_NOUN_ENDINGS)


def range_rule(word: WordContext) -> list[str]:
    """$5-10, $5k-10k: the currency comes once, after the second number or after its million."""
    match = RANGE.fullmatch(word.core)
    if not match or (match["first"] and not match["scale"]):
        return []
    scales = [numerals.SCALES[mark.lower()] for mark in match.group("first", "scale") if mark]
    first = [] if len(set(scales)) < 2 else scales[:1]
    spoken = [*_plain_number(match["low"]), *first, "to", *_plain_number(match["high"])]
    if match["scale"]:
        spoken.append(scales[-1])
    elif not word.punctuation and _is_scale(word.following):
        return spoken
    return [*spoken, *plural(CURRENCIES[match["sign"]][0])]


def _plain_number(text: str) -> list[str]:
    match = re.fullmatch(numerals.NUMBER, text)
    return numerals.number(match) if match else []


def scaled_noun_rule(word: WordContext) -> list[str]:
    """The "million-dollar" of a $2.5 million-dollar yacht."""
    is_after = MONEY.fullmatch(word.previous) or numerals.is_number(word.previous)
    return word.core.split("-") if is_after and _SCALED_NOUN.fullmatch(word.core) else []


def scale_rule(word: WordContext) -> list[str]:
    """The scale after a sum, and its currency: "$5 million", "$5-10 million", "$5 M", "5 bn"."""
    if not _is_scale(word.core):
        return []
    scale = numerals.SCALES.get(word.key, word.key)
    amount = MONEY.fullmatch(numerals.last_part(word.previous)) or RANGE.fullmatch(word.previous)
    if amount and not amount["scale"]:
        unit = CURRENCIES[amount["sign"]][0]
        is_one = word.before_previous.lower() in ARTICLES and _is_noun(word)
        is_one = is_one or (not word.punctuation and word.following_key in PRICED)
        return [scale, *(unit.split() if is_one else plural(unit))]
    sign = word.before_previous.rstrip(".")
    if numerals.is_number(word.previous) and sign in _APART:
        return [scale, *plural(_APART[sign])]
    # Without a currency, "5 M" may be a size, and "5 million" is read as it stands.
    is_unambiguous = word.core in ("bn", "mn", "mil", "tn")
    return [scale] if numerals.is_number(word.previous) and is_unambiguous else []


def _is_scale(word: str) -> bool:
    bare = word.rstrip(FINAL)
    return bare.lower() in numerals.SCALE_WORDS or bare in numerals.SCALE_MARKS


def apart_rule(word: WordContext) -> list[str]:
    """A currency that stands apart from its number, and that number: R$ 50, 1.5 €, USD 100.

    The unit is spoken after the number: a currency before it is silent.
    """
    sign, number = word.previous.rstrip("."), re.fullmatch(numerals.NUMBER, word.core)
    if word.core in _APART:
        if numerals.is_number(word.previous) or _is_scale(word.previous):
            return _counted(word.previous, _APART[word.core])
        return symbols.SILENT if re.fullmatch(numerals.NUMBER, word.following.rstrip(FINAL)) else []
    if not number or not number[0][:1].isdecimal():
        return []
    if sign in _APART and not numerals.is_number(word.before_previous):
        spoken = numerals.number(number)
        has_scale = not word.punctuation and _is_scale(word.following)
        return spoken if has_scale else [*spoken, *_counted(word.core, _APART[sign])]
    has_currency = not word.punctuation and word.following.rstrip(FINAL) in _APART
    return numerals.number(number) if has_currency else []


def _counted(number: str, unit: str) -> list[str]:
    return unit.split() if number == "1" else plural(unit)


def _after(match: Match[str]) -> list[str]:
    """20$, 5€."""
    unit = CURRENCIES[match["sign"]][0]
    singular = match["whole"] == "1" and not match["fraction"]
    return [*numerals.signed(match), *(unit.split() if singular else plural(unit))]


def _joint(match: Match[str]) -> list[str]:
    """A sum before its noun: a $1-million house."""
    unit = CURRENCIES[match["sign"]][0]
    return [*numerals.number(match), match["scale"], *unit.split()]


MONEY_RULES: numerals.Rules = (
    (MONEY, money),
    (_AFTER, _after),
    (_JOINT, _joint),
)
