"""What the front end knows of languages other than English."""

from dataclasses import dataclass

from tts.spaced import SPACES

# 1.200,50 is twelve hundred and a half; the others write 1,200.50, or part thousands by a space.
GROUPED_BY_DOT = {
    "ca", "da", "de", "el", "es", "hr", "id", "is", "it", "nl", "pt", "ro", "sl", "sr", "tr", "vi",
}  # fmt: skip
GROUPED_BY_SPACE = SPACES
# No space stands between the parts of a word.
UNSPACED = {"ja", "ko", "th", "zh"}
PERCENT = {
    "ar": "بالمئة", "ca": "per cent", "cs": "procent", "da": "procent", "de": "Prozent",
    "es": "por ciento", "fi": "prosenttia", "fr": "pour cent", "he": "אחוז", "hu": "százalék",
    "id": "persen", "it": "per cento", "ja": "パーセント", "ko": "퍼센트", "nl": "procent",
    "no": "prosent", "pl": "procent", "pt": "por cento", "ro": "la sută", "ru": "процентов",
    "sk": "percent", "sv": "procent", "th": "เปอร์เซ็นต์", "tr": "yüzde", "uk": "відсотків",
    "vi": "phần trăm",
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
# Between a sum's figure and its currency, as their words begin: $5 millones.
SCALES = ("mil", "mio", "mld", "mrd", "тыс", "млн", "млрд", "мил")
# Before their period no sentence ends.
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
    """A language that writes ordinals with a period: what stands before them, and their ending."""

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
