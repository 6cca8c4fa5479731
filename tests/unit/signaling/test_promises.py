"""Three ways on, through the real office and a real database: kept, once, and never in the way of an officer."""

from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pypdfium2 as pdfium
import pytest

from rvw.clock import to_the_minute
from rvw.domain import commands as c
from rvw.domain.people import SYSTEM
from rvw.domain.task import Finish, Kind, Take, TaskTerms
from rvw.domain.visit import State
from rvw.errors import InvalidInput, NotFound, NotPossible
from rvw.protocol.rest import AppointmentKept, PromiseWish
from rvw.settings import Tasks as Limits
from signaling.applications.kept import Kept
from signaling.blobs import Blobs
from signaling.board import SharedBoard
from signaling.claims import Claims
from signaling.ledger import Ledger
from signaling.promises import Promises
from signaling.records import Store
from signaling.sealed import Sealed
from signaling.summaries import Summaries
from signaling.tickets import Tickets
from signaling.worklist import Worklist
from tests.fakes.counter import Counter
from tests.fakes.stores import empty_store
from tests.fakes.town import KIOSK_ONE, KIOSK_TWO, OFFICER_LI, TOWN
from tests.unit.signaling.test_tickets import Shared
from tests.unit.signaling.test_worklist import Channel

LIMITS = Limits(slot_places=1)
CALL = PromiseWish("call_back", "13800005678")


class Window:
    """A counter with everything that makes promises."""

    def __init__(self, store: Store) -> None:
        self.counter = Counter()
        clock, office, ledger = self.counter.clock, self.counter.office, cast("Ledger", self.counter.ledger)
        shared = cast("SharedBoard", Channel())
        made = iter(range(1000))
        self.list = Worklist(store.tasks, shared, Sealed("s" * 32), TaskTerms(), clock, lambda: f"t{next(made)}")
        self.tickets = Tickets(cast("SharedBoard", Shared()), clock, "s" * 32)
        self.promises = Promises(office, ledger, self.list, self.tickets, lambda: TOWN, LIMITS, clock)
        self.claims = Claims(self.tickets, office, ledger, self.list)
        self.summaries = Summaries(ledger, self.tickets, self.list, Kept(cast("Blobs", None)), lambda: TOWN)

    async def waiting(self, kiosk: object = KIOSK_ONE) -> str:
        """A resident has taken a ticket."""
        return await self.counter.office.perform(kiosk, c.Open("card", "310113"))  # type: ignore[arg-type]  # a kiosk


@pytest.fixture
async def window(tmp_path: Path) -> AsyncIterator[Window]:
    """Two kiosks and Li."""
    async with empty_store(tmp_path) as store:
        made = Window(store)
        for actor in (KIOSK_ONE, KIOSK_TWO, OFFICER_LI):
            await made.counter.office.perform(actor, c.SetPresence("ready"))
        yield made


async def test_a_call_back_is_promised_done_and_told_with_the_ticket(window: Window) -> None:
    """The resident waits no longer; the desk has the task; the ticket says how it stands; asking twice makes one."""
    visit = await window.waiting()
    made = await window.promises.make(KIOSK_ONE, visit, CALL)
    assert (made.kind, made.contact) == (Kind.CALL_BACK, "****5678")
    closed = window.counter.visit(visit)
    assert (closed.state, closed.close_reason, closed.outcome) == (State.CLOSED, "promised", "unresolved")
    assert await window.promises.make(KIOSK_ONE, visit, CALL) == made
    [task] = await window.list.list(OFFICER_LI)
    assert (task.desk, task.ticket, task.subject) == ("baoshan", closed.ticket, "card")
    await window.list.do(OFFICER_LI, task.id, Take())
    await window.list.do(OFFICER_LI, task.id, Finish())
    found = await window.claims.found(KIOSK_TWO, window.tickets.qr(visit))
    assert [(one.state, one.outcome) for one in found.promises] == [("done", "done")]
    assert found.matter == "card"


async def test_a_message_is_answered_at_any_kiosk(window: Window) -> None:
    """The answer is for the resident, the note is not."""
    visit = await window.waiting()
    await window.promises.make(KIOSK_ONE, visit, PromiseWish("message", text="要带什么？", name="王示例"))
    [task] = await window.list.list(OFFICER_LI)
    assert (task.text, task.name) == ("要带什么？", "王示例")
    await window.list.do(OFFICER_LI, task.id, Take())
    await window.list.do(OFFICER_LI, task.id, Finish("身份证。", "内部"))
    found = await window.claims.found(KIOSK_TWO, window.tickets.qr(visit))
    assert [one.answer for one in found.promises] == ["身份证。"]


