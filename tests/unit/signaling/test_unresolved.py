"""办不成事, noted: once for one wish, in the visit and as a task, by whoever sees the visit."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import msgspec
import pytest
import pytest_asyncio

from rvw.domain import commands as c
from rvw.domain import rating
from rvw.domain.task import Kind, TaskTerms
from rvw.errors import NotFound, TooMany
from rvw.protocol.endings import UnresolvedWish
from rvw.settings import Tasks as Limits
from signaling.board import SharedBoard
from signaling.ledger import Ledger
from signaling.records import Store, open_store
from signaling.records.database import sqlite_url
from signaling.sealed import Sealed
from signaling.unresolved import PER_MINUTE, Unresolved
from signaling.worklist import Worklist
from tests.fakes.counter import Counter
from tests.fakes.town import HOST_ELSEWHERE, KIOSK_ONE, KIOSK_TWO, OFFICER_LI, TOWN

WISH = UnresolvedWish(ref="k3v9q2m7x1", what="系统里查不到我的参保记录", urgency="long", number="13800001234")


class _Deaf:
    """A board whose channel nobody listens to."""

    async def tell(self, topics: list[str]) -> None:
        """Tell nobody."""


class Window:
    """An office with a place to note what could not be done."""

    def __init__(self, store: Store) -> None:
        self.counter = Counter()
        for actor in (KIOSK_ONE, KIOSK_TWO, OFFICER_LI):
            self.counter.perform(actor, c.SetPresence("ready"))
        self._serial = 0
        board = cast("SharedBoard", _Deaf())
        sealed = Sealed("a secret of tests" * 4)
        self.worklist = Worklist(store.tasks, board, sealed, TaskTerms(), self.counter.clock, self._new_id)
        ledger = cast("Ledger", self.counter.ledger)
        self.notes = Unresolved(self.counter.office, ledger, self.worklist, lambda: TOWN, Limits(), self.counter.clock)

    def _new_id(self) -> str:
        self._serial += 1
        return f"t{self._serial}"


@pytest_asyncio.fixture
async def window(tmp_path: Path) -> AsyncIterator[Window]:
    """A window with a database of its own."""
    async with open_store(sqlite_url(tmp_path)) as store:
        yield Window(store)


async def test_a_wish_that_is_repeated_is_noted_once(window: Window) -> None:
    """The kiosk did not hear the answer and asks again: one task, one event, the same deadline."""
    visit = window.counter.perform(KIOSK_ONE, c.Open("card", "310113"))
    wish = msgspec.structs.replace(WISH, visit=visit)
    first = await window.notes.note(KIOSK_ONE, wish)
    assert await window.notes.note(KIOSK_ONE, wish) == first
    assert window.counter.visit(visit).unresolved == (first.task,)
    (task,) = await window.worklist.of_visit(visit)
    assert (task.kind, task.desk, task.stage, task.urgency, task.contact) == (
        Kind.UNRESOLVED,
        "baoshan",
        "dispatched",
        "long",
        "****1234",
    )


async def test_outside_a_visit_a_supervisor_dispatches_it(window: Window) -> None:
    """From the first screen: of the kiosk's authority, and of no desk yet."""
    taken = await window.notes.note(KIOSK_ONE, WISH)
    task = await window.worklist.of_key(f"{Kind.UNRESOLVED}/{KIOSK_ONE.id}/{WISH.ref}")
    assert task is not None
    assert (task.id, task.authority, task.desk, task.stage) == (taken.task, "baoshan", "", "noted")


async def test_only_who_sees_a_visit_notes_something_in_it(window: Window) -> None:
    """Another hall's clerk, and another kiosk, are told that there is no such visit."""
    visit = window.counter.perform(KIOSK_ONE, c.Open("card", "310113"))
    for stranger in (KIOSK_TWO, HOST_ELSEWHERE):
        with pytest.raises(NotFound):
            await window.notes.note(stranger, msgspec.structs.replace(WISH, visit=visit))
    assert window.counter.visit(visit).unresolved == ()


async def test_a_page_notes_only_so_many_in_a_minute(window: Window) -> None:
    """A child plays with the screen: the list stays readable."""
    for number in range(PER_MINUTE):
        await window.notes.note(KIOSK_ONE, msgspec.structs.replace(WISH, ref=f"{WISH.ref}{number}"))
    with pytest.raises(TooMany):
        await window.notes.note(KIOSK_ONE, msgspec.structs.replace(WISH, ref="another00"))
    window.counter.clock.pass_(61)
    await window.notes.note(KIOSK_ONE, msgspec.structs.replace(WISH, ref="another00"))


def test_the_page_offers_the_reasons_that_the_server_takes() -> None:
    """`rating.ts` and `rating.py` name the same reasons in the same order."""
    page = (Path(rating.__file__).parents[2] / "web" / "src" / "visit" / "rating.ts").read_text()
    for name, expected in (("GOOD", rating.GOOD), ("BAD", rating.BAD)):
        found = re.search(rf"export const {name} = \[(.*?)\]", page, re.DOTALL)
        assert found is not None
        assert tuple(re.findall(r"'(\w+)'", found.group(1))) == expected
