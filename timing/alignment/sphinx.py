"""Forced alignment with pocketsphinx: English, no weights to fetch, 0.02 of real time on a CPU."""

import re
import tempfile
import threading
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import exp, inf, log
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pocketsphinx import Decoder, get_model_path

from timing.alignment.aligner import (
    MIN_AUDIO_S,
    MIN_CONFIDENCE,
    Alignment,
    TextMismatch,
    WindowFailed,
    check_length,
)
from timing.alignment.denoise import reduce_noise
from timing.alignment.g2p import GraphemeToPhoneme
from timing.alignment.joints import Joint, refine
from timing.alignment.listening import bigram_model, phrases
from timing.alignment.vad import detect
from timing.token_times import TimedToken, separate_tokens
from tts.speech import ASR_SAMPLE_RATE, RecognizedWord, Samples

_WINDOW_MS = 25.6
"""What the decoder hears of each frame: the middle of a frame is the middle of such a window."""
_FRAME_RATE, _FINE_FRAME_RATE = 100, 200
"""Frames a second. A phone lasts three frames at least, so a quick speaker needs the finer ones."""
_QUICK_MS_PER_PHONE = 75.0
"""Speech that leaves less than this to a phone, on average, is quick. A calm speaker takes 90."""
_OTHER_DECODERS: Mapping[str, Mapping[str, float]] = {
    "fine": {"frate": _FINE_FRAME_RATE},
    "wide": {"beam": 1e-80, "wbeam": 1e-60, "pbeam": 1e-80},
}
"""Wider beams lose the text less easily in noise, and take ten times as long."""
_MIN_RETRY_CONFIDENCE, _MIN_FINE_CONFIDENCE = 0.46, 0.5
"""What a window's words must reach, in the mean, where it failed before. Wrong text reaches 0.45 in
a room; finer frames fit any text better, and quick speech has 0.56 and more there."""
_MARGIN_S = 0.2
"""The silence that an attempt adds at both ends: sound at the very edge leaves no frame for the
silence that the decoder expects there."""

_DITHER = 1e-4
_PLAIN = re.compile(r"[\w'.-]{1,60}")
_ALTERNATE = re.compile(r"\(\d+\)$")
_FILLERS = frozenset({"<s>", "</s>", "<sil>", "[NOISE]", "[SPEECH]", "(NULL)"})


