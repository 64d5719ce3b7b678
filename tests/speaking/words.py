"""The closed vocabulary of the F5 that speaks, and the sentences that are made of it.

Every word is one that Whisper tiny.en understands in this voice at an even pace; words that it took
for others (see tests/data/speaking/README.md) were left out.
"""

from random import Random

UNITS = ["one", "six", "seven", "nine"]
TEENS = ["ten", "twelve"]
TENS = ["twenty", "forty", "sixty", "ninety"]
SCALES = ["thousand", "million"]
NAMES = [
    "Peter",
    "Sarah",
    "Thomas",
    "Daniel",
    "George",
    "Jessica",
    "Alexander",
    "Benjamin",
]
VERBS = ["painted", "collected", "wanted"]
ADJECTIVES = [
    "yellow",
    "purple",
    "orange",
    "green",
    "small",
    "heavy",
    "famous",
    "broken",
    "different",
    "beautiful",
    "enormous",
    "wonderful",
]
NOUNS = [
    "people",
    "children",
    "animals",
    "robots",
    "computers",
    "tickets",
    "candles",
    "flowers",
    "gardens",
    "houses",
    "windows",
    "cities",
    "islands",
    "mountains",
    "bananas",
    "potatoes",
    "tomatoes",
    "dinosaurs",
    "dolphins",
    "magazines",
    "newspapers",
    "teachers",
    "bicycles",
]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Friday", "Saturday", "Sunday"]
MONTHS = ["October", "November", "December", "January", "February", "April", "August"]
TIMES = ["today", "tomorrow", "again"]
SMALL = ["and", "in", "on", "before", "after", "under", "every", "doctor"]

WORDS = tuple(
    UNITS
    + TEENS
    + TENS
    + SCALES
    + NAMES
    + VERBS
    + ADJECTIVES
    + NOUNS
    + WEEKDAYS
    + MONTHS
    + TIMES
    + SMALL
)


def number(random: Random) -> str:
    """A number in words, from one to some millions."""
    kind = random.random()
    if kind < 0.5:
        return random.choice(UNITS + TEENS + TENS)
    if kind < 0.7:
        return f"{random.choice(TENS)} {random.choice(UNITS)}"
    return f"{random.choice(UNITS + TEENS + TENS)} {random.choice(SCALES)}"


def day(random: Random) -> str:
    """When something happens: "on Monday", "in October", "today"."""
    kind = random.random()
    if kind < 0.4:
        return f"on {random.choice(WEEKDAYS)}"
    return f"in {random.choice(MONTHS)}" if kind < 0.7 else random.choice(TIMES)


def things(random: Random) -> str:
    """A number of things: "seven yellow houses"."""
    adjective = f"{random.choice(ADJECTIVES)} " if random.random() < 0.7 else ""
    return f"{number(random)} {adjective}{random.choice(NOUNS)}"


def clause(random: Random) -> str:
    """A sentence without its capital and its period."""
    kind, verb = random.random(), random.choice(VERBS)
    name, other = random.sample(NAMES, 2)
    if kind < 0.65:
        end = f" {day(random)}" if random.random() < 0.5 else ""
        return f"{name} {verb} {things(random)}{end}"
    if kind < 0.82:
        return f"{name} and {other} {verb} {things(random)}"
    return f"{day(random)}, {name} {verb} {things(random)}"


def sentence(random: Random) -> str:
    """A sentence with a capital and a period; one of seven has its words in no order."""
    text = clause(random)
    if random.random() < 0.15:
        text = " ".join(random.choice(WORDS) for _ in range(random.randint(3, 7)))
    return f"{text[0].upper()}{text[1:]}."
