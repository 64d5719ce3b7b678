"""Takes heard back: chunks whose words were lost, doubled or made up are spoken again."""

from collections.abc import Callable, Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from tts.engine import Try
from tts.speech import Chunk, Pcm, Samples
from tts.text import TextRejected, read_script

Hear = Callable[[Samples], str]
"""What is said in a take, as a recogniser writes it down."""
Again = Callable[[Sequence[Try]], dict[int, Pcm]]
"""Other takes of some chunks, by their index."""


class ChunkQuality(BaseModel):
    """How one chunk was heard: of its best take, after so many tries.

    `word_error_rate` counts words that are missing, added or others, per word of the script.
    """

    model_config = ConfigDict(frozen=True)

    chunk: int
    tries: int
    word_error_rate: float
    heard: str


def verified(
    takes: dict[int, Pcm],
    chunks: Sequence[Chunk],
    language: str,
    hear: Hear,
    again: Again,
    tries: int,
    on_chunk: Callable[[int], None],
) -> list[ChunkQuality]:
    """How each chunk was heard, its best take of `tries` at most put in its place in `takes`.

    A chunk is done when all its words are heard, or when two takes of it are heard alike: then it
    is the recogniser that knows them otherwise. The others are spoken again, all in one go;
    `on_chunk` hears how many are done.
    """
    best: dict[int, ChunkQuality] = {}
    known: dict[int, list[list[str]]] = {index: [] for index in takes}
    done, found = 0, dict(takes)
    for number in range(tries):
        left: list[Try] = []
        for index in sorted(found):
            said = _plain(token.spoken for token in chunks[index].tokens)
            quality, heard = _judged(index, number + 1, said, hear(found[index][:]), language)
            if index not in best or quality.word_error_rate < best[index].word_error_rate:
                best[index], takes[index] = quality, found[index]
            best[index] = best[index].model_copy(update={"tries": number + 1})
            if quality.word_error_rate and heard not in known[index] and number + 1 < tries:
                left.append(Try(index, number + 1))
            else:
                done += 1
                on_chunk(done)
            known[index].append(heard)
        found = again(left) if left else {}
    return [best[index] for index in sorted(best)]


def _judged(
    index: int, number: int, said: list[str], text: str, language: str
) -> tuple[ChunkQuality, list[str]]:
    """How a take was heard, and its words."""
    try:
        heard = _plain(token.spoken for token in read_script(text, language).tokens)
    except TextRejected:
        heard = []
    rate = round(_errors(said, heard) / len(said), 3) if said else 0.0
    return ChunkQuality(chunk=index, tries=number, word_error_rate=rate, heard=text), heard


def _plain(words: Iterable[str]) -> list[str]:
    """Words as they are compared: letters and figures, in lower case."""
    bare = ["".join(filter(str.isalnum, word.lower())) for word in words]
    return [word for word in bare if word]


def _errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Words to change, add or remove; none where only the spaces differ ("every day")."""
    if "".join(said) == "".join(heard):
        return 0
    before = list(range(len(heard) + 1))
    for row, word in enumerate(said, 1):
        now = [row]
        for column, other in enumerate(heard, 1):
            changed = before[column - 1] + (word != other)
            now.append(min(changed, before[column] + 1, now[-1] + 1))
        before = now
    return before[-1]
