"""A clock that starts at the wall clock and then never jumps, whatever is done to the machine's time."""

import time

from rvw.clock import Instant, Seconds


class SteadyClock:
    """Says when it is."""

    def __init__(self) -> None:
        self.origin: Seconds = time.time() - time.monotonic()
        """What it says more than the system's monotonic clock, which compiled code reads itself."""

    def __call__(self) -> Instant:
        """Return the time."""
        return time.monotonic() + self.origin
