"""What a cloning engine imitates: a voice's clip, cut if it is long, with its transcript."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from errors import CancelCheck, never_cancelled
from tts.asr.transcriber import Transcriber, Transcript
from tts.audio.levels import EDGE_S
from tts.engine import Mel, Reference
from tts.languages import base_language
from tts.speech import Samples
from tts.text.script import read_script
from tts.voices.clip import (
    Clip,
    VoiceRejected,
    boost_quiet,
    file_sha256,
    read_clip,
    speech_seconds,
    trim_silence,
)
from tts.voices.excerpt import (
    MAX_EXCERPT_S,
    SHORT_S,
    pause_cuts,
    spoken_letters,
    transcript_prefix,
    word_gap_cuts,
)
from unicode_sets import SENTENCE_MARKS

PREVIEW_S = MAX_EXCERPT_S + 3
"""Whisper transcribes so much to find gaps between words. It places the last words before a cut
better when it hears those after it."""

MAX_TRIES = 3
"""Of each kind of cut; each try costs a run of Whisper."""

MIN_LETTERS_PER_S, MAX_LETTERS_PER_S = 3, 40
"""A transcript with fewer or more letters for each second of sound is not of this clip."""

MIN_NOTED_GAIN = 4.0
"""A clip that is made louder than this gets a warning, because its noise becomes louder too."""

MAX_QUOTE_LENGTH = 40


@dataclass(frozen=True, eq=False)
class _Excerpt:
    """The used part of a clip, and what is said in it. `cut_s`: see Reference."""

    samples: Samples
    text: str
    language: str | None
    cut_s: float | None = None


@dataclass(frozen=True)
class ReferenceBuilder:
    """Makes the references of one engine.

    mel: the engine's own; takes mono samples, shape (n,).
    sample_rate: Hz, which the engine works at.
    whisper: None if the worker has none. A clip then needs its ref_text and at most MAX_EXCERPT_S.
    check: called while a clip is read and before each run of Whisper; an exception from it ends
        the work.

    The same clip and ref_text give the same reference on every worker that has the same models.
    """

    mel: Callable[[Samples], Mel]
    sample_rate: int
    whisper: Transcriber | None
    check: CancelCheck = never_cancelled

    def prepare(
        self,
        path: Path,
        ref_text: str | None = None,
        language: str | None = None,
        cut_s: float | None = None,
    ) -> Reference:
        """The reference that a clip gives. Raises VoiceRejected, TranscriptionFailed.

        path: the clip, a file of any format that tts.audio.decode reads.
        ref_text: what is said in the whole clip or, with `cut_s`, in the part before the cut;
            None: Whisper transcribes it.
        language: the tag of the clip's language; None: as Whisper hears it.
        cut_s: of an earlier reference of the same file, to cut it there again.
        """
        clip = read_clip(path, self.sample_rate, self.check)
        excerpt = self._excerpt_of(clip, ref_text, language, cut_s)
        language = excerpt.language or "en"
        text = self._validated_text(excerpt.text, excerpt.samples, language)
        samples, gain = boost_quiet(excerpt.samples)
        used_s = len(samples) / self.sample_rate
        return Reference(
            clip=samples,
            mel=self.mel(samples),
            text=text,
            spoken=read_script(text, language).tokens,
            language=language,
            sha256=file_sha256(path),
            warnings=tuple(_warnings(clip, used_s, excerpt.cut_s, text, gain)),
            cut_s=excerpt.cut_s,
        )

    def with_transcript(self, reference: Reference, ref_text: str) -> Reference:
        """The same reference with another transcript. Raises VoiceRejected."""
        text = self._validated_text(ref_text, reference.clip, reference.language)
        spoken = read_script(text, reference.language).tokens
        return replace(reference, text=text, spoken=spoken)

    def _excerpt_of(
        self, clip: Clip, ref_text: str | None, language: str | None, cut_s: float | None
    ) -> _Excerpt:
        """The part of a clip that is used: all of a short one."""
        if ref_text is not None and cut_s is not None:
            return _Excerpt(self._cut_at(clip.samples, cut_s), ref_text, language, cut_s)
        if len(clip.samples) > (MAX_EXCERPT_S + EDGE_S) * self.sample_rate:
            return self._best_excerpt(clip, ref_text, language)
        if ref_text is not None:
            return _Excerpt(clip.samples, ref_text, language)
        transcript = self._transcribe(clip.samples, language)
        return _Excerpt(clip.samples, transcript.text, language or transcript.language)

    def _best_excerpt(self, clip: Clip, ref_text: str | None, language: str | None) -> _Excerpt:
        """The beginning of a long clip, up to the best cut whose transcript is certain."""
        problem = f"the clip has {clip.seconds:.1f} s and at most {MAX_EXCERPT_S:g} s are used"
        if self.whisper is None:
            raise VoiceRejected(
                f"{problem}, and the worker has no Whisper to hear what is said in them",
                f"give a clip of at most {MAX_EXCERPT_S:g} s, or set WHISPER_MODEL",
            )
        last_text = ""
        for cut_s in self._candidate_cuts(clip.samples, language):
            samples = self._cut_at(clip.samples, cut_s)
            transcript = self._transcribe(samples, language)
            last_text = transcript.text or last_text
            spoken_language = language or transcript.language
            text: str | None = transcript.text
            if ref_text is not None:
                # The client's own words are better than Whisper's, if they can be cut too.
                text = transcript_prefix(ref_text, transcript.text, spoken_language)
            if text:
                return _Excerpt(samples, text, spoken_language, cut_s)
        if not last_text:
            raise _nothing_heard()
        raise VoiceRejected(
            f"{problem}, but the ref_text does not begin with what is heard in them, "
            f"which ends in {_quote_end(last_text)}",
            f"correct the ref_text, leave it out, or give a clip of at most {MAX_EXCERPT_S:g} s",
        )

    def _candidate_cuts(self, samples: Samples, language: str | None) -> Iterator[float]:
        """Where to try to cut, in seconds: at pauses, then between words, then at early pauses."""
        pauses = pause_cuts(samples, self.sample_rate)
        yield from [cut_s for cut_s in pauses if cut_s >= SHORT_S][:MAX_TRIES]
        # The caller stops at the first good cut, so Whisper runs here only if no pause gave one.
        transcript = self._transcribe(samples[: round(PREVIEW_S * self.sample_rate)], language)
        yield from word_gap_cuts(samples, self.sample_rate, transcript.words)[:MAX_TRIES]
        yield from [cut_s for cut_s in pauses if cut_s < SHORT_S][:MAX_TRIES]

    def _cut_at(self, samples: Samples, cut_s: float) -> Samples:
        return trim_silence(samples[: round(cut_s * self.sample_rate)], self.sample_rate)

    def _transcribe(self, samples: Samples, language: str | None) -> Transcript:
        if self.whisper is None:
            raise VoiceRejected(
                "the clip came without its transcript, and the worker has no Whisper to hear it",
                "give ref_text, or set WHISPER_MODEL",
            )
        code = base_language(language) if language else None
        if code is not None and code not in self.whisper.languages:
            raise VoiceRejected(
                f"Whisper must transcribe the clip, but does not know the language {code!r}",
                f"give ref_text with a clip of at most {MAX_EXCERPT_S:g} s, or set WHISPER_MODEL "
                "to a model of more languages",
            )
        self.check()
        return self.whisper.transcribe(boost_quiet(samples)[0], self.sample_rate, code)

    def _validated_text(self, text: str, samples: Samples, language: str) -> str:
        """A transcript that ends a sentence. Raises VoiceRejected if the clip cannot say it."""
        text = " ".join(text.split())
        if not text:
            raise _nothing_heard()
        seconds = speech_seconds(samples, self.sample_rate)
        pace = spoken_letters(text, language) / seconds
        if not MIN_LETTERS_PER_S <= pace <= MAX_LETTERS_PER_S:
            raise VoiceRejected(
                f"{_quote_end(text)} cannot be what is said in the clip: {pace:.1f} letters a "
                f"second in its {seconds:.1f} s of sound, where speech has {MIN_LETTERS_PER_S} to "
                f"{MAX_LETTERS_PER_S}",
                "give the ref_text of exactly this clip, word for word",
            )
        # The model reads the transcript and the script as one text, and needs the end of a
        # sentence between them.
        return text if text[-1] in SENTENCE_MARKS else text.rstrip(",;:-–— ") + "."


def _nothing_heard() -> VoiceRejected:
    return VoiceRejected("no speech was heard in the clip", "give ref_text, or another clip")


def _quote_end(text: str) -> str:
    """The last words of a text, quoted, about MAX_QUOTE_LENGTH characters."""
    if len(text) <= MAX_QUOTE_LENGTH:
        return repr(text)
    end = text[-MAX_QUOTE_LENGTH:]
    # The first word may be cut in two.
    return repr(f"... {end.partition(' ')[2] or end}")


def _warnings(
    clip: Clip, used_s: float, cut_s: float | None, text: str, gain: float
) -> Iterator[str]:
    """One sentence for each thing that the client may want to know about its clip.

    used_s: seconds of the part that is used.
    cut_s: None if the whole clip is used.
    text: what is said in that part.
    gain: how many times louder the part was made.
    """
    yield from clip.notes
    if cut_s is not None:
        yield (
            f"the clip was {clip.seconds:.1f} s; its first {used_s:.1f} s are used, "
            f"up to {_quote_end(text)}"
        )
    if gain > MIN_NOTED_GAIN:
        yield f"the clip was quiet and was made {gain:.0f} times louder, its noise included"
