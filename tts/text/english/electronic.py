"""English addresses of the net: example.com, me@example.com, #100DaysOfCode."""

import re
from re import Match

from tts.text import numbers
from tts.text.english import acronyms, numerals

# Country codes and endings of files that are spelled; other endings are said as words.
SPELLED_LABELS = {"uk", "us", "eu", "tv", "io", "ai", "py", "ui", "id"}
ENDINGS = {
    "com", "org", "net", "edu", "gov", "io", "ai", "co", "uk", "de", "fr", "app", "dev", "tv", "me",
    "info", "biz", "eu", "us", "ca", "au", "js", "py", "md", "txt", "java", "html", "json", "pdf",
    "csv", "xml", "php", "css", "ts", "jpg", "png", "mp3", "mp4", "wav", "exe", "zip", "docx",
    "xlsx", "pptx", "ly", "gg", "cc", "to", "rs", "go", "sh", "swift",
}  # fmt: skip
ADDRESS = re.compile(
    r"(?i:https?://)?(?i:www\.)?(?P<address>[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?:(?:localhost|\d{1,3}(?:\.\d{1,3}){3})(?=[:/])|[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\d?)(?::\d{2,5})?"
    r"(?:/[\w./?=&#%~+@:-]*)?)"
)


def address(match: Match[str]) -> list[str]:
    """A domain, an e-mail address or a file: example.com -> example dot com."""
    names = {".": "dot", "@": "at", "/": "slash", "-": "dash", "_": "underscore", "+": "plus"}
    names |= {"?": "question mark", "=": "equals", "&": "and", "#": "hash", ":": "colon"}
    spoken: list[str] = []
    written = match["address"].rstrip("/")
    known = "@" in written or match[0][:4].lower() in ("http", "www.")
    written = written.lower() if known and written.isupper() else written
    for part in re.findall(r"[A-Za-z]+|\d+|[.@/_?=&#:+-]", written):
        if part in names:
            spoken += names[part].split()
        elif part.isdecimal():
            spoken += numerals.two_by_two(part) if len(part) == 4 else numbers.cardinal(part)
        else:
            vowels = re.search("[aeiouy]", part, re.I)
            spelled = part.lower() in SPELLED_LABELS or (1 < len(part) < 5 and not vowels)
            spoken += part.upper() if spelled else acronyms.verbalize_unknown(part)
    return spoken


def hashtag(match: Match[str]) -> list[str]:
    """#100DaysOfCode -> hashtag one hundred Days Of Code."""
    tag = match["tag"]
    if numerals.YEAR.fullmatch(tag):
        return ["hashtag", *numbers.year(tag)]
    camel = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+"
    found = re.findall(camel, tag) if tag.isascii() else [tag]
    words = (
        numbers.year(part) if numerals.YEAR.fullmatch(part) else acronyms.verbalize_unknown(part)
        for part in found
    )
    return ["hashtag", *(word for said in words for word in said)]
