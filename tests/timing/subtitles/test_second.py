"""Captions in two languages: which words stand where, in every format, drawn and read back."""

import html
import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import ass
import numpy as np
import numpy.typing as npt
import pysubs2
import pytest
import ttconv.imsc.reader
import ttconv.srt.writer
import webvtt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from timing.formats import FORMATS
from timing.subtitles.captions import AudioSource, Captions, caption
from timing.subtitles.cues import PRESETS
from timing.subtitles.second import (
    SecondText,
    SentencesDiffer,
    WordTooLong,
    check_second,
    join_lines,
)
from timing.subtitles.shown import WORDS_ALONE, ShownRules
from timing.subtitles.style import style_for
from timing.subtitles.units import width
from timing.token_times import TimedToken, WindowAlignment
from timing.words import Timing, sentences, time_words
from tts.text.script import read_script

ENGLISH = (
    "The old lighthouse had been dark for years, but nobody in the village could say exactly when "
    "the light went out, or why. Dr. Smith paid $5 for it. Now he lives there alone with two cats "
    "and a very loud radio."
)
FRENCH = (
    "Le vieux phare était éteint depuis des années, mais personne au village ne savait dire "
    "exactement quand la lumière s'était éteinte, ni pourquoi. M. Smith l'a payé 5 $. Maintenant "
    "il y vit seul avec deux chats et une radio très bruyante."
)
CHINESE = (
    "那座老灯塔已经黑了很多年，但村里没有人能说清楚灯光究竟是什么时候熄灭的，也不知道为什么。"
    "史密斯医生花五美元买下了它。现在他独自住在那里，养着两只猫，还有一台很吵的收音机。"
)
HEBREW = (
    "המגדלור הישן היה חשוך במשך שנים, אבל איש בכפר לא ידע לומר בדיוק מתי כבה האור, או מדוע. "
    "סמית שילם עליו 5 דולר. עכשיו הוא גר שם לבד עם שני חתולים ורדיו רועש מאוד."
)
TEXTS = {"en": ENGLISH, "fr": FRENCH, "zh": CHINESE, "he": HEBREW}


def two(
    first: str,
    language: str,
    second: str,
    other: str,
    preset: str = "standard",
    *,
    over: bool = False,
    style: str = "bold",
    shown: ShownRules = WORDS_ALONE,
    **changes: Any,
) -> Captions:
    """Captions of a text, 60 ms a letter (180 ms without spaces), with a second text."""
    script = read_script(first, language)
    letter_ms = 180 if language == "zh" else 60
    lengths_ms = [
        max(120, letter_ms * (token.char_end - token.char_start)) for token in script.tokens
    ]
    edges_ms = [0, *accumulate(lengths_ms)]
    times = [TimedToken(a, b, 0.9) for a, b in pairwise(edges_ms)]
    aligned = WindowAlignment("sphinx", times, edges_ms[-1])
    at = edges_ms[-1]
    words = time_words(script, [0] * len(script.words), [aligned], at)
    return caption(
        script,
        Timing(words, "sphinx", 0.9),
        job_id="two",
        duration_ms=at + 300,
        language=language,
        generated_at=datetime(2026, 11, 22, tzinfo=UTC),
        audio=AudioSource("", "two.wav"),
        rules=replace(PRESETS[preset], **changes),
        shown=shown,
        style=style_for(style, (1080, 1920)),
        second=SecondText(read_script(second, other), other, over),
    )


def pairs(captions: Captions) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(cue.texts, cue.second) for cue in captions.cues]


def test_a_sentence_stands_under_its_own() -> None:
    captions = two("I am here. Go!", "en", "Je suis là. Va-t'en !", "fr", "social")
    assert pairs(captions) == [
        (("I am here.",), ("Je suis là.",)),
        (("Go!",), ("Va-t'en !",)),
    ]


def test_a_long_sentence_is_divided_at_clauses_near_the_breaks_of_the_first() -> None:
    shown = [(" ".join(first), " ".join(second)) for first, second in pairs(
        two(ENGLISH, "en", FRENCH, "fr")
    )]  # fmt: skip
    assert shown == [
        (
            "The old lighthouse had been dark for years,",
            "Le vieux phare était éteint depuis des années,",
        ),
        (
            "but nobody in the village could say exactly when the light went out, or why.",
            "mais personne au village ne savait dire exactement quand la lumière s'était éteinte, "
            "ni pourquoi.",
        ),
        ("Dr. Smith paid $5 for it.", "M. Smith l'a payé 5 $."),
        (
            "Now he lives there alone with two cats and a very loud radio.",
            "Maintenant il y vit seul avec deux chats et une radio très bruyante.",
        ),
    ]


