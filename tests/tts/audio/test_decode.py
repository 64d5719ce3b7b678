"""Sound files that people have are read whole, or with a note; see also test_decode_hostile.py."""

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from tests.support.media import RATE, box, id3, sweep, with_ffmpeg, with_soundfile
from tests.tts.conftest import in_file
from tts.audio.decode import Unreadable, mono
from tts.audio.media.sound import DAMAGED, ENDS_EARLY
from tts.speech import Samples

SWEEP = sweep()
STEREO = np.stack([SWEEP, SWEEP], axis=1)


@dataclass(frozen=True)
class Heard:
    """What was read of a file."""

    samples: Samples
    rate: int
    notes: list[str]

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


def hear(data: bytes) -> Heard:
    with in_file(data) as path, mono(path) as stream:
        samples = np.concatenate([np.zeros(0, np.float32), *stream.blocks()])
    return Heard(samples, stream.rate, stream.notes)


def frequency_at(heard: Heard, second: float) -> float:
    """Of the tone in the 100 ms around a place of the sweep."""
    half = heard.rate // 20
    middle = round(second * heard.rate)
    part = heard.samples[middle - half : middle + half]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 16 * len(part)))
    return float(np.argmax(spectrum)) * heard.rate / (16 * len(part))


def is_sweep(heard: Heard, copies: int = 1) -> bool:
    """Whether it is the sweep, so many times in a row; encoders add up to 0.1 s of silence."""
    assert heard.seconds == pytest.approx(3 * copies, abs=0.1 * copies)
    return all(
        frequency_at(heard, copy * heard.seconds / copies + second)
        == pytest.approx(200 + 600 * second, abs=80)
        for copy in range(copies)
        for second in (0.5, 1.5, 2.5)
    )


def ogg(codec: str = "libvorbis", rate: int = RATE, stereo: bool = False) -> bytes:
    samples = sweep(rate=rate)
    channels = np.stack([samples, samples], axis=1) if stereo else samples
    subtype = {"libvorbis": "VORBIS", "libopus": "OPUS"}[codec]
    return with_soundfile(channels, "OGG", subtype, rate)


def mp3() -> bytes:
    return with_soundfile(SWEEP, "MP3")


PCM = [
    ("WAV", "PCM_U8"), ("WAV", "PCM_16"), ("WAV", "PCM_24"), ("WAV", "PCM_32"), ("WAV", "FLOAT"),
    ("WAV", "DOUBLE"), ("WAVEX", "PCM_16"), ("RF64", "PCM_16"), ("W64", "PCM_16"),
    ("AIFF", "PCM_16"), ("AIFF", "PCM_24"), ("AU", "PCM_16"), ("AU", "FLOAT"), ("CAF", "PCM_16"),
    ("CAF", "FLOAT"), ("FLAC", "PCM_16"), ("FLAC", "PCM_24"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "subtype"), PCM)
def test_what_is_not_compressed_is_read_sample_by_sample(form: str, subtype: str) -> None:
    heard = hear(with_soundfile(SWEEP, form, subtype))
    assert (heard.rate, heard.notes) == (RATE, [])
    bits = 8 if subtype == "PCM_U8" else 16
    assert len(heard.samples) == len(SWEEP)
    assert np.abs(heard.samples - SWEEP).max() <= 1.5 * 2.0 ** (1 - bits)


