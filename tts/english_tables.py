"""The words of English that the front end knows, and what each is said as."""

TITLES = {
    "dr": "doctor", "mr": "mister", "mrs": "missus", "ms": "miz", "prof": "professor",
    "gen": "general", "col": "colonel", "capt": "captain", "lt": "lieutenant", "sgt": "sergeant",
    "rev": "reverend", "gov": "governor", "sen": "senator", "rep": "representative",
    "hon": "honorable", "mt": "mount", "ft": "fort", "st": "saint",
}  # fmt: skip
# Titles that British English writes without a period.
BARE_TITLES = {"dr", "mr", "mrs"}
MONTHS = {
    "jan": "january", "feb": "february", "mar": "march", "apr": "april", "jun": "june",
    "jul": "july", "aug": "august", "sep": "september", "sept": "september", "oct": "october",
    "nov": "november", "dec": "december",
}  # fmt: skip
MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
WEEKDAYS = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
SHORT_DAYS = {
    "mon": "Monday", "tue": "Tuesday", "tues": "Tuesday", "wed": "Wednesday", "thu": "Thursday",
    "thur": "Thursday", "thurs": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday",
}  # fmt: skip
STATES = {
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "HI", "IA", "ID", "IL", "IN",
    "KS", "KY", "LA", "MA", "MD", "ME", "MI", "MN", "MO", "MS", "MT", "NC", "ND", "NE", "NH", "NJ",
    "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR", "RI", "SC", "SD", "TN", "TX", "UT", "VA", "VT",
    "WA", "WI", "WV", "WY",
}  # fmt: skip
# After these "no." is an answer, whatever comes next.
SAYING = {
    "said", "say", "says", "saying", "answer", "answered", "replied", "told", "is", "was", "me",
    "him", "her", "them", "us", "you", "it", "with", "means", "meant",
}  # fmt: skip
# Before these 5K is a name rather than five thousand.
NAMED_BY_K = {"race", "run", "walk", "resolution", "video", "tv", "monitor", "display", "screen"}
# After these a figure is a telephone's.
DIALLED = {"call", "called", "calling", "dial", "dialed", "dialled", "dialing", "ring", "text"}
# What stands between a time and the rest of its sentence, besides weekdays and months.
TIME_ZONES = {
    "est", "edt", "et", "cst", "cdt", "ct", "mst", "mdt", "mt", "pst", "pdt", "pt", "gmt", "utc",
    "bst", "cet", "cest", "ist", "jst", "eastern", "central", "mountain", "pacific",
}  # fmt: skip
# Abbreviations only before a figure; elsewhere a word, a sentence's last one.
FIGURE_LABELS = {
    "no": "number", "nos": "numbers", "p": "page", "pp": "pages", "fig": "figure",
    "figs": "figures", "vol": "volume", "ch": "chapter", "sec": "section", "apt": "apartment",
    "est": "established",
}  # fmt: skip
ABBREVIATIONS = {
    "dr": "doctor", "mr": "mister", "mrs": "missus",
    "vs": "versus", "etc": "et cetera", "approx": "approximately", "dept": "department",
    "inc": "incorporated", "ltd": "limited", "co": "company", "corp": "corporation",
    "jr": "junior", "sr": "senior", "ave": "avenue", "blvd": "boulevard", "rd": "road",
    "govt": "government", "misc": "miscellaneous", "e.g": "for example", "i.e": "that is",
    "al": "al", "ph.d": "P H D", "tsp": "teaspoon", "tbsp": "tablespoon",
}  # fmt: skip
# Something always follows these in their sentence, ...
NEVER_LAST = {"vs", "e.g", "i.e", "approx", "mr", "mrs", "dr"}
# ... and often a name follows these, so that a capital letter alone does not begin a sentence.
BEFORE_NAMES = {"jr", "sr", "inc", "co", "corp", "ltd", "ph.d", "dept", "ave", "blvd", "rd"}
# Words that begin a sentence more often than they continue a name.
STARTERS = {
    "A", "After", "All", "Also", "An", "And", "Are", "As", "At", "Because", "Before", "But", "By",
    "Can", "Did", "Do", "Does", "During", "Each", "Even", "Every", "Finally", "For", "From", "He",
    "Her", "Here", "His", "How", "However", "I", "If", "In", "Is", "It", "Its", "Let", "Many",
    "Maybe", "Meanwhile", "Most", "My", "Nobody", "Not", "Now", "Of", "On", "Once", "One", "Or",
    "Our", "Perhaps", "Please", "She", "Since", "So", "Some", "Still", "That", "The", "Their",
    "Then", "There", "These", "They", "This", "Those", "Though", "To", "Today", "Two", "Under",
    "Until", "Was", "We", "Were", "What", "When", "Where", "Which", "While", "Who", "Why", "Will",
    "With", "Yes", "Yet", "You", "Your",
}  # fmt: skip
# After these a lone capital letter is a letter, "A" too, and "4B" is no four billion.
LETTER_LABELS = {
    "an", "apartment", "appendix", "apt", "block", "building", "category", "class", "exhibit",
    "figure", "flat", "flight", "gate", "grade", "group", "hepatitis", "letter", "level", "line",
    "option", "part", "plan", "platform", "point", "room", "row", "seat", "section", "series",
    "suite", "team", "type", "unit", "vitamin", "zone",
}  # fmt: skip
# Next to these a capital A is no article.
BEFORE_LETTERS = {"an", "the", "straight", "&", "+", "="}
AFTER_LETTERS = {"&", "+", "=", "and", "or", "to", "is"}
# Before these a figure of four is a quantity rather than a year.
COUNTED = {
    "acres", "books", "bucks", "calories", "cars", "cents", "copies", "days", "degrees", "dollars",
    "employees", "euros", "feet", "files", "followers", "gallons", "grams", "hours", "houses",
    "items", "jobs", "kilometers", "liters", "members", "men", "meters", "miles", "minutes",
    "months", "pages", "people", "photos", "points", "pounds", "seats", "seconds", "soldiers",
    "songs", "steps", "students", "times", "tons", "units", "users", "views", "volts", "votes",
    "watts", "weeks", "women", "words", "workers", "yards", "years", "yen",
}  # fmt: skip
UNITS = {
    "lb": "pound", "lbs": "pounds", "oz": "ounce", "kg": "kilogram", "g": "gram",
    "mg": "milligram", "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter",
    "mi": "mile", "ft": "foot", "in": "inch", "yd": "yard", "hr": "hour", "hrs": "hours",
    "h": "hour", "min": "minute", "mins": "minutes", "sec": "second", "secs": "seconds",
    "s": "second", "ms": "millisecond", "l": "liter", "ml": "milliliter", "gb": "gigabyte",
    "mb": "megabyte", "kb": "kilobyte", "tb": "terabyte", "hz": "hertz", "khz": "kilohertz",
    "mhz": "megahertz", "ghz": "gigahertz", "kw": "kilowatt", "kwh": "kilowatt hour",
    "w": "watt", "v": "volt", "mph": "miles per hour", "kmh": "kilometers per hour",
    "km/h": "kilometers per hour", "m/s": "meters per second", "fps": "frames per second",
    "°c": "degrees celsius", "°f": "degrees fahrenheit", "°": "degree", "px": "pixel",
    "tsp": "teaspoon", "tbsp": "tablespoon",
}  # fmt: skip
# Units that are words or letters of their own too: read as units only when joined to the number.
JOINED_ONLY = {"in", "m", "s", "h", "g", "l", "v", "w"}
# The symbols of these are capitals; other units of one letter are units in lower case only (5G).
CAPITAL_UNITS = "LVW"
# What is counted by: "60 miles/hour", "$5/mo".
RATES = {
    "second": "second", "sec": "second", "s": "second", "minute": "minute", "min": "minute",
    "hour": "hour", "hr": "hour", "h": "hour", "day": "day", "d": "day", "week": "week",
    "wk": "week", "month": "month", "mo": "month", "year": "year", "yr": "year",
    "person": "person",
}  # fmt: skip
UNCOUNTED = ("per hour", "per second", "celsius", "fahrenheit", "hertz")
IRREGULAR = {"foot": "feet", "inch": "inches"}
CURRENCIES = {
    "$": ("dollar", "cent"), "£": ("pound", "penny"), "€": ("euro", "cent"), "¥": ("yen", "sen"),
}  # fmt: skip
PLURALS = {"penny": "pence", "yen": "yen", "sen": "sen"}
SCALES = {
    "k": "thousand", "m": "million", "mn": "million", "b": "billion", "bn": "billion",
    "t": "trillion",
}  # fmt: skip
SCALE_WORDS = {"hundred", "thousand", "million", "billion", "trillion"}
SYMBOLS = {
    "&": "and", "+": "plus", "=": "equals", "@": "at", "%": "percent", "#": "number",
    "°": "degrees", "×": "times", "÷": "divided by", "<": "less than", ">": "greater than",
    "½": "one half", "¼": "one quarter", "¾": "three quarters", "²": "squared", "³": "cubed",
    "$": "dollars", "£": "pounds", "€": "euros", "¥": "yen", "§": "section", "©": "copyright",
    "№": "number",
}  # fmt: skip
# Acronyms that are said as words; other short ones in capitals are said letter by letter.
SPOKEN_ACRONYMS = {
    "NASA", "NATO", "UNESCO", "UNICEF", "OPEC", "AIDS", "LASER", "RADAR", "SCUBA", "NAFTA",
    "FIFA", "NIMBY", "YOLO", "SWAT", "POTUS", "SCOTUS", "FEMA", "GIF", "JPEG", "RAM", "ROM",
    "PIN", "SIM", "LAN", "WAN", "COVID", "ASAP", "TED",
}  # fmt: skip
# Two- and three-letter words that people write in capitals for emphasis.
SHORT_WORDS = {
    "A", "I", "AM", "AN", "AND", "ANY", "ARE", "AS", "AT", "ALL", "BE", "BUT", "BY", "CAN",
    "DAY", "DID", "DO", "END", "FAR", "FEW", "FOR", "GET", "GO", "GOT", "HAD", "HAS", "HE",
    "HER", "HIM", "HIS", "HOW", "IF", "IN", "IS", "IT", "ITS", "LET", "ME", "MY", "NEW", "NO",
    "NOT", "NOW", "OF", "OFF", "OH", "OK", "OLD", "ON", "ONE", "OR", "OUR", "OUT", "OWN", "PUT",
    "RUN", "SAY", "SEE", "SHE", "SO", "THE", "TO", "TOO", "TRY", "TWO", "UP", "US", "USE", "WAS",
    "WAY", "WE", "WHO", "WHY", "WIN", "YES", "YET", "YOU", "HOT", "BIG", "BAD", "BUY", "TOP",
    "FUN", "MAN", "BOY",
}  # fmt: skip
