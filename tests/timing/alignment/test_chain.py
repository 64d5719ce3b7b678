from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from tests.timing.fixtures import (
    align_speech,
    check_order,
    one_window,
    script_of,
    sentences,
    tokens,
    whole,
)
from timing.alignment.aligner import Aligner, Alignment, RemoteService, ServiceRefused, WindowFailed
from timing.alignment.chain import align, windows_of
from timing.alignment.match import match
from timing.alignment.selection import (
    METHODS,
    AlignerChain,
    TimingUnavailable,
    check_method,
    select_aligners,
)
from timing.alignment.sphinx import SphinxAligner
from timing.token_times import TimedToken
from tts.speech import Chunk, Directive, RecognizedWord, Samples, Span, Speech

RATE = 24000
SERVICE = RemoteService("Somebody", allowed_in_auto=True)


@dataclass
class Even:
    """An aligner that gives every token the same time, or fails where the window is quiet."""

    score: float = 0.9
    languages: frozenset[str] = frozenset({"en", "de"})
    max_window_ms: int = 48_000
    service: RemoteService | None = None
    lengths: list[int] = field(default_factory=list)

    def align(self, samples: Samples, tokens: Sequence[str], language: str) -> Alignment:
        assert language in self.languages
        self.lengths.append(len(samples))
        if np.abs(samples).max() < 0.1:
            raise WindowFailed("it is too quiet")
        step = 1000 * len(samples) / 16000 / len(tokens)
        times = [TimedToken(i * step, (i + 1) * step, self.score) for i in range(len(tokens))]
        return Alignment(times)


def beep(seconds: float, level: float = 0.5) -> Samples:
    wave = level * np.sin(np.arange(round(seconds * RATE)) / 10)
    return wave.astype(np.float32)


def three_chunks(levels: Sequence[float] = (0.5, 0.5, 0.5)) -> tuple[Speech, list[str]]:
    """Chunks of two words at 0.5-1.5, 2.0-3.0 and 3.5-4.5 s."""
    words = ["one", "two", "three", "four", "five", "six"]
    script = script_of(words, [[word] for word in words])
    spans = []
    audio = np.zeros(round(4.5 * RATE), np.float32)
    for i, level in enumerate(levels):
        start, end = round((0.5 + 1.5 * i) * RATE), round((1.5 + 1.5 * i) * RATE)
        audio[start:end] = beep(1, level)
        spans.append(Span(Chunk(script.tokens[2 * i : 2 * i + 2], 2 * i, 2 * i + 2), start, end))
    return Speech(audio, RATE, tuple(spans)), words


def run(
    method: str, aligners: dict[str, Aligner], levels: Sequence[float] = (0.5, 0.5, 0.5)
) -> tuple[list[tuple[int, int]], list[str], tuple[str, ...], str]:
    speech, words = three_chunks(levels)
    script = script_of(words, [[word] for word in words])
    timing = align_speech(script, speech, method, aligners, "en")
    check_order(timing.words, speech.duration_ms)
    assert [word.word for word in timing.words] == words
    assert [word.chunk for word in timing.words] == [0, 0, 1, 1, 2, 2]
    spans = [(word.start_ms, word.end_ms) for word in timing.words]
    return spans, [word.source for word in timing.words], timing.warnings, timing.method


EVEN = [(500, 1000), (1000, 1500), (2000, 2500), (2500, 3000), (3500, 4000), (4000, 4500)]


def test_each_chunk_is_a_window_at_its_exact_place() -> None:
    even = Even()
    spans, sources, warnings, method = run("auto", {"sphinx": even})
    assert spans == EVEN
    assert even.lengths == [16000] * 3
    assert (sources, warnings, method) == (["sphinx"] * 6, (), "sphinx")


def test_the_first_of_the_chain_is_asked_first_whatever_the_mapping_says() -> None:
    google, whisperx = Even(), Even()
    _, sources, warnings, _ = run("auto", {"google": google, "whisperx": whisperx})
    assert set(sources) == {"whisperx"}
    assert warnings == ()
    assert google.lengths == []


def test_a_window_that_fails_goes_down_the_chain_alone() -> None:
    aligners: dict[str, Aligner] = {"whisperx": Even(), "sphinx": Even(score=0.1)}
    spans, sources, warnings, method = run("auto", aligners, (0.5, 0.05, 0.5))
    assert sources == ["whisperx"] * 2 + ["estimate"] * 2 + ["whisperx"] * 2
    assert spans[2][0] == 2000
    assert warnings == (
        "2.0-3.0 s: whisperx: it is too quiet, sphinx: it is too quiet; word times there are"
        " estimates",
    )
    assert method == "whisperx"


