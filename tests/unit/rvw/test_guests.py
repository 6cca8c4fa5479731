"""A guest by a one-time link: what the visit says, and what a guest may not."""

import pytest

from rvw.domain import commands as c
from rvw.domain.people import SYSTEM, Actor, Role
from rvw.errors import NotAllowed
from tests.fakes.counter import Counter
from tests.fakes.town import KIOSK_ONE, OFFICER_LI

LINK = "0f4c1b2a9d8e7f60a1b2c3d4e5f60718"
GUEST = Actor(f"guest:{LINK}", Role.GUEST, "金示例", "baoshan")
STRANGER = Actor("guest:" + "0" * 32, Role.GUEST, "别人", "baoshan")


@pytest.fixture
def counter() -> Counter:
    """Li talks with the resident at the first kiosk, and has made a link."""
    made = Counter()
    for actor in (KIOSK_ONE, OFFICER_LI):
        made.perform(actor, c.SetPresence("ready"))
    visit = made.perform(KIOSK_ONE, c.Open("card", "310113"))
    made.perform(SYSTEM, c.Offer("li", "baoshan"), visit)
    made.perform(OFFICER_LI, c.Accept(), visit)
    made.perform(OFFICER_LI, c.InviteGuest(LINK, "手语翻译"), visit)
    return made


def only(counter: Counter) -> str:
    """The one visit."""
    return next(iter(counter.ledger.board.lines))


def test_a_guest_comes_in_once_and_belongs_to_no_shift(counter: Counter) -> None:
    """In, out, and not in again; nothing is kept of the guest but the events."""
    visit = only(counter)
    counter.perform(GUEST, c.Enter(), visit)
    assert [p.role for p in counter.visit(visit).participants] == [Role.KIOSK, Role.OFFICER, Role.GUEST]
    assert counter.visit(visit).invitations == ()
    counter.perform(GUEST, c.Say("大家好"), visit)
    counter.perform(GUEST, c.Leave(), visit)
    assert counter.refusal(GUEST, c.Enter(), visit) == NotAllowed.code
    assert f"shift:{GUEST.id}" not in counter.ledger.streams


def test_a_link_that_is_over_or_taken_back_opens_nothing(counter: Counter) -> None:
    """By its deadline, or by the officer."""
    visit = only(counter)
    counter.clock.pass_(900)
    counter.tick()
    assert counter.refusal(GUEST, c.Enter(), visit) == NotAllowed.code
    counter.perform(OFFICER_LI, c.InviteGuest("1" * 32, "家属"), visit)
    counter.perform(OFFICER_LI, c.Uninvite("guest:" + "1" * 32), visit)
    assert counter.visit(visit).invitations == ()


def test_what_a_guest_may_not(counter: Counter) -> None:
    """Not another's visit, not the officer's business, and not the screen."""
    visit = only(counter)
    assert counter.refusal(STRANGER, c.Enter(), visit) == NotAllowed.code
    counter.perform(GUEST, c.Enter(), visit)
    for command in (c.Hold(), c.End(), c.StartShare(), c.InviteGuest("2" * 32, "亲友"), c.Enter("listen")):
        assert counter.refusal(GUEST, command, visit) == NotAllowed.code
