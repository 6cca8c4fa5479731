"""The composition root: reads top to bottom as the list of parts of a signaling process."""

import gc
import time
from asyncio import TaskGroup, sleep
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from socket import AI_PASSIVE, SOCK_STREAM, create_server, getaddrinfo, socket

import msgspec
import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

import config
from rvw.domain.catalogue import overseen
from rvw.domain.decide import Around
from rvw.domain.task import TaskTerms
from rvw.errors import InvalidSettings, Unavailable
from rvw.settings import Handover, Settings
from signaling import gateway, tenancy
from signaling.aftermath import Aftermath
from signaling.alarms import Alarms
from signaling.applications.consents import Consents
from signaling.applications.esign import NoOutsideSigning
from signaling.applications.files import application_files, collected
from signaling.applications.forms import Forms
from signaling.applications.identities import Identities
from signaling.applications.kept import Kept
from signaling.applications.signing import Signatures
from signaling.applications.verifier import open_verifier
from signaling.auth import Auth
from signaling.blobs import Blobs
from signaling.blobs.opening import open_blobs
from signaling.board import SharedBoard
from signaling.cases import Cases
from signaling.catalogue_watch import CatalogueWatch, Current, read
from signaling.claims import Claims
from signaling.doorway import Doorway
from signaling.dossiers.amending import Amendments
from signaling.dossiers.copying import Copies
from signaling.dossiers.keys import SealKeys, open_keys
from signaling.dossiers.sealing import Sealer
from signaling.figures import Days
from signaling.filing import Filing
from signaling.gateway import Limits, Parts
from signaling.guests import Guests
from signaling.handover.opening import open_case_system, way_of
from signaling.handover.outbox import Outbox
from signaling.handover.port import CaseSystem
from signaling.handover.receipts import Receipts, nobody
from signaling.keeping.audit import Audit
from signaling.keeping.holding import Holding
from signaling.keeping.opening import open_provider
from signaling.keeping.removal import open_deleting
from signaling.keeping.rotating import Rotating
from signaling.ledger import Client, connect
from signaling.limits import Buckets
from signaling.live import Live, new_id, terms
from signaling.metrics import Figures, metrics
from signaling.pages import SecurityHeaders, pages
from signaling.papers.opening import papers_api
from signaling.phones import Phones
from signaling.promises import Promises
from signaling.pruning import Pruning
from signaling.recordings.opening import open_recordings
from signaling.recordings.tickets import FileTickets
from signaling.records import Store, open_store
from signaling.registration import registration
from signaling.rest_api import Api
from signaling.rest_application import ApplicationApi
from signaling.rest_devices import DeviceApi
from signaling.rest_dossiers import DossierApi
from signaling.rest_endings import EndingApi
from signaling.rest_guests import GuestApi
from signaling.rest_keeping import KeepingApi
from signaling.rest_lines import LineApi
from signaling.rest_marks import MarksApi
from signaling.rest_operations import OperationsApi
from signaling.rest_past import PastApi
from signaling.rest_phones import PhoneApi
from signaling.rest_records import RecordApi
from signaling.rest_tasks import TaskApi
from signaling.rest_tickets import TicketApi
from signaling.rest_translation import TranslationApi
from signaling.routes import routes
from signaling.sealed import Sealed
from signaling.sockets import ReadyProtocol
from signaling.summaries import Summaries
from signaling.sweeper import Sweeper
from signaling.texts import Texts
from signaling.traces import Traces
from signaling.translation import Translator, open_translator
from signaling.turn import Relays
from signaling.unresolved import Unresolved
from signaling.uploads.cleaner import Cleaner
from signaling.uploads.files import paper_files
from signaling.uploads.progress import Progress
from signaling.uploads.results import Limits as CleaningLimits
from signaling.uploads.taking import Uploads
from signaling.worklist import Worklist

log = structlog.get_logger()

BACKLOG = 2048
"""Connections that may wait to be taken: all pages come back at once after a restart."""

