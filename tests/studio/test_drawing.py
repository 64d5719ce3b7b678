"""What the canvas draws is what the job's ASS file shows: word for word, time for time."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pysubs2
import pytest
from fontTools.ttLib import TTFont

from jobs.schema.subtitles import Subtitles
from studio.captions import captions_of
from studio.drawing import ARIAL
from studio.refusal import Refusal
from tests.support.studio import Served, refused
from timing.formats import ass
from timing.subtitles.style import STYLES

SCRIPTS = {
    "en": Path("tests/data/scripts/checklist.en.md").read_text(),
    "de": Path("tests/data/scripts/news.de.md").read_text()[:300],
    "he": Path("tests/data/scripts/tips.he.md").read_text()[:200],
    "ja": Path("tests/data/scripts/morning.ja.md").read_text()[:80],
}
TAGGED = (
    'Hello [voice:bob]there {12|twelve} *friends*. [pause:300ms] 1. Mix "it"\n2. Bake :)\n\n'
    "Then <b>serve</b> [voice:default]and CHF 15 – enjoy!"
)
LOOKS: list[dict[str, Any]] = [
    {},
    {"preset": "karaoke"},
    {"preset": "standard", "resolution": "1920x1080", "speaker": "prefix"},
    {"preset": "social", "style": "active", "case": "upper", "punctuation": "strip"},
    {"preset": "netflix", "style": "box_word", "offset_ms": 120, "emoji": "strip"},
    {"preset": "social", "style": "pop", "position": "top_left", "size": 60},
    {"preset": "social", "style": "underline", "voice_colours": {"bob": "#00FF00"}},
    {"preset": "social", "style": "reveal", "past_colour": "#888888", "markup": "keep"},
    {"preset": "social", "style": "box", "margins": {"left": 300, "right": 300}},
]
_KARAOKE = re.compile(r"\\(kf?)(\d+)")


@pytest.fixture(scope="module")
def spoken(served: Served) -> dict[str, dict[str, Any]]:
    """Finished jobs by their names; `tagged` has two voices."""
    store = served.studio.worker.store
    store.put("voices/bob.wav", b"RIFF" + bytes(100), "audio/wav")
    jobs: dict[str, Any] = {
        name: {"text": text, "language": name} for name, text in SCRIPTS.items()
    }
    jobs["tagged"] = {"text": TAGGED, "pronunciations": {"bake": "roast"}}
    ids = {name: served.begin(**fields, timing_format=["json"]) for name, fields in jobs.items()}
    states = {name: served.ended(job_id) for name, job_id in ids.items()}
    for state in states.values():
        assert state["status"] == "COMPLETED", state
    return states


def drawn(served: Served, state: dict[str, Any], **subtitles: Any) -> dict[str, Any]:
    answer = served.post(f"/api/jobs/{state['id']}/captions", {"subtitles": subtitles})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def times_of(served: Served, state: dict[str, Any]) -> dict[str, Any]:
    file = next(file for file in state["files"] if file["format"] == "json")
    times: dict[str, Any] = json.loads(served.get(file["url"]).content)["timing_data"]
    return times


def ass_file(served: Served, state: dict[str, Any]) -> bytes:
    return served.get(next(f for f in state["files"] if f["format"] == "ass")["url"]).content


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.get("style") or str(len(str(look))))
@pytest.mark.parametrize("name", ["tagged", *SCRIPTS])
def test_the_captions_are_those_that_the_job_itself_makes(
    served: Served, spoken: dict[str, dict[str, Any]], name: str, look: dict[str, Any]
) -> None:
    first = spoken[name]
    job = served.studio.job(first["id"])
    again = served.run(
        **{**job.input, "timing_format": ["ass", "json"]}, based_on=first["id"], subtitles=look
    )
    assert again["status"] == "COMPLETED", again
    made = captions_of(
        served.studio.worker, look, again["output"], job.input, times_of(served, again)
    )
    assert ass.render(made).decode() == ass_file(served, again).decode()


def test_a_timing_job_has_the_same_captions(
    served: Served, spoken: dict[str, dict[str, Any]]
) -> None:
    look = {"preset": "social", "style": "active", "speaker": "prefix"}
    state = served.run(
        endpoint="timing",
        job_id=spoken["tagged"]["id"],
        timing_format=["ass", "json"],
        subtitles=look,
    )
    found = drawn(served, state, **look)
    events = pysubs2.SSAFile.from_string(ass_file(served, state).decode("utf-8-sig"))
    assert texts(found) == [event.plaintext for event in events]
    assert any("bob: " in text for text in texts(found))


def texts(found: dict[str, Any]) -> list[str]:
    """The cues as they are read."""
    return [
        "\n".join(
            "".join(word["space"] + word["text"] for word in line["words"]) for line in cue["lines"]
        )
        for cue in found["cues"]
    ]


@pytest.mark.parametrize("style", STYLES)
def test_every_style_is_drawn_with_its_values(
    served: Served, spoken: dict[str, dict[str, Any]], style: str
) -> None:
    found = drawn(served, spoken["en"], preset="social", style=style, resolution="1920x1080")
    made = Subtitles(preset="social", style=style, resolution="1920x1080").rendering_style()
    assert (found["width"], found["height"]) == (1920, 1080)
    assert (found["effect"], found["size"]) == (made.effect, made.size)
    assert found["margins"] == {"left": 96, "right": 96, "vertical": 60}
    assert found["position"] == {"horizontal": "center", "vertical": "bottom"}
    assert found["colours"]["primary"] == made.primary_colour + "FF"
    assert found["box"] == (style == "box")
    last = 0
    for cue in found["cues"]:
        assert last <= cue["start_ms"] < cue["end_ms"]
        last = cue["end_ms"]
        for line in cue["lines"]:
            for word in line["words"]:
                assert word["start_ms"] <= word["end_ms"]
                assert word["start_ms"] % 10 == 0
                if style not in ("bold", "clean", "box", "karaoke"):
                    assert cue["start_ms"] <= word["start_ms"] <= word["end_ms"] <= cue["end_ms"]


def test_karaoke_has_the_times_of_the_file(
    served: Served, spoken: dict[str, dict[str, Any]]
) -> None:
    found = drawn(served, spoken["en"], preset="karaoke")
    made = captions_of(
        served.studio.worker,
        {"preset": "karaoke"},
        spoken["en"]["output"],
        served.studio.job(spoken["en"]["id"]).input,
        times_of(served, spoken["en"]),
    )
    events = pysubs2.SSAFile.from_string(ass.render(made).decode("utf-8-sig"))
    for cue, event in zip(found["cues"], events, strict=True):
        assert cue["sweeps"]
        assert (cue["start_ms"], cue["end_ms"]) == (event.start, event.end)
        now, swept = event.start, []
        for kind, length in _KARAOKE.findall(event.text):
            if kind == "kf":
                swept.append((now, now + 10 * int(length)))
            now += 10 * int(length)
        words = [word for line in cue["lines"] for word in line["words"]]
        assert [(word["start_ms"], word["end_ms"]) for word in words] == swept


def test_right_to_left_lines_stand_as_on_the_screen(
    served: Served, spoken: dict[str, dict[str, Any]]
) -> None:
    for style in ("active", "bold"):
        found = drawn(served, spoken["he"], preset="social", style=style)
        words = served.get(f"/api/jobs/{spoken['he']['id']}/words").json()["words"]
        hebrew = [cue for cue in found["cues"] if any("א" <= char <= "ת" for char in str(cue))]
        assert len(hebrew) > 3
        for cue in hebrew:
            assert not cue["sweeps"]
            for line in cue["lines"]:
                indices = [word["word"] for word in line["words"]]
                assert indices == sorted(indices, reverse=True)
        first = found["cues"][0]["lines"][0]["words"][-1]
        assert first["rtl"]
        assert words[first["word"]]["start_time"] * 1000 < found["cues"][0]["end_ms"]


def test_words_without_spaces_between_them_touch(
    served: Served, spoken: dict[str, dict[str, Any]]
) -> None:
    found = drawn(served, spoken["ja"], preset="social", style="active")
    spaces = [word["space"] for cue in found["cues"] for word in cue["lines"][0]["words"]]
    assert len(spaces) > 3
    assert set(spaces) == {""}


def test_a_second_language_is_drawn_beside(
    served: Served, spoken: dict[str, dict[str, Any]]
) -> None:
    text = "Hello there. This is it."
    state = served.run(text=text, timing_format="json")
    second = {"text": "Hallo. Das ist es.", "language": "de", "position": "over"}
    found = drawn(served, state, preset="social", second=second)
    assert [cue["second"]["lines"] for cue in found["cues"]] == [["Hallo."], ["Das ist es."]]
    assert found["cues"][0]["second"]["over"]
    assert found["cues"][0]["second"]["size"] == round(0.7 * found["size"])


@pytest.mark.parametrize(("name", "bold"), [("Montserrat", True), ("Anton", False)])
def test_an_embedded_font_is_served_with_its_metrics(
    served: Served, spoken: dict[str, dict[str, Any]], name: str, bold: bool
) -> None:
    found = drawn(served, spoken["en"], preset="social", font=name, embed_font=True)["font"]
    assert (found["family"], found["bold"]) == (name, bold)
    answer = served.get(found["url"])
    assert answer.headers["content-type"] == "font/ttf"
    font = TTFont(io.BytesIO(answer.content))
    high, low = font["OS/2"].usWinAscent, font["OS/2"].usWinDescent
    assert found["em"] == pytest.approx(font["head"].unitsPerEm / (high + low), abs=1e-6)
    assert found["ascent"] == pytest.approx(high / (high + low), abs=1e-6)
    assert found["ascent"] + found["descent"] == pytest.approx(1)


def test_without_an_embedded_font_arial_is_meant(
    served: Served, spoken: dict[str, dict[str, Any]]
) -> None:
    found = drawn(served, spoken["en"])["font"]
    assert (found["family"], found["url"]) == ("Arial", None)
    assert found["em"] == ARIAL.em


@pytest.mark.parametrize(
    ("subtitles", "field"),
    [
        ({"size": 5000}, "size"),
        ({"highlight_colour": "yellow"}, "highlight_colour"),
        ({"presett": "word"}, "presett"),
        ({"style": "x"}, "style"),
    ],
)
def test_a_wrong_field_is_told_as_in_a_job(
    served: Served, spoken: dict[str, dict[str, Any]], subtitles: dict[str, Any], field: str
) -> None:
    answer = served.post(f"/api/jobs/{spoken['en']['id']}/captions", {"subtitles": subtitles})
    status, code, sentence = refused(answer)
    assert (status, code) == (400, "invalid_request")
    assert field in sentence


def changed(times: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The same times, but for fields of the last word."""
    words = times["words"]
    return {**times, "words": [*words[:-1], {**words[-1], **fields}]}


def test_times_of_another_text_are_refused(
    served: Served, spoken: dict[str, dict[str, Any]]
) -> None:
    worker, state = served.studio.worker, spoken["en"]
    for output, times in (
        (state["output"] | {"text": "Other words."}, times_of(served, state)),
        (state["output"], {"words": "none"}),
        (state["output"], {}),
        (state["output"], times_of(served, state) | {"total_duration": "long"}),
        (state["output"], changed(times_of(served, state), chunk=10**12)),
        (state["output"], changed(times_of(served, state), end_time=1e308)),
        (state["output"], changed(times_of(served, state), start_time=9e4)),
    ):
        with pytest.raises(Refusal) as raised:
            captions_of(worker, {}, output, {}, times)
        assert raised.value.status == 409
