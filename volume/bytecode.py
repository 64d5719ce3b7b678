"""Compile the modules that a worker may import, on all cores: `python -m volume.bytecode FOLDER`.

Like `compileall -j 0`, but the system kills the child processes when their parent ends. Otherwise
they would keep writing into a folder that the next builder removes. Standard library only.
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
"""About half of all source files, which no worker imports with the models of its default settings.

Where other settings do import such a module, Python compiles it then.
"""

PR_SET_PDEATHSIG = 1  # linux/prctl.h
FILES_PER_TASK = 8


def main(folder: Path) -> int:
    """Compile the files below a folder and print the errors.

    Returns 0 once all files were tried: those for other versions of Python never compile, and do no
    harm. A compiler that ends before that raises BrokenProcessPool.
    """
    files = [path for path in folder.rglob("*.py") if not NOT_COMPILED.search(str(path))]
    with ProcessPoolExecutor(initializer=end_with_parent) as processes:
        compiled = processes.map(
            partial(compileall.compile_file, quiet=1), files, chunksize=FILES_PER_TASK
        )
        for _ in compiled:
            pass  # an error of a process is raised here
    return 0


def end_with_parent() -> None:
    """Have the system kill this process when its parent ends (Linux only)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
