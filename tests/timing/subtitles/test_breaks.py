"""Where cues and lines break: measured on English texts, and between words of other scripts."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from bench.captions import divided, quality
from timing.subtitles.breaks import costs
from timing.subtitles.cues import PRESETS, Cue, CueRules, cues
from timing.subtitles.units import cue_units, width
from timing.unspaced import phrase_starts
from timing.words import TimedWord

# A phrase a bar: a line may end there and nowhere else.
PHRASES = {
    "ja": [
        "皆さんは|東京|タワーの|歴史を|ご存じでしょうか。",
        "今日は|朝から|雨が|降って|いたので、|駅まで|歩いて|行く|ことに|しました。",
        "この|小さな|町には、|百年|以上|前から|続いて|いる|パン屋が|あります。",
        "彼女は|窓を|開けて、|遠くに|見える|山を|しばらく|眺めて|いた。",
        "新しい|スマートフォンを|買ったら、|まず|最初に|設定を|確認|して|ください。",
        "明日の|会議は|午後|三時から|始まりますので、|資料を|忘れずに|持って|きて|ください。",
    ],
    "zh": [
        "今天|我们|要|谈谈|这座|城市的|历史|以及|生活|在这里的|人们。",
        "如果|你|觉得|手机|越来越|慢，|可以|先|检查|一下|剩余的|存储|空间。",
        "火山|喷发|并不是|因为|岩浆|太热，|而是|因为|地下的|压力|太大。",
        "明天|早上|八点|我们|在学校|门口|集合，|然后|一起|坐车|去|博物馆。",
        "今天|我們|要|談談|這座|城市的|歷史|以及|生活|在這裡的|人們。",
        "老师|说|这个|问题|很|重要，|大家|一定|要|记住。",
    ],
    "th": [
        "วันนี้|อากาศ|ดี|มาก|เรา|จึง|ไป|เดิน|เล่น|ที่|สวน|สาธารณะ|ใกล้|บ้าน",
    ],
}  # fmt: skip
SENTENCES = [(language, marked) for language, found in PHRASES.items() for marked in found]


def spoken(text: str, character_ms: int = 200) -> list[TimedWord]:
    """Clauses without spaces, as the script has them for these languages."""
    words: list[TimedWord] = []
    now = 0
    for clause in re.findall("[^、。，]+[、。，]?", text):
        end = now + character_ms * len(clause)
        words.append(
            TimedWord(clause, now, end, 0.9, "x", True, clause, 0, no_space_before=now > 0)
        )
        now = end
    return words


def made(text: str, language: str, rules: CueRules) -> tuple[Cue, ...]:
    words = spoken(text)
    return cues(words, rules, words[-1].end_ms + 500, {len(words) - 1}, language)


@pytest.mark.parametrize("preset", [name for name in PRESETS if name != "word"])
@pytest.mark.parametrize(("language", "marked"), SENTENCES)
def test_lines_of_scripts_without_spaces_break_between_words(
    language: str, marked: str, preset: str
) -> None:
    text = marked.replace("|", "")
    rules = PRESETS[preset].for_language(language)
    lines = [line for cue in made(text, language, PRESETS[preset]) for line in cue.texts]
    assert "".join(lines) == text
    assert all(width(line) <= rules.max_chars_per_line for line in lines)
    rest = marked
    for line in lines:
        pieces, rest = pieces_of(rest, len(line))
        assert pieces == line, f"{line} tears a word of {marked}"
        rest = rest.removeprefix("|")


def pieces_of(marked: str, length: int) -> tuple[str, str]:
    """As many phrases as `length` characters hold, without bars, and what follows them."""
    taken = ""
    while marked and len(taken) < length:
        phrase, _, marked = marked.partition("|")
        taken += phrase
    return taken, marked


@pytest.mark.parametrize("lines", [1, 2, 3])
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "今天我们要谈谈这座城市的历史以及生活在这里的人们。" * 4),
        ("en", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"),
        ("en", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbau or not"),
    ],
)
def test_no_cue_has_more_lines_than_asked_for(
    language: str, text: str, preset: str, lines: int
) -> None:
    rules = replace(PRESETS[preset], max_lines=lines)
    words = spoken(text) if language == "zh" else spoken_english(text)
    found = cues(words, rules, words[-1].end_ms, (), language)
    assert max(len(cue.lines) for cue in found) <= lines
    if language == "zh":
        columns = rules.for_language("zh").max_chars_per_line
        assert all(width(line) <= columns for cue in found for line in cue.texts)


def spoken_english(text: str) -> list[TimedWord]:
    return [
        TimedWord(word, 400 * at, 400 * at + 400, 0.9, "x", True, word, 0)
        for at, word in enumerate(text.split())
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("안녕하세요", "ko"),
        ("Hello", "ja"),
        ("ຂ້ອຍຮັກເຈົ້າ", "lo"),
        ("ខ្ញុំស្រឡាញ់អ្នក", "km"),
        ("", "zh"),
    ],
)
def test_nothing_is_known_of_the_words_of_other_scripts(text: str, language: str) -> None:
    assert phrase_starts(text, language) == frozenset()


@pytest.mark.parametrize("language", ["zh", "en", "ja"])
def test_kana_are_japanese_whatever_the_language_says(language: str) -> None:
    assert phrase_starts("私は学生です", language) == {0, 2}


def test_chinese_characters_alone_are_read_in_the_language() -> None:
    assert phrase_starts("学生生活", "ja") == {0}
    assert phrase_starts("学生生活", "zh") == {0, 2}


def test_standard_breaks_after_few_function_words_and_has_even_lines() -> None:
    judged = quality(divided("standard"))
    assert judged.function_words <= 3
    assert judged.balance >= 0.9
    assert judged.alone == 0
    assert judged.shortest_ms >= 833


def test_social_breaks_after_few_function_words_and_leaves_no_word_alone() -> None:
    judged = quality(divided("social"))
    assert judged.function_words <= 10
    assert judged.alone == 0


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("en", "until", "morning"), ("en", "would", "come"), ("en", "toward", "them"),
        ("de", "während", "Müller"), ("de", "wurde", "gesagt"), ("fr", "pendant", "longtemps"),
        ("fr", "était", "venue"), ("es", "había", "visto"), ("es", "hacia", "casa"),
        ("it", "aveva", "detto"), ("it", "verso", "casa"), ("pt", "estava", "cansado"),
        ("pt", "durante", "meses"), ("nl", "tijdens", "vergaderingen"), ("nl", "zou", "komen"),
    ],
)  # fmt: skip
def test_a_function_word_keeps_the_word_after_it(language: str, before: str, after: str) -> None:
    assert cost(f"{before} {after}", language) > cost(f"casually {after}", language)


def cost(pair: str, language: str) -> float:
    """Of the break between two words."""
    return costs(cue_units(spoken_english(pair)), (), language)[1]


@pytest.mark.parametrize("noun", ["while", "will", "can", "must"])
def test_after_an_article_it_is_a_noun(noun: str) -> None:
    tied = costs(cue_units(spoken_english(f"{noun} then")), (), "en")[1]
    free = costs(cue_units(spoken_english(f"a {noun} then")), (), "en")[2]
    assert free < tied


def test_a_one_word_sentence_may_stand_alone() -> None:
    words = spoken_english("Stop. Now run to the old house by the river before it gets dark.")
    found = cues(words, PRESETS["social"], 6000, {0, len(words) - 1})
    assert found[0].texts == ("Stop.",)
    assert all(len(line) > 1 for cue in found[1:] for line in cue.lines)


def test_a_long_text_is_read_in_one_pass() -> None:
    text = "今天我们要谈谈这座城市的历史以及生活在这里的人们。" * 400
    starts = sorted(phrase_starts(text, "zh"))
    assert 0 in starts
    assert all(b - a < 12 for a, b in pairwise(starts))
