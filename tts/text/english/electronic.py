"""English web addresses, e-mail addresses, files and hashtags."""

import re
from re import Match

from tts.text import numbers
from tts.text.english import acronyms, numerals

# Country codes and endings of files that are spelled; other endings are spoken as words.
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
    # In an address capitals mean nothing (INFO@EXAMPLE.COM); in a file they may be an acronym.
    is_address = "@" in written or match[0][:4].lower() in ("http", "www.")
    written = written.lower() if is_address and written.isupper() else written
    for part in re.findall(r"[A-Za-z]+|\d+|[.@/_?=&#:+-]", written):
        if part in names:
            spoken += names[part].split()
        elif part.isdecimal():
            spoken += numerals.two_by_two(part) if len(part) == 4 else numbers.cardinal(part)
        else:
            has_vowel = re.search("[aeiouy]", part, re.I)
            is_spelled = part.lower() in SPELLED_LABELS or (1 < len(part) < 5 and not has_vowel)
            spoken += part.upper() if is_spelled else acronyms.verbalize_unknown(part)
    return spoken


def hashtag(match: Match[str]) -> list[str]:
    """#100DaysOfCode -> hashtag one hundred Days Of Code."""
    tag = match["tag"]
    if numerals.YEAR.fullmatch(tag):
        return ["hashtag", *numbers.year(tag)]
    camel_case = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+"
    parts = re.findall(camel_case, tag) if tag.isascii() else [tag]
    spoken = (
        numbers.year(part) if numerals.YEAR.fullmatch(part) else acronyms.verbalize_unknown(part)
        for part in parts
    )
    return ["hashtag", *(word for words in spoken for word in words)]
