from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timing.subtitles.cues import PRESETS, Cue, CueRules, cues, shifted
from timing.subtitles.units import cue_units, width
from timing.token_times import TimedCharacter
from timing.words import TimedWord, to_integer_spans


def timed(*rows: tuple[str, int, int]) -> list[TimedWord]:
    return [TimedWord(text, a, b, 0.9, "sphinx", True, "w", 0) for text, a, b in rows]


def words_at(*spans: tuple[int, int]) -> list[TimedWord]:
    return timed(*((f"w{i}", start, end) for i, (start, end) in enumerate(spans)))


def spoken(text: str, ms: int = 300, start_ms: int = 0) -> list[TimedWord]:
    """Words of equal length without gaps; `|` is a second of silence."""
    rows: list[tuple[str, int, int]] = []
    now = start_ms
    for word in text.split():
        if word == "|":
            now += 1000
        else:
            rows.append((word, now, now + ms))
            now += ms
    return timed(*rows)


def texts(found: tuple[Cue, ...]) -> list[str]:
    return ["/".join(cue.texts) for cue in found]


def made(text: str, rules: CueRules, ms: int = 300, language: str = "en") -> list[str]:
    words = spoken(text, ms)
    ends = {i for i, word in enumerate(words) if word.word[-1] in ".!?。"}
    return texts(cues(words, rules, words[-1].end_ms + 1000, ends, language))


def test_one_word_a_cue_with_its_own_time() -> None:
    found = cues(words_at((0, 20), (20, 300), (500, 900)), PRESETS["word"], 2000)
    assert [(cue.start_ms, cue.end_ms, cue.texts) for cue in found] == [
        (0, 20, ("w0",)),
        (20, 300, ("w1",)),
        (500, 900, ("w2",)),
    ]


@pytest.mark.parametrize("preset", PRESETS)
def test_crammed_words_share_a_cue(preset: str) -> None:
    found = cues(words_at((0, 7), (7, 14), (14, 21), (21, 28)), PRESETS[preset], 28)
    assert [(cue.start_ms, cue.end_ms, cue.texts) for cue in found] == [(0, 28, ("w0 w1 w2 w3",))]


@pytest.mark.parametrize("preset", PRESETS)
def test_no_words_no_cues(preset: str) -> None:
    assert cues([], PRESETS[preset], 100) == ()


def test_standard_lines_break_after_clauses_and_are_even() -> None:
    text = (
        "When the rain had stopped, the children of the village ran down to the river. "
        "Nobody had told them about the flood."
    )
    assert made(text, PRESETS["standard"]) == [
        "When the rain had stopped, the children/of the village ran down to the river.",
        "Nobody had told them about the flood.",
    ]


def test_a_word_too_long_for_a_line_shares_a_cue() -> None:
    rules = replace(PRESETS["standard"], max_chars_per_line=10)
    assert made("so internationally known", rules) == ["so/internationally", "known"]


def test_no_break_after_an_article_or_inside_a_name() -> None:
    short = replace(PRESETS["social"], max_words=0)
    text = "yesterday Angela Merkel met the mayor of the town"
    lines = made(text, replace(short, max_chars_per_line=22))
    assert not any(line.endswith((" the", " of")) for line in lines)
    assert any("Angela Merkel" in line for line in lines)


def test_no_line_ends_with_the_first_word_of_a_sentence() -> None:
    text = (
        "My grandmother used to say that the sea had taken the keeper. One night a light came back."
    )
    edges = [0, 190, 680, 1030, 1100, 1350, 1510, 1610, 1870, 2080, 2420, 2490, 2890]
    edges += [3200, 3410, 3440, 3750, 4050, 4330]
    rows = zip(text.split(), edges, edges[1:], strict=False)
    words = timed(*rows)
    rules = replace(PRESETS["standard"], max_chars_per_line=26)
    found = cues(words, rules, 4500, {11, 17}, "en")
    lines = [line for text in texts(found) for line in text.split("/")]
    assert not any(line.endswith("One") for line in lines), lines