def test_times_that_the_gate_refuses_come_from_the_next_aligner() -> None:
    aligners: dict[str, Aligner] = {"whisperx": Even(score=0.1), "sphinx": Even()}
    _, sources, warnings, _ = run("auto", aligners)
    assert set(sources) == {"sphinx"}
    assert warnings == (
        "0.5-4.5 s: whisperx failed (the text does not match the audio); word times there come from"
        " sphinx",
    )


def test_neighbours_with_the_same_problem_share_a_warning() -> None:
    _, _, warnings, _ = run("auto", {"sphinx": Even(score=0.1)}, (0.5, 0.5, 0.05))
    assert warnings == (
        "0.5-3.0 s: the text does not match the audio; word times there are estimates",
        "3.5-4.5 s: sphinx: it is too quiet; word times there are estimates",
    )


@pytest.mark.parametrize("count", [-1, 1])
def test_as_many_times_as_spoken_words_are_wanted(count: int) -> None:
    class Miscounting(Even):
        def align(self, samples: Samples, tokens: Sequence[str], language: str) -> Alignment:
            return super().align(samples, [*tokens, *tokens][: len(tokens) + count], language)

    _, sources, warnings, _ = run("auto", {"sphinx": Miscounting()})
    assert set(sources) == {"estimate"}
    assert f"sphinx: {2 + count} times for 2 spoken words;" in warnings[0]


def test_only_windows_that_are_not_known_are_aligned() -> None:
    speech, words = three_chunks((0.5, 0.05, 0.5))
    script = script_of(words, [[word] for word in words])
    audio = windows_of(speech)
    first = align(script, audio, AlignerChain({"sphinx": Even()}, "en"))
    known = dict(zip(audio.windows[:2], first.alignments, strict=False))
    later = Even()
    again = align(script, replace(audio, previous=known), AlignerChain({"sphinx": later}, "en"))
    assert (again.words, again.warnings) == (first.words, first.warnings)
    assert len(first.warnings) == len(later.lengths) == 1


@dataclass
class Recognizer(Even):
    """A service that hears each word begin 0.3 ms late."""

    service: RemoteService | None = SERVICE

    def align(self, samples: Samples, tokens: Sequence[str], language: str) -> Alignment:
        self.lengths.append(len(samples))
        step = 1000 * len(samples) / 16000 / len(tokens)
        recognized = [
            RecognizedWord(token, i * step + 0.3, (i + 1) * step, 0.9)
            for i, token in enumerate(tokens)
        ]
        return Alignment(match(tokens, recognized, step * len(tokens)), billed_s=7.0)


def test_times_of_a_service_are_rounded_once() -> None:
    """Each window begins 10/24 ms after a whole one: 0.3 ms more is nearer to the next."""
    speech, words = three_chunks()
    script = script_of(words, [[word] for word in words])
    moved = tuple(Span(span.chunk, span.start + 10, span.end + 10) for span in speech.chunks)
    later = Speech(np.concatenate([np.zeros(10, np.float32), speech.samples[:]]), RATE, moved)
    service = Recognizer()
    timing = align_speech(script, later, "google", {"google": service}, "en")
    assert [(word.start_ms, word.end_ms) for word in timing.words] == [
        (start_ms + 1, end_ms) for start_ms, end_ms in EVEN
    ]
    assert (service.lengths, timing.billed_s) == ([3 * 16_000], 7.0)


@pytest.mark.parametrize("error", [WindowFailed, ServiceRefused])
def test_what_a_service_charges_for_nothing_is_counted_too(error: type[WindowFailed]) -> None:
    class Failing(Even):
        def align(self, samples: Samples, tokens: Sequence[str], language: str) -> Alignment:
            raise error("it heard nothing", billed_s=5.0)

    speech, words = three_chunks()
    script = script_of(words, [[word] for word in words])
    timing = align_speech(script, speech, "google", {"google": Failing(service=SERVICE)}, "en")
    assert timing.billed_s == 5.0
    assert timing.warnings[-1] == (
        "3.0 s of the audio were sent to Somebody, which charges for 5 s"
    )
    assert {word.source for word in timing.words} == {"estimate"}


def test_windows_may_be_joined_as_far_as_one_of_the_asked_aligners_takes_them() -> None:
    both: dict[str, Aligner] = {
        "whisperx": Even(max_window_ms=30_000),
        "sphinx": Even(languages=frozenset({"en"})),
    }
    assert select_aligners("auto", both, "en").max_window_ms == 48_000
    assert select_aligners("auto", both, "de").max_window_ms == 30_000
    assert select_aligners("whisperx", both, "en").max_window_ms == 30_000
    assert select_aligners("auto", both, "fi").max_window_ms == 0
    assert select_aligners("estimate", both, "en").max_window_ms == 0


