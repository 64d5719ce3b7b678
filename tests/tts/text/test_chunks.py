"""Chunks: within the limit, whole sentences, every script word in exactly one of them."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tts.f5.duration import measure
from tts.speech import Chunk
from tts.text.chunks import CLAUSE_MS, MIN_CHARS, PARAGRAPH_MS, SENTENCE_MS, fit_tokens, split
from tts.text.script import TextRejected, read_script


def chunks_of(text: str, limit: int) -> tuple[Chunk, ...]:
    return split(read_script(text), limit)


def test_a_chunk_is_a_sentence_and_knows_the_pause_after_it() -> None:
    text = "The first sentence is long enough. So is the second one, I think!\n\nA new paragraph."
    found = [(chunk.spoken_text, chunk.pause_ms) for chunk in chunks_of(text, 200)]
    assert found == [
        ("The first sentence is long enough.", SENTENCE_MS),
        ("So is the second one, I think!", PARAGRAPH_MS),
        ("a new paragraph.", 0),
    ]


def test_short_sentences_join_their_neighbours_but_not_over_a_paragraph() -> None:
    text = "No. I will not do this thing for you today. Never.\n\nYes."
    assert [chunk.spoken_text for chunk in chunks_of(text, 200)] == [
        "No. I will not do this thing for you today. Never.",
        "Yes.",
    ]


def test_an_abbreviation_does_not_end_a_chunk() -> None:
    assert len(chunks_of("Dr. Smith met the U.S. Senate on Oct. 3rd in the rain.", 200)) == 1


def test_a_long_sentence_is_cut_near_its_middle_at_a_clause() -> None:
    text = "When the rain stopped, we walked along the river, and nobody said a single word."
    first, second = chunks_of(text, 60)
    assert first.spoken_text == "When the rain stopped, we walked along the river,"
    assert first.pause_ms == CLAUSE_MS
    assert second.spoken_text == "and nobody said a single word."


def test_a_sentence_without_punctuation_is_cut_between_words() -> None:
    parts = chunks_of("word " * 200, 100)
    assert all(25 < len(part.spoken_text) <= 100 for part in parts)


def test_a_figure_longer_than_the_limit_is_cut_inside_its_word() -> None:
    parts = chunks_of(f"Call {'1234567890' * 10} now", 80)
    assert all(len(part.spoken_text) <= 80 for part in parts)
    owned = [range(part.first_word, part.end_word) for part in parts]
    assert [word for words in owned for word in words] == [0, 1, 2]


def test_an_endless_word_is_cut_too() -> None:
    parts = chunks_of("a" * 20_000, 100)
    assert sum(len(token.spoken) for part in parts for token in part.tokens) == 20_000
    assert all(len(part.spoken_text) <= 100 for part in parts)
    assert (parts[0].first_word, parts[0].end_word, parts[-1].end_word) == (0, 1, 1)


def test_a_token_over_the_limit_is_cut_as_the_engine_measures() -> None:
    script = read_script("今天天气很好我们去公园散步看见很多人在那里唱歌跳舞" * 3, "zh")
    parts = split(script, 60, measure)
    assert max(measure(part.spoken_text) for part in parts) <= 60
    spoken = "".join(token.spoken for token in script.tokens)
    assert "".join(token.spoken for part in parts for token in part.tokens) == spoken
    assert {token.word for part in parts for token in part.tokens} == {0}


def test_a_short_sentence_between_two_full_ones_shares_their_words() -> None:
    full = "The quick brown fox jumps over the lazy dog, and then it sleeps in the warm sun, and "
    full += "nobody wakes it, because foxes like a long sleep, as everybody knows in the end."
    text = f"{full} Why? {full}"
    lengths = [len(part.spoken_text) for part in chunks_of(text, 165)]
    assert sum(lengths) + len(lengths) - 1 == len(text)
    assert min(lengths) >= MIN_CHARS
    assert max(lengths) <= 165


def test_chunks_of_a_script_without_spaces_end_where_its_sentences_do() -> None:
    script = read_script("天地玄黄，宇宙洪荒。" * 20, "zh")
    assert len(script.words) == 40
    chunks = split(script, 48)
    assert len(chunks) > 3
    assert all(chunk.tokens[-1].pause == "." for chunk in chunks)


PROSE = st.lists(
    st.tuples(
        st.text("aeiounst", min_size=1, max_size=10),
        st.sampled_from(["", "", "", "", "", ",", ";", ".", "?", ".\n\n"]),
    ),
    min_size=1,
    max_size=200,
)


@given(PROSE, st.sampled_from([60, 100, 165, 300]))
def test_no_chunk_of_prose_is_short_but_a_whole_paragraph(
    words: list[tuple[str, str]], limit: int
) -> None:
    script = read_script(" ".join(word + end for word, end in words), "xx", normalize=False)
    chunks = split(script, limit)
    assert tuple(token for chunk in chunks for token in chunk.tokens) == script.tokens
    paragraph = True
    for chunk in chunks:
        ends = chunk.pause_ms == PARAGRAPH_MS or chunk is chunks[-1]
        length = len(chunk.spoken_text)
        assert length <= limit
        assert length >= MIN_CHARS or (paragraph and ends)
        paragraph = ends


@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                "Hello",
                "wonderful,",
                "end.",
                "why?",
                "$1,250.50",
                "—",
                "😀",
                "\n\n",
                "1-800-555",
            ]
        ),
        min_size=1,
        max_size=80,
    ),
    st.integers(40, 200),
)
def test_chunks_cover_the_script_in_order_within_the_limit(parts: list[str], limit: int) -> None:
    try:
        script = read_script(" ".join(parts))
    except TextRejected:
        return
    chunks = split(script, limit)
    assert tuple(token for chunk in chunks for token in chunk.tokens) == script.tokens
    assert chunks[0].first_word == 0
    assert chunks[-1].end_word == len(script.words)
    assert all(left.end_word == right.first_word for left, right in pairwise(chunks))
    assert all(len(chunk.spoken_text) <= limit for chunk in chunks)
    assert chunks[-1].pause_ms == 0


def test_a_script_is_cut_once_into_the_tokens_of_its_chunks() -> None:
    script = read_script("今天天气很好我们去公园散步看见很多人在那里唱歌跳舞" * 3, "zh")
    fit = fit_tokens(script, 30)
    assert len(fit.tokens) > len(script.tokens)
    assert fit_tokens(fit, 30) == fit
    chunks = split(script, 30)
    assert split(fit, 30) == chunks
    assert tuple(token for chunk in chunks for token in chunk.tokens) == fit.tokens
