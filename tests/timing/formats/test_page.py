"""The timing page, read back by a parser of HTML: nothing lost, nothing let in."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from hypothesis import given, settings

from tests.timing.formats.test_formats import sample
from tests.timing.formats.test_roundtrip import any_captions
from timing.formats import FORMATS, htmlpage
from timing.subtitles.captions import Captions


class Reader(HTMLParser):
    """Every tag with its attributes, and what stands in <main>."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.main = ""
        self._inside = False
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = self._inside or tag == "main"

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "main"

    def handle_data(self, data: str) -> None:
        self.main += data if self._inside else ""

    def words(self) -> list[dict[str, str | None]]:
        """The attributes of each word's element."""
        return [
            attributes
            for name, attributes in self.tags
            if name == "span" and (attributes.get("class") or "").partition(" ")[0] == "word"
        ]

    def only(self, tag: str) -> dict[str, str | None]:
        (found,) = (attributes for name, attributes in self.tags if name == tag)
        return found


@settings(max_examples=200, deadline=None)
@given(any_captions())
def test_the_page_has_the_script_and_no_tag_of_it(captions: Captions) -> None:
    read = Reader(FORMATS["html"].render(captions))
    assert read.main.split() == captions.text.split()
    own = {"html", "head", "meta", "title", "style", "body", "div", "header", "audio", "p", "code"}
    own |= {"main", "span", "footer", "script"}
    assert {name for name, _ in read.tags} <= own
    before = 0
    for span in read.words():
        start_ms, end_ms = int(span["data-start"] or ""), int(span["data-end"] or "")
        assert before <= start_ms < end_ms <= captions.duration_ms
        before = end_ms


def test_estimated_words_are_marked_and_lines_kept() -> None:
    captions = sample()
    read = Reader(FORMATS["html"].render(captions))
    # The one with 9 ms is shown with the next; the last one is three Japanese characters.
    assert read.main == captions.text.replace("a<b\n-->", "a<b -->")
    unheard = [not word.is_heard for word in captions.words if word.word != "a<b"]
    marked = [word["class"] for word in read.words()]
    assert marked == ["word estimated" if one else "word" for one in [*unheard, True, True]]


def test_dotted_words_are_explained_only_where_there_are_any() -> None:
    captions = sample()
    words = tuple(replace(word, is_heard=True) for word in captions.words)
    sentence = b"Dotted words have estimated times."
    assert sentence in FORMATS["html"].render(captions)
    assert sentence not in FORMATS["html"].render(replace(captions, words=words))


def test_another_link_takes_the_place_of_the_first() -> None:
    page = FORMATS["html"].render(sample())
    assert Reader(page).only("audio")["data-link"] == "https://s3.example.com/golden-1.wav?a=1&b=2"
    again = htmlpage.with_link(page, 'https://s3.example.com/golden-1.wav?x=\\1"&y=2')
    audio = Reader(again).only("audio")
    assert audio["data-link"] == 'https://s3.example.com/golden-1.wav?x=\\1"&y=2'
    assert audio["data-beside"] == "golden-1.wav"
    assert htmlpage.with_link(again, "https://s3.example.com/golden-1.wav?a=1&b=2") == page


def test_control_characters_between_words_are_not_in_the_page() -> None:
    between = "\x0b \x0c\x00\x1b\x85\u2028\u2029\r\n\t"
    captions = sample()
    page = (
        FORMATS["html"]
        .render(replace(captions, gaps=tuple(gap and between for gap in captions.gaps)))
        .decode()
    )
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]", page)
    assert "\n \n\n\n\n\n\t" in page


def test_dots_are_explained_only_where_a_word_has_them() -> None:
    captions = sample()
    heard = replace(captions, words=tuple(replace(w, is_heard=True) for w in captions.words))
    explained = b"Dotted words have estimated times."
    assert explained in FORMATS["html"].render(captions)
    assert explained not in FORMATS["html"].render(heard)