class SphinxAligner:
    """Aligns English with the acoustic model in pocketsphinx's wheel: 0.2 s to load, 25 MB.

    Word starts on tests/data/timing are off by 14 ms in the mean, 9 in the median, 37 at p95; no
    word is dropped. On seven recordings of people they are off by 15, 10 and 43. A second pass over
    phones, 125 or 200 frames a second and wider beams are as good or worse; the mean with a pass of
    shifted frames is better by half a millisecond and takes twice the time. Snapping to pauses
    (`SpeechActivity.snap_to_speech`, done by the chain) took p95 from 61 to 40, exact joints
    (`joints.refine`) took the mean from 16 to 14, and from 16 to 15 on people.
    """

    service = None
    languages = frozenset({"en"})
    max_window_ms = 48_000
    """With 30 s, 17 % more words stay unplaced when windows of a wrongly cut text are joined."""

    def __init__(self) -> None:
        self._decoder = Decoder(lm=None, loglevel="FATAL", frate=_FRAME_RATE)
        self._others: dict[str, Any] = {}
        self._phones_of = GraphemeToPhoneme()
        # Jobs share the aligner, and the decoder holds the state of one utterance at a time.
        self._lock = threading.Lock()

    def align(self, samples: Samples, tokens: Sequence[str], language: str) -> Alignment:
        """See `Aligner`. The same window gives the same times, whatever was aligned before.

        A window that fails is tried again: with silence at both ends; without its noise if it is
        noisy, and then with wider beams too; in finer frames if the speech is quick.
        """
        check_length(samples, MIN_AUDIO_S, inf)
        words = [token.lower().replace("’", "'") for token in tokens]
        with self._lock:
            phones = {word: self._pronounce(word) for word in words}
            count = sum(len(phones[word].split()) for word in words)
            failure = WindowFailed("it was not tried")
            for attempt in self._attempts(samples, count):
                try:
                    return Alignment(attempt.times(phones, words))
                except WindowFailed as failed:
                    failure = failed
        raise failure

    def hear(
        self, samples: Samples, tokens: Sequence[str], language: str
    ) -> Sequence[RecognizedWord] | None:
        """See `TextListener`; it takes 0.04 of real time, and 10 ms for each text."""
        if language not in self.languages or len(samples) < MIN_AUDIO_S * ASR_SAMPLE_RATE:
            return None
        words = [token.lower().replace("’", "'") for token in tokens]
        with self._lock:
            entries = {word: self._dictionary_entries(word) for word in set(words)}
        words = [word for word in words if entries[word]]
        if not words:
            return None
        lines = [line for word in sorted(entries) for line in entries[word]]
        with tempfile.TemporaryDirectory() as folder:
            dictionary, model = Path(folder, "words.dict"), Path(folder, "text.arpa")
            dictionary.write_text("\n".join([*lines, ""]), "utf-8")
            model.write_text(bigram_model(words), "utf-8")
            # With the words of the text alone it is built 500 times faster than with all words.
            decoder = Decoder(
                hmm=get_model_path("en-us/en-us"),
                dict=str(dictionary),
                lm=str(model),
                loglevel="FATAL",
            )
        try:
            decoder.start_utt()
            decoder.process_raw(_pcm(samples), full_utt=True)
            decoder.end_utt()
        except RuntimeError:
            return None
        attempt = _Attempt(decoder, samples)
        segments = list(decoder.seg()) if decoder.hyp() is not None else []
        heard: list[RecognizedWord] = []
        for segment in segments:
            if segment.word not in _FILLERS:
                time = attempt.time(segment)
                text = _ALTERNATE.sub("", segment.word)
                heard.append(RecognizedWord(text, time.start_ms, time.end_ms, time.confidence))
        return phrases(heard, words)

    def _dictionary_entries(self, word: str) -> list[str]:
        """The lines of a dictionary with all pronunciations of a word; none if it has none."""
        phones = self._phones(word) if _PLAIN.fullmatch(word) else ""
        if not phones:
            return []
        others = (f"{word}({number})" for number in range(2, 6))
        known = ((other, self._decoder.lookup_word(other)) for other in others)
        return [f"{word} {phones}", *(f"{other} {said}" for other, said in known if said)]

    def _attempts(self, samples: Samples, phones: int) -> Iterator["_Attempt"]:
        """What is tried one after the other; nothing is made before its turn.

        phones: how many the window's words have.
        """
        yield _Attempt(self._decoder, samples)
        margin = round(_MARGIN_S * ASR_SAMPLE_RATE)
        padded = np.pad(samples, margin)
        yield _Attempt(self._decoder, padded, margin, min_confidence=_MIN_RETRY_CONFIDENCE)
        activity = detect(samples)
        if activity.is_noisy:
            cleaned = np.pad(reduce_noise(samples), margin)
            for decoder in (self._decoder, self._other_decoder("wide")):
                yield _Attempt(decoder, cleaned, margin, min_confidence=_MIN_RETRY_CONFIDENCE)
        if activity.sounding_ms < _QUICK_MS_PER_PHONE * phones:
            yield _Attempt(
                self._other_decoder("fine"), padded, margin, _FINE_FRAME_RATE, _MIN_FINE_CONFIDENCE
            )

    def _other_decoder(self, name: str) -> Any:
        """A decoder of _OTHER_DECODERS; few windows need one, so it is loaded when one does."""
        if name not in self._others:
            self._others[name] = Decoder(lm=None, loglevel="FATAL", **_OTHER_DECODERS[name])
        return self._others[name]

    def _pronounce(self, word: str) -> str:
        """The ARPAbet phones of a word, separated by spaces. Raises `WindowFailed`."""
        known = self._decoder.lookup_word(word)
        if known is not None:
            return str(known)
        phones = self._phones(word) if _PLAIN.fullmatch(word) else ""
        # The decoder would add a word without phones, and end the process when it decodes it.
        if not phones:
            raise WindowFailed(f"no English pronunciation of '{word[:30]}'")
        return phones

    def _phones(self, word: str) -> str:
        """The ARPAbet phones: of the word without accents in the dictionary, or from gruut."""
        letters = unicodedata.normalize("NFKD", word)
        plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
        return self._decoder.lookup_word(plain) or " ".join(self._phones_of(word))


