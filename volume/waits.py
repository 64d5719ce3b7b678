"""How long the start-up waits, in one value. Standard library only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Waits:
    """Times in seconds. The tests of the start-up pass shorter ones.

    heartbeat_s: the holder of a lease changes its file this often.
    stale_s: a waiter takes over a lease whose file has not changed for this long (six heartbeats).
    poll_s: between two checks of a lease that another worker holds.
    progress_s: between two lines about work that takes long, or about another worker's.
    retry_after_s: before each further attempt to install packages.
    job_s: how long a worker that cannot start waits for a job, to tell its client.
    """

    heartbeat_s: float = 5.0
    stale_s: float = 30.0
    poll_s: float = 0.5
    progress_s: float = 10.0
    retry_after_s: tuple[float, ...] = (5.0, 20.0)
    job_s: float = 60.0
