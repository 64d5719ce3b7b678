"""Formulas of LaTeX in plain signs: what is one, and that offsets stay."""

import random

import pytest

from tts.text.latex import plain_math


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("$x^2$", "x^2"),
        ("$$a - b$$", "a − b"),
        (r"\(p/q\)", "p÷q"),
        (r"\[\alpha \leq \beta\]", "α ≤ β"),
        (r"\frac{3}{4} of $\frac{a}{b}$", "3/4 of a over b"),
        (r"$\sqrt{2} \times 5$", "√2 × 5"),
        (r"$90^\circ$", "90°"),
        (r"\$5", "$5"),
    ],
)
def test_a_formula_becomes_plain_signs(text: str, plain: str) -> None:
    shown = plain_math(text).replace("\u200b", "")
    assert " ".join(shown.split()) == plain


@pytest.mark.parametrize(
    "text",
    ["$5 and $10", "A$3/$4", "$HOME:$PATH", "pay $8 + tax$", "20$ or 30$", "$$$", r"C:\new\to"],
)
def test_prices_and_names_stay(text: str) -> None:
    assert plain_math(text) == text


def test_length_and_spaces_stay() -> None:
    signs = [
        "$",
        "$$",
        "\\",
        "{",
        "}",
        "^",
        "_",
        " ",
        "x",
        "12",
        r"\frac{1}{2}",
        r"\alpha",
        r"\(",
        r"\)",
    ]
    chooser = random.Random(7)
    for _ in range(3000):
        text = "".join(chooser.choices(signs, k=12))
        plain = plain_math(text)
        assert len(plain) == len(text), text
        spaces = [index for index, sign in enumerate(text) if sign == " "]
        assert all(plain[index] == " " for index in spaces), text
