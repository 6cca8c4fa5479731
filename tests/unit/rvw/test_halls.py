"""People of several halls and desks: where they are today, whom they see, and what they are offered."""

import pytest
from msgspec.structs import replace

from rvw.domain import commands as c
from rvw.domain.board import Line
from rvw.domain.people import Actor, Role
from rvw.domain.policy import concerns, listens_to, may_see, topics
from rvw.domain.routing import route
from rvw.domain.shift import Shift
from rvw.errors import NotAllowed, NotPossible
from tests.fakes.counter import Counter
from tests.fakes.town import HOST_CHEN, KIOSK_ONE, KIOSK_TWO, OFFICER_CITY, OFFICER_LI, TOWN

LI = replace(OFFICER_LI, desks=("baoshan", "city"), hall="hall-1", halls=("hall-2", "hall-3"))
"""Li has two desks, and a counter in three halls."""
CHEN = replace(HOST_CHEN, halls=("hall-2",))
FAR = Actor("kiosk-9", Role.KIOSK, "九号终端", "baoshan", hall="hall-2")
FARTHER = Actor("kiosk-8", Role.KIOSK, "八号终端", "baoshan", hall="hall-3")


@pytest.fixture
def counter() -> Counter:
    """Kiosks in three halls."""
    made = Counter()
    for one in (KIOSK_ONE, KIOSK_TWO, FAR, FARTHER):
        made.perform(one, c.SetPresence("ready"))
    return made


def shift_of(counter: Counter) -> Shift:
    """Return Li's."""
    return counter.ledger.board.shifts["li"]


def offered(counter: Counter) -> list[tuple[str, str]]:
    """Return which desks offer to whom now."""
    return [(one.officer, one.desk) for one in route(counter.ledger.board, TOWN, counter.clock()).proposals]


def test_a_shift_begins_in_the_usual_hall_at_every_desk_and_keeps_what_is_said(counter: Counter) -> None:
    """Hall two today, without the city's desk; a break and back changes nothing; tomorrow all is as usual."""
    counter.perform(LI, c.SetPresence("ready"))
    assert (shift_of(counter).hall, shift_of(counter).desks) == ("hall-1", ("baoshan", "city"))
    counter.perform(LI, c.SetPresence("ready", hall="hall-2", away=("city",)))
    for presence in ("on_break", "serving_here", "ready"):
        counter.perform(LI, c.SetPresence(presence))
        shift = shift_of(counter)
        assert (shift.hall, shift.desks, shift.away) == ("hall-2", ("baoshan",), ("city",))
    counter.perform(LI, c.SetPresence("signed_out"))
    counter.perform(LI, c.SetPresence("ready"))
    assert (shift_of(counter).hall, shift_of(counter).away) == ("hall-1", ())


def test_a_desk_that_is_not_served_today_offers_nothing(counter: Counter) -> None:
    """Zhou of the city is on a break: a visit for the city alone waits until Li serves that desk too."""
    counter.perform(LI, c.SetPresence("ready", away=("city",)))
    counter.perform(KIOSK_ONE, c.Open("card", "310000"))
    assert offered(counter) == []
    counter.perform(LI, c.SetPresence("ready", away=()))
    assert offered(counter) == [("li", "city")]
    counter.perform(OFFICER_CITY, c.SetPresence("ready"))
    counter.perform(LI, c.SetPresence("ready", away=("city",)))
    assert offered(counter) == [(OFFICER_CITY.id, "city")]


def test_idle_time_is_kept_when_only_the_place_changes(counter: Counter) -> None:
    """Who moves to another hall has not just become free."""
    counter.perform(LI, c.SetPresence("ready"))
    since = shift_of(counter).idle_since
    counter.clock.pass_(100)
    counter.perform(LI, c.SetPresence("ready", hall="hall-3"))
    assert shift_of(counter).idle_since == since


def test_nobody_sits_where_they_do_not_work(counter: Counter) -> None:
    """Another's hall, another's desk, and no desk at all are refused; the shift is as before."""
    counter.perform(LI, c.SetPresence("ready"))
    before = shift_of(counter)
    with pytest.raises(NotAllowed):
        counter.perform(LI, c.SetPresence("ready", hall="hall-9"))
    with pytest.raises(NotAllowed):
        counter.perform(LI, c.SetPresence("ready", away=("jiaxing",)))
    with pytest.raises(NotPossible):
        counter.perform(LI, c.SetPresence("ready", away=("baoshan", "city")))
    assert shift_of(counter) == before


def test_an_account_that_has_changed_leaves_nobody_without_a_desk(counter: Counter) -> None:
    """The one desk served, and the hall sat in, are taken from Li: the other desk is served, in the usual hall."""
    counter.perform(LI, c.SetPresence("ready", hall="hall-2", away=("city",)))
    less = replace(LI, desks=("city",), halls=())
    counter.perform(less, c.SetPresence("ready"))
    shift = shift_of(counter)
    assert (shift.hall, shift.desks, shift.away) == ("hall-1", ("city",), ())


@pytest.mark.parametrize("kiosk", [KIOSK_ONE, FAR, FARTHER])
def test_a_host_of_two_halls_sees_the_visits_of_both_and_no_others(counter: Counter, kiosk: Actor) -> None:
    """By the visit, by the board's line, and by the topics that sockets listen to: one rule in three spellings."""
    visit = counter.visit(counter.perform(kiosk, c.Open("card", "310113")))
    expected = kiosk.hall in ("hall-1", "hall-2")
    line: Line = counter.ledger.board.lines[visit.id]
    assert may_see(CHEN, visit) is expected
    assert concerns(CHEN, line) is expected
    assert (not listens_to(CHEN).isdisjoint(topics(visit))) is expected
    assert may_see(HOST_CHEN, visit) is (kiosk.hall == "hall-1")
