"""The codes of languages (ISO 639-1), their tags with a region, and how clients write them."""

import re
from collections.abc import Mapping
from itertools import takewhile

from messages import closest

_TABLE = """
aa Afar, ab Abkhazian, ae Avestan, af Afrikaans, ak Akan, am Amharic, an Aragonese, ar Arabic, as
Assamese, av Avaric, ay Aymara, az Azerbaijani, ba Bashkir, be Belarusian, bg Bulgarian, bh
Bihari, bi Bislama, bm Bambara, bn Bengali, bo Tibetan, br Breton, bs Bosnian, ca Catalan, ce
Chechen, ch Chamorro, co Corsican, cr Cree, cs Czech, cu Church Slavic, cv Chuvash, cy Welsh, da
Danish, de German, dv Divehi, dz Dzongkha, ee Ewe, el Greek, en English, eo Esperanto, es Spanish,
et Estonian, eu Basque, fa Persian, ff Fulah, fi Finnish, fj Fijian, fo Faroese, fr French, fy
Western Frisian, ga Irish, gd Scottish Gaelic, gl Galician, gn Guarani, gu Gujarati, gv Manx, ha
Hausa, he Hebrew, hi Hindi, ho Hiri Motu, hr Croatian, ht Haitian, hu Hungarian, hy Armenian, hz
Herero, ia Interlingua, id Indonesian, ie Interlingue, ig Igbo, ii Sichuan Yi, ik Inupiaq, io Ido,
is Icelandic, it Italian, iu Inuktitut, ja Japanese, jv Javanese, ka Georgian, kg Kongo, ki
Kikuyu, kj Kuanyama, kk Kazakh, kl Kalaallisut, km Khmer, kn Kannada, ko Korean, kr Kanuri, ks
Kashmiri, ku Kurdish, kv Komi, kw Cornish, ky Kyrgyz, la Latin, lb Luxembourgish, lg Ganda, li
Limburgish, ln Lingala, lo Lao, lt Lithuanian, lu Luba-Katanga, lv Latvian, mg Malagasy, mh
Marshallese, mi Maori, mk Macedonian, ml Malayalam, mn Mongolian, mr Marathi, ms Malay, mt
Maltese, my Burmese, na Nauru, nb Norwegian Bokmål, nd North Ndebele, ne Nepali, ng Ndonga, nl
Dutch, nn Norwegian Nynorsk, no Norwegian, nr South Ndebele, nv Navajo, ny Chichewa, oc Occitan,
oj Ojibwa, om Oromo, or Oriya, os Ossetian, pa Punjabi, pi Pali, pl Polish, ps Pashto, pt
Portuguese, qu Quechua, rm Romansh, rn Rundi, ro Romanian, ru Russian, rw Kinyarwanda, sa
Sanskrit, sc Sardinian, sd Sindhi, se Northern Sami, sg Sango, si Sinhala, sk Slovak, sl
Slovenian, sm Samoan, sn Shona, so Somali, sq Albanian, sr Serbian, ss Swati, st Southern Sotho,
su Sundanese, sv Swedish, sw Swahili, ta Tamil, te Telugu, tg Tajik, th Thai, ti Tigrinya, tk
Turkmen, tl Tagalog, tn Tswana, to Tonga, tr Turkish, ts Tsonga, tt Tatar, tw Twi, ty Tahitian, ug
Uyghur, uk Ukrainian, ur Urdu, uz Uzbek, ve Venda, vi Vietnamese, vo Volapük, wa Walloon, wo
Wolof, xh Xhosa, yi Yiddish, yo Yoruba, za Zhuang, zh Chinese, zu Zulu
"""
_ENTRIES = (entry.split(maxsplit=1) for entry in _TABLE.split(","))
LANGUAGES: Mapping[str, str] = {code: " ".join(name.split()) for code, name in _ENTRIES}
"""The English names of the languages by their code."""

