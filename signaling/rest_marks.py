"""The endpoint of marks: the sheet of a visit, for whoever comes later or has missed something."""

from msgspec import Struct

from rvw.domain.marks import MARKS, Sheet
from rvw.domain.people import Role
from rvw.domain.policy import may_see
from rvw.errors import NotFound, NotSignedIn
from signaling.keeping.audit import Audit
from signaling.ledger import Ledger
from signaling.routes import Call, Endpoint


class MarksApi:
    """The handler, and its table."""

    def __init__(self, ledger: Ledger, audit: Audit) -> None:
        self._ledger = ledger
        self._audit = audit

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        summary = "All marks of a visit that one may see"
        return (Endpoint("GET", "/api/visits/{visit}/marks", summary, self.marks, Sheet, signed_in=True),)

    async def marks(self, call: Call) -> Struct:
        """Return the sheet. Raises `NotFound` for a visit that is not shown to the caller."""
        if call.actor is None:
            raise NotSignedIn("sign in first")
        visit = await self._ledger.visit(call.path["visit"])
        if not may_see(call.actor, visit):
            raise NotFound("there is no such visit")
        if call.actor.role is Role.SUPERVISOR:  # others take part in the visit, and see its marks as they are drawn
            await self._audit.note(call.actor, "saw", visit.id, "marks")
        return await self._ledger.beside(MARKS, visit.id)
