"""What cues show by the client's choice, and where words without sound stand."""

from itertools import pairwise

import pytest

from timing.subtitles.cues import PRESETS, cues
from timing.subtitles.ends import cue_ends
from timing.subtitles.shown import ShownRules, ShownTooLong, with_shown
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


def cue_texts(
    text: str, rules: ShownRules, preset: str = "word", language: str = "en"
) -> list[str]:
    words = with_shown(timed(text, language), rules)
    found = cues(words, PRESETS[preset], words[-1].end_ms + 1000)
    return ["/".join(cue.texts) for cue in found]


def test_markup_is_kept_for_those_who_want_it() -> None:
    text = "**Hello** <b>old</b> {2FA|two factor} {|um} friend.\n\n---\n\nBye."
    assert cue_texts(text, ShownRules()) == ["Hello", "old", "2FA", "friend.", "Bye."]
    assert cue_texts(text, ShownRules(markup="keep")) == [
        "**Hello**", "<b>old</b>", "2FA", "friend. ---", "Bye.",
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
        ("Sleep :( you? <3 You :P\nNo xD not.", ["Sleep :(", "you? <3", "You :P", "No xD", "not."]),
        ("One ⏱️\n\n👉 Two.", ["One ⏱️", "👉 Two."]),
        ("One.\n- ✅ Two.\n> — Me", ["One.", "✅ Two.", "— Me"]),
        ("One.\n🔥 🔥\nTwo.", ["One. 🔥 🔥", "Two."]),
        (
            "It is fast [2]. The `:` stays.\n\n[2]: https://example.com",
            [
                "It",
                "is",
                "fast.",
                "The :",
                "stays.",
            ],
        ),
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


def test_a_word_after_silent_ones_is_shown_when_it_is_said() -> None:
    units = cue_units(
        with_shown(timed("One.\n👉 Two. [1] Three.\n\n[1]: http://a.b"), ShownRules())
    )
    assert [(unit.text, unit.start_ms, unit.end_ms) for unit in units] == [
        ("One.", 0, 300), ("👉 Two.", 300, 600), ("Three.", 600, 900),
    ]  # fmt: skip


def test_a_word_without_spaces_is_one_with_its_emoji() -> None:
    assert cue_texts("茶的故事 🍵", ShownRules(), language="zh") == ["茶的故事 🍵"]
    assert cue_texts("茶的故事 🍵", ShownRules(emoji="strip"), language="zh") == ["茶的故事"]
    assert [unit.text for unit in cue_units(timed("別の部屋📵です。", "ja"))] == [
        "別", "の", "部", "屋📵", "で", "す。",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("One two. Three four.", ["two.", "four."]),
        ("Dr. Hale is in.", ["in."]),
        ("# Title\n\nText here", ["Title", "here"]),
        ("Buy:\n- Plates & cups\n- **Pots**\n- Pans", ["Buy:", "cups", "Pots", "Pans"]),
        ("1. Mix it.\n2. Bake it.", ["it.", "it."]),
        ("## 1. Mix it.\n**2.** Bake it.", ["it.", "it."]),
        ("1.\nMix it.", ["1.", "it."]),
        ("Fast. ⚡\n✅ Small.", ["Fast. ⚡", "✅ Small."]),
        ("Fast.\n- ✅ Small.", ["Fast.", "✅ Small."]),
        ("The sea was calm that morning, so very calm,\nand he went on.", ["on."]),
        ("| Ann | 9 |\n|---|---|\n| Ben | 8 |", ["9", "8"]),
    ],
)
def test_where_a_cue_ends_best(text: str, ends: list[str]) -> None:
    words = with_shown(timed(text), ShownRules())
    found = cue_ends(read_script(text), words)
    assert [unit.text for unit in cue_units(words) if unit.word in found] == ends


def test_a_long_row_of_emoji_is_no_single_cue() -> None:
    lines = cue_texts("Hi " + "👋 " * 60 + "there.", ShownRules(), "standard")
    assert max(map(len, lines)) < 84
    assert "".join(lines).count("👋") == 60


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I ❤️ you 👩‍👩‍👧 a lot 👍🏽!", ["I", "you", "a", "lot!"]),
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
        ("**Don’t**!", "Do not!"),
        ("cafe\u0301", "bar"),
    ],
)
def test_other_words_are_shown(written: str, expected: str) -> None:
    show = {"damn": "d**n", "GIF": "gif", "etc.": "and so on", "um": "", "don't": "do not"}
    show["caf\u00e9"] = "bar"
    found = with_shown(timed(f"x {written} y"), ShownRules(show=show))
    assert found[1].shown == expected
    assert found[1].word == written


def test_in_a_script_without_spaces_other_words_are_shown_inside_a_clause() -> None:
    found = with_shown(timed("他妈的太好了。", "zh"), ShownRules(show={"他妈的": "**"}))
    assert found[0].shown == "**太好了。"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She said damn. Go!", ["She", "said.", "Go!"]),
        ("I know, damn! Go.", ["I", "know!", "Go."]),
        ("Really? Damn, yes.", ["Really?", "yes."]),
        ("He left. (Damn!) Go.", ["He", "left.", "Go."]),
        ('"Damn," they say.', ["they", "say."]),
        ('"Damn you," he said.', ['"you,"', "he", "said."]),
        ('He said "you damn", she left.', ["He", "said", '"you",', "she", "left."]),
        ("**Damn**, go.", ["go."]),
        ("Well, {|um}, so {|er} go.", ["Well,", "so", "go."]),
        ("Great (🎉), yes 🎉!", ["Great,", "yes!"]),
        ("No dots, please.", ["No", "…,", "please."]),
    ],
)
def test_the_marks_of_a_hidden_word_stand_at_its_neighbours(text: str, expected: list[str]) -> None:
    rules = ShownRules(emoji="strip", show={"damn": "", "dots": "…"})
    found = with_shown(timed(text), rules)
    assert [word.shown for word in found if word.shown] == expected


def test_the_longest_entry_is_shown_and_none_inside_another_ones_text() -> None:
    show = {"他": "她", "他妈": "猫", "猫": "狗"}
    assert with_shown(timed("他妈他好猫", "zh"), ShownRules(show=show))[0].shown == "猫她好狗"
    # Each entry's text would be a hundred of the next one.
    letters = "国人大小上下中文天地"
    bombs = {one: 100 * other for one, other in pairwise(letters)}
    assert with_shown(timed("国年", "zh"), ShownRules(show=bombs))[0].shown == 100 * "人" + "年"


def test_texts_that_make_captions_endless_are_refused() -> None:
    words = timed("字 " * 20_000, "zh")
    assert with_shown(words, ShownRules(show={"字": 50 * "国"}))[0].shown == 50 * "国"
    with pytest.raises(ShownTooLong) as raised:
        with_shown(words, ShownRules(show={"字": 51 * "国"}))
    assert "subtitles.show makes the captions longer" in raised.value.sentence
