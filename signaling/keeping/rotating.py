"""The wrapping key, changed: every visit's key is wrapped anew, and the old wrapping key is destroyed.

With it goes whatever it could still open: wrapped keys of deleted visits in backups, replicas, and a database's own log. A
process that has read the old key a moment before may still write with it, so everything is wrapped once more after
`SETTLE_S`, and only then is it destroyed. Killed in between, nothing is lost: it is done again from the beginning.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from msgspec import Struct

from rvw.clock import DAY_S, Clock, Seconds, within_hours
from rvw.domain.people import SYSTEM, Actor
from rvw.errors import NotPossible, RvwError
from rvw.settings import Keeping as Chosen
from signaling.keeping.audit import Audit
from signaling.keeping.provider import SETTLE_S, FileKeys
from signaling.keeping.visit_keys import VisitKeys
from signaling.records.deletions import Deletions

log = structlog.get_logger()

Wait = Callable[[Seconds], Awaitable[None]]


class Rotated(Struct, frozen=True):
    """What has been done."""

    key: str
    """The id of the wrapping key in use."""
    wrapped: int
    """How many keys of visits were wrapped anew."""
    destroyed: int
    """How many wrapping keys are no more."""


class Rotating:
    """Changes it by itself after deletions, as the settings say. One owned task; every process runs one."""

    def __init__(
        self,
        wrapping: FileKeys,
        visits: VisitKeys,
        deletions: Deletions,
        audit: Audit,
        chosen: Chosen,
        clock: Clock,
        wait: Wait = asyncio.sleep,
    ) -> None:
        self._wrapping = wrapping
        self._visits = visits
        self._deletions = deletions
        self._audit = audit
        self._chosen = chosen
        self._clock = clock
        self._wait = wait

    async def run(self) -> None:
        """Look whether it is time until cancelled."""
        while True:
            try:
                if self._chosen.rotate_days and within_hours(
                    self._clock(), self._chosen.from_hour, self._chosen.until_hour
                ):
                    await self.once()
            except (RvwError, OSError) as error:
                log.error("the wrapping key is not changed", reason=str(error))
            await asyncio.sleep(self._chosen.look_s)

    async def once(self) -> Rotated | None:
        """Change it if it is time, and nobody else is at it. Raises as `rotate`."""
        if not await self._is_time():
            return None
        try:
            done = await rotate(self._wrapping, self._visits, self._audit, SYSTEM, self._clock, self._wait)
        except NotPossible:  # another process is
            return None
        log.info("wrapping key changed", key=done.key, wrapped=done.wrapped, destroyed=done.destroyed)
        return done

    async def _is_time(self) -> bool:
        """Tell whether a visit was deleted under a key that is old enough, or a change was broken off."""
        if self._wrapping.left_over():
            return True
        since = self._wrapping.since()
        old = self._clock() - since >= self._chosen.rotate_days * DAY_S
        return old and await self._deletions.last_of("dossier") > since


async def rotate(wrapping: FileKeys, visits: VisitKeys, audit: Audit, by: Actor, clock: Clock, wait: Wait) -> Rotated:
    """Change the wrapping key, and note who did.

    Raises `NotPossible` while another process does, `Unavailable`, `OSError`, and `InvalidSettings` if a key of a visit
    cannot be unwrapped; then no wrapping key is destroyed.
    """
    with wrapping.alone() as alone:
        if not alone:
            raise NotPossible("another process is changing the wrapping key")
        key = wrapping.rotate(clock())
        wrapped = await visits.rewrap(key)
        await wait(SETTLE_S)
        wrapped += await visits.rewrap(key)
        done = Rotated(key, wrapped, wrapping.destroy_retired(clock()))
    what = f"wrapping key, now {done.key}: {done.wrapped} wrapped anew, {done.destroyed} old ones destroyed"
    await audit.note(by, "changed", "", what)
    return done
