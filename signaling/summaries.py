"""What a resident takes home of a visit: on the kiosk, on a telephone by the ticket, and as a page to print."""

from asyncio import to_thread
from base64 import b64encode
from collections.abc import Callable

from rvw.domain.catalogue import Catalogue, rules_of
from rvw.domain.papers import PAPERS, checklist
from rvw.domain.people import Actor, Role
from rvw.domain.rating import may_be_rated
from rvw.domain.task import Kind, Task
from rvw.domain.visit import Visit
from rvw.errors import NotFound
from rvw.protocol.endings import FollowedUp, MaterialStand, Summary, SummaryPdf, SummaryShown
from signaling.applications.kept import Kept
from signaling.dossiers.leaflet import render
from signaling.dossiers.sealing import names_of
from signaling.ledger import Ledger
from signaling.promises import promised
from signaling.tickets import Tickets, drawn
from signaling.worklist import Worklist


class Summaries:
    """Makes summaries for the visit's kiosk, and for whoever has the ticket."""

    def __init__(
        self, ledger: Ledger, tickets: Tickets, worklist: Worklist, kept: Kept, catalogue: Callable[[], Catalogue]
    ) -> None:
        self._ledger = ledger
        self._tickets = tickets
        self._worklist = worklist
        self._kept = kept
        self._catalogue = catalogue

    async def shown(self, actor: Actor, visit_id: str, origin: str) -> SummaryShown:
        """Return the summary and the way to it. Raises `NotFound` for anybody but the visit's kiosk."""
        visit = await self._ledger.visit(visit_id)
        if actor.role is not Role.KIOSK or visit.kiosk != actor.id:
            raise NotFound("there is no such visit")
        url = f"{origin}/ticket#{self._tickets.qr(visit_id)}"
        return SummaryShown(await self._of(visit), url, drawn(url))

    async def by_ticket(self, shown: str, asker: str) -> Summary:
        """Return the summary of a ticket's visit. Raises what `Tickets.check` raises; `NotFound` also after its days."""
        return await self._of(await self._ledger.visit(await self._tickets.check(shown, asker)))

    async def pdf(self, shown: str, asker: str) -> SummaryPdf:
        """Return the same as a page to print."""
        summary = await self.by_ticket(shown, asker)
        return SummaryPdf(b64encode(await to_thread(render, summary)).decode())

    async def notice(self, shown: str, asker: str) -> SummaryPdf:
        """Return the last notice of what is missing. Raises `NotFound` without one, and what `Tickets.check` raises."""
        visit = await self._tickets.check(shown, asker)
        notices = (await self._ledger.beside(PAPERS, visit)).notices
        if not notices:
            raise NotFound("no notice was given")
        return SummaryPdf(b64encode(await self._kept.get(visit, notices[-1].file.sha256)).decode())

    async def _of(self, visit: Visit) -> Summary:
        names = names_of(self._catalogue(), visit)
        rating = await self._ledger.rating(visit.id)
        tasks = await self._worklist.of_visit(visit.id)
        return Summary(
            visit=visit.id,
            ticket=visit.ticket,
            language=visit.language,
            matter=names.matter or visit.matter,
            region=names.region or visit.region,
            desk=names.desk or self._nearest(visit),
            state=visit.state,
            opened_at=visit.opened_at,
            closed_at=visit.closed_at,
            outcome=visit.outcome,
            next_step=visit.next_step,
            case=visit.case,
            receipt=visit.receipt,
            materials=await self._materials(visit),
            unresolved=tuple(_followed(task) for task in tasks if task.kind is Kind.UNRESOLVED),
            promises=promised(tasks),
            notice=bool((await self._ledger.beside(PAPERS, visit.id)).notices),
            may_rate=rating.given is None and may_be_rated(visit),
        )

    def _nearest(self, visit: Visit) -> str:
        desk = self._catalogue().desks.get(visit.desks[0])
        return (desk.name_en if visit.language == "en" else desk.name) if desk else ""

    async def _materials(self, visit: Visit) -> tuple[MaterialStand, ...]:
        """Return the papers that have come or were sent back: what was never spoken of would only frighten."""
        if visit.matter not in self._catalogue().matters:
            return ()
        papers = await self._ledger.beside(PAPERS, visit.id)
        english = visit.language == "en"
        return tuple(
            MaterialStand(item.material.name_en if english else item.material.name, item.stand, item.note)
            for item in checklist(rules_of(self._catalogue(), visit.matter), papers)
            if item.stand not in ("missing", "here")
        )


def _followed(task: Task) -> FollowedUp:
    return FollowedUp(task.text, task.stage, task.outcome, task.deadline, task.answer)
