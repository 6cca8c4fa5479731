"""The client's compiled half, seat to seat on loopback: what one sends, the other counts, times and asks for again."""

from collections.abc import Iterator
from datetime import UTC, datetime
from os import urandom
from pathlib import Path as File

import pytest

from media import compiling
from media.core import rtcp
from media.core.dtls import Identity
from media.core.srtp import PROFILES, Srtp
from rvw.cli.bench.client import SOURCES, _due
from rvw.cli.bench.load import Load
from rvw.cli.bench.path import Path
from rvw.cli.bench.runs import machine_code
from rvw.cli.bench.seats import Seat
from rvw.cli.bench.stream import RTX, SLOTS


@pytest.fixture
def seats() -> Iterator[list[Seat]]:
    """Two seats whose connections lead to each other, as if the handshakes were done."""
    identity = Identity(datetime.now(UTC).timestamp(), urandom)
    here, there = Path(identity), Path(identity)
    key, salt = PROFILES[0].key, PROFILES[0].salt
    keys, salts = urandom(2 * key), urandom(2 * salt)
    here.srtp = Srtp(PROFILES[0], keys + salts)
    there.srtp = Srtp(PROFILES[0], keys[key:] + keys[:key] + salts[salt:] + salts[:salt])
    for path in (here, there):
        path.socket.bind(("127.0.0.1", 0))
    here.socket.connect(there.socket.getsockname())
    there.socket.connect(here.socket.getsockname())
    yield [Seat(here, here, 1000), Seat(there, there, 2000)]
    for path in (here, there):
        path.close()


def _load(seats: list[Seat], loss: float = 0.0) -> Load:
    return Load(seats, compiling.load(File(machine_code()), "rvw.cli.bench.wire", SOURCES), loss, 7)


def test_what_is_sent_is_counted_and_timed(seats: list[Seat]) -> None:
    """Ten frames each way: every packet arrives, and each eighth tells how long it took."""
    load = _load(seats)
    for tick in range(10 * SLOTS):
        load.turn(tick, True)
    for tick in range(SLOTS):
        load.turn(tick, False)
    assert (load.sent(), load.received()) == (160, 160)
    assert load.streams() == (4, 160, 0)
    assert len(load.delays_ns()) == 2 * (1 + 79 // 8)
    assert all(0 < delay < 1e9 for delay in load.delays_ns())
    assert sorted(load.heard(0)) == [2000, 2010]
    assert [(ssrc, packets) for ssrc, _, packets, _ in load.said(0)] == [(1000, 20), (1010, 60)]


def test_what_is_withheld_is_missed_and_repeated_when_asked(seats: list[Seat]) -> None:
    """The loss is noticed at the other end; a NACK brings the packet back in the stream of repeats."""
    load = _load(seats, loss=0.2)
    for tick in range(50 * SLOTS):
        load.turn(tick, True)
    for tick in range(SLOTS):
        load.turn(tick, False)
    _, whole, lost = load.streams()
    assert 0.1 < lost / whole < 0.3
    assert load.received() + lost == 800
    seats[1].outward.send_rtcp(rtcp.write_nack(1, 1010, [290]))
    load.turn(0, False)  # reads the first connection only
    repeat = seats[1].inward.srtp.unprotect(seats[1].inward.socket.recv(2048))
    assert repeat is not None
    assert (repeat[1] & 127, int.from_bytes(repeat[8:12]), int.from_bytes(repeat[24:26])) == (RTX, 1011, 290)


def test_every_seat_reports_once_in_each_period() -> None:
    """However many there are, and never all at once."""
    due = [number for tick in range(1000) for number in _due(tick, 1000, 240)]
    assert due == list(range(240))
    assert max(len(_due(tick, 1000, 240)) for tick in range(1000)) == 1
