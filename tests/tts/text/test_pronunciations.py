"""What a job or its lexicon has said for a written word."""

import pytest

from tests.support.spoken_rows import spoken_text
from tts.text.script import read_script


def test_a_pronunciation_replaces_a_whole_word() -> None:
    lexicon = {"nginx": "engine x", "SQL": "sequel"}
    assert spoken_text(read_script("NGINX, sql and SQL.", pronunciations=lexicon)) == (
        "engine x, sql and sequel."
    )


def test_a_jobs_own_pronunciation_counts_before_that_for_all_jobs() -> None:
    for_all = {"GIF": "jiff", "etc.": "and more", "SQL": "sequel"}
    own = {"gif": "gift", "etc": "and so on"}
    script = read_script("GIF, SQL, etc.", pronunciations=own, for_all_jobs=for_all)
    assert spoken_text(script) == "gift, sequel, and so on."


@pytest.mark.parametrize(
    ("written", "key", "spoken"),
    [
        ("don’t go", "don't", "doo nott go"),
        ("don't go", "don’t", "doo nott go"),
        ("cafe\u0301 noir", "caf\u00e9", "doo nott noir"),
        ("caf\u00e9 noir", "cafe\u0301", "doo nott noir"),
        ("’Cause I can", "'cause", "doo nott I can"),
        ("the cause is", "'cause", "the cause is"),
        ("Nginx's job", "nginx", "doo nott's job"),
        ("你好。再见", "你好", "doo nott. 再见"),
        ("R&amp;D is", "R&D", "doo nott is"),
        ("my nginx—the server—is", "nginx", "my doo nott, the server, is"),
        ("it runs...nginx.", "nginx", "it runs, doo nott."),
        ("an on-off—switch", "on", "an on off, switch"),
        ("yes—no", "yes—no", "doo nott"),
        ("a nginx-based @nginx", "nginx", "a nginx based at nginx"),
        ("a nginx-based one", "nginx-based", "a doo nott one"),
        ("our GIF<br>Now", "gif", "our doo nott, Now"),
        ("ngi\u00adnx is", "nginx", "doo nott is"),
        ("it´s ok", "it's", "doo nott ok"),
        ("it's ok", "it`s", "doo nott ok"),
        ("ＳＱＬ is", "sql", "doo nott is"),
        ("e‑mail me", "e-mail", "doo nott me"),
        ("STRASSE, Straße, ẞ", "straße", "doo nott, doo nott, ẞ"),
        ("STRAẞE und Strasse", "straße", "doo nott und doo nott"),
        ("İSTANBUL, Istanbul, İstanbul.", "istanbul", "doo nott, doo nott, doo nott."),
        ("IŞIK Işık ışık", "ışık", "doo nott doo nott doo nott"),
        ("IŞIK ışık", "işik", "doo nott ışık"),
        ("ΣΊΣΥΦΟΣ Σίσυφος", "σίσυφος", "doo nott doo nott"),
        ("Sql sql SQL", "SQL", "Sql sql doo nott"),
    ],
)
def test_a_pronunciation_is_found_however_it_is_written(
    written: str, key: str, spoken: str
) -> None:
    assert spoken_text(read_script(written, pronunciations={key: "doo nott"})) == spoken


def test_a_pronunciation_may_be_for_a_word_with_its_period() -> None:
    lexicon = {"Dr.": "dock tor", "etc.": "and so on", "U.S.": "you ess", "etc": "never"}
    script = read_script('"Dr. No", Etc., etc. and (the U.S.) too', pronunciations=lexicon)
    assert spoken_text(script) == "dock tor No, and so on, and so on and, the you ess too"


def test_a_key_of_another_length_moves_no_word() -> None:
    written = "İİ STRASSE İ end"
    script = read_script(written, "tr", pronunciations={"straße": "a b", "ii": "c", "end": "d"})
    found = [(token.spoken, written[token.char_start : token.char_end]) for token in script.tokens]
    assert found == [("c", "İİ"), ("a", "STRASSE"), ("b", "STRASSE"), ("İ", "İ"), ("d", "end")]