def test_a_cue_of_several_sentences_has_the_same_ones_in_both_languages() -> None:
    captions = two("Yes. No. Well, I see it.", "en", "Oui. Non. Bon, je le vois.", "fr")
    assert len(captions.cues) < 3
    firsts = ["Yes.", "No.", "Well, I see it."]
    seconds = ["Oui.", "Non.", "Bon, je le vois."]
    for cue in captions.cues:
        first, second = " ".join(cue.texts), " ".join(cue.second)
        assert [text in first for text in firsts] == [text in second for text in seconds]


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("other", ["fr", "zh", "he"])
def test_no_word_is_lost_and_every_cue_has_a_second(preset: str, other: str) -> None:
    captions = two(ENGLISH, "en", TEXTS[other], other, preset)
    assert all(cue.second for cue in captions.cues)
    # Cues show the same part again where the first language has more cues than the second words.
    shown: list[tuple[str, ...]] = []
    for cue in captions.cues:
        if not shown or shown[-1] != cue.second:
            shown.append(cue.second)
    text = "".join(join_lines(lines) for lines in shown).replace(" ", "")
    assert text == TEXTS[other].replace(" ", "")


@pytest.mark.parametrize("preset", ["standard", "social"])
@pytest.mark.parametrize(("language", "other"), [("en", "fr"), ("en", "zh"), ("zh", "en")])
def test_lines_keep_their_width(preset: str, language: str, other: str) -> None:
    captions = two(TEXTS[language], language, TEXTS[other], other, preset)
    limit = PRESETS[preset].for_language(other).max_chars_per_line
    assert all(width(line) <= limit for cue in captions.cues for line in cue.second)


def test_a_word_wider_than_a_line_has_its_own() -> None:
    captions = two("One two three four.", "en", "Die Donaudampfschifffahrtsgesellschaft kam.", "de")
    (narrow,) = two(
        "One two three four.", "en", "Die Donaudampfschifffahrtsgesellschaft kam.", "de",
        max_chars_per_line=20,
    ).cues  # fmt: skip
    assert captions.cues[0].second == ("Die Donaudampfschifffahrtsgesellschaft", "kam.")
    assert narrow.second == ("Die", "Donaudampfschifffahrtsgesellschaft", "kam.")


def test_a_quote_opens_in_the_sentence_that_it_begins() -> None:
    captions = two('"Yes?" "I am here."', "en", "« Oui ? » « Je suis là. »", "fr", "word")
    seconds = list(dict.fromkeys(cue.second for cue in captions.cues))
    assert seconds[0] == ("« Oui ? »",)
    assert seconds[1][0].startswith("« Je")


def test_letters_and_marks_follow_the_rules_of_the_cues() -> None:
    captions = two("I am here.", "en", "İyi ki geldin, işte.", "tr", case="upper",
                   punctuation="strip")  # fmt: skip
    assert pairs(captions) == [(("I AM HERE",), ("İYİ Kİ GELDİN İŞTE",))]


LIST = (
    "## My list\n\n✅ The **first** point — so.\n✅ The second [point](https://example.com).\n\n---"
)
LISTE = (
    "## Ma liste\n\n✅ Le **premier** point — voilà.\n✅ Le deuxième [point](https://example.com)."
)


@pytest.mark.parametrize("preset", ["standard", "social"])
def test_a_translation_is_shown_without_markup_and_with_its_own_bullets(preset: str) -> None:
    captions = two(LIST, "en", LISTE, "fr", preset)
    shown = list(dict.fromkeys(cue.second for cue in captions.cues))
    assert " ".join(map(join_lines, shown)) == (
        "Ma liste ✅ Le premier point — voilà. ✅ Le deuxième point."
    )
    for cue in captions.cues:
        assert cue.texts[0].startswith("✅") is cue.second[0].startswith("✅")
        assert cue.texts[-1].endswith(".") is cue.second[-1].endswith(".")


