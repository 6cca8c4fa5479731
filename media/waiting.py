"""What a worker's event loop waits with: while asyncio has nothing to do, packets are forwarded.

asyncio asks its selector for files that are ready, and says how long there is nothing else to do. So forwarding needs no
callback, no turn of the loop, and no thread of its own; the loop runs only for what is its own: control requests, notices,
signals.
"""

import selectors
from collections.abc import Callable
from typing import Any

from rvw.clock import Seconds


class Waiting(selectors.DefaultSelector):
    """The system's selector, with something to do meanwhile."""

    meanwhile: Callable[[int, Seconds | None], None] | None = None
    """Called with a file that becomes ready when one of ours does, and the seconds there are (`None`: any); it comes back
    then."""

    def select(self, timeout: Seconds | None = None) -> list[tuple[selectors.SelectorKey, Any]]:
        """Return what is ready; see `selectors.BaseSelector.select`."""
        if self.meanwhile is None:
            return super().select(timeout)
        self.meanwhile(self.fileno(), timeout)
        return super().select(0)
