"""Changes to records after they were filed: each makes the next version, sealed, and on its way to the case system."""

from asyncio import to_thread
from collections.abc import Callable, Collection

from rvw.clock import Clock, Seconds
from rvw.domain.catalogue.retention import Retention
from rvw.domain.chain import Corrected, Redacted
from rvw.domain.handover import FILM, Dossier, FileEntry, composed, corrected, decode, redacted
from rvw.domain.people import SYSTEM, Actor, Role
from rvw.domain.policy import authorities
from rvw.errors import InvalidInput, NotAllowed, NotFound
from signaling.dossiers.sealing import Sealer, new_seed
from signaling.records.archive import Archive, Record


class Amendments:
    """Corrections, removals by law, and films. `filed` is called when something new waits in the outbox."""

    def __init__(
        self, archive: Archive, sealer: Sealer, way_of: Callable[[str], str], filed: Callable[[], None], clock: Clock
    ) -> None:
        self._archive = archive
        self._sealer = sealer
        self._way_of = way_of
        self._filed = filed
        self._clock = clock

    async def correct(self, actor: Actor, visit: str, change: Corrected) -> Record:
        """Correct the outcome or the note, by the officer of the visit or a supervisor.

        Raises `NotFound` for who may not see the record, `InvalidInput` if nothing would change, `Conflict` if somebody
        else was faster.
        """
        if not change.outcome and not change.note:
            raise InvalidInput("a correction gives another outcome, another note, or both")
        record, content = await self._readable(actor, visit)
        now = self._clock()
        content = corrected(content, record.sha256, change, actor.id, now, record.seed)
        return await self._next(content, record.seed, forget=False)

    async def remove(self, actor: Actor, visit: str, order: Redacted) -> Record:
        """Take texts and files out of all versions, by order of a supervisor.

        Raises `NotAllowed`, `NotFound`, `InvalidInput` and `Conflict` as above.
        """
        if actor.role is not Role.SUPERVISOR:
            raise NotAllowed("only a supervisor removes something from a record")
        if not order.events and not order.files:
            raise InvalidInput("a removal names events, files, or both")
        record, content = await self._readable(actor, visit)
        now = self._clock()
        seed = new_seed()  # the old one could bring back the salts of what is removed
        content = redacted(content, record.sha256, order, actor.id, now, seed)
        return await self._next(content, seed, forget=True)

    async def expired(self, visit: str, files: Collection[str], rule: Retention) -> None:
        """Say in the next version that these files are gone by rule; nothing happens if it is said already."""
        try:
            record = await self._archive.record(visit)
        except NotFound:  # the whole visit is gone
            return
        if record is None or not record.dossier:
            return
        content = decode(record.dossier)
        gone = tuple(one.sha256 for one in content.files if one.sha256 in files and one.removed is None)
        if gone:
            order = Redacted(events=(), files=gone, reason=rule.id, basis=rule.basis)
            content = redacted(content, record.sha256, order, SYSTEM.id, self._clock(), record.seed)
            await self._next(content, record.seed, forget=False)

    async def add_film(self, visit: str, film: FileEntry, seconds: Seconds) -> None:
        """Put the film of all into the record, unless it has it.

        Raises `NotFound` if there is no record, `NotPossible` if a part of the recording was removed from it, `Conflict` if
        somebody else was faster.
        """
        record = await self._archive.record(visit)
        if record is None or not record.dossier:
            raise NotFound(f"there is no record of {visit}")
        content = decode(record.dossier)
        if any(file.what == FILM for file in content.files):
            return
        content = composed(content, record.sha256, film, seconds, self._clock(), record.seed)
        await self._next(content, record.seed, forget=False)

    async def _readable(self, actor: Actor, visit: str) -> tuple[Record, Dossier]:
        record = await self._archive.record(visit)
        if record is None:
            raise NotFound(f"there is no record of {visit}")
        content = decode(record.dossier)
        of_authority = actor.role is Role.SUPERVISOR and content.authority in authorities(actor)
        if not of_authority and not (actor.role is Role.OFFICER and content.officer == actor.id):
            raise NotFound(f"there is no record of {visit}")
        return record, content

    async def _next(self, content: Dossier, seed: bytes, forget: bool) -> Record:
        record = await to_thread(self._sealer.sealed, content, seed)
        await self._archive.amend(record, self._way_of(record.matter), self._clock(), forget)
        self._filed()
        return record
