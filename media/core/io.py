"""What goes into the core and what comes out of it.

Input is a method call (`Worker.receive`, `join`, `bind`, `leave`, `tick`); output is collected in one `Output`, which the
shell drains after every call or batch of calls. Nothing is sent, and nobody is told, while the core is working.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from rvw.protocol.media import PeerConnected, PeerLost, Quality

Address: TypeAlias = tuple[Any, ...]
"""A socket address as the operating system gives it: `(host, port)`, for IPv6 with flow and scope after it."""

Datagram: TypeAlias = tuple[bytes, Address]
"""One UDP payload and where it goes."""

Entropy: TypeAlias = Callable[[int], bytes]
"""Returns that many unpredictable bytes: `os.urandom` in production, a seeded source in tests."""

Notice: TypeAlias = PeerConnected | PeerLost | Quality
"""What the core tells signaling through the shell."""


@dataclass(slots=True)
class Output:
    """What the core wants done. The shell takes the lists and leaves empty ones."""

    datagrams: list[Datagram] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    held: list[object] = field(default_factory=list)
    """Connections that have ended while datagrams to them may be laid out; to be let go once those are sent."""

    def take_datagrams(self) -> list[Datagram]:
        """Return the datagrams to send, in order, and forget them."""
        taken, self.datagrams = self.datagrams, []
        return taken

    def take_notices(self) -> list[Notice]:
        """Return the notices, in order, and forget them."""
        taken, self.notices = self.notices, []
        return taken
