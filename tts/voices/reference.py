"""From a voice's clip to what a cloning engine imitates: cut if need be, with its transcript."""

import hashlib
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, replace

from tts.asr.transcriber import Transcriber, Transcript
from tts.engine import Mel, Reference
from tts.speech import Samples
from tts.voices import clip
from tts.voices.clip import VoiceRejected
from tts.voices.excerpt import (
    MAX_EXCERPT_S,
    SHORT_S,
    pause_cuts,
    spoken_letters,
    transcript_prefix,
    word_gap_cuts,
)
from unicode_sets import SENTENCE_MARKS

# Seconds that Whisper hears to find the words around a cut: those after it steady the last one.
HEARD_S = MAX_EXCERPT_S + 3
TRIES = 3
MIN_LETTERS_PER_S, MAX_LETTERS_PER_S = 3, 40
NOTED_GAIN = 4.0
SHOWN = 40


@dataclass(frozen=True, eq=False)
class _Excerpt:
    """The part of a clip that is used, and what is said in it; `cut_s` None: the whole."""

    samples: Samples
    text: str
    language: str | None
    cut_s: float | None = None


class ReferenceBuilder:
    """Makes references for one engine: `mel` and `sample_rate` are the engine's.

    `whisper` is None where the worker has none: then a clip needs its ref_text and at most
    LONGEST_S. The same clip and words give the same reference on every worker with the same models.
    """

    def __init__(
        self, mel: Callable[[Samples], Mel], sample_rate: int, whisper: Transcriber | None
    ) -> None:
        self._mel = mel
        self.sample_rate = sample_rate
        self._whisper = whisper
        self._check: Callable[[], None] = lambda: None

    def for_job(self, check: Callable[[], None]) -> "ReferenceBuilder":
        """The same, but what `check` raises before a run of Whisper ends the work."""
        same = copy(self)
        same._check = check
        return same

    def prepare(
        self,
        data: bytes,
        ref_text: str | None = None,
        language: str | None = None,
        cut_s: float | None = None,
    ) -> Reference:
        """The reference that a file's bytes hold. Raises VoiceRejected, TranscriptionFailed.

        `ref_text` is what is said in the whole clip or, with the `cut_s` of an earlier reference
        of the same bytes, what that one kept. `language` is that of the clip, ISO 639-1.
        """
        found = clip.read(data, self.sample_rate)
        if ref_text is not None and cut_s is not None:
            kept = _Excerpt(self._cut_at(found.samples, cut_s), ref_text, language, cut_s)
        elif len(found.samples) > (MAX_EXCERPT_S + clip.EDGE_S) * self.sample_rate:
            kept = self._excerpt_of(found, ref_text, language)
        elif ref_text is None:
            heard = self._hear(found.samples, language)
            kept = _Excerpt(found.samples, heard.text, language or heard.language)
        else:
            kept = _Excerpt(found.samples, ref_text, language)
        language = kept.language or "en"
        text = self._validated_text(kept.text, kept.samples, language)
        samples, gain = clip.boost_quiet(kept.samples)
        return Reference(
            clip=samples,
            mel=self._mel(samples),
            text=text,
            language=language,
            sha256=hashlib.sha256(data).hexdigest(),
            warnings=tuple(
                _warnings(found, len(samples) / self.sample_rate, kept.cut_s, text, gain)
            ),
            cut_s=kept.cut_s,
        )

    def with_transcript(self, reference: Reference, ref_text: str) -> Reference:
        """The same clip with another transcript. Raises VoiceRejected."""
        text = self._validated_text(ref_text, reference.clip, reference.language)
        return replace(reference, text=text)

    def _excerpt_of(self, found: clip.Clip, ref_text: str | None, language: str | None) -> _Excerpt:
        """The best beginning of a long clip of which the transcript is certain."""
        whole = f"the clip has {found.seconds:.1f} s and at most {MAX_EXCERPT_S:g} s are used"
        if self._whisper is None:
            raise VoiceRejected(
                f"{whole}, and without Whisper nobody knows what is said in them",
                f"give a clip of at most {MAX_EXCERPT_S:g} s, or set WHISPER_MODEL",
            )
        last = ""
        for cut_s in self._candidate_cuts(found.samples, language):
            part = self._cut_at(found.samples, cut_s)
            heard = self._hear(part, language)
            last = heard.text or last
            spoken = language or heard.language
            text = (
                heard.text if ref_text is None else transcript_prefix(ref_text, heard.text, spoken)
            )
            if text:
                return _Excerpt(part, text, spoken, cut_s)
        if not last:
            raise _nothing_heard()
        raise VoiceRejected(
            f"{whole}, but the ref_text does not begin with what is heard in them, "
            f"which ends in {_shown(last)}",
            f"correct the ref_text, leave it out, or give a clip of at most {MAX_EXCERPT_S:g} s",
        )

    def _candidate_cuts(self, samples: Samples, language: str | None) -> Iterator[float]:
        """Where to try to cut, in seconds: at pauses, between words, at pauses that are early."""
        places = pause_cuts(samples, self.sample_rate)
        yield from [place for place in places if place >= SHORT_S][:TRIES]
        heard = self._hear(samples[: round(HEARD_S * self.sample_rate)], language)
        yield from word_gap_cuts(samples, self.sample_rate, heard.words)[:TRIES]
        yield from [place for place in places if place < SHORT_S][:TRIES]

    def _cut_at(self, samples: Samples, cut_s: float) -> Samples:
        return clip.trim_silence(samples[: round(cut_s * self.sample_rate)], self.sample_rate)

    def _hear(self, samples: Samples, language: str | None) -> Transcript:
        if self._whisper is None:
            raise VoiceRejected(
                "the clip came without its transcript, and the worker has no Whisper to hear it",
                "give ref_text, or set WHISPER_MODEL",
            )
        if language is not None and language not in self._whisper.languages:
            raise VoiceRejected(
                f"its words must be heard, and the worker's Whisper does not know {language!r}",
                f"give ref_text with a clip of at most {MAX_EXCERPT_S:g} s, or set WHISPER_MODEL "
                "to a model of more languages",
            )
        self._check()
        return self._whisper.transcribe(clip.boost_quiet(samples)[0], self.sample_rate, language)

    def _validated_text(self, text: str, samples: Samples, language: str) -> str:
        """The transcript with a sentence's end, if it can be what the clip says."""
        text = " ".join(text.split())
        if not text:
            raise _nothing_heard()
        seconds = clip.speech_seconds(samples, self.sample_rate)
        pace = spoken_letters(text, language) / seconds
        if not MIN_LETTERS_PER_S <= pace <= MAX_LETTERS_PER_S:
            raise VoiceRejected(
                f"{_shown(text)} cannot be what is said in the clip: {pace:.1f} letters a second "
                f"in its {seconds:.1f} s of sound, where speech has {MIN_LETTERS_PER_S} to "
                f"{MAX_LETTERS_PER_S}",
                "give the ref_text of exactly this clip, word for word",
            )
        # The model needs the end of a sentence between the reference's words and the script's.
        return text if text[-1] in SENTENCE_MARKS else text.rstrip(",;:-–— ") + "."


def _nothing_heard() -> VoiceRejected:
    return VoiceRejected("no speech was heard in the clip", "give ref_text, or another clip")


def _shown(text: str) -> str:
    """The end of a text, quoted."""
    if len(text) <= SHOWN:
        return repr(text)
    end = text[-SHOWN:]
    return repr(f"... {end.partition(' ')[2] or end}")


def _warnings(
    found: clip.Clip, used_s: float, cut_s: float | None, text: str, gain: float
) -> Iterator[str]:
    yield from found.notes
    if cut_s is not None:
        yield (
            f"the clip was {found.seconds:.1f} s; its first {used_s:.1f} s are used, "
            f"up to {_shown(text)}"
        )
    if gain > NOTED_GAIN:
        yield f"the clip was quiet and was made {gain:.0f} times louder, its noise included"
