"""The words and the notation of languages other than English, by ISO 639-1 code."""

from dataclasses import dataclass

from tts.text.digit_groups import SPACES

# Languages that write 1.200,50; the others write 1,200.50 or group thousands by a space.
GROUPED_BY_DOT = {
    "ca", "da", "de", "el", "es", "hr", "id", "is", "it", "nl", "pt", "ro", "sl", "sr", "tr", "vi",
}  # fmt: skip
GROUPED_BY_SPACE = SPACES
# Languages whose numbers stay one word with the text around them.
ATTACHED_NUMBERS = {"ja", "ko", "th", "zh"}
PERCENT = {
    "ar": "بالمئة", "ca": "per cent", "cs": "procent", "da": "procent", "de": "Prozent",
    "es": "por ciento", "fi": "prosenttia", "fr": "pour cent", "he": "אחוז", "hu": "százalék",
    "id": "persen", "it": "per cento", "ja": "パーセント", "ko": "퍼센트", "nl": "procent",
    "no": "prosent", "pl": "procent", "pt": "por cento", "ro": "la sută", "ru": "процентов",
    "sk": "percent", "sv": "procent", "th": "เปอร์เซ็นต์", "tr": "yüzde", "uk": "відсотків",
    "vi": "phần trăm",
}  # fmt: skip
SHARES = {
    "%": PERCENT,
    "‰": {"de": "Promille", "es": "por mil", "fr": "pour mille", "it": "per mille",
          "nl": "promille", "pt": "por mil"},
}  # fmt: skip
PERCENT_FIRST = {"tr"}
EUROS = {
    "ca": "euros", "da": "euro", "de": "Euro", "es": "euros", "fi": "euroa", "fr": "euros",
    "id": "euro", "it": "euro", "ja": "ユーロ", "ko": "유로", "nl": "euro", "no": "euro",
    "pl": "euro", "pt": "euros", "ro": "euro", "ru": "евро", "sv": "euro", "tr": "euro",
    "uk": "євро",
}  # fmt: skip
DOLLARS = {
    "ca": "dòlars", "cs": "dolarů", "da": "dollar", "de": "Dollar", "es": "dólares",
    "fi": "dollaria", "fr": "dollars", "id": "dolar", "it": "dollari", "ja": "ドル", "ko": "달러",
    "nl": "dollar", "no": "dollar", "pl": "dolarów", "pt": "dólares", "ro": "dolari",
    "ru": "долларов", "sv": "dollar", "tr": "dolar", "uk": "доларів",
}  # fmt: skip
POUNDS = {
    "da": "pund", "de": "Pfund", "es": "libras", "fi": "puntaa", "fr": "livres", "it": "sterline",
    "ja": "ポンド", "ko": "파운드", "nl": "pond", "no": "pund", "pl": "funtów", "pt": "libras",
    "ru": "фунтов", "sv": "pund", "tr": "sterlin", "uk": "фунтів",
}  # fmt: skip
MONEY = {
    "€": EUROS, "$": DOLLARS, "US$": DOLLARS, "£": POUNDS, "R$": {"pt": "reais"},
    "¥": {"ja": "円", "ko": "엔", "de": "Yen", "es": "yenes", "fr": "yens"}, "￥": {"ja": "円"},
    "₩": {"ko": "원"},
}  # fmt: skip
# How the words of scales begin, which stand between a number and its currency: $5 millones.
SCALES = ("mil", "mio", "mld", "mrd", "тыс", "млн", "млрд", "мил")
# A period after these ends no sentence.
ABBREVIATIONS = {
    "de": {"bzw", "ca", "d.h", "dr", "evtl", "fr", "hr", "inkl", "nr", "prof", "s", "sog", "st",
           "str", "tel", "u.a", "vgl", "z.b"},
    "es": {"dr", "dra", "núm", "pág", "sr", "sra", "srta", "ud", "uds"},
    "fr": {"dr", "m", "mm", "n°", "p", "prof", "st"},
    "it": {"avv", "dott", "ing", "n", "pag", "prof", "sig"},
    "nl": {"bijv", "dhr", "dr", "drs", "mevr", "nr", "prof"},
    "pl": {"dr", "im", "nr", "np", "prof", "ul", "św"},
    "pt": {"dr", "dra", "n", "pág", "prof", "sr", "sra"},
    "da": {"bl.a", "dr", "f.eks", "hr", "kl", "nr", "prof"},
    "no": {"bl.a", "dr", "f.eks", "kl", "nr", "prof"},
    "sv": {"bl.a", "dr", "dvs", "kl", "nr", "prof", "t.ex"},
}  # fmt: skip


@dataclass(frozen=True)
class Ordinals:
    """The ordinals of a language that writes them with a period.

    endings: the words that may stand before one, and the ending that they give it.
    months: the words that may stand after one.
    alone: the ending after any other word.
    """

    endings: dict[str, str]
    months: set[str]
    alone: str


