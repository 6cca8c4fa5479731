"""The UDP socket of a worker: bound, stamped, read and sent without blocking; by batches where the system can."""

import socket
import time
from contextlib import suppress
from struct import Struct
from typing import Protocol

from media import batched
from media.batched import LONGEST_DATAGRAM, Arrival
from media.core.io import Datagram
from rvw.clock import Instant, Seconds

READ_AT_ONCE = 128
"""Datagrams read before timers and control requests get their turn again."""

BUFFER_BYTES = 4 * 1024 * 1024
"""What the kernel may hold for us in each direction; it gives less if `net.core.rmem_max` says so."""

_SO_TIMESTAMPNS = 35
"""Linux: stamp each datagram with the time of its arrival (socket(7)); Python has no name for it."""

_SOL_UDP, _UDP_SEGMENT = 17, 103
_TIMESPEC = Struct("qq")
_CONTROL_BYTES = socket.CMSG_SPACE(_TIMESPEC.size)

_OLDEST_S = 1.0
"""A stamp older than this was made before the machine's clock was set."""


class Receiver(Protocol):
    """Reads what has come."""

    def receive(self, shift: Seconds) -> list[Arrival]:
        """Return it; `shift` is what to add to the wall clock's time of an arrival."""


class Sender(Protocol):
    """Sends."""

    dropped: int
    """Datagrams that the kernel did not take."""

    def send(self, datagrams: list[Datagram]) -> None:
        """Send what can be sent now, and drop the rest."""


class Datagrams:
    """The UDP socket, without blocking."""

    def __init__(self, host: str, port: int, batches: bool = True) -> None:
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
        self._receiver, self._sender = _ways(self._socket, batches)

    @property
    def port(self) -> int:
        """The port bound."""
        return int(self._socket.getsockname()[1])

    @property
    def dropped(self) -> int:
        """Datagrams not sent because the kernel's buffer was full, or the address could not be reached."""
        return self._sender.dropped

    def fileno(self) -> int:
        """Return what to wait on."""
        return self._socket.fileno()

    def receive(self, now: Instant) -> list[Arrival]:
        """Return what has come, at most `READ_AT_ONCE` datagrams, each with its arrival on the clock that says `now`.

        The kernel stamps arrivals: publishers' bandwidth is estimated from the time between them, and a busy machine
        that reads late must not look like a narrow line.
        """
        arrived = self._receiver.receive(now - time.time())
        # Stamps of one batch are in order: when both ends are sane, all are.
        if arrived and not (now - _OLDEST_S < arrived[0][2] and arrived[-1][2] <= now):
            return [(data, address, now) for data, address, _ in arrived]
        return arrived

    def send(self, datagrams: list[Datagram]) -> None:
        """Send, in order for each address. What the kernel does not take is dropped: media that waits is too late."""
        self._sender.send(datagrams)

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()


class PlainReceiver:
    """Reads with one call for each datagram."""

    def __init__(self, sock: socket.socket) -> None:
        self._receive = sock.recvmsg

    def receive(self, shift: Seconds) -> list[Arrival]:
        """See `Receiver`."""
        arrived: list[Arrival] = []
        for _ in range(READ_AT_ONCE):
            try:
                data, ancillary, _, address = self._receive(LONGEST_DATAGRAM, _CONTROL_BYTES)
            except BlockingIOError:
                break
            except OSError:  # an ICMP error of an earlier datagram: nothing is to be read for it
                continue
            arrived.append((data, address, (_stamp(ancillary[0][2]) if ancillary else time.time()) + shift))
        return arrived


class PlainSender:
    """Sends with one call for each datagram."""

    def __init__(self, sock: socket.socket) -> None:
        self._send = sock.sendto
        self.dropped = 0

    def send(self, datagrams: list[Datagram]) -> None:
        """See `Sender`."""
        for data, address in datagrams:
            try:
                self._send(data, address)
            except OSError:
                self.dropped += 1


def _ways(sock: socket.socket, batches: bool) -> tuple[Receiver, Sender]:
    """Return how to read and send: by batches if wanted, and possible here."""
    if batches:
        with suppress(OSError, AttributeError):
            names = batched.Names(sock.family)
            return batched.Receiver(sock.fileno(), names), batched.Sender(sock.fileno(), names, _can_segment(sock))
    return PlainReceiver(sock), PlainSender(sock)


def _can_segment(sock: socket.socket) -> bool:
    try:
        return sock.getsockopt(_SOL_UDP, _UDP_SEGMENT) == 0
    except OSError:
        return False


def _stamp(timespec: bytes) -> Instant:
    seconds, nanoseconds = _TIMESPEC.unpack_from(timespec)
    return float(seconds) + float(nanoseconds) * 1e-9
