"""What is relayed and not kept: lines being written, and stills for whose line carries no moving pictures."""

from typing import cast

import pytest

from rvw.domain import commands as c
from rvw.domain.board import Board
from rvw.errors import InvalidInput
from rvw.protocol import client, media
from rvw.protocol.codec import CLIENT, encode
from rvw.protocol.server import Glanced, Typed
from signaling.board import SharedBoard
from signaling.gestures import PASSED, Gestures, Passed
from signaling.glances import AT_ONCE, Glances
from signaling.hub import Hub
from signaling.ledger import Ledger
from signaling.qualities import Qualities
from tests.fakes.counter import Counter, run
from tests.fakes.town import HOST_CHEN, HOST_ELSEWHERE, KIOSK_ONE, OFFICER_LI

JPEG = "/9j/4AAQSkZJRgABAQEASABIAAD/2Q=="


class Desk:
    """Li talks with a resident, and Chen stands by; what is relayed is kept here."""

    def __init__(self) -> None:
        self.counter = Counter()
        for actor in (KIOSK_ONE, OFFICER_LI):
            self.counter.perform(actor, c.SetPresence("ready"))
        self.visit = self.counter.perform(KIOSK_ONE, c.Open("card", "310113"))
        self.counter.match()
        self.counter.perform(OFFICER_LI, c.Accept(), self.visit)
        self.counter.perform(HOST_CHEN, c.Enter(), self.visit)
        self.passed: list[Passed] = []
        ledger, shared = cast("Ledger", self.counter.ledger), cast("SharedBoard", self)
        hub = Hub(ledger, shared, Board())
        self.qualities = Qualities(hub, Board())
        self.gestures = Gestures(hub, shared, ledger)
        self.glances = Glances(self.gestures, ledger, self.qualities)

    async def point(self, gesture: bytes) -> None:
        """Take what would go to every process."""
        self.passed.append(PASSED.decode(gesture))


@pytest.fixture
def desk() -> Desk:
    """The three in a talk."""
    return Desk()


def test_a_line_goes_to_the_others_as_it_grows(desk: Desk) -> None:
    """Li writes: resident and host read it, with the name; a host who is not there writes, and nobody does."""
    run(desk.gestures.relay(OFFICER_LI, client.Typing(desk.visit, "请把"), 0.0))
    run(desk.gestures.relay(HOST_ELSEWHERE, client.Typing(desk.visit, "我也"), 0.0))
    typed = Typed(desk.visit, "li", OFFICER_LI.name, OFFICER_LI.role, "请把")
    assert desk.passed == [Passed(("chen", "kiosk-1"), typed)]


def test_a_still_goes_to_whoever_is_without_pictures_and_to_nobody_else(desk: Desk) -> None:
    """First nobody needs one; then the resident does, as long as the line is narrow."""
    glance = client.Glance(desk.visit, JPEG)
    run(desk.glances.relay(OFFICER_LI, glance, 0.0))
    desk.qualities.take(media.Quality("kiosk-1", "poor", 180, 12, paused=True))
    run(desk.glances.relay(OFFICER_LI, glance, 3.0))
    run(desk.glances.relay(KIOSK_ONE, glance, 3.0))
    run(desk.glances.relay(HOST_ELSEWHERE, glance, 3.0))
    desk.qualities.take(media.Quality("kiosk-1", "good", 20, 0, paused=False))
    run(desk.glances.relay(OFFICER_LI, glance, 6.0))
    assert desk.passed == [Passed(("kiosk-1",), Glanced(desk.visit, "li", JPEG))]


def test_stills_are_few_and_small_and_none_comes_while_on_hold(desk: Desk) -> None:
    """Beyond one in two seconds they are dropped; while the visit is held nobody is seen; a large one is no message."""
    desk.qualities.take(media.Quality("kiosk-1", "poor", 180, 12, paused=True))
    for _ in range(10):
        run(desk.glances.relay(OFFICER_LI, client.Glance(desk.visit, JPEG), 0.0))
    assert len(desk.passed) == AT_ONCE
    desk.counter.perform(OFFICER_LI, c.Hold(), desk.visit)
    run(desk.glances.relay(OFFICER_LI, client.Glance(desk.visit, JPEG), 60.0))
    assert len(desk.passed) == AT_ONCE
    for picture in ("A" * (client.MAX_GLANCE + 1), "<svg>", ""):
        with pytest.raises(InvalidInput):
            CLIENT.decode(encode(client.Glance(desk.visit, picture)))
