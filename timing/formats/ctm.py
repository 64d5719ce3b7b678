"""CTM, the words with their times as NIST's scoring programs and speech toolkits read them."""

from timing.subtitles.captions import Captions


def render(captions: Captions) -> bytes:
    """One line for each word: job, channel, start and length in seconds, word, confidence.

    Spaces separate the fields, so a space inside a word becomes `_`.
    """
    lines = [
        f"{captions.job_id} 1 {_seconds(word.start_ms)} {_seconds(word.end_ms - word.start_ms)} "
        f"{'_'.join(word.word.split())} {word.confidence:.3f}\n"
        for word in captions.words
    ]
    return "".join(lines).encode()


def _seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03}"