def test_what_is_shown_for_a_word_holds_for_both_languages() -> None:
    rules = ShownRules(emoji="strip", show={"gif": "GIF"})
    captions = two("A gif 👋 here.", "en", "Un gif 👋 ici.", "fr", shown=rules)
    assert pairs(captions) == [(("A GIF here.",), ("Un GIF ici.",))]


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        ("One. Two.", "Un. Deux. Trois.", "2 sentences and subtitles.second.text has 3 sentences"),
        ("One, two.", "Un. Deux.", "1 sentence and subtitles.second.text has 2 sentences"),
        ("Dr. No.\n\nYes", "Le Dr No.", "2 sentences and subtitles.second.text has 1 sentence"),
    ],
)
def test_other_counts_of_sentences_are_an_error(first: str, second: str, counts: str) -> None:
    script, other = read_script(first, "en"), read_script(second, "fr")
    with pytest.raises(SentencesDiffer) as raised:
        check_second(script, SecondText(other, "fr"))
    assert f"the text has {counts}; give both the same number" in raised.value.sentence


@pytest.mark.parametrize("word", [501 * "x", "字" + 501 * "x", "x" + 500 * "\u0301"])
def test_an_endless_word_is_an_error(word: str) -> None:
    script = read_script("One.", "en")
    check_second(script, SecondText(read_script(500 * "x", "fr"), "fr"))
    check_second(script, SecondText(read_script(5000 * "字", "zh"), "zh"))
    with pytest.raises(WordTooLong) as raised:
        check_second(script, SecondText(read_script(word, "zh"), "zh"))
    assert "subtitles.second.text has a word of 501 characters" in raised.value.sentence


def test_offset_moves_both_languages() -> None:
    still, moved = (
        two(ENGLISH, "en", FRENCH, "fr", offset_ms=offset) for offset in (0, -3000)
    )  # fmt: skip
    assert pairs(moved) == pairs(still)[-len(moved.cues) :]
    assert moved.cut == len(still.cues) - len(moved.cues)


def test_without_a_second_language_nothing_changes() -> None:
    captions = two("I am here. Go!", "en", "Je suis là. Va !", "fr")
    alone = replace(
        captions, second=None, cues=tuple(replace(cue, second=()) for cue in captions.cues)
    )
    for name, form in FORMATS.items():
        text = form.render(alone).decode("utf-16" if name == "premiere" else "utf-8")
        assert "Second," not in text
        assert "suis" not in text


any_texts = st.lists(
    st.sampled_from(
        ["One", "two", "three,", "猫がいる。", "שלום", "$5", "end.", "Really?", "—", "👋"]
    ),
    min_size=1,
    max_size=25,
).map(" ".join)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_texts, any_texts, st.sampled_from(list(PRESETS)), st.sampled_from(["keep", "strip"]))
def test_any_two_texts_with_as_many_sentences(
    first: str, second: str, preset: str, punctuation: str
) -> None:
    first, second = f"Hello {first}", f"Bonjour {second}"
    counts = [len(sentences(read_script(text, "en"))) for text in (first, second)]
    short = "\n\nEnd" * abs(counts[0] - counts[1])
    texts = (first + short, second) if counts[0] < counts[1] else (first, second + short)
    captions = two(texts[0], "en", texts[1], "en", preset, punctuation=punctuation)
    assert all(cue.second for cue in captions.cues)
    shown = "".join(join_lines(cue.second) for cue in captions.cues)
    assert re.sub(r"\W", "", shown) != ""
    for word in re.findall(r"[\w$]+", texts[1]):
        assert word in shown or not word.isascii()


