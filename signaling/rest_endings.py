"""The endpoints of the end: what closing lacks, the rating, what could not be done, the summary, an earlier case."""

from collections.abc import Callable

from msgspec import Struct

from rvw.domain import policy
from rvw.domain.catalogue import PLAIN, Catalogue
from rvw.domain.closing import missing
from rvw.domain.commands import Rate
from rvw.domain.companions import COMPANIONS
from rvw.domain.events import Outcome, RatingWay
from rvw.domain.people import SYSTEM, Actor, Role
from rvw.domain.proofs import evidence
from rvw.domain.visit import Visit
from rvw.errors import NotFound
from rvw.protocol import endings
from signaling.aftermath import Aftermath
from signaling.cases import Cases
from signaling.keeping.audit import Audit
from signaling.ledger import Ledger
from signaling.office import Office
from signaling.routes import Call, Endpoint, signed_in
from signaling.summaries import Summaries
from signaling.tickets import Tickets
from signaling.unresolved import Unresolved

DEMANDING: tuple[Outcome, ...] = ("accepted", "returned")
"""The outcomes of which a rule pack demands something."""


class EndingApi:
    """The handlers, and their table."""

    def __init__(
        self,
        office: Office,
        ledger: Ledger,
        tickets: Tickets,
        aftermath: Aftermath,
        unresolved: Unresolved,
        summaries: Summaries,
        cases: Cases,
        catalogue: Callable[[], Catalogue],
        audit: Audit,
    ) -> None:
        self._audit = audit
        self._office = office
        self._ledger = ledger
        self._tickets = tickets
        self._aftermath = aftermath
        self._unresolved = unresolved
        self._summaries = summaries
        self._cases = cases
        self._catalogue = catalogue

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        return (*self._of_visits(), *self._of_tickets())

    def _of_visits(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                "GET",
                "/api/visits/{visit}/closing",
                "What each outcome still lacks",
                self.closing,
                endings.ClosingView,
                signed_in=True,
            ),
            Endpoint(
                "GET",
                "/api/visits/{visit}/earlier",
                "What came before in the case that a visit goes on with",
                self.earlier,
                endings.EarlierVisits,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/visits/{visit}/rating",
                "Rate a visit at its kiosk",
                self.rate,
                endings.RatingTaken,
                body=endings.RatingGiven,
                signed_in=True,
            ),
            Endpoint(
                "GET",
                "/api/visits/{visit}/summary",
                "What the resident takes home, and the way to it from a telephone",
                self.summary,
                endings.SummaryShown,
                query=endings.SummaryQuestion,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/unresolved",
                "Note that something could not be done",
                self.unresolved,
                endings.UnresolvedTaken,
                body=endings.UnresolvedWish,
                signed_in=True,
            ),
            Endpoint(
                "GET",
                "/api/cases/{case}",
                "What a case number is about",
                self.case,
                endings.CaseFound,
                signed_in=True,
            ),
        )

    def _of_tickets(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                "POST",
                "/api/ratings",
                "Rate a visit by its ticket",
                self.rate_by_ticket,
                endings.RatingTaken,
                body=endings.TicketRating,
            ),
            Endpoint(
                "POST",
                "/api/summaries",
                "What became of a ticket's visit",
                self.summary_by_ticket,
                endings.Summary,
                body=endings.SummaryAsked,
            ),
            Endpoint(
                "POST",
                "/api/summaries/pdf",
                "The same as a page to print",
                self.pdf,
                endings.SummaryPdf,
                body=endings.SummaryAsked,
            ),
            Endpoint(
                "POST",
                "/api/summaries/notice",
                "The notice of what is missing",
                self.notice,
                endings.SummaryPdf,
                body=endings.SummaryAsked,
            ),
        )

    async def closing(self, call: Call) -> Struct:
        """Return what is missing, outcome by outcome. Raises `NotFound` for who does not see the visit."""
        actor, visit = signed_in(call), await self._ledger.visit(call.path["visit"])
        if not policy.may_see(actor, visit) or actor.role not in (Role.OFFICER, Role.SUPERVISOR):
            raise NotFound("there is no such visit")
        catalogue = self._catalogue()
        matter = catalogue.matters.get(visit.matter)
        beside = {one.kind: await self._ledger.beside(one, visit.id) for one in COMPANIONS}
        there = evidence(beside, catalogue.rules.get(matter.rules, PLAIN) if matter else PLAIN)
        return endings.ClosingView({one: missing(visit, one, catalogue, there) for one in DEMANDING})

    async def earlier(self, call: Call) -> Struct:
        """Return what came before: the officer had no part in it, so it is written down."""
        actor, visit = signed_in(call), call.path["visit"]
        found = await self._cases.earlier(actor, visit)
        for one in found.earlier:
            await self._audit.note(actor, "saw", one.visit, f"dossier, as earlier than {visit}")
        return found

    async def rate(self, call: Call) -> Struct:
        """Rate at the kiosk. Raises `NotFound` for another kiosk's visit, `NotPossible` for a second rating."""
        actor, given = signed_in(call), call.body
        visit = await self._own(actor, call.path["visit"])
        return await self._rate(visit.id, given, "kiosk")

    async def rate_by_ticket(self, call: Call) -> Struct:
        """Rate by the ticket. Raises what `Tickets.check` raises, `NotPossible` for a second rating."""
        body: endings.TicketRating = call.body
        return await self._rate(await self._tickets.check(body.ticket, call.address), body.rating, "ticket")

    async def _rate(self, visit_id: str, given: endings.RatingGiven, way: RatingWay) -> endings.RatingTaken:
        await self._office.perform(SYSTEM, Rate(given.level, given.tags, given.text, way), visit_id)
        low = await self._aftermath.settle(await self._ledger.visit(visit_id), given.number)
        return endings.RatingTaken(given.level, low and bool(given.number))

    async def summary(self, call: Call) -> Struct:
        """Return the summary at the kiosk."""
        asked: endings.SummaryQuestion = call.query
        return await self._summaries.shown(signed_in(call), call.path["visit"], asked.origin)

    async def summary_by_ticket(self, call: Call) -> Struct:
        """Return the summary by the ticket."""
        body: endings.SummaryAsked = call.body
        return await self._summaries.by_ticket(body.ticket, call.address)

    async def notice(self, call: Call) -> Struct:
        """Return the notice of what is missing."""
        body: endings.SummaryAsked = call.body
        return await self._summaries.notice(body.ticket, call.address)

    async def pdf(self, call: Call) -> Struct:
        """Return the page to print."""
        body: endings.SummaryAsked = call.body
        return await self._summaries.pdf(body.ticket, call.address)

    async def unresolved(self, call: Call) -> Struct:
        """Note something."""
        body: endings.UnresolvedWish = call.body
        return await self._unresolved.note(signed_in(call), body)

    async def case(self, call: Call) -> Struct:
        """Find a case."""
        return await self._cases.found(signed_in(call), call.path["case"])

    async def _own(self, actor: Actor, visit_id: str) -> Visit:
        visit = await self._ledger.visit(visit_id)
        if actor.role is not Role.KIOSK or visit.kiosk != actor.id:
            raise NotFound("there is no such visit")
        return visit
