"""`python -m tests.job_server --port N`: a job server until Ctrl-C or SIGTERM.

Prints one `export` a line for a worker's shell, then the client's URL.
"""

import argparse
import shlex
import signal
import sys

from .server import JobServer


def main() -> None:
    """Serve until a signal."""
    parser = argparse.ArgumentParser(prog="python -m tests.job_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--worker-id", default="worker-1")
    parser.add_argument("--hold", type=float, default=5.0, help="seconds an empty poll is held")
    parser.add_argument(
        "--gone-after",
        type=float,
        default=10.0,
        help="seconds without poll or ping after which a worker loses its jobs",
    )
    args = parser.parse_args()
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before the thread starts, so it inherits
    with JobServer(port=args.port, hold_s=args.hold, gone_after_s=args.gone_after) as server:
        for name, value in server.worker_env(args.worker_id).items():
            sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
        sys.stdout.write(f"# client: {server.url}  (Authorization: Bearer anything)\n")
        sys.stdout.flush()
        signal.sigwait(ends)


if __name__ == "__main__":
    main()