def test_a_named_method_is_used_alone() -> None:
    whisperx = Even()
    _, sources, _, method = run("sphinx", {"whisperx": whisperx, "sphinx": Even()})
    assert (set(sources), method, whisperx.lengths) == ({"sphinx"}, "sphinx", [])


def test_the_estimate_asks_no_aligner() -> None:
    even = Even()
    spans, sources, warnings, method = run("estimate", {"sphinx": even})
    assert (set(sources), warnings, method, even.lengths) == ({"estimate"}, (), "estimate", [])
    assert [start for start, _ in spans[::2]] == [500, 2000, 3500]


def test_confidence_is_the_mean_of_the_words() -> None:
    speech, words = three_chunks((0.5, 0.05, 0.05))
    script = script_of(words, [[word] for word in words])
    timing = align_speech(script, speech, "auto", {"sphinx": Even()}, "en")
    assert timing.confidence == pytest.approx((2 * 0.9 + 4 * 0.3) / 6)
    assert timing.method == "estimate"


@pytest.mark.parametrize(
    ("method", "language", "sentence"),
    [
        (
            "google",
            "en",
            "cannot time language 'en' with 'google'; it can with auto, sphinx, estimate",
        ),
        ("sphinx", "fr", "cannot time language 'fr' with 'sphinx'; it can with auto, estimate"),
    ],
)
def test_a_method_that_is_not_there_is_refused(method: str, language: str, sentence: str) -> None:
    speech, words = three_chunks()
    script = script_of(words, [[word] for word in words])
    for call in (
        lambda: check_method(method, {"sphinx": Even()}, language),
        lambda: align_speech(script, speech, method, {"sphinx": Even()}, language),
    ):
        with pytest.raises(TimingUnavailable) as refusal:
            call()
        assert str(refusal.value) == f"timing_unavailable: this worker {sentence}"


@pytest.mark.parametrize("method", ["auto", "sphinx", "estimate"])
def test_a_method_that_is_there_is_accepted(method: str) -> None:
    assert method in METHODS
    check_method(method, {"sphinx": Even()}, "en")


@dataclass
class Listed(Even):
    """Notes the language and the number of words of each call."""

    calls: list[tuple[str, int]] = field(default_factory=list)

    def align(self, samples: Samples, tokens: Sequence[str], language: str) -> Alignment:
        self.calls.append((language, len(tokens)))
        return super().align(samples, tokens, language)


def with_passage(
    method: str, aligners: dict[str, Aligner], language: str = "de"
) -> tuple[list[str], tuple[str, ...]]:
    """The source of each word where the second of three chunks has another language."""
    speech, words = three_chunks()
    script = replace(
        script_of(words, [[word] for word in words]),
        directives=(Directive(2, language=language), Directive(4, language="")),
    )
    timing = align_speech(script, speech, method, aligners, "en")
    check_order(timing.words, speech.duration_ms)
    return [word.source for word in timing.words], timing.warnings


def test_a_passage_goes_to_the_aligners_that_know_its_language() -> None:
    english = Listed(languages=frozenset({"en"}))
    german = Listed(languages=frozenset({"de"}))
    sources, warnings = with_passage("auto", {"whisperx": german, "sphinx": english}, "de-AT")
    assert sources == ["sphinx", "sphinx", "whisperx", "whisperx", "sphinx", "sphinx"]
    assert (english.calls, german.calls) == ([("en", 2), ("en", 2)], [("de", 2)])
    assert warnings == ()


def test_a_passage_that_no_aligner_knows_is_estimated_and_said_once() -> None:
    for method in ("auto", "sphinx"):
        sources, warnings = with_passage(method, {"sphinx": Even()}, "fr")
        assert sources == ["sphinx", "sphinx", "estimate", "estimate", "sphinx", "sphinx"]
        assert warnings == ("this worker cannot align language 'fr': its word times are estimated",)
    assert with_passage("estimate", {"sphinx": Even()}, "fr")[1] == ()


def test_a_call_of_a_service_never_mixes_languages() -> None:
    service = Listed(languages=frozenset({"en", "de"}), service=SERVICE)
    sources, _ = with_passage("auto", {"google": service})
    assert set(sources) == {"google"}
    assert sorted(service.calls) == [("de", 2), ("en", 2), ("en", 2)]


def test_a_language_without_an_aligner_is_estimated_and_said_once() -> None:
    speech, words = three_chunks()
    script = script_of(words, [[word] for word in words])
    timing = align_speech(script, speech, "auto", {"sphinx": Even()}, "fr")
    assert timing.method == "estimate"
    assert timing.warnings == (
        "this worker cannot align language 'fr': all word times are estimated",
    )


@pytest.fixture(scope="module")
def sphinx() -> SphinxAligner:
    return SphinxAligner()


