"""What num2words2 lacks or gets wrong, a language after the other: data for tts/text/numbers.py."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_MARKS = """
af:komma:minus; am:ነጥብ:ሰልቢ; ar:فاصلة:ناقص; as:দশমিক:ঋণাত্মক; az:vergül:mənfi; ba:өтөр:минус;
be:коска:мінус; bg:запетая:минус; bm::dɔgɔ; bn:দশমিক:ঋণাত্মক; bo:ཚེག་:མེད་ཆ་; br:skej:minus;
bs:zarez:minus; ca:coma:menys; ce::минус; cs:celá:minus; cy:pwynt:minws; da:komma:minus;
de:Komma:minus; dv:ޕޮއިންޓް:މައިނަސް; el:κόμμα:μείον; en:point:minus; eo:komo:minus;
es:coma:menos; et:koma:miinus; eu:koma:minus; fa:ممیز:منفی; ff::; fi:pilkku:miinus;
fo:komma:minus; fr:virgule:moins; gl:coma:menos; gu:દશાંશ:ઋણ; ha:digo:ban; he:נקודה:מינוס;
hi:दशमलव:माइनस; hr:zarez:minus; ht:vigil:mwens; hu:egész:mínusz; hy:ամբողջ:մինուս;
id:koma:minus; is:komma:mínus; it:virgola:meno; ja:点:マイナス; jv:koma:minus; ka:მთელი:მინუს;
ki::; kk:бүтін:минус; km:ចំណុច:ដក; kn:ಬಿಂದು:ಋಣ; ko:점:마이너스; ku:xal:negatîv; la:virgula:minus;
lb:Komma:minus; lg:akatonnyeze:wansi wa; ln::; lo:ຈຸດ:ລົບ; lt:kablelis:minus;
lv:komats:mīnus; mg:faingo:; mi:ira:; mk:запирка:минус; ml:പോയിന്റ്:മൈനസ്; mn:таслал:хасах;
mr:दशांश:ऋण; ms:perpuluhan:negatif; mt:punt:minus; my:ဒသမ:အနုတ်; nb:komma:minus; ne:दशमलव:ऋण;
nl:komma:min; nn:komma:minus; no:komma:minus; oc:virgula:mens; om:tuqaa:; pa:ਦਸ਼ਮਲਵ:ਮਾਇਨਸ;
pl:przecinek:minus; ps:اعشاریه:منفي; pt:vírgula:menos; rm:comma:minus; ro:virgulă:minus;
ru:запятая:минус; rw:akadomo:munsi ya; sa:दशमलव:ऋण; sd:اعشاريه:منفي; si:දශම:ඍණ;
sk:celá:mínus; sl:vejica:minus; sn::; so:dhibic:; sq:presje:minus; sr:запета:минус;
su:koma:minus; sv:komma:minus; sw:nukta:hasi; ta:புள்ளி:கழித்தல்; te:పాయింట్:మైనస్;
tg:нуқта:минус; th:จุด:ลบ; tk::minus; tl:punto:negatibo; tr:virgül:eksi; tt:өтер:минус;
uk:кома:мінус; ur:اعشاریہ:منفی; uz:butun:minus; vi:phẩy:âm; xh:ichaphaza:;
yi:קאָמע:מינוס; yo::; zh:点:负; zu:ichashazi:
"""
MARKS: Mapping[str, tuple[str, str]] = {
    code.strip(): (comma, minus)
    for code, comma, minus in (entry.strip().split(":") for entry in _MARKS.split(";"))
}
"""Each language of numbers.py: what it calls the decimal mark and the minus; "" if not known here.

A number with a mark that has no word here is not spoken as words.
"""

CODES: Mapping[str, str] = {
    "bs": "hr", "fr-be": "fr_BE", "fr-ch": "fr_CH", "kk": "kz", "nn": "nb", "pt-br": "pt_BR",
    "sr-latn": "sr_Latn", "uz-cyrl": "uz_Cyrl",
}  # fmt: skip
"""What num2words2 calls a language or a tag, where that is not the code of ISO 639-1.

