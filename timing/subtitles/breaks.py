"""The cost of a break between two units to a reader: 0 after a sentence, much inside a name.

The costs are relative to each other, and to those of cues.py.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate, pairwise

from timing.subtitles.units import CueUnit
from timing.unspaced import phrase_starts
from unicode_sets import CLAUSE_MARKS, CLOSING, OPENING

SENTENCE, CLAUSE = 0.0, 1.5
_PAUSE, _PLAIN, _INSIDE_WORD = 2.5, 5.0, 6.0
_AFTER_FUNCTION_WORD, _BEFORE_FUNCTION_WORD, _INSIDE_NAME = 10.0, -1.5, 14.0
_TORN_OFF = (6.0, 3.0)
"""Added to a break in a script without spaces that leaves one or two characters alone."""
_INSIDE_PHRASE = 15.0
"""Added to a break in a script without spaces that tears a phrase."""
_HEARD_PAUSE_MS = 250
# A period that ends no sentence is an abbreviation's.
_CLAUSE_MARKS = tuple(CLAUSE_MARKS.replace(".", ""))

# Articles, prepositions, pronouns, conjunctions and auxiliaries, which belong to the word after.
_FUNCTION_WORDS = {
    "en": "a an the this that these those my your his her its our their i you he she it we they "
    "of in on at by to for from with without into onto over under about after before between "
    "through during along within against toward towards upon behind beside beneath above below "
    "near across since until till and or but nor so because if when while where whether although "
    "though unless than as who whom whose which what how why is are was were be been being am has "
    "have had will would can could shall should may might must do does did not no every each some "
    "any both either neither",
    "de": "ein eine einen einem einer eines der die das den dem des dieser diese dieses diesen "
    "diesem jeder jede jedes jeden jedem mein meine dein deine sein seine seinen ihr ihre ihren "
    "unser unsere ich du er sie es wir man in im ins an am auf aus bei mit nach seit von vom zu "
    "zum zur für durch über unter um ohne gegen zwischen während wegen bis vor hinter neben und "
    "oder aber denn weil dass wenn als ob wie obwohl damit nicht kein keine keinen ist sind war "
    "waren hat haben hatte hatten wird werden wurde wurden kann können konnte soll sollte muss "
    "müssen musste darf will wollte würde würden",
    "fr": "un une le la les l' d' de du des ce cet cette ces mon ma mes ton ta tes son sa ses "
    "notre nos votre vos leur leurs je tu il elle on nous vous ils elles à au aux en dans sur sous "
    "par pour avec sans chez vers entre contre pendant depuis jusqu'à dès et ou mais car que qui "
    "dont où si ne quand comme lorsque puisque parce chaque quelques plusieurs est sont était "
    "étaient a ont avait avaient sera seront serait peut peuvent pouvait doit doivent devait fait "
    "être avoir très plus",
    "es": "un una unos unas el la los las lo de del al a en con sin por para sobre entre hasta "
    "desde contra durante hacia según mi tu su mis tus sus nuestro nuestra este esta estos estas "
    "ese esa cada yo él ella nosotros ellos ellas y e o u pero que quien cuyo donde cuando "
    "mientras si porque aunque como no se me te le les nos es son era eran fue fueron está están "
    "estaba ha han había habían puede pueden podía debe deben será sería muy más",
    "it": "un uno una un' il lo la i gli le l' di a da in con su per tra fra del dello della dei "
    "degli delle dell' al allo alla ai agli alle all' nel nello nella nei nelle nell' dal dalla "
    "dai dalle sul sulla sui sulle mio mia tuo tua suo sua nostro nostra questo questa questi "
    "queste ogni io tu lui lei noi voi loro contro durante verso fino senza e ed o ma che chi cui "
    "se perché quando mentre dove come non si mi ti ci vi è sono era erano ha hanno aveva avevano "
    "può possono poteva deve devono doveva sarà sarebbe molto più",
    "pt": "um uma uns umas o a os as de do da dos das em no na nos nas ao à aos às pelo pela pelos "
    "pelas por para com sem sobre entre contra durante até desde meu minha teu tua seu sua seus "
    "suas nosso nossa este esta estes estas esse essa cada eu tu ele ela nós eles elas e ou mas "
    "que quem cujo onde quando enquanto se porque embora como não me te lhe é são era eram foi "
    "foram está estão estava tem têm tinha pode podem podia deve devem será seria muito mais",
    "nl": "een de het dit dat deze die elke elk mijn jouw zijn haar ons onze hun ik jij je hij zij "
    "ze wij we men van in op aan bij met naar voor door over onder uit tegen tijdens tussen langs "
    "binnen sinds tot zonder om en of maar want als dat omdat terwijl hoewel toen niet geen te is "
    "was waren heeft hebben had hadden wordt worden werd werden kan kunnen kon zal zullen zou "
    "zouden moet moeten moest mag wil",
}
_DETERMINERS = frozenset(("a", "an", "the", "my", "your", "his", "its", "our", "their"))
_BY_LANGUAGE = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}


def costs(units: Sequence[CueUnit], sentence_ends: Collection[int], language: str) -> list[float]:
    """The cost of a break before each unit, shape (units + 1,); 0 at both ends.

    units: judged by how the script writes them, whatever is shown.
    sentence_ends: the indices of the words that end a sentence.
    language: ISO 639-1; without function words here no break is dearer for being after one.
    """
    function_words = _BY_LANGUAGE.get(language, frozenset())
    tied = _tied(units, function_words)
    inner = [
        SENTENCE if _ends_sentence(a, b, sentence_ends) else _cost(a, b, a_tied, b_tied)
        for (a, b), (a_tied, b_tied) in zip(pairwise(units), pairwise(tied), strict=True)
    ]
    costs = [0.0, *inner, 0.0][: len(units) + 1]
    found = [cost + _torn_off(costs, index) for index, cost in enumerate(costs)]
    for index in _inside_phrases(units, language):
        found[index] += _INSIDE_PHRASE if costs[index] == _INSIDE_WORD else 0.0
    return found


def _inside_phrases(units: Sequence[CueUnit], language: str) -> Iterator[int]:
    """The units that start inside a phrase of a script without spaces."""
    firsts = [index for index, unit in enumerate(units) if index == 0 or not unit.no_space_before]
    for first, end in pairwise([*firsts, len(units)]):
        if end - first == 1:
            continue
        texts = [unit.written for unit in units[first:end]]
        starts = phrase_starts("".join(texts), language)
        offsets = accumulate(map(len, texts))
        if starts:
            yield from (
                index for index, at in zip(range(first + 1, end), offsets, strict=False)
                if at not in starts
            )  # fmt: skip


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


def _tied(units: Sequence[CueUnit], function_words: Collection[str]) -> list[bool]:
    """Whether each unit belongs to the word after it."""
    bare = [unit.written.lower().replace("’", "'").strip(OPENING) for unit in units]
    before = ["", *bare]
    # After an article even these are nouns: a while, the will, his can.
    return [
        word in function_words and last not in _DETERMINERS
        for last, word in zip(before, bare, strict=False)
    ]


def _cost(before: CueUnit, after: CueUnit, before_tied: bool, after_tied: bool) -> float:
    if before.written.rstrip(CLOSING).endswith(_CLAUSE_MARKS):
        return CLAUSE
    if after.start_ms - before.end_ms >= _HEARD_PAUSE_MS:
        return _PAUSE
    if after.no_space_before:
        return _INSIDE_WORD
    cost = _PLAIN
    if before_tied:
        cost += _AFTER_FUNCTION_WORD
    elif after_tied:
        cost += _BEFORE_FUNCTION_WORD
    if _is_name(before.written) and _is_name(after.written):
        cost += _INSIDE_NAME
    return cost


def _is_name(text: str) -> bool:
    """Whether it is written as part of a name: Dr., Smith, McCoy; not I and not CPU."""
    return len(text) > 1 and text[0].isupper() and any(map(str.islower, text))
