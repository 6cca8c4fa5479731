"""The socket by batches and without: the same packets, in order, whoever sends them, and nothing is waited for."""

import math
import socket

import pytest

from media import batched, datagrams
from media.batched import Names
from media.core.io import Address, Output
from media.core.rows import Routes
from media.core.strain import LASTS_S, Strain
from media.core.twcc import Round
from media.datagrams import Datagrams
from media.steady import SteadyClock
from rvw.clock import Instant
from tests.unit.media.kernel import turning

CLOCK = SteadyClock()
HOSTS = ["127.0.0.1", "::1"]


class Catcher:
    """A worker that knows nobody, so that it is given everything."""

    def __init__(self) -> None:
        self.routes: Routes[object] = Routes()
        self.round = Round()
        self.strain = Strain()
        self.output = Output()
        self.received = 0
        self.arrived: list[tuple[bytes, Address, Instant]] = []

    def receive(self, data: bytes, address: Address, now: Instant) -> None:
        self.arrived.append((data, address, now))

    def wake_at(self) -> Instant:
        return math.inf

    due_at = wake_at


def read(ours: Datagrams, catcher: Catcher | None = None) -> list[tuple[bytes, Address, Instant]]:
    """Return what has come."""
    catcher = catcher or Catcher()
    ours.forward(catcher, -1, 0.0)  # type: ignore[arg-type]
    return catcher.arrived


def pair(host: str, batches: bool) -> tuple[Datagrams, socket.socket]:
    """A socket of ours, and a stranger's."""
    ours = Datagrams(host, 0, CLOCK)
    if batches:
        ours.hasten(turning)
    assert ours.compiled is batches
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    stranger = socket.socket(family, socket.SOCK_DGRAM)
    stranger.bind((host, 0))
    stranger.settimeout(5)
    return ours, stranger


@pytest.mark.parametrize("batches", [True, False])
@pytest.mark.parametrize("host", HOSTS)
def test_what_comes_goes_back_where_it_came_from(host: str, batches: bool) -> None:
    """With its sender's address, and a time of arrival that is not in the future."""
    ours, stranger = pair(host, batches)
    sent = [bytes((number,)) * (1 + number) for number in range(20)]
    for data in sent:
        stranger.sendto(data, (host, ours.port))
    arrived = read(ours)
    now = CLOCK()
    assert [data for data, _, _ in arrived] == sent
    assert {address[:2] for _, address, _ in arrived} == {stranger.getsockname()[:2]}
    assert all(now - 1 < at <= now for _, _, at in arrived)
    assert read(ours) == []
    ours.send([(data, address) for data, address, _ in arrived])
    assert [stranger.recv(100) for _ in sent] == sent
    ours.close()
    stranger.close()


@pytest.mark.parametrize("batches", [True, False])
@pytest.mark.parametrize("host", HOSTS)
def test_what_found_no_room_is_told_with_the_next(host: str, batches: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """More comes than the kernel may hold while nobody reads: how many were dropped stands with the first that is not."""
    monkeypatch.setattr(datagrams, "BUFFER_BYTES", 16_384)
    ours, stranger = pair(host, batches)
    catcher = Catcher()
    for _ in range(100):
        stranger.sendto(bytes(1100), (host, ours.port))
    before = 0
    while len(read(ours, catcher)) > before:
        before = len(catcher.arrived)
    stranger.sendto(b"after", (host, ours.port))
    read(ours, catcher)
    data, _, at = catcher.arrived[-1]
    assert data == b"after"
    assert catcher.strain.dropped == 101 - len(catcher.arrived) > 0
    assert catcher.strain.at(at)
    assert not catcher.strain.at(at + LASTS_S)
    ours.close()
    stranger.close()


@pytest.mark.parametrize("batches", [True, False])
def test_packets_of_one_size_to_many_arrive_in_order(batches: bool) -> None:
    """More of them than one call takes, joined where the kernel can cut them."""
    ours, first = pair("127.0.0.1", batches)
    second = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    second.bind(("127.0.0.1", 0))
    second.settimeout(5)
    sizes = [1100] * 5 + [700] + [1100] * 40 + [20] + [30] * 250
    packets = [number.to_bytes(2) + bytes(size) for number, size in enumerate(sizes)]
    for start in range(0, len(packets), 50):
        part = packets[start : start + 50]
        ours.send([(data, it.getsockname()) for data in part for it in (first, second)])
        for it in (first, second):
            assert [it.recv(2000) for _ in part] == part
    assert ours.dropped == 0
    for it in (first, second):
        it.close()
    ours.close()


@pytest.mark.parametrize("batches", [True, False])
def test_an_address_that_cannot_be_reached_stops_nobody(batches: bool) -> None:
    """It is counted, and the others get theirs."""
    ours, stranger = pair("127.0.0.1", batches)
    here = stranger.getsockname()
    ours.send([(b"before", here), (b"lost", ("255.255.255.255", 9)), (b"after", here)])
    assert {stranger.recv(100), stranger.recv(100)} == {b"before", b"after"}
    assert ours.dropped == 1
    ours.close()
    stranger.close()


def test_addresses_are_remembered_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Strangers can make up as many as they like."""
    monkeypatch.setattr(batched, "MOST_ADDRESSES", 10)
    names = Names(socket.AF_INET)
    for port in range(1, 100):
        address = ("192.0.2.1", port)
        assert names.read(names.write(address)) == address
        assert len(names._known) <= 10
