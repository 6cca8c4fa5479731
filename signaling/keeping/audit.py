"""The audit log: `await audit.note(actor, "saw", visit, "dossier 2")` before it is shown.

A note is on the disk when the call returns; if it cannot be written, `Unavailable` is raised and nothing is shown. One
owned task seals the end of the log from time to time, so that what is cut off later is missed.
"""

from asyncio import sleep

import structlog

from rvw.clock import Clock, Seconds
from rvw.domain.people import Actor
from rvw.domain.trail import Deed, Noted, noted, sealed_head
from rvw.errors import InvalidSettings, Unavailable
from signaling.dossiers.keys import SealKeys
from signaling.records.trail import Trail

log = structlog.get_logger()

SEAL_S: Seconds = 300.0
"""How often the end of the log is sealed: what is younger could be cut off unnoticed."""


class Audit:
    """Writes the log. Safe to use from many tasks and processes."""

    def __init__(self, trail: Trail, keys: SealKeys, clock: Clock) -> None:
        self._trail = trail
        self._keys = keys
        self._clock = clock

    async def note(self, actor: Actor, did: Deed, visit: str, what: str) -> Noted:
        """Write down that the actor saw, took, changed or deleted something of a visit. Raises `Unavailable`.

        `what` names the thing by its kind and number or hash: never by a person's name, nor with anything of its content.
        """
        now = self._clock()
        return await self._trail.add(lambda before: noted(before, now, actor.id, actor.role, did, visit, what))

    async def seal(self) -> None:
        """Seal the log as it is now, if it has grown since the last seal. Raises `Unavailable`, `InvalidSettings`."""
        last = await self._trail.last()
        if last is None or last.number == await self._trail.last_sealed():
            return
        now = self._clock()
        await self._trail.add_seal(last.number, sealed_head(last, self._keys.signer(), now), now)
        log.info("audit_sealed", number=last.number, link=last.link)  # an outside log has it too

    async def run(self) -> None:
        """Seal until cancelled."""
        while True:
            try:
                await self.seal()
            except (Unavailable, InvalidSettings) as error:
                log.error("the audit log cannot be sealed", reason=str(error))
            await sleep(SEAL_S)
