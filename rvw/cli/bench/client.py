"""The client process of `rvw bench media`: seats peers, plays the load, and tells what it saw in one JSON line.

Run as `python -m rvw.cli.bench.client PLAN`, pinned to another core than the server.
"""

import gc
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from os import urandom
from select import select

import msgspec

from media.core.dtls import Identity
from rvw.cli.bench import janus, ours
from rvw.cli.bench.figures import Plan, Seen, percentile
from rvw.cli.bench.seats import Seat, Signalling, cpu_s, resident_bytes, settle
from rvw.cli.bench.stream import SLOTS, Sender, wheel

TICK_NS = 1_000_000
POLL_TICKS = 16
"""Each connection is read every 16 ms: the kernel stamps what waits."""

CHECK_TICKS = 2_500
REPORT_TICKS = 1_000
SETTLE_TICKS = 2_000
"""Load before figures are taken: keyframes, first reports, warm caches."""

DRAIN_TICKS = 200

SERVERS: dict[str, Callable[[str], Signalling]] = {"rvw": ours.Signalling, "janus": janus.Signalling}


class Client:
    """All peers of a run."""

    def __init__(self, plan: Plan, signalling: Signalling) -> None:
        self._plan = plan
        self._signalling = signalling
        self._identity = Identity(datetime.now(UTC).timestamp(), urandom)
        self._seats: list[list[Seat]] = []
        self.joins_ms: list[float] = []
        self._lags_ns: list[int] = []
        self._chance = random.Random(plan.seed)  # noqa: S311 (loss on purpose, the same in every run)
        self._lose = (lambda: self._chance.random() < plan.loss) if plan.loss else None

    def connect(self) -> None:
        """Seat everybody."""
        for visit in range(self._plan.visits):
            self._signalling.bind(visit, self._plan.peers)
            self._seats.append([])
            for peer in range(self._plan.peers):
                began = time.monotonic()
                self._seats[-1].append(self._signalling.seat(visit, peer, self._identity))
                self.joins_ms.append(1000 * (time.monotonic() - began))
        self._signalling.subscribe(self._seats)

    def play(self) -> Seen:
        """Play the load and return what was seen in the middle of it."""
        seats = [seat for visit in self._seats for seat in visit]
        slots = wheel([(seat.sound, seat.picture) for seat in seats])
        window = 1000 * self._plan.seconds
        begin, end = SETTLE_TICKS, SETTLE_TICKS + window
        start = time.monotonic_ns()
        gc.freeze()
        gc.disable()
        mark = Mark(self._plan.server_pid, seats)
        for tick in range(end + DRAIN_TICKS):
            self._wait(start + tick * TICK_NS)
            if tick == begin:
                self._lags_ns.clear()
                mark = Mark(self._plan.server_pid, seats)
                for seat in seats:
                    seat.inward.delays_ns.clear()
            elif tick == end:
                seen = mark.seen(self._plan, seats)
            for sender in slots[tick % SLOTS] if tick < end else ():
                sender.send(self._lose if sender.rtx_ssrc else None)
            self._attend(seats, tick)
        return self._finish(seen, seats)

    def _attend(self, seats: list[Seat], tick: int) -> None:
        """Read what waits, and now and then say what browsers say. Every seat has its own phase."""
        for seat in seats[tick % POLL_TICKS :: POLL_TICKS]:
            seat.inward.poll(keep_nacks=bool(self._lose))
            if seat.outward is not seat.inward:
                seat.outward.poll(keep_nacks=bool(self._lose))
            if self._lose:
                self._repeat(seat)
        spread = max(1, REPORT_TICKS // len(seats))
        for number in range(tick % REPORT_TICKS // spread, len(seats), REPORT_TICKS) if tick % spread == 0 else ():
            _report(seats[number])
        spread = max(1, CHECK_TICKS // len(seats))
        for number in range(tick % CHECK_TICKS // spread, len(seats), CHECK_TICKS) if tick % spread == 0 else ():
            seats[number].outward.check()
            if seats[number].inward is not seats[number].outward:
                seats[number].inward.check()

    def _repeat(self, seat: Seat) -> None:
        asked, seat.outward.asked_again = seat.outward.asked_again, []
        for ssrc, wire in asked:
            if ssrc == seat.picture.ssrc:
                seat.picture.repeat(wire)

    def _wait(self, until_ns: int) -> None:
        left = until_ns - time.monotonic_ns()
        if left > 0:
            select((), (), (), left / 1e9)
        self._lags_ns.append(max(0, -left))

    def _finish(self, seen: Seen, seats: list[Seat]) -> Seen:
        streams = [stream for seat in seats for stream in seat.inward.received.values()]
        lost = sum(stream.lost() for stream in streams)
        whole = sum(stream.highest - stream.first + 1 for stream in streams)
        expected = 2 * len(seats) * (self._plan.peers - 1)
        return msgspec.structs.replace(
            seen,
            loss=lost / whole if whole else 1.0,
            silent_streams=expected - len(streams),
            join_ms={"p50": percentile(self.joins_ms, 50), "p95": percentile(self.joins_ms, 95)},
            client_lag_ms_p99=percentile(self._lags_ns, 99) / 1e6,
        )


class Mark:
    """The counters at one moment, to be taken off those of a later one."""

    def __init__(self, pid: int, seats: list[Seat]) -> None:
        self._at = time.monotonic()
        self._server_s, self._client_s = cpu_s(pid), time.process_time()
        self._received = sum(seat.inward.packets for seat in seats)
        self._sent = sum(_sent(seat) for seat in seats)

    def seen(self, plan: Plan, seats: list[Seat]) -> Seen:
        """Return the figures since then."""
        elapsed = time.monotonic() - self._at
        received = sum(seat.inward.packets for seat in seats) - self._received
        sent = sum(_sent(seat) for seat in seats) - self._sent
        server_s = cpu_s(plan.server_pid) - self._server_s
        delays = sorted(delay for seat in seats for delay in seat.inward.delays_ns)
        return Seen(
            packets_in_per_s=sent / elapsed,
            packets_out_per_s=received / elapsed,
            cpu_us_per_forwarded_packet=1e6 * server_s / max(1, received),
            core_share=server_s / elapsed,
            core_share_per_visit=server_s / elapsed / plan.visits,
            resident_bytes=resident_bytes(plan.server_pid),
            delay_ms={f"p{at}": percentile(delays, at) / 1e6 for at in (50, 95, 99, 100)},
            client_core_share=(time.process_time() - self._client_s) / elapsed,
        )


def _sent(seat: Seat) -> int:
    return seat.sound.packets + seat.picture.packets


def _report(seat: Seat) -> None:
    senders: list[Sender] = [seat.sound, seat.picture]
    seat.outward.report([(it.ssrc, it.timestamp, it.packets, it.octets) for it in senders])
    if seat.inward is not seat.outward:
        seat.inward.report(())


def main(plan_text: str) -> None:
    """Play the plan; write `Seen`."""
    plan = msgspec.json.decode(plan_text, type=Plan)
    settle(plan.client_core)
    signalling = SERVERS[plan.server](plan.server_url)
    client = Client(plan, signalling)
    client.connect()
    seen = client.play()
    signalling.close()
    sys.stdout.write(msgspec.json.encode(seen).decode() + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
