"""A changed list is told to the pages of every process, over a real Valkey, also after it was away."""

import asyncio
from asyncio import TaskGroup
from contextlib import suppress

from rvw.domain.board import Board
from rvw.domain.people import Actor
from rvw.errors import Unavailable
from rvw.protocol.server import ServerMessage, TasksChanged
from signaling.board import SharedBoard
from signaling.hub import Hub
from signaling.keys import Keys
from signaling.ledger import Ledger, connect
from signaling.notices import Notices
from tests.fakes.town import LEAD_FENG, OFFICER_CITY, OFFICER_LI
from tests.fakes.valkey import running_valkey


class Page:
    """A socket that notes that it was told."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.told = asyncio.Event()

    def send(self, message: ServerMessage) -> None:
        """Note it."""
        assert isinstance(message, TasksChanged)
        self.told.set()

    def show(self, visit: str) -> None:
        """Nothing is shown here."""
        raise AssertionError(visit)


async def test_a_changed_list_is_told_to_those_who_have_it() -> None:
    """Its desk's officers and the authority's supervisor, in another process; nobody else. Then Valkey is killed once."""
    async with running_valkey() as valkey, connect(valkey.url) as here, connect(valkey.url) as there:
        shared, keys = SharedBoard(there, Keys("cell")), Keys("cell")
        hub = Hub(Ledger(there, keys), shared, Board())
        li, feng, city = (Page(one) for one in (OFFICER_LI, LEAD_FENG, OFFICER_CITY))
        for page in (li, feng, city):
            hub.add(page)
        async with TaskGroup() as tasks:
            running = tasks.create_task(Notices(hub, shared).run())
            await _told(SharedBoard(here, keys), ["authority:baoshan", "desk:none"], feng)
            assert not li.told.is_set()
            feng.told.clear()
            await valkey.kill()
            await valkey.start()
            await _told(SharedBoard(here, keys), ["desk:baoshan"], li)
            assert city.told.is_set(), "the city's officer serves that desk too"
            assert not feng.told.is_set()
            running.cancel()


async def _told(board: SharedBoard, topics: list[str], page: Page) -> None:
    """Tell until somebody listens: a channel keeps nothing for who is not there yet."""
    async with asyncio.timeout(20):
        while not page.told.is_set():
            with suppress(Unavailable):
                await board.tell(topics)
            with suppress(TimeoutError):
                await asyncio.wait_for(page.told.wait(), 0.1)
