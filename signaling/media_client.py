"""Signaling's view of the media workers: which there are, their load, joins, bindings, and what they notify.

Bindings are sent as whole truths (`rvw.protocol.media`), so that whenever it is doubtful whether a worker knows a room,
the room is sent again: after a failed request, and when a worker has restarted. Workers come by the settings, or by
registering themselves; one that is gone for good is forgotten when its lease has run out.
"""

from asyncio import Event, TaskGroup, sleep, timeout
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Literal, TypeVar

import httpx2
import structlog
from msgspec import Struct

from rvw.domain.effects import Route
from rvw.domain.recording import Slot
from rvw.errors import InvalidOffer, TooMany, Unavailable
from rvw.protocol.codec import NOTIFICATION, Codec, encode
from rvw.protocol.media import (
    Alive,
    Bind,
    Binding,
    Bound,
    Discard,
    Discarded,
    Fault,
    Join,
    Joined,
    Notification,
    PeerConnected,
    PeerLost,
    Quality,
    Recorded,
    RecordingFailed,
    Spool,
    Spooled,
    Tap,
    WorkerStarted,
)
from rvw.protocol.rest import MediaPool, MediaWorker

log = structlog.get_logger()

REQUEST_S = 5.0
"""How long a worker may take to answer."""

CONNECT_S = 1.0
"""How long a worker may take to accept a connection."""

SILENCE_S = 3.0
"""A worker sends `alive` each second; one silent for so long is taken for dead."""

RETRY_S = 0.1
"""How long to wait before a worker that does not answer is tried again: a person waits for it."""

LOOK_S = 1.0
"""How often the table of registered workers is read."""

LEASE_S = 10.0
"""How long a worker that is gone, and does not register again, is looked for."""

AVAILABLE_S = 5.0
"""How long a join waits for a worker when there is none: one that was killed is back by then."""

FULL_SHARE = 0.75
"""A worker that uses more of its core than this gets no new rooms while another uses less: bursts need the rest."""

FAULT: Codec[Fault] = Codec(Fault)
JOINED: Codec[Joined] = Codec(Joined)
SPOOL: Codec[Spool] = Codec(Spool)
DISCARDED: Codec[Discarded] = Codec(Discarded)
BOUND: Codec[Bound] = Codec(Bound)
ERRORS: dict[str, type[InvalidOffer] | type[TooMany]] = {InvalidOffer.code: InvalidOffer, TooMany.code: TooMany}

Answer = TypeVar("Answer")


class Room(Struct, frozen=True):
    """Who sees and hears whom in one visit."""

    name: str
    version: int
    routes: tuple[Route, ...]
    recorded: tuple[Slot, ...] = ()
    key: str = ""
    """With which the worker encrypts what is recorded."""


