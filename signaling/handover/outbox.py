"""The outbox: brings each record to the case system, and the receipt back to the visit.

    waiting ──deliver──▶ delivered ──on_receipt──▶ acknowledged
       ├──── rejected ──▶ refused ──send again──▶ waiting
       └─ for too long ─▶ dead ────send again──▶ waiting

Each arrow is written down before the next is begun, and both deliveries may happen twice: the case system knows a visit
that it has, and a visit knows that it has its receipt. So a process may die anywhere. Which parcel is whose is decided in
`signaling.records.parcels`; how long to wait after a failure is decided here. Nothing is polled: the outbox sleeps until
it is nudged, until something is due, or for `SWEEP_S`, which finds what another process left when it died.
"""

import asyncio
import random
import secrets
import time
from collections.abc import Awaitable, Callable

import structlog
from msgspec import Struct

from rvw.clock import Clock, Seconds
from rvw.errors import RvwError, Unavailable
from rvw.settings import Handover
from signaling.handover.kinds import type_of
from signaling.handover.port import CaseSystem, HandoverError, Parcel, Rejected
from signaling.records.deliveries import Claim, Deliveries

log = structlog.get_logger(__name__)

SWEEP_S: Seconds = 30.0
"""How long the outbox sleeps at most."""

MIN_PAUSE_S: Seconds = 0.05
"""How long it sleeps at least: a row that is due may be in another process's hands."""

LEASE_TIMEOUTS = 3
"""A lease lasts as long as delivering, telling the visit, and writing both down may take."""

OnReceipt = Callable[[str, str], Awaitable[None]]
"""Tells a visit its receipt. May be called again for the same one; an `RvwError` asks for it."""


class Statistics(Struct, frozen=True):
    """What this process's outbox has done."""

    delivered: int = 0
    acknowledged: int = 0
    postponed: int = 0
    refused: int = 0
    given_up: int = 0
    busy: int = 0


