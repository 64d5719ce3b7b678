"""Forced alignment with pocketsphinx: English, no weights to fetch, 0.02 of real time on a CPU."""

import re
import tempfile
import threading
import unicodedata
from collections.abc import Sequence
from math import exp, inf, log
from pathlib import Path
from typing import Any

import numpy as np
from pocketsphinx import Decoder, get_model_path

from timing.alignment.aligner import (
    MIN_AUDIO_S,
    Alignment,
    TextMismatch,
    WindowFailed,
    check_length,
)
from timing.alignment.g2p import GraphemeToPhoneme
from timing.alignment.listening import bigram_model, phrases
from timing.token_times import TimedToken
from tts.speech import ASR_SAMPLE_RATE, RecognizedWord, Samples

_FRAME_MS = 10.0
_FRAME_CENTRE_MS = 7.8
"""A boundary between two frames lies half-way between the centres of their 25.6 ms windows: (25.6 -
10) / 2 ms after the start of the second frame."""

_DITHER = 1e-4
_PLAIN = re.compile(r"[\w'.-]{1,60}")
_ALTERNATE = re.compile(r"\(\d+\)$")
_FILLERS = frozenset({"<s>", "</s>", "<sil>", "[NOISE]", "[SPEECH]", "(NULL)"})


class SphinxAligner:
    """Aligns English with the acoustic model in pocketsphinx's wheel: 0.2 s to load, 25 MB.

    Word starts on tests/data/timing are off by 16 ms in the mean, 11 in the median, 40 at p95; no
    word is dropped. A second pass over phones, 125 or 200 frames a second, averages of shifted
    passes and wider beams are as good or worse. Snapping to pauses
    (`SpeechActivity.snap_to_speech`, done by the chain) took p95 from 61 to 40.
    """

    service = None
    languages = frozenset({"en"})
    max_window_ms = 48_000
    """With 30 s, 17 % more words stay unplaced when windows of a wrongly cut text are joined."""

    def __init__(self) -> None:
        self._decoder = Decoder(lm=None, loglevel="FATAL")
        self._phones_of = GraphemeToPhoneme()
        # Jobs share the aligner, and the decoder holds the state of one utterance at a time.
        self._lock = threading.Lock()

    def align(self, samples: Samples, tokens: Sequence[str], language: str) -> Alignment:
        """See `Aligner`. The same window gives the same times, whatever was aligned before."""
        check_length(samples, MIN_AUDIO_S, inf)
        words = [token.lower().replace("’", "'") for token in tokens]
        with self._lock:
            for word in words:
                self._learn(word)
            segments = self._decode(samples, words)
        if [_ALTERNATE.sub("", segment.word) for segment in segments] != words:
            raise TextMismatch("the decoder did not reach the end of the text")
        duration_ms = 1000 * len(samples) / ASR_SAMPLE_RATE
        return Alignment([_time(segment, duration_ms) for segment in segments])

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
        duration_ms = 1000 * len(samples) / ASR_SAMPLE_RATE
        segments = list(decoder.seg()) if decoder.hyp() is not None else []
        heard: list[RecognizedWord] = []
        for segment in segments:
            if segment.word not in _FILLERS:
                time = _time(segment, duration_ms)
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

    def _learn(self, word: str) -> None:
        """Give the decoder the pronunciation of a word that its dictionary lacks.

        Raises `WindowFailed`.
        """
        if self._decoder.lookup_word(word) is not None:
            return
        phones = self._phones(word) if _PLAIN.fullmatch(word) else ""
        # The decoder would add a word without phones, and end the process when it decodes it.
        if not phones:
            raise WindowFailed(f"no English pronunciation of '{word[:30]}'")
        self._decoder.add_word(word, phones)

    def _phones(self, word: str) -> str:
        """The ARPAbet phones: of the word without accents in the dictionary, or from gruut."""
        letters = unicodedata.normalize("NFKD", word)
        plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
        return self._decoder.lookup_word(plain) or " ".join(self._phones_of(word))

    def _decode(self, samples: Samples, words: Sequence[str]) -> list[Any]:
        """The decoder's segments without silences; none if it did not reach the end."""
        pcm = _pcm(samples)
        # Else the noise statistics of the window before would move times by a frame.
        self._decoder.reinit_feat()
        try:
            self._decoder.set_align_text(" ".join(words))
            self._decoder.start_utt()
            self._decoder.process_raw(pcm, full_utt=True)
            self._decoder.end_utt()
        except RuntimeError as error:
            raise WindowFailed("the decoder gave up") from error
        if self._decoder.hyp() is None:
            return []
        return [segment for segment in self._decoder.seg() if segment.word not in _FILLERS]


def _pcm(samples: Samples) -> bytes:
    """16-bit samples for the decoder."""
    # On digital silence it finds nothing at all. The noise is always the same, so that the times
    # are.
    noise = np.random.default_rng(0).normal(0.0, _DITHER, len(samples))
    return (np.clip(samples + noise, -1.0, 1.0) * 32767).astype("<i2").tobytes()


def _time(segment: Any, duration_ms: float) -> TimedToken:
    start_ms = segment.start_frame * _FRAME_MS + _FRAME_CENTRE_MS
    end_ms = (segment.end_frame + 1) * _FRAME_MS + _FRAME_CENTRE_MS
    frames = segment.end_frame - segment.start_frame + 1
    return TimedToken(start_ms, min(end_ms, duration_ms), _confidence(segment.ascore, frames))


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
