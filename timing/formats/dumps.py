"""JSON files as all formats of JSON write them."""

import json
from typing import Any


def dumps(document: Any) -> bytes:
    """A value as JSON on one line of UTF-8. Raises ValueError for a number that is not finite."""
    # Not indented: that would take eight times as long, and half as much space again, for the JSON
    # of 10 000 words.
    return f"{json.dumps(document, ensure_ascii=False, allow_nan=False)}\n".encode()
