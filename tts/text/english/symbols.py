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
}  # fmt: skip
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
DASHES = ("-", "–", "—", "−")
# What a rule returns for a word that is not spoken: the empty list would mean "no such word".
SILENT = [""]
