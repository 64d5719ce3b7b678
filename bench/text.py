"""How quick and how right the front end is: what it says for what is written.

    scripts/bench text [--rows FILE] [--write]

Times are CPU time of this thread, the best of some runs. FILE has a row a line: a language, a
written text and what is said for it, with tabs between; bench/spoken_match.py says when a row is
accepted.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bench import report
from bench.report import Row
from bench.spoken_match import is_accepted
from errors import WorkerError
from tests.support.spoken_rows import all_rows, spoken_text
from tts.text.script import read_script

RUNS, LONG_RUNS = 30, 3
LONG = 20_000
"""Characters; the most that a `tts` job may have."""

MAX_LONG_MS = 500
FIRST_RANK = ("de", "fr", "es", "it", "pt", "nl", "pl", "sv", "ru")
"""Languages of which so many percent of the rows must be accepted."""
LEAST_ACCEPTED = 80

ENGLISH = """\
On Monday, March 3rd, 2025, the city council met at 7:30 p.m. to vote on a plan that would cost
$4.2 million over five years. Dr. Helen Park, who has led the office since 2018, said that 62%
of the residents had asked for safer streets. "We counted 1,450 bicycles a day on Oak Street,"
she told the members, "and only 12 of them were inside the painted lane." The lane is 5 ft wide
and 3 miles long, and it ends without a warning at the bridge. Mr. Alvarez, of St. Mark's
School, asked why the bridge itself was left out. The answer was simple: the state owns it, and
its repair was put off until at least 2027. By 9 p.m. the room was still full. A baker described
how her van had been stopped for 45 minutes, and a student read a letter that 230 pupils had
signed. In the end the council voted 6-3 for the plan, with two small changes. The speed limit
will be 25 mph, down from 35, and the work may begin no earlier than May 1. If you have
questions, call 555-0142 or write to council@example.org; the next meeting is in two weeks.
"""
GERMAN = """\
Am Montag, dem 3. März 2025, stimmte der Stadtrat um 19:30 Uhr über einen Plan ab, der in fünf
Jahren 4,2 Millionen € kosten soll. Dr. Helene Park, die das Amt seit 2018 leitet, sagte, dass
sich 62 % der Bewohner sicherere Straßen gewünscht hätten. „Wir zählten 1.450 Räder am Tag in
der Eichenstraße“, berichtete sie, „und nur 12 davon fuhren auf dem markierten Streifen.“ Der
Streifen ist 1,5 m breit und 5 km lang, und er endet ohne jeden Hinweis an der Brücke. Herr
Albers von der Markusschule fragte, warum die Brücke selbst fehle. Die Antwort war einfach: Sie
gehört dem Land, und ihre Sanierung wurde bis mindestens 2027 verschoben. Um 21 Uhr war der Saal
noch immer voll. Eine Bäckerin erzählte, wie ihr Wagen 45 Minuten lang nicht weiterkam, und ein
Schüler las einen Brief vor, den 230 Kinder unterschrieben hatten. Am Ende stimmte der Rat mit 6
zu 3 für den Plan, allerdings mit zwei kleinen Änderungen. Künftig gilt Tempo 30 statt 50, und
die Arbeiten dürfen nicht vor dem 1. Mai beginnen. Wer Fragen hat, ruft unter 030 123456 an oder
schreibt an rat@example.org; die nächste Sitzung ist in zwei Wochen. Bis dahin liegen alle
Unterlagen, z. B. die Karten, im Rathaus in der 2. Etage aus.
"""
PROSE = {
    "en": "The old road leads along the river, and nobody knows who built its walls. ",
    "de": "Die alte Straße führt am Fluss entlang, und niemand weiß, wer ihre Mauern baute. ",
    "fr": "La vieille route longe la rivière, et personne ne sait qui a bâti ses murs. ",
    "ja": "古い道は川に沿って続き、その壁を誰が築いたのかは誰も知らない。",
    "zh": "那条老路沿着河边延伸，没有人知道它的墙是谁修建的。",
}


def paragraphs() -> list[Row]:
    """A paragraph as people write it, beside the same paragraph without the rules."""
    rows = []
    for name, language, text in (("English", "en", ENGLISH), ("German", "de", GERMAN)):
        what = f"{len(text.split())} {name} words"
        ruled_ms = _best_ms(partial(read_script, text, language), RUNS)
        plain_ms = _best_ms(partial(read_script, text, language, normalize=False), RUNS)
        rows += [
            Row(what, [ruled_ms], [], "ms", 1),
            Row(f"{what}, `normalize` off", [plain_ms], [], "ms", 1),
            Row(f"{what}, with / without the rules", [ruled_ms / plain_ms], [], "", 1),
        ]
    return rows


def long_texts() -> list[Row]:
    """The longest text of a job: prose, one word of figures, and words that are ranges."""
    rows = []
    for language, prose in PROSE.items():
        texts = {
            "prose": prose * (LONG // len(prose)),
            "figures in one word": "7" * LONG,
            "words `1-2`": "1-2 " * (LONG // 4),
        }
        for what, text in texts.items():
            best_ms = _best_ms(partial(read_script, text, language), LONG_RUNS)
            name = f"{LONG} characters, {language}, {what}"
            rows.append(Row(name, [best_ms], [], "ms", 0, MAX_LONG_MS))
    return rows


def own_rows() -> tuple[Row, str]:
    """The share of the rows of tests/data/spoken that are said to the letter; a note of counts."""
    rows = all_rows()
    good = sum(spoken_text(read_script(row.written, row.language)) == row.spoken for row in rows)
    share = 100 * good / len(rows)
    counts = Counter(row.language for row in rows).most_common()
    listed = ", ".join(f"{language} {count}" for language, count in counts)
    what = f"{len(rows)} rows of tests/data/spoken said to the letter"
    return Row(what, [share], [], "%", 1, least=100), f"rows of tests/data/spoken: {listed}"


def rows_of(path: Path) -> list[Row]:
    """The share of the rows of a file that are accepted, by language.

    Raises OSError, ValueError for a line that is no row.
    """
    total: Counter[str] = Counter()
    good: Counter[str] = Counter()
    for line in path.read_text(encoding="utf-8").splitlines():
        language, written, right = line.split("\t")[:3]
        total[language] += 1
        good[language] += is_accepted(language, _said(written, language), right)
    found = [
        Row(
            f"{count} rows of {path.name}, {language}, accepted",
            [100 * good[language] / count],
            [],
            "%",
            1,
            least=LEAST_ACCEPTED if language in FIRST_RANK else None,
        )
        for language, count in total.most_common()
    ]
    all_of_them = f"rows accepted of all {total.total()} of {path.name}"
    return [*found, Row(all_of_them, [good.total()], [], "", 0)]


def _said(written: str, language: str) -> str:
    """The spoken words of a text; nothing for one that is refused."""
    try:
        return " ".join(token.spoken for token in read_script(written, language).tokens)
    except WorkerError:
        return ""


def _best_ms(work: Callable[[], object], runs: int) -> float:
    """CPU milliseconds of the quickest run."""

    def once() -> float:
        started = time.thread_time()
        work()
        return 1000 * (time.thread_time() - started)

    return min(once() for _ in range(runs))


def main(argv: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="scripts/bench text")
    parser.add_argument("--rows", type=Path, help="a file of rows: language, written, spoken")
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    options = parser.parse_args(argv)
    machine = report.machine()
    row, note = own_rows()
    found = [*paragraphs(), *long_texts(), row]
    if options.rows:
        found += rows_of(options.rows)
    notes = ["CPU time of the best run; the worker remembers the numbers of earlier runs", note]
    report.publish(report.section("text", machine, found, notes), options.write)


if __name__ == "__main__":
    main(sys.argv[1:])
