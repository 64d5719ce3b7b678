"""Passages of another pace or language: what is said, in which chunks, and what is refused."""

import pytest

from tts.languages import LANGUAGES
from tts.speech import Chunk, Directive
from tts.text.chunks import split
from tts.text.script import read_script
from tts.text.tags import TagRejected, extract_tags


def chunks(text: str, language: str = "en") -> tuple[Chunk, ...]:
    return split(read_script(text, language), 200)


def spoken(text: str, language: str = "en") -> str:
    return " ".join(chunk.spoken_text for chunk in chunks(text, language))


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        ("One [rate:0.85]two[/rate] three.", [1, 0.85, 1]),
        ("One [RATE: 85% ]two[/Rate] three.", [1, 0.85, 1]),
        ("[rate:slow]One two[/rate].", [0.8]),
        ("One [rate:0.8]two three.", [1, 0.8]),
        ("[rate:0.8]One [rate:1.2]two[/rate] three[/rate] four.", [0.8, 1.2, 0.8, 1]),
        ("[rate:0.8]One [rate:+10%]two[/rate] three[/rate] four.", [0.8, 0.88, 0.8, 1]),
        ("[rate:0.8]One [rate:-25%]two[/rate] three[/rate] four.", [0.8, 0.6, 0.8, 1]),
        ("One [rate:1]two[/rate] three.", [1]),
        ('<prosody rate="x-slow">One</prosody> two.', [0.6, 1]),
        ('<prosody rate="x-fast" pitch="high">One</prosody> two.', [1.5, 1]),
        ("<prosody rate='120%'>One</prosody> two.", [1.2, 1]),
        ('<prosody pitch="high" rate="0.9">One</prosody> two.', [0.9, 1]),
        ('<prosody rate="slow">One <prosody rate="default">two</prosody></prosody> three.',
         [0.8, 1]),
        ('<prosody rate="fast">One <prosody volume="soft">two</prosody> three</prosody> four.',
         [1.25, 1]),
        ("One [/rate] two.", [1]),
        ("One [rate] two [rate:] three.", [1]),
    ],
)  # fmt: skip
def test_the_pace_of_each_chunk(text: str, rates: list[float]) -> None:
    assert [chunk.rate for chunk in chunks(text)] == rates


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[rate:0.4]a[/rate]", "give a rate from 0.5 to 2"),
        ("[rate:3]a", "give a rate from 0.5 to 2"),
        ("[rate:0.6]a [rate:-20%]b", "makes the pace 0.48 times"),
        ("[rate:quick]a", "such as 85%, +10% or -15%, or one of x-slow, slow"),
        ('<prosody rate="-70%">a</prosody>', "give a rate from 0.5 to 2"),
        ("[lang:xx]a", "give one such as en, ar, "),
        ("[lang:yue]a", 'use "zh"'),
        ('<lang xml:lang="klingon">a</lang>', "is not a language code"),
        ("".join(f"[lang:{code}]a" for code in LANGUAGES), "10 languages at most"),
    ],
)  # fmt: skip
def test_an_impossible_passage_is_refused_with_the_remedy(text: str, sentence: str) -> None:
    with pytest.raises(TagRejected, match=r"text_rejected") as caught:
        extract_tags(text)
    assert sentence in str(caught.value)


def test_a_change_of_pace_or_language_keeps_the_pauses() -> None:
    before, slow, after = chunks("One, [rate:0.8]two three.[/rate] Four.")
    assert [part.pause_ms for part in (before, slow, after)] == [60, 150, 0]
    assert [part.silence_ms for part in (before, slow, after)] == [None, None, None]
    parts = chunks("One [pause:1s] [lang:fr]deux[/lang] three.")
    assert [part.silence_ms for part in parts] == [1000, None, None]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Say [rate:0.8]this[/rate], now.", "Say this, now."),
        ('He said "[lang:de]Guten Tag[/lang]," and left.', 'He said "Guten Tag," and left.'),
        ("It ([rate:0.8]so I hear[/rate]) is.", "It (so I hear) is."),
        ("un[rate:0.8]der[/rate]way", "un der way"),
        ("In [other:0.8] brackets [rates:1].", "In [other:0.8] brackets [rates:1]."),
    ],
)  # fmt: skip
def test_the_text_without_tags(text: str, clean: str) -> None:
    assert extract_tags(text).text == clean


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("It costs 3.5 [lang:de]und 3,5[/lang] and 3.5.", "en",
         "It costs three point five und drei Komma fünf and three point five."),
        ("Am 3. Mai [lang:en]on 3 May[/lang] und 5 %.", "de",
         "Am dritten Mai on the third of May und fünf Prozent."),
        ('<lang xml:lang="de-DE">21</lang> 21', "en", "einundzwanzig twenty one"),
        ("5 [lang:fr]5 [lang:es]5[/lang] 5[/lang] 5", "en", "five cinq cinco cinq five"),
        ("[lang:en-GB]05/06/2023[/lang] is 05/06/2023", "en",
         "June fifth twenty twenty three is May sixth twenty twenty three"),
        ('"[lang:de]21[/lang]" and 21', "en", "einundzwanzig and twenty one"),
        ("今日は [lang:en]10[/lang]", "ja", "今日は ten"),
        ("Das ist z.B. [lang:en]e.g. Dr. Who[/lang].", "de",
         "Das ist zum Beispiel for example doctor Who."),
    ],
)  # fmt: skip
def test_each_passage_is_read_by_its_rules(text: str, language: str, said: str) -> None:
    assert spoken(text, language).replace(",", "").lower() == said.lower()


def test_each_chunk_knows_its_language() -> None:
    text = "One [lang:de-AT]zwei[/lang] three [lang:en-US]four [lang:fr]cinq[/lang] six[/lang]."
    parts = chunks(text)
    assert [(part.spoken_text, part.language) for part in parts] == [
        ("One", None), ("zwei", "de-AT"), ("three four", None), ("cinq", "fr"), ("six.", None),
    ]  # fmt: skip
    script = read_script(text)
    assert script.word_languages() == [None, "de", None, None, "fr", None]
    assert script.directives[0] == Directive(1, language="de-AT")


def test_a_script_without_passages_is_read_as_ever() -> None:
    plain = "It was 3.5 km, e.g. on May 3. \n\nDr. Who said “no”."
    script = read_script(plain)
    tagged = read_script(f"[lang:en]{plain}[/lang]")
    assert tagged.tokens == script.tokens
    assert tagged.directives == ()
    assert split(tagged, 200) == split(script, 200)


def test_offsets_are_those_of_the_text_without_tags() -> None:
    script = read_script("Say [lang:de]3,5 Euro[/lang] and [rate:0.8]5 km[/rate] now.")
    assert script.text == "Say 3,5 Euro and 5 km now."
    for word in script.words:
        assert script.text[word.char_start : word.char_end] == word.text
    for token in script.tokens:
        word = script.words[token.word]
        assert word.char_start <= token.char_start <= token.char_end <= word.char_end
