"""The front end: what is said for what is written, and that nothing written is lost."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.speech import Script
from tts.text.script import TextRejected, read_script

SPOKEN = [
    ("Louis XIV was king", "Louis the fourteenth was king"),
    ("Henry VIII, who", "Henry the eighth, who"),
    ("Henry IV's wives", "Henry the fourth's wives"),
    ("Elizabeth II and Charles III", "Elizabeth the second and Charles the third"),
    ("Pope John Paul II.", "Pope John Paul the second."),
    ("George V and Malcolm X", "George the fifth and Malcolm X"),
    ("When Charles and I met", "When Charles and I met"),
    ("World War I and World War II", "World War one and World War two"),
    ("Chapter IV begins", "Chapter four begins"),
    ("Super Bowl LVIII", "Super Bowl fifty eight"),
    ("Rocky IV", "Rocky four"),
    ("Section III-A", "Section three A"),
    ("Final Fantasy VII", "Final Fantasy seven"),
    ("size XL", "size X L"),
    ("an IV drip", "an I V drip"),
    ("Beverly Hills, CA 90210", "Beverly Hills, C A nine oh two one oh"),
    ("NY 10001-2345", "N Y one oh oh oh one two three four five"),
    ("call 911 now", "call nine one one now"),
    ("dial 411", "dial four one one"),
    ("call 1-800-FLOWERS", "call one eight hundred Flowers"),
    ("5 January 2024", "the fifth of January twenty twenty four"),
    ("on 12 Oct. 1999", "on the twelfth of october nineteen ninety nine"),
    ("Mon-Fri", "Monday to Friday"),
    ("Sat–Sun, 9-5", "Saturday to Sunday, nine to five"),
    ("Mon.-Fri. 9-5", "Monday to Friday nine to five"),
    ("on Tues. at 5", "on Tuesday at five"),
    ("in the sun.", "in the sun."),
    ("221B Baker St.", "two hundred twenty one B Baker street."),
    ("3B people", "three billion people"),
    ("a 5K race", "a five K race"),
    ("5K people", "five thousand people"),
    ("I said no. 5 people came", "I said no. five people came"),
    ("see no. 5 there", "see number five there"),
    ("so #winning", "so hashtag winning"),
    ("the #1 fan", "the number one fan"),
    ("C# and F#", "C sharp and F sharp"),
    ("AT&T and R&D", "A T and T and R and D"),
    ("w/o sugar, w/ milk", "without sugar, with milk"),
    ("2x faster at 1.5x", "two times faster at one point five times"),
    ("a 3 x 4 grid", "a three by four grid"),
    ("a 16:9 screen", "a sixteen to nine screen"),
    ("won 3:2", "won three to two"),
    ("5'10", "five foot ten"),
    ("He is 6'2\" tall", "He is six foot two tall"),
    ("10^6", "ten to the power of six"),
    ("v2.0 is out", "version two point zero is out"),
    ("version v1.2.3", "version one point two point three"),
    ("the year 1066", "the year ten sixty six"),
    ("№ 5", "number five"),
    ("§ 5", "section five"),
    ("© 2024", "copyright twenty twenty four"),
    ("20/20 vision on 9/11", "twenty twenty vision on nine eleven"),
    ("Jan. 1–5", "january first to fifth"),
    ("10am–2pm", "ten A M to two P M"),
    ("2024-01-05", "january fifth twenty twenty four"),
    ("iOS 17.2.1", "iOS seventeen point two point one"),
    ("in 2:30:15", "in two thirty and fifteen seconds"),
    ("2.4GHz", "two point four gigahertz"),
    ("$1.5bn and £3m", "one point five billion dollars and three million pounds"),
    ("R.E.M. and F.B.I. men", "R E M and F B I men"),
    ("tab\tand\nline", "tab and line"),
    ("bell\x07 rings", "bell rings"),
    ("‘It’s’ “fine”", "It's fine"),
    ("#NoFilter 😀 #tbt", "hashtag No Filter hashtag tbt"),
    ("50%-60%", "fifty percent to sixty percent"),
    ("Hello, world!", "Hello, world!"),
    ("I have 3 cats.", "I have three cats."),
    ("sold 3,000 units", "sold three thousand units"),
    ("1,250,000 people", "one million two hundred fifty thousand people"),
    ("-5 degrees", "minus five degrees"),
    ("0.5 of it", "zero point five of it"),
    (".25 inches", "zero point two five inches"),
    ("3.14159", "three point one four one five nine"),
    ("agent 007", "agent zero zero seven"),
    ("in 1967", "in nineteen sixty seven"),
    ("in 1905", "in nineteen oh five"),
    ("in 2005", "in two thousand five"),
    ("by 2024,", "by twenty twenty four,"),
    ("the 1990s", "the nineteen nineties"),
    ("the '80s", "the eighties"),
    ("the 3rd of May", "the third of May"),
    ("her 21st", "her twenty first"),
    ("the 100th", "the one hundredth"),
    ("$5", "five dollars"),
    ("$1", "one dollar"),
    ("$0.99", "ninety nine cents"),
    ("$1,250.50", "one thousand two hundred fifty dollars and fifty cents"),
    ("$5 million in cash", "five million dollars in cash"),
    ("$2.5 billion.", "two point five billion dollars."),
    ("$2k", "two thousand dollars"),
    ("£1.01", "one pound and one penny"),
    ("£3.50", "three pounds and fifty pence"),
    ("€10", "ten euros"),
    ("45%", "forty five percent"),
    ("12.5%.", "twelve point five percent."),
    ("at 7:45 a.m. today", "at seven forty five A M today"),
    ("at 10:00", "at ten o'clock"),
    ("at 9:05", "at nine oh five"),
    ("at 3:30pm", "at three thirty P M"),
    ("at 14:00", "at fourteen hundred"),
    ("2 lbs. of flour", "two pounds of flour"),
    ("5 km away", "five kilometers away"),
    ("1 km away", "one kilometer away"),
    ("60mph", "sixty miles per hour"),
    ("72°F", "seventy two degrees fahrenheit"),
    ("6 ft tall", "six feet tall"),
    ("16GB", "sixteen gigabytes"),
    ("Dr. Smith", "doctor Smith"),
    ("Mr. and Mrs. Jones", "mister and missus Jones"),
    ("St. James", "saint James"),
    ("on Main St. again", "on Main street again"),
    ("cats, dogs, etc. and so on", "cats, dogs, et cetera and so on"),
    ("cats, etc. Then", "cats, et cetera. Then"),
    ("e.g. this", "for example this"),
    ("Cats vs. dogs", "Cats versus dogs"),
    ("on Oct. 3rd", "on october third"),
    ("NASA's plan", "Nasa's plan"),
    ("The CEO of IBM", "The C E O of I B M"),
    ("two CEOs", "two C E O's"),
    ("the U.S. Senate", "the U S Senate"),
    ("J. R. Smith", "J R Smith"),
    ("DO NOT STOP THE MUSIC", "do not stop the music"),
    ("B2B and MP3", "B two B and M P three"),
    ("a & b", "a and b"),
    ("C++", "C plus plus"),
    ("1-800-555-0199", "one eight hundred five five five oh one nine nine"),
    ("Visit example.com.", "Visit example dot com."),
    ("https://example.com/a-b", "example dot com slash a dash b"),
    ("me@example.org", "me at example dot org"),
    ("well-known facts", "well known facts"),
    ("wait — what", "wait, what"),
    ("Well... I think", "Well, I think"),
    ("“Don’t,” she said.", "Don't, she said."),
    ("It (the cat) sat", "It, the cat, sat"),
    ("One\n\nTwo", "One. Two"),
    ("zero\u200bwidth", "zerowidth"),
    ("A plan by A. Smith", "a plan by A Smith"),
    ("vitamin A", "vitamin A"),
    ("नमस्ते दुनिया", "नमस्ते दुनिया"),
    ("crème brûlée", "crème brûlée"),
    ("hello 😀 there", "hello there"),
    ("at 10:30 AM today", "at ten thirty A M today"),
    ("at 9 AM today", "at nine A M today"),
    ("at 10:30 am, sharp", "at ten thirty A M, sharp"),
    ("at 10:00 AM", "at ten A M"),
    ("at 10:00 a.m. today", "at ten A M today"),
    ("from 9am-5pm", "from nine A M to five P M"),
    ("by 9am.", "by nine A M."),
    ("from 9-5 pm", "from nine to five P M"),
    ("10:00-11:00 AM", "ten to eleven A M"),
    ("I AM HERE NOW", "I am here now"),
    ("Apple Inc., and", "Apple incorporated, and"),
    ("e.g., this", "for example, this"),
    ("Tom Smith Jr., who", "Tom Smith junior, who"),
    ("in Oct., he", "in october, he"),
    ("(Apple Inc.), too", "Apple incorporated, too"),
    ("(in 1967), too", "in nineteen sixty seven, too"),
    ("No. 1 again", "number one again"),
    ("No. I will", "No. I will"),
    ("in Apt. 4B now", "in apartment four B now"),
    ("see p. 45 there", "see page forty five there"),
    ("see pp. 4-6 there", "see pages four to six there"),
    ("1 tsp. of salt", "one teaspoon of salt"),
    ("a tsp. of salt", "a teaspoon of salt"),
    ("Smith et al. found it", "Smith et al found it"),
    ("a Ph.D. and a job", "a P H D and a job"),
    ("at 9 a.m. Monday", "at nine A M Monday"),
    ("at 7:30 p.m. EST", "at seven thirty P M E S T"),
    ("at 9 a.m. He left.", "at nine A M. He left."),
    ("in the U.S. She left.", "in the U S. She left."),
    ("in the U.S. It's over.", "in the U S. It's over."),
    ("Alien vs. Predator", "Alien versus Predator"),
    ("on Main St. She left.", "on Main street. She left."),
    ("etc. “Then” he left", "et cetera. Then he left"),
    ("Take vitamin C. The rest", "Take vitamin C. The rest"),
    ("he came in. she left", "he came in. she left"),
    ("THE MAN WHO SOLD A CAR", "the man who sold a car"),
    ("The Man Who Sold A Car", "The Man Who Sold a Car"),
    ("plan A works", "plan A works"),
    ("I got an A!", "I got an A!"),
    ("I got an A in it", "I got an A in it"),
    ("from A to Z", "from A to Z"),
    ("Mr. A. Smith", "mister A Smith"),
    ("$5/hour", "five dollars per hour"),
    ("$10-$20", "ten dollars to twenty dollars"),
    ("$10-$20 million", "ten to twenty million dollars"),
    ("$5-a-day", "five dollars a day"),
    ("$1,299.00/mo.", "one thousand two hundred ninety nine dollars per month."),
    ("1914-1918", "nineteen fourteen to nineteen eighteen"),
    ("1914–1918", "nineteen fourteen to nineteen eighteen"),
    ("the mid-1990s", "the mid nineteen nineties"),
    ("a 5th-grade class", "a fifth grade class"),
    ("and/or", "and or"),
    ("US$20", "twenty dollars"),
    ("5¢", "five cents"),
    ("the 1,000th", "the one thousandth"),
    ("555-0199", "five five five oh one nine nine"),
    ("(555) 123-4567", "five five five, one two three four five six seven"),
    ("5-7 lbs. of fish", "five to seven pounds of fish"),
    ("50-50", "fifty fifty"),
    ("COVID-19", "Covid nineteen"),
    ("the A-team", "the A team"),
    ("5mg/day", "five milligrams per day"),
    ("10M users", "ten million users"),
    ("1.5M views", "one point five million views"),
    ("$2B", "two billion dollars"),
    ("200K", "two hundred thousand"),
    ("4K and 8K", "four K and eight K"),
    ("a 5G network", "a five G network"),
    ("60W at 5m", "sixty watts at five meters"),
    ("1/2 cup", "one half cup"),
    ("3/4", "three quarters"),
    ("2/3", "two thirds"),
    ("1/2 tsp. of", "one half teaspoon of"),
    ("1½", "one and a half"),
    ("1 1/2 cups", "one and a half cups"),
    ("2¾", "two and three quarters"),
    ("24/7", "twenty four seven"),
    ("0% APR.", "zero percent A P R."),
    ("Eat a fig. Then go.", "Eat a fig. Then go."),
    ("He is a rep. She is too.", "He is a rep. She is too."),
    ("the next gen. It", "the next gen. It"),
    ("Rep. Jones and Gen. Lee", "representative Jones and general Lee"),
    ("Mr Smith", "mister Smith"),
    ("on January 5", "on January fifth"),
    ("on Jan 5", "on january fifth"),
    ("on Jan. 5", "on january fifth"),
    ("May 5, 2024", "May fifth, twenty twenty four"),
    ("May 5-7", "May fifth to seventh"),
    ("12/25/2023", "december twenty fifth twenty twenty three"),
    ("2024-01-15", "january fifteenth twenty twenty four"),
    ("version 2.0.1", "version two point zero point one"),
    ("1250 dollars", "one thousand two hundred fifty dollars"),
    ("1500 km", "one thousand five hundred kilometers"),
    ("1967 Mustang", "nineteen sixty seven Mustang"),
    ("N/A", "N A"),
    ("the 2019-20 season", "the twenty nineteen to twenty season"),
    ("5 Main St., Apt. 3", "five Main street, apartment three"),
    ("fell -0.5% today", "fell minus zero point five percent today"),
    ("$5-10 million", "five to ten million dollars"),
    ("$5-10", "five to ten dollars"),
    ("$5-10M", "five to ten million dollars"),
    ("10+ years, $100K+", "ten plus years, one hundred thousand dollars plus"),
    ("$5/person/day", "five dollars per person per day"),
    ("9 AM-5 PM", "nine A M to five P M"),
    ("6 in. wide", "six inches wide"),
    ("-10°C outside", "minus ten degrees celsius outside"),
    ("a 3/4-inch pipe", "a three quarters inch pipe"),
    ("a 10-km run", "a ten kilometer run"),
    ("1-2-3 go", "one two three go"),
    ("on 12-25-2023", "on december twenty fifth twenty twenty three"),
    ("her 401k", "her four oh one K"),
    ("Apple Inc. Then he left.", "Apple incorporated. Then he left."),
    ("24/7/365", "twenty four seven three hundred sixty five"),
    ("-5–10", "minus five to ten"),
    ("60 miles/hour", "sixty miles per hour"),
    ("3 lbs/week", "three pounds per week"),
    ("MEET HIM IN ST. LOUIS NOW", "meet him in saint louis now"),
    ("the value x. then y", "the value x. then y"),
    ("https://example.com/a?b=1", "example dot com slash a question mark b equals one"),
]


def said(script: Script) -> str:
    return " ".join(token.spoken + token.pause for token in script.tokens)


@pytest.mark.parametrize(("written", "spoken"), SPOKEN)
def test_what_is_said(written: str, spoken: str) -> None:
    assert said(read_script(written)) == spoken


def test_ten_sentences_are_said_as_the_fixtures_say() -> None:
    sentences = json.loads(Path("tests/data/timing/truth.json").read_text())
    for sentence in sentences:
        script = read_script(sentence["text"])
        assert [word.text for word in script.words] == [word["word"] for word in sentence["words"]]
        for index, word in enumerate(sentence["words"]):
            spoken = [token.spoken for token in script.tokens if token.word == index]
            assert [_fold(part) for part in spoken] == [_fold(part) for part in word["spoken"]]


@pytest.mark.parametrize(
    ("number", "language"),
    [
        ("1" * 30, "am"),
        ("1" * 15, "am"),
        ("1234567.25", "am"),
        *[("-3", language) for language in ("pl", "cs", "sk", "am", "ce")],
        *[("0.000001", language) for language in ("ru", "pl", "it", "hu", "de")],
        *[("9" * 5000, language) for language in ("de", "fr", "xx")],
    ],
)
@pytest.mark.timeout(20)
def test_a_number_that_cannot_be_said_in_a_language_is_passed_on(
    number: str, language: str
) -> None:
    spoken = "".join(token.spoken for token in read_script(number, language).tokens)
    assert spoken == number or any(map(str.isalpha, spoken))


@pytest.mark.parametrize("figures", [400, 5000])
def test_an_endless_ordinal_is_said_figure_by_figure(figures: int) -> None:
    assert len(read_script(f"the {'1' * figures}th").tokens) == 1 + figures


@pytest.mark.parametrize(
    "number", ["٣", "١٢:٣٠", "３rd", "$٥.٥٠", "१९६७", "２/３", "٥٪", "１９９０s"]
)
@pytest.mark.parametrize("language", ["en", "de", "ar", "hi"])
def test_figures_of_other_scripts_are_read(number: str, language: str) -> None:
    assert read_script(number, language).tokens


def test_normalize_off_passes_the_words_through() -> None:
    script = read_script('He paid "$5" — twice.', normalize=False)
    assert said(script) == "He paid $5, twice."
    html = read_script("<b>bold</b> a<b and<br>on", normalize=False)
    assert said(html) == "bold a<b and, on"


@pytest.mark.parametrize("text", ["", "   ", "…", "😀 — !", "\u200b"])
def test_nothing_to_say_is_refused(text: str) -> None:
    with pytest.raises(TextRejected, match="nothing to speak"):
        read_script(text)


def test_control_characters_are_in_no_word() -> None:
    script = read_script("no\x00nul\x07 \u200b\u2060 and\x1fmore \ud800end")
    assert [word.text for word in script.words] == ["nonul", "and", "more", "end"]
    assert script.text == "nonul  and more end"


def test_joiners_are_written_and_not_said_in_english() -> None:
    script = read_script("a\u200db \u202aabc\u202c")
    assert [word.text for word in script.words] == ["a\u200db", "\u202aabc\u202c"]
    assert said(script) == "ab abc"


PROSE = "It was late, and the rain that had begun in the morning fell on the roofs of\n"


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Shopping list\nMilk\nEggs", "Shopping list, Milk, Eggs"),
        ("Tips:\n• Drink\n• Sleep", "Tips: Drink, Sleep"),
        ("Title\nThe story", "Title, The story"),
        ("My title\n" + PROSE + "London.", "My title, " + PROSE.strip() + " London."),
        (PROSE + "London and of Paris.", PROSE.strip() + " London and of Paris."),
        ("Hello\nworld", "Hello world"),
        ("- Milk\n- Eggs", "Milk, Eggs"),
    ],
)
def test_a_line_of_its_own_ends_in_a_pause(written: str, spoken: str) -> None:
    assert said(read_script(written)) == spoken


@given(st.text(min_size=1, max_size=200), st.sampled_from(["en", "de", "ja", "xx"]), st.booleans())
def test_any_text_keeps_its_words_in_order(text: str, language: str, normalize: bool) -> None:
    try:
        script = read_script(text, language, normalize)
    except TextRejected:
        return
    assert "".join(word.text for word in script.words) == "".join(script.text.split())
    for word in script.words:
        assert script.text[word.char_start : word.char_end] == word.text
        assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in word.text)
    owners = [token.word for token in script.tokens]
    assert owners == sorted(owners)
    for token in script.tokens:
        word = script.words[token.word]
        assert word.char_start <= token.char_start <= token.char_end <= word.char_end
        assert token.spoken.strip() == token.spoken != ""


def _fold(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