async def test_an_appointment_has_its_place_and_goes_first(window: Window) -> None:
    """One place at a time; too early is refused; in time the new visit goes first, and the appointment is kept once."""
    visit, other = await window.waiting(), await window.waiting(KIOSK_TWO)
    at = (await window.promises.ways(KIOSK_ONE, visit)).times[0]
    wish = PromiseWish("appointment", at=at)
    made = await window.promises.make(KIOSK_ONE, visit, wish)
    assert at not in (await window.promises.ways(KIOSK_TWO, other)).times
    with pytest.raises(NotPossible, match="taken"):
        await window.promises.make(KIOSK_TWO, other, wish)
    assert window.counter.visit(other).state is State.WAITING

    ticket = window.tickets.qr(visit)
    window.counter.clock.now = at - LIMITS.early_s - 1
    come = AppointmentKept(ticket, await window.waiting())
    with pytest.raises(NotPossible, match="time"):
        await window.promises.come(KIOSK_ONE, made.id, come)
    window.counter.clock.now = at
    with pytest.raises(NotFound):
        await window.promises.come(KIOSK_ONE, made.id, AppointmentKept(window.tickets.qr(other), come.visit))
    assert (await window.promises.come(KIOSK_ONE, made.id, come)).outcome == "kept"
    assert window.counter.visit(come.visit).priority_reason == "appointment"
    with pytest.raises(NotPossible):
        await window.promises.come(KIOSK_ONE, made.id, come)


async def test_an_officer_who_was_faster_is_better_than_a_promise(window: Window) -> None:
    """The talk goes on, and nobody rings later for nothing."""
    visit = await window.waiting()
    await window.counter.office.perform(SYSTEM, c.Offer("li", "baoshan"), visit)
    await window.counter.office.perform(OFFICER_LI, c.Accept(), visit)
    with pytest.raises(NotPossible):
        await window.promises.make(KIOSK_ONE, visit, CALL)
    assert await window.list.list(OFFICER_LI) == ()
    assert window.counter.visit(visit).state is State.LIVE


async def test_who_was_not_answered_in_time_is_promised_something_still(window: Window) -> None:
    """After the end of the waiting; not after having left."""
    visit = await window.waiting()
    window.counter.clock.pass_(7200)
    await window.counter.office.perform(SYSTEM, c.Expire(), visit)
    assert window.counter.visit(visit).close_reason == "unanswered"
    assert (await window.promises.make(KIOSK_ONE, visit, CALL)).kind is Kind.CALL_BACK
    left = await window.waiting()
    await window.counter.office.perform(KIOSK_ONE, c.Leave(), left)
    with pytest.raises(NotPossible):
        await window.promises.make(KIOSK_ONE, left, CALL)


@pytest.mark.parametrize(
    "wish", [PromiseWish("call_back"), PromiseWish("message", text="  "), PromiseWish("appointment", at=1.0)]
)
async def test_a_wish_without_what_it_needs_is_refused_and_the_visit_waits_on(window: Window, wish: PromiseWish) -> None:
    """Nothing is promised by half."""
    visit = await window.waiting()
    with pytest.raises(InvalidInput):
        await window.promises.make(KIOSK_ONE, visit, wish)
    assert window.counter.visit(visit).state is State.WAITING
    with pytest.raises(NotFound):
        await window.promises.ways(KIOSK_TWO, visit)


async def test_what_is_not_needed_is_called_off_by_the_ticket(window: Window) -> None:
    """From anywhere, once; its time is free again; another ticket calls nothing off; and nobody is rung for it."""
    visit, other = await window.waiting(), await window.waiting(KIOSK_TWO)
    at = (await window.promises.ways(KIOSK_ONE, visit)).times[0]
    made = await window.promises.make(KIOSK_ONE, visit, PromiseWish("appointment", at=at, number="13800005678"))
    assert at not in (await window.promises.ways(KIOSK_TWO, other)).times
    with pytest.raises(NotFound):
        await window.promises.call_off(window.tickets.qr(other), made.id, "192.0.2.1")
    off = await window.promises.call_off(window.tickets.qr(visit), made.id, "192.0.2.1")
    assert (off.state, off.outcome) == ("done", "cancelled")
    assert at in (await window.promises.ways(KIOSK_TWO, other)).times
    with pytest.raises(NotPossible):
        await window.promises.call_off(window.tickets.qr(visit), made.id, "192.0.2.1")
    window.counter.clock.now = at + LIMITS.late_s + 1
    await window.list.expire()
    assert await window.list.list(OFFICER_LI) == ()


async def test_the_ticket_reminds_of_an_appointment_on_any_telephone(window: Window) -> None:
    """The summary of the ticket has the time, and the page to print says it."""
    visit = await window.waiting()
    at = (await window.promises.ways(KIOSK_ONE, visit)).times[0]
    await window.promises.make(KIOSK_ONE, visit, PromiseWish("appointment", at=at))
    told = await window.summaries.by_ticket(window.tickets.qr(visit), "192.0.2.1")
    assert [(one.kind, one.due_at, one.state) for one in told.promises] == [(Kind.APPOINTMENT, at, "open")]
    pdf = b64decode((await window.summaries.pdf(window.tickets.qr(visit), "192.0.2.1")).pdf)
    assert to_the_minute(at) in text_of(pdf)


def text_of(pdf: bytes) -> str:
    """Return what stands on the first page."""
    document = pdfium.PdfDocument(pdf)
    return str(document[0].get_textpage().get_text_range())