ORDINALS = {
    "de": Ordinals(
        endings={
            **dict.fromkeys(("der", "die", "das", "eine", "jede", "diese"), ""),
            **dict.fromkeys(
                ("am", "vom", "zum", "beim", "im", "den", "dem", "des", "bis", "seit", "ab", "zur",
                 "einem", "einen", "einer", "seinem", "ihrem", "meinem", "jedem", "jeden"), "n"),
            **dict.fromkeys(("ein", "mein", "sein", "ihr", "unser", "kein"), "r"),
        },
        months={
            "januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september",
            "oktober", "november", "dezember", "jahrhundert",
        },
        alone="r",
    ),
    **dict.fromkeys(
        ("da", "no"),
        Ordinals(
            endings={"den": ""},
            months={
                "januar", "februar", "marts", "mars", "april", "maj", "mai", "juni", "juli",
                "august", "september", "oktober", "november", "december", "desember",
            },
            alone="",
        ),
    ),
}  # fmt: skip
DEGREES = {
    "de": "Grad", "es": "grados", "fr": "degrés", "it": "gradi", "nl": "graden", "pt": "graus",
}  # fmt: skip
OPERATORS = {
    "de": {
        "+": "plus",
        "−": "minus",
        "×": "mal",
        "÷": "geteilt durch",
        "=": "gleich",
        "<": "kleiner als",
        ">": "größer als",
    },
    "es": {
        "+": "más",
        "−": "menos",
        "×": "por",
        "÷": "entre",
        "=": "igual a",
        "<": "menor que",
        ">": "mayor que",
    },
    "fr": {
        "+": "plus",
        "−": "moins",
        "×": "fois",
        "÷": "divisé par",
        "=": "égale",
        "<": "inférieur à",
        ">": "supérieur à",
    },
    "it": {
        "+": "più",
        "−": "meno",
        "×": "per",
        "÷": "diviso",
        "=": "uguale a",
        "<": "minore di",
        ">": "maggiore di",
    },
    "nl": {
        "+": "plus",
        "−": "min",
        "×": "keer",
        "÷": "gedeeld door",
        "=": "is",
        "<": "kleiner dan",
        ">": "groter dan",
    },
    "pt": {
        "+": "mais",
        "−": "menos",
        "×": "vezes",
        "÷": "dividido por",
        "=": "igual a",
        "<": "menor que",
        ">": "maior que",
    },
}
FRACTIONS = {
    "de": {"1/2": "ein halb", "1/3": "ein Drittel", "2/3": "zwei Drittel", "1/4": "ein Viertel",
           "3/4": "drei Viertel"},
    "es": {"1/2": "un medio", "1/3": "un tercio", "2/3": "dos tercios", "1/4": "un cuarto",
           "3/4": "tres cuartos"},
    "fr": {"1/2": "un demi", "1/3": "un tiers", "2/3": "deux tiers", "1/4": "un quart",
           "3/4": "trois quarts"},
    "it": {"1/2": "un mezzo", "1/3": "un terzo", "2/3": "due terzi", "1/4": "un quarto",
           "3/4": "tre quarti"},
    "nl": {"1/2": "een half", "1/3": "een derde", "2/3": "twee derde", "1/4": "een kwart",
           "3/4": "drie kwart"},
    "pt": {"1/2": "um meio", "1/3": "um terço", "2/3": "dois terços", "1/4": "um quarto",
           "3/4": "três quartos"},
}  # fmt: skip
# The word between a number and its fraction: eins und ein halb.
AND = {"de": "und", "es": "y", "fr": "et", "it": "e", "nl": "en", "pt": "e"}
# After these 1/2 is a date.
DATED = {"am", "vom", "el", "le", "du", "il", "dal", "op", "em"}


@dataclass(frozen=True)
class Hours:
    """How a language writes and reads the hours of a clock.

    mark: the letter between hours and minutes.
    one, several: the word for it.
    following: after a time these words make it superfluous (15:00 Uhr).
    lasting: singular and plural for hours without minutes, if 8h is a duration, not a time.
    """

    mark: str
    one: str
    several: str
    following: set[str]
    lasting: tuple[str, str] | None = None


HOURS = {
    "de": Hours("h", "Uhr", "Uhr", {"uhr"}, ("Stunde", "Stunden")),
    "es": Hours("h", "hora", "horas", {"h", "horas"}, ("hora", "horas")),
    "fr": Hours("h", "heure", "heures", {"h", "heures"}, ("heure", "heures")),
    "it": Hours("h", "", "", set(), ("ora", "ore")),
    "nl": Hours("u", "uur", "uur", {"uur", "u"}),
    "pt": Hours("h", "hora", "horas", {"h", "horas"}, ("hora", "horas")),
}
# The feminine of numbers, before a word for hours that is feminine: 1h is "una hora".
FEMININE = {
    "de": {"eins": "eine"}, "it": {"uno": "una"},
    "es": {"uno": "una", "veintiuno": "veintiuna"}, "fr": {"un": "une"},
    "pt": {"um": "uma", "dois": "duas"},
}  # fmt: skip
# The word between two times: 9h-17h.
UNTIL = {"de": "bis", "es": "a", "fr": "à", "it": "a", "nl": "tot", "pt": "a"}
