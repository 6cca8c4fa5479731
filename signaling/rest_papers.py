"""The endpoint of papers: what has been handed in, for whoever comes later or has missed something."""

from msgspec import Struct

from rvw.domain.papers import PAPERS, Papers
from rvw.domain.policy import may_see
from rvw.domain.visit import Visit
from rvw.errors import NotFound
from signaling.ledger import Ledger
from signaling.routes import Call, Endpoint, signed_in


class PapersApi:
    """The handlers, and their table."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        summary = "All papers of a visit that one may see"
        return (Endpoint("GET", "/api/visits/{visit}/papers", summary, self.papers, Papers, signed_in=True),)

    async def papers(self, call: Call) -> Struct:
        """Return the papers. Raises `NotFound` for a visit that is not shown to the caller."""
        return await self._ledger.beside(PAPERS, (await self._visit(call)).id)

    async def _visit(self, call: Call) -> Visit:
        visit = await self._ledger.visit(call.path["visit"])
        if not may_see(signed_in(call), visit):
            raise NotFound("there is no such visit")
        return visit
