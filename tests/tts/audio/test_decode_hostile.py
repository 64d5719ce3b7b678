"""Files that are made to do harm, or are damaged, cost the worker a refused file and no more."""

import os
import resource
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from tests.support.media import RATE, id3, m4a_that_claims, sweep, with_ffmpeg, with_soundfile
from tests.tts.conftest import in_file, little_memory
from tts.audio.decode import PATIENCE_S, DecoderPool, Unreadable, mono

SHORT = sweep(0.3)
MANY = 40_000_000


def count_samples(data: bytes, pool: DecoderPool) -> int:
    with in_file(data) as path, mono(path, pool=pool) as stream:
        return sum(map(len, stream.blocks()))


CLAIMS: dict[str, Callable[[], bytes]] = {
    "stsz": lambda: m4a_that_claims(MANY),
    "three tracks": lambda: m4a_that_claims(MANY, 3),
    "a hundred tracks": lambda: m4a_that_claims(MANY, 100),
    "stts": lambda: m4a_that_claims(1, stts=struct.pack(">III", 1, MANY, 1024)),
    "stsc": lambda: m4a_that_claims(MANY, stsc=struct.pack(">IIII", 1, 1, 1, 1)),
    "ctts": lambda: m4a_that_claims(MANY, ctts=struct.pack(">III", 1, MANY, 1)),
    "stss": lambda: m4a_that_claims(MANY, stss=struct.pack(">I", MANY)),
    "stco": lambda: m4a_that_claims(MANY, stco=struct.pack(">I", MANY)),
    "cover": lambda: id3(with_soundfile(SHORT, "MP3"), b"", claimed=0x7FFFFFFF),
    "caf": lambda: with_soundfile(SHORT, "CAF", "ALAC_16").replace(
        b"pakt", b"pakt" + struct.pack(">qq", 1 << 40, 1 << 40), 1
    ),
    "flac": lambda: b"fLaC\0\0\0\x22" + with_soundfile(SHORT, "FLAC")[8:42] + b"\x06\xff\xff\xff",
    "wav": lambda: with_soundfile(SHORT, "WAV").replace(b"fmt \x10\0\0\0", b"fmt \xf0\xff\xff\x7f"),
}
"""Small files whose headers claim much, by the place of the claim."""


@pytest.mark.parametrize("name", CLAIMS)
def test_a_header_that_claims_much_costs_the_worker_nothing(name: str) -> None:
    pool = DecoderPool()
    data = CLAIMS[name]()
    with little_memory(), suppress(Unreadable):
        count_samples(data, pool)
    # The next file is read, by the same process or by another.
    assert count_samples(with_soundfile(SHORT, "WAV"), pool) == len(SHORT)


def test_small_files_of_much_silence_are_refused_before_they_are_decoded() -> None:
    data = with_soundfile(np.zeros((65_535, 8), np.float32), "FLAC", rate=655_350)
    assert len(data) < 10_000
    with pytest.raises(Unreadable, match="655350 samples a second in 8 channels, and at most"):
        count_samples(data, DecoderPool())


def test_a_process_that_decodes_has_a_limit_of_memory_and_writes_nothing() -> None:
    pool = DecoderPool()
    count_samples(with_soundfile(SHORT, "WAV"), pool)
    (pid,) = pool.idle_pids
    assert 0 < resource.prlimit(pid, resource.RLIMIT_AS)[1] < 1 << 30
    assert resource.prlimit(pid, resource.RLIMIT_FSIZE) == (0, 0)


def test_a_process_that_decodes_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    pool = DecoderPool()
    count_samples(with_soundfile(SHORT, "WAV"), pool)
    (pid,) = pool.idle_pids
    assert b"hidden" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_processes_are_kept_and_no_more_than_two() -> None:
    pool = DecoderPool()
    pool.warm_up()
    pool.warm_up()
    (first,) = pool.idle_pids
    for _ in range(3):
        count_samples(with_soundfile(SHORT, "WAV"), pool)
        with suppress(Unreadable):
            count_samples(b"nothing", pool)
    assert pool.idle_pids == [first]
    barrier = threading.Barrier(3)

    def read_at_once() -> None:
        with in_file(with_soundfile(SHORT, "WAV")) as path, mono(path, pool=pool) as stream:
            barrier.wait(60)
            assert sum(map(len, stream.blocks())) == len(SHORT)

    threads = [threading.Thread(target=read_at_once) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pool.idle_pids) == 2


def test_a_process_that_died_while_it_waited_is_replaced() -> None:
    pool = DecoderPool()
    count_samples(with_soundfile(SHORT, "WAV"), pool)
    (pid,) = pool.idle_pids
    os.kill(pid, signal.SIGKILL)
    assert count_samples(with_soundfile(SHORT, "WAV"), pool) == len(SHORT)
    assert pool.idle_pids != [pid]


def test_a_process_whose_memory_is_used_up_by_other_files_is_replaced() -> None:
    pool = DecoderPool()
    count_samples(with_soundfile(SHORT, "WAV"), pool)
    (pid,) = pool.idle_pids
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE")
    resource.prlimit(pid, resource.RLIMIT_AS, (limit, limit))
    data = with_soundfile(np.tile(SHORT, 1000), "WAV")
    assert count_samples(id3(with_soundfile(SHORT, "MP3"), bytes(20_000_000)), pool) > 0
    assert count_samples(data, pool) == 1000 * len(SHORT)
    assert pool.idle_pids != [pid]


