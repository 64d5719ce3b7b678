"""Formulas of LaTeX in a script: $x^2$, $$a+b$$, \\(E=mc^2\\), \\frac{1}{2}.

They become the same formula in plain signs, of the same length, so that the offsets of its words
stay: zero-width characters fill the rest, and spaces stay where they are.
"""

import re
from re import Match

_FILLER = "\u200b"
# A closing sign has no space before it and no letter or figure after it, so that $5 and $10 are
# prices, and $HOME:$PATH are names.
_MATH = re.compile(
    r"\$\$(?P<display>[^$]{1,300})\$\$"
    r"|(?<![\\$\w])\$(?P<inline>(?![\s$])[^$\n]{1,200})(?<![\s\\])\$(?![\w$])"
    r"|\\\((?P<round>[^\n]{1,200}?)\\\)"
    r"|\\\[(?P<square>.{1,300}?)\\\]",
    re.DOTALL,
)
_FRACTION = re.compile(r"\\[dt]?frac\{([^{}\s]{1,30})\}\{([^{}\s]{1,30})\}")
# What is left between the two parts of a fraction with brackets or spaces in it.
_OVER = re.compile(r"\}\{(?:(?P<below>[^{}\s]{1,30})\})?")
_ROOT = re.compile(r"\\sqrt\{([^{}\s]{1,30})\}")
_COMMAND = re.compile(r"\\([A-Za-z]{1,20}|[^\sA-Za-z])")
_WORDS = re.compile(r"[A-Za-z]{2,}")
_MARKS = re.compile(r"\\[A-Za-z]|[\^_{}]")
_DIVIDED = re.compile(r"(?<=[A-Za-z)])/|/(?=[A-Za-z(])")
# Commands and the signs that they stand for. The others only format.
_NAMES = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ",
    "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ",
    "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
    "varepsilon": "ε", "varphi": "φ", "vartheta": "θ",
    "times": "×", "cdot": "×", "div": "÷", "pm": "±", "leq": "≤", "le": "≤", "geq": "≥",
    "ge": "≥", "neq": "≠", "ne": "≠", "approx": "≈", "equiv": "≡", "propto": "∝", "infty": "∞",
    "sum": "∑", "prod": "∏", "int": "∫", "partial": "∂", "nabla": "∇", "to": "→",
    "rightarrow": "→", "in": "∈", "notin": "∉", "subset": "⊂", "cup": "∪", "cap": "∩",
    "forall": "∀", "exists": "∃", "circ": "°", "degree": "°", "lt": "<", "gt": ">",
    "sin": "sin", "cos": "cos", "tan": "tan", "log": "log", "ln": "ln", "exp": "exp",
    "lim": "lim", "max": "max", "min": "min", "sqrt": "√",
    "%": "%", "$": "$", "&": "&", "#": "#", "_": "_",
}  # fmt: skip
# A dollar sign that is no mark of a formula: \$5.
_ESCAPED = re.compile(r"\\(?=\$[\d.])")
# Letters that no formula has side by side, unless they name a function.
_FUNCTIONS = {"sin", "cos", "tan", "log", "ln", "exp", "lim", "max", "min", "mod", "gcd", "ab"}


def plain_math(text: str) -> str:
    """The text with the formulas of LaTeX in plain signs. Its length and its spaces stay."""
    if "\\" not in text and "$" not in text:
        return text
    text = _ESCAPED.sub(_FILLER, _MATH.sub(_formula, text))
    return _ROOT.sub(_root, _FRACTION.sub(_fraction, text)) if "\\" in text else text


def _formula(match: Match[str]) -> str:
    content = match[match.lastgroup or 0]
    if match.lastgroup in ("inline", "display") and not _is_math(content):
        return match[0]
    mark = (len(match[0]) - len(content)) // 2
    plain = _COMMAND.sub(_command, _ROOT.sub(_root, _FRACTION.sub(_fraction, content)))
    if "frac{" in content:
        plain = _OVER.sub(_over, plain)
    plain = re.sub("[{}]", _FILLER, plain).replace("-", "−")
    plain = _DIVIDED.sub("÷", plain.replace("^°", f"°{_FILLER}"))
    # What ends a sentence stays at the last word: f(3). Then
    is_end = match.string[match.end() : match.end() + 1] in (".", ",", ";", ":", "!", "?")
    return " " * mark + plain + (_FILLER if is_end else " ") * mark


def _is_math(content: str) -> bool:
    """Whether what stands between two dollar signs is a formula rather than words and prices."""
    if _MARKS.search(content):
        return True
    return all(word in _FUNCTIONS or word in ("AB", "BC", "AC") for word in _WORDS.findall(content))


def _fraction(match: Match[str]) -> str:
    above, below = match.groups()
    joint = "/" if above.isdecimal() and below.isdecimal() else " over "
    return f" {above}{joint}{below}".ljust(len(match[0]))


def _over(match: Match[str]) -> str:
    return f" ÷ {match['below']}" if match["below"] else f"÷{_FILLER}"


def _root(match: Match[str]) -> str:
    return f"√{match[1]}".ljust(len(match[0]), _FILLER)


def _command(match: Match[str]) -> str:
    """The sign of a command; nothing for one that only formats."""
    following = match.string[match.end() : match.end() + 1]
    filler = " " if following.isalnum() or following == "\\" else _FILLER
    return _NAMES.get(match[1], "").ljust(len(match[0]), filler)
