"""What F5 is told to say and for how long: tokens and durations."""

import subprocess
import sys
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.engine import Reference
from tts.f5 import duration
from tts.f5 import load as f5_load
from tts.f5.files import package_file
from tts.f5.tokenizer import PLAIN, Tokenizer, read_vocab, to_model_text
from tts.text.chunks import split
from tts.text.script import read_script


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    vocab = read_vocab(package_file("infer/examples/vocab.txt"))
    return Tokenizer(vocab, f5_load.utils)


@pytest.fixture(scope="module")
def upstream(tokenizer: Tokenizer) -> ModuleType:
    """f5_tts.model.utils with its own word segmenter and pinyin."""
    tokenizer.ids("é")
    module: ModuleType = f5_load.utils
    return module


def reference(seconds: float) -> Reference:
    clip = np.zeros(round(seconds * 24_000), np.float32)
    return Reference(clip, np.zeros((0, 100), np.float32), "", (), "en", "")


def line_of(text: str, language: str = "en") -> str:
    script = read_script(text, language)
    return to_model_text(script.tokens)


WORDS = st.text("abcxyzABCXYZ'", min_size=1, max_size=12)
PLAIN_TEXT = st.lists(st.tuples(WORDS, st.sampled_from(["", *",.:;!?"])), min_size=1, max_size=8)


@given(PLAIN_TEXT)
def test_plain_text_has_upstreams_tokens(
    tokenizer: Tokenizer, upstream: ModuleType, words: list[tuple[str, str]]
) -> None:
    text = " ".join(word + mark for word, mark in words)
    assert PLAIN.fullmatch(text)
    assert list(tokenizer.tokens(text)) == upstream.convert_char_to_pinyin([text])[0]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Café olé", ["C", "a", "f", "é", " ", "o", "l", "é"]),
        ("你好", [" ", "ni2", " ", "hao3"]),
        ("e-mail", ["e", "-", "m", "a", "i", "l"]),
    ],
)
def test_other_text_has_upstreams_tokens_too(
    tokenizer: Tokenizer, text: str, tokens: list[str]
) -> None:
    assert list(tokenizer.tokens(text)) == tokens


def test_what_the_vocabulary_lacks_is_a_space(tokenizer: Tokenizer) -> None:
    assert tokenizer.ids("a\u2603a") == [tokenizer.ids("a")[0], 0, tokenizer.ids("a")[0]]


def small(upstream: ModuleType, characters: str) -> Tokenizer:
    """A tokenizer that knows these characters and the space."""
    entries = [" ", *characters]
    return Tokenizer({entry: number for number, entry in enumerate(entries)}, upstream)


@pytest.mark.parametrize(
    ("characters", "written", "read"),
    [
        ("eé", "e\u0301", "é"),
        ("e\u0301", "é", "e\u0301"),
        ("eé", "É", "é"),
        ("e\u0301", "É", "e\u0301"),
        ("E", "e", "E"),
        ("s", "ß", "ss"),
        ("\u0921\u095c", "\u095c", "\u095c"),
        ("\u0921\u095c", "\u0921\u093c", "\u095c"),
        # Its parts are known too, so it has the form that the front end gives every text.
        ("\u0921\u093c\u095c", "\u095c", "\u0921\u093c"),
        ("\u05e9\u05c1", "\ufb2a", "\u05e9\u05c1"),
        ("\ufb2a", "\u05e9\u05c1", "\ufb2a"),
    ],
)
def test_a_character_has_another_form_where_the_vocabulary_lacks_its_own(
    upstream: ModuleType, characters: str, written: str, read: str
) -> None:
    tokenizer = small(upstream, characters)
    assert tokenizer.ids(written) == [1 + characters.index(part) for part in read]
    assert tokenizer.unknown(written) == []


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Grüße, “Öl” – it’s 5.", ""),
        ("Zażółć gęślą jaźń", ""),
        ("你好，龘", ""),
        ("été ÉTÉ ẃ", ""),
        ("क्या हाल है", "क्याहलै"),
        ("a\u200cb\u00a0c\u2003d", ""),
        ("ű a ű ^ \u2603", "ű^\u2603"),
    ],
)
def test_the_characters_without_a_sound_are_told(
    tokenizer: Tokenizer, text: str, unknown: str
) -> None:
    assert tokenizer.unknown(text) == list(unknown)


