"""The benchmarks' tables: their text, and that writing one section keeps the others."""

from pathlib import Path

import pytest

from bench import engine, report, text
from bench.report import Row
from bench.spoken_match import is_accepted

START = Row("cold start", [3.0, 2.0, 4.0], [6.0, 8.0], "s", 1, 0.55, stretch=0.45)
OWN = Row("own time", [60.0], [], "ms", 0, 50)


def test_a_table_is_aligned_and_says_whether_bars_are_met() -> None:
    assert report.table([START, OWN]) == (
        "| what       | ours               | upstream           | ratio | bar              "
        "          |                  |\n"
        "|------------|--------------------|--------------------|-------|------------------"
        "----------|------------------|\n"
        "| cold start | 3.0 s (2.0 to 4.0) | 7.0 s (6.0 to 8.0) | 0.43  | at most 0.55, str"
        "etch 0.45 | met, stretch met |\n"
        "| own time   | 60 ms              |                    |       | at most 50 ms    "
        "          | not met          |"
    )


def test_a_bar_is_on_the_ratio_or_on_ours_alone() -> None:
    assert START.judged == 3.0 / 7.0
    assert OWN.judged == 60.0
    assert "| at least 1.5 | met |" in report.table([Row("more", [1.6], [], "", 2, least=1.5)])


def test_a_section_takes_the_place_of_its_older_self_and_keeps_the_others() -> None:
    first = report.section("engine", "A machine.", [START], ["a note"])
    other = report.section("timing", "A machine.", [OWN], [])
    document = report.with_section(report.with_section("", first), other)
    assert document == f"{report.TITLE}\n{first}\n{other}"
    newer = report.section("engine", "Another machine.", [OWN], [])
    assert report.with_section(document, newer) == f"{report.TITLE}\n{newer}\n{other}"
    assert report.with_section(document, first) == document


def test_import_times_are_summed_by_package() -> None:
    said = (
        "import time: self [us] | cumulative | imported package\n"
        "import time:    500000 |     500000 |   torch._C\n"
        "import time:   1000000 |    1500000 | torch\n"
        "2026-11-23 INFO [-] ready: engine f5 on cpu\n"
        "import time:       250 |        250 | json\n"
    )
    assert engine.import_seconds(said) == {"torch": 1.5, "json": 0.00025}


def test_a_script_is_whole_sentences_of_at_most_its_length() -> None:
    for length in (engine.SHORT_SCRIPT, engine.SCRIPT):
        text = engine.script(length)
        assert length - 50 < len(text) <= length
        assert text.endswith(".")
        assert "  " not in text


@pytest.mark.parametrize(
    ("language", "said", "right"),
    [
        (
            "en",
            "Twenty one hundred, and oh five kilometers",
            "twenty-one hundred zero five kilometres",
        ),
        ("en", "it's the naïve one", "its the naive one"),
        ("en", "minus two", "two below zero | negative two"),
        ("fr", "dix sept à l’école", "dix-sept a l'ecole"),
        ("de", "Zwei Straßen", "zwei strassen"),
        ("ru", "всё", "все"),
        ("zh", "两点〇五", "二點零五"),
        ("ja", "ﾃｽﾄ〇", "テスト零"),
    ],
)
def test_what_no_listener_minds_is_accepted(language: str, said: str, right: str) -> None:
    assert is_accepted(language, said, right)


@pytest.mark.parametrize(
    ("language", "said", "right"),
    [
        ("en", "twenty two", "twenty one | twenty three"),
        ("en", "point five", "zero point five"),
        ("de", "schon", "schön"),
        ("sv", "tva", "två"),
        ("zh", "三点", "三"),
    ],
)
def test_another_word_is_not(language: str, said: str, right: str) -> None:
    assert not is_accepted(language, said, right)


def test_the_rows_of_a_file_are_counted_by_language(tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text(
        "en\t2 cats\ttwo cats\nen\t2 cats\ttwo dogs | two cats\tnote\nen\t!\tnothing\n"
        "de\t2 Katzen\tdrei Katzen\n"
    )
    assert [(row.what, row.judged, row.least) for row in text.rows_of(path)] == [
        ("3 rows of mine.tsv, en, accepted", pytest.approx(200 / 3), None),
        ("1 rows of mine.tsv, de, accepted", 0, 80),
        ("rows accepted of all 4 of mine.tsv", 2, None),
    ]


def test_the_paragraphs_that_are_timed_have_about_200_words() -> None:
    assert all(195 <= len(part.split()) <= 215 for part in (text.ENGLISH, text.GERMAN))


def test_the_locks_of_both_sides_pin_the_same_versions() -> None:
    ours, upstream = (
        {
            line.split("==")[0]: line
            for line in Path("requirements", f"{name}.txt").read_text().splitlines()
            if "==" in line
        }
        for name in ("worker", "upstream")
    )
    common = ours.keys() & upstream.keys()
    assert {"torch", "f5-tts", "whisperx", "runpod", "boto3", "transformers"} <= common
    assert {name: ours[name] for name in common} == {name: upstream[name] for name in common}
    assert {"gradio", "wandb", "datasets", "bitsandbytes"} <= upstream.keys() - ours.keys()
