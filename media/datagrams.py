"""The UDP socket of a worker: bound, stamped, read and sent without blocking; by batches where the system can."""

import socket
import time
from contextlib import suppress
from struct import Struct
from types import ModuleType
from typing import Protocol

from media.batched import Batches
from media.core.io import Datagram
from media.core.worker import Worker
from rvw.clock import Instant

LONGEST_DATAGRAM = 2048
"""Longer ones are cut, fail authentication and are dropped."""

READ_AT_ONCE = 128
"""Datagrams read before timers and control requests get their turn again."""

BUFFER_BYTES = 4 * 1024 * 1024
"""What the kernel may hold for us in each direction; it gives less if `net.core.rmem_max` says so."""

_SO_TIMESTAMPNS = 35
"""Linux: stamp each datagram with the time of its arrival (socket(7)); Python has no name for it."""

_TIMESPEC = Struct("qq")
_CONTROL_BYTES = socket.CMSG_SPACE(_TIMESPEC.size)

_OLDEST_S = 1.0
"""A stamp older than this was made before the machine's clock was set."""


class Way(Protocol):
    """Reads, passes on and sends."""

    dropped: int
    """Datagrams that the kernel did not take."""

    def pass_on(self, worker: Worker, now: Instant) -> int:
        """Take what has come; return how many datagrams that were. Some of what goes on may wait for `send`."""

    def send(self, datagrams: list[Datagram]) -> None:
        """Send what can be sent now, and drop the rest."""


class Datagrams:
    """The UDP socket, without blocking."""

    def __init__(self, host: str, port: int) -> None:
        """Bind; port 0 takes any. Raises `OSError` when that is not possible."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
        with suppress(OSError):  # elsewhere than on Linux datagrams count as coming when they are read
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        if family == socket.AF_INET6:  # "::" is every address of the machine, of both kinds, whatever its sysctl says
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")
        try:
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self._way: Way = Plain(self._socket)
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

    def fileno(self) -> int:
        """Return what to wait on."""
        return self._socket.fileno()

    def hasten(self, settled: ModuleType) -> None:
        """Go on by batches, with `media.core.settled`. Raises `OSError` or `AttributeError` where there are none."""
        way = Batches(self._socket, settled)
        self._dropped += self._way.dropped
        self._way = way

    def pass_on(self, worker: Worker, now: Instant) -> int:
        """Give the worker what has come, each datagram with its arrival on the clock that says `now`; return how many.

        The kernel stamps arrivals: publishers' bandwidth is estimated from the time between them, and a busy machine
        that reads late must not look like a narrow line. Call `send` afterwards, whether there is more to send or not.
        """
        return self._way.pass_on(worker, now)

    def send(self, datagrams: list[Datagram]) -> None:
        """Send, in order for each address. What the kernel does not take is dropped: media that waits is too late."""
        self._way.send(datagrams)

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()


class Plain:
    """Reads and sends with one call for each datagram."""

    def __init__(self, sock: socket.socket) -> None:
        self._receive, self._send = sock.recvmsg, sock.sendto
        self.dropped = 0

    def pass_on(self, worker: Worker, now: Instant) -> int:
        """See `Way`."""
        shift = now - time.time()
        for number in range(READ_AT_ONCE):
            try:
                data, ancillary, _, address = self._receive(LONGEST_DATAGRAM, _CONTROL_BYTES)
            except BlockingIOError:
                return number
            except OSError:  # an ICMP error of an earlier datagram: nothing is to be read for it
                continue
            stamp = _stamp(ancillary[0][2]) + shift if ancillary else now
            # A stamp from before the machine's clock was set says nothing.
            worker.receive(data, address, stamp if now - _OLDEST_S < stamp <= now else now)
        return READ_AT_ONCE

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