Its own words for Nynorsk are wrong, so these are mended words of Bokmål.
"""

ZEROS: Mapping[str, str] = {
    "br": "mann", "fo": "null", "gl": "cero", "ht": "zewo", "jv": "nol", "lb": "null",
    "mg": "aotra", "mi": "kore", "mk": "нула", "mt": "żero", "oc": "zèro",
    "ps": "صفر", "sa": "शून्यम्", "sd": "ٻڙي", "so": "eber", "su": "nol", "tk": "nol", "tl": "sero",
    "tt": "ноль", "uz": "nol", "yi": "נול",
}  # fmt: skip
"""The zeros of languages in which num2words2 says it in English."""

MAX_DIGITS: Mapping[str, int] = {
    "az": 4, "bm": 4, "cy": 9, "ff": 4, "ha": 3, "ro": 12, "sn": 4, "sw": 4,
}  # fmt: skip
"""How many digits a number may have where num2words2 gives two numbers the same words above."""


class Years(NamedTuple):
    """How a language reads the years of some centuries: nineteen, hundred, ninety-nine."""

    first: int
    last: int
    hundred: str
    """What stands after the century, with its spaces."""
    rest: str
    """What stands between it and the rest, with its spaces."""


YEARS: Mapping[str, Years] = {
    "da": Years(1100, 1999, " hundrede", " og "),
    "de": Years(1100, 1999, "hundert", ""),
    "hi": Years(1100, 1999, " सौ", " "),
    "is": Years(1100, 1999, " hundruð", " "),
    "nb": Years(1100, 1999, " hundre", " og "),
    "nl": Years(1100, 1999, "honderd", ""),
    "nn": Years(1100, 1999, " hundre", " og "),
    "no": Years(1100, 1999, " hundre", " og "),
    "sv": Years(1000, 2999, "hundra", ""),
}
"""Languages that count the hundreds of a year."""


class Mend(NamedTuple):
    """What to write instead where the words of num2words2 are wrong, or lack their spaces."""

    languages: tuple[str, ...]
    pattern: re.Pattern[str]
    replacement: str


_TURKISH = (
    "milyon|milyar|trilyon|altmış|yetmiş|seksen|doksan|sekiz|dokuz|yirmi|otuz|kırk|elli|"
    "yüz|bin|bir|iki|üç|dört|beş|altı|yedi|on"
)
_TURKISH_SPACES = Mend(("tr",), re.compile(f"({_TURKISH})(?={_TURKISH})"), r"\1 ")
_NORWEGIAN = ("nb", "no")
MENDS: Sequence[Mend] = [
    Mend(("ar",), re.compile("وألف ألف"), "وواحد ألف"),
    Mend(("ar",), re.compile("(مئتا|ألفا|مليونا|مليارا)$"), r"\1ن"),
    Mend(("bg",), re.compile("едно(?= хиляди)"), "една"),
    Mend(("bg",), re.compile("едно(?= (?:милион|милиард|трилион))"), "един"),
    Mend(("bg",), re.compile(r"(?<! и) (?!хиляд|милион|милиард|трилион)([^ ]+)$"), r" и \1"),
    Mend(("bs",), re.compile("tisuć"), "hiljad"),
    Mend(("bs",), re.compile("milijun"), "milion"),
    Mend(("da",), re.compile("(?<!halv)treds"), "tres"),
    Mend(("el",), re.compile("εκατό (?!χιλιάδες|εκατομμύρι|δισεκ|τρισεκ)"), "εκατόν "),
    Mend(("el",), re.compile("δεκατρία(?= χιλιάδες)"), "δεκατρείς"),
    Mend(("el",), re.compile("τρία(?= χιλιάδες)"), "τρεις"),
    Mend(("el",), re.compile("τέσσερα(?= χιλιάδες)"), "τέσσερις"),
    Mend(("fi",), re.compile("(?<=[a-zäö])(?=miljoon|miljard|biljoon|biljard)"), " "),
    Mend(
        ("hi",),
        re.compile("(^|(?:हज़ार|लाख|करोड़|अरब|खरब|नील) )(?=(?:सौ|हज़ार|लाख|करोड़|अरब|खरब)(?: |$))"),
        r"\1एक ",
    ),
    Mend(("bs", "hr"), re.compile("dva(?= milijarde)"), "dvije"),
    Mend(("hu",), re.compile("kettő(?=ezer|milli|billi)"), "két"),
    Mend(("hu",), re.compile("két$"), "kettő"),
    Mend(("id", "ms"), re.compile("(?<=juta |liar |liun |lion )satu ribu"), "seribu"),
    Mend(("it",), re.compile("(?<=[a-z])tre(?![a-zé])"), "tré"),
    Mend(_NORWEGIAN, re.compile("(?<!t)en(?= tusen)"), "ett"),
    Mend(("nn",), re.compile("(?<![ts])en(?= |$)"), "ein"),
    Mend(("nn",), re.compile("(?:ett|ein)(?= hundre| tusen)"), "eitt"),
    Mend(("nn",), re.compile("syv"), "sju"),
    Mend(("ro",), re.compile("unu(?= de mii)"), "una"),
    Mend(("ro",), re.compile("doi(?= de mii)"), "două"),
    Mend(("sv",), re.compile("((?:miljon|miljard|biljon)(?:er)?+)(?=[a-zåäö])"), r"\1 "),
    Mend(("sv",), re.compile("etthundra"), "hundra"),
    Mend(("sv",), re.compile("^ettusen "), "tusen "),
    Mend(("th",), re.compile("^(?=ร้อย|พัน|หมื่น|แสน)"), "หนึ่ง"),
    _TURKISH_SPACES,
    Mend(("zh",), re.compile("兆"), "万亿"),
]
"""For cardinals, in this order."""
ORDINAL_MENDS: Sequence[Mend] = [
    Mend(("da",), re.compile("^ethundredete$"), "hundrede"),
    Mend(("da",), re.compile("^ettusindte$"), "tusinde"),
    Mend(("da",), re.compile("tredivete$"), "tredivte"),
    Mend(("da",), re.compile("fyrreende$"), "fyrretyvende"),
    Mend(("da",), re.compile("(halvtreds|halvfjerds|firs|halvfems)ende$"), r"\1indstyvende"),
    Mend(("da",), re.compile("tredsende$"), "tresindstyvende"),
    Mend(("es",), re.compile("vigesimo$"), "vigésimo"),
    Mend(("hu",), re.compile("mmilliomodik$"), "milliomodik"),
    Mend(("it",), re.compile("^un (?=mili)"), ""),
    Mend(("ms",), re.compile("^ke-"), "ke"),
    Mend(_NORWEGIAN, re.compile("trettførste$"), "trettende"),
    Mend(("nn",), re.compile("trettførste$"), "trettande"),
    Mend(("nn",), re.compile("syv"), "sju"),
    Mend(("nn",), re.compile("ende$"), "ande"),
    Mend(("ro",), re.compile("una(?= sut| mie)"), "o"),
    Mend(("ro",), re.compile("optlea$"), "optulea"),
    Mend(("ro",), re.compile("milionlea$"), "milionulea"),
    _TURKISH_SPACES,
    Mend(("vi",), re.compile("^một$"), "nhất"),
    Mend(("vi",), re.compile("^bốn$"), "tư"),
    Mend(("vi",), re.compile("^"), "thứ "),
]
"""For ordinals, in this order. A language whose ordinals are mended cardinals is here too."""

CUTS: Mapping[str, Sequence[str]] = {
    "da": ("tusind", "hundrede"),
    "de": ("tausend", "hundert"),
    "fi": ("sataa", "sadas", "kymmentä"),
    "it": ("mila", "cento"),
    "nl": ("duizend", "honderd"),
    "rm": ("milli", "tschient"),
    "sl": ("tisoč", "sto"),
    "sv": ("tusen", "hundra"),
}
"""The endings of the parts of long number words; a word may be cut after them."""


class Groups(NamedTuple):
    """How a language joins thousands, millions and so on."""

    scales: Sequence[tuple[int, str, str]]
    """Each scale, the greatest first: its value, one of it, and its name after other numbers."""
    under_ten: str
    """What stands before the next group after a scale if that group is under ten."""
    under_hundred: str
    """The same for a group from ten to ninety-nine."""


GROUPS: Mapping[str, Groups] = {
    "da": Groups(
        (
            (10**12, "en billion", "billioner"),
            (10**9, "en milliard", "milliarder"),
            (10**6, "en million", "millioner"),
            (1000, "et tusind", "tusind"),
        ),
        "og",
        "og",
    ),
    # Composed too: num2words2 says "milyon yedi" for seven million after a milliard.
    "tr": Groups(
        (
            (10**12, "bir trilyon", "trilyon"),
            (10**9, "bir milyar", "milyar"),
            (10**6, "bir milyon", "milyon"),
            (1000, "bin", "bin"),
        ),
        "",
        "",
    ),
    "vi": Groups(
        ((10**9, "một tỷ", "tỷ"), (10**6, "một triệu", "triệu"), (1000, "một nghìn", "nghìn")),
        "không trăm lẻ",
        "không trăm",
    ),
}
"""Languages whose numbers over 999 are put together here."""


class Ordinals(NamedTuple):
    """How a language builds its ordinals."""

    words: Mapping[int, str]
    """Ordinals that num2words2 gets wrong or that other ordinals end with."""
    tens: bool = False
    """Whether tens before a unit are ordinals too: dvacátý první."""
    hundreds: bool = False
    """Whether hundreds and one thousand before a smaller number are ordinals too."""
    last: int = 999_999
    """The greatest number whose ordinal is known to be right."""


def _numbered(words: str, values: Sequence[int]) -> dict[int, str]:
    return dict(zip(values, words.split(), strict=True))


_HUNDREDS = range(100, 1000, 100)
_CROATIAN_HUNDREDS = _numbered(
    "stoti dvjestoti tristoti četiristoti petstoti šeststoti sedamstoti osamstoti devetstoti",
    _HUNDREDS,
)
COMPOUND_ORDINALS: Mapping[str, Ordinals] = {
    "be": Ordinals(
        _numbered(
            "пяцідзясяты шасцідзясяты сямідзясяты васьмідзясяты дзевяносты", range(50, 100, 10)
        ),
        last=1999,
    ),
    "bs": Ordinals(_CROATIAN_HUNDREDS, last=999),
    "cs": Ordinals(
        _numbered(
            "stý dvoustý třístý čtyřstý pětistý šestistý sedmistý osmistý devítistý", _HUNDREDS
        ),
        tens=True,
        last=1999,
    ),
    "el": Ordinals(
        {9: "ένατος"}
        | _numbered(
            "τριακοστός τεσσαρακοστός πεντηκοστός εξηκοστός εβδομηκοστός ογδοηκοστός ενενηκοστός",
            range(30, 100, 10),
        )
        | _numbered(
            "εκατοστός διακοσιοστός τριακοσιοστός τετρακοσιοστός πεντακοσιοστός εξακοσιοστός "
            "επτακοσιοστός οκτακοσιοστός εννιακοσιοστός",
            _HUNDREDS,
        )
        | {13: "δέκατος τρίτος", 14: "δέκατος τέταρτος", 15: "δέκατος πέμπτος"}
        | {16: "δέκατος έκτος", 17: "δέκατος έβδομος", 18: "δέκατος όγδοος"}
        | {19: "δέκατος ένατος"},
        tens=True,
        hundreds=True,
        last=1999,
    ),
    "hr": Ordinals(_CROATIAN_HUNDREDS, last=1999),
    "lt": Ordinals({}, last=1999),
    "lv": Ordinals({}, last=1999),
    "sk": Ordinals(
        _numbered(
            "stý dvojstý trojstý štvorstý päťstý šesťstý sedemstý osemstý deväťstý", _HUNDREDS
        ),
        tens=True,
        last=1999,
    ),
    "sr": Ordinals(
        _numbered(
            "стоти двестоти тристоти четиристоти петстоти шестстоти седамстоти осамстоти "
            "деветстоти",
            _HUNDREDS,
        ),
        last=1999,
    ),
}
"""Languages whose ordinals are a cardinal or an ordinal and the ordinal of the last unit."""
