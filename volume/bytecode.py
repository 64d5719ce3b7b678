"""The bytecode of what a worker may import, on every core: `python -m volume.bytecode FOLDER`.

Like `compileall -j 0`, but its processes end with the one that began them: left over, they would
write into a folder that the next builder removes. Standard library only.
"""

import compileall
import ctypes
import re
import signal
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

NOT_COMPILED = re.compile(
    r"/(tests?|testing|sympy|sklearn|sqlalchemy|matplotlib|nltk|fontTools)/"
    r"|/transformers/models/(?!auto|wav2vec2)"
)
"""Half of all source, which no worker imports with the models of its default settings.

What is imported after all, as transformers has it for other models, Python compiles then.
"""

PR_SET_PDEATHSIG = 1
AT_ONCE = 8


def main(folder: Path) -> int:
    """Compile, and print what cannot be; 1 where there was such a file."""
    files = [path for path in folder.rglob("*.py") if not NOT_COMPILED.search(str(path))]
    with ProcessPoolExecutor(initializer=end_with_parent) as processes:
        compiled = processes.map(
            partial(compileall.compile_file, quiet=1), files, chunksize=AT_ONCE
        )
        return 0 if all(compiled) else 1


def end_with_parent() -> None:
    """Have the system kill this process when the one that began it is gone (Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
