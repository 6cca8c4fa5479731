"""Signaling's view of the media workers: joins, bindings, and what the workers notify.

Bindings are sent as whole truths (`rvw.protocol.media`), so that whenever it is doubtful whether a worker knows a room,
the room is sent again: after a failed request, and when a worker has restarted.
"""

from asyncio import TaskGroup, sleep
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import httpx2
import structlog
from msgspec import Struct

from rvw.domain.effects import Route
from rvw.errors import InvalidOffer, TooMany, Unavailable
from rvw.protocol.codec import NOTIFICATION, Codec, encode
from rvw.protocol.media import (
    Alive,
    Bind,
    Binding,
    Bound,
    Fault,
    Join,
    Joined,
    Notification,
    PeerConnected,
    PeerLost,
    Quality,
    WorkerStarted,
)

log = structlog.get_logger()

REQUEST_S = 5.0
"""How long a worker may take to answer."""

SILENCE_S = 5.0
"""A worker sends `alive` each second; one silent for so long is taken for dead."""

RETRY_S = 0.3
"""How long to wait before a worker that does not answer is tried again."""

FAULT: Codec[Fault] = Codec(Fault)
JOINED: Codec[Joined] = Codec(Joined)
BOUND: Codec[Bound] = Codec(Bound)
ERRORS: dict[str, type[InvalidOffer] | type[TooMany]] = {InvalidOffer.code: InvalidOffer, TooMany.code: TooMany}

Answer = TypeVar("Answer")


class Room(Struct, frozen=True):
    """Who sees and hears whom in one visit."""

    name: str
    version: int
    routes: tuple[Route, ...]


class Worker:
    """One media worker: its requests, and whether it is there."""

    def __init__(self, url: str, http: httpx2.AsyncClient) -> None:
        self.url = url
        self.epoch = ""
        self.alive = False
        self.load = 0
        self.peers: set[str] = set()
        self._http = http
        self.doubtful: dict[str, Room] = {}

    async def join(self, peer: str, offer: str) -> str:
        """Return the SDP answer. Raises `InvalidOffer`, `TooMany` or `Unavailable`."""
        joined = await self._ask("join", Join(peer, offer), JOINED)
        return joined.answer

    async def bind(self, room: Room) -> None:
        """Make the routes those of the room; tried again when the worker next shows that it is alive."""
        bindings = tuple(Binding(*route) for route in room.routes)
        try:
            await self._ask("bind", Bind(room.name, room.version, bindings), BOUND)
        except Unavailable:
            known = self.doubtful.get(room.name)
            if known is None or known.version < room.version:
                self.doubtful[room.name] = room

    async def settle(self) -> None:
        """Send again what may not have arrived."""
        doubtful, self.doubtful = self.doubtful, {}
        for room in doubtful.values():
            await self.bind(room)

    async def _ask(self, verb: str, message: Struct, answer: Codec[Answer]) -> Answer:
        try:
            response = await self._http.post(f"{self.url}/v1/{verb}", content=encode(message), timeout=REQUEST_S)
        except httpx2.HTTPError as error:
            raise Unavailable(f"the media worker does not answer: {type(error).__name__}") from error
        if response.status_code == httpx2.codes.OK:
            return answer.decode(response.content)
        fault = FAULT.decode(response.content)
        raise ERRORS.get(fault.code, Unavailable)(fault.text)

    async def notifications(self) -> AsyncIterator[Notification]:
        """Yield what the worker says. Raises `Unavailable` when it stops speaking."""
        try:
            timeout = httpx2.Timeout(REQUEST_S, read=SILENCE_S)
            async with self._http.stream("GET", f"{self.url}/v1/notifications", timeout=timeout) as response:
                response.raise_for_status()
                async for text in response.aiter_lines():
                    yield NOTIFICATION.decode(text)
        except httpx2.HTTPError as error:
            raise Unavailable(f"the media worker has gone silent: {type(error).__name__}") from error


class MediaWorkers:
    """All workers. `run` follows their notifications until cancelled."""

    def __init__(
        self,
        urls: tuple[str, ...],
        secret: str,
        rooms_of: Callable[[str], Awaitable[list[Room]]],
    ) -> None:
        """`rooms_of(url)` returns the rooms that a worker should have. Set `lost` and `restarted` before `run`."""
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        self._http = httpx2.AsyncClient(headers=headers, limits=httpx2.Limits(max_connections=200))
        self.workers = {url: Worker(url, self._http) for url in urls}
        self._rooms_of = rooms_of
        self.lost: Callable[[str], Awaitable[None]]
        self.restarted: Callable[[Worker], Awaitable[None]]

    def at(self, url: str) -> Worker | None:
        """Return the worker there, if it is one of ours and alive."""
        worker = self.workers.get(url)
        return worker if worker and worker.alive else None

    def least_loaded(self) -> Worker:
        """Return the worker with the fewest peers. Raises `Unavailable` when none is alive."""
        alive = [worker for worker in self.workers.values() if worker.alive]
        if not alive:
            raise Unavailable("no media worker is running")
        return min(alive, key=lambda worker: worker.load)

    async def run(self) -> None:
        """Follow every worker's notifications."""
        async with self._http, TaskGroup() as tasks:
            for worker in self.workers.values():
                tasks.create_task(self._follow(worker))

    async def ping(self) -> None:
        """Return if a worker is alive. Raises `Unavailable`."""
        self.least_loaded()

    async def _follow(self, worker: Worker) -> None:
        while True:
            try:
                async for notification in worker.notifications():
                    await self._take(worker, notification)
            except Unavailable as error:
                if worker.alive:
                    log.warning("media worker lost", worker=worker.url, reason=str(error))
            worker.alive = False
            await sleep(RETRY_S)

    async def _take(self, worker: Worker, notification: Notification) -> None:
        match notification:
            case WorkerStarted(epoch, peers):
                await self._started(worker, epoch, peers)
            case PeerLost(peer, _):
                worker.peers.discard(peer)
                await self.lost(peer)
            case Alive(peers, _):
                worker.load = peers
                await worker.settle()
            case PeerConnected(peer):
                worker.peers.add(peer)
            case Quality():
                pass

    async def _started(self, worker: Worker, epoch: str, peers: tuple[str, ...]) -> None:
        log.info("media worker found", worker=worker.url, peers=len(peers), restarted=worker.epoch not in ("", epoch))
        worker.epoch, worker.peers, worker.load, worker.alive = epoch, set(peers), len(peers), True
        for room in await self._rooms_of(worker.url):
            await worker.bind(room)
        await self.restarted(worker)
