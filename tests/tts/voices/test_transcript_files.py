import pytest

from tests.timing.formats.test_formats import GOLDEN
from tts.voices.transcript_files import transcript_text

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
    assert transcript_text(given) == SAID


@pytest.mark.parametrize(
    "given",
    [
        SRT.replace("\n\n", "\n"),
        SRT.replace("\n", "\r"),
        SRT.replace("\n", "\r\r\n"),
        SRT.replace("nature,\n", "nature,\n\n"),
        SRT.replace("1\n00", "00").replace("2\n00", "00"),
        SRT.replace(",000", "").replace(",200", ""),
        VTT.replace("\n\n0", "\n0"),
        VTT.replace("\n", "\r"),
    ],
)
def test_cues_may_be_badly_spaced(given: str) -> None:
    assert transcript_text(given) == SAID


def test_a_number_that_is_said_is_kept() -> None:
    times = "00:00:00,000 --> 00:00:01,200\n"
    assert transcript_text(f"1\n{times}It was\n1984\n\n2\n{times}in 7.\n3") == "It was 1984 in 7. 3"
    assert transcript_text(f"{times}It was\n1984\n\n{times}in May.") == "It was 1984 in May."


@pytest.mark.parametrize(
    "given",
    [
        'text\nSome call me\n"nature, others too."',
        "Text\nSome call me\nnature, others too.",
        'Start,Text\n1,"Some\ncall"\n2,"me\r\nnature, others"\n3,too.\n',
        "sep=;\nStart;Content\n1;Some call me nature,\n2;others too.",
        "Sep=|\r\nStart|Text\r\n1|Some call me nature,\r\n2|others too.",
        'Start,Text\r1,Some call me\r2,"nature, others too."\r',
    ],
)
def test_tables_as_editors_export_them(given: str) -> None:
    assert transcript_text(given) == SAID


@pytest.mark.parametrize(
    "given",
    ["\n" * 900_000, "1\n" * 400_000, "7" * 900_000, "1:" * 400_000, "<" * 900_000,
     "{\\" * 400_000, "\n \n" * 300_000 + SRT, "WEBVTT\n" + "\nNOTE" * 150_000],
)  # fmt: skip
def test_what_is_sent_to_keep_a_worker_busy_takes_no_time(given: str) -> None:
    """With a search that tries each place anew one of these would take an hour."""
    transcript_text(given)


def test_a_quotation_mark_that_never_closes_is_text() -> None:
    text = 'He said "no' + ", never" * 20_000
    assert transcript_text(f'a,text\n1,"{text}').startswith('a,text 1,"He said')


def test_plain_text_with_commas_is_no_table() -> None:
    text = "The text, they said, was long.\nIt was, in a word, endless."
    assert transcript_text(text) == " ".join(text.split())


def test_lines_of_unequal_length_are_no_table() -> None:
    assert transcript_text("Text, he said\nis, as ever, long") == "Text, he said is, as ever, long"


def test_our_own_files_are_read() -> None:
    text = transcript_text((GOLDEN / "words.csv").read_text())
    assert "Dr. Ünal" in text
    assert transcript_text((GOLDEN / "words.vtt").read_text()).startswith(text[:30])


@pytest.mark.parametrize("number", ["9" * 5000, "x" + "f" * 5000, "99999999"])
def test_a_number_that_is_no_character_is_shown_as_one_that_is_missing(number: str) -> None:
    given = f"WEBVTT\n\n00:01.000 --> 00:02.000\none &#{number}; two &#233;"
    assert transcript_text(given) == "one \N{REPLACEMENT CHARACTER} two é"