class _Attempt(NamedTuple):
    """One way to decode a window.

    samples: the window with `margin` more samples at both ends, 16 kHz mono.
    frame_rate: the decoder's frames a second.
    min_confidence: what the words must reach in the mean.
    """

    decoder: Any
    samples: Samples
    margin: int = 0
    frame_rate: int = _FRAME_RATE
    min_confidence: float = MIN_CONFIDENCE

    def times(self, phones: Mapping[str, str], words: Sequence[str]) -> list[TimedToken]:
        """When each word is spoken, ms from the start of the window.

        phones: the pronunciation of each word.

        Raises `WindowFailed`.
        """
        for word, sounds in phones.items():
            if self.decoder.lookup_word(word) is None:
                self.decoder.add_word(word, sounds)
        segments = _decode(self.decoder, self.samples, words)
        if [_ALTERNATE.sub("", segment.word) for segment in segments] != words:
            raise TextMismatch("the decoder did not reach the end of the text")
        times = [self.time(segment) for segment in segments]
        confidence = sum(time.confidence for time in times) / max(1, len(times))
        if confidence < self.min_confidence:
            raise TextMismatch(f"mean score {confidence:.2f}")
        # In finer frames a phone may be shorter than any word should be.
        return separate_tokens(self._refined(times, segments), self._duration_ms)

    def _refined(self, times: Sequence[TimedToken], segments: Sequence[Any]) -> list[TimedToken]:
        """The same times with exact joints where no silence lies between two words.

        segments: of the decoder, one for each time.
        """
        margin_ms = 1000 * self.margin / ASR_SAMPLE_RATE
        phones = [str(self.decoder.lookup_word(segment.word)).split() for segment in segments]
        touching = [
            index
            for index in range(1, len(segments))
            if segments[index].start_frame == segments[index - 1].end_frame + 1
        ]
        joints = [
            Joint(times[index].start_ms + margin_ms, phones[index - 1][-1], phones[index][0])
            for index in touching
        ]
        refined = list(times)
        for index, ms in zip(touching, refine(self.samples, joints), strict=True):
            refined[index - 1] = replace(refined[index - 1], end_ms=ms - margin_ms)
            refined[index] = replace(refined[index], start_ms=ms - margin_ms)
        return refined

    @property
    def _duration_ms(self) -> float:
        return 1000 * (len(self.samples) - 2 * self.margin) / ASR_SAMPLE_RATE

    def time(self, segment: Any) -> TimedToken:
        """When the word of a segment is spoken, ms from the start of the window."""
        frame_ms = 1000 / self.frame_rate
        # A boundary between two frames lies half-way between the centres of their windows.
        first_ms = (_WINDOW_MS - frame_ms) / 2 - 1000 * self.margin / ASR_SAMPLE_RATE
        start_ms = max(0.0, segment.start_frame * frame_ms + first_ms)
        end_ms = min((segment.end_frame + 1) * frame_ms + first_ms, self._duration_ms)
        frames = segment.end_frame - segment.start_frame + 1
        return TimedToken(start_ms, end_ms, _confidence(segment.ascore, frames))


def _decode(decoder: Any, samples: Samples, words: Sequence[str]) -> list[Any]:
    """The decoder's segments without silences; none if it did not reach the end."""
    # Else the noise statistics of the window before would move times by a frame.
    decoder.reinit_feat()
    try:
        decoder.set_align_text(" ".join(words))
        decoder.start_utt()
        decoder.process_raw(_pcm(samples), full_utt=True)
        decoder.end_utt()
    except RuntimeError as error:
        raise WindowFailed("the decoder gave up") from error
    if decoder.hyp() is None:
        return []
    return [segment for segment in decoder.seg() if segment.word not in _FILLERS]


def _pcm(samples: Samples) -> bytes:
    """16-bit samples for the decoder."""
    # On digital silence it finds nothing at all. The noise is always the same, so that the times
    # are.
    noise = np.random.default_rng(0).normal(0.0, _DITHER, len(samples))
    return (np.clip(samples + noise, -1.0, 1.0) * 32767).astype("<i2").tobytes()


def _confidence(likelihood: float, frames: int) -> float:
    """The confidence of a word, 0..1.

    likelihood: of the word's phones, relative to the best phones of any kind.
    frames: how many the word lasts.

    The logarithm of the likelihood, for each frame, is about -1.2 where word and sound belong
    together and -5 where they do not; -3 gives a confidence of 0.5.
    """
    # A likelihood too small for a float.
    if likelihood <= 0.0:
        return 0.0
    return 1 / (1 + exp(-1.5 * (log(likelihood) / frames + 3)))