class Worker:
    """One media worker: its requests, and whether it is there."""

    def __init__(self, url: str, http: httpx2.AsyncClient) -> None:
        self.url = url
        self.epoch = ""
        self.alive = False
        self.load = Alive(0, 0)
        self.peers: set[str] = set()
        self.told = False
        """Its pages have been told that it is gone, and go elsewhere."""
        self._http = http
        self.doubtful: dict[str, Room] = {}

    @property
    def state(self) -> Literal["serving", "draining", "away"]:
        """What an operator is told."""
        return "away" if not self.alive else "draining" if self.load.draining else "serving"

    @property
    def open(self) -> bool:
        """Whether it may be given new rooms while it has room for them."""
        return self.alive and not self.load.draining and self.load.core_share < FULL_SHARE

    def busy(self) -> tuple[bool, int, int]:
        """Return its load, to be compared: tenths of a core first, since they tell of packets; then peers."""
        return (self.load.draining, int(10 * self.load.core_share), max(self.load.peers, len(self.peers)))

    async def join(self, peer: str, offer: str) -> str:
        """Return the SDP answer. Raises `InvalidOffer`, `TooMany` or `Unavailable`."""
        joined = await self._ask("join", Join(peer, offer), JOINED)
        self.peers.add(peer)  # so that those who come before the next `alive` are spread
        return joined.answer

    async def bind(self, room: Room) -> None:
        """Make the routes those of the room; tried again when the worker next shows that it is alive."""
        bindings, taps = tuple(Binding(*route) for route in room.routes), tuple(Tap(*slot) for slot in room.recorded)
        try:
            await self._ask("bind", Bind(room.name, room.version, bindings, taps, room.key if taps else ""), BOUND)
        except Unavailable:
            known = self.doubtful.get(room.name)
            if known is None or known.version < room.version:
                self.doubtful[room.name] = room

    async def settle(self) -> None:
        """Send again what may not have arrived."""
        doubtful, self.doubtful = self.doubtful, {}
        for room in doubtful.values():
            await self.bind(room)

    async def spooled(self) -> tuple[Spooled, ...]:
        """Return what the worker has recorded and still has. Raises `Unavailable`."""
        return (await self._get("spool", SPOOL)).rooms

    async def segment(self, room: str, name: str) -> AsyncIterator[bytes]:
        """Yield a segment as it lies at the worker. Raises `Unavailable`."""
        patience = httpx2.Timeout(REQUEST_S, connect=CONNECT_S)
        try:
            address = f"{self.url}/v1/spool/{room}/{name}"
            async with self._http.stream("GET", address, timeout=patience) as response:
                response.raise_for_status()
                async for chunk in response.aiter_bytes():
                    yield chunk
        except httpx2.HTTPError as error:
            raise Unavailable(f"the media worker does not give a segment: {type(error).__name__}") from error

    async def discard(self, room: str) -> None:
        """Delete what the worker has recorded of a room. Raises `Unavailable`."""
        await self._ask("discard", Discard(room), DISCARDED)

    async def _get(self, what: str, answer: Codec[Answer]) -> Answer:
        patience = httpx2.Timeout(REQUEST_S, connect=CONNECT_S)
        try:
            response = await self._http.get(f"{self.url}/v1/{what}", timeout=patience)
            response.raise_for_status()
        except httpx2.HTTPError as error:
            raise Unavailable(f"the media worker does not answer: {type(error).__name__}") from error
        return answer.decode(response.content)

    async def _ask(self, verb: str, message: Struct, answer: Codec[Answer]) -> Answer:
        patience = httpx2.Timeout(REQUEST_S, connect=CONNECT_S)
        try:
            response = await self._http.post(f"{self.url}/v1/{verb}", content=encode(message), timeout=patience)
        except httpx2.HTTPError as error:
            if isinstance(error, httpx2.ConnectError):
                self.alive = False  # its stream ends now, or is back with the next `alive`
            raise Unavailable(f"the media worker does not answer: {type(error).__name__}") from error
        if response.status_code == httpx2.codes.OK:
            return answer.decode(response.content)
        fault = FAULT.decode(response.content)
        raise ERRORS.get(fault.code, Unavailable)(fault.text)

    async def notifications(self) -> AsyncIterator[Notification]:
        """Yield what the worker says. Raises `Unavailable` when it stops speaking."""
        try:
            patience = httpx2.Timeout(REQUEST_S, connect=CONNECT_S, read=SILENCE_S)
            async with self._http.stream("GET", f"{self.url}/v1/notifications", timeout=patience) as response:
                response.raise_for_status()
                async for text in response.aiter_lines():
                    yield NOTIFICATION.decode(text)
        except httpx2.HTTPError as error:
            raise Unavailable(f"the media worker has gone silent: {type(error).__name__}") from error


class Wire(httpx2.AsyncHTTPTransport):
    """Connections to workers that may be killed at any moment."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request. Raises `httpx2.TransportError` for all that can go wrong."""
        try:
            return await super().handle_async_request(request)
        except AttributeError as error:
            # anyio looks at a connection that the worker's death has closed in between: seen once in 33 kills.
            raise httpx2.ConnectError("the connection was closed while it was opened", request=request) from error