def test_damaged_windows_are_estimated_and_the_others_stay(sphinx: SphinxAligner) -> None:
    script, speech, truth = whole(16000)
    samples = speech.samples[:].copy()
    silent, noisy, swapped = speech.chunks[1], speech.chunks[4], speech.chunks[7]
    samples[silent.start : silent.end] = 0
    noise = np.random.default_rng(0).normal(0, 0.1, noisy.end - noisy.start)
    samples[noisy.start : noisy.end] = noise.astype(np.float32)
    other = sentences()[8].samples[: swapped.end - swapped.start]
    samples[swapped.start : swapped.start + len(other)] = other
    timing = align_speech(
        script, Speech(samples, 16000, speech.chunks), "auto", {"sphinx": sphinx}, "en"
    )
    assert {word.chunk for word in timing.words if word.source == "estimate"} == {1, 4, 7}
    assert all(word.is_heard == (word.source != "estimate") for word in timing.words)
    assert timing.warnings == tuple(
        f"{span.start / 16_000:.1f}-{span.end / 16_000:.1f} s: the text does not match the audio; "
        "word times there are estimates"
        for span in (silent, noisy, swapped)
    )
    heard = [i for i, word in enumerate(timing.words) if word.source == "sphinx"]
    errors = np.abs([timing.words[i].start_ms - truth[i] for i in heard])
    assert np.median(errors) <= 20
    assert timing.method == "sphinx"
    assert 0.5 < timing.confidence < 0.85
    check_order(timing.words, speech.duration_ms)


@pytest.mark.parametrize(("unsure", "is_told"), [(2, False), (3, True)])
def test_neighbouring_words_of_low_scores_are_marked_and_warned_of(
    unsure: int, is_told: bool
) -> None:
    class Unsure(Even):
        def align(self, samples: Samples, tokens: Sequence[str], language: str) -> Alignment:
            times = super().align(samples, tokens, language).times
            sure = len(times) - unsure
            low = [replace(time, confidence=0.1) for time in times[sure:]]
            return Alignment([*times[:sure], *low])

    script, speech = one_window(sentences()[0])
    timing = align_speech(script, speech, "auto", {"sphinx": Unsure()}, "en")
    heard = [word.is_heard for word in timing.words]
    assert {word.source for word in timing.words} == {"sphinx"}
    assert all(heard[:-3])
    assert heard[-2:] == [not is_told] * 2
    told = f"0.0-{speech.duration_ms / 1000:.1f} s: the text may not match the audio; check the"
    assert timing.warnings == ((f"{told} word times there",) if is_told else ())


def test_words_that_were_not_spoken_lower_the_confidence(sphinx: SphinxAligner) -> None:
    sentence = sentences()[4]
    script, speech = one_window(sentence)
    good = align_speech(script, speech, "auto", {"sphinx": sphinx}, "en")
    added = script_of([*sentence.words, "elephants"], [*sentence.spoken, ["elephants"]])
    chunk = Chunk(added.tokens, 0, len(added.words))
    longer = Speech(speech.samples, 16000, (Span(chunk, 0, len(speech.samples)),))
    bad = align_speech(added, longer, "auto", {"sphinx": sphinx}, "en")
    assert bad.confidence < good.confidence - 0.02
    assert len(bad.words) == len(tokens(sentence)) - sum(len(s) - 1 for s in sentence.spoken) + 1


@pytest.mark.parametrize("samples", [0, 1, 10, 400])
@pytest.mark.parametrize("rate", [16000, 24000])
def test_a_window_too_short_for_its_words_is_still_timed(
    sphinx: SphinxAligner, samples: int, rate: int
) -> None:
    script, speech = one_window(sentences()[0], sentences()[0].samples[8000 : 8000 + samples])
    speech = replace(speech, sample_rate=rate)
    timing = align_speech(script, speech, "auto", {"sphinx": sphinx}, "en")
    assert timing.method == "estimate"
    check_order(timing.words, speech.duration_ms)


@pytest.mark.parametrize("gap_s", [0.3, 0.05, 0.0])
def test_the_last_word_does_not_last_as_long_as_the_music_after_it(
    sphinx: SphinxAligner, gap_s: float
) -> None:
    sentence = sentences()[0]
    at = np.arange(8 * 16_000) / 16_000
    music = 0.15 * np.sin(2 * np.pi * 220 * at) + 0.1 * np.sin(2 * np.pi * 330 * at)
    silence = np.zeros(round(16_000 * gap_s))
    samples = np.concatenate([sentence.samples, silence, music]).astype(np.float32)
    timing = align_speech(*one_window(sentence, samples), "sphinx", {"sphinx": sphinx}, "en")
    assert timing.method == "sphinx"
    assert timing.words[-1].end_ms == pytest.approx(sentence.ends_ms[-1], abs=150)
