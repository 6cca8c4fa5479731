"""Deletes what rules say is over, step by step (`rvw.domain.keeping.STEPS`), and certifies it. One owned task.

The key goes first: from then on nothing of the visit can be read, whatever is done afterwards and however late. Each step
may be done again, and is written down when it is done, so a process that is killed anywhere leaves a deletion that any
other goes on with.
"""

from asyncio import sleep
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import pairwise
from typing import Final

import structlog

from rvw.clock import Clock, Instant, Seconds, within_hours
from rvw.domain.catalogue import Catalogue
from rvw.domain.catalogue.retention import KINDS, Kind
from rvw.domain.certificate import Certificate, make
from rvw.domain.chain import sha256
from rvw.domain.keeping import STEPS, Due, Kept, Step, due, groups, obstacle
from rvw.domain.people import SYSTEM
from rvw.errors import RvwError
from rvw.settings import Keeping as Chosen
from signaling.dossiers.keys import SealKeys
from signaling.keeping.audit import Audit
from signaling.keeping.describing import Describing
from signaling.keeping.places import Places
from signaling.records.deletions import START, Deletion, Deletions

log = structlog.get_logger()

LEASE_S: Final[Seconds] = 900.0
"""How long a process may take for a step of a batch; after that another goes on."""

BATCH: Final = 100
"""How many visits are deleted at once: databases and the live store's file are written anew once for all of them."""


class Deleting:
    """Every process runs one; leases in SQL see to it that one at a time deletes something."""

    def __init__(
        self,
        rows: Deletions,
        describing: Describing,
        places: Places,
        keys: SealKeys,
        audit: Audit,
        catalogue: Callable[[], Catalogue],
        chosen: Chosen,
        way_of: Callable[[str], str],
        clock: Clock,
        forget: Callable[[str], None] = lambda _visit: None,
        told: Callable[[], None] = lambda: None,
    ) -> None:
        """`way_of` tells which way the case system of a matter is told, `told` is called when there is something to tell.

        `forget` is called for each visit of which something was deleted, by whatever process: no memory keeps it."""
        self._rows = rows
        self._describing = describing
        self._places = places
        self._keys = keys
        self._audit = audit
        self._catalogue = catalogue
        self._chosen = chosen
        self._way_of = way_of
        self._clock = clock
        self._forget = forget
        self._told = told
        self._seen = clock() - LEASE_S

    async def run(self) -> None:
        """Look for what is due until cancelled, at night as the settings say."""
        while True:
            try:
                await self._hear()
                if within_hours(self._clock(), self._chosen.from_hour, self._chosen.until_hour):
                    await self.once()
            except RvwError as error:
                log.warning("deleting waits", reason=str(error))
            await sleep(self._chosen.look_s)

    async def once(self) -> tuple[Certificate, ...]:
        """Go on with what was begun, then delete what is due, at most `BATCH` of each; return what is done."""
        now = self._clock()
        left = await self._rows.claim(now, now + LEASE_S, BATCH)
        done = await self.carry_out(left)
        begun = [one async for one in self._begun()]
        return (*done, *await self.carry_out(begun))

    async def due(self) -> AsyncIterator[tuple[Due, Kept]]:
        """Yield everything whose time is over, the oldest first of each kind and rule, also what may not go yet.

        What goes with a dossier that is due is not told by itself.
        """
        catalogue, now = self._catalogue(), self._clock()
        packs = {code: matter.rules for code, matter in catalogue.matters.items()}
        for kind in KINDS:
            for group in groups(catalogue.keeping, kind, packs):
                after = START
                while found := await self._rows.candidates(kind, group, now - group.rule.days * 86_400, now, after):
                    for kept in found:
                        if (one := self._due(kept, kind, packs.get(kept.matter, ""), now)) is not None:
                            yield one, kept
                    after = (found[-1].closed_at, found[-1].visit)

    def _due(self, kept: Kept, kind: Kind, pack: str, now: Instant) -> Due | None:
        rules = self._catalogue().keeping
        with_all = kind != "dossier" and due(kept, "dossier", rules, pack, now) is not None
        return None if with_all else due(kept, kind, rules, pack, now)

    async def carry_out(self, deletions: Sequence[Deletion]) -> tuple[Certificate, ...]:
        """Take every step that is left. Raises `Unavailable`, and the rest is done later."""
        standing: dict[Step, list[Certificate]] = {step: [] for step in STEPS}
        for one in deletions:
            standing[one.step].append(one.content)
        for step, following in pairwise(STEPS):
            some = standing[step]
            if some:
                await self._take(following, some)
                standing[following] += some
        return tuple(standing["done"])

    async def _take(self, step: Step, some: Sequence[Certificate]) -> None:
        match step:
            case "certified":
                for one in some:
                    await self._rows.certify(one, make(one, self._keys.signer(), self._clock()), self._clock() + LEASE_S)
            case "done":
                for one in some:
                    await self._finish(one)
            case _:
                await self._places.leave(step, some)
                await self._rows.advance(some, step, self._clock() + LEASE_S)

    async def _finish(self, one: Certificate) -> None:
        """Write it into the audit log, by the hash of its certificate; then nothing is left to do."""
        found = await self._rows.find(one.visit, one.kind)
        sealed = found.certificate if found else b""
        await self._audit.note(SYSTEM, "deleted", one.visit, f"{one.kind} by {one.rule.id}, certificate {sha256(sealed)}")
        await self._rows.finish(one, self._clock(), self._way_of(one.matter))
        self._forget(one.visit)
        self._told()
        log.info("deleted", visit=one.visit, kind=one.kind, rule=one.rule.id)

    async def _begun(self) -> AsyncIterator[Deletion]:
        """Begin what is due and may go, as much as goes into a batch."""
        count = 0
        async for one, kept in self.due():
            if obstacle(kept) is not None:
                continue
            now = self._clock()
            content = await self._describing.of(one, kept, now)
            if await self._rows.begin(content, now, now + LEASE_S):
                yield Deletion(STEPS[0], content, b"", None)
                count += 1
            if count == BATCH:
                return

    async def _hear(self) -> None:
        """Let this process's memory go of what others have deleted."""
        for visit, at in await self._rows.gone_since(self._seen):
            self._forget(visit)
            self._seen = max(self._seen, at)