def test_social_cues_keep_their_limits_and_stop_at_a_pause() -> None:
    lines = made(
        "you will not believe what happened | next in this very small town", PRESETS["social"]
    )
    assert all(len(line.split()) <= 4 and len(line) <= 20 and "/" not in line for line in lines)
    assert any(line.startswith("next") for line in lines)


def test_a_standard_cue_stays_after_its_words_but_not_into_the_next() -> None:
    words = spoken("one two three. | | four five six. | seven eight nine.")
    found = cues(words, PRESETS["standard"], 9000, {2, 5, 8})
    # 2 s of silence: half a second longer; 1 s: the same; the last one likewise.
    assert [(cue.start_ms, cue.end_ms) for cue in found] == [(0, 1400), (2900, 4300), (4800, 6200)]
    closed = cues(timed(("one.", 0, 900), ("two.", 1300, 2200)), PRESETS["standard"], 2200, {0, 1})
    assert [(cue.start_ms, cue.end_ms) for cue in closed] == [(0, 1220), (1300, 2200)]


@pytest.mark.parametrize(
    ("spoken_ms", "next_ms", "end_ms"),
    [
        (900, 900, 700),  # the last word gives two frames away
        (900, 950, 750),
        (500, 1050, 850),
        (900, 1899, 1699),  # 0.5 s after the words less than 0.5 s would stay open
        (900, 1900, 1400),
    ],
)
def test_between_two_cues_are_two_frames_or_half_a_second(
    spoken_ms: int, next_ms: int, end_ms: int
) -> None:
    rules = replace(PRESETS["standard"], frame_rate=10.0, min_ms=500)
    words = timed(("one.", 0, spoken_ms), ("two.", next_ms, next_ms + 900))
    found = cues(words, rules, next_ms + 900, {0, 1})
    assert [(cue.start_ms, cue.end_ms) for cue in found] == [(0, end_ms), (next_ms, next_ms + 900)]
    assert found[0].lines[0][0].end_ms == min(spoken_ms, end_ms)


def test_a_word_without_time_left_takes_some_of_the_word_before() -> None:
    words = timed(("Come", 0, 960), ("in.", 960, 1000), ("Sit", 1000, 1500), ("down.", 1500, 2000))
    first, _ = cues(words, PRESETS["standard"], 2000, {1, 3})
    assert first.end_ms == 920
    assert [(unit.start_ms, unit.end_ms) for unit in first.lines[0]] == [(0, 900), (900, 920)]


def test_a_short_word_stays_as_long_as_there_is_room() -> None:
    rules = replace(PRESETS["word"], min_ms=400)
    found = cues(timed(("a", 0, 100), ("b", 200, 300), ("c", 2000, 2100)), rules, 2300)
    assert [(cue.start_ms, cue.end_ms) for cue in found] == [(0, 200), (200, 600), (2000, 2300)]


def test_fast_speech_makes_fewer_cues_not_flashes() -> None:
    words = spoken("a quick list of very short words that nobody could read one by one", 90)
    found = cues(words, PRESETS["standard"], 5000)
    assert all(cue.end_ms - cue.start_ms >= 833 for cue in found)


def test_chinese_breaks_between_characters_and_not_before_a_mark() -> None:
    text = "今天天气很好，我们一起去公园散步吧。「明天呢？」他问我。"
    rules = PRESETS["social"]
    lines = made(text, rules, 6000)
    assert "".join(lines) == text
    assert all(width(line) <= 20 for line in lines)
    assert all(line[0] not in "，。？」" and line[-1] != "「" for line in lines)
    assert "今天天气很好，" in lines
    standard = made(text, replace(PRESETS["standard"], max_chars_per_line=16), 6000)
    assert "".join(standard).replace("/", "") == text


