"""No text that a client sends takes more than linear time, whatever it repeats."""

import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
import regex

from tests.support.growth import MAX_EXPONENT, exponent
from tests.support.patterns import Use, all_uses, texts
from timing.formats import FORMATS
from timing.subtitles.captions import AudioSource, caption
from timing.subtitles.cues import PRESETS, CueRules, cues
from timing.subtitles.ends import cue_ends
from timing.subtitles.frames import on_frames
from timing.subtitles.second import SecondText, with_second
from timing.subtitles.shown import ShownRules, with_shown
from timing.subtitles.style import STYLES
from timing.subtitles.units import cue_units
from timing.token_times import TimedCharacter, TimedToken, WindowAlignment
from timing.unspaced import phrase_starts
from timing.words import TimedWord, Timing, sentences, time_words
from tts.speech import Script, Word
from tts.text.chunks import split
from tts.text.multilingual.languages import RULED
from tts.text.multilingual.rules import MATCH_START, grammar
from tts.text.numbers import LANGUAGES as NUMBER_LANGUAGES
from tts.text.script import TextRejected, read_script
from tts.text.shown import shown_words
from tts.text.tags import Markup, TagRejected, extract_tags
from tts.text.words import split_words
from tts.voices.transcript_files import transcript_text

pytestmark = pytest.mark.slow

# Inputs of this length take less time in one linear pass, and more in a quadratic one.
PATTERN_CHARS, QUICK_PATTERN_S = 4096, 0.001
SIGN_CHARS, QUICK_SIGN_S = 4000, 0.1
ROW_CHARS, QUICK_ROW_S = 16_000, 0.7
RULE_CHARS, QUICK_RULE_S = 100_000, 0.0002
QUICK_S = 0.2
LANGUAGES = ["de", "en", "fr", "hi", "ja", "zh"]
"""One for each way to write numbers and signs."""
# Repeated as one word.
SIGNS = [
    *"7aAé字ก١²①½,.-—–_'\"/&%$€<[{(=+:*#@°",
    *("1.", "1,", "1-", "1/", "1:", "1'", "a.", "a-", "a—", "a/", "a'", "A.", "aa,", "⁰a", "1⁰"),
    *("000,", "000.", "½1", "e.g.", "{a|b", "$1", "€1", "1€", "1%", "1x", "+1", "=1", "a1", "a@"),
    *("a@b.", "http://a.", "&amp;", "&#1", "<a", "</a>", "<br>", "[a](", "字。", "字,", "，000"),
]
# Repeated as words, lines and tags.
ROWS = [
    *("7 ", "a ", "A ", "a. ", "Dr. A ", "000 ", "+1 ", "5 km ", "1 000 ", "$5 million ", "- "),
    *("? ", "<b> ", '"a ', "a,\n", "a\n\n", "- a\n", "1. ", "a\xa0", "👍 ", "½ ", "\u200b "),
    *(" ", "\t", "\r", "\xa0", "\n", "\n ", "[voice:a]a ", "<break/>a ", "[pause:", "[voice:"),
    *("[ ", "<break "),
]
# Markup that captions do not show, repeated as one word and as lines.
MARKUP = [
    *("*", "**", "a*", "*a ", "**a", "**aaa**", "_", "_a_ ", "~", "~~a", "=", "==a", "^a^", "a~1~"),
    *("|", "| a |\n", "|-|\n", "a|b\n", "[", "[a](", "[1]", "[1]: http://a\n", "`", "`a", "```\n"),
    *(
        "{a|b}",
        "{a|",
        "{|",
        "{|a}",
        "#",
        "# a\n",
        "## 3\n",
        "# 3\n\n",
        ">",
        "> \n",
        ": a\n",
        "- 3\n",
    ),
    *("<a@b", "<https://", "<b>", "&amp;", "\\", "\\*", "¯\\_", "^_^ ", "¹ ", "$x$ ", "✅ a\n"),
    *("👋", "👋 ", "👩‍👩‍👧", "1.\n"),
]
# Repeated as words in every language: each may look at its neighbours.
NUMBERS = [
    "7 ",
    "000 ",
    "1. ",
    "1-2 ",
    "1/2 ",
    "1,5 ",
    "+1 ",
    "$5 ",
    "5 € ",
    "5 km ",
    "7:30 ",
    "X ",
]
# Parts of one word, each of which is compared with the next word.
PARTS = ["a-", "1-", "1/", "a—", "a…", "$1", "1a", "e.g."]


def _read(text: str, language: str) -> None:
    with suppress(TextRejected, TagRejected):
        split(read_script(text, language, pronunciations={"ab": "c"}), 200)


