"""Captions show what is heard, and what they show is heard, whatever markup stands around it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.timing.subtitles.test_golden_cues import GOLDEN_PRESETS, NAMES, captions_of
from timing.subtitles.cues import PRESETS, cues
from timing.subtitles.ends import cue_ends
from timing.subtitles.shown import WORDS_ALONE, with_shown
from timing.token_times import TimedToken, WindowAlignment
from timing.words import time_words
from tts.text.script import read_script

FACES = {"xD", ":D", ":P", "<3", "¯\\_(ツ)_/¯"}


@pytest.mark.parametrize("name", NAMES)
def test_every_word_of_a_script_is_heard_and_shown(name: str) -> None:
    words = captions_of(name, "word").words
    unseen = [word.word for word in words if not word.is_silent and not word.shown]
    assert unseen == (["um"] if name == "censored.en" else [])
    unheard = [word.shown for word in words if word.is_silent and word.shown]
    assert [text for text in unheard if re.search(r"[^\W_]", text) and text not in FACES] == []


@pytest.mark.parametrize("preset", GOLDEN_PRESETS)
@pytest.mark.parametrize("name", NAMES)
def test_cues_show_every_word_once_and_in_order(name: str, preset: str) -> None:
    captions = captions_of(name, preset)
    shown = "".join(word.shown or "" for word in captions.words)
    in_cues = "".join(text for cue in captions.cues for text in cue.texts)
    assert "".join(in_cues.split()) == "".join(shown.split())


VOCABULARY = ["river", "stone", "apple", "winter", "garden", "music", "paper", "yellow", "silver"]
PHRASES = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=3).map(" ".join)


def around(opening: str, closing: str = "") -> st.SearchStrategy[str]:
    return PHRASES.map(lambda phrase: f"{opening}{phrase}{closing or opening}")


INLINE = st.one_of(
    PHRASES,
    *map(around, ["*", "**", "***", "_", "__", "~~", "==", "`", "``", '"']),
    around("_**", "**_"),
    around("**_", "_**"),
    around("*__", "__*"),
    around("**", ":**"),
    around("**[", "](https://example.com/a_b)**"),
    around("[**", "**](https://example.com/a_b)"),
    around("![", "](pictures/a_1.png)"),
    around("<b>", "</b>"),
    around('<span class="a_b">', "</span>"),
    around("(*", "*)"),
    around("", "[^1]"),
    around("", "…"),
    around("🎉 ", " 🎉"),
)


def block(pattern: str) -> st.SearchStrategy[str]:
    """A pattern of Markdown with something in the place of each @."""
    parts = [INLINE if char == "@" else st.just(char) for char in pattern]
    return st.tuples(*parts).map("".join)


BLOCKS = st.one_of(
    *map(
        block,
        [
            *("@ @ @.", "@, and @!", "# @", "### @ ###", "@\n=====", "> @\n> @\n>\n> — @"),
            *("- @\n- @\n  - @", "* [ ] @\n* [x] @", "+ ✅ @\n+ ❌ @", "• @\n• @", "@\n: @"),
            *("| @ | @ |\n|:--|--:|\n| @ | @ |", "@ | @\n--- | ---\n@ | @", "1. @\n2. @"),
            *("<ul>\n<li>@</li>\n<li>@</li>\n</ul>", "<p>@<br>@</p>", "[^1]: @", "---", "* * *"),
        ],
    ),
    PHRASES.map(lambda phrase: f"```python\n{phrase}\n```"),
)
ADDED = {"one", "two", "and", "1", "2"}
"""Words of the patterns, not of the phrases."""


def plain_words(text: str) -> list[str]:
    return [word for word in re.findall(r"[A-Za-z0-9]+", text) if word not in ADDED]


@settings(max_examples=300, deadline=None)
@given(st.lists(BLOCKS, min_size=1, max_size=6).map("\n\n".join), st.sampled_from([*PRESETS]))
def test_of_any_markdown_the_words_alone_are_said_and_shown(text: str, preset: str) -> None:
    unwritten = re.sub(r"\]\([^)]*\)|<[^>]*>|```python|\[x\]|\[\^1\]", " ", text)
    expected = plain_words(unwritten)
    if not expected:
        return
    script = read_script(text)
    assert plain_words(" ".join(token.spoken for token in script.tokens)) == expected
    times = [TimedToken(300.0 * i, 300.0 * (i + 1), 0.9) for i in range(len(script.tokens))]
    alignment = WindowAlignment("sphinx", times, times[-1].end_ms)
    words = time_words(script, [0] * len(script.words), [alignment], round(times[-1].end_ms))
    words = with_shown(words, WORDS_ALONE)
    found = cues(words, PRESETS[preset], words[-1].end_ms, cue_ends(script, words))
    lines = [line for cue in found for line in cue.texts]
    assert plain_words(" ".join(lines)) == expected
    # Of the marks that the patterns have, these alone are for readers.
    marks = re.sub(r"[\w\s🎉✅❌.,!:…—()\"]", "", "".join(lines))
    assert marks == ""
