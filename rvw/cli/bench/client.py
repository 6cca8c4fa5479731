"""The client process of `rvw bench media`: seats peers, plays the load, and tells what it saw in one JSON line.

Run as `python -m rvw.cli.bench.client PLAN`, pinned to another core than the server.
"""

import gc
import os
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from os import urandom
from pathlib import Path as File
from select import select

import msgspec

from media import compiling
from media.core.dtls import Identity
from rvw.cli.bench import janus, ours
from rvw.cli.bench.figures import Plan, Seen, percentile
from rvw.cli.bench.load import Load
from rvw.cli.bench.seats import Seat, Signalling, cpu_s, resident_bytes, settle

TICK_NS = 1_000_000
CHECK_TICKS = 2_500
REPORT_TICKS = 1_000
SETTLE_TICKS = 2_000
"""Load before figures are taken: keyframes, first reports, warm caches."""

STALL_AT_TICK = 400

DRAIN_TICKS = 200

SERVERS: dict[str, Callable[[Plan], Signalling]] = {
    "rvw": lambda plan: ours.Signalling(plan.server_url, recorded=plan.recorded),
    "janus": lambda plan: janus.Signalling(plan.server_url),
}

SOURCES = tuple(File(__file__).with_name(f"{name}.py") for name in ("wire", "stream"))
"""What is in the client's machine code beside the engine's own."""


class Client:
    """All peers of a run."""

    def __init__(self, plan: Plan, signalling: Signalling) -> None:
        """Raises `ImportError` where numba is not installed: without machine code the client would be what is measured."""
        self._plan = plan
        self._signalling = signalling
        self._wire = compiling.load(File(plan.machine_code), "rvw.cli.bench.wire", SOURCES)
        self._identity = Identity(datetime.now(UTC).timestamp(), urandom)
        self._seats: list[Seat] = []
        self._joins_ms: list[float] = []
        self._lags_ns: list[int] = []

    def connect(self) -> None:
        """Seat everybody."""
        visits = range(self._plan.first_visit, self._plan.first_visit + self._plan.visits)
        with ThreadPoolExecutor(self._signalling.at_once) as pool:
            self._seats = [seat for seats in pool.map(self._connect, visits) for seat in seats]

    def play(self) -> Seen:
        """Play the load and return what was seen in the middle of it."""
        load = Load(self._seats, self._wire, self._plan.loss, self._plan.seed)
        begin, end = SETTLE_TICKS, SETTLE_TICKS + 1000 * self._plan.seconds
        gc.freeze()
        gc.disable()
        mark = Mark(self._plan, load)
        before = (0, 0, 0)
        start = time.monotonic_ns()
        for tick in range(end + DRAIN_TICKS):
            self._wait(start + tick * TICK_NS)
            if tick < begin:
                self._stall(tick)
            elif tick == begin:
                before = load.streams() if self._plan.stall_ms else before
                self._lags_ns.clear()
                load.forget_delays()
                mark = Mark(self._plan, load)
            elif tick == end:
                seen = mark.seen(load)
                lag_ms = percentile(self._lags_ns, 99) / 1e6
            load.turn(tick, tick < end)
            self._attend(load, tick)
        return self._finish(msgspec.structs.replace(seen, client_lag_ms_p99=lag_ms), load, before)

    def _connect(self, visit: int) -> list[Seat]:
        """Seat the peers of a visit, and return once everybody can receive."""
        self._signalling.bind(visit, self._plan.peers)
        seats: list[Seat] = []
        for peer in range(self._plan.peers):
            began = time.monotonic()
            seats.append(self._signalling.seat(visit, peer, self._identity))
            self._joins_ms.append(1000 * (time.monotonic() - began))
        self._signalling.subscribe(visit, seats)
        return seats

    def _stall(self, tick: int) -> None:
        """Let the server stand still for as long as the plan says, and then have some time."""
        if self._plan.stall_ms and tick in (STALL_AT_TICK, STALL_AT_TICK + self._plan.stall_ms):
            os.kill(self._plan.server_pid, signal.SIGSTOP if tick == STALL_AT_TICK else signal.SIGCONT)

    def _attend(self, load: Load, tick: int) -> None:
        """Now and then say what browsers say. Every seat has its own phase."""
        for number in _due(tick, REPORT_TICKS, len(self._seats)):
            seat = self._seats[number]
            heard = load.heard(number)
            seat.outward.report(load.said(number), heard if seat.inward is seat.outward else ())
            if seat.inward is not seat.outward:
                seat.inward.report((), heard)
        for number in _due(tick, CHECK_TICKS, len(self._seats)):
            for path in {self._seats[number].outward, self._seats[number].inward}:
                path.check()

    def _wait(self, until_ns: int) -> None:
        left = until_ns - time.monotonic_ns()
        if left > 0:
            select((), (), (), left / 1e9)
        self._lags_ns.append(max(0, time.monotonic_ns() - until_ns))

    def _finish(self, seen: Seen, load: Load, before: tuple[int, int, int]) -> Seen:
        streams, whole, lost = load.streams()
        return msgspec.structs.replace(
            seen,
            loss=(lost - before[2]) / (whole - before[1]) if whole > before[1] else 1.0,
            silent_streams=2 * len(self._seats) * (self._plan.peers - 1) - streams,
            join_ms={"p50": percentile(self._joins_ms, 50), "p95": percentile(self._joins_ms, 95)},
        )


class Mark:
    """The counters at one moment, to be taken off those of a later one."""

    def __init__(self, plan: Plan, load: Load) -> None:
        self._plan = plan
        self._at = time.monotonic()
        self._server_s, self._client_s = cpu_s(plan.server_pid), time.process_time()
        self._received, self._sent = load.received(), load.sent()

    def seen(self, load: Load) -> Seen:
        """Return the figures since then."""
        elapsed, pid = time.monotonic() - self._at, self._plan.server_pid
        received = load.received() - self._received
        server_s = cpu_s(pid) - self._server_s
        delays = sorted(load.delays_ns().tolist())
        return Seen(
            packets_in_per_s=(load.sent() - self._sent) / elapsed,
            packets_out_per_s=received / elapsed,
            cpu_us_per_forwarded_packet=1e6 * server_s / max(1, received),
            core_share=server_s / elapsed,
            core_share_per_visit=server_s / elapsed / self._plan.visits,
            resident_bytes=resident_bytes(pid),
            delay_ms={f"p{at}": percentile(delays, at) / 1e6 for at in (50, 95, 99, 100)},
            client_core_share=(time.process_time() - self._client_s) / elapsed,
        )


def _due(tick: int, period: int, seats: int) -> range:
    """Return the seats whose turn it is, when each has one in `period` ticks."""
    now, after = tick % period * seats, (tick % period + 1) * seats
    return range(-(-now // period), -(-after // period))


def main(plan_text: str) -> None:
    """Play the plan; write `Seen`."""
    plan = msgspec.json.decode(plan_text, type=Plan)
    settle(plan.client_core)
    signalling = SERVERS[plan.server](plan)
    client = Client(plan, signalling)
    client.connect()
    seen = client.play()
    if plan.leave:
        signalling.leave()
    signalling.close()
    sys.stdout.write(msgspec.json.encode(seen).decode() + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