def _is_slow(
    work: Callable[[str], object], make: Callable[[int], str], size: int, quick_s: float
) -> bool:
    return exponent(lambda length: work(make(length)), size, quick_s) > MAX_EXPONENT


def _signs_far_read(pattern: "regex.Pattern[str]") -> list[str]:
    """The signs of which a pattern reads many, from amid many of them, without matching them."""

    def is_slow(sign: str, at: int) -> bool:
        text = sign * (RULE_CHARS // len(sign)) + "☃"
        middle = RULE_CHARS // 2 // len(sign) * len(sign) + at
        start = time.thread_time()
        found = pattern.match(text, middle)
        is_quick = time.thread_time() - start < QUICK_RULE_S
        if is_quick or (found and found.end() - middle > RULE_CHARS // 4):
            return False

        def run(size: int) -> None:
            pattern.match(text[middle - size // 2 : middle + size // 2], size // 2)

        # A rule that looks far does so each time; a busy machine is slow now and then.
        return all(exponent(run, RULE_CHARS, QUICK_RULE_S) > 0.5 for _ in range(3))

    signs = dict.fromkeys([*SIGNS, *NUMBERS, *ROWS])
    return [sign for sign in signs if any(is_slow(sign, at) for at in range(len(sign)))]


def _slow_texts(use: Use) -> list[tuple[str, str, str]]:
    """The texts that take a pattern more than linear time."""

    def is_slow(before: str, repeated: str, after: str) -> bool:
        def run(length: int) -> None:
            use.run(before + repeated * (length // max(1, len(repeated))) + after)

        return exponent(run, PATTERN_CHARS, QUICK_PATTERN_S, smallest=16) > MAX_EXPONENT

    return [text for text in texts(use.pattern) if is_slow(*text)]


@pytest.mark.timeout(280)
def test_every_pattern_takes_linear_time() -> None:
    slow = {f"{use.where} {use.method}": _slow_texts(use)[:1] for use in all_uses()}
    assert {where: found for where, found in slow.items() if found} == {}


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"[0-9]*½", "sub"),
        (r"(?:[^\n]*\S[^\n]*\n?)+", "sub"),
        (r"\s+$", "search"),
        (r"accessId\s*\s*:", "match"),
        (r"<[^>]*>", "sub"),
        (r"(?:a+)+b", "fullmatch"),
        (r"(?<=\d)[^.]*\.", "sub"),
        (r"(\w+,?)+;", "match"),
    ],
)
def test_a_slow_pattern_is_found(pattern: str, method: str) -> None:
    assert _slow_texts(Use("planted", re.compile(pattern), method))


def test_slow_code_is_told_from_quick_code() -> None:
    def linear(size: int) -> int:
        return sum(range(200 * size))

    def quadratic(size: int) -> int:
        return sum(range(size * size))

    assert 0.5 < exponent(linear, 4000, 0.001) < MAX_EXPONENT
    assert exponent(quadratic, 2000, 0.001) > MAX_EXPONENT
    assert exponent(linear, 4000, 60) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_of_any_sign_is_read_in_linear_time(language: str) -> None:
    slow = [
        sign
        for sign in SIGNS
        if _is_slow(
            lambda text: _read(text, language),
            lambda length, sign=sign: f"a{sign * (length // len(sign))}☃",  # type: ignore[misc]
            SIGN_CHARS,
            QUICK_SIGN_S,
        )
    ]
    assert slow == []


def test_every_language_reads_figures_in_linear_time() -> None:
    slow = [
        language
        for language in sorted(NUMBER_LANGUAGES)
        if _is_slow(
            lambda text, language=language: _read(text, language),  # type: ignore[misc]
            lambda length: "7" * length,
            SIGN_CHARS,
            QUICK_SIGN_S,
        )
    ]
    assert slow == []


@pytest.mark.parametrize("language", ["de", "ja", "tr", "zh"])
def test_a_row_of_numbers_is_read_in_linear_time(language: str) -> None:
    slow = [
        row
        for row in NUMBERS
        if _is_slow(
            lambda text: _read(text, language),
            lambda length, row=row: row * (length // len(row)),  # type: ignore[misc]
            SIGN_CHARS,
            QUICK_SIGN_S,
        )
    ]
    assert slow == []


@pytest.mark.parametrize("language", [*sorted(RULED), "tr"])
def test_a_rule_that_does_not_match_has_looked_at_few_characters(language: str) -> None:
    """Rules are tried at every sign of a text: a try must end soon, or match what it read."""
    slow = {}
    for rule in grammar(language).rules:
        start = "" if rule.in_words else MATCH_START.pattern
        pattern = start + rule.beginning.pattern
        slow[pattern] = _signs_far_read(regex.compile(pattern))
    assert {pattern: signs for pattern, signs in slow.items() if signs} == {}


def test_a_rule_that_looks_far_is_found() -> None:
    assert "7" in _signs_far_read(regex.compile(r"\d*[½⅓]"))
    assert "$" in _signs_far_read(regex.compile(r"(?:EUR|[$])*+(?P<n>\d)"))
    assert _signs_far_read(regex.compile(r"\d{1,9}km|(?<!\d)\d*[½⅓]|[$]+")) == []


@pytest.mark.parametrize("row", ROWS)
def test_any_row_of_words_is_read_in_linear_time(row: str) -> None:
    def text(length: int) -> str:
        return f"a\n{row * (length // len(row))}\nb"

    assert not _is_slow(lambda text: _read(text, "en"), text, ROW_CHARS, QUICK_ROW_S)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("part", PARTS)
def test_the_parts_of_a_word_read_a_long_neighbour_in_linear_time(part: str, language: str) -> None:
    def text(length: int) -> str:
        return f"{'b' * length} {part * (length // len(part))} {'b' * length}"

    assert not _is_slow(lambda text: _read(text, language), text, ROW_CHARS, QUICK_ROW_S)


@pytest.mark.parametrize("mark", MARKUP)
def test_what_is_shown_is_found_in_linear_time(mark: str) -> None:
    def work(text: str) -> None:
        markup = extract_tags(text)
        list(shown_words(markup.text, split_words(markup.text), markup.readings))

    def text(length: int) -> str:
        return f"a\n{mark * (length // len(mark))}\nb"

    assert not _is_slow(work, text, 80_000, QUICK_S)


@pytest.mark.parametrize("mark", ["- ", "✅ ", "👋\n", "| a |\n", "**\n", "1.\n", "[1] ", "{|a} "])
def test_words_without_sound_find_their_cue_in_linear_time(mark: str) -> None:
    rules = ShownRules(emoji="strip", show={"a": "b", "茶": "x"})

    def work(size: int) -> None:
        script = read_script(f"a\n{mark * size}\nb")
        end_ms = 300 * len(script.tokens)
        times = [TimedToken(at, at + 300, 0.9) for at in range(0, end_ms, 300)]
        alignment = WindowAlignment("sphinx", times, end_ms)
        words = time_words(script, [0] * len(script.words), [alignment], end_ms)
        for shown in (with_shown(words, ShownRules()), with_shown(words, rules)):
            cue_units(shown)
            cue_ends(script, shown)

    assert exponent(work, 4000, QUICK_S) < MAX_EXPONENT


def test_the_ends_of_cues_are_found_in_linear_time_where_no_word_is_shown() -> None:
    @cache
    def script(size: int) -> tuple[Script, list[TimedWord]]:
        read = read_script("a\n" + "{|um} " * size)
        texts = [word.text for word in read.words]
        hidden = [replace(word, shown="") for word in _timed(texts[1:], 300)]
        return read, [replace(hidden[0], shown="a"), *hidden]

    assert exponent(lambda size: cue_ends(*script(size)), 16_000, 0.1) < MAX_EXPONENT


@pytest.mark.parametrize(
    "row", ["a\x07b <!-- c --> ", "{d  e|f} ", "a \u200b b ", "[rate:1], ", "<s>a</s>. ", "<p>a "]
)
def test_where_words_stand_in_the_sent_text_is_found_in_linear_time(row: str) -> None:
    def work(length: int) -> None:
        markup = extract_tags("<speak>" + row * (length // len(row)))
        assert markup.offsets is not None
        assert len(markup.offsets) == len(markup.text)

    assert exponent(work, 100_000, QUICK_S) < MAX_EXPONENT


def test_what_is_said_in_another_way_than_shown_takes_linear_time() -> None:
    @cache
    def markup(length: int) -> Markup:
        return extract_tags("{aaaa|b} 👋 " * (length // 11))

    def work(length: int) -> None:
        list(shown_words(markup(length).text, (), markup(length).readings))

    assert exponent(work, 400_000, 0.5) < MAX_EXPONENT


@pytest.mark.parametrize("before", ["", "WEBVTT\n\n0:00 --> 0:01\n", "text,b\n"])
@pytest.mark.parametrize(
    "row",
    [
        *("0:00 --> 0:01\n", "1\n\n", "NOTE\n", "<", "<b>", "{\\", '"', "a,b\n", "&#1;", "&#"),
        *("--> ", "0", " ", "&#x"),
    ],
)
def test_a_transcript_is_read_in_linear_time(before: str, row: str) -> None:
    def text(length: int) -> str:
        return f"{before}{row * (length // len(row))}\na"

    assert not _is_slow(transcript_text, text, 100_000, QUICK_ROW_S)


def _timed(texts: Sequence[str], ms: int) -> list[TimedWord]:
    return [
        TimedWord(text, ms * at, ms * (at + 1), 1.0, "sphinx", True, text, 0)
        for at, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("text", "ms"),
    [("word", 100), ("a", 50), ("a.", 300), ("–", 0), ("字", 50), ("\u0301", 50), ("א 1 a", 50)],
)
def test_captions_of_three_lines_take_linear_time(text: str, ms: int) -> None:
    rules = CueRules(
        max_chars_per_line=80, max_lines=3, max_words=48, max_ms=60_000, punctuation="strip"
    )

    def work(size: int) -> None:
        cues(_timed([text] * size, ms), rules, ms * size)

    assert exponent(work, 1000, QUICK_S) < MAX_EXPONENT


@pytest.mark.parametrize(
    ("text", "translation"), [("word", "mot"), ("word", "字"), ("字。", "mot.")]
)
@pytest.mark.parametrize("columns", [4, 200])
def test_a_second_language_takes_linear_time(text: str, translation: str, columns: int) -> None:
    rules = CueRules(max_chars_per_line=columns, max_words=2, max_ms=60_000)

    def work(size: int) -> None:
        script, other = (read_script(" ".join([one] * size), "zh") for one in (text, translation))
        shown = cues(_timed([text] * size, 100), rules, 100 * size)
        owned = sentences(script)
        if len(owned) == len(sentences(other)):
            with_second(shown, owned, SecondText(other, "fr"), rules)
        # All of one sentence in one cue, and two words of it in each cue.
        tokens = tuple(replace(token, pause="") for token in other.tokens)
        for some in (shown, shown[:1]):
            with_second(some, [range(size)], SecondText(replace(other, tokens=tokens), "fr"), rules)

    assert exponent(work, 2000, QUICK_S) < MAX_EXPONENT


@pytest.mark.parametrize("turn", [1, 3, 10_000])
def test_captions_of_two_speakers_take_linear_time(turn: int) -> None:
    def work(size: int) -> None:
        speakers = ["anna" if at // turn % 2 else "ben" for at in range(size)]
        words = _timed(["a."] * size, 100)
        found = cues(words, PRESETS["netflix"], 100 * size, range(size), speakers=speakers)
        on_frames(found, PRESETS["netflix"], 100 * size)

    assert exponent(work, 1000, QUICK_S) < MAX_EXPONENT


@pytest.mark.parametrize(
    ("text", "language"),
    [("这座城市的历史", "zh"), ("東京タワーの歴史", "ja"), ("อากาศดีมาก", "th"), ("的", "zh")],
)
def test_phrases_are_found_in_linear_time(text: str, language: str) -> None:
    def work(size: int) -> None:
        phrase_starts(text * size, language)

    assert exponent(work, 1000, QUICK_S) < MAX_EXPONENT


def test_the_letters_of_a_long_word_are_found_in_linear_time() -> None:
    def work(size: int) -> None:
        letters = tuple(TimedCharacter("字", at, at + 1) for at in range(size))
        word = replace(_timed(["字" * size], 10 * size)[0], characters=letters)
        cue_units([word])
        cue_units([replace(word, word="字" * size + "7" * size)])

    assert exponent(work, 8000, QUICK_S) < MAX_EXPONENT


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("text", ["word", "א", "{\\", "<", '"', "1"])
def test_every_timing_file_is_written_in_linear_time(name: str, text: str) -> None:
    def work(size: int) -> None:
        words = tuple(
            Word(text, at * (len(text) + 1), at * (len(text) + 1) + len(text)) for at in range(size)
        )
        script = Script(" ".join([text] * size), words, ())
        timing = Timing(tuple(_timed([text] * size, 100)), "sphinx", 1.0)
        captions = caption(
            script,
            timing,
            job_id="a",
            duration_ms=100 * size,
            language="en",
            generated_at=datetime.now(UTC),
            audio=AudioSource("", "a.wav"),
            style=STYLES["karaoke"],
        )
        FORMATS[name].render(captions)

    assert exponent(work, 3000, QUICK_S) < MAX_EXPONENT
