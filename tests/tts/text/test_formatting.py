"""What is a tag of HTML or SSML and what is text, and that blanking moves no word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.text.formatting import blank_markup, blank_tags, find_tags

PARTS = [
    "<", ">", "</", "/>", "<b>", "</b>", "<I>", "<time", ' a="1"', " x='", '"', "=", " open",
    "<!--", "-->", "<script>", "</script>", "<!DOCTYPE html>", "<?xml ?>", "&amp;", "&frac12;",
    "&#0;", "&", ";", "[x](", "https://a.b", ")", "\n+ ", "\n> ", "\n→ ", "a", "5", " ", "\n",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("<b>a</b>", ["<b>", "</b>"]),
        ("<I>a</I> and <Q>", ["<I>", "</I>"]),
        ("<p>a<p>b", ["<p>", "<p>"]),
        ("<A door opens> Who is there?", []),
        ("if a <b and c> d", []),
        ("Dear <title> <name>, at <time>", []),
        ("<time>5</time> at <time>", ["<time>", "</time>", "<time>"]),
        ('<time datetime="12:00"> x', ['<time datetime="12:00">']),
        ("a</section> b <track/>", ["</section>", "<track/>"]),
        ("<video controls muted>x", ["<video controls muted>"]),
        ("<video games>x", []),
        ("<a href=x.html>x", ["<a href=x.html>"]),
        ("<a href=“x y”>x", ["<a href=“x y”>"]),
        ('<img alt="a > b" src=x/>', ['<img alt="a > b" src=x/>']),
        ('<say-as interpret-as="date">', ['<say-as interpret-as="date">']),
        ("<amazon:effect name='whispered'>", ["<amazon:effect name='whispered'>"]),
        ("std::vector<std:string> and <http://a.b>", []),
        ("<breakfast> and <b", []),
    ],
)
def test_what_is_a_tag(text: str, tags: list[str]) -> None:
    assert [match[0] for match in find_tags(text)] == tags


@pytest.mark.parametrize(
    ("text", "blank"),
    [
        ("a<!-- b\n<i> --> c", "a               c"),
        ("a <!-- b", "a <!-- b"),
        ("<style>p { x }</style>a", " " * 22 + "a"),
        ("<style> a", "<style> a"),
        ("a&#0;b&#27;", "a\u200b\u200b\u200b\u200bb\u200b\u200b\u200b\u200b\u200b"),
        ("&NotEqualTilde;", "≂\u0338" + "\u200b" * 13),
        ("&notes; R&D; &lt", "&notes; R&D; &lt"),
        ("&amp;lt;", "&\u200b\u200b\u200b\u200blt;"),
    ],
)
def test_what_a_listener_must_not_hear(text: str, blank: str) -> None:
    assert blank_markup(text) == blank


@given(st.lists(st.sampled_from(PARTS), max_size=20).map("".join))
def test_the_length_of_the_text_stays(text: str) -> None:
    assert len(blank_markup(text)) == len(blank_tags(text)) == len(text)
