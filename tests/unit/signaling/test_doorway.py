"""Sockets that have not said who they are: so many of an address, so many in all, and no guessing."""

from contextlib import ExitStack

import pytest

from rvw.errors import NotSignedIn, TooMany
from signaling.doorway import WRONG_AT_ONCE, Doorway
from tests.fakes.clock import ManualClock

HALL, STRANGER = "192.0.2.1", "198.51.100.7"


def test_one_address_fills_its_own_places_and_no_others() -> None:
    """Three who say nothing; the fourth is refused, a hall comes in, and a place is free when one has gone."""
    doorway = Doorway(100, 3, ManualClock())
    with ExitStack() as silent:
        for _ in range(3):
            silent.enter_context(doorway.enter(STRANGER, 0))
        with pytest.raises(TooMany), doorway.enter(STRANGER, 0):
            pass
        with doorway.enter(HALL, 0):
            assert doorway.waiting() == 4
    assert doorway.waiting() == 0
    with doorway.enter(STRANGER, 0):
        assert doorway.waiting() == 1


def test_who_stands_in_the_doorway_counts_as_a_connection() -> None:
    """Of five places two are taken inside and three in the doorway: one more is refused."""
    doorway = Doorway(5, 10, ManualClock())
    full = (doorway.enter(HALL, 2), doorway.enter(STRANGER, 2), doorway.enter(HALL, 2))
    with full[0], full[1], full[2], pytest.raises(TooMany), doorway.enter(HALL, 2):
        pass


def nobody(doorway: Doorway, address: str) -> None:
    """Say a token that is not ours."""
    with pytest.raises(NotSignedIn), doorway.enter(address, 0):
        raise NotSignedIn("this token is not ours")


def test_an_address_of_nobody_is_not_asked_for_ever() -> None:
    """A whole hall comes back at once; a stranger's wrong tokens are used up; waiting helps."""
    clock = ManualClock()
    doorway = Doorway(10_000, 1000, clock)
    with ExitStack() as hall:
        for _ in range(5 * WRONG_AT_ONCE):
            hall.enter_context(doorway.enter(HALL, 0))
    for _ in range(WRONG_AT_ONCE):
        nobody(doorway, STRANGER)
    with pytest.raises(TooMany), doorway.enter(STRANGER, 0):
        pass
    with doorway.enter(HALL, 0):
        assert doorway.waiting() == 1
    clock.pass_(1)
    nobody(doorway, STRANGER)
