"""The cost of a break between two units to a reader: 0 after a sentence, much inside a name.

The costs are relative to each other, and to those of cues.py.
"""

from collections.abc import Collection, Sequence
from itertools import pairwise

from timing.subtitles.units import CueUnit
from unicode_sets import CLAUSE_MARKS, CLOSING, OPENING

SENTENCE, CLAUSE = 0.0, 1.5
_PAUSE, _PLAIN, _INSIDE_WORD = 2.5, 5.0, 6.0
_AFTER_FUNCTION_WORD, _INSIDE_NAME = 4.0, 4.0
_TORN_OFF = (6.0, 3.0)
"""Added to a break in a script without spaces that leaves one or two characters alone."""
_HEARD_PAUSE_MS = 250
# A period that ends no sentence is an abbreviation's.
_CLAUSE_MARKS = tuple(CLAUSE_MARKS.replace(".", ""))

# Articles, prepositions, pronouns and conjunctions, which belong to the word after them.
_FUNCTION_WORDS = {
    "en": "a an the this that these those my your his her its our their i you he she it we they "
    "of in on at by to for from with without into onto over under about after before between "
    "through and or but nor so because if when while as than who which is are was were be not no",
    "de": "ein eine einen einem einer eines der die das den dem des mein dein sein ihr unser ich "
    "du er sie es wir in im an am auf aus bei mit nach seit von vom zu zum zur für durch über "
    "unter um ohne und oder aber denn weil dass wenn als wie nicht kein keine",
    "fr": "un une le la les l' d' de du des ce cet cette ces mon ma mes ton ta tes son sa ses "
    "notre votre leur je tu il elle on nous vous ils elles à au aux en dans sur sous par pour "
    "avec sans chez et ou mais car que qui si ne",
    "es": "un una unos unas el la los las lo de del al a en con sin por para sobre entre hasta "
    "desde mi tu su mis tus sus yo él ella nosotros ellos y e o u pero que si porque como no",
    "it": "un uno una il lo la i gli le di a da in con su per tra fra del della dei delle al alla "
    "nel nella dal sul mio tuo suo io tu lui lei noi voi loro e o ma che se non",
    "pt": "um uma uns umas o a os as de do da dos das em no na nos nas por para com sem sobre "
    "entre meu teu seu eu tu ele ela nós eles e ou mas que se não",
    "nl": "een de het dit dat deze die mijn jouw zijn haar ons ik jij hij zij wij van in op aan "
    "bij met naar voor door over onder uit en of maar want als dat niet geen te",
}
_BY_LANGUAGE = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}


def costs(units: Sequence[CueUnit], sentence_ends: Collection[int], language: str) -> list[float]:
    """The cost of a break before each unit, shape (units + 1,); 0 at both ends.

    units: judged by how the script writes them, whatever is shown.
    sentence_ends: the indices of the words that end a sentence.
    language: ISO 639-1; without function words here no break is dearer for being after one.
    """
    function_words = _BY_LANGUAGE.get(language, frozenset())
    inner = [
        SENTENCE if _ends_sentence(a, b, sentence_ends) else _cost(a, b, function_words)
        for a, b in pairwise(units)
    ]
    costs = [0.0, *inner, 0.0][: len(units) + 1]
    return [cost + _torn_off(costs, index) for index, cost in enumerate(costs)]


def _torn_off(costs: Sequence[float], index: int) -> float:
    """What is added to a break that leaves one or two characters of a word alone."""
    if costs[index] != _INSIDE_WORD:
        return 0.0
    for distance, cost in enumerate(_TORN_OFF, 1):
        if {*costs[max(0, index - distance) : index + distance + 1]} != {_INSIDE_WORD}:
            return cost
    return 0.0


def _ends_sentence(before: CueUnit, after: CueUnit, sentence_ends: Collection[int]) -> bool:
    return before.word in sentence_ends and after.word != before.word


def _cost(before: CueUnit, after: CueUnit, function_words: Collection[str]) -> float:
    if before.written.rstrip(CLOSING).endswith(_CLAUSE_MARKS):
        return CLAUSE
    if after.start_ms - before.end_ms >= _HEARD_PAUSE_MS:
        return _PAUSE
    if after.no_space_before:
        return _INSIDE_WORD
    cost = _PLAIN
    if before.written.lower().replace("’", "'").strip(OPENING) in function_words:
        cost += _AFTER_FUNCTION_WORD
    if _is_name(before.written) and _is_name(after.written):
        cost += _INSIDE_NAME
    return cost


def _is_name(text: str) -> bool:
    """Whether it is written as part of a name: Dr., Smith, McCoy; not I and not CPU."""
    return len(text) > 1 and text[0].isupper() and any(map(str.islower, text))
