from pathlib import Path

import pytest

from tests.timing.formats.test_formats import GOLDEN, WORDS
from timing.formats import ALL
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
     "{\\" * 400_000, "{" * 900_000, "[Events]\nDialogue:" + "{\\t(" * 200_000,
     "[Events]\n" + "Dialogue:,,,,,,,,," * 50_000, SRT + "<v " * 300_000,
     SRT + "<font" * 200_000, "\n \n" * 300_000 + SRT, "WEBVTT\n" + "\nNOTE" * 150_000],
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


@pytest.mark.parametrize(
    "text",
    ["Text, please read\nthis, out loud", "Text, he said\nis, as ever, long",
     "Words; like these\nthat follow; are said", "Content, in a word\nis, always"],
)  # fmt: skip
def test_prose_whose_first_word_names_a_column_is_no_table(text: str) -> None:
    assert transcript_text(text) == " ".join(text.split())


@pytest.mark.parametrize(
    "given",
    ["start, end, text\n0, 1, Some call me\n1, 2, others",
     "Speaker, Text\nA, Some call me\nB, others", "a,text\n1,Some call me\n2,others"],
)  # fmt: skip
def test_a_table_with_spaces_after_its_commas(given: str) -> None:
    assert transcript_text(given) == "Some call me others"


ROLLING = """WEBVTT
Kind: captions
Language: en

00:00:00.160 --> 00:00:02.389 align:start position:0%
\x20
some<00:00:00.400><c> call</c><00:00:00.640><c> me</c>

00:00:02.389 --> 00:00:02.399 align:start position:0%
some call me
\x20

00:00:02.399 --> 00:00:04.400 align:start position:0%
some call me
nature<00:00:02.800><c> others</c><00:00:03.000><c> too</c>

00:00:04.400 --> 00:00:04.410 align:start position:0%
nature others too
\x20

00:00:04.410 --> 00:00:06.000 align:start position:0%
nature others too
no<00:00:05.000><c> no</c>
"""


def srt(*cues: str) -> str:
    blocks = [
        f"{n}\n00:00:{n:02},000 --> 00:00:{n + 1:02},000\n{cue}\n" for n, cue in enumerate(cues, 1)
    ]
    return "\n".join(blocks)


def test_captions_that_roll_give_each_word_once() -> None:
    assert transcript_text(ROLLING) == "some call me nature others too no no"
    assert transcript_text(srt("a b", "a b\nc d", "c d\ne f", "e f")) == "a b c d e f"
    assert transcript_text(srt("some", "some call", "some call me")) == "some call me"


@pytest.mark.parametrize(
    "cues",
    [("No!", "No!", "No!"), ("Hello.", "Hello. How are you?"), ("Row, row", "row, row", "row, row"),
     ("a b", "b c", "c d"), ("Go.", "Go on.", "Stop.", "Look.", "Run.")],
)  # fmt: skip
def test_what_is_said_twice_is_kept_twice(cues: tuple[str, ...]) -> None:
    assert transcript_text(srt(*cues)) == " ".join(cues)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("if a < b and c > d", "if a < b and c > d"),
        ("if a <b and c> d", "if a <b and c> d"),
        ("<A door opens> Who?", "<A door opens> Who?"),
        ("<i>R&amp;D</i> <b>&amp;lt;</b>", "R&D &lt;"),
        ('<font color="#fff">Hi</font> <c.loud>you</c>', "Hi you"),
        ("<v Anna Smith>Hi</v> <lang en>you</lang> <00:01.5>now", "Hi you now"),
        ("今天天气\n很好，\n我们 ok\n走", "今天天气很好，我们 ok 走"),
    ],
)
@pytest.mark.parametrize("is_vtt", [False, True])
def test_tags_and_entities_of_cues(written: str, words: str, is_vtt: bool) -> None:
    given = srt(written)
    assert transcript_text("WEBVTT\n\n" + given if is_vtt else given) == words


def test_overrides_of_ass_are_tags_in_srt_alone() -> None:
    given = srt("{\\an8}Hi {you}")
    assert transcript_text(given) == "Hi {you}"
    assert transcript_text("WEBVTT\n\n" + given) == "{\\an8}Hi {you}"


@pytest.mark.parametrize(
    ("dialogue", "words"),
    [
        (r"{\an8\fs20}Some\Ncall\hme", "Some call me"),
        (r"{\k20}na{\k30}ture, a, b", "nature, a, b"),
        ("a \\{x\\} C:\\\u2060New {comment}", "a {x} C:\\New"),
        (r"{\t(400,401,\1c&H0&)}B {\t(0,1,\1c&H0&)}A", "A B"),
    ],
)
def test_what_is_said_in_an_ass_file(dialogue: str, words: str) -> None:
    given = "[Script Info]\n\n[Events]\nComment: 0,0:00:00.00,0:00:01.00,,,0,0,0,,no\n"
    given += f"Dialogue: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,{dialogue}\n"
    assert transcript_text("\ufeff" + given) == words
    assert transcript_text(given.replace("\n", "\r\n")) == words


@pytest.mark.parametrize(
    "given",
    ['{"text": "Some  call"}', '{"segments": [{"text": "Some"}, {"text": " call"}]}',
     '[{"word": "Some", "start": 0}, {"word": "call", "start": 1}]', '["Some", "call"]',
     '{"timing_data": {"words": [{"word": "Some"}, {"word": "call"}]}}'],
)  # fmt: skip
def test_json_that_holds_a_text(given: str) -> None:
    assert transcript_text(given) == "Some call"


@pytest.mark.parametrize(
    "given", ["{happy} hello", "[laughs] hello", '{"a": 1}', "[" * 100_000, "{}", "[[[[[[1]]]]]]"]
)
def test_brackets_that_are_no_json_are_text(given: str) -> None:
    assert transcript_text(given) == given


# The formats of `all`, and Whisper's: people have transcripts in no other of ours.
@pytest.mark.parametrize(
    "path",
    sorted(path for path in GOLDEN.glob("*.*") if path.suffix[1:] in {*ALL, "whisper"}),
    ids=lambda path: path.name,
)
def test_every_file_of_ours_gives_the_words_once(path: Path) -> None:
    read = transcript_text(path.read_text(encoding="utf-8-sig"))
    if path.name.startswith("chinese"):
        assert (
            read == "今天天气很好，我们一起去公园散步吧。「明天呢？」他用iPhone问我，我没有回答。"
        )
    elif path.name.startswith("hebrew"):
        assert read == "אתמול קניתי iPhone 15 Pro בחנות. The price was fine. תודה רבה לכם!"
    else:
        written = " ".join(word for word, *_ in WORDS)
        # SRT has no escape for an entity that is written.
        assert read == (written.replace("&amp;", "&") if path.suffix == ".srt" else written)


@pytest.mark.parametrize("number", ["9" * 5000, "x" + "f" * 5000, "99999999"])
def test_a_number_that_is_no_character_is_shown_as_one_that_is_missing(number: str) -> None:
    given = f"WEBVTT\n\n00:01.000 --> 00:02.000\none &#{number}; two &#233;"
    assert transcript_text(given) == "one \N{REPLACEMENT CHARACTER} two é"
