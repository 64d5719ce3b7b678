"""What the worker and the process that decodes say to each other.

The worker sends one byte for each request, and the process one answer for each, in that order:

- OPEN, with the descriptor of a file: INFO or UNREADABLE.
- NEXT: BLOCK, at the end END, or UNREADABLE.
- MEASURE, which skips the rest: END or UNREADABLE.

The process begins with READY. It closes the file with END and UNREADABLE; a NEXT after that gets
another END.
"""

import struct

OPEN, NEXT, MEASURE = b"o", b"n", b"m"
READY, INFO, BLOCK, END, UNREADABLE = b"R", b"I", b"B", b"E", b"U"

HEADER = struct.Struct("<cI")
"""Of an answer: what it is, and how many bytes follow. Those of a BLOCK are float32, of the others
JSON."""

MAX_BLOCK = 1 << 16
"""Samples in a BLOCK."""

MAX_ANSWER_BYTES = 4 * MAX_BLOCK