class MediaWorkers:
    """All workers. `run` follows their notifications until cancelled."""

    def __init__(
        self,
        urls: tuple[str, ...],
        secret: str,
        rooms_of: Callable[[str], Awaitable[list[Room]]],
        registered: Callable[[], Awaitable[Iterable[str]]],
    ) -> None:
        """`rooms_of(url)` returns the rooms that a worker should have, `registered()` the workers beside `urls`.

        Set `lost`, `restarted`, `gone`, `draining`, `quality` and `recorded` before `run`.
        """
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        self._http = httpx2.AsyncClient(headers=headers, transport=Wire(limits=httpx2.Limits(max_connections=200)))
        self.workers = {url: Worker(url, self._http) for url in urls}
        self._always = frozenset(urls)
        self._rooms_of = rooms_of
        self._registered = registered
        self._available = Event()
        self.lost: Callable[[Worker, str], Awaitable[None]]
        self.restarted: Callable[[Worker], Awaitable[None]]
        self.gone: Callable[[Worker], Awaitable[None]]
        """The worker does not answer any more."""
        self.draining: Callable[[Worker], Awaitable[None]]
        """Called each second while the worker drains and others take new rooms."""
        self.quality: Callable[[Quality], None]
        self.recorded: Callable[[Recorded | RecordingFailed], None]

    def at(self, url: str) -> Worker | None:
        """Return the worker there, if it is one of ours and alive."""
        worker = self.workers.get(url)
        return worker if worker and worker.alive else None

    def least_loaded(self) -> Worker:
        """Return the worker with the least load, a draining one only if there is no other. Raises `Unavailable`."""
        alive = [worker for worker in self.workers.values() if worker.alive]
        if not alive:
            raise Unavailable("no media worker is running")
        return min(alive, key=Worker.busy)

    async def available(self) -> None:
        """Return when a worker is alive. Raises `Unavailable` after `AVAILABLE_S`."""
        try:
            async with timeout(AVAILABLE_S):
                while not any(worker.alive for worker in self.workers.values()):
                    self._available.clear()
                    await self._available.wait()
        except TimeoutError as error:
            raise Unavailable("no media worker is running") from error

    async def echo(self, peer: str, offer: str) -> str:
        """Connect a peer that sees and hears itself; the room ends with it. Raises as `Worker.join`."""
        worker = self.least_loaded()
        answer = await worker.join(peer, offer)
        await worker.bind(Room(peer, 0, (Route(peer, "mic", peer, "voice1"), Route(peer, "camera", peer, "face1"))))
        return answer

    async def run(self) -> None:
        """Follow every worker's notifications, also of those that come later."""
        async with self._http, TaskGroup() as tasks:
            for worker in self.workers.values():
                tasks.create_task(self._follow(worker))
            while True:
                await sleep(LOOK_S)
                try:
                    registered = set(await self._registered())
                except Unavailable:
                    continue  # the workers that are known stay
                for url in registered - self.workers.keys():
                    worker = self.workers[url] = Worker(url, self._http)
                    tasks.create_task(self._follow(worker))
                for worker in [*self.workers.values()]:
                    if worker.told and worker.url not in registered | self._always:
                        del self.workers[worker.url]

    def pool(self) -> MediaPool:
        """Return what there is, by address."""
        ranked = sorted(self.workers.values(), key=lambda worker: worker.url)
        return MediaPool(
            tuple(
                MediaWorker(it.url, it.state, it.load.peers, it.load.rooms, it.load.core_share, it.load.packets_per_s)
                for it in ranked
            )
        )

    async def ping(self) -> None:
        """Return if a worker is alive. Raises `Unavailable`."""
        self.least_loaded()

    async def _follow(self, worker: Worker) -> None:
        """Follow a worker until it is forgotten. A stream that breaks is tried again at once, before anybody is told."""
        away = False
        while self.workers.get(worker.url) is worker:
            spoken, reason = False, "it has ended its stream"
            try:
                async for notification in worker.notifications():
                    await self._take(worker, notification)
                    spoken, away = True, False
            except Unavailable as error:
                reason = str(error)
            if spoken:
                continue
            worker.alive, worker.load = False, Alive(0, 0)
            if not away:
                log.warning("media worker lost", worker=worker.url, reason=reason)
            away = True
            if not worker.told:
                worker.told = await self._tell(self.gone, worker)
            await sleep(RETRY_S)

    async def _tell(self, whom: Callable[[Worker], Awaitable[None]], worker: Worker) -> bool:
        """Tell of a worker; false when the pages could not be told, and notice by themselves, later."""
        try:
            await whom(worker)
        except Unavailable as error:
            log.debug("pages are not told of their media worker", worker=worker.url, reason=str(error))
            return False
        return True

    async def _take(self, worker: Worker, notification: Notification) -> None:
        match notification:
            case WorkerStarted(epoch, peers):
                await self._started(worker, epoch, peers)
            case PeerLost(peer, reason):
                worker.peers.discard(peer)
                if reason == "consent":  # who has closed it knows, and has another one by now
                    await self.lost(worker, peer)
            case Alive():
                worker.load, worker.alive = notification, True
                self._available.set()
                await worker.settle()
                if notification.draining and any(one.open for one in self.workers.values()):
                    await self._tell(self.draining, worker)
            case PeerConnected(peer):
                worker.peers.add(peer)
                self.quality(Quality(peer, "good", 0, 0, paused=False))
            case Quality():
                self.quality(notification)
            case Recorded() | RecordingFailed():
                self.recorded(notification)

    async def _started(self, worker: Worker, epoch: str, peers: tuple[str, ...]) -> None:
        log.info("media worker found", worker=worker.url, peers=len(peers), restarted=worker.epoch not in ("", epoch))
        told = worker.told and worker.epoch != ""
        worker.epoch, worker.peers, worker.alive, worker.told = epoch, set(peers), True, False
        self._available.set()
        for room in await self._rooms_of(worker.url):
            await worker.bind(room)
        if not told:
            await self._tell(self.restarted, worker)