class Outbox:
    """One for each process and table. Several, in several processes, share the rows."""

    def __init__(
        self,
        rows: Deliveries,
        case_system: CaseSystem,
        settings: Handover,
        on_receipt: OnReceipt,
        clock: Clock = time.time,
        rng: random.Random | None = None,
    ) -> None:
        self._parcels = rows
        self._case_system = case_system
        self._settings = settings
        self._on_receipt = on_receipt
        self._clock = clock
        self._rng = rng or secrets.SystemRandom()
        self._woken = asyncio.Event()
        self._counts = {"delivered": 0, "acknowledged": 0, "postponed": 0, "refused": 0, "given_up": 0}
        self._busy = 0

    async def run(self) -> None:
        """Deliver until cancelled. What is under way then is delivered again when its lease is over."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._woken.clear()
                pause_s = await self._begin_due(tasks)
                await self._sleep(pause_s)

    def nudge(self) -> None:
        """Say that there is something new to deliver."""
        self._woken.set()

    async def step(self) -> bool:
        """Take one parcel that is due as far as it goes now. Returns whether there was one. Raises `Unavailable`."""
        claims = await self._claim(1)
        for claim in claims:
            await self._bring(claim)
        return bool(claims)

    def statistics(self) -> Statistics:
        """Return the figures since the beginning."""
        return Statistics(**self._counts, busy=self._busy)

    async def _begin_due(self, tasks: asyncio.TaskGroup) -> Seconds:
        """Begin with what is due, as far as hands are free; return how long to sleep."""
        free = self._settings.parallel - self._busy
        try:
            claims = await self._claim(free) if free else ()
            for claim in claims:
                self._busy += 1
                tasks.create_task(self._attend(claim))
            if len(claims) == free:
                return SWEEP_S  # the first to finish wakes us
            due = await self._parcels.next_due()
        except Unavailable:
            return self._settings.first_retry_s
        return SWEEP_S if due is None else min(SWEEP_S, max(MIN_PAUSE_S, due - self._clock()))

    async def _sleep(self, pause_s: Seconds) -> None:
        try:
            async with asyncio.timeout(pause_s):
                await self._woken.wait()
        except TimeoutError:
            pass

    async def _claim(self, limit: int) -> tuple[Claim, ...]:
        now = self._clock()
        until = now + LEASE_TIMEOUTS * self._settings.timeout_s
        return await self._parcels.claim(secrets.token_hex(16), until, limit, now)

    async def _attend(self, claim: Claim) -> None:
        try:
            await self._bring(claim)
        except Unavailable:
            pass  # already told in the log; when the lease is over, the parcel is due again
        finally:
            self._busy -= 1
            self._woken.set()

    async def _bring(self, claim: Claim) -> None:
        receipt = claim.receipt or await self._deliver(claim)
        if receipt:
            await self._tell(claim, receipt)

    async def _deliver(self, claim: Claim) -> str:
        """Return the receipt once it is written down; nothing if there is none yet."""
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                receipt = await self._case_system.deliver(_parcel(claim))
        except Rejected as error:
            log.error("record_refused", visit=claim.visit, error=str(error))
            self._count("refused", await self._parcels.refused(claim, str(error)))
            return ""
        except TimeoutError:
            return await self._not_yet(claim, "no answer in time")
        except HandoverError as error:
            return await self._not_yet(claim, str(error))
        except Exception as error:  # noqa: BLE001 - one record that cannot be sent must not stop all others
            return await self._not_yet(claim, _kind(error))
        kept = await self._parcels.delivered(claim, receipt, self._clock())
        self._count("delivered", kept)
        return receipt if kept else ""

    async def _tell(self, claim: Claim, receipt: str) -> None:
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                await self._on_receipt(claim.visit, receipt)
        except TimeoutError:
            await self._postpone(claim, "the visit could not be told in time")
        except RvwError as error:
            await self._postpone(claim, f"the visit could not be told: {error.code}")
        except Exception as error:  # noqa: BLE001 - as above
            await self._postpone(claim, f"the visit could not be told: {_kind(error)}")
        else:
            self._count("acknowledged", await self._parcels.acknowledged(claim, self._clock()))
            log.info("record_handed_over", visit=claim.visit)

    async def _not_yet(self, claim: Claim, error: str) -> str:
        """Try a delivery again later, or give it up: whoever looks at the list of those sends it again."""
        if self._clock() - claim.since < self._settings.give_up_s:
            return await self._postpone(claim, error)
        log.error("record_given_up", visit=claim.visit, number=claim.number, attempts=claim.attempts + 1, error=error)
        self._count("given_up", await self._parcels.given_up(claim, error))
        return ""

    async def _postpone(self, claim: Claim, error: str) -> str:
        until = self._clock() + self._back_off(claim.attempts)
        log.warning("handover_postponed", visit=claim.visit, attempts=claim.attempts + 1, error=error)
        self._count("postponed", await self._parcels.postponed(claim, error, until))
        return ""

    def _back_off(self, attempts: int) -> Seconds:
        """Return how long to wait: anything up to a limit that doubles each time, so that nobody comes in step."""
        doubled = self._settings.first_retry_s * 2.0 ** min(attempts, 60)
        return self._rng.uniform(0, min(self._settings.longest_retry_s, doubled))

    def _count(self, what: str, happened: bool) -> None:
        self._counts[what] += happened


def _parcel(claim: Claim) -> Parcel:
    return Parcel(
        visit=claim.visit,
        number=claim.number,
        adapter=claim.adapter,
        authority=claim.authority,
        matter=claim.matter,
        region=claim.region,
        closed_at=claim.closed_at,
        sha256=claim.sha256,
        content=claim.content,
        type=type_of(claim.what, claim.content),
    )


def _kind(error: Exception) -> str:
    log.exception("handover_failed", kind=type(error).__name__)
    return f"unexpected: {type(error).__name__}"
