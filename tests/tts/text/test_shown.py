"""What captions show for a script's words, apart from what the voice says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.text.script import TextRejected, read_script


def shown(text: str, language: str = "en") -> str:
    words = read_script(text, language).words
    parts = (word.text if word.shown is None else word.shown for word in words)
    return " ".join(part for part in parts if part)


def said(text: str, language: str = "en") -> str:
    return " ".join(token.spoken + token.pause for token in read_script(text, language).tokens)


@pytest.mark.parametrize(
    ("text", "captions"),
    [
        ("**Hello** *dear* __old__ _friend_.", "Hello dear old friend."),
        ("A ***very* bold** word, ~~struck~~ ==lit== out.", "A very bold word, struck lit out."),
        ("**Two words** and *one, two*!", "Two words and one, two!"),
        ('**"Quoted,"** she said.', '"Quoted," she said.'),
        ("Run `make all` in ``the shell``.", "Run make all in the shell."),
        ("Call `a_b * c_d` now.", "Call a_b * c_d now."),
        ("# Title\n\nText.", "Title Text."),
        ("### Title ###\nText.", "Title Text."),
        ("Title\n=====\n\nText.", "Title Text."),
        ("One.\n\n---\n\nTwo.", "One. Two."),
        ("One.\n\n* * *\n\nTwo.", "One. Two."),
        ("- milk\n- eggs\n* bread\n+ tea\n• jam", "milk eggs bread tea jam"),
        ("- [ ] milk\n- [x] eggs", "milk eggs"),
        ("1. First\n2. Second", "1. First 2. Second"),
        ("> Quoted words\n> > and more", "Quoted words and more"),
        ("See [the docs](https://example.com/a_b) now.", "See the docs now."),
        ("See ![a cat](cat.png) and [more][1].\n\n[1]: https://example.com", "See a cat and more."),
        ("| Name | Age |\n|------|----:|\n| Ann | 9 |", "Name Age Ann 9"),
        ("Name | Age\n--- | ---\nAnn | 9", "Name Age Ann 9"),
        ("Before.\n\n```python\nprint(1)\n```\n\nAfter.", "Before. print(1) After."),
        ("<b>Bold</b> and <i>more</i>, $5<br>Call.", "Bold and more, $5 Call."),
        ("AT&amp;T &amp; others.", "AT&T & others."),
        (r"A \*starred\* word \# here.", "A *starred* word # here."),
        ("It was fast.[12] Then it stopped[3].", "It was fast. Then it stopped."),
        ("So $x^2$ grows.", "So x^2 grows."),
        ("A\u202eb and \u2066c\u2069.", "Ab and c."),
        ("_**Dead wrong.**_ **_Both_** *__all__*.", "Dead wrong. Both all."),
        ("Un**frigging**believable, un**heard**!", "Unfriggingbelievable, unheard!"),
        ("**S**pecific and **M**easurable.", "Specific and Measurable."),
        ("**Holy s**t,** **oh f**k** no.", "Holy s**t, oh f**k no."),
        ("H<sub>2</sub>O, <kbd>Ctrl</kbd>+<kbd>C</kbd>.", "H2O, Ctrl+C."),
        ("H~2~O and x^2^.", "H2O and x^2."),
        ("<ul><li>tea</li><li>milk</li></ul>", "tea milk"),
        (
            "At <https://example.com/a_b> or <me@example.com>.",
            "At https://example.com/a_b or me@example.com.",
        ),
        (r"Say \"hi\" to 20\% \{all\} \<b\>.", 'Say "hi" to 20% {all} <b>.'),
        ("Term\n: A meaning.", "Term A meaning."),
        ("> One.\n>\n> — *me*", "One. — me"),
        ("It sold well².\n\n---\n¹ In 2023.\n² In 2024.", "It sold well. In 2023. In 2024."),
        ("A cheque[1] then.\n\n[1]: https://example.com", "A cheque then."),
        ("## 3 tips", "3 tips"),
        ("Flour (190 g)\n- 3 eggs\n- 2 pears", "Flour (190 g) 3 eggs 2 pears"),
        ("**Note: **It is **bold ** here.", "Note: It is bold here."),
        ("So【4†source】, it is:contentReference[oaicite:0]{index=0}.", "So, it is."),
        ("> [!NOTE]\n> Read it.", "NOTE Read it."),
        ("One\\\ntwo.", "One two."),
        ("One.\n\n────\n\nTwo.\n\n• • •\n\n⸻\n\nThree.", "One. Two. Three."),
        # These are no markup.
        ("— So **kwargs and 【so】.", "— So **kwargs and 【so】."),
        ("**The value 2 ** 3 is 8**, 4 ** 5.", "The value 2 ** 3 is 8, 4 ** 5."),
        (r"Shrug ¯\_(ツ)_/¯ ¯\\_(ツ)_/¯ ¯_(ツ)_/¯.", r"Shrug ¯\_(ツ)_/¯ ¯\_(ツ)_/¯ ¯_(ツ)_/¯."),
        ("Hi ^_^ and ^_^ -_- no -_-.", "Hi ^_^ and ^_^ -_- no -_-."),
        ("f**k this s**t.", "f**k this s**t."),
        ("**f**k** it, **b*tch**.", "f**k it, b*tch."),
        ("Ratio 5~10~15, 2**3**4 and a^b.", "Ratio 5~10~15, 2**3**4 and a^b."),
        ("<A door opens> :)", "<A door opens> :)"),
        ("It was 10\n- 3 = 7.", "It was 10 - 3 = 7."),
        ("2 * 3 * 4 and 2*3*4.", "2 * 3 * 4 and 2*3*4."),
        ("d**n it, s**t happens.", "d**n it, s**t happens."),
        ("snake_case and a_b_c stay.", "snake_case and a_b_c stay."),
        ("Price* is high.", "Price* is high."),
        ("The #1 fan of C# and #ai.", "The #1 fan of C# and #ai."),
        ("If a == b or c || d, go -> on.", "If a == b or c || d, go -> on."),
        ("Wait -- no. A - B.", "Wait -- no. A - B."),
        (r"Use snake\_case and \#tags.", "Use snake_case and #tags."),
        (r"C:\_new\_folder is here.", r"C:\_new\_folder is here."),
        ("> 5 people came.", "> 5 people came."),
        ("One *two\n\nthree* four.", "One *two three* four."),
        ("Love 🎉 it.", "Love 🎉 it."),
    ],
)
def test_captions_show_the_words_and_no_markup(text: str, captions: str) -> None:
    assert shown(text) == captions


def test_chinese_emphasis_stands_between_letters() -> None:
    assert shown("这是**重点**内容。", "zh") == "这是重点内容。"
    assert shown("# 标题\n\n这是`代码`。", "zh") == "标题 这是代码。"


def test_spaces_without_width_stay_between_khmer_words() -> None:
    text = "ខ្ញុំ\u200bស្រឡាញ់ **អ្នក**"
    assert shown(text, "km") == "ខ្ញុំ\u200bស្រឡាញ់ អ្នក"


@pytest.mark.parametrize(
    ("text", "captions", "voice"),
    [
        ("Use {2FA|two factor} now.", "Use 2FA now.", "Use two factor now."),
        ("Use { 2FA | two factor }, now.", "Use 2FA, now.", "Use two factor, now."),
        ("In {New York|N Y C}!", "In New York!", "In N Y C!"),
        ("So {|um} yes.", "So yes.", "So um yes."),
        ("Yes {ha|} sure.", "Yes ha sure.", "Yes sure."),
        ("No. {|Um}, {|er}. Yes.", "No. Yes.", "No. Um, er. Yes."),
        ("{d**n|damn} it.", "d**n it.", "damn it."),
        ("**{2FA|two factor}** on.", "2FA on.", "two factor on."),
        ("On {5/6|5 June}.", "On 5/6.", "On the fifth of June."),
        ('The <sub alias="World Wide Web">W3</sub>.', "The W3.", "The World Wide Web."),
        ("{A|a b}{C|c d}.", "AC.", "a bc d."),
        ("A｛2FA｜two factor｝.", "A2FA.", "Atwo factor."),
        # These are text.
        ("{a|b|c} stays.", "{a|b|c} stays.", "a b c, stays."),
        ("{happy} me.", "{happy} me.", "happy, me."),
    ],
)
def test_a_word_is_shown_in_one_way_and_said_in_another(
    text: str, captions: str, voice: str
) -> None:
    assert (shown(text), said(text)) == (captions, voice)


def test_what_is_shown_and_said_is_one_word_of_the_script() -> None:
    script = read_script("In {New York|N Y C} [pause:1s] now.")
    assert [word.text for word in script.words] == ["In", "New York", "now."]
    assert script.text == "In New York now."
    assert [token.word for token in script.tokens] == [0, 1, 1, 1, 2]
    assert all(token.char_end <= script.words[token.word].char_end for token in script.tokens)
    assert script.directives[0].word == 2


def test_a_script_that_says_nothing_is_refused() -> None:
    with pytest.raises(TextRejected):
        read_script("{♪|} {ha|}")


MARKS = st.sampled_from([*"*_`~=#>|-[](){}<&;\\$\n !a1字", "**", "```", "---", "<b>", "&amp;"])


@settings(max_examples=500, deadline=None)
@given(st.lists(MARKS, max_size=40).map("".join))
def test_every_word_that_is_heard_is_shown(text: str) -> None:
    try:
        script = read_script(text)
    except TextRejected:
        return
    heard = {token.word for token in script.tokens}
    for index, word in enumerate(script.words):
        assert script.text[word.char_start : word.char_end] == word.text
        if index in heard and "|" not in text:
            assert word.shown is None or word.shown
        assert word.shown is None or word.shown == " ".join(word.shown.split())
