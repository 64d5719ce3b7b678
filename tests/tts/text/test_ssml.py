"""SSML as people paste it: what is said of it, what it directs, and what a warning names."""

import random

import pytest

from tts.speech import Mark
from tts.text.chunks import split
from tts.text.script import read_markup, read_script
from tts.text.script_warnings import script_warnings
from tts.text.tags import extract_tags

AZURE = (
    '<?xml version="1.0"?>\n<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" '
    'xmlns:mstts="https://www.w3.org/2001/mstts" xml:lang="en-US">'
)


def say_as(kind: str, text: str, form: str = "") -> str:
    attribute = f' format="{form}"' if form else ""
    return f'<say-as interpret-as="{kind}"{attribute}>{text}</say-as>'


# What is pasted, what is said, and what the warnings name.
PASTES = [
    ("<speak>Hello there.</speak>", "Hello there.", []),
    (f"{AZURE}Hello there.</speak>", "Hello there.", []),
    ("<!DOCTYPE speak PUBLIC '-//W3C//DTD SYNTHESIS 1.0//EN' ''><speak>Hi.</speak>", "Hi.", []),
    ("<speak><!-- not this -->Hello.</speak>", "Hello.", []),
    ("<speak><![CDATA[Fish & chips]]></speak>", "Fish and chips", []),
    ("<speak>Fish &amp; chips, &lt;ok&gt;</speak>", "Fish and chips, ok", []),
    ("<speak><p>One</p><p>Two</p></speak>", "One. Two", []),
    ("<speak><p><s>One</s><s>Two</s></p></speak>", "One. Two.", []),
    ("<speak>One <s>two, </s>three</speak>", "One. two. three", []),
    ('<speak><sub alias="World Wide Web">WWW</sub> now</speak>', "World Wide Web now", []),
    ('<speak>One <break time="1s"/> two <break/> three</speak>', "One two three", []),
    (f"<speak>{say_as('characters', 'can')}</speak>", "C A N", []),
    (f"<speak>{say_as('spell-out', 'a1-b')} it is</speak>", "A one dash B it is", []),
    (f"<speak>{say_as('verbatim', 'x_y')}</speak>", "X underscore Y", []),
    (f"<speak>{say_as('digits', '1984')}</speak>", "one nine eight four", []),
    (f"<speak>{say_as('number_digit', '007')}</speak>", "zero zero seven", []),
    (f"<speak>{say_as('cardinal', '1984')}</speak>",
     "one thousand nine hundred and eighty four", []),
    (f"<speak>{say_as('number', '-5')}</speak>", "minus five", []),
    (f"<speak>{say_as('number', '10', 'ordinal')}</speak>", "tenth", []),
    (f"<speak>the {say_as('ordinal', '21st')} time</speak>", "the twenty first time", []),
    (f"<speak>{say_as('telephone', '(212) 555-1984', '1')}</speak>",
     "two one two, five five five, one nine eight four", []),
    (f"<speak>{say_as('telephone', '+4930')}</speak>", "plus four nine three zero", []),
    (f"<speak>{say_as('date', '10/11/2024', 'mdy')}</speak>",
     "october eleventh twenty twenty four", []),
    (f"<speak>{say_as('date', '10.11.2024', 'dmy')}</speak>",
     "november tenth twenty twenty four", []),
    (f"<speak>{say_as('date', '19600910', 'yyyymmdd')}</speak>",
     "september tenth nineteen sixty", []),
    (f"<speak>{say_as('date', '9/10', 'md')}</speak>", "September tenth", []),
    (f"<speak>{say_as('date', '45/77/2024', 'dmy')} x</speak>", None, []),
    (f"<speak>{say_as('time', '2:30pm', 'hms12')}</speak>", "two thirty P M", []),
    (f"<speak>{say_as('currency', '$42.50')}</speak>", "forty two dollars and fifty cents", []),
    (f"<speak>{say_as('fraction', '3/4')} of it</speak>", "three quarters of it", []),
    (f"<speak>{say_as('unit', '10 ft')}</speak>", "ten feet", []),
    (f"<speak>Oh {say_as('expletive', 'damn')} it</speak>", "Oh it", []),
    (f"<speak>{say_as('interjection', 'wow')}</speak>", "wow",
     ['<say-as interpret-as="interjection">']),
    (f'{AZURE}<voice name="en-US-AvaNeural"><mstts:express-as style="sad" styledegree="2">'
     "Oh no.</mstts:express-as></voice></speak>", "Oh no.", ["<mstts:express-as>"]),
    (f'{AZURE}<mstts:silence type="Sentenceboundary" value="200ms"/>Hello.</speak>', "Hello.",
     ["<mstts:silence>"]),
    ('<speak><amazon:effect name="whispered">Hush.</amazon:effect></speak>', "Hush.",
     ["<amazon:effect>"]),
    ('<speak><amazon:domain name="news">News.</amazon:domain></speak>', "News.",
     ["<amazon:domain>"]),
    ('Hush <amazon:auto-breaths volume="low">now</amazon:auto-breaths>.', "Hush now.",
     ["<amazon:auto-breaths>"]),
    ('<speak><google:style name="lively">Yes!</google:style></speak>', "Yes!",
     ["<google:style>"]),
    ('<speak><emphasis level="strong">Stop</emphasis> it.</speak>', "Stop it.", ["<emphasis>"]),
    ('<speak><prosody pitch="+2st" volume="loud">Up</prosody></speak>', "Up",
     ["<prosody pitch>, <prosody volume>"]),
    ('<speak><phoneme alphabet="ipa" ph="pɪˈkɑːn">pecan</phoneme> pie</speak>', "pecan pie",
     ["<phoneme>"]),
    ('<speak><audio src="https://e.com/a.mp3"><desc>a cat</desc>meow</audio></speak>', "meow",
     ["<audio>"]),
    ('<speak><par><media xml:id="q" begin="0.5s"><speak>Who?</speak></media></par></speak>',
     "Who?", ["<media>"]),
    ('<speak><metadata><dc:title>No</dc:title></metadata><lexicon uri="a.pls" xml:id="b"/>Yes.'
     "</speak>", "Yes.", ["<lexicon>"]),
    ('<speak><w role="amazon:VB">read</w> <token>it</token></speak>', "read it", []),
    ('<speak><express-as type="GoodNews">Great.</express-as></speak>', "Great.", []),
    ('<speak><voice gender="female">Me.</voice></speak>', "Me.", ["<voice>"]),
    ('<speak>a<bookmark mark="one"/>b</speak>', "a b", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said", "named"), PASTES)
def test_a_paste_is_said_without_its_tags(text: str, said: str | None, named: list[str]) -> None:
    markup = extract_tags(text)
    script = read_markup(markup)
    spoken = " ".join(token.spoken + token.pause for token in script.tokens)
    if said is not None:
        assert spoken.lower().rstrip(".") == said.lower().rstrip(".")
    warnings = script_warnings(markup, script, "en", True)
    assert [sentence.split(": ")[0] for sentence in warnings] == named
    for raw in ("speak", "interpret", "http", "xmlns", "alias", "mstts", "prosody", "neural"):
        assert raw not in spoken.lower()


@pytest.mark.parametrize(("text", "said", "named"), PASTES)
def test_captions_show_nothing_of_the_tags(text: str, said: str | None, named: list[str]) -> None:
    shown = [word.text if word.shown is None else word.shown for word in read_script(text).words]
    assert not any("<" in word or "=" in word for word in shown if word != "<ok>")


def test_a_voice_holds_until_its_tag_ends() -> None:
    text = (
        'One <voice name="anna">two [voice:ben] three <voice name="en-US-AvaNeural">four</voice> '
        "five</voice> six."
    )
    markup = extract_tags(text)
    assert markup.voices == ["anna", "ben", "en-US-AvaNeural"]
    assert markup.optional_voices == {"anna", "en-US-AvaNeural"}
    known = markup.without_voices(["en-US-AvaNeural"])
    chunks = split(read_markup(known), 200)
    assert [(chunk.spoken_text, chunk.voice) for chunk in chunks] == [
        ("One", None), ("two", "anna"), ("three four", "ben"), ("five", "ben"), ("six.", None),
    ]  # fmt: skip


def test_a_voice_that_a_tag_in_brackets_names_must_be_there() -> None:
    assert extract_tags('<voice name="anna">a</voice> [voice:anna] b').optional_voices == set()


def test_a_bookmark_is_a_mark() -> None:
    script = read_script('One <bookmark mark="b_1"/> two <bookmark mark="b2"></bookmark> three.')
    assert script.marks == (Mark(1, "b_1"), Mark(2, "b2"))


def test_paragraphs_and_sentences_part_chunks_as_their_marks_would() -> None:
    text = "<speak><p>The first one is here and it is long enough</p><p>The second one is here too"
    chunks = split(read_script(text + "</p></speak>"), 200)
    assert [chunk.pause_ms for chunk in chunks] == [450, 0]
    text = "<speak><s>The first one is here, long enough</s><s>The second one is here too</s>"
    chunks = split(read_script(text + "</speak>"), 200)
    assert [chunk.pause_ms for chunk in chunks] == [150, 0]


def test_without_a_document_p_and_s_are_those_of_html() -> None:
    assert extract_tags("<p>One</p> <s>two</s>").text == "<p>One</p> <s>two</s>"


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("de", say_as("cardinal", "21"), "einundzwanzig"),
        ("de", say_as("ordinal", "3"), "dritte"),
        ("de", say_as("date", "10/11/2024", "mdy"), "elfter Oktober zweitausendvierundzwanzig"),
        ("de", say_as("characters", "abß"), "A B ß"),
        ("en", f"[lang:de]{say_as('digits', '12')}[/lang] {say_as('digits', '12')}",
         "eins zwei one two"),
        ("es", say_as("telephone", "91 22"), "nueve uno dos dos"),
        ("de", say_as("telephone", "+49 30"), "plus vier neun drei null"),
    ],
)  # fmt: skip
def test_say_as_follows_the_language(language: str, text: str, said: str) -> None:
    tokens = read_script(text, language).tokens
    assert " ".join(token.spoken for token in tokens) == said


