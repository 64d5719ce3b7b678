"""Pronunciations of English words that sphinx's dictionary lacks: gruut's lexicon and model."""

import sqlite3
import warnings

from errors import LoadError

_ARPABET = {
    "i": "IY", "ɪ": "IH", "eɪ": "EY", "ɛ": "EH", "æ": "AE", "ɑ": "AA", "ɔ": "AO", "oʊ": "OW",
    "ʊ": "UH", "u": "UW", "ʌ": "AH", "ə": "AH", "ɚ": "ER", "aɪ": "AY", "aʊ": "AW", "ɔɪ": "OY",
    "p": "P", "b": "B", "t": "T", "d": "D", "k": "K", "ɡ": "G", "t͡ʃ": "CH", "d͡ʒ": "JH",
    "f": "F", "v": "V", "θ": "TH", "ð": "DH", "s": "S", "z": "Z", "ʃ": "SH", "ʒ": "ZH",
    "h": "HH", "m": "M", "n": "N", "ŋ": "NG", "l": "L", "ɹ": "R", "w": "W", "j": "Y",
}  # fmt: skip
_STRESS = "ˈˌ"


class GraphemeToPhoneme:
    """Converts words to ARPAbet, offline: 129 000 from a lexicon, any other by a guess.

    Building it takes 0.4 s and 60 MB, nearly all for the import of gruut; a guess takes 10 ms.
    """

    def __init__(self) -> None:
        with warnings.catch_warnings():
            # jsonlines, which gruut imports, has an invalid escape in a docstring.
            warnings.simplefilter("ignore", DeprecationWarning)
            from gruut.g2p import GraphemesToPhonemes
            from gruut.utils import find_lang_dir
        home = find_lang_dir("en-us")
        if home is None:
            raise LoadError("gruut's English files (gruut_lang_en) are not installed")
        self._guess = GraphemesToPhonemes(home / "g2p" / "model.crf")
        # Built in one thread and used in others, one at a time: SphinxAligner has a lock.
        self._lexicon = sqlite3.connect(
            f"{(home / 'lexicon.db').resolve().as_uri()}?mode=ro&immutable=1",
            uri=True,
            check_same_thread=False,
        )

    def __call__(self, word: str) -> list[str]:
        """The ARPAbet phones of a lower-case word; empty if it has no English letter."""
        query = "SELECT phonemes FROM word_phonemes WHERE word = ? ORDER BY pron_order LIMIT 1"
        row = self._lexicon.execute(query, (word,)).fetchone()
        phonemes = row[0].split() if row else self._guess(word)
        return [_ARPABET[phoneme.lstrip(_STRESS)] for phoneme in phonemes]
