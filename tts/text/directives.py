"""What the tags of a script direct: pauses, and changes of voice, pace and language."""

from collections.abc import Iterator, Sequence

from tts.languages import base_language
from tts.speech import Directive
from tts.text.tags import Tag


def directives(places: Sequence[tuple[int, Tag]], main_language: str) -> Iterator[Directive]:
    """What the tags direct. A region of the script's own language is no other language.

    places: the tags, each with the index of the word after it.
    main_language: the script's, without a region.
    """
    # Of several changes at one place the last one counts.
    rates = {at: tag.rate for at, tag in places if tag.rate is not None}
    languages = {at: tag.language for at, tag in places if tag.language is not None}
    rate_in_force, language_in_force = 1.0, ""
    for at, tag in places:
        rate = rates.pop(at, None)
        language = languages.pop(at, None)
        if language and base_language(language) == main_language:
            language = ""
        directive = Directive(
            at,
            tag.pause_ms,
            tag.voice,
            None if rate == rate_in_force else rate,
            None if language == language_in_force else language,
        )
        rate_in_force = rate_in_force if rate is None else rate
        language_in_force = language_in_force if language is None else language
        if directive != Directive(at):
            yield directive
