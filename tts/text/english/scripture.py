"""Books, chapters and verses: John 3:16, 1 Corinthians 13:4-7, 2 Tim. 3:16, Gen. 1:1."""

import re

from tts.text import numbers
from tts.text.context import FINAL, WordContext

# After these 3:16 is a chapter and a verse rather than a time.
BOOKS = {
    "acts", "amos", "chronicles", "colossians", "corinthians", "daniel", "deuteronomy",
    "ecclesiastes", "ephesians", "esther", "exodus", "ezekiel", "ezra", "galatians", "genesis",
    "habakkuk", "haggai", "hebrews", "hosea", "isaiah", "james", "jeremiah", "job", "joel", "john",
    "jonah", "joshua", "jude", "judges", "kings", "lamentations", "leviticus", "luke", "maccabees",
    "malachi", "mark", "matthew", "micah", "nahum", "nehemiah", "numbers", "peter", "philemon",
    "philippians", "proverbs", "psalm", "psalms", "quran", "revelation", "romans", "ruth",
    "samuel", "surah", "thessalonians", "timothy", "titus", "verse", "zechariah", "zephaniah",
}  # fmt: skip
# Books that are cut short before a chapter and its verse.
SHORT_BOOKS = {
    "gen": "Genesis", "ex": "Exodus", "exod": "Exodus", "lev": "Leviticus", "num": "Numbers",
    "deut": "Deuteronomy", "josh": "Joshua", "judg": "Judges", "sam": "Samuel", "kgs": "Kings",
    "chr": "Chronicles", "chron": "Chronicles", "neh": "Nehemiah", "ps": "Psalm", "pss": "Psalms",
    "prov": "Proverbs", "eccl": "Ecclesiastes", "eccles": "Ecclesiastes", "isa": "Isaiah",
    "jer": "Jeremiah", "lam": "Lamentations", "ezek": "Ezekiel", "dan": "Daniel", "hos": "Hosea",
    "mic": "Micah", "hab": "Habakkuk", "zeph": "Zephaniah", "zech": "Zechariah", "mal": "Malachi",
    "matt": "Matthew", "mt": "Matthew", "mk": "Mark", "lk": "Luke", "jn": "John",
    "rom": "Romans", "cor": "Corinthians", "gal": "Galatians", "eph": "Ephesians",
    "phil": "Philippians", "col": "Colossians", "thess": "Thessalonians", "tim": "Timothy",
    "philem": "Philemon", "heb": "Hebrews", "jas": "James", "pet": "Peter", "rev": "Revelation",
    "macc": "Maccabees",
}  # fmt: skip
# Books of which there are two or three.
_NUMBERED = {
    "samuel", "kings", "chronicles", "corinthians", "thessalonians", "timothy", "peter", "john",
    "maccabees",
}  # fmt: skip
# Books that are nothing else, so that a chapter is enough: 1 Corinthians 13.
_ONLY_BOOKS = {"chronicles", "corinthians", "thessalonians", "maccabees"}
_VERSE = re.compile(r"(\d{1,3}):(\d{1,3})(?:[-–](\d{1,3}))?")
_CHAPTER = re.compile(r"\d{1,3}")


def verse_rule(word: WordContext) -> list[str]:
    """Chapter and verse: John 3:16, Psalm 23:1-6."""
    match = _VERSE.fullmatch(word.core)
    if not match or not word.previous[:1].isupper():
        return []
    if word.previous_key not in BOOKS and word.previous_key not in SHORT_BOOKS:
        return []
    last = ["to", *numbers.cardinal(match[3])] if match[3] else []
    return [*numbers.cardinal(match[1]), *numbers.cardinal(match[2]), *last]


def short_book_rule(word: WordContext) -> list[str]:
    """The name of a book before chapter and verse: Gen. 1:1, Matt 5:3."""
    if word.key not in SHORT_BOOKS or not word.core.istitle():
        return []
    return [SHORT_BOOKS[word.key]] if _VERSE.fullmatch(word.following.rstrip(FINAL)) else []


def book_number_rule(word: WordContext) -> list[str]:
    """The number of a book: 1 Corinthians 13, 2 Tim. 3:16."""
    if word.core not in ("1", "2", "3") or word.punctuation or not word.following[:1].isupper():
        return []
    book = SHORT_BOOKS.get(word.following_key, word.following_key).lower()
    place = word.after_following.rstrip(FINAL)
    is_place = _VERSE.fullmatch(place) or (book in _ONLY_BOOKS and _CHAPTER.fullmatch(place))
    return numbers.ordinal(word.core) if book in _NUMBERED and is_place else []
