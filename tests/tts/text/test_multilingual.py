"""Other languages than English: their numbers, their periods, and scripts without spaces."""

import pytest

from tests.tts.text.test_script import said
from tts.text.chunks import split
from tts.text.script import read_script

SPOKEN = [
    ("de", "Ich habe 42 Äpfel.", "Ich habe zweiundvierzig Äpfel."),
    ("de", "Dr. Müller, 3rd", "Dr Müller, drei rd"),
    ("de", "1.200 und 1.000.000", "eintausendzweihundert und eine Million"),
    ("de", "3,50 und 12,5", "drei Komma fünf null und zwölf Komma fünf"),
    ("de", "5kg und 10-15", "fünf kg und zehn fünfzehn"),
    ("de", "um 15:30", "um fünfzehn dreißig"),
    ("de", "50% und 5€ und 5 €", "fünfzig Prozent und fünf Euro und fünf Euro"),
    ("de", "-5 Grad", "minus fünf Grad"),
    ("de", "Am 3. Mai kam er", "Am dritten Mai kam er"),
    ("de", "Der 2. Weltkrieg war", "Der zweite Weltkrieg war"),
    ("de", "3. Mai", "dritter Mai"),
    ("de", "Er hat 3. Dann ging er", "Er hat drei. Dann ging er"),
    ("de", "Nr. 5 und Hr. Maier", "Nr fünf und Hr Maier"),
    ("de", "z. B. das und z.B. dies", "z B das und z B dies"),
    ("fr", "1 200 euros et 1\u202f200", "mille deux cents euros et mille deux cents"),
    ("fr", "allez-vous, n'est-ce pas", "allez-vous, n'est-ce pas"),
    ("fr", "le 1er mai", "le premier mai"),
    ("fr", "50 % et 3,14", "cinquante pour cent et trois virgule un quatre"),
    ("fr", "M. Dupont", "M Dupont"),
    ("fr", "le 01 23", "le zéro un vingt trois"),
    ("es", "1.200 y 3,5", "mil doscientos y tres coma cinco"),
    ("it", "1.200 e 3,50", "milleduecento e tre virgola cinque zero"),
    ("pt", "50% de 1.000", "cinquenta por cento de mil"),
    ("pl", "1 200 i -3", "tysiąc dwieście i minus trzy"),
    ("ru", "1 200 и 5", "одна тысяча двести и пять"),
    ("tr", "%50", "yüzde elli"),
    ("ja", "3つと1,000円", "三つと千円"),
    ("ko", "3개, 1,000원", "삼개, 천원"),
    ("th", "3เล่ม", "สามเล่ม"),
    ("ar", "٥٠٪", "خمسون بالمئة"),
    ("hi", "नमस्ते दुनिया। मैं १२ हूँ।", "नमस्ते दुनिया. मैं १२ हूँ."),
    ("fa", "می\u200cروم", "می\u200cروم"),
    ("am", "ሰላም። እንዴት ነህ፧", "ሰላም. እንዴት ነህ?"),
    ("hy", "Բարեւ։ Աշխարհ", "Բարեւ. Աշխարհ"),
    (
        "de",
        "am 24.12.2024 um 8.30 Uhr",
        "am vierundzwanzig zwölf zweitausendvierundzwanzig um acht dreißig Uhr",
    ),
    (
        "de",
        "3.5 und 1.234,56",
        "drei Komma fünf und eintausendzweihundertvierunddreißig Komma fünf sechs",
    ),
    ("de", "½ Liter, 1½ Stunden", "null Komma fünf Liter, eins Komma fünf Stunden"),
    ("fr", "2¾ et ½", "deux virgule sept cinq et zéro virgule cinq"),
    ("zh", "1½小时", "一点五小时"),
    ("de", "$5, 10 $ und -£3", "fünf Dollar, zehn Dollar und minus drei Pfund"),
    ("es", "$5 millones o US$10", "cinco millones o diez dólares"),
    ("pt", "R$ 10 e R$5", "dez reais e cinco reais"),
    ("ja", "¥1,000と$5", "千円と五ドル"),
    ("zh", "$5万和¥1,000", "五万美元和一千元"),
    ("hi", "$5 और 20%, -5", "$5 और 20%, -5"),
    ("xx", "5€, US$10 5kg", "5€, US$10 5 kg"),
    ("de", "die 90er", "die neunziger"),
    ("de", "Friedrich II. in Berlin", "Friedrich II in Berlin"),
    ("pl", "1 234,56 i", "tysiąc dwieście trzydzieści cztery przecinek pięć sześć i"),
    ("nl", "€ 3,50", "drie komma vijf nul euro"),
    ("es", "2º y 3ª", "segundo y tercera"),
    ("da", "den 3. maj", "den tredje maj"),
    ("cs", "dne 3. května", "dne tři května"),
    ("ar", "٣٫٥", "ثلاثة فاصلة خمسة"),
    # Signs, fractions and times.
    ("de", "5 °C, 20°C, -5°F, 90°", "fünf Grad Celsius, zwanzig Grad Celsius, minus fünf Grad "
     "Fahrenheit, neunzig Grad"),
    ("de", "5 + 3 = 8, 10 - 3 = 7", "fünf plus drei gleich acht, zehn minus drei gleich sieben"),
    ("de", "5+3=8, 2 × 4, +5 Grad", "fünf plus drei gleich acht, zwei mal vier, plus fünf Grad"),
    ("de", "+49 30 123456", "plus neunundvierzig dreißig eins zwei drei vier fünf sechs"),
    ("de", "Tee:\n+ Milch\n+ Eis", "Tee: Milch, Eis"),
    ("de", "5 - 10 Tage", "fünf, zehn Tage"),
    ("de", "3/4 Liter, ⅓ davon", "drei Viertel Liter, ein Drittel davon"),
    ("de", "1 1/2, am 1/2", "eins und ein halb, am eins zwei"),
    ("de", "14h30, 15:00, 15:00 Uhr", "vierzehn Uhr dreißig, fünfzehn Uhr, fünfzehn Uhr"),
    ("fr", "14h30, 21h et 1h", "quatorze heures trente, vingt et une heures et une heure"),
    ("fr", "9h-17h, 14 h 30", "neuf heures à dix sept heures, quatorze heures trente"),
    ("fr", "5 °C, 2/3, 8 ÷ 2 = 4", "cinq degrés Celsius, deux tiers, huit divisé par deux égale "
     "quatre"),
    ("es", "20% y 5 °C", "veinte por ciento y cinco grados Celsius"),
    ("es", "14:30 h, 14:30h, 9:00h", "catorce treinta horas, catorce treinta horas, nueve horas"),
    ("de", "8h Schlaf, 1h, 5 h", "acht Stunden Schlaf, eine Stunde, fünf Stunden"),
    ("de", "ein 3/4-Takt", "ein drei Viertel Takt"),
    ("it", "alle 14:00, 2h", "alle quattordici, due ore"),
    ("fr", "24h/24, 7j/7", "vingt quatre heures sur vingt quatre, sept jours sur sept"),
    ("pt", "2h30min", "duas horas trinta"),
    ("es", "5 + 3 = 8", "cinco más tres igual a ocho"),
    ("it", "5 °C, 1/2, 2 × 3 = 6", "cinque gradi Celsius, un mezzo, due per tre uguale a sei"),
    ("pt", "às 14h30, 2h, 5 °C, 1/4", "às catorze horas trinta, duas horas, cinco graus Celsius, "
     "um quarto"),
    ("nl", "om 14u30, 5 °C, 1/2", "om veertien uur dertig, vijf graden Celsius, een half"),
    ("pl", "⅓", "jeden trzy"),
    ("zh", "⅓杯", "三分之一杯"),
    ("zh", "13812345678", "一三八一二三四五六七八"),
    ("zh", "10-20个，3/4，-5℃", "十到二十个, 四分之三, 负五摄氏度"),
    ("zh", "12345678，100", "一千二百三十四万五千六百七十八, 一百"),
    ("zh", "二〇二四年", "二〇二四年"),
    ("zh", "21个苹果", "二十一个苹果"),
    ("zh", "1999年", "一九九九年"),
    ("zh", "50%的人", "百分之五十的人"),
    ("zh", "3.14和10,000和-5", "三点一四和一万和负五"),
    ("zh", "2个和2月", "两个和二月"),
    ("zh", "100000001元", "一亿零一元"),
    ("zh", "10010和1010和110", "一万零一十和一千零一十和一百一十"),
    ("zh", "现在10：30，价格1，000", "现在十 三十, 价格一千"),
]  # fmt: skip
CLAUSES = [
    ("zh", "我有21个苹果。1999年，50%的人。", ["我有21个苹果。", "1999年，", "50%的人。"]),
    ("zh", "他说：“你好。”她笑了……然后走了", ["他说：", "“你好。”", "她笑了……", "然后走了"]),
    ("zh", "你好,世界!再见", ["你好,", "世界!", "再见"]),
    ("en", "Say 你好，世界。ok", ["Say", "你好，", "世界。", "ok"]),
    ("ja", "「はい。」と言った。元気？", ["「はい。」", "と言った。", "元気？"]),
    ("my", "မင်္ဂလာပါ။နေကောင်းလား။", ["မင်္ဂလာပါ။", "နေကောင်းလား။"]),
    ("en", "one,two 1,000 a。", ["one,two", "1,000", "a。"]),
]


@pytest.mark.parametrize(("language", "written", "spoken"), SPOKEN)
def test_what_is_said(language: str, written: str, spoken: str) -> None:
    assert said(read_script(written, language)) == spoken


@pytest.mark.parametrize(("language", "written", "words"), CLAUSES)
def test_a_script_without_spaces_is_words_by_clause(
    language: str, written: str, words: list[str]
) -> None:
    script = read_script(written, language)
    assert [word.text for word in script.words] == words
    assert all(script.text[word.char_start : word.char_end] == word.text for word in script.words)


def test_its_chunks_end_where_its_sentences_do() -> None:
    script = read_script("天地玄黄，宇宙洪荒。" * 20, "zh")
    assert len(script.words) == 40
    chunks = split(script, 48)
    assert len(chunks) > 3
    assert all(chunk.tokens[-1].pause == "." for chunk in chunks)


@pytest.mark.parametrize(("written", "spoken"), [("2.0", "二点零"), ("007", "零零七"), ("0", "零")])
def test_chinese_figures(written: str, spoken: str) -> None:
    assert said(read_script(written, "zh")) == spoken
