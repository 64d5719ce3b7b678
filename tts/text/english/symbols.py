"""The English names of signs: "and" for &, "about" for the ~ of ~5, "times" for ×."""

SYMBOLS = {
    "&": "and", "+": "plus", "=": "equals", "@": "at", "%": "percent", "#": "number",
    "°": "degrees", "×": "times", "÷": "divided by", "<": "less than", ">": "greater than",
    "½": "one half", "¼": "one quarter", "¾": "three quarters", "²": "squared", "³": "cubed",
    "$": "dollars", "£": "pounds", "€": "euros", "¥": "yen", "§": "section", "©": "copyright",
    "№": "number", "₹": "rupees", "₩": "won", "₽": "rubles", "₺": "lira", "₿": "bitcoin",
    "≈": "about", "≥": "greater than or equal to", "≤": "less than or equal to",
    "≠": "does not equal", "±": "plus or minus", "√": "square root of", "∞": "infinity",
    "−": "minus", "→": "to", "←": "left", "↑": "up", "↓": "down", "‰": "per mille",
    "‱": "per ten thousand", "♯": "sharp", "♭": "flat", "♮": "natural",
    "∑": "sum", "∏": "product", "∫": "integral", "∂": "partial", "∇": "nabla", "∈": "in",
    "∉": "not in", "⊂": "subset of", "⊆": "subset of", "∪": "union", "∩": "intersection",
    "∅": "empty set", "∀": "for all", "∃": "there exists", "∝": "proportional to",
    "≡": "equivalent to", "∓": "minus or plus", "∛": "cube root of", "∴": "therefore",
    "∠": "angle", "⊥": "perpendicular to", "∥": "parallel to", "¬": "not", "∧": "and", "∨": "or",
}  # fmt: skip
# Letters of formulas, and of the names of particles, stars and proteins.
GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ϵ": "epsilon",
    "ζ": "zeta", "η": "eta", "θ": "theta", "ϑ": "theta", "ι": "iota", "κ": "kappa",
    "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "ο": "omicron", "π": "pi", "ρ": "rho",
    "σ": "sigma", "ς": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "ϕ": "phi", "χ": "chi",
    "ψ": "psi", "ω": "omega",
}  # fmt: skip
# The powers that have a name: x^2.
NAMED_POWERS = {"2": "squared", "3": "cubed"}
# Signs of comparison before a number.
COMPARED = {
    "~": "about", "≈": "about", "<": "less than", ">": "greater than", "±": "plus or minus",
    "≥": "greater than or equal to", "≤": "less than or equal to", "√": "square root of",
}  # fmt: skip
SHARES = {"%": "percent", "‰": "per mille", "‱": "per ten thousand"}
OPERATORS = {
    "+": "plus", "-": "minus", "–": "minus", "−": "minus", "*": "times", "×": "times",
    "/": "divided by", "÷": "divided by", "=": "equals", "^": "to the power of",
}  # fmt: skip
# After these signs or before them stands an operand: 4! = 24, c - b.
AFTER_OPERAND = ("=", "≠", "≈", "<", ">", "≤", "≥", "+", "-", "−", "*", "×", "÷", "/")
DASHES = ("-", "–", "—", "−")
# What a rule returns for a word that is not spoken: the empty list would mean "no such word".
SILENT = [""]
