"""Scenes of joining, leaving and being lost."""

import math

import pytest

from media.core.transport import JOIN_S, MOST_ADDRESSES
from rvw.errors import InvalidInput, InvalidOffer, TooMany
from rvw.protocol.media import Join, Leave, PeerConnected, PeerLost, WorkerStarted
from tests.unit.media.browser import (
    OPUS,
    START,
    Browser,
    bind,
    bound,
    deliver,
    goodbye,
    make_worker,
    offer_text,
    packet,
    run,
)

VOICE = 3


def test_a_peer_connects() -> None:
    """Signaling is told once, and a new reader learns who is there."""
    worker = make_worker()
    kiosk = Browser(worker, "kiosk", 10)
    kiosk.connect()
    assert worker.output.take_notices() == [PeerConnected("kiosk")]
    assert worker.started() == WorkerStarted(worker.epoch, ("kiosk",))
    assert worker.count()[:2] == (1, 0)
    assert worker.statistics().peers[0].connected


def test_a_silent_peer_is_lost_after_the_consent_time() -> None:
    """Ten seconds after the last thing that was signed; checks keep it alive."""
    worker = make_worker()
    kiosk = Browser(worker, "kiosk", 10)
    kiosk.connect()
    worker.output.take_notices()
    assert kiosk.check(START + 8)
    run(worker, START + 17.9, kiosk)
    assert worker.output.take_notices() == []
    run(worker, START + 18.1, kiosk)
    assert worker.output.take_notices() == [PeerLost("kiosk", "consent")]
    assert worker.wake_at() == math.inf
    assert not kiosk.check(START + 19)


def test_a_peer_that_never_connects_is_given_longer() -> None:
    """People answer the browser's question for the camera in that time; then it is lost too."""
    worker = make_worker()
    Browser(worker, "kiosk", 10).join()
    run(worker, START + JOIN_S - 0.1)
    assert worker.output.take_notices() == []
    run(worker, START + JOIN_S + 0.1)
    assert worker.output.take_notices() == [PeerLost("kiosk", "consent")]


def test_a_peer_that_says_goodbye_is_lost_at_once() -> None:
    """It closed DTLS."""
    worker = make_worker()
    kiosk = Browser(worker, "kiosk", 10)
    kiosk.connect()
    worker.output.take_notices()
    goodbye(kiosk, START + 1)
    assert worker.output.take_notices() == [PeerLost("kiosk", "closed")]


def test_bindings_name_peers_that_come_later_and_outlive_a_rejoin() -> None:
    """Bound before anybody is there; heard; joined afresh on either side; heard again."""
    worker = make_worker()
    bind(worker, 1, bound("officer", "mic", "kiosk", "voice1"))
    officer, kiosk = Browser(worker, "officer", 20), Browser(worker, "kiosk", 10)
    officer.connect()
    kiosk.connect()
    again = {"officer": Browser(worker, "officer", 21), "kiosk": Browser(worker, "kiosk", 11)}
    for sequence in range(3):
        officer.send(packet(officer.first_ssrc, sequence, 0, b"sound", OPUS), START)
        deliver(worker, kiosk)
        assert len(kiosk.of(VOICE)) == 1
        if sequence == 0:
            officer = again["officer"]
            officer.connect()
            kiosk.rtp.clear()
        elif sequence == 1:
            kiosk = again["kiosk"]
            kiosk.connect()
    assert worker.count()[0] == 2


def test_an_earlier_connection_is_dropped_by_a_new_join() -> None:
    """Nobody is told that it was lost, and its packets go nowhere."""
    worker = make_worker()
    old, new = Browser(worker, "officer", 20), Browser(worker, "officer", 21)
    old.connect()
    new.connect()
    assert worker.output.take_notices() == [PeerConnected("officer")] * 2
    assert not old.check(START)
    unknown = worker.statistics().unknown
    old.send(packet(old.first_ssrc, 1, 0, b"sound", OPUS), START)
    assert worker.statistics().unknown == unknown + 1


def test_a_refused_join_leaves_the_connection_alone() -> None:
    """A broken offer of a peer that is connected."""
    worker = make_worker()
    kiosk = Browser(worker, "kiosk", 10)
    kiosk.connect()
    with pytest.raises(InvalidOffer):
        worker.join(Join("kiosk", "nonsense"), START)
    assert kiosk.check(START)


