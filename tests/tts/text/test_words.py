"""Words as they are written: in a script without spaces, its clauses."""

import pytest

from tts.text.script import read_script

CLAUSES = [
    ("zh", "我有21个苹果。1999年，50%的人。", ["我有21个苹果。", "1999年，", "50%的人。"]),
    ("zh", "他说：“你好。”她笑了……然后走了", ["他说：", "“你好。”", "她笑了……", "然后走了"]),
    (
        "zh",
        "步骤1：5个苹果，10：30，比分3：1。",
        ["步骤1：", "5个苹果，", "10：30，", "比分3：1。"],
    ),
    ("zh", "你好,世界!再见", ["你好,", "世界!", "再见"]),
    ("en", "Say 你好，世界。ok", ["Say", "你好，", "世界。", "ok"]),
    ("ja", "「はい。」と言った。元気？", ["「はい。」", "と言った。", "元気？"]),
    ("my", "မင်္ဂလာပါ။နေကောင်းလား။", ["မင်္ဂလာပါ။", "နေကောင်းလား။"]),
    ("en", "one,two 1,000 a。", ["one,two", "1,000", "a。"]),
]


@pytest.mark.parametrize(("language", "written", "words"), CLAUSES)
def test_a_script_without_spaces_is_words_by_clause(
    language: str, written: str, words: list[str]
) -> None:
    script = read_script(written, language)
    assert [word.text for word in script.words] == words
    assert all(script.text[word.char_start : word.char_end] == word.text for word in script.words)
