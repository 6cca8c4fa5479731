"""An office over a ledger in memory, with a clock that tests move: what the property tests and scenes play on."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from rvw.domain import commands as c
from rvw.domain.chains import Chains
from rvw.domain.people import SYSTEM, Actor
from rvw.domain.routing import route
from rvw.domain.terms import Terms
from rvw.domain.visit import Visit
from rvw.errors import RvwError
from rvw.ids import make_id
from signaling.office import Office
from tests.fakes.clock import ManualClock
from tests.fakes.ledger import MemoryLedger
from tests.fakes.town import TOWN

Result = TypeVar("Result")

TERMS = Terms(offer_s=20, waiting_s=7200, interruption_s=60, hold_s=600, wrapping_s=600, live_s=14_400)


class Counter:
    """The write path with everything around it that moves by itself: matching and timers, one step at a time."""

    def __init__(self, terms: Terms = TERMS) -> None:
        self.clock = ManualClock()
        self.ledger = MemoryLedger()
        self.changes: list[tuple[Visit | None, Visit]] = []
        self._serial = 0
        self.office = Office(
            self.ledger,  # type: ignore[arg-type]  # the same methods, in memory
            lambda: TOWN,
            terms,
            self.clock,
            self._new_id,
            self._ticket,
            self._note,
        )

    def perform(self, actor: Actor, command: c.Command, visit: str = "", ref: str = "") -> str:
        """Carry out a command."""
        return run(self.office.perform(actor, command, visit, ref))

    def visit(self, visit: str) -> Visit:
        """Return the visit now."""
        return run(self.ledger.visit(visit))

    def match(self) -> None:
        """Ask the desks whose turn it is, and offer whom routing proposes."""
        for step in Chains().due(self.ledger.board, TOWN, self.clock()):
            self.perform(SYSTEM, c.Ask(step.desk, step.passed), step.visit)
        for proposal in route(self.ledger.board, TOWN, self.clock()).proposals:
            self.perform(SYSTEM, c.Offer(proposal.officer, proposal.desk, proposal.reason), proposal.visit)

    def tick(self) -> None:
        """Let every deadline that has passed do its work."""
        for stream, due in sorted(self.ledger.deadlines.items()):
            if due <= self.clock():
                self.perform(SYSTEM, c.Expire(), stream.removeprefix("visit:"))

    def refusal(self, actor: Actor, command: c.Command, visit: str = "") -> str:
        """Carry out a command that is refused, and return the code."""
        try:
            self.perform(actor, command, visit)
        except RvwError as error:
            return error.code
        raise AssertionError(f"{command} was not refused")

    def _new_id(self) -> str:
        self._serial += 1
        return make_id(self.clock(), self._serial.to_bytes(8))

    async def _ticket(self, _visit: str) -> str:
        return f"A{self._serial:03d}"

    async def _note(self, before: Visit | None, after: Visit) -> None:
        self.changes.append((before, after))


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine that waits for nothing: everything here is in memory."""
    try:
        work.send(None)
    except StopIteration as done:
        result: Result = done.value
        return result
    work.close()
    raise AssertionError("nothing in memory may wait")