def test_leaving_is_quiet_and_may_be_repeated() -> None:
    """Signaling asked for it: no notice."""
    worker = make_worker()
    kiosk = Browser(worker, "kiosk", 10)
    kiosk.connect()
    worker.output.take_notices()
    for _ in range(2):
        assert worker.leave(Leave("kiosk")).peer == "kiosk"
    assert worker.output.take_notices() == []
    assert worker.count()[:2] == (0, 0)


def test_a_peer_may_hear_itself() -> None:
    """The echo test is a binding from oneself to oneself."""
    worker = make_worker()
    kiosk = Browser(worker, "kiosk", 10)
    kiosk.connect()
    bind(worker, 1, bound("kiosk", "mic", "kiosk", "voice1"))
    kiosk.send(packet(kiosk.first_ssrc, 1, 0, b"sound", OPUS), START)
    deliver(worker, kiosk)
    assert len(kiosk.of(VOICE)) == 1


def test_another_room_takes_an_in_slot_over() -> None:
    """The kiosk hears the expert instead of the officer, and keeps doing so when the first room ends."""
    worker = make_worker()
    kiosk, officer, expert = [Browser(worker, name, 10 + at) for at, name in enumerate(("kiosk", "officer", "expert"))]
    for browser in (kiosk, officer, expert):
        browser.connect()
    bind(worker, 1, bound("officer", "mic", "kiosk", "voice1"), room="first")
    bind(worker, 1, bound("expert", "mic", "kiosk", "voice1"), room="second")
    bind(worker, 2, room="first")
    officer.send(packet(officer.first_ssrc, 1, 0, b"officer", OPUS), START)
    expert.send(packet(expert.first_ssrc, 1, 0, b"expert", OPUS), START)
    deliver(worker, kiosk)
    assert [data[-6:] for data in kiosk.of(VOICE)] == [b"expert"]


def test_a_browser_may_change_its_address() -> None:
    """After a signed check from the new one; an unsigned one changes nothing."""
    worker = make_worker()
    kiosk, officer = Browser(worker, "kiosk", 10), Browser(worker, "officer", 20)
    kiosk.connect()
    officer.connect()
    bind(worker, 1, bound("officer", "mic", "kiosk", "voice1"))
    assert not kiosk.check(START, password="wrong" * 5, address=("203.0.113.9", 9))
    assert kiosk.check(START, address=("203.0.113.9", 9))
    kiosk.address = ("203.0.113.9", 9)
    officer.send(packet(officer.first_ssrc, 1, 0, b"sound", OPUS), START)
    deliver(worker, kiosk)
    assert len(kiosk.of(VOICE)) == 1


def test_addresses_of_a_connection_are_bounded() -> None:
    """A browser with a thousand interfaces is none."""
    worker = make_worker()
    kiosk = Browser(worker, "kiosk", 10)
    kiosk.join()
    answered = [kiosk.check(START, address=("203.0.113.9", port)) for port in range(1, 50)]
    assert sum(answered) == MOST_ADDRESSES


def test_a_wrong_certificate_is_turned_away() -> None:
    """The fingerprint in the offer is another's: no keys, and the peer counts as closed."""
    worker = make_worker()
    kiosk = Browser(worker, "kiosk", 10)
    kiosk.join()
    worker._peers["kiosk"].transport._dtls._fingerprints = {"sha-256": "AB:CD"}
    kiosk.check(START)
    kiosk._shake(START)
    assert worker.output.take_notices() == [PeerLost("kiosk", "closed")]


def test_limits_hold() -> None:
    """Peers, names."""
    worker = make_worker(max_peers=1)
    worker.join(Join("a", offer_text()), START)
    with pytest.raises(TooMany):
        worker.join(Join("b", offer_text()), START)
    worker.join(Join("a", offer_text()), START)
    for name in ("", "x" * 500):
        with pytest.raises(InvalidInput):
            worker.join(Join(name, offer_text()), START)


def test_closing_says_goodbye_to_everybody() -> None:
    """With an alert, so that browsers need not wait for consent to expire."""
    worker = make_worker()
    kiosk = Browser(worker, "kiosk", 10)
    kiosk.connect()
    worker.close()
    assert [data[0] for data, address in worker.output.take_datagrams() if address == kiosk.address] == [21]
    assert worker.wake_at() == math.inf