def test_characters_share_the_time_of_their_word() -> None:
    parts = cue_units(timed(("日本語。", 0, 900)))
    assert [(part.text, part.start_ms, part.end_ms) for part in parts] == [
        ("日", 0, 300),
        ("本", 300, 600),
        ("語。", 600, 900),
    ]


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("我用iPhone手机", ["我", "用", "iPhone", "手", "机"]),
        ("がっこう", ["がっ", "こ", "う"]),
        ("コーヒー", ["コー", "ヒー"]),
        ("「は", ["「は"]),
        ("か\u3099き", ["か\u3099", "き"]),
        ("ไทย", ["ไท", "ย"]),
        ("ที่นี่", ["ที่", "นี่"]),
        ("ခန့်မှန်း", ["ခန့်", "မှန်း"]),
        ("မိတ္တူ", ["မိ", "တ္တူ"]),
        ("ខ្មែរ", ["ខ្មែ", "រ"]),
        ("ﾊﾟﾋﾞ", ["ﾊﾟ", "ﾋﾞ"]),
        ("안녕하세요", ["안녕하세요"]),
        ("don't", ["don't"]),
        ("שלום", ["שלום"]),
    ],
)
def test_where_a_word_may_break(word: str, parts: list[str]) -> None:
    assert [part.text for part in cue_units(timed((word, 0, 3000)))] == parts


@pytest.mark.parametrize(
    ("word", "bare"),
    [
        ("“Wait,”", "Wait"),
        ("don't", "don't"),
        ("$1,250.50.", "$1,250.50"),
        ("12.5%", "12.5%"),
        ("(-5)", "-5"),
        ("(5)x", "(5)x"),
        ("-$5,", "-$5"),
        ("-.5", "-.5"),
        ("...5", "5"),
        ("--5", "5"),
        ("a.m.", "a.m"),
        ("¿Qué?", "Qué"),
        ("—", None),
        ("C++;", "C++"),
        ("O(n).", "O(n)"),
        ("(an)other,", "(an)other"),
        ("(both)", "both"),
        ("[a[0]]", "a[0]"),
        ("(open", "open"),
    ],
)
def test_punctuation_is_stripped_at_the_ends_of_words(word: str, bare: str | None) -> None:
    found = cue_units(timed((word, 0, 300)), punctuation="strip")
    assert [part.text for part in found] == ([bare] if bare else [])


@pytest.mark.parametrize(
    ("case", "language", "shown"),
    [
        ("upper", "de", "GROSSE İDEE"),
        ("upper", "tr", "GROSSE İDEE"),
        ("lower", "en", "große i̇dee"),
        ("lower", "tr", "große idee"),
        ("keep", "de", "Große İdee"),
    ],
)
def test_case_is_the_languages_own(case: str, language: str, shown: str) -> None:
    rules = replace(PRESETS["social"], case=case)
    found = cues(timed(("Große", 0, 300), ("İdee", 300, 600)), rules, 600, (), language)
    assert texts(found) == [shown]


MARKED = (
    "When the rain had stopped, the children of the village ran down. Nobody at Wetherby Bridge "
    "had told them about the flood — nobody, they said, had known of it."
)


@pytest.mark.parametrize("case", ["lower", "upper"])
@pytest.mark.parametrize("preset", PRESETS)
def test_other_letters_break_at_the_same_places(preset: str, case: str) -> None:
    changed = made(MARKED, replace(PRESETS[preset], case=case))
    assert [text.lower() for text in changed] == [
        text.lower() for text in made(MARKED, PRESETS[preset])
    ]


def test_marks_that_are_not_shown_divide_all_the_same() -> None:
    rules = replace(PRESETS["standard"], max_lines=1)
    kept = made(MARKED, rules)
    assert kept[3:] == ["about the flood —", "nobody, they said, had known of it."]
    assert made(MARKED, replace(rules, punctuation="strip")) == [
        text.replace(",", "").rstrip(" .—") for text in kept
    ]


def test_an_offset_moves_every_stamp_and_cuts_what_comes_before_0() -> None:
    words = spoken("one two three four", 500)
    whole = cues(words, PRESETS["word"], 2000)
    later = shifted(whole, 1500)
    assert [cue.start_ms for cue in later] == [1500, 2000, 2500, 3000]
    earlier = shifted(whole, -750)
    assert [(cue.start_ms, cue.end_ms) for cue in earlier] == [(0, 250), (250, 750), (750, 1250)]
    assert earlier[0].lines[0][0].start_ms == 0