@pytest.mark.parametrize("text", ["4" * 200, "-" * 50, "٣٤", "12/34", " . ", "²", "9" * 16])
@pytest.mark.parametrize(
    "kind", ["cardinal", "ordinal", "digits", "telephone", "characters", "date"]
)
def test_say_as_takes_any_text(kind: str, text: str) -> None:
    script = read_script(f"One {say_as(kind, text, 'dmy')} two.")
    assert script.tokens[0].spoken == "One"
    assert script.tokens[-1].spoken == "two"


ELEMENTS = (
    "p", "s", "sub", "say-as", "phoneme", "emphasis", "voice", "lang", "prosody", "audio", "w",
    "token", "break", "par", "media", "mstts:express-as", "amazon:effect", "zqx:zqy", "zqz",
)  # fmt: skip
ATTRIBUTES = (
    'zqa="zqb"', "zqc='zq=d'", 'zqe:zqf="zq g (zq, 5%)"', 'interpret-as="zqh"', 'ph="zqi"',
    'level="zqj"', 'pitch="zqk"', 'rate="slow"', 'xml:lang="de"', 'name="zqvoice"', 'src="zq.mp3"',
)  # fmt: skip


def document(numbers: random.Random, depth: int = 0) -> str:
    """Well-formed content of a <speak>: words, and elements in one another."""
    parts = []
    for _ in range(numbers.randint(1, 4)):
        if depth == 4 or numbers.random() < 0.4:
            parts.append(numbers.choice(["hello", "there, you.", " five ", "Why? "]))
            continue
        name = numbers.choice(ELEMENTS)
        chosen = numbers.sample(ATTRIBUTES, numbers.randint(0, 3))
        opening = " ".join([name, *chosen])
        if numbers.random() < 0.2:
            parts.append(f"<{opening}/>")
        else:
            parts.append(f"<{opening}>{document(numbers, depth + 1)}</{name}>")
    return numbers.choice(["", " ", "\n"]).join(parts)


@pytest.mark.parametrize("seed", range(200))
def test_no_letter_of_a_tag_or_an_attribute_is_spoken(seed: int) -> None:
    """Every name and value that was made up has "zq" in it."""
    script = read_script(f"<speak>Go {document(random.Random(seed))}</speak>")
    words = {token.spoken.lower() for token in script.tokens}
    assert not any("zq" in word or word in ("speak", "voice", "slow", "de") for word in words)
    assert "go" in words
    shown = " ".join(word.text if word.shown is None else word.shown for word in script.words)
    assert "zq" not in shown
