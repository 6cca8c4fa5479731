"""Records over HTTP: the keys that check them, fetching them, what is stuck, corrections and removals by law."""

from collections.abc import Collection
from hmac import compare_digest

import msgspec
from msgspec import Struct

from rvw.clock import Clock
from rvw.domain.chain import Corrected, Redacted
from rvw.domain.people import Actor, Role
from rvw.domain.policy import authorities
from rvw.domain.seal import PublicKeys
from rvw.errors import InvalidInput, NotAllowed, NotFound, NotSignedIn
from rvw.protocol import records as protocol
from signaling.dossiers.amending import Amendments
from signaling.dossiers.keys import SealKeys
from signaling.handover.kinds import DELETED, type_of
from signaling.handover.opening import MIN_TOKEN
from signaling.handover.outbox import Outbox
from signaling.handover.port import Temporary, checked_receipt
from signaling.keeping.audit import Audit
from signaling.records import Store
from signaling.records.deliveries import PULL, Deliveries
from signaling.routes import Call, Endpoint, signed_in

CASE_SYSTEM = Actor("case-system", Role.SYSTEM, "case system", "")
"""Who fetches records with `handover.pull_token`."""

MAX_STUCK = 500
"""How many of the stuck records are listed: the longest waiting."""


class DossierApi:
    """The handlers, and their table."""

    def __init__(
        self,
        keys: SealKeys,
        store: Store,
        amendments: Amendments,
        outboxes: Collection[Outbox],
        audit: Audit,
        pull_token: str,
        clock: Clock,
    ) -> None:
        self._keys = keys
        self._store = store
        self._amendments = amendments
        self._outboxes = outboxes
        self._audit = audit
        self._pull_token = pull_token
        self._clock = clock

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        return (
            Endpoint("GET", "/.well-known/rvw-seal-keys.json", "The keys that check seals", self.keys, PublicKeys),
            *self._fetching(),
            *self._people(),
        )

    def _fetching(self) -> tuple[Endpoint, ...]:
        one = "/api/handover/parcels/{visit}/{number}"
        return (
            Endpoint(
                "GET",
                "/api/handover/parcels",
                "For case systems that fetch: which records wait",
                self.to_fetch,
                protocol.FetchList,
                query=protocol.FetchQuestion,
                guard=self._fetches,
            ),
            Endpoint("GET", one, "Fetch a record; it waits on", self.fetch, protocol.Fetched, guard=self._fetches),
            Endpoint(
                "POST",
                f"{one}/acknowledge",
                "Say that a record has arrived, with its receipt",
                self.acknowledge,
                protocol.Acknowledgement,
                body=protocol.Acknowledgement,
                guard=self._fetches,
            ),
        )

    def _people(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                "GET",
                "/api/handover/stuck",
                "Records that did not reach their case system",
                self.stuck,
                protocol.StuckList,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/handover/stuck/{visit}/{number}/again",
                "Send such a record again",
                self.again,
                protocol.Version,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/records/{visit}/corrections",
                "Correct the outcome or the note of a record: makes its next version",
                self.correct,
                protocol.Version,
                body=protocol.Correction,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/records/{visit}/removals",
                "Remove texts or files from a record by law: makes its next version",
                self.remove,
                protocol.Version,
                body=protocol.RemovalOrder,
                signed_in=True,
            ),
        )

    async def keys(self, _call: Call) -> Struct:
        """Return the public keys, the one in use first."""
        return self._keys.public()

    async def to_fetch(self, call: Call) -> Struct:
        """List what waits to be fetched."""
        limit = call.query.limit
        found = [
            protocol.ToFetch(one.visit, one.number, one.since, rows.what)
            for rows in self._rows()
            for one in await rows.to_fetch(limit)
        ]
        return protocol.FetchList(tuple(sorted(found, key=lambda one: (one.since, one.visit, one.number))[:limit]))

    async def fetch(self, call: Call) -> Struct:
        """Return a record, or its deletion, that goes by being fetched. Raises `NotFound` for any other."""
        visit, number = _version(call)
        if (gone := await self._store.notices.content(visit, number)) is not None and gone.adapter == PULL:
            return protocol.Fetched(
                visit, number, gone.matter, gone.region, DELETED, gone.sha256, certificate=msgspec.Raw(gone.content)
            )
        progress = await self._store.parcels.progress(visit, number)
        record = await self._store.archive.record(visit, number)
        if progress is None or progress.adapter != PULL or record is None or not record.dossier:
            raise NotFound("there is no such record to fetch")
        await self._audit.note(CASE_SYSTEM, "took", visit, f"dossier {number}")
        type = type_of("dossier", record.dossier)
        return protocol.Fetched(
            visit, number, record.matter, record.region, type, record.sha256, dossier=msgspec.Raw(record.dossier)
        )

    async def acknowledge(self, call: Call) -> Struct:
        """Keep the receipt, and let the outbox tell the visit."""
        visit, number = _version(call)
        try:
            given = checked_receipt(call.body.receipt)
        except Temporary as error:
            raise InvalidInput(str(error)) from error
        gone = await self._store.notices.progress(visit, number)
        rows = self._store.notices if gone else self._store.parcels
        receipt = await rows.fetched(visit, number, given, self._clock())
        self._nudge()
        return protocol.Acknowledgement(receipt)

    async def stuck(self, call: Call) -> Struct:
        """List what somebody has to look at."""
        mine, names = authorities(_supervisor(call)), protocol.Stuck.__struct_fields__
        found = [one for rows in self._rows() for one in await rows.stuck(mine, MAX_STUCK)]
        return protocol.StuckList(tuple(protocol.Stuck(*(getattr(one, name) for name in names)) for one in found))

    async def again(self, call: Call) -> Struct:
        """Send one again. Raises `NotFound` if it is not on the list."""
        visit, number = _version(call)
        actor = _supervisor(call)
        gone = await self._store.notices.progress(visit, number)
        rows = self._store.notices if gone else self._store.parcels
        await rows.send_again(visit, self._clock(), number, authorities(actor))
        await self._audit.note(actor, "changed", visit, f"{rows.what} {number}, sent again")
        self._nudge()
        return protocol.Version(visit, number)

    async def correct(self, call: Call) -> Struct:
        """Make the next version, corrected."""
        body: protocol.Correction = call.body
        change = Corrected(body.outcome or "", body.note, body.reason)
        record = await self._amendments.correct(signed_in(call), call.path["visit"], change)
        await self._audit.note(signed_in(call), "changed", record.visit, f"dossier {record.number}, corrected")
        return protocol.Version(record.visit, record.number)

    async def remove(self, call: Call) -> Struct:
        """Make the next version, without what the order names."""
        body: protocol.RemovalOrder = call.body
        order = Redacted(body.events, body.files, body.reason, body.basis)
        record = await self._amendments.remove(signed_in(call), call.path["visit"], order)
        await self._audit.note(signed_in(call), "deleted", record.visit, f"dossier {record.number}, texts or files by law")
        return protocol.Version(record.visit, record.number)

    def _rows(self) -> tuple[Deliveries, ...]:
        return self._store.parcels, self._store.notices

    def _nudge(self) -> None:
        for outbox in self._outboxes:
            outbox.nudge()

    def _fetches(self, token: str) -> None:
        """Raise `NotSignedIn` unless this is the case system."""
        known = len(self._pull_token) >= MIN_TOKEN
        if not known or not compare_digest(token.encode(), self._pull_token.encode()):
            raise NotSignedIn("this is not the token of the case system (handover.pull_token)")


def _supervisor(call: Call) -> Actor:
    if (actor := signed_in(call)).role is not Role.SUPERVISOR:
        raise NotAllowed("this is for supervisors")
    return actor


def _version(call: Call) -> tuple[str, int]:
    visit, number = call.path["visit"], call.path["number"]
    if not number.isdecimal() or len(number) > 6:
        raise NotFound("a version is a number")
    return visit, int(number)
