"""The composition root: reads top to bottom as the list of parts of a signaling process."""

import secrets
import time
from asyncio import TaskGroup, sleep
from pathlib import Path

import msgspec
import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

import config
from rvw.domain.board import Board
from rvw.domain.commands import Acknowledge
from rvw.domain.decide import Terms
from rvw.domain.people import SYSTEM
from rvw.errors import InvalidSettings, NotPossible, Unavailable
from rvw.ids import RANDOM_BYTES, make_id, ticket_code
from rvw.settings import Settings
from signaling import gateway, tenancy
from signaling.attendance import Attendance
from signaling.auth import Auth
from signaling.board import SharedBoard
from signaling.catalogue_watch import CatalogueWatch, Current, read
from signaling.effects import Bindings
from signaling.filing import Filing
from signaling.gateway import Limits, Parts
from signaling.handover.opening import open_case_system
from signaling.handover.outbox import Outbox
from signaling.handover.port import CaseSystem
from signaling.hub import Hub
from signaling.keys import Keys
from signaling.ledger import Client, Ledger, connect
from signaling.limits import Buckets
from signaling.matcher import Matcher
from signaling.media_client import MediaWorkers
from signaling.metrics import Figures, metrics
from signaling.office import Office
from signaling.pages import SecurityHeaders, pages
from signaling.records import Store, open_store
from signaling.rejoin import Rejoins
from signaling.rest_api import Api
from signaling.routes import routes
from signaling.timers import Timers

log = structlog.get_logger()

START_S = 30.0
"""How long Redis may take to answer at the start: it may be reading its append-only file."""

SHANGHAI_S = 8 * 3600
"""UTC+8, without summer time."""

GRACE_S = 4.0
"""After a start, everybody has so long to come back before leases and deadlines count: pages take at most three seconds."""


async def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Raises `InvalidSettings` or `Unavailable` when it cannot start."""
    tenancy.check_production(settings)
    if not settings.store.redis:
        raise InvalidSettings("store.redis is empty: give an address, or let ./rvw.sh up start a Valkey of its own")
    folder = Path(settings.catalogue) if settings.catalogue else config.FOLDER / "catalogue"
    current = Current(read(folder))
    async with (
        connect(settings.store.redis) as redis,
        open_store(sql_url(settings)) as store,
        open_case_system(settings.handover, Path(settings.store.data)) as case_system,
    ):
        await _serve(settings, current, CatalogueWatch(current, folder), redis, store, case_system)


async def _serve(
    settings: Settings, current: Current, watch: CatalogueWatch, redis: Client, store: Store, case_system: CaseSystem
) -> None:
    ledger, shared, board = Ledger(redis, Keys(settings.queue.cell)), *_boards(redis, settings)
    await _answering(shared)
    if settings.security.demo:
        await tenancy.seed(store, tenancy.parse((config.FOLDER / "demo.toml").read_text()))

    bindings = Bindings(shared, ledger)
    media = MediaWorkers(settings.media_workers, settings.security.control_secret, bindings.rooms_of)
    hub = Hub(ledger, shared, board)
    rejoins = Rejoins(hub, shared, ledger, bindings)
    bindings.media, media.lost, media.restarted = media, rejoins.lost, rejoins.restarted
    office = Office(ledger, current.held, terms(settings), time.time, new_id, Tickets(shared).next, bindings.follow)
    matcher = Matcher(office, board, current.held, time.time)
    timers = Timers(office, shared, board, time.time, GRACE_S)
    attendance = Attendance(hub, shared, board, current.held, time.time, settings.queue.lease_s)
    secret = tenancy.signing_secret(settings)
    auth = Auth(store, msgspec.structs.replace(settings.security, secret=secret))
    outbox = Outbox(store, case_system, settings.handover, Receipts(office).take)
    filing = Filing(ledger, store.archive, outbox.nudge)
    current.watchers.append(matcher.look_again)
    hub.watchers += [matcher.watch, filing.watch, rejoins.watch]

    parts = Parts(
        hub=hub,
        office=office,
        ledger=ledger,
        shared=shared,
        board=board,
        media=media,
        bindings=bindings,
        rejoins=rejoins,
        identify=auth.actor,
        gone=attendance.gone,
        commands=_command_limit(settings),
        clock=time.time,
        limits=_limits(settings),
    )
    api = Api(auth, current, board, {"live_store": shared.ping, "records": store.ping, "media": media.ping})
    figures = metrics(Figures(hub, board, outbox, media, time.time))
    server = _server(settings, [*routes(api.table(), auth.actor), figures], parts)
    await hub.begin()
    async with TaskGroup() as tasks:
        running = (hub, watch, media, matcher, timers, attendance, rejoins, filing, outbox)
        owned = [tasks.create_task(part.run()) for part in running]
        await server.serve()
        for task in owned:
            task.cancel()


def _boards(redis: Client, settings: Settings) -> tuple[SharedBoard, Board]:
    return SharedBoard(redis, Keys(settings.queue.cell)), Board()


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
            SecurityHeaders(application),
            host=web.host,
            port=web.port,
            ssl_certfile=web.certificate or None,
            ssl_keyfile=web.private_key or None,
            ws="websockets-sansio",
            ws_max_size=web.max_message_bytes,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=1,
            log_config=None,
            access_log=False,
            server_header=False,
        )
    )


def sql_url(settings: Settings) -> str:
    """Return where the records are: the configured address, or SQLite in the data folder."""
    return settings.store.sql or f"sqlite:///{Path(settings.store.data).absolute() / 'rvw.sqlite3'}"


def terms(settings: Settings) -> Terms:
    """Return how long each state of a visit may last."""
    queue = settings.queue
    return Terms(
        offer_s=queue.offer_s,
        waiting_s=queue.waiting_s,
        interruption_s=queue.interruption_s,
        hold_s=queue.hold_s,
        wrapping_s=queue.wrapping_s,
        invitation_s=queue.invitation_s,
        live_s=queue.live_s,
    )


def new_id() -> str:
    """Return an id never used before."""
    return make_id(time.time(), secrets.token_bytes(RANDOM_BYTES))


class Tickets:
    """Ticket codes: a letter and three digits, from the start each day (UTC+8, the window's own day)."""

    def __init__(self, shared: SharedBoard) -> None:
        self._shared = shared

    async def next(self) -> str:
        """Return the day's next code."""
        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + SHANGHAI_S))
        return ticket_code(await self._shared.next_ticket(day))


class Receipts:
    """Tells visits that the case system has their record."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def take(self, visit: str, receipt: str) -> None:
        """Append `HandedOver`. Raises `Unavailable`, to be asked again."""
        try:
            await self._office.perform(SYSTEM, Acknowledge(receipt), visit)
        except NotPossible:
            return  # it has its receipt


def _command_limit(settings: Settings) -> Buckets:
    rate = settings.web.commands_per_second
    return Buckets(burst=2 * rate, per_s=rate, capacity=settings.web.max_sockets)


def _limits(settings: Settings) -> Limits:
    web = settings.web
    return Limits(web.max_sockets, web.max_message_bytes, web.outbox_messages, settings.queue.lease_s)
