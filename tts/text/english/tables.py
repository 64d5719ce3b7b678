"""The words of English that the front end knows, and what each is said as."""

TITLES = {
    "dr": "doctor", "mr": "mister", "mrs": "missus", "ms": "miz", "prof": "professor",
    "gen": "general", "col": "colonel", "capt": "captain", "lt": "lieutenant", "sgt": "sergeant",
    "rev": "reverend", "gov": "governor", "sen": "senator", "rep": "representative",
    "hon": "honorable", "mt": "mount", "ft": "fort", "st": "saint", "adm": "admiral",
    "maj": "major", "pvt": "private", "cpl": "corporal", "cmdr": "commander", "pres": "president",
    "sec": "secretary", "fr": "father", "amb": "ambassador", "supt": "superintendent",
    "insp": "inspector", "det": "detective", "atty": "attorney", "brig": "brigadier",
}  # fmt: skip
# Titles that British English writes without a period.
BARE_TITLES = {"dr", "mr", "mrs", "ms"}
# Before a name these are holy men and heights; after a house's number and a name, its street.
BARE_PLACES = {"st", "mt"}
STREETS = {
    "st": "street", "dr": "drive", "ln": "lane", "ct": "court", "pl": "place", "ave": "avenue",
    "rd": "road", "blvd": "boulevard", "pkwy": "parkway", "ter": "terrace", "cir": "circle",
    "sq": "square",
}  # fmt: skip
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
    "figs": "figures", "vol": "volume", "ch": "chapter", "chap": "chapter",
    "sec": "section", "apt": "apartment",
    "est": "established", "max": "maximum", "min": "minimum", "c": "circa", "ca": "circa",
    "ep": "episode", "pt": "part", "hwy": "highway", "ste": "suite", "rm": "room",
    "lv": "level", "lvl": "level", "art": "article", "fl": "floor", "bldg": "building",
    "rt": "route", "rte": "route",
}  # fmt: skip
# These need no period.
BARE_LABELS = {"apt", "fig", "hwy", "lvl", "ste", "vol"}
# Before these a Roman numeral is a number too.
ROMAN_LABELS = {"vol", "ch", "chap", "pt", "sec", "fig", "ep"}
# After one of these and its figure, a letter is where it goes.
ROADS = {"rt", "rte", "route", "hwy", "highway", "interstate", "i", "u.s"}
BEARINGS = {"N": "north", "E": "east", "S": "south", "W": "west"}
ABBREVIATIONS = {
    "dr": "doctor", "mr": "mister", "mrs": "missus",
    "vs": "versus", "etc": "et cetera", "approx": "approximately", "dept": "department",
    "inc": "incorporated", "ltd": "limited", "co": "company", "corp": "corporation",
    "jr": "junior", "sr": "senior", "ave": "avenue", "blvd": "boulevard", "rd": "road",
    "govt": "government", "misc": "miscellaneous", "e.g": "for example", "i.e": "that is",
    "al": "al", "ph.d": "P H D", "tsp": "teaspoon", "tbsp": "tablespoon", "avg": "average",
    "tel": "telephone", "ext": "extension", "a.k.a": "also known as", "hwy": "highway",
    "cf": "compare", "viz": "namely", "b.sc": "B S C", "m.sc": "M S C",
    "ln": "lane", "pkwy": "parkway",
}  # fmt: skip
# Something always follows these in their sentence, ...
NEVER_LAST = {
    "vs", "e.g", "i.e", "approx", "mr", "mrs", "dr", "a.k.a", "p.s", "avg", "tel", "ext", "cf",
    "viz",
}  # fmt: skip
# ... and often a name follows these, so that a capital letter alone does not begin a sentence.
BEFORE_NAMES = {"jr", "sr", "inc", "co", "corp", "ltd", "ph.d", "dept", "ave", "blvd", "rd", "ln"}
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
    "km/h": "kilometers per hour", "kph": "kilometers per hour", "m/s": "meters per second",
    "m/s²": "meters per second squared", "fps": "frames per second",
    "°c": "degrees celsius", "°f": "degrees fahrenheit", "°": "degree", "px": "pixel",
    "tsp": "teaspoon", "tbsp": "tablespoon", "gal": "gallon", "qt": "quart",
    "kbps": "kilobits per second", "mbps": "megabits per second", "gbps": "gigabits per second",
    "mpg": "miles per gallon", "psi": "P S I", "rpm": "R P M", "bpm": "B P M", "db": "decibel",
    "cal": "calorie", "kcal": "kilocalorie", "μm": "micrometer", "nm": "nanometer",
    "mah": "milliamp hour", "ha": "hectare", "hp": "horsepower", "μg": "microgram",
    "yr": "year", "yrs": "years", "mo": "month", "mos": "months", "wk": "week", "wks": "weeks",
    "pp": "percentage point", "bps": "basis point", "pts": "points", "°k": "degrees kelvin",
    **{f"{symbol}{power}": f"{shape} {name}"
       for symbol, name in (("mm", "millimeter"), ("cm", "centimeter"), ("m", "meter"),
                            ("km", "kilometer"), ("in", "inch"), ("ft", "foot"), ("yd", "yard"),
                            ("mi", "mile"))
       for power, shape in (("²", "square"), ("³", "cubic"), ("2", "square"), ("3", "cubic"))},
}  # fmt: skip
# What stands between a figure and its unit.
SHAPES = {"sq": "square", "cu": "cubic", "fl": "fluid"}
# After these "in" is inches.
LONG = {"wide", "tall", "long", "deep", "high", "thick", "across", "x", "by"}
# The symbols of these are capitals; other units of one letter are units in lower case only (5G).
CAPITAL_UNITS = "LVW"
# What is counted by: "60 miles/hour", "$5/mo".
RATES = {
    "second": "second", "sec": "second", "s": "second", "minute": "minute", "min": "minute",
    "hour": "hour", "hr": "hour", "h": "hour", "day": "day", "d": "day", "week": "week",
    "wk": "week", "month": "month", "mo": "month", "year": "year", "yr": "year",
    "person": "person",
}  # fmt: skip
UNCOUNTED = (
    "per hour", "per second", "per gallon", "celsius", "fahrenheit", "kelvin", "hertz",
    "horsepower", "P S I", "R P M", "B P M",
)  # fmt: skip
IRREGULAR = {"foot": "feet", "inch": "inches"}
CURRENCIES = {
    "$": ("dollar", "cent"), "£": ("pound", "penny"), "€": ("euro", "cent"), "¥": ("yen", "sen"),
    "US$": ("dollar", "cent"), "A$": ("Australian dollar", "cent"),
    "AU$": ("Australian dollar", "cent"), "C$": ("Canadian dollar", "cent"),
    "CA$": ("Canadian dollar", "cent"), "HK$": ("Hong Kong dollar", "cent"),
    "NZ$": ("New Zealand dollar", "cent"), "S$": ("Singapore dollar", "cent"),
    "R$": ("real", "centavo"), "₹": ("rupee", "paisa"), "Rs": ("rupee", "paisa"),
    "Rs.": ("rupee", "paisa"), "₩": ("won", "jeon"), "₽": ("ruble", "kopeck"),
    "₺": ("lira", "kurus"), "₿": ("bitcoin", "satoshi"), "฿": ("baht", "satang"),
    "₫": ("dong", "xu"), "₪": ("shekel", "agora"), "₴": ("hryvnia", "kopiyka"),
    "₦": ("naira", "kobo"), "₱": ("peso", "centavo"), "MX$": ("Mexican peso", "centavo"),
    "NT$": ("Taiwan dollar", "cent"), "CN¥": ("yuan", "fen"), "zł": ("zloty", "grosz"),
    "Kč": ("koruna", "haler"), "kr": ("krona", "ore"),
}  # fmt: skip
CODES = {
    "USD": "U S dollar", "EUR": "euro", "GBP": "pound", "JPY": "yen", "CAD": "Canadian dollar",
    "AUD": "Australian dollar", "NZD": "New Zealand dollar", "CHF": "Swiss franc", "INR": "rupee",
    "BTC": "bitcoin", "AED": "dirham", "BRL": "real", "CNY": "yuan", "CZK": "koruna",
    "DKK": "Danish krone", "HKD": "Hong Kong dollar", "HUF": "forint", "ILS": "shekel",
    "KRW": "won", "MXN": "Mexican peso", "NOK": "Norwegian krone", "PLN": "zloty", "RUB": "ruble",
    "SEK": "Swedish krona", "SGD": "Singapore dollar", "THB": "baht", "TWD": "Taiwan dollar",
    "ZAR": "rand",
}  # fmt: skip
PLURALS = {
    "penny": "pence", "yen": "yen", "sen": "sen", "won": "won", "real": "reais", "paisa": "paise",
    "baht": "baht", "satang": "satang", "naira": "naira", "kobo": "kobo", "dong": "dong",
    "lira": "lira", "kurus": "kurus", "jeon": "jeon", "xu": "xu", "agora": "agorot",
    "krona": "kronor", "krone": "kroner", "yuan": "yuan", "rand": "rand", "fen": "fen",
    "grosz": "groszy", "ore": "ore",
}  # fmt: skip
# Before these a sum is said like one thing: a five dollar bill.
PRICED = {
    "bill", "bills", "note", "notes", "coin", "coins", "coupon", "voucher", "ticket", "tickets",
    "discount", "fee", "fine", "menu", "tip",
}  # fmt: skip
# After a sum these begin something else.
FUNCTION_WORDS = {
    "a", "an", "and", "as", "at", "but", "by", "each", "extra", "for", "from", "if", "in", "into",
    "is", "less", "more", "now", "of", "off", "on", "or", "per", "so", "than", "that", "the",
    "then", "to", "was", "when", "with", "would",
}  # fmt: skip
SCALES = {
    "k": "thousand", "m": "million", "mn": "million", "mm": "million", "mil": "million",
    "b": "billion", "bn": "billion", "t": "trillion", "tn": "trillion",
}  # fmt: skip
# These are a sum's scale when they stand apart from it.
SCALE_MARKS = {"K", "k", "M", "B", "T", "mn", "mm", "mil", "bn", "tn"}
SCALE_WORDS = {"hundred", "thousand", "million", "billion", "trillion", "lakh", "crore"}
SYMBOLS = {
    "&": "and", "+": "plus", "=": "equals", "@": "at", "%": "percent", "#": "number",
    "°": "degrees", "×": "times", "÷": "divided by", "<": "less than", ">": "greater than",
    "½": "one half", "¼": "one quarter", "¾": "three quarters", "²": "squared", "³": "cubed",
    "$": "dollars", "£": "pounds", "€": "euros", "¥": "yen", "§": "section", "©": "copyright",
    "№": "number", "₹": "rupees", "₩": "won", "₽": "rubles", "₺": "lira", "₿": "bitcoin",
    "≈": "about", "≥": "greater than or equal to", "≤": "less than or equal to",
    "≠": "does not equal", "±": "plus or minus", "√": "square root of", "∞": "infinity",
    "−": "minus", "→": "to",
}  # fmt: skip
# Before a figure these say how it compares.
COMPARED = {
    "~": "about", "≈": "about", "<": "less than", ">": "greater than", "±": "plus or minus",
    "≥": "greater than or equal to", "≤": "less than or equal to", "√": "square root of",
}  # fmt: skip
OPERATORS = {
    "+": "plus", "-": "minus", "–": "minus", "−": "minus", "*": "times", "×": "times",
    "/": "divided by", "÷": "divided by", "=": "equals", "^": "to the power of",
}  # fmt: skip
# After these 2/3 is a part of several, ...
PARTS = {
    "part", "page", "step", "slide", "day", "week", "episode", "round", "chapter", "lesson",
    "video", "module", "question", "level", "game", "match", "set", "stage", "phase", "section",
}  # fmt: skip
# ... and after these a date.
DATED = {"on", "by", "since", "until", "till", "from", "dated", "due", "before", "after"}
# After these 3:16 is a chapter and its verse.
BOOKS = {
    "acts", "chronicles", "colossians", "corinthians", "daniel", "deuteronomy", "ecclesiastes",
    "ephesians", "exodus", "ezekiel", "ezra", "galatians", "genesis", "hebrews", "hosea", "isaiah",
    "james", "jeremiah", "job", "joel", "john", "joshua", "judges", "kings", "leviticus", "luke",
    "mark", "matthew", "micah", "nehemiah", "numbers", "peter", "philippians", "proverbs", "psalm",
    "psalms", "quran", "revelation", "romans", "ruth", "samuel", "surah", "timothy", "titus",
    "verse",
}  # fmt: skip
# Before these 100m is one distance.
RACES = {"dash", "sprint", "race", "relay", "hurdles", "run", "freestyle", "butterfly", "final"}
# After these a figure of four is a year even before 1100 and after 2099.
OF_YEARS = {"in", "by", "since", "until", "till", "around", "circa", "about"}
# After these figures with hyphens are a code, figure by figure.
CODE_LABELS = {
    "isbn", "issn", "order", "case", "invoice", "ticket", "serial", "ref", "reference", "id",
    "number", "no", "account", "tracking", "model", "part", "sku", "doi", "claim", "policy",
}  # fmt: skip
# Before these 3m is three million.
CROWDS = {
    "people", "views", "users", "followers", "subscribers", "subs", "downloads", "copies",
    "votes", "likes", "plays", "streams", "members", "fans", "viewers", "players", "workers",
    "children", "women", "men", "homes", "households", "jobs", "cars", "records", "units",
    "songs", "photos", "customers", "employees", "visitors", "dollars", "euros", "clicks",
    "sales", "installs", "listeners", "hits", "tweets", "posts", "videos",
}  # fmt: skip
# Acronyms that are said as words; other short ones in capitals are said letter by letter.
SPOKEN_ACRONYMS = {
    "NASA", "NATO", "UNESCO", "UNICEF", "OPEC", "AIDS", "LASER", "RADAR", "SCUBA", "NAFTA",
    "FIFA", "NIMBY", "YOLO", "SWAT", "POTUS", "SCOTUS", "FEMA", "GIF", "JPEG", "RAM", "ROM",
    "PIN", "SIM", "LAN", "WAN", "COVID", "ASAP", "TED", "JSON", "YAML", "SIMD", "GZIP",
}  # fmt: skip
# Two- and three-letter words that people write in capitals for emphasis.
SHORT_WORDS = {
    "A", "I", "AM", "AN", "AND", "ANY", "ARE", "AS", "AT", "ALL", "BE", "BUT", "BY", "CAN",
    "DAY", "DID", "DO", "END", "FAR", "FEW", "FOR", "GET", "GO", "GOT", "HAD", "HAS", "HE",
    "HER", "HIM", "HIS", "HOW", "IF", "IN", "IS", "IT", "ITS", "LET", "ME", "MY", "NEW", "NO",
    "NOT", "NOW", "OF", "OFF", "OH", "OK", "OLD", "ON", "ONE", "OR", "OUR", "OUT", "OWN", "PUT",
    "RUN", "SAY", "SEE", "SHE", "SO", "THE", "TO", "TOO", "TRY", "TWO", "UP", "USE", "WAS",
    "WAY", "WE", "WHO", "WHY", "WIN", "YES", "YET", "YOU", "HOT", "BIG", "BAD", "BUY", "TOP",
    "FUN", "MAN", "BOY", "CAR", "HMM", "SHH", "PSST", "BRR", "PFFT", "GRR", "ZZZ", "MMM",
    "AGO", "AIR", "ART", "ASK", "ATE", "BAG", "BED", "BOX", "BUS", "BYE", "CAT", "COW", "CRY",
    "CUP", "CUT", "DAD", "DIE", "DOG", "DRY", "EAR", "EAT", "EGG", "EYE", "FAT", "FIX", "FLY",
    "FOX", "GOD", "GUN", "GUY", "HAT", "HIT", "ICE", "JOB", "JOY", "KEY", "KID", "LAW", "LAY",
    "LEG", "LIE", "LOT", "LOW", "MAD", "MOM", "NOR", "ODD", "PAY", "PIG", "RAN", "RED", "SAD",
    "SAT", "SEA", "SET", "SIR", "SIT", "SIX", "SKY", "SON", "SUN", "TEA", "TEN", "WAR", "WET",
    "WON", "AH", "AW", "HA", "HEY", "HUH", "UGH", "WOW", "YEP",
}  # fmt: skip
# Acronyms that could be read as words and are letters, also where all is in capitals.
LETTERED = {
    "AI", "CIA", "DIY", "ETA", "EU", "FAQ", "IBM", "IQ", "IRA", "IRS", "NYC", "UAE", "UCLA", "UFO",
    "UK", "UN", "URL", "USA", "VIP", "YMCA", "IPO", "ATM", "CEO", "CFO", "CTO", "COO", "EPA",
    "IOS", "IOT", "API", "GUI", "UI", "UX", "OECD", "NCAA", "USB", "USC", "ESPN", "AKA", "DUI",
    "ADHD", "OCD", "LGBT", "LGBTQ", "AARP", "ACLU", "ECG", "EEG", "IVF", "UPS", "ISO", "AOL",
}  # fmt: skip
# In ordinary sentences these capitals are letters after or before such words.
LETTERED_AFTER = {
    "IT": {"the", "an", "our", "their", "your", "my", "in", "his", "her"}, "WHO": {"the"},
}  # fmt: skip
LETTERED_BEFORE = {
    "IT": {"department", "team", "support", "professionals", "staff", "manager", "services"},
    "AM": {"radio", "station", "band", "dial", "broadcast"},
}  # fmt: skip
# Country codes and endings of files that are spelled; other endings are said as words.
SPELLED_LABELS = {"uk", "us", "eu", "tv", "io", "ai", "py", "ui", "id"}
ENDINGS = {
    "com", "org", "net", "edu", "gov", "io", "ai", "co", "uk", "de", "fr", "app", "dev", "tv", "me",
    "info", "biz", "eu", "us", "ca", "au", "js", "py", "md", "txt", "java", "html", "json", "pdf",
    "csv", "xml", "php", "css", "ts", "jpg", "png", "mp3", "mp4", "wav", "exe", "zip", "docx",
    "xlsx", "pptx", "ly", "gg", "cc", "to", "rs", "go", "sh", "swift",
}  # fmt: skip
