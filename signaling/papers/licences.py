"""Papers that are held elsewhere already: electronic licences that are referred to, and not handed in again.

Looked up are licences of those whose identity the officer of the visit has confirmed, and of nobody else: the number is the
one that was read, and is not asked for again. Each look is in the audit log.
"""

from collections.abc import Callable

from rvw.domain import commands as c
from rvw.domain.application import APPLICATION
from rvw.domain.catalogue import Catalogue, rules_of
from rvw.domain.consent import may_use_sensitive
from rvw.domain.events import Licence
from rvw.domain.papers import PAPERS, Papers
from rvw.domain.people import Actor
from rvw.domain.policy import check
from rvw.domain.visit import Visit
from rvw.errors import ConsentNeeded, NotFound, NotPossible
from rvw.protocol.papers import LicenceChosen, LicenceQuestion, LicencesFound
from signaling.applications.kept import Kept
from signaling.keeping.audit import Audit
from signaling.ledger import Ledger
from signaling.office import Office
from signaling.papers.library import LicenceLibrary

NO_LICENCE = Licence("", "", "", "", "", "", "")


class Licences:
    """Looks licences up, and refers to them."""

    def __init__(
        self,
        office: Office,
        ledger: Ledger,
        kept: Kept,
        library: LicenceLibrary,
        audit: Audit,
        catalogue: Callable[[], Catalogue],
    ) -> None:
        self._office = office
        self._ledger = ledger
        self._kept = kept
        self._library = library
        self._audit = audit
        self._catalogue = catalogue

    async def find(self, actor: Actor, visit_id: str, asked: LicenceQuestion) -> LicencesFound:
        """Return what the library holds for a material.

        Raises `NotPossible` while nobody's identity is confirmed or no licence stands for the material, `ConsentNeeded`,
        and `Unavailable` without a library.
        """
        return LicencesFound(await self._found(actor, await self._ledger.visit(visit_id), asked.material))

    async def choose(self, actor: Actor, visit_id: str, chosen: LicenceChosen) -> Papers:
        """Refer to a licence, as the library tells of it now. Raises `NotFound` for one that it does not hold."""
        visit = await self._ledger.visit(visit_id)
        found = await self._found(actor, visit, chosen.material)
        licence = next((one for one in found if one.id == chosen.licence), None)
        if licence is None:
            raise NotFound("the library holds no such licence")
        await self._office.perform(actor, c.ReferTo(chosen.material, licence), visit_id)
        return await self._ledger.beside(PAPERS, visit_id)

    async def _found(self, actor: Actor, visit: Visit, material: str) -> tuple[Licence, ...]:
        check(actor, c.ReferTo(material, NO_LICENCE), visit)
        pack = rules_of(self._catalogue(), visit.matter)
        kind = next((one.licence for one in pack.materials if one.id == material), "")
        if not kind:
            raise NotPossible("no electronic licence stands for this paper")
        if not may_use_sensitive(visit):
            raise ConsentNeeded("without consent to the use of sensitive data nothing is looked up")
        application = await self._ledger.beside(APPLICATION, visit.id)
        confirmed = [one for one in application.decisions if one.confirmed and one.proof]
        if not confirmed:
            raise NotPossible("confirm first who applies")
        await self._audit.note(actor, "saw", visit.id, f"licences of kind {kind}")
        found: list[Licence] = []
        for one in confirmed:
            number = await self._kept.number(visit.id, one.proof)
            found += await self._library.held(one.subject, number, kind)
        return tuple(found)