def rules() -> st.SearchStrategy[CueRules]:
    return st.builds(
        lambda preset, chars, lines, limit, rate: replace(
            PRESETS[preset],
            max_chars_per_line=chars,
            max_lines=lines,
            max_words=limit,
            frame_rate=rate,
        ),
        st.sampled_from(list(PRESETS)),
        st.integers(4, 50),
        st.integers(1, 3),
        st.integers(0, 5),
        st.floats(10, 120),
    )


spans = st.lists(st.tuples(st.floats(0, 30_000), st.floats(0, 30_000)), min_size=1, max_size=40)


@settings(max_examples=300, deadline=None)
@given(spans, st.integers(20, 30_000), rules(), st.data())
def test_every_word_is_in_one_cue_within_the_limits(
    given_spans: list[tuple[float, float]], duration_ms: int, rules: CueRules, data: st.DataObject
) -> None:
    settled = to_integer_spans(given_spans, duration_ms, duration_ms)
    word = st.sampled_from(["a", "the", "longer,", "Incomprehensible.", "日本語です。", "שלום"])
    names = data.draw(st.lists(word, min_size=len(settled), max_size=len(settled)))
    words = timed(*((name, a, b) for name, (a, b) in zip(names, settled, strict=True)))
    found = cues(words, rules, duration_ms, data.draw(st.sets(st.integers(0, 40))))
    shown = [part for cue in found for line in cue.lines for part in line]
    assert [(part.text, part.word) for part in shown] == [
        (part.text, part.word) for part in cue_units(words)
    ]
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(shown))
    assert len(found) == 1 or all(cue.end_ms - cue.start_ms >= 20 for cue in found)
    assert found[-1].end_ms <= duration_ms
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(found))
    for cue in found:
        parts = [part for line in cue.lines for part in line]
        assert parts[-1].end_ms <= cue.end_ms
        assert all(cue.lines)
        assert parts[0].start_ms >= cue.start_ms
        assert len(cue.lines) <= min(len(parts), rules.max_lines)
        if len(parts) == 1:
            continue
        assert cue.end_ms - cue.start_ms <= rules.max_ms
        for line, text in zip(cue.lines, cue.texts, strict=True):
            assert len(line) == 1 or width(text) <= rules.max_chars_per_line
        gaps = [b.start_ms - a.end_ms for a, b in pairwise(parts)]
        assert all(gap < rules.pause_ms for gap in gaps)
    if rules.hold_ms:
        for a, b in pairwise(found):
            words_ms = 20 * sum(map(len, a.lines))
            is_full = a.end_ms - a.start_ms <= words_ms
            assert b.start_ms - a.end_ms >= rules.two_frames_ms or is_full


def test_a_stop_ends_the_division_at_once() -> None:
    checks: list[None] = []

    def stop_at_the_third() -> None:
        checks.append(None)
        if len(checks) == 3:
            raise InterruptedError

    words = spoken("one two three four five six seven")
    with pytest.raises(InterruptedError):
        cues(words, PRESETS["standard"], 3000, check=stop_at_the_third)
    assert len(checks) == 3


@pytest.mark.parametrize("size", [3, 250])
def test_a_word_that_differs_from_its_letters_starts_and_ends_with_them(size: int) -> None:
    """A figure inside has no letter of its own; the characters around it keep their times."""
    text = "一" + "7" * size + "二"
    letters = (TimedCharacter("一", 100, 200), *[TimedCharacter("七", 300, 400)] * size)
    word = replace(
        timed((text, 100, 1000))[0], characters=(*letters, TimedCharacter("二", 900, 1000))
    )
    first, *_, last = cue_units([word])
    assert (first.text, first.start_ms) == ("一", 100)
    assert (last.text, last.start_ms, last.end_ms) == ("二", 900, 1000)
