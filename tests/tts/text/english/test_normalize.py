"""English normalisation of any row of signs, figures and words."""

from hypothesis import given
from hypothesis import strategies as st

from tts.text.script import TextRejected, read_script

PARTS = [
    "0", "1", "7", "000", "1,000", "3.5", "2024", "1/2", "3:16", "12:30", "1st", "2nd", "9/10",
    "1.2.3", "v2.0", "RTX", "GTA", "IV", "I", "A", "US", "IT", "Dr.", "St", "Mr.", "No.", "Vol.",
    "p.", "Jan.", "Mon", "am", "a.m.", "U.S.", "bn", "million", "USD", "R$", "Rs.", "hello",
    "World", "km", "h", "s", "<b>", "&amp;", "-", "–", "—", "--", "/", ".", "...", "…", ",", ";",
    ":", "!", "?", "'", "’", '"', "$", "€", "%", "°", "x", "²", "⁶", "₂", "½", "#", "@", "&", "+",
    "=", "<", ">", "~", "*", "(", ")", "√", "≥", "①",
    "→", "->", "‑", "⁄", "´", "′", "″", "‰", "♯", "₸", "٪", "１", "＄", ":D", "&frac12;", "<I>",
]  # fmt: skip


@given(
    st.lists(st.sampled_from([*PARTS, " ", "\n", "\u00a0"]), min_size=1, max_size=14).map("".join)
)
def test_only_letters_and_apostrophes_are_spoken(text: str) -> None:
    try:
        script = read_script(text)
    except TextRejected:
        return
    for token in script.tokens:
        assert all(letter.isalpha() or letter == "'" for letter in token.spoken)
        assert token.pause in {"", *",;:.!?"}