def test_chinese_needs_the_syllables_and_not_the_characters(upstream: ModuleType) -> None:
    syllables = Tokenizer({" ": 0, "ni3": 1}, upstream)
    assert syllables.unknown("你好你") == ["好"]
    assert small(upstream, "你好").unknown("你好") == ["你", "好"]


def test_chinese_is_loaded_with_the_first_text_that_needs_it() -> None:
    code = (
        "import sys\n"
        "from tts.f5 import load, files, tokenizer as tokens\n"
        "vocab = tokens.read_vocab(files.package_file('infer/examples/vocab.txt'))\n"
        "tokenizer = tokens.Tokenizer(vocab, load.utils)\n"
        "tokenizer.ids('Hello there, world.')\n"
        "print('pypinyin' in sys.modules, 'rjieba' in sys.modules)\n"
        "tokenizer.ids('你好')\n"
        "print('pypinyin' in sys.modules, 'rjieba' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True", "True"]


def test_unspaced_scripts_are_not_spaced() -> None:
    assert line_of("你好，世界。", "zh").replace(",", "").replace(".", "") == "你好世界"
    assert line_of("Hello, world.") == "Hello, world."


@pytest.mark.parametrize(
    ("text", "letters"),
    [("Hello, world.", 13), ("Привет, мир.", 12), ("你好", 6), ("café", 4), ("cafe\u0301", 4)],
)
def test_a_text_is_measured_in_letters(text: str, letters: float) -> None:
    """Upstream counts UTF-8 bytes: Cyrillic would be spoken twice as slowly as Latin."""
    assert duration.measure(text) == letters


def test_the_pace_is_that_of_the_reference_within_reason() -> None:
    assert duration.letters_per_s(reference(5.0), "x" * 75) == 15.0
    assert duration.letters_per_s(reference(10.0), "Hm.") == duration.PACE[0]
    assert duration.letters_per_s(reference(1.0), "x" * 500) == duration.PACE[1]


def test_short_lines_get_more_than_their_share() -> None:
    def extra_s(letters: int) -> float:
        return duration.frames("x" * letters, 15.0, 1.0) / duration.FRAMES_PER_S - letters / 15

    assert extra_s(9) == pytest.approx(1.1, abs=0.01)
    assert extra_s(30) == pytest.approx(1.1, abs=0.01)
    assert extra_s(75) == pytest.approx(0.55, abs=0.01)
    assert extra_s(120) == pytest.approx(0.0, abs=0.01)
    assert extra_s(200) == pytest.approx(0.0, abs=0.01)
    assert duration.frames("Hi there.", 15.0, 2.0) == pytest.approx(
        duration.frames("Hi there.", 15.0, 1.0) / 2, abs=1
    )


def test_a_longer_text_never_gets_less_time() -> None:
    frames = [duration.frames("x" * letters, 15.0, 1.0) for letters in range(1, 300)]
    assert frames == sorted(frames)


@pytest.mark.parametrize("clip_s", [3.0, 8.0, 12.0])
@pytest.mark.parametrize("pace", [5.0, 9.7, 15.0, 30.0])
@pytest.mark.parametrize("speed", [0.3, 0.5, 1.0, 3.0])
def test_a_chunk_at_the_limit_fits_beside_the_reference(
    clip_s: float, pace: float, speed: float
) -> None:
    limit = duration.max_letters(reference(clip_s), pace, speed)
    room_s = duration.MAX_CHUNK_S - clip_s
    assert limit >= duration.MIN_CHUNK_LETTERS
    assert duration.seconds(limit, pace, speed) <= room_s
    assert duration.seconds(limit + 1, pace, speed) > room_s


def test_chunks_of_a_dense_script_are_shorter() -> None:
    script = read_script("天地玄黄宇宙洪荒日月盈昃辰宿列张。" * 20, "zh")
    limit = duration.max_letters(reference(8.0), 15.0, 1.0)
    for chunk in split(script, limit, duration.measure):
        assert duration.measure(to_model_text(chunk.tokens)) <= limit