FILES: dict[str, Callable[[], bytes]] = {
    "mu-law": lambda: with_soundfile(SWEEP, "WAV", "ULAW"),
    "ADPCM": lambda: with_soundfile(SWEEP, "WAV", "IMA_ADPCM"),
    "mp3": mp3,
    "vorbis": ogg,
    "opus": lambda: ogg("libopus"),
    "m4a": lambda: with_ffmpeg([SWEEP], "ipod", "aac"),
    "m4a, index first": lambda: with_ffmpeg(
        [SWEEP], "ipod", "aac", options={"movflags": "faststart"}
    ),
    "fragments": lambda: with_ffmpeg(
        [SWEEP], "mp4", "aac", options={"movflags": "frag_keyframe+empty_moov"}
    ),
    "3gp": lambda: with_ffmpeg([SWEEP], "3gp", "aac"),
    "alac": lambda: with_ffmpeg([SWEEP], "ipod", "alac"),
    "adts": lambda: with_ffmpeg([SWEEP], "adts", "aac"),
    "webm": lambda: with_ffmpeg([SWEEP], "webm", "libopus"),
    "matroska": lambda: with_ffmpeg([SWEEP], "matroska", "aac"),
    "live matroska": lambda: with_ffmpeg([SWEEP], "matroska", "aac", options={"live": "1"}),
    "mpegts": lambda: with_ffmpeg([SWEEP], "mpegts", "aac"),
    "avi": lambda: with_ffmpeg([SWEEP], "avi", "mp2"),
    "wma": lambda: with_ffmpeg([sweep(rate=44_100)], "asf", "wmav2", 44_100),
    "flv": lambda: with_ffmpeg([SWEEP], "flv", "aac"),
    "tta": lambda: with_ffmpeg([SWEEP], "tta", "tta"),
    "wavpack": lambda: with_ffmpeg([SWEEP], "wv", "wavpack"),
}


@pytest.mark.parametrize("name", FILES)
def test_every_container_is_read_whole(name: str) -> None:
    heard = hear(FILES[name]())
    assert is_sweep(heard)
    assert heard.notes == []


def wav_of_size(subtype: str, size: int) -> bytes:
    data = with_soundfile(SWEEP, "WAV", subtype)
    place, number = data.index(b"data") + 4, struct.pack("<I", size)
    return data[:4] + number + data[8:place] + number + data[place + 4 :]


def au_of_size(size: int) -> bytes:
    data = with_soundfile(SWEEP, "AU", "PCM_16")
    return data[:8] + struct.pack(">I", size) + data[12:]


def rf64_of_size(size: int) -> bytes:
    data = with_soundfile(SWEEP, "RF64", "PCM_16")
    return data[:20] + struct.pack("<QQQ", size, size, size) + data[44:]


def w64_of_size(size: int) -> bytes:
    data = with_soundfile(SWEEP, "W64", "PCM_16")
    place, number = data.index(b"data\xf3\xac") + 16, struct.pack("<Q", size)
    return data[:16] + number + data[24:place] + number + data[place + 8 :]


def aiff_of_size(size: int) -> bytes:
    """Its header has the number of samples, too."""
    data = with_soundfile(SWEEP, "AIFF", "PCM_16")
    place, count = data.index(b"SSND") + 4, data.index(b"COMM") + 10
    number = struct.pack(">I", size)
    data = data[:place] + number + data[place + 4 :]
    return data[:4] + number + data[8:count] + bytes(4) + data[count + 4 :]


def caf_of_size(size: int) -> bytes:
    data = with_soundfile(SWEEP, "CAF", "PCM_16")
    place = data.index(b"data") + 4
    return data[:place] + struct.pack(">q", size) + data[place + 8 :]


def flac_of_length(samples: int) -> bytes:
    """36 bits of the header, from the middle of byte 21 on."""
    data = with_soundfile(SWEEP, "FLAC")
    first = bytes([data[21] & 0xF0 | samples >> 32])
    return data[:21] + first + struct.pack(">I", samples & 0xFFFFFFFF) + data[26:]


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT", "ULAW"])
@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF - 36])
def test_a_wav_file_whose_size_was_never_written_is_counted(subtype: str, size: int) -> None:
    heard = hear(wav_of_size(subtype, size))
    assert is_sweep(heard)
    assert heard.notes == []


UNWRITTEN: dict[str, Callable[[], bytes]] = {
    "AU, 0": lambda: au_of_size(0),
    "AU, unknown": lambda: au_of_size(0xFFFFFFFF),
    "RF64, 0": lambda: rf64_of_size(0),
    "RF64, -1": lambda: rf64_of_size((1 << 64) - 1),
    "W64, 0": lambda: w64_of_size(0),
    "W64, -1": lambda: w64_of_size((1 << 64) - 1),
    "AIFF, 0": lambda: aiff_of_size(0),
    "AIFF, -1": lambda: aiff_of_size(0xFFFFFFFF),
    "CAF, 0": lambda: caf_of_size(0),
    "CAF, unknown": lambda: caf_of_size(-1),
    "FLAC from a pipe": lambda: flac_of_length(0),
}
"""Files of recorders and pipes that do not know the length before the end."""


