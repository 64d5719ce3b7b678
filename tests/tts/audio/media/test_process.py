"""The process that decodes, seen from its parent's end of the socket."""

import os
import select
import socket
import subprocess
import sys
from pathlib import Path

from tts.audio.media.child import _START

ROOT = Path(__file__).parents[4]


def test_a_parent_that_ends_without_reading_leaves_no_traceback() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        descriptor = str(theirs.fileno())
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _START, str(ROOT), descriptor, str(os.getpid())],
            pass_fds=[theirs.fileno()],
            stderr=subprocess.PIPE,
        )
    with ours:
        # It has said that it is ready, which nobody reads.
        assert select.select([ours], [], [], 60)[0]
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, b"")
