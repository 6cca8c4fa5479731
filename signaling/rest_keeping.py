"""What must stay and what was deleted, over HTTP, for supervisors: holds placed and lifted, certificates fetched."""

from collections.abc import AsyncIterator
from typing import cast, get_args

from msgspec import Struct

from rvw.clock import DAY_S, Clock
from rvw.domain.catalogue.retention import Kind
from rvw.domain.keeping import Hold, in_force
from rvw.domain.people import Actor, Role
from rvw.domain.policy import authorities
from rvw.errors import NotAllowed, NotFound
from rvw.protocol.keeping import Gone, HeldNow, HoldWanted, KeepingView, LiftWanted
from signaling.days import day
from signaling.keeping.audit import Audit
from signaling.keeping.holding import Holding
from signaling.records.deletions import Deletion, Deletions
from signaling.routes import Bytes, Call, Endpoint, signed_in


class KeepingApi:
    """The handlers, and their table."""

    def __init__(self, holding: Holding, deletions: Deletions, audit: Audit, clock: Clock) -> None:
        self._holding = holding
        self._deletions = deletions
        self._audit = audit
        self._clock = clock

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        return (
            Endpoint("GET", "/api/keeping", "What must stay, and what was deleted", self.view, KeepingView, signed_in=True),
            Endpoint(
                "POST",
                "/api/keeping/holds",
                "Let nothing of a visit be deleted, whatever the rules say",
                self.hold,
                HeldNow,
                body=HoldWanted,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/keeping/holds/{hold}/lift",
                "Let the rules hold again",
                self.lift,
                HeldNow,
                body=LiftWanted,
                signed_in=True,
            ),
            Endpoint(
                "GET",
                "/api/keeping/deletions/{visit}/{kind}",
                "The certificate of a deletion, sealed",
                self.certificate,
                Bytes,
                signed_in=True,
            ),
        )

    async def view(self, call: Call) -> Struct:
        """Return the last holds and deletions of the supervisor's authorities."""
        whose = authorities(_supervisor(call))
        holds, deletions = await self._holding.of(whose), await self._deletions.of(whose)
        return KeepingView(tuple(map(self._held, holds)), tuple(map(_gone, deletions)))

    async def hold(self, call: Call) -> Struct:
        """Place a hold. Raises `NotFound`, `InvalidInput`, `NotPossible`."""
        wanted: HoldWanted = call.body
        until = day(wanted.until) + DAY_S if wanted.until else None
        return self._held(await self._holding.place(_supervisor(call), wanted.visit, wanted.why, until))

    async def lift(self, call: Call) -> Struct:
        """Lift one. Raises `NotFound`, `NotPossible`, `Conflict`."""
        return self._held(await self._holding.lift(_supervisor(call), call.path["hold"], call.body.why))

    async def certificate(self, call: Call) -> Struct:
        """Return a certificate, byte for byte as it was sealed. Raises `NotFound`."""
        actor, visit, kind = _supervisor(call), call.path["visit"], call.path["kind"]
        found = await self._deletions.find(visit, cast("Kind", kind)) if kind in get_args(Kind) else None
        if found is None or not found.certificate or found.content.authority not in authorities(actor):
            raise NotFound("there is no such certificate")
        await self._audit.note(actor, "took", visit, f"certificate, {kind}")
        return Bytes("application/json", len(found.certificate), f"{visit}-{kind}.json", _once(found.certificate))

    def _held(self, hold: Hold) -> HeldNow:
        return HeldNow(hold, in_force(hold, self._clock()))


def _supervisor(call: Call) -> Actor:
    if (actor := signed_in(call)).role is not Role.SUPERVISOR:
        raise NotAllowed("this is for supervisors")
    return actor


def _gone(one: Deletion) -> Gone:
    content = one.content
    return Gone(
        visit=content.visit,
        kind=content.kind,
        matter=content.matter,
        rule=content.rule.id,
        days=content.rule.days,
        basis=content.rule.basis,
        closed_at=content.closed_at,
        begun_at=content.begun_at,
        done_at=one.done_at,
        step=one.step,
        files=len(content.files),
        key_destroyed=content.key_destroyed,
    )


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
