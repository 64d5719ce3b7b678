"""Which words of a script are not said as they are written."""

import unicodedata
from collections.abc import Iterable, Iterator

import regex

from tts.speech import Script
from tts.text.words import bare
from unicode_sets import UNSPACED

_RUN = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_UNSPACED = regex.compile(rf"[{UNSPACED}]")
_SILENT_KINDS = frozenset("PZCM")
"""General categories of characters that nobody expects to hear: marks, spaces, controls."""


def said_otherwise(script: Script) -> list[tuple[str, str]]:
    """Each written word that is said in another way, and what is said for it: "" for nothing.

    Both are without the punctuation around them; a pair stands once, in the order of the script.
    A word that loses only marks, such as a hyphen, is said as it is written; a word that is
    spelled out ("FBI", said "F B I") is not.
    """
    said: dict[int, list[str]] = {}
    for token in script.tokens:
        said.setdefault(token.word, []).append(token.spoken)
    # A dict keeps the order.
    return list(dict.fromkeys(_differences(script, said)))


def _differences(script: Script, said: dict[int, list[str]]) -> Iterator[tuple[str, str]]:
    for index, word in enumerate(script.words):
        spoken = said.get(index, [])
        if spoken:
            is_otherwise = not _is_alike(word.text, spoken)
        else:
            # A dash or a mark of Markdown is silent, as everybody expects.
            is_otherwise = any(unicodedata.category(c)[0] not in _SILENT_KINDS for c in word.text)
        if is_otherwise:
            yield bare(word.text), " ".join(spoken)


def _is_alike(written: str, spoken: Iterable[str]) -> bool:
    wrote = _runs([written])
    says = _runs(spoken)
    # A script without spaces is cut into words where the voice needs them.
    return wrote == says or (bool(_UNSPACED.search(written)) and "".join(wrote) == "".join(says))


def _runs(texts: Iterable[str]) -> list[str]:
    """The letters and figures of texts, in one case, cut at everything else."""
    return [
        run
        for text in texts
        for run in _RUN.findall(unicodedata.normalize("NFKC", text).casefold())
    ]
