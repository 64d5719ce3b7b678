from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.timing.fixtures import script_of
from timing.token_times import TimedToken, WindowAlignment
from timing.words import TimedWord, sentences, time_words, to_integer_spans
from tts.speech import Script, Token, Word


def timed(
    spoken: list[list[str]], spans: list[tuple[float, float]], duration_ms: int, end_ms: float
) -> list[tuple[int, int]]:
    script = script_of(["w"] * len(spoken), spoken)
    tokens = [TimedToken(start, end, 0.9) for start, end in spans]
    aligned = [WindowAlignment("sphinx", tokens, end_ms)]
    words = time_words(script, [0] * len(spoken), aligned, duration_ms)
    return [(word.start_ms, word.end_ms) for word in words]


def test_a_word_lasts_from_its_first_token_to_its_last() -> None:
    spans = [(10.4, 300.2), (320.0, 500.0), (500.0, 899.6)]
    assert timed([["one"], ["two", "three"]], spans, 1000, 900.4) == [(10, 300), (320, 900)]


def test_the_last_word_ends_with_the_sound() -> None:
    assert timed([["one"]], [(10, 300)], 1000, 640.0) == [(10, 640)]
    assert timed([["one"]], [(10, 900)], 1000, 640.0) == [(10, 640)]


def test_words_without_tokens_take_the_end_of_the_word_before() -> None:
    assert timed([["one"], []], [(100, 300)], 1000, 300) == [(100, 280), (280, 300)]
    assert timed([["one"], [], [], ["two"]], [(100, 300), (400, 500)], 1000, 500) == [
        (100, 260),
        (260, 280),
        (280, 300),
        (400, 500),
    ]


def test_words_without_tokens_at_the_start_take_20_ms_before_the_first_sound() -> None:
    assert timed([[], ["one"]], [(100, 300)], 1000, 300) == [(80, 100), (100, 300)]
    assert timed([[], [], ["one"]], [(9000, 9300)], 10_000, 9300)[:2] == [
        (8960, 8980),
        (8980, 9000),
    ]
    assert timed([[], [], ["one"]], [(10, 300)], 1000, 300) == [(0, 20), (20, 40), (40, 300)]


def test_what_a_word_carries() -> None:
    script = script_of(["7:45", "—", "go"], [["seven", "forty"], [], ["go"]])
    aligned = [
        WindowAlignment("sphinx", [TimedToken(0, 400, 0.9), TimedToken(400, 800, 0.7)], 850),
        WindowAlignment("estimate", [TimedToken(900, 1000, 0.3, is_heard=False)], 1000),
    ]
    words = time_words(script, [0, 0, 1], aligned, 1000)
    assert words[0] == TimedWord(
        "7:45", 0, 780, 0.8, "sphinx", True, "seven forty", 0, char_start=0, char_end=4
    )
    assert words[1] == TimedWord(
        "—", 780, 800, 0.8, "sphinx", False, "", 0, char_start=5, char_end=6
    )
    assert words[2] == TimedWord(
        "go", 900, 1000, 0.3, "estimate", False, "go", 1, char_start=7, char_end=9
    )


spans = st.lists(st.tuples(st.floats(-500, 6000), st.floats(-500, 6000)), max_size=30)


@settings(max_examples=300)
@given(spans, st.integers(0, 5000), st.floats(0, 6000))
def test_settled_spans_are_in_order_apart_inside_and_long_enough(
    given_spans: list[tuple[float, float]], duration_ms: int, last_end_ms: float
) -> None:
    settled = to_integer_spans(given_spans, duration_ms, last_end_ms)
    assert len(settled) == len(given_spans)
    shortest = min(20, duration_ms // max(1, len(given_spans)))
    before = 0
    for start, end in settled:
        assert before <= start
        assert end - start >= shortest
        before = end
    assert before <= duration_ms


@settings(max_examples=200)
@given(st.lists(st.integers(0, 400), min_size=2, max_size=30), st.floats(0, 1))
def test_spans_that_need_no_repair_are_only_rounded(steps: list[int], fraction: float) -> None:
    starts = [sum(steps[:i]) + 20 * i + 0.4 * fraction for i in range(len(steps) + 1)]
    given_spans = list(pairwise(starts))
    settled = to_integer_spans(given_spans, round(starts[-1]) + 1, starts[-1])
    assert settled == [(round(start), round(end)) for start, end in given_spans]


def made(*words: tuple[str, str | None]) -> Script:
    """A script from pairs of a word and the pause after its token; None: no token."""
    text, placed, tokens = "", [], []
    for index, (word, pause) in enumerate(words):
        start = len(text) + (len(word) - len(word.lstrip()))
        text += word + " "
        placed.append(Word(word.strip(), start, len(text) - 1))
        if pause is not None:
            tokens.append(Token(index, start, len(text) - 1, "word", pause))
    return Script(text, tuple(placed), tuple(tokens))


def test_sentences_end_where_the_voice_hears_them_end() -> None:
    script = made(("Dr.", ""), ("No", "."), ("Really?", "?"), ("yes", ","), ("go!", "!"))
    assert sentences(script) == [range(0, 2), range(2, 3), range(3, 5)]


def test_words_without_tokens_stay_with_the_sentence_before() -> None:
    script = made(("—", None), ("Go", "."), ("🎉", None), ("On", ""), ("…", None))
    assert sentences(script) == [range(0, 3), range(3, 5)]


def test_a_blank_line_ends_a_sentence() -> None:
    script = made(("Title", ""), ("\n\nText", ""), ("here", "."), ("\nmore", ""))
    assert sentences(script) == [range(0, 1), range(1, 3), range(3, 4)]


def test_a_script_without_tokens_is_one_sentence() -> None:
    assert sentences(made(("—", None), ("🎉", None))) == [range(0, 2)]
