"""CTM, the words with their times as NIST's scoring programs and speech toolkits read them."""

from timing.formats.timestamps import seconds
from timing.subtitles.captions import Captions


def render(captions: Captions) -> bytes:
    """One line for each word that is said.

    It has the job, the channel, start and length in seconds, the word and its confidence.
    Spaces separate the fields, so a space inside a word becomes `_`.
    """
    lines = [
        f"{captions.job_id} 1 {seconds(word.start_ms)} {seconds(word.end_ms - word.start_ms)} "
        f"{'_'.join(word.word.split())} {word.confidence:.3f}\n"
        for word in captions.said_words
    ]
    return "".join(lines).encode()