RULED = (
    "en", "ar", "cs", "da", "de", "el", "es", "fi", "fr", "hi", "hr", "hu", "it", "ja", "ko", "ms",
    "nl", "no", "pl", "pt", "ru", "sv", "tr", "uk", "vi", "zh",
)  # fmt: skip
"""The languages whose figures, dates and money are read by rules of their own."""

_WITHDRAWN = frozenset({"in", "iw", "ji", "jw", "mo", "sh"})
"""Codes that ISO 639-1 gave up and that libraries still use."""

_OTHER_NAMES = {
    "arabic": "ar", "ara": "ar", "brazilian": "pt", "cantonese": "zh", "castellano": "es",
    "chi": "zh", "cmn": "zh", "deu": "de", "deutsch": "de", "dut": "nl", "eng": "en",
    "español": "es", "espanol": "es", "farsi": "fa", "flemish": "nl", "fra": "fr", "français": "fr",
    "francais": "fr", "fre": "fr", "ger": "de", "hin": "hi", "ita": "it", "italiano": "it",
    "jp": "ja", "jpn": "ja", "kor": "ko", "kr": "ko", "mandarin": "zh", "nederlands": "nl",
    "nld": "nl", "pol": "pl", "polski": "pl", "por": "pt", "português": "pt", "portugues": "pt",
    "rus": "ru", "spa": "es", "svenska": "sv", "tur": "tr", "türkçe": "tr", "yue": "zh",
    "zho": "zh", "русский": "ru", "українська": "uk", "中文": "zh", "日本語": "ja", "한국어": "ko",
}  # fmt: skip
"""What people write for a language beside its code and its English name."""

_ENGLISH = {english.lower(): code for code, english in LANGUAGES.items()}
_CODES = _ENGLISH | _OTHER_NAMES
"""The codes by the names of languages, in lower case."""

_DIALECTS = frozenset({"cantonese", "yue"})
"""Names that code_for_name knows, of languages that sound different from what the code stands for:
only an error suggests that code."""

_MAX_TAG = 35  # characters; RFC 5646 asks for room for as many
# Two letters of ISO 3166, or three figures of UN M.49: BR, 419.
_REGION = re.compile(r"[a-z]{2}|[0-9]{3}")


def language_tag(raw: str) -> str | None:
    """The language and the region of a code or a tag: "en" of "EN", "pt-BR" of "pt_br".

    What else a tag has, such as the script of "zh-Hant-TW", is left out. A language may also be
    given by name: "en" of "English". None for other text.
    """
    if len(raw) > _MAX_TAG:
        return None
    language, *subtags = raw.strip().lower().replace("_", "-").split("-")
    if language not in LANGUAGES and language not in _WITHDRAWN:
        return None if raw.strip().lower() in _DIALECTS else code_for_name(raw)
    if not all(subtag.isascii() and subtag.isalnum() for subtag in subtags):
        return None
    # A subtag of one character begins an extension, whose parts are no regions.
    own = takewhile(lambda subtag: len(subtag) > 1, subtags)
    region = next(filter(_REGION.fullmatch, own), "")
    return f"{language}-{region.upper()}" if region else language


def base_language(tag: str) -> str:
    """The code of a tag's language: "pt" of "pt-BR". A code alone stays."""
    return tag.partition("-")[0]


def language_code(raw: str) -> str | None:
    """The two letters of a code, a tag or a name, such as "en" of "EN", "en_US" or "English".

    None for other text.
    """
    tag = language_tag(raw)
    return tag and base_language(tag)


def code_for_name(raw: str) -> str | None:
    """The code of a language that is given by name, such as "de" of "German"; None if unknown."""
    return _CODES.get(raw[:_MAX_TAG].strip().lower())


def language_remedy(raw: str) -> str:
    """What to give in place of text that is no language: a similar one, or those that are known."""
    name = raw[:_MAX_TAG].strip().lower()
    if code := code_for_name(raw):
        return f'use "{code}"'
    if similar := closest(name, _ENGLISH, 0.8):
        return f'did you mean "{_ENGLISH[similar]}" ({LANGUAGES[_ENGLISH[similar]]})?'
    return f"give one such as {', '.join(RULED)}"
