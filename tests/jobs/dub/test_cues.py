"""Subtitle files as people have them, and what of a cue is spoken."""

import pytest

from jobs.dub.cues import SubtitlesRejected, read_file

SRT = "00:00:01,000 --> 00:00:02,000\n"


def said(text: str, header: str = "") -> list[str]:
    return [cue.text for cue in read_file(f"{header}{SRT}{text}").cues]


@pytest.mark.parametrize(
    "file",
    [
        "1\n00:00:01,000 --> 00:00:02,000\nOne.\n\n2\n00:00:03,000 --> 00:00:04,500\nTwo.\n",
        "\ufeff1\r\n00:00:01,000 --> 00:00:02,000\r\nOne.\r\n\r\n2\r\n"
        "00:00:03,000 --> 00:00:04,500\r\nTwo.\r\n",
        "1\n00:00:01,000 --> 00:00:02,000\nOne.\n2\n00:00:03,000 --> 00:00:04,500\nTwo.",
        "7\n0:00:01.0 --> 0:00:02\n<i>One.</i>\n\n3\n0:00:03 --> 0:00:04,5\n{\\an8}Two.",
        "WEBVTT - a title\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:a\n\n00:01.000 --> 00:02.000"
        " align:start\n<b>One.</b>\n\nNOTE never said\n\nname\n00:03.000 --> 00:04.500\n"
        "<c.loud>Two.</c>\n",
        "00:00:03,000 --> 00:00:04,500\nTwo.\n\n00:00:01,000 --> 00:00:02,000\nOne.\n",
    ],
)
def test_files_as_people_have_them(file: str) -> None:
    read = read_file(file)
    assert [(cue.at_ms, cue.end_ms, cue.text) for cue in read.cues] == [
        (1000, 2000, "One."), (3000, 4500, "Two."),
    ]  # fmt: skip
    assert read.end_ms == 4500


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Two\nlines.", "Two lines."),
        ("[DOOR SLAMS] Who is there?", "Who is there?"),
        ("(sighs)\nWell.", "Well."),
        ("I came (as always) late.", "I came (as always) late."),
        ("♪ la la ♪\nHello.", "Hello."),
        ("- Who is it?\n- Me.", "Who is it? Me."),
        ("Wait. [pause:0.5] Go.", "Wait. [pause:0.5] Go."),
        ("[voice:anna] Hi.", "[voice:anna] Hi."),
        ("R&amp;D &lt;3 it", "R&D <3 it"),
    ],
)
def test_what_of_a_cue_is_spoken(text: str, spoken: str) -> None:
    assert said(text) == [spoken]


def test_silent_cues_count_for_the_length_and_keep_the_numbers() -> None:
    read = read_file(f"{SRT}\n\n00:00:03,000 --> 00:00:04,000\nHi.\n\n"
                     "00:00:08,000 --> 00:00:09,000\n♪♪\n")  # fmt: skip
    assert [(cue.index, cue.text) for cue in read.cues] == [(1, "Hi.")]
    assert read.end_ms == 9000
    assert "2 cues have nothing to say" in read.warnings[0]


@pytest.mark.parametrize(
    ("text", "speaker", "rest"),
    [
        ("ANNA: Hello.", "ANNA", "Hello."),
        ("- Tom: Hello.", "Tom", "Hello."),
        ("It is 10:30 now.", "", ""),
        ("http://example.com is it.", "", ""),
    ],
)
def test_the_name_before_a_colon(text: str, speaker: str, rest: str) -> None:
    [cue] = read_file(SRT + text).cues
    assert (cue.speaker, cue.after_prefix) == (speaker, rest)


def test_the_voice_tag_of_webvtt() -> None:
    [cue] = read_file("WEBVTT\n\n00:01.000 --> 00:02.000\n<v.loud Anna>Hello.</v>").cues
    assert (cue.speaker, cue.text, cue.is_tagged) == ("Anna", "Hello.", True)


def test_cues_that_begin_together_share_the_time_up_to_the_next() -> None:
    file = "".join(f"{SRT}{text}\n\n" for text in ("aaaa", "bbbbbbbb", "cccc"))
    read = read_file(f"{file}00:00:05,000 --> 00:00:06,000\nLast.")
    assert [cue.at_ms for cue in read.cues] == [1000, 2000, 4000, 5000]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("", "no line of times"),
        ("Only text.", "no line of times"),
        ("00:00:01,000 -->\nHi.", "cue 1 has no end"),
        (f"{SRT}...", "no cue with words"),
        ("99:00:00,000 --> 99:00:01,000\nHi.", "3 hours"),
        (f"{SRT}Hi.\n\n" * 3001, "3000 cues"),
        (SRT + "word " * 50_000, "200000 characters"),
    ],
)
def test_files_that_are_refused(file: str, message: str) -> None:
    with pytest.raises(SubtitlesRejected, match=message):
        read_file(file)
