import pytest

from tests.timing.test_formats import GOLDEN
from tts.ref_text import plain

SRT = """1
00:00:00,000 --> 00:00:01,200
<i>Some call me</i>

2
00:00:01,200 --> 00:00:02,000
nature,
others too.
"""
VTT = """WEBVTT - a title

NOTE not this

STYLE
::cue { color: red }

intro
00:00.000 --> 00:01.200 align:start
Some <c.loud>call</c> <00:00:00.500>me

00:01.200 --> 00:02.000
nature, others too.
"""
SAID = "Some call me nature, others too."


@pytest.mark.parametrize(
    "given",
    [
        SAID,
        "Some call  me\nnature, others too.\n",
        SRT,
        SRT.replace("\n", "\r\n"),
        "\ufeff" + SRT,
        VTT,
        'word,start_time,end_time\r\nSome,0,1\r\ncall,1,2\r\nme,2,3\r\n"nature,",3,4\r\nothers,4,5\r\n'
        "too.,5,6\r\n",
        "Speaker;Start;Text\nAnna;00:00;Some call me nature,\nAnna;00:01;others too.\n",
        "Start\tTranscript\n1\tSome call me\n2\tnature, others too.",
    ],
)
def test_every_form_gives_the_words(given: str) -> None:
    assert plain(given) == SAID


def test_plain_text_with_commas_is_no_table() -> None:
    text = "The text, they said, was long.\nIt was, in a word, endless."
    assert plain(text) == " ".join(text.split())


def test_lines_of_unequal_length_are_no_table() -> None:
    assert plain("Text, he said\nis, as ever, long") == "Text, he said is, as ever, long"


def test_our_own_files_are_read() -> None:
    said = plain((GOLDEN / "words.csv").read_text())
    assert "Dr. Ünal" in said
    assert plain((GOLDEN / "words.vtt").read_text()).startswith(said[:30])
