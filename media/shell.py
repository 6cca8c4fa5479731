"""The only socket, clock and timer of a media worker: one UDP port for everybody.

Reads what has come in bounded batches, hands it to the core, sends what the core wants sent, and sets one timer for when
the core wants to wake.
"""

import asyncio
import ipaddress
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from media.core.io import Notice
from media.core.tap import Reel
from media.core.worker import Limits, Worker
from media.datagrams import Datagrams
from media.pace import Pace
from rvw.clock import Clock, Instant, Seconds
from rvw.protocol.media import Bind, Bound, Join, Joined, Leave, Left


def steady_clock() -> Clock:
    """Return a clock that starts at the wall clock and then never jumps, whatever is done to the machine's time."""
    start, origin = time.time(), time.monotonic()
    return lambda: start + time.monotonic() - origin


class Shell:
    """Runs a `Worker` on a socket. Everything between two returns to the event loop is free of `await`."""

    def __init__(
        self,
        limits: Limits,
        datagrams: Datagrams,
        candidates: tuple[str, ...],
        notify: Callable[[Notice], None],
        clock: Clock,
        pace_s: Seconds = 0.0,
        follow: Callable[[Bind, Reel | None], None] = lambda _bind, _reel: None,
    ) -> None:
        """`follow` is told of each room's reel when its bindings are; `None` for a room that is not recorded."""
        self._clock = clock
        self._datagrams = datagrams
        self._notify = notify
        self._follow = follow
        addresses = tuple((host, datagrams.port) for host in candidates)
        self.worker = Worker(limits, addresses, os.urandom, clock())
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: Instant | None = None
        self._pace = Pace(self._loop, datagrams.fileno(), self._readable, pace_s)

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
        self._pace.close()
        if self._timer is not None:
            self._timer.cancel()
        self.worker.close()
        self._datagrams.send(self.worker.output.take_datagrams())
        self._datagrams.close()

    def _readable(self) -> bool:
        """Take what has come. False when nothing had."""
        now = self._clock()
        arrived = self._datagrams.pass_on(self.worker, now)
        at = self.worker.wake_at()
        if at is not None and at <= now:
            self.worker.tick(now)
        if arrived or self.worker.output.datagrams or self.worker.output.notices:
            self._carry_out()
        return arrived > 0

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
            self._carry_out()

    def _carry_out(self) -> None:
        output = self.worker.output
        self._datagrams.send(output.take_datagrams() if output.datagrams else [])
        output.held.clear()
        if output.notices:
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
