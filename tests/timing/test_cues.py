from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from timing.cues import PRESETS
from timing.words import TimedWord, settle


def words_at(*spans: tuple[int, int]) -> list[TimedWord]:
    return [
        TimedWord(f"w{i}", start, end, 0.9, "sphinx", False, "w", 0)
        for i, (start, end) in enumerate(spans)
    ]


def test_one_word_a_cue() -> None:
    cues = PRESETS["word"](words_at((0, 20), (20, 300), (500, 900)))
    assert [(cue.start_ms, cue.end_ms, cue.texts) for cue in cues] == [
        (0, 20, ("w0",)),
        (20, 300, ("w1",)),
        (500, 900, ("w2",)),
    ]


def test_crammed_words_share_a_cue() -> None:
    cues = PRESETS["word"](words_at((0, 7), (7, 14), (14, 21), (21, 28)))
    assert [(cue.start_ms, cue.end_ms, cue.texts) for cue in cues] == [(0, 28, ("w0 w1 w2 w3",))]


def test_no_words_no_cues() -> None:
    assert PRESETS["word"]([]) == ()


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.floats(0, 3000), st.floats(0, 3000)), min_size=1, max_size=40),
    st.integers(20, 3000),
)
def test_every_word_is_in_one_cue_of_at_least_20_ms(
    spans: list[tuple[float, float]], duration_ms: int
) -> None:
    words = words_at(*settle(spans, duration_ms, duration_ms))
    cues = PRESETS["word"](words)
    assert [word for cue in cues for line in cue.lines for word in line] == words
    assert len(cues) == 1 or all(cue.end_ms - cue.start_ms >= 20 for cue in cues)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(cues))
