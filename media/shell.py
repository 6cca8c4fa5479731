"""The shell of a media worker: one UDP port for everybody, the clock, and the only place where anything waits.

Lets the socket hand what comes to the core, sends what the core wants sent, and wakes it when it wants to be woken: while
the event loop has nothing else to do.
"""

import ipaddress
import math
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from media.core.io import Notice
from media.core.tap import Reel
from media.core.worker import Limits, Worker
from media.datagrams import Datagrams
from rvw.clock import Clock, Instant, Seconds
from rvw.protocol.media import Bind, Bound, Join, Joined, Leave, Left


class Shell:
    """Runs a `Worker` on a socket. Everything between two returns to the event loop is free of `await`."""

    def __init__(
        self,
        limits: Limits,
        datagrams: Datagrams,
        candidates: tuple[str, ...],
        notify: Callable[[Notice], None],
        clock: Clock,
        follow: Callable[[Bind, Reel | None], None] = lambda _bind, _reel: None,
    ) -> None:
        """`follow` is told of each room's reel when its bindings are; `None` for a room that is not recorded."""
        self._clock = clock
        self._datagrams = datagrams
        self._notify = notify
        self._follow = follow
        addresses = tuple((host, datagrams.port) for host in candidates)
        self.worker = Worker(limits, addresses, os.urandom, clock())

    @property
    def dropped(self) -> int:
        """Datagrams that could not be sent."""
        return self._datagrams.dropped

    @property
    def compiled(self) -> bool:
        """Whether settled flows are forwarded by compiled code."""
        return self._datagrams.compiled

    def join(self, join: Join) -> Joined:
        """See `Worker.join`."""
        with self._turn() as now:
            return self.worker.join(join, now)

    def bind(self, bind: Bind) -> Bound:
        """See `Worker.bind`."""
        with self._turn() as now:
            bound = self.worker.bind(bind, now)
            if bound.version == bind.version:
                self._follow(bind, self.worker.taps.reels.get(bind.room))
            return bound

    def leave(self, leave: Leave) -> Left:
        """See `Worker.leave`."""
        with self._turn():
            return self.worker.leave(leave)

    def close(self) -> None:
        """Say goodbye to every peer and give the port back."""
        self.worker.close()
        self._datagrams.send(self.worker.output.take_datagrams())
        self._datagrams.close()

    def forward(self, other: int, seconds: Seconds | None) -> None:
        """Forward until the file `other` is ready, or for so many seconds (`None`: any), or until there is news to tell."""
        until = math.inf if seconds is None else self._clock() + seconds
        while True:
            ready = self._datagrams.forward(self.worker, other, until)
            now = self._clock()
            if self.worker.wake_at() <= now:
                self.worker.tick(now)
            if self._carry_out() or ready or now >= until:
                return

    @contextmanager
    def _turn(self) -> Iterator[Instant]:
        """One step of the core: it gets the time, then its output is carried out."""
        try:
            yield self._clock()
        finally:
            self._carry_out()

    def _carry_out(self) -> bool:
        """Send and tell what the core wants sent and told. True when somebody was told."""
        output = self.worker.output
        self._datagrams.send(output.take_datagrams())
        output.held.clear()
        notices = output.take_notices()
        for notice in notices:
            self._notify(notice)
        return bool(notices)


def addresses(host: str, announce: tuple[str, ...]) -> tuple[str, ...]:
    """Return the addresses for candidates: `announce`, else the one bound, else all that the machine has."""
    if announce or not ipaddress.ip_address(host).is_unspecified:
        return announce or (host,)
    if ":" not in host:
        return _own(socket.AF_INET)
    return (*_own(socket.AF_INET6), *_own(socket.AF_INET))


def _own(family: socket.AddressFamily) -> tuple[str, ...]:
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