YOUNG_OBJECTS = 20_000
"""Looked through for cycles at a time. A step makes hundreds that end with it: Python's 700 took a tenth of the time."""

START_S = 30.0
"""How long Redis may take to answer at the start: it may be reading its append-only file."""


async def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Raises `InvalidSettings` or `Unavailable` when it cannot start."""
    tenancy.check_production(settings)
    if not settings.store.redis:
        raise InvalidSettings("store.redis is empty: give an address, or let ./rvw.sh up start a Valkey of its own")
    folder = Path(settings.catalogue) if settings.catalogue else config.FOLDER / "catalogue"
    current = Current(read(folder))
    async with (
        connect(settings.store.redis) as redis,
        open_records(settings) as store,
        open_case_system(settings.handover, Path(settings.store.data)) as case_system,
        open_translator(settings.translation, lambda: current.catalogue) as translator,
    ):
        await _serve(settings, current, CatalogueWatch(current, folder), redis, store, case_system, translator)


async def _serve(
    settings: Settings,
    current: Current,
    watch: CatalogueWatch,
    redis: Client,
    store: Store,
    case_system: CaseSystem,
    translator: Translator | None,
) -> None:
    live = Live(settings, current, redis)
    await _answering(live.shared)
    if settings.security.demo:
        await tenancy.seed(store, tenancy.parse((config.FOLDER / "demo.toml").read_text()))

    blobs = open_blobs(settings, store.keys)
    await blobs.sweep()
    await store.protect()

    uploads = _uploads(settings, live, blobs, redis)

    outbox = Outbox(store.parcels, case_system, settings.handover, Receipts(live.office).take)
    notices = Outbox(store.notices, case_system, settings.handover, nobody)
    keys = open_keys(Path(settings.store.data), time.time())
    way = partial(way_of_held, current, settings.handover)
    audit = Audit(store.trail, keys, time.time)
    sealer = Sealer(keys, time.time)
    sealed = Sealed(tenancy.contact_secret(settings))
    worklist = Worklist(store.tasks, live.shared, sealed, task_terms(settings), time.time, new_id)
    amendments = Amendments(store.archive, sealer, way, outbox.nudge, time.time)
    recorded = open_recordings(settings, live, store, blobs, amendments, worklist)
    kept = Kept(blobs)
    files_of = collected(application_files(live.ledger, kept), paper_files(live.ledger), recorded.collecting.files_of)

    aftermath = Aftermath(live.ledger, store.ratings, worklist, current.held, settings.tasks, time.time)
    traces, discard = Traces(redis, live.keys), recorded.gathering.let_go
    deleting = open_deleting(
        settings,
        store,
        blobs,
        traces,
        keys,
        audit,
        amendments,
        discard,
        current.held,
        way,
        time.time,
        live.ledger.forget,
        notices.nudge,
    )

    rotating = Rotating(open_provider(settings), store.keys, store.deletions, audit, settings.keeping, time.time)

    def filed() -> None:
        outbox.nudge()
        recorded.composing.look_again()

    filing = Filing(
        live.ledger,
        store.archive,
        sealer,
        current.held,
        files_of,
        way,
        filed,
        Pruning(live.ledger, store.archive, blobs).prune,
        aftermath.settle,
        time.time,
    )
    recorded.collecting.collected = filing.look_again
    live.hub.watchers += [filing.watch, recorded.collecting.watch]

    secret = tenancy.signing_secret(settings)
    security = msgspec.structs.replace(settings.security, secret=secret)
    auth = Auth(store, security, oversees=lambda authority: overseen(current.catalogue, authority))
    health = {"live_store": live.shared.ping, "records": store.ping, "media": live.media.ping}
    api = Api(auth, current, live.board, store.people, live.media.pool, health)
    alarms = Alarms(worklist, live.shared, live.board, live.today, current.held, settings.operations, time.time)
    sweeper = _sweeper(settings, live, worklist, current, store)
    figures = metrics(Figures(live.hub, live.board, outbox, recorded.composing, live.media, worklist, sweeper, time.time))
    days = Days(live.ledger, store.archive, live.today, time.time)
    goal = settings.operations.prompt_share
    operations = OperationsApi(days, live.ledger, store.archive, current.held, store.ratings, goal, audit, time.time)
    lines = LineApi(Relays(settings.turn, settings.media.codecs, time.time), live.shared, time.time)
    promises = Promises(live.office, live.ledger, worklist, live.tickets, current.held, settings.tasks, time.time)
    claims = TicketApi(Claims(live.tickets, live.office, live.ledger, worklist), promises)
    copies = Copies(store.archive, store.recordings, blobs, sealer, time.time)
    table = (
        *api.table(),
        *TaskApi(worklist, audit, current.held, store.ratings.discount).table(),
        *claims.table(),
        *lines.table(),
        *DeviceApi(settings.kiosk).table(),
        *TranslationApi(translator, live.ledger, audit).table(),
        *operations.table(),
        *DossierApi(keys, store, amendments, (outbox, notices), audit, settings.handover.pull_token, time.time).table(),
        *MarksApi(live.ledger, audit).table(),
        *papers_api(settings, live, current, blobs, uploads, audit).table(),
        *PastApi(store.search, copies, live.tickets.is_of, audit, time.time).table(),
        *KeepingApi(Holding(store.holds, audit, time.time, new_id), store.deletions, audit, time.time).table(),
        *RecordApi(live.ledger, store.archive, store.recordings, blobs, FileTickets(secret, time.time), audit).table(),
    )
    applications = _applications(settings, live, current, kept, keys, audit)
    table = (*table, *applications.table())
    unresolved = Unresolved(live.office, live.ledger, worklist, current.held, settings.tasks, time.time)
    summaries = Summaries(live.ledger, live.tickets, worklist, kept, current.held)
    cases = Cases(store.archive, live.ledger, time.time)
    endings = EndingApi(
        live.office, live.ledger, live.tickets, aftermath, unresolved, summaries, cases, current.held, audit
    )
    guests = GuestApi(Guests(live.office, live.ledger, auth, time.time, settings.queue.live_s))
    phones = PhoneApi(Phones(live.office, live.ledger, auth, current.held, time.time))
    table = (*table, *guests.table(), *phones.table(), *endings.table())
    registering = registration(live.shared, settings.security.control_secret, time.time)
    served = [*routes(table, auth.actor), figures, registering]
    server = _server(settings, served, _parts(settings, live, auth, audit))
    await live.hub.begin()
    gc.collect()
    gc.freeze()  # what is there now stays: a full collection over modules and catalogue stops everybody for 100 ms and more
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
    async with TaskGroup() as tasks:
        keeping = (audit, deleting, rotating)
        own = (watch, filing, *recorded.running, outbox, notices, worklist, alarms, sweeper, *keeping)
        owned = [tasks.create_task(part.run()) for part in (*live.running, *own)]
        with listening(settings.web.host, settings.web.port) as listener:
            await server.serve(sockets=[listener])
        for task in owned:
            task.cancel()


def _applications(
    settings: Settings, live: Live, current: Current, kept: Kept, keys: SealKeys, audit: Audit
) -> ApplicationApi:
    office, ledger, clock = live.office, live.ledger, time.time
    verifier = open_verifier(settings.identity.verifier_keys, clock)

    def around() -> Around:
        return Around(terms=terms(settings), catalogue=current.catalogue)

    return ApplicationApi(
        Identities(office, ledger, kept, verifier, around, clock),
        Forms(office, ledger, kept, current.held),
        Consents(office, ledger, kept, current.held),
        Signatures(office, ledger, kept, keys, NoOutsideSigning(), around, clock, settings.queue.guest_link_s),
        audit,
    )


def _uploads(settings: Settings, live: Live, blobs: Blobs, redis: Client) -> Uploads:
    chosen = settings.uploads
    limits = CleaningLimits(
        pixels=chosen.pixels, pages=chosen.pages, memory_bytes=chosen.memory_mib << 20, cpu_s=chosen.cpu_s
    )
    return Uploads(
        live.office,
        live.ledger,
        blobs,
        Progress(redis, live.keys),
        Cleaner(limits, chosen.at_once),
        Path(settings.store.data).absolute() / "cleaning",
        chosen.most_bytes,
        time.time,
    )


def _sweeper(settings: Settings, live: Live, worklist: Worklist, current: Current, store: Store) -> Sweeper:
    async def recorded(visit: str) -> bool:
        return await store.archive.record(visit) is not None

    return Sweeper(
        live.survey,
        live.ledger,
        live.office,
        live.shared,
        live.board,
        worklist,
        current.held,
        recorded,
        settings.operations,
        time.time,
    )


def way_of_held(current: Current, chosen: Handover, matter: str) -> str:
    """Return the way that records of a matter go now."""
    return way_of(current.catalogue, matter, chosen)


def _parts(settings: Settings, live: Live, auth: Auth, audit: Audit) -> Parts:
    web = settings.web
    return Parts(
        hub=live.hub,
        office=live.office,
        ledger=live.ledger,
        shared=live.shared,
        board=live.board,
        media=live.media,
        bindings=live.bindings,
        rejoins=live.rejoins,
        qualities=live.qualities,
        gestures=live.gestures,
        glances=live.glances,
        texts=Texts(),
        audit=audit,
        identify=auth.actor,
        gone=live.attendance.gone,
        commands=Buckets(burst=2 * web.commands_per_second, per_s=web.commands_per_second, capacity=web.max_sockets),
        doorway=Doorway(web.max_sockets, web.hellos_per_address, time.time),
        clock=time.time,
        limits=Limits(web.max_message_bytes, web.outbox_messages, settings.queue.lease_s),
    )


async def _answering(shared: SharedBoard) -> None:
    """Return when Redis answers. Raises `Unavailable` after `START_S`."""
    until = time.monotonic() + START_S
    while True:
        try:
            return await shared.ping()
        except Unavailable:
            if time.monotonic() > until:
                raise
            await sleep(0.05)


def _server(settings: Settings, served: list[Route], parts: Parts) -> uvicorn.Server:
    async def ws(websocket: WebSocket) -> None:
        await gateway.serve(websocket, parts)

    application = Starlette(
        routes=[
            *served,
            WebSocketRoute("/ws", ws),
            *pages(Path(__file__).parent.parent / "web" / "dist"),
        ]
    )
    web = settings.web
    return uvicorn.Server(
        uvicorn.Config(
            SecurityHeaders(application, settings.kiosk.bridge),
            ssl_certfile=web.certificate or None,
            ssl_keyfile=web.private_key or None,
            ws=ReadyProtocol,
            ws_max_size=web.max_message_bytes,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=1,
            log_config=None,
            access_log=False,
            server_header=False,
        )
    )


def listening(host: str, port: int) -> socket:
    """Listen; at "::" by IPv6 and IPv4 alike, which uvicorn's own sockets do not. Raises `InvalidSettings`."""
    try:
        family, _, _, _, address = getaddrinfo(host, port, type=SOCK_STREAM, flags=AI_PASSIVE)[0]
        return create_server(address, family=family, backlog=BACKLOG, dualstack_ipv6=host == "::")
    except OSError as error:
        raise InvalidSettings(f"web.host and web.port: {host} port {port}: {error.strerror or error}") from error


def task_terms(settings: Settings) -> TaskTerms:
    """Return how often and how soon a call-back is tried again."""
    tasks = settings.tasks
    return TaskTerms(retry_s=tasks.retry_s, tries=tasks.tries, missed_s=tasks.message_s)


def sql_url(settings: Settings) -> str:
    """Return where the records are: the configured address, or SQLite in the data folder."""
    return settings.store.sql or f"sqlite:///{Path(settings.store.data).absolute() / 'rvw.sqlite3'}"


def open_records(settings: Settings) -> AbstractAsyncContextManager[Store]:
    """Give the records, with the keys that they are encrypted under. Raises `InvalidSettings`, `Unavailable`."""
    return open_store(sql_url(settings), open_provider(settings))
