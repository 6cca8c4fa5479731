"""How well lines carry: told when it changes, to the one at the line and the others there, and to whoever comes later."""

from typing import cast

import msgspec
import pytest

from rvw.domain import events as e
from rvw.domain.board import Board, Line
from rvw.domain.people import Actor
from rvw.domain.shift import Shift
from rvw.domain.visit import State
from rvw.protocol import media
from rvw.protocol.server import Quality, ServerMessage
from signaling.board import SharedBoard
from signaling.hub import Hub
from signaling.ledger import Entry, Ledger
from signaling.qualities import Qualities
from tests.fakes.town import HOST_CHEN, KIOSK_ONE, KIOSK_TWO, OFFICER_LI

POOR = media.Quality("kiosk-1", "poor", 180, 12, paused=True)
GOOD = media.Quality("kiosk-1", "good", 20, 0, paused=False)


class Page:
    """Hears what a socket would."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.heard: list[ServerMessage] = []

    def send(self, message: ServerMessage) -> None:
        self.heard.append(message)

    def show(self, visit: str) -> None:
        raise AssertionError(visit)


class Town:
    """Two kiosks, an officer and a host; the first kiosk talks with both."""

    def __init__(self) -> None:
        board = Board()
        talk = Line(
            id="v", state=State.LIVE, authority="baoshan", hall="hall-1", kiosk="kiosk-1", matter="card", region="310113",
            desks=("baoshan",), priority=0, since=1.0, officer="li", others=("chen",),
        )  # fmt: skip
        board.put("visit:v", talk)
        for actor in ("kiosk-1", "li"):
            board.put(f"shift:{actor}", Shift(actor=actor, visit="v"))
        hub = Hub(cast("Ledger", None), cast("SharedBoard", None), board)
        self.pages = {actor.id: Page(actor) for actor in (KIOSK_ONE, KIOSK_TWO, OFFICER_LI, HOST_CHEN)}
        for page in self.pages.values():
            hub.add(page)
        self.qualities = Qualities(hub, board)

    def heard(self) -> dict[str, list[ServerMessage]]:
        """Return what each page has heard since the last time."""
        heard = {name: page.heard for name, page in self.pages.items()}
        for page in self.pages.values():
            page.heard = []
        return heard


@pytest.fixture
def town() -> Town:
    return Town()


def test_everybody_in_the_visit_learns_of_a_change_and_nobody_else(town: Town) -> None:
    """Once: a word that is repeated is not news."""
    poor = Quality("kiosk-1", "poor", paused=True)
    town.qualities.take(POOR)
    assert town.heard() == {"kiosk-1": [poor], "li": [poor], "chen": [poor], "kiosk-2": []}
    town.qualities.take(POOR)
    assert not any(town.heard().values())
    town.qualities.take(GOOD)
    assert town.heard()["li"] == [Quality("kiosk-1", "good", paused=False)]
    town.qualities.take(GOOD)
    assert not any(town.heard().values())


def test_whoever_connects_is_told_what_is_not_good(town: Town) -> None:
    """The officer's page was reloaded; the host, who has no shift, is in the visit all the same."""
    town.qualities.take(POOR)
    for actor in ("li", "chen", "kiosk-1"):
        assert town.qualities.about(actor) == [Quality("kiosk-1", "poor", paused=True)]
    assert town.qualities.about("kiosk-2") == []
    town.qualities.take(GOOD)
    assert town.qualities.about("li") == []


def test_whoever_comes_into_a_visit_learns_of_its_lines(town: Town) -> None:
    """The resident's line was poor before the officer accepted."""
    town.qualities.take(POOR)
    town.heard()
    recorded = e.Recorded("visit:v", 3, 1.0, "li", "", e.Accepted("li", "李示例", 2.0))
    town.qualities.watch(Entry(recorded, (), (), (), settled=True, row=msgspec.Raw(b"null")))
    assert town.heard()["li"] == [Quality("kiosk-1", "poor", paused=True)]
