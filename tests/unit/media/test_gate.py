"""Checks from addresses that have proven nothing: a few, for everybody, whatever others do."""

from media.core.gate import ALL_BURST, HOST_BURST, HOST_PER_S, MOST_HOSTS, Gate
from tests.unit.media.browser import START, Browser, make_worker


def admitted(gate: Gate, host: str, tries: int, now: float) -> int:
    """Return how many of so many checks are looked at."""
    return sum(gate.admits(host, now) for _ in range(tries))


def test_one_host_gets_its_burst_and_then_its_rate() -> None:
    """Another one has lost nothing by it."""
    gate = Gate(0.0)
    assert admitted(gate, "a", 10_000, 0.0) == HOST_BURST
    assert admitted(gate, "a", 10_000, 1.0) == HOST_PER_S
    assert admitted(gate, "b", 100, 1.0) == 100


def test_made_up_hosts_share_what_there_is_for_all() -> None:
    """And are not remembered without a bound."""
    gate = Gate(0.0)
    assert sum(gate.admits(f"h{number}", 0.0) for number in range(20_000)) == ALL_BURST
    assert len(gate) == MOST_HOSTS


def test_time_that_goes_back_gives_nothing() -> None:
    """Arrival stamps of two sockets' queues may cross."""
    gate = Gate(10.0)
    assert admitted(gate, "a", 1000, 10.0) == HOST_BURST
    assert admitted(gate, "a", 1000, 9.0) == 0
    assert admitted(gate, "a", 1000, 10.0) == 0


def test_who_is_connected_does_not_notice_a_flood_of_checks() -> None:
    """Not even from the own host; who wants to join from there waits until it is over."""
    worker = make_worker()
    kiosk, officer = Browser(worker, "kiosk", 10), Browser(worker, "officer", 20)
    kiosk.connect()
    officer.join()
    host = kiosk.address[0]
    for port in range(10_000, 10_050 + int(HOST_BURST)):
        assert not kiosk.check(START, password="not the right one at all", address=(host, port))
    assert kiosk.check(START)
    assert not officer.check(START, address=(host, 60_000))
    assert officer.check(START + 1, address=(host, 60_000))
    # The kiosk's own first check took one, too.
    assert worker.statistics().turned_away == 52
