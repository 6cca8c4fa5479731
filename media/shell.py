"""The only socket, clock and timer of a media worker: one UDP port for everybody.

Reads what has come in bounded batches, hands it to the core, sends what the core wants sent, and sets one timer for when
the core wants to wake. `Datagrams` is the whole of the I/O: batched system calls replace its two methods and nothing else.
"""

import asyncio
import ipaddress
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from struct import Struct

from media.core.io import Address, Datagram, Notice
from media.core.worker import Limits, Worker
from rvw.clock import Clock, Instant
from rvw.protocol.media import Bind, Bound, Join, Joined, Leave, Left

BATCH = 128
"""Datagrams read before timers and control requests get their turn again."""

LONGEST_DATAGRAM = 2048
"""Longer ones are cut, fail authentication and are dropped."""

BUFFER_BYTES = 4 * 1024 * 1024
"""What the kernel may hold for us in each direction; it gives less if `net.core.rmem_max` says so."""

_SO_TIMESTAMPNS = 35
"""Linux: stamp each datagram with the time of its arrival (socket(7)); Python has no name for it."""

_TIMESPEC = Struct("qq")
_CONTROL_BYTES = socket.CMSG_SPACE(_TIMESPEC.size)

_OLDEST_S = 1.0
"""A stamp older than this was made before the machine's clock was set."""


def steady_clock() -> Clock:
    """Return a clock that starts at the wall clock and then never jumps, whatever is done to the machine's time."""
    start, origin = time.time(), time.monotonic()
    return lambda: start + time.monotonic() - origin


def _stamp(timespec: bytes) -> Instant:
    seconds, nanoseconds = _TIMESPEC.unpack_from(timespec)
    return float(seconds) + float(nanoseconds) * 1e-9


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
        try:
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self.dropped = 0
        """Datagrams not sent because the kernel's buffer was full, or the address could not be reached."""

    @property
    def port(self) -> int:
        """The port bound."""
        return int(self._socket.getsockname()[1])

    def fileno(self) -> int:
        """Return what to wait on."""
        return self._socket.fileno()

    def receive(self, now: Instant) -> Iterator[tuple[bytes, Address, Instant]]:
        """Yield what has come, at most `BATCH` datagrams, each with its arrival on the clock that says `now`.

        The kernel stamps arrivals: publishers' bandwidth is estimated from the time between them, and a busy machine
        that reads late must not look like a narrow line.
        """
        receive = self._socket.recvmsg
        wall = time.time()
        for _ in range(BATCH):
            try:
                data, ancillary, _, address = receive(LONGEST_DATAGRAM, _CONTROL_BYTES)
            except BlockingIOError:
                return
            except OSError:  # an ICMP error of an earlier datagram: nothing is to be read for it
                continue
            age = wall - _stamp(ancillary[0][2]) if ancillary else 0.0
            yield data, address, now - age if 0.0 < age < _OLDEST_S else now

    def send(self, datagrams: list[Datagram]) -> None:
        """Send in order. What the kernel does not take is dropped: media that waits is media too late."""
        send = self._socket.sendto
        for data, address in datagrams:
            try:
                send(data, address)
            except OSError:
                self.dropped += 1

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()


class Shell:
    """Runs a `Worker` on a socket. Everything between two returns to the event loop is free of `await`."""

    def __init__(
        self,
        limits: Limits,
        datagrams: Datagrams,
        candidates: tuple[str, ...],
        notify: Callable[[Notice], None],
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._datagrams = datagrams
        self._notify = notify
        addresses = tuple((host, datagrams.port) for host in candidates)
        self.worker = Worker(limits, addresses, os.urandom, clock())
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: Instant | None = None
        self._loop.add_reader(datagrams.fileno(), self._readable)

    @property
    def dropped(self) -> int:
        """Datagrams that could not be sent."""
        return self._datagrams.dropped

    def join(self, join: Join) -> Joined:
        """See `Worker.join`."""
        with self._turn() as now:
            return self.worker.join(join, now)

    def bind(self, bind: Bind) -> Bound:
        """See `Worker.bind`."""
        with self._turn() as now:
            return self.worker.bind(bind, now)

    def leave(self, leave: Leave) -> Left:
        """See `Worker.leave`."""
        with self._turn():
            return self.worker.leave(leave)

    def close(self) -> None:
        """Say goodbye to every peer and give the port back."""
        self._loop.remove_reader(self._datagrams.fileno())
        if self._timer is not None:
            self._timer.cancel()
        self.worker.close()
        self._datagrams.send(self.worker.output.take_datagrams())
        self._datagrams.close()

    def _readable(self) -> None:
        with self._turn() as now:
            receive = self.worker.receive
            for data, address, arrival in self._datagrams.receive(now):
                receive(data, address, arrival)

    def _wake(self) -> None:
        self._timer = self._timer_at = None
        with self._turn() as now:
            self.worker.tick(now)

    @contextmanager
    def _turn(self) -> Iterator[Instant]:
        """One step of the core: it gets the time, then its output is carried out and its next time set."""
        try:
            yield self._clock()
        finally:
            output = self.worker.output
            if output.datagrams:
                self._datagrams.send(output.take_datagrams())
            for notice in output.take_notices():
                self._notify(notice)
            self._set_timer()

    def _set_timer(self) -> None:
        at = self.worker.wake_at()
        # A later time needs no new timer: the old one wakes us early, and that is harmless.
        if at is None or (self._timer_at is not None and self._timer_at <= at):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = at
        self._timer = self._loop.call_later(max(0.0, at - self._clock()), self._wake)


def addresses(host: str, announce: tuple[str, ...]) -> tuple[str, ...]:
    """Return the addresses for candidates: `announce`, else the one bound, else all that the machine has."""
    if announce or not ipaddress.ip_address(host).is_unspecified:
        return announce or (host,)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    usable = sorted(it for it in {*_resolved(family), _outward(family)} if it and _reachable(it))
    return (*usable, "::1" if family == socket.AF_INET6 else "127.0.0.1")


def _resolved(family: socket.AddressFamily) -> set[str]:
    """Return the addresses that the machine's own name stands for."""
    try:
        found = socket.getaddrinfo(socket.gethostname(), None, family, socket.SOCK_DGRAM)
    except OSError:
        return set()
    return {str(entry[4][0]) for entry in found}


def _reachable(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return not (parsed.is_loopback or parsed.is_link_local)


def _outward(family: socket.AddressFamily) -> str:
    """Return the address that the machine would use towards the internet; nothing is sent. Empty without a route."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("2001:db8::1" if family == socket.AF_INET6 else "192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return ""
