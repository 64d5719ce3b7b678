"""The preview engine with a cache of chunks."""

from collections.abc import Iterator, Sequence

from tts.engine import SamplingOptions, Take, Voice
from tts.preview import PreviewEngine
from tts.speech import Chunk, Samples


class CachingEngine(PreviewEngine):
    """It speaks a chunk once, whatever the try: a script that repeats itself is soon spoken."""

    def __init__(self) -> None:
        super().__init__()
        self._known_takes: dict[str, Samples] = {}

    def synthesize(
        self,
        chunks: Sequence[Chunk],
        voice: Voice,
        sampling: SamplingOptions,
        tries: Sequence[Take],
        targets: Sequence[int] | None = None,
    ) -> Iterator[tuple[int, Samples]]:
        for one in tries:
            text = " ".join(t.spoken + t.pause for t in chunks[one.chunk].tokens)
            if text not in self._known_takes:
                ((_, samples),) = super().synthesize(chunks, voice, sampling, [one], targets)
                self._known_takes[text] = samples
            yield one.chunk, self._known_takes[text].copy()
