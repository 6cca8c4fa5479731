"""Time that moves when a test says so."""

from rvw.clock import Instant, Seconds

NOON: Instant = 1_790_000_000.0


class ManualClock:
    """Called like `time.time`."""

    def __init__(self, now: Instant = NOON) -> None:
        self.now = now

    def __call__(self) -> Instant:
        return self.now

    def pass_(self, seconds: Seconds) -> None:
        """Let time pass."""
        self.now += seconds
