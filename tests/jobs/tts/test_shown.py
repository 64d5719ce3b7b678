"""What a client asks to be shown, through a whole job and in every timing file."""

import csv
import io
import json
from typing import Any

import pysubs2

from tests.jobs.conftest import Ask
from tests.jobs.tts.test_run import path_of
from tests.timing.formats.test_page import Reader

TEXT = (
    "# Security\n\n**Damn**, this {2FA|two factor} <i>login</i> {|um} is fast 🎉\n\n"
    "- ✅ AT&amp;T says: GIF!"
)
SUBTITLES: dict[str, Any] = {
    "emoji": "strip",
    "show": {"damn": "d**n", "login": "<b>sign-in</b>", "GIF": "{\\an8}gif"},
}
SHOWN = ["Security", "D**n,", "this", "2FA", "<b>sign-in</b>", "is", "fast", "AT&T", "says:"]
LAST = "{\\an8}gif!"
WRITTEN = "# Security **Damn**, this 2FA <i>login</i> um is fast 🎉 - ✅ AT&amp;T says: GIF!"


def files_of(reply: dict[str, Any]) -> dict[str, str]:
    return {
        name: path_of(url).read_bytes().decode("utf-8-sig")
        for name, url in reply["timing_files"].items()
    }


def test_every_file_shows_what_the_client_asks_for(ask: Ask) -> None:
    reply = ask(text=TEXT, return_word_timings=True, timing_format="all", subtitles=SUBTITLES)
    files = files_of(reply)
    for name in ("srt", "vtt", "ass"):
        found = pysubs2.SSAFile.from_string(files[name])
        # The formats put word joiners into what a player would take for a tag.
        cues = [cue.text.replace("\u2060", "") for cue in found]
        assert len(cues) == len(SHOWN) + 1, name
        assert [cue for cue in cues if "sign-in" not in cue][:-1] == [
            word.replace("&", "&amp;") if name == "vtt" else word
            for word in SHOWN
            if "sign-in" not in word
        ]
        # Braces are plain text in WebVTT, angle brackets in ASS.
        assert name == "ass" or "<b>sign-in" not in files[name], name
        assert name == "vtt" or LAST not in files[name], name
    rows = list(csv.DictReader(io.StringIO(files["csv"])))
    words = json.loads(files["json"])["timing_data"]["words"]
    shown = ["", *SHOWN[:5], "", *SHOWN[5:7], "", "", "", *SHOWN[7:], LAST]
    for data in (rows, words):
        assert " ".join(word["word"] for word in data) == WRITTEN
        assert [word["shown"] for word in data] == shown
    assert [word["spoken"] for word in words][3:7] == ["this", "two factor", "login", "um"]
    assert Reader(files["html"].encode()).main.split() == [*SHOWN, LAST]


def test_a_timing_job_shows_the_same_words_in_another_way(ask: Ask) -> None:
    reply = ask(text=TEXT, return_word_timings=True, subtitles=SUBTITLES)
    again = ask(
        endpoint="timing",
        job_id=reply["job_id"],
        timing_format=["srt"],
        subtitles={"show": {"fast": "quick"}, "markup": "keep"},
    )
    cues = [cue.text for cue in pysubs2.SSAFile.from_string(files_of(again)["srt"])]
    assert "**Damn**," in cues
    assert "quick 🎉" in cues
    assert "um" not in cues
