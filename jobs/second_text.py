"""The text of a second language for the captions of `tts` and `timing`."""

from jobs.schema.subtitles import SecondLanguage
from jobs.schema.validation import InvalidRequest
from timing.subtitles.second import SecondText, check_second
from tts.languages import base_language
from tts.speech import Script
from tts.text.script import TextRejected, read_markup
from tts.text.tags import TagRejected, extract_tags
from worker.job import Job


def read_second(wanted: SecondLanguage | None, script: Script, job: Job) -> SecondText | None:
    """The second text as the captions need it; None if the request has none.

    wanted: the field `subtitles.second` of the request. Tags in its text are left out, as in the
        script, because a translation may have kept them.
    script: the text that is spoken.

    Raises InvalidRequest for a text without words, text_rejected if the two texts do not have the
    same number of sentences, or for a word that is too long to be shown.
    """
    if wanted is None:
        return None
    try:
        # Only the rules of its language know which periods end a sentence.
        read = read_markup(
            extract_tags(wanted.text), wanted.language, check=job.stop.raise_if_cancelled
        )
    except (TagRejected, TextRejected) as error:
        raise InvalidRequest([f"subtitles.second.text: {error.sentence}"]) from None
    second = SecondText(read, base_language(wanted.language), wanted.position == "over")
    check_second(script, second)
    return second
