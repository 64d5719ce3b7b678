"""The README's shell commands, for the tests that run them."""

import re
from pathlib import Path


def lines_of(heading: str) -> str:
    """The text of all `bash` blocks of one chapter of the README."""
    chapter = Path("README.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return "\n".join(re.findall(r"```bash\n(.*?)```", chapter, re.DOTALL))
