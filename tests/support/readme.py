"""The README's shell lines, for the tests that type them."""

import re
from pathlib import Path


def lines_of(heading: str) -> str:
    """The `bash` blocks of one chapter of the README."""
    chapter = Path("README.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return "\n".join(re.findall(r"```bash\n(.*?)```", chapter, re.DOTALL))