def test_a_process_that_dies_over_a_file_refuses_that_file() -> None:
    pool = DecoderPool()
    count_samples(with_soundfile(SHORT, "WAV"), pool)
    (pid,) = pool.idle_pids

    def read_and_kill(path: Path) -> None:
        with mono(path, pool=pool) as stream:
            for _ in stream.blocks():
                os.kill(pid, signal.SIGKILL)

    with (
        in_file(with_soundfile(np.tile(SHORT, 200), "FLAC")) as path,
        pytest.raises(Unreadable, match="the decoder failed on it"),
    ):
        read_and_kill(path)
    assert pool.idle_pids == []


def test_a_process_that_hangs_is_ended() -> None:
    """It is stopped, and the clock goes on."""
    jump_s = 0.0

    def clock() -> float:
        return jump_s

    pool = DecoderPool(clock)
    count_samples(with_soundfile(SHORT, "WAV"), pool)
    (pid,) = pool.idle_pids
    os.kill(pid, signal.SIGSTOP)

    def check() -> None:
        nonlocal jump_s
        jump_s += PATIENCE_S / 2

    with (
        pytest.raises(Unreadable, match="the decoder failed on it"),
        in_file(with_soundfile(SHORT, "WAV")) as path,
        mono(path, check, pool),
    ):
        pass
    assert pool.idle_pids == []


def test_a_cancelled_job_ends_the_process() -> None:
    pool = DecoderPool()
    count_samples(with_soundfile(SHORT, "WAV"), pool)
    (pid,) = pool.idle_pids

    def check() -> None:
        raise InterruptedError

    with (
        pytest.raises(InterruptedError),
        in_file(with_soundfile(SHORT, "WAV")) as path,
        mono(path, check, pool),
    ):
        pass
    assert pool.idle_pids == []
    assert not Path(f"/proc/{pid}").exists()


def test_processes_end_with_the_worker() -> None:
    code = (
        "import os, sys; from pathlib import Path; from tts.audio.decode import POOL, mono\n"
        "with mono(Path(sys.argv[1])) as stream: list(stream.blocks())\n"
        "print(*POOL.idle_pids, flush=True); sys.stdin.read()"
    )
    with (
        in_file(with_soundfile(SHORT, "WAV")) as path,
        subprocess.Popen(
            [sys.executable, "-c", code, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as worker,
    ):
        assert worker.stdout is not None
        pid = int(worker.stdout.readline())
        worker.kill()
        deadline = time.monotonic() + 60
        while _is_running(pid):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_a_process_that_loses_its_worker_prints_nothing() -> None:
    """Its answer that it is ready was not read: the end of the worker resets the connection."""
    code = (
        "import os, select; from tts.audio.decode import POOL\n"
        "POOL.warm_up(); (child,) = POOL._idle\n"
        "select.select([child._socket], [], [], 60); os._exit(0)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    # The pipe of stderr ends only when the process that decodes has ended too.
    assert ended.stderr == b""


def _is_running(pid: int) -> bool:
    """A process whose parent died may stay as a zombie where nobody reaps it."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


BY_SOUNDFILE = ("WAV", "FLAC", "MP3", "OGG", "AIFF", "AU", "CAF", "W64", "RF64")
BY_FFMPEG = {
    "mp4": "aac", "adts": "aac", "webm": "libopus", "matroska": "aac", "mpegts": "aac",
    "avi": "mp2", "asf": "wmav2", "flv": "aac", "tta": "tta", "wv": "wavpack",
}  # fmt: skip
OTHERS: dict[str, Callable[[], bytes]] = {
    "opus": lambda: with_soundfile(SHORT, "OGG", "OPUS"),
    "chained": lambda: with_soundfile(SHORT, "OGG") + with_soundfile(SHORT, "OGG"),
    "id3": lambda: id3(with_soundfile(SHORT, "MP3"), bytes(50)),
    "alac": lambda: with_soundfile(SHORT, "CAF", "ALAC_16"),
    "fragments": lambda: with_ffmpeg(
        [SHORT, SHORT], "mp4", "aac", options={"movflags": "frag_keyframe+empty_moov"}
    ),
}


def small_file(name: str) -> bytes:
    if name in BY_SOUNDFILE:
        return with_soundfile(SHORT, name)
    if name in BY_FFMPEG:
        return with_ffmpeg([SHORT], name, BY_FFMPEG[name])
    return OTHERS[name]()


@pytest.mark.parametrize("name", [*BY_SOUNDFILE, *BY_FFMPEG, *OTHERS])
def test_a_damaged_file_is_read_or_refused(name: str) -> None:
    """Forty times a few bytes are changed, most of them near the beginning."""
    pool = DecoderPool()
    whole = small_file(name)
    rng = np.random.default_rng(sum(name.encode()))
    deaths = 0
    for _ in range(40):
        data = bytearray(whole)
        for _ in range(rng.integers(1, 6)):
            reach = min(len(data), (64, 700, len(data))[rng.integers(3)])
            data[rng.integers(reach)] = (0, 0x7F, 0x80, 0xFF, 0x55)[rng.integers(5)]
        cut = rng.integers(1, len(data)) if rng.random() < 0.2 else len(data)
        with little_memory(), suppress(Unreadable):
            assert count_samples(bytes(data[:cut]), pool) < 60 * RATE * 100
        # It lives, or ran out of memory: no fault of our own code has ended it.
        deaths += not pool.idle_pids
    assert deaths <= 2
