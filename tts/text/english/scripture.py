"""Books of the Bible in English, their chapters and verses: 1 Cor. 13:4-7, Ps. 23, John 3:16."""

import re

from tts.text import numbers
from tts.text.context import FINAL, WordContext

# After these 3:16 is a chapter and a verse rather than a time.
BOOKS = {
    "acts", "chronicles", "colossians", "corinthians", "daniel", "deuteronomy", "ecclesiastes",
    "ephesians", "esther", "exodus", "ezekiel", "ezra", "galatians", "genesis", "habakkuk",
    "haggai", "hebrews", "hosea", "isaiah", "james", "jeremiah", "job", "joel", "john", "jonah",
    "joshua", "jude", "judges", "kings", "lamentations", "leviticus", "luke", "malachi", "mark",
    "matthew", "micah", "nahum", "nehemiah", "numbers", "obadiah", "peter", "philemon",
    "philippians", "proverbs", "psalm", "psalms", "quran", "revelation", "romans", "ruth",
    "samuel", "surah", "thessalonians", "timothy", "titus", "verse", "zechariah", "zephaniah",
}  # fmt: skip
# Before a chapter and a verse these are books.
_SHORT_BOOKS = {
    "chr": "Chronicles", "chron": "Chronicles", "col": "Colossians", "cor": "Corinthians",
    "dan": "Daniel", "deut": "Deuteronomy", "eccl": "Ecclesiastes", "eph": "Ephesians",
    "ex": "Exodus", "exod": "Exodus", "ezek": "Ezekiel", "gal": "Galatians", "gen": "Genesis",
    "hab": "Habakkuk", "heb": "Hebrews", "hos": "Hosea", "isa": "Isaiah", "jas": "James",
    "jer": "Jeremiah", "jn": "John", "josh": "Joshua", "judg": "Judges", "kgs": "Kings",
    "lam": "Lamentations", "lev": "Leviticus", "lk": "Luke", "mal": "Malachi",
    "matt": "Matthew", "mic": "Micah", "mk": "Mark", "mt": "Matthew", "neh": "Nehemiah",
    "num": "Numbers", "pet": "Peter", "phil": "Philippians", "philem": "Philemon",
    "prov": "Proverbs", "ps": "Psalm", "pss": "Psalms", "rev": "Revelation", "rom": "Romans",
    "sam": "Samuel", "thess": "Thessalonians", "tim": "Timothy", "tit": "Titus",
    "zech": "Zechariah", "zeph": "Zephaniah",
}  # fmt: skip
# With a period these are books before a chapter alone, too: Rom. 8.
_ONLY_BOOKS = {"cor", "deut", "eph", "ezek", "heb", "isa", "jer", "matt", "ps", "rom", "thess"}
# Books of which there are several; those of the second set are nothing else.
_NUMBERED = {"kings", "john", "peter", "samuel", "timothy", "kgs", "jn", "pet", "sam", "tim"}
_ONLY_NUMBERED = {"chr", "chron", "chronicles", "cor", "corinthians", "thess", "thessalonians"}
_ORDINALS = {
    "1": "first",
    "2": "second",
    "3": "third",
    "I": "first",
    "II": "second",
    "III": "third",
}
_VERSE = re.compile(r"(\d{1,3}):(\d{1,3})(?:[-–](\d{1,3}))?")


def book_rule(word: WordContext) -> list[str]:
    """A book cut short: 1 Cor. 2:9, Ps. 23."""
    if word.key not in _SHORT_BOOKS or not word.core[:1].isupper():
        return []
    following = word.following.rstrip(FINAL)
    has_verse = _VERSE.fullmatch(following) and word.punctuation in ("", ".")
    has_chapter = word.dotted and re.fullmatch(r"\d{1,3}", following)
    is_book = word.key in _ONLY_BOOKS or word.previous in _ORDINALS
    return [_SHORT_BOOKS[word.key]] if has_verse or (has_chapter and is_book) else []


def book_number_rule(word: WordContext) -> list[str]:
    """The number of a book: 1 Corinthians, II Kings 4:1."""
    book = word.following_key
    if word.core not in _ORDINALS or word.punctuation or not word.following[:1].isupper():
        return []
    # "I Peter 5" may have the pronoun.
    is_verse = _VERSE.match(word.after_following) is not None
    is_chapter = is_verse or (word.core != "I" and word.after_following[:1].isdecimal())
    is_book = book in _ONLY_NUMBERED or (book in _NUMBERED and is_chapter)
    return [_ORDINALS[word.core]] if is_book else []


def verse_rule(word: WordContext) -> list[str]:
    """Chapter and verse: John 3:16, Psalm 23:1-6."""
    match = _VERSE.fullmatch(word.core)
    is_book = word.previous_key in BOOKS or word.previous_key in _SHORT_BOOKS
    if not match or not is_book or not word.previous[:1].isupper():
        return []
    last = ["to", *numbers.cardinal(match[3])] if match[3] else []
    return [*numbers.cardinal(match[1]), *numbers.cardinal(match[2]), *last]