@pytest.mark.parametrize("name", UNWRITTEN)
def test_a_length_that_was_never_written_is_counted(name: str) -> None:
    heard = hear(UNWRITTEN[name]())
    assert is_sweep(heard)
    assert heard.notes == []


def test_joined_mp3_files_are_read_to_the_end() -> None:
    assert is_sweep(hear(mp3() + mp3()), copies=2)
    assert is_sweep(hear(id3(mp3(), b"") + id3(mp3(), b"")), copies=2)


@pytest.mark.parametrize("count", [1, 10, 10_000_000])
def test_the_frames_that_an_mp3_file_claims_are_not_believed(count: int) -> None:
    data = mp3()
    place = max(data.find(b"Xing"), data.find(b"Info")) + 8
    heard = hear(data[:place] + struct.pack(">I", count) + data[place + 4 :])
    assert is_sweep(heard)


CHAINS: dict[str, Callable[[], list[bytes]]] = {
    "same": lambda: [ogg("libopus"), ogg("libopus")],
    "mono, stereo": lambda: [ogg("libopus"), ogg("libopus", stereo=True)],
    "same vorbis": lambda: [ogg(), ogg()],
    "rates": lambda: [ogg(rate=44_100), ogg(rate=22_050, stereo=True), ogg()],
    "codecs": lambda: [ogg("libopus", 48_000), ogg(rate=16_000)],
}
"""Ogg files that follow one another."""


@pytest.mark.parametrize("name", CHAINS)
def test_chained_ogg_is_read_link_by_link_at_the_first_rate(name: str) -> None:
    links = CHAINS[name]()
    heard = hear(b"".join(links))
    assert heard.rate == hear(links[0]).rate
    assert is_sweep(heard, len(links))
    assert heard.notes == []


AT_END = ("m4a", "3gp", "alac")
"""Files whose index stands at the end."""

CUT_OFF = [name for name in FILES if name not in (*AT_END, "vorbis", "live matroska")]
CUT_OFF += [f"{form} {subtype}" for form, subtype in PCM if subtype in ("PCM_16", "FLOAT")]


