"""The reference case system: what the receiver of our records has to do, small enough to be read by whoever builds one.

It verifies who sends (Standard Webhooks) and what is sent (CloudEvents, the dossier's SHA-256), keeps one record a visit,
and answers the same receipt however often the same record arrives. It also shows what it has, and can be told to fail.
Not for production: it has no users, and shows everything to whoever opens its page.
"""

import asyncio
import hashlib
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import msgspec
import uvicorn
from cloudevents.core.bindings.http import HTTPMessage, from_structured
from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.formats.json import JSONFormat
from msgspec import Struct
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from rvw.cli import case_pages
from rvw.clock import Clock, Instant
from rvw.domain.certificate import MARK, Certificate
from rvw.domain.handover import decode
from rvw.errors import InvalidInput, InvalidSettings, NotFound
from signaling.handover.adapters.http import Envelope
from signaling.handover.kinds import DELETED, schema_of, type_of
from signaling.handover.signature import webhook

MAX_BODY_BYTES: Final = 16 * 1024 * 1024
"""The longest record that is taken."""

REMEMBERED_S: Final = 900.0
"""For how long a message is known again: longer than the tolerance of its time, before and after (2 × 5 minutes)."""

SHOWN: Final = 1000
"""How many records a list holds, the newest first."""

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS received (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    visit TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    receipt TEXT NOT NULL,
    received_at REAL NOT NULL,
    sha256 TEXT NOT NULL,
    dossier BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS messages (signature TEXT PRIMARY KEY, at REAL NOT NULL);
"""


class Faults(Struct, frozen=True, forbid_unknown_fields=True):
    """How likely each failure is, from 0 to 1. Half of them happen before the record is kept, half after."""

    errors: float = 0.0
    """Status 500."""
    hang: float = 0.0
    """No answer until the sender goes away."""
    drop: float = 0.0
    """The connection ends in the middle of the answer."""
    garbage: float = 0.0
    """Status 200, but no receipt."""
    seed: int = 0


Fault = Literal["none", "errors", "hang", "drop", "garbage"]


def parse_faults(text: str) -> Faults:
    """Return the faults written as `errors=0.3,hang=0.1,seed=7`. Raises `InvalidSettings`."""
    pairs = (part.partition("=") for part in text.split(",") if part.strip())
    try:
        faults = msgspec.convert({name.strip(): value for name, _, value in pairs}, Faults, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidSettings(f"faults: {error}") from error
    chances = (faults.errors, faults.hang, faults.drop, faults.garbage)
    if min(chances) < 0 or sum(chances) > 1:
        raise InvalidSettings("faults: the chances are at least 0 and together at most 1")
    return faults


class Case(Struct, frozen=True):
    """A record that has been received."""

    visit: str
    receipt: str
    received_at: Instant


class _Deletion(Struct, frozen=True):
    """A certificate, of which a real receiver checks the seal with the published keys, as `rvw verify` does."""

    deletion: Certificate


class Refused(Exception):
    """The message is answered with this status and one sentence."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Register:
    """The received records, in one SQLite file. Blocking: call it in a thread."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "cases.sqlite3"
        with closing(self._connect()) as connection:
            connection.executescript(_TABLES)

    def take(self, event: Envelope, signature: str, now: Instant) -> str:
        """Keep the record and return its receipt: the one it has, if it is here already.

        A later version takes the place of the one before and has its receipt, and so does the certificate that it was
        deleted: nothing else is left then. An earlier version changes nothing. Raises `Refused` for a message that has been
        here before, and for another record of the same visit and version.
        """
        with self._transaction() as connection:
            _note_message(connection, signature, now)
            wanted = "SELECT receipt, sha256, version FROM received WHERE visit = ?"
            known = connection.execute(wanted, (event.subject,)).fetchone()
            if known is None:
                return _add(connection, event, now)
            receipt, sha256, version = known
            if event.dossiernumber == version and sha256 != event.dossiersha256:
                raise Refused(422, "another record of this visit is here")
            if event.dossiernumber > version:
                values = (event.dossiernumber, event.dossiersha256, bytes(event.data), event.subject)
                connection.execute("UPDATE received SET version = ?, sha256 = ?, dossier = ? WHERE visit = ?", values)
            return str(receipt)

    def cases(self) -> list[Case]:
        """Return the newest records, the last one first."""
        wanted = "SELECT visit, receipt, received_at FROM received ORDER BY number DESC LIMIT ?"
        with closing(self._connect()) as connection:
            return [Case(*row) for row in connection.execute(wanted, (SHOWN,))]

    def find(self, visit: str) -> tuple[Case, bytes]:
        """Return one record with its dossier. Raises `NotFound`."""
        wanted = "SELECT visit, receipt, received_at, dossier FROM received WHERE visit = ?"
        with closing(self._connect()) as connection:
            row = connection.execute(wanted, (visit,)).fetchone()
        if row is None:
            raise NotFound("there is no record of this visit")
        return Case(*row[:3]), row[3]

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, isolation_level=None, timeout=10)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")


class CaseSystem:
    """The HTTP side: `POST /events` takes records, the other addresses show them."""

    def __init__(self, secret: str, data: Path, faults: Faults, clock: Clock = time.time) -> None:
        self._webhook: Webhook = webhook(secret)
        self._register = Register(data)
        self._faults = faults
        self._rng = random.Random(faults.seed)  # noqa: S311 - which failure comes next is no secret
        self._clock = clock

    def app(self) -> Starlette:
        """Return the application."""
        return Starlette(
            routes=[
                Route("/events", self.events, methods=["POST"]),
                Route("/", self.index),
                Route("/records/{visit}", self.record),
                Route("/style.css", self.style),
                Route("/api/records", self.records),
                Route("/api/health", self.health),
            ]
        )

    async def events(self, request: Request) -> Response:
        """Take one record: 200 with the receipt, or a status that says why not."""
        fault, early = self._next_fault(), self._rng.random() < 0.5
        try:
            body = await _body(request)
            if fault != "none" and early:
                return await _fail(fault, request)
            receipt = await self._take(request, body)
        except Refused as error:
            return _json({"error": str(error)}, error.status)
        if fault != "none":
            return await _fail(fault, request)
        return _json({"receipt": receipt})

    async def index(self, request: Request) -> Response:
        """Show the list."""
        cases = await asyncio.to_thread(self._register.cases)
        return _page(case_pages.index([(case.visit, case.receipt, case.received_at) for case in cases]))

    async def record(self, request: Request) -> Response:
        """Show one record."""
        try:
            case, dossier = await asyncio.to_thread(self._register.find, request.path_params["visit"])
        except NotFound as error:
            return _page(case_pages.missing(), error.status)
        if dossier.startswith(MARK):
            gone = msgspec.json.decode(dossier, type=_Deletion).deletion
            return _page(case_pages.deleted(case.receipt, case.received_at, gone))
        return _page(case_pages.record(case.receipt, case.received_at, decode(dossier)))

    async def style(self, request: Request) -> Response:
        """Serve the style of the pages."""
        return Response(case_pages.STYLE, media_type="text/css", headers=case_pages.HEADERS)

    async def records(self, request: Request) -> Response:
        """List the records for programs."""
        return _json(await asyncio.to_thread(self._register.cases))

    async def health(self, request: Request) -> Response:
        """Answer as long as records can be read."""
        await asyncio.to_thread(self._register.cases)
        return _json({"status": "ok"})

    async def _take(self, request: Request, body: bytes) -> str:
        try:
            self._webhook.verify(body, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError) as error:
            raise Refused(401, "the signature or the time of the message is not right") from error
        event = _event(body, request)
        signature = f"{event.id} {request.headers['webhook-timestamp']} {hashlib.sha256(body).hexdigest()}"
        return await asyncio.to_thread(self._register.take, event, signature, self._clock())

    def _next_fault(self) -> Fault:
        chance = self._rng.random()
        names: tuple[Fault, ...] = ("errors", "hang", "drop", "garbage")
        for name in names:
            chance -= getattr(self._faults, name)
            if chance < 0:
                return name
        return "none"


def run_case_system(host: str, port: int, secret: str, data: Path, faults: str = "") -> None:
    """Serve until stopped by a signal. Raises `InvalidSettings` for an empty secret or faults that cannot be read."""
    app = CaseSystem(secret, data, parse_faults(faults)).app()
    uvicorn.run(app, host=host, port=port, ws="none", log_level="warning")


def _note_message(connection: sqlite3.Connection, signature: str, now: Instant) -> None:
    connection.execute("DELETE FROM messages WHERE at < ?", (now - REMEMBERED_S,))
    try:
        connection.execute("INSERT INTO messages VALUES (?, ?)", (signature, now))
    except sqlite3.IntegrityError as error:
        raise Refused(409, "this very message has been here before: sign it anew") from error


def _add(connection: sqlite3.Connection, event: Envelope, now: Instant) -> str:
    values = (event.subject, event.dossiernumber, "", now, event.dossiersha256, bytes(event.data))
    added = "INSERT INTO received (visit, version, receipt, received_at, sha256, dossier) VALUES (?, ?, ?, ?, ?, ?)"
    number = connection.execute(added, values).lastrowid
    receipt = f"SL-{datetime.fromtimestamp(now, UTC).year}-{number:06d}"
    connection.execute("UPDATE received SET receipt = ? WHERE number = ?", (receipt, number))
    return receipt


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise Refused(413, "the record is too long")
    return bytes(body)


def _event(body: bytes, request: Request) -> Envelope:
    """Return the event, checked: a CloudEvent, of our kind, with the dossier it says, of the visit the headers say."""
    try:
        from_structured(HTTPMessage(dict(request.headers), body), JSONFormat())
        event = msgspec.json.decode(body, type=Envelope)
        visit, number = _about(event)
        type = type_of("deletion" if event.type == DELETED else "dossier", bytes(event.data))
    except (CloudEventValidationError, msgspec.DecodeError, InvalidInput, ValueError) as error:
        raise Refused(400, "this is no CloudEvent with a dossier, or with the certificate of its deletion") from error
    ids = {event.id, f"{visit}.{number}", request.headers["webhook-id"], request.headers.get("idempotency-key", event.id)}
    same = (event.subject, event.dossiernumber) == (visit, number)
    if (event.type, event.dataschema) != (type, schema_of(type)) or len(ids) > 1 or not same:
        raise Refused(400, "the event is of another kind, or of several visits")
    if hashlib.sha256(bytes(event.data)).hexdigest() != event.dossiersha256:
        raise Refused(422, "the dossier is not the one that was hashed")
    return event


def _about(event: Envelope) -> tuple[str, int]:
    """Return the visit and version that what comes with an event is about. Raises `InvalidInput`, `ValidationError`."""
    data = bytes(event.data)
    if event.type != DELETED:
        dossier = decode(data)
        return dossier.visit, dossier.number
    certificate = msgspec.json.decode(data, type=_Deletion).deletion
    return certificate.visit, certificate.versions[-1].number + 1


async def _fail(fault: Fault, request: Request) -> Response:
    match fault:
        case "hang":
            await request.receive()  # after the body, the only message left is that the sender has gone
            return Response(status_code=504)
        case "drop":
            return _Dropped()
        case "garbage":
            return Response("<p>OK</p>", media_type="text/html")
        case _:
            return _json({"error": "as wished"}, 500)


class _Dropped(Response):
    """An answer that ends before it is complete: the server then closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"64")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"receipt": "', "more_body": True})


def _json(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, case_pages.HEADERS, "application/json")


def _page(html: str, status: int = 200) -> Response:
    return Response(html, status, case_pages.HEADERS, "text/html")
