"""What cues show by the client's choice, and where words without sound stand."""

import pytest

from timing.subtitles.cues import PRESETS, cues
from timing.subtitles.shown import ShownRules, with_shown
from timing.subtitles.units import cue_units, word_units
from timing.token_times import TimedToken, WindowAlignment
from timing.words import TimedWord, time_words
from tts.text.script import read_script


def timed(text: str, language: str = "en") -> tuple[TimedWord, ...]:
    """The words of a script, each token 300 ms long."""
    script = read_script(text, language)
    times = [TimedToken(300.0 * i, 300.0 * (i + 1), 0.9) for i in range(len(script.tokens))]
    end_ms = 300 * len(times)
    alignment = WindowAlignment("sphinx", times, end_ms)
    return time_words(script, [0] * len(script.words), [alignment], end_ms)


def cue_texts(text: str, rules: ShownRules, preset: str = "word") -> list[str]:
    words = with_shown(timed(text), rules)
    found = cues(words, PRESETS[preset], words[-1].end_ms + 1000)
    return ["/".join(cue.texts) for cue in found]


def test_markup_is_kept_for_those_who_want_it() -> None:
    text = "**Hello** <b>old</b> {2FA|two factor} {|um} friend.\n\n---\n\nBye."
    assert cue_texts(text, ShownRules()) == ["Hello", "old", "2FA", "friend.", "Bye."]
    assert cue_texts(text, ShownRules(markup="keep")) == [
        "**Hello**", "<b>old</b>", "2FA", "friend.", "--- Bye.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi 👋 there.", ["Hi 👋", "there."]),
        ("Wait — no.", ["Wait —", "no."]),
        ("👋 Hi there.", ["👋 Hi", "there."]),
        ("One.\n✅ Two.", ["One.", "✅ Two."]),
        ("Done! 🎉 🎊", ["Done! 🎉 🎊"]),
        ("It costs CHF 15 today.", ["It", "costs", "CHF 15", "today."]),
        ("A → B", ["A", "→", "B"]),
    ],
)
def test_a_word_without_sound_stands_with_a_neighbour(text: str, expected: list[str]) -> None:
    assert cue_texts(text, ShownRules()) == expected


def test_a_cue_of_a_word_lasts_over_the_silent_ones_beside_it() -> None:
    units = cue_units(with_shown(timed("Hi 👋 there."), ShownRules()))
    assert [(unit.text, unit.start_ms, unit.end_ms) for unit in units] == [
        ("Hi 👋", 0, 300), ("there.", 300, 600),
    ]  # fmt: skip
    assert [unit.text for unit in word_units(timed("Hi 👋 there."))] == ["Hi", "👋", "there."]


def test_a_long_row_of_emoji_is_no_single_cue() -> None:
    lines = cue_texts("Hi " + "👋 " * 60 + "there.", ShownRules(), "standard")
    assert max(map(len, lines)) < 84
    assert "".join(lines).count("👋") == 60


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I ❤️ you 👩‍👩‍👧 a lot 👍🏽!", ["I", "you", "a", "lot", "!"]),
        ("Flag 🇫🇷 1️⃣ © ™ 5↔6.", ["Flag", "©", "™", "5↔6."]),
        ("🎉🎉 Go.", ["Go."]),
        ("Nice😀 one.", ["Nice", "one."]),
    ],
)
def test_emoji_are_stripped(text: str, expected: list[str]) -> None:
    found = with_shown(timed(text), ShownRules(emoji="strip"))
    assert [word.shown for word in found if word.shown] == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("damn", "d**n"),
        ("Damn!", "D**n!"),
        ('"DAMN,"', '"D**N,"'),
        ("damned", "damned"),
        ("GIF", "gif"),
        ("Gif", "Gif"),
        ("etc.", "and so on"),
        ("um", ""),
    ],
)
def test_other_words_are_shown(written: str, expected: str) -> None:
    show = {"damn": "d**n", "GIF": "gif", "etc.": "and so on", "um": ""}
    found = with_shown(timed(f"x {written} y"), ShownRules(show=show))
    assert found[1].shown == expected
    assert found[1].word == written


def test_in_a_script_without_spaces_other_words_are_shown_inside_a_clause() -> None:
    found = with_shown(timed("他妈的太好了。", "zh"), ShownRules(show={"他妈的": "**"}))
    assert found[0].shown == "**太好了。"
