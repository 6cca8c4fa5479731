"""The UDP socket of a worker: bound, stamped, read and sent without blocking; by batches where the system can."""

import select
import socket
import time
from contextlib import suppress
from struct import Struct
from types import ModuleType
from typing import Protocol

from media.batched import Batches
from media.core.io import Datagram
from media.core.rows import LONGEST_DATAGRAM, RXQ_OVFL
from media.core.worker import Worker
from media.steady import SteadyClock
from rvw.clock import Clock, Instant, Seconds

READ_AT_ONCE = 128
"""Datagrams read before timers and control requests get their turn again."""

BUFFER_BYTES = 4 * 1024 * 1024
"""What the kernel may hold for us in each direction: a stall of 0.1 s at 25,000 packets a second. It gives less where
`net.core.rmem_max` and `wmem_max` say so; their usual 208 KB are full after 8 ms of that."""

_SO_SNDBUFFORCE, _SO_RCVBUFFORCE = 32, 33
_SO_TIMESTAMPNS = 35
"""Linux: stamp each datagram with the time of its arrival (socket(7)); Python has no name for it."""

_TIMESPEC = Struct("qq")
_COUNT = Struct("I")
_CONTROL_BYTES = socket.CMSG_SPACE(_TIMESPEC.size) + socket.CMSG_SPACE(_COUNT.size)

_LONGEST_WAIT_S: Seconds = 60.0

_OLDEST_S = 1.0
"""A stamp older than this was made before the machine's clock was set."""


class Way(Protocol):
    """Reads, passes on and sends."""

    dropped: int
    """Datagrams that the kernel did not take."""

    def forward(self, worker: Worker, other: int, until: Instant) -> bool:
        """Give the worker what comes, until the file `other` (-1: none) is ready, which is what is returned, or `until`, or
        the worker's own time to wake, or until it has news.

        Each datagram has its arrival on our clock. Some of what goes on may wait for `send`.
        """

    def send(self, datagrams: list[Datagram]) -> None:
        """Send what can be sent now, and drop the rest."""


class Datagrams:
    """The UDP socket, without blocking."""

    def __init__(self, host: str, port: int, clock: SteadyClock) -> None:
        """Bind; port 0 takes any. Raises `OSError` when that is not possible."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        for usual, beyond in ((socket.SO_RCVBUF, _SO_RCVBUFFORCE), (socket.SO_SNDBUF, _SO_SNDBUFFORCE)):
            self._socket.setsockopt(socket.SOL_SOCKET, usual, BUFFER_BYTES)
            with suppress(OSError):  # more than everybody may have: with CAP_NET_ADMIN, on Linux
                self._socket.setsockopt(socket.SOL_SOCKET, beyond, BUFFER_BYTES)
        with suppress(OSError):  # elsewhere than on Linux datagrams count as coming when they are read
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, RXQ_OVFL, 1)
        if family == socket.AF_INET6:  # "::" is every address of the machine, of both kinds, whatever its sysctl says
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")
        try:
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self._clock = clock
        self._way: Way = Plain(self._socket, clock)
        self._dropped = 0

    @property
    def port(self) -> int:
        """The port bound."""
        return int(self._socket.getsockname()[1])

    @property
    def dropped(self) -> int:
        """Datagrams not sent because the kernel's buffer was full, or the address could not be reached."""
        return self._dropped + self._way.dropped

    @property
    def compiled(self) -> bool:
        """Whether batches are read and passed on by compiled code."""
        return isinstance(self._way, Batches)

    def hasten(self, turning: ModuleType) -> None:
        """Go on by batches, with `media.turning`. Raises `OSError` or `AttributeError` where there are none."""
        way = Batches(self._socket, turning, self._clock.origin)
        self._dropped += self._way.dropped
        self._way = way

    def forward(self, worker: Worker, other: int, until: Instant) -> bool:
        """See `Way`. Call `send` afterwards, whether there is more to send or not.

        The kernel stamps arrivals: publishers' bandwidth is estimated from the time between them, and a busy machine
        that reads late must not look like a narrow line.
        """
        return self._way.forward(worker, other, until)

    def send(self, datagrams: list[Datagram]) -> None:
        """Send, in order for each address. What the kernel does not take is dropped: media that waits is too late."""
        self._way.send(datagrams)

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()


class Plain:
    """Reads and sends with one call for each datagram."""

    def __init__(self, sock: socket.socket, clock: Clock) -> None:
        self._receive, self._send = sock.recvmsg, sock.sendto
        self._fd, self._clock = sock.fileno(), clock
        self.dropped = 0

    def forward(self, worker: Worker, other: int, until: Instant) -> bool:
        """See `Way`. Comes back after each batch."""
        files = select.poll()
        files.register(self._fd, select.POLLIN)
        if other >= 0:
            files.register(other, select.POLLIN)
        left = min(until, worker.wake_at()) - self._clock()
        found = {file for file, _ in files.poll(1000 * max(0.0, min(left, _LONGEST_WAIT_S)))}
        if self._fd in found:
            self._pass_on(worker, self._clock())
        return other in found

    def _pass_on(self, worker: Worker, now: Instant) -> None:
        shift = now - time.time()
        for _ in range(READ_AT_ONCE):
            try:
                data, ancillary, _, address = self._receive(LONGEST_DATAGRAM, _CONTROL_BYTES)
            except BlockingIOError:
                return
            except OSError:  # an ICMP error of an earlier datagram: nothing is to be read for it
                continue
            said = {kind: value for _, kind, value in ancillary}
            stamp = _stamp(said[_SO_TIMESTAMPNS]) + shift if _SO_TIMESTAMPNS in said else now
            # A stamp from before the machine's clock was set says nothing.
            arrival = stamp if now - _OLDEST_S < stamp <= now else now
            if RXQ_OVFL in said:
                worker.strain.note(_COUNT.unpack(said[RXQ_OVFL])[0], arrival)
            worker.receive(data, address, arrival)

    def send(self, datagrams: list[Datagram]) -> None:
        """See `Way`."""
        for data, address in datagrams:
            try:
                self._send(data, address)
            except OSError:
                self.dropped += 1


def _stamp(timespec: bytes) -> Instant:
    seconds, nanoseconds = _TIMESPEC.unpack_from(timespec)
    return float(seconds) + float(nanoseconds) * 1e-9
