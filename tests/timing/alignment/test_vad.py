import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timing.alignment.vad import SpeechActivity, detect, gain_of_quiet
from tts.speech import ASR_SAMPLE_RATE, Samples


def tone(ms: int, level: float = 0.3) -> Samples:
    time = np.arange(ms * ASR_SAMPLE_RATE // 1000) / ASR_SAMPLE_RATE
    return (level * np.sin(2 * np.pi * 300 * time)).astype(np.float32)


def hush(ms: int) -> Samples:
    return np.zeros(ms * ASR_SAMPLE_RATE // 1000, np.float32)


def test_start_end_and_pauses_are_heard_within_a_frame() -> None:
    parts = [hush(60), tone(500), hush(300), tone(400), hush(100), tone(200), hush(250)]
    sound = detect(np.concatenate(parts))
    assert sound.start_ms == pytest.approx(60, abs=10)
    assert sound.end_ms == pytest.approx(1560, abs=10)
    assert len(sound.pauses) == 1  # 100 ms is a plosive, not a pause
    assert sound.pauses[0] == pytest.approx((560, 860), abs=10)


def test_noise_under_the_speech_hides_no_pause() -> None:
    clean = np.concatenate([hush(200), tone(500), hush(300), tone(400), hush(200)])
    noise = np.random.default_rng(0).normal(0, 0.003, len(clean))
    sound = detect((clean + noise).astype(np.float32))
    assert sound.pauses[0] == pytest.approx((700, 1000), abs=10)
    assert (sound.start_ms, sound.end_ms) == pytest.approx((200, 1400), abs=10)


def test_clicks_break_no_pause() -> None:
    parts = [hush(200), tone(500), hush(300), tone(400), hush(200)]
    clicking = np.concatenate(parts)
    for at_ms in (60, 800, 900, 1_500):
        clicking[16 * at_ms : 16 * (at_ms + 10)] = 0.2
    assert detect(clicking) == detect(np.concatenate(parts))


def test_the_rumble_of_a_room_hides_no_pause() -> None:
    clean = np.concatenate([hush(200), tone(500), hush(300), tone(400), hush(200)])
    rumble = 0.1 * np.sin(2 * np.pi * 20 * np.arange(len(clean)) / ASR_SAMPLE_RATE)
    sound = detect((clean + rumble).astype(np.float32))
    assert sound.pauses[0] == pytest.approx((700, 1000), abs=10)
    assert (sound.start_ms, sound.end_ms) == pytest.approx((200, 1400), abs=10)


@pytest.mark.parametrize(
    ("level", "is_noisy", "is_drowned"),
    [(1e-4, False, False), (0.012, True, False), (0.05, True, True)],
)
def test_noise_is_told_from_noise_that_drowns_words(
    level: float, is_noisy: bool, is_drowned: bool
) -> None:
    clean = np.concatenate([hush(400), tone(500), hush(300), tone(400), hush(400)])
    noise = np.random.default_rng(0).normal(0, level, len(clean))
    sound = detect((clean + noise).astype(np.float32))
    assert (sound.is_noisy, sound.is_drowned) == (is_noisy, is_drowned)
    assert sound.pauses[0] == pytest.approx((900, 1200), abs=20)
    # Where noise drowns soft words, silence moves no word.
    moved = sound.snap_to_speech(1000, 1500)
    assert moved == ((1000, 1500) if is_drowned else (sound.pauses[0][1], 1500))


@pytest.mark.parametrize(("range_db", "pause_ms", "trusts"), [
    (40.0, 160.0, True), (22.0, 160.0, False), (22.0, 220.0, True), (18.0, 220.0, False),
])  # fmt: skip
def test_a_short_pause_in_noise_may_be_the_soft_start_of_a_word(
    range_db: float, pause_ms: float, trusts: bool
) -> None:
    pause = (1_000.0, 1_000.0 + pause_ms)
    sound = SpeechActivity(0.0, 2_000.0, (pause,), range_db=range_db)
    assert sound.snap_to_speech(1_060.0, 1_600.0) == (pause[1] if trusts else 1_060.0, 1_600.0)


def test_the_quietest_place_is_found_in_sound_without_a_pause() -> None:
    """A plosive's closure is shorter, however silent."""
    parts = [tone(2_300), hush(60), tone(1_640), tone(300, 0.1), tone(1_700)]
    sound = detect(np.concatenate(parts))
    assert sound.pauses == ()
    assert sound.quietest(0, 6_000) == pytest.approx(4_150, abs=60)
    assert sound.quietest(1_000, 3_000) == pytest.approx(2_330, abs=100)
    assert detect(tone(100)).quietest(0, 100) == 100


def test_an_offset_of_the_whole_recording_is_no_sound() -> None:
    parts = [hush(200), tone(500), hush(300), tone(400)]
    assert detect(np.concatenate(parts) + np.float32(0.05)) == detect(np.concatenate(parts))


@pytest.mark.parametrize("samples", [hush(0), hush(5), hush(1000), tone(1000, 1e-4)])
def test_silence_has_no_sound(samples: Samples) -> None:
    assert detect(samples) == SpeechActivity(0.0, 0.0, ())


def test_a_quiet_recording_is_made_louder_and_any_other_stays() -> None:
    quiet = np.concatenate([hush(60_000), tone(1_000, 0.002)])
    assert 0.1 <= gain_of_quiet([quiet]) * 0.002 <= 0.5
    click = quiet.copy()
    click[0] = 0.5
    assert gain_of_quiet([click]) == pytest.approx(0.9 / 0.5)
    for loud_or_silent in (tone(1_000), hush(1_000), hush(0), tone(1_000, 1e-4)):
        assert gain_of_quiet([loud_or_silent]) == 1.0


@pytest.mark.parametrize("ms", [1, 9, 10, 11, 400])
def test_sound_without_silence_fills_its_window(ms: int) -> None:
    assert detect(tone(ms)) == SpeechActivity(0.0, ms, ())


SOUND = SpeechActivity(100.0, 2000.0, ((500.0, 800.0), (1200.0, 1500.0)))


@pytest.mark.parametrize(
    ("given_ms", "trimmed_ms"),
    [
        ((0, 300), (100, 300)),
        ((0, 110), (0, 110)),
        ((550, 900), (800, 900)),
        ((450, 900), (800, 900)),
        ((300, 560), (300, 500)),
        ((300, 850), (300, 500)),
        ((300, 1000), (300, 1000)),
        ((600, 700), (600, 700)),
        ((790, 1300), (800, 1200)),
        ((1600, 2400), (1600, 2000)),
    ],
)
def test_trim(given_ms: tuple[float, float], trimmed_ms: tuple[float, float]) -> None:
    assert SOUND.snap_to_speech(*given_ms) == trimmed_ms


@settings(max_examples=200, deadline=None)
@given(st.floats(0, 2500), st.floats(0, 2500))
def test_trimming_only_shrinks_and_leaves_something(start_ms: float, length_ms: float) -> None:
    end_ms = start_ms + length_ms
    trimmed = SOUND.snap_to_speech(start_ms, end_ms)
    assert start_ms <= trimmed[0] <= trimmed[1] <= end_ms
    assert trimmed[1] - trimmed[0] >= min(20, length_ms) - 1e-9
    assert SOUND.speech_fraction(*trimmed) >= SOUND.speech_fraction(start_ms, end_ms) - 1e-9


def test_share_is_what_sounds() -> None:
    assert SOUND.speech_fraction(400, 600) == 0.5
    assert SOUND.speech_fraction(0, 100) == 0.0
    assert SOUND.speech_fraction(100, 500) == 1.0
    assert SOUND.speech_fraction(300, 300) == 0.0


def test_how_long_a_sound_goes_on() -> None:
    sound = SpeechActivity(100.0, 3000.0, ((1000.0, 1400.0),))
    assert [sound.sound_end_after(ms) for ms in (500.0, 1000.0, 1100.0, 3000.0, 3100.0)] == [
        1000.0,
        1000.0,
        1100.0,
        3000.0,
        3100.0,
    ]