@pytest.mark.parametrize("name", CUT_OFF)
def test_a_file_that_was_cut_off_is_read_to_its_end_with_a_note(name: str) -> None:
    form, _, subtype = name.partition(" ")
    data = FILES[name]() if name in FILES else with_soundfile(SWEEP, form, subtype)
    heard = hear(data[: len(data) * 2 // 3 + 1])
    assert 0.9 < heard.seconds < 2.6
    assert frequency_at(heard, 0.5) == pytest.approx(500, abs=80)
    assert heard.notes == [ENDS_EARLY]


def test_ogg_that_ends_between_two_pages_was_cut_off() -> None:
    data = with_soundfile(np.tile(SWEEP, 10), "OGG", "VORBIS")
    heard = hear(data[: data.rindex(b"OggS")])
    assert 10 < heard.seconds < 30
    assert heard.notes == [ENDS_EARLY]


@pytest.mark.parametrize("name", AT_END)
def test_a_file_without_the_index_at_its_end_is_told(name: str) -> None:
    data = FILES[name]()
    with pytest.raises(Unreadable, match="it is damaged, or its end is missing"):
        hear(data[: len(data) * 2 // 3])


def test_a_file_that_is_damaged_in_the_middle_is_read_with_a_note() -> None:
    data = bytearray(with_ffmpeg([SWEEP], "adts", "aac"))
    rng = np.random.default_rng(0)
    for place in rng.integers(len(data) // 3, len(data) // 2, 100):
        data[place] ^= 0x55
    heard = hear(bytes(data))
    assert frequency_at(heard, 0.5) == pytest.approx(500, abs=80)
    assert heard.notes == [DAMAGED]


def test_what_stands_behind_the_sound_does_no_harm() -> None:
    heard = hear(with_soundfile(SWEEP, "WAV", "PCM_16") + b"LIST" + bytes(10))
    assert is_sweep(heard)
    tag = b"TAG" + bytes(125)
    for data in (mp3(), FILES["adts"](), with_soundfile(SWEEP, "FLAC")):
        heard = hear(data + tag)
        assert is_sweep(heard)
        assert heard.notes == []
    assert is_sweep(hear(mp3() + bytes(1000)))


def test_a_cover_picture_is_no_sound_and_no_harm() -> None:
    heard = hear(id3(mp3(), b"\x89PNG\r\n\x1a\n" + bytes(5000)))
    assert is_sweep(heard)
    assert heard.notes == []


def test_the_track_that_sounds_is_taken() -> None:
    silence = np.zeros_like(SWEEP)
    heard = hear(with_ffmpeg([silence, SWEEP], "mp4", "aac"))
    assert is_sweep(heard)
    assert heard.notes == ["the file's first sound track is silent: track 2 of 2 is used"]
    heard = hear(with_ffmpeg([SWEEP, silence[: len(SWEEP)]], "matroska", "aac"))
    assert is_sweep(heard)
    assert heard.notes == []
    heard = hear(with_ffmpeg([silence, silence], "matroska", "aac"))
    assert not heard.samples.any()
    assert heard.notes == []


def test_what_an_edit_list_leaves_out_is_not_missed() -> None:
    data = with_ffmpeg([SWEEP], "ipod", "aac")
    # The length in milliseconds and the first sample of what is heard.
    place = data.index(b"elst") + 12
    length_ms, first = struct.unpack_from(">II", data, place)
    edited = struct.pack(">II", length_ms - 1000, first + RATE)
    heard = hear(data[:place] + edited + data[place + 8 :])
    assert heard.seconds == pytest.approx(2, abs=0.1)
    assert frequency_at(heard, 0.5) == pytest.approx(200 + 600 * 1.5, abs=80)
    assert heard.notes == []


@pytest.mark.parametrize("channels", [6, 7, 8, 9, 16])
@pytest.mark.parametrize("subtype", ["VORBIS", "PCM_16"])
def test_many_channels_are_mixed(channels: int, subtype: str) -> None:
    form = "OGG" if subtype == "VORBIS" else "WAV"
    assert is_sweep(hear(with_soundfile(np.stack([SWEEP] * channels, axis=1), form, subtype)))


@pytest.mark.parametrize(
    ("data", "problem", "remedy"),
    [
        (b"<!DOCTYPE html><html>", "it is a web page, not a sound file", "Google Drive"),
        (b"\xef\xbb\xbf\r\n <html lang=en>", "it is a web page, not a sound file", "Dropbox"),
        (b'<?xml version="1.0"?><Error>', "it is a web page", "direct download link"),
        (b'{"error": "not found"}', "it is JSON", "the file itself"),
        (b'[\n {"a": 1}]', "it is JSON", "the file itself"),
        (
            b'--x1\r\nContent-Disposition: form-data; name="file"\r\n\r\nRIFF',
            r"it is a form \(multipart\)",
            "curl --upload-file",
        ),
        (b"PK\x03\x04" + bytes(99), "it is an archive", "unpack"),
        (b"%PDF-1.7", "it is a document", "sound file"),
        (b"Not found", "the worker does not know this kind of file", None),
        (b"", "the file is empty", None),
    ],
)
def test_what_is_no_sound_is_named(data: bytes, problem: str, remedy: str | None) -> None:
    with pytest.raises(Unreadable, match=problem) as failure:
        hear(data)
    assert (remedy or "") in (failure.value.remedy or "")


UNKNOWN_CODECS: dict[str, Callable[[], bytes]] = {
    "wav": lambda: with_soundfile(SWEEP, "WAV").replace(b"\x10\0\0\0\1\0", b"\x10\0\0\0ww"),
    "matroska": lambda: FILES["webm"]().replace(b"A_OPUS", b"A_XPUS"),
}


@pytest.mark.parametrize("name", UNKNOWN_CODECS)
def test_an_unknown_codec_is_told(name: str) -> None:
    with pytest.raises(Unreadable, match="its codec is not known here") as failure:
        hear(UNKNOWN_CODECS[name]())
    assert failure.value.remedy == "convert it to wav or mp3"


def test_boxes_of_an_unknown_kind_are_skipped() -> None:
    data = with_ffmpeg([SWEEP], "mp4", "aac", options={"movflags": "faststart"})
    assert is_sweep(hear(data + box(b"uuid", bytes(100))))