@pytest.mark.parametrize("over", [False, True])
def test_every_format_of_cues_shows_both_languages(over: bool) -> None:
    first, second = "A < B & C, so.", "אני < כאן & שם."
    captions = two(first, "en", second, "he", over=over)
    lines = [second, first] if over else [first, second]
    srt = pysubs2.SSAFile.from_string(FORMATS["srt"].render(captions).decode(), "srt",
                                      keep_unknown_html_tags=True)  # fmt: skip
    assert bare(srt[0].text).split(r"\N") == lines
    vtt = webvtt.from_string(FORMATS["vtt"].render(captions).decode())
    assert bare(html.unescape(vtt[0].text)).split("\n") == lines
    assert "<lang he>" in vtt[0].raw_text
    event = ass.parse_string(FORMATS["ass"].render(captions).decode("utf-8-sig")).events[0]
    assert bare(re.sub(r"\{[^}]*\}", "", event.text)).split(r"\N") == lines
    tree = ElementTree.ElementTree(ElementTree.fromstring(FORMATS["ttml"].render(captions)))
    text = ttconv.srt.writer.from_model(ttconv.imsc.reader.to_model(tree))
    assert re.sub(r"</?b>", "", text).split("\n")[2:4] == lines
    lrc = FORMATS["lrc"].render(captions).decode().split("\n")[1:3]
    assert [line.partition("]")[2] for line in lrc] == lines
    assert len({line.partition("]")[0] for line in lrc}) == 1
    (segment,) = json.loads(FORMATS["podcast"].render(captions))["segments"]
    assert segment["body"].split("\n") == lines
    assert f"|M:{lines[0]} / {lines[1]} |D:" in FORMATS["edl"].render(captions).decode()
    assert f"{first}\t{second}\t" in FORMATS["premiere"].render(captions).decode("utf-16")


def bare(text: str) -> str:
    return re.sub("[\u2060\u202b\u202c\u200e]", "", text)


Picture = npt.NDArray[np.uint8]


def drawn(captions: Captions, folder: Path, at_ms: int) -> Picture:
    """The frame at a time as libass draws it on black: (height, width, 3)."""
    (folder / "timing.ass").write_bytes(FORMATS["ass"].render(captions))
    wide, high = captions.style.resolution
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"color=c=black:s={wide}x{high}:r=50"]
    command += ["-vf", f"trim=start={at_ms / 1000},ass=timing.ass,format=rgb24"]
    command += ["-frames:v", "1", "-f", "rawvideo", "-"]
    result = subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return np.frombuffer(result.stdout, np.uint8).reshape(high, wide, 3)


def rows_of_lines(lit: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The first and the last row of each line of text, with gaps of over 4 rows between them."""
    rows = np.flatnonzero(lit.any(axis=1))
    parts = np.split(rows, np.flatnonzero(np.diff(rows) > 4) + 1)
    return [(int(part[0]), int(part[-1])) for part in parts if len(part)]


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize("over", [False, True])
@pytest.mark.parametrize("style", ["bold", "karaoke"])
def test_the_second_language_is_drawn_smaller_and_never_lit(
    style: str, over: bool, tmp_path: Path
) -> None:
    captions = two("HHHH HHHH.", "en", "HHHH HHHH.", "fr", over=over, style=style)
    (cue,) = captions.cues
    picture = drawn(captions, tmp_path, cue.end_ms - 60).astype(int)
    inked = picture.min(axis=2) > 128  # white letters
    yellow = (picture[:, :, 0] > 200) & (picture[:, :, 2] < 60) & (picture[:, :, 1] > 180)
    lines = rows_of_lines(inked | yellow)
    assert len(lines) == 2
    heights = [last - first for first, last in lines]
    small, large = heights if over else heights[::-1]
    assert small / large == pytest.approx(0.7, abs=0.06)
    split = (lines[0][1] + lines[1][0]) // 2
    halves = [bool(yellow[:split].any()), bool(yellow[split:].any())]
    lit = style == "karaoke"
    assert halves == ([False, lit] if over else [lit, False])


@pytest.mark.needs("ffmpeg")
def test_a_long_word_of_the_second_language_stays_in_the_frame(tmp_path: Path) -> None:
    captions = two(
        "Hi there.", "en", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk da.", "de"
    )
    columns = np.flatnonzero(drawn(captions, tmp_path, 100).max(axis=(0, 2)) > 128)
    margins, wide = captions.style.margins, captions.style.resolution[0]
    assert margins.left - 5 <= columns[0] < columns[-1] <= wide - margins.right + 5


def test_a_style_of_two_languages_stands_in_the_file() -> None:
    captions = two("Hi there.", "en", "Salut.", "fr", style="karaoke")
    document = ass.parse_string(FORMATS["ass"].render(captions).decode("utf-8-sig"))
    default, second = document.styles
    assert (second.name, second.fontsize) == ("Second", round(0.7 * default.fontsize))
    assert second.primary_color.to_ass() == second.secondary_color.to_ass() == "&H00FFFFFF"
