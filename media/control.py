"""What signaling asks of this worker, over HTTP, and what it is told (`rvw.protocol.media`).

Every request but `/v1/health` carries the control secret. Refusals are a `Fault` with the status of their error.
"""

import asyncio
import hmac
from typing import TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from media.load import Load
from media.recorder import Recorder
from media.shell import Shell
from media.spooling import Spool
from rvw.errors import InvalidInput, NotPossible, NotSignedIn, RvwError, TooMany, Unavailable
from rvw.protocol import media as m
from rvw.protocol.media import MAX_OFFER_BYTES, Bind, Discard, Discarded, Drain, Fault, Join, Leave, Notification

MAX_BODY_BYTES = 2 * MAX_OFFER_BYTES
"""An offer with every character escaped is shorter."""

QUEUED_NOTIFICATIONS = 256
"""A reader that falls further behind is cut off: it reads `WorkerStarted` when it comes again, and knows all."""

MOST_READERS = 64
"""Signaling processes that listen at once."""

ALIVE_S = 1.0
"""How often readers hear that the worker lives."""

Message = TypeVar("Message")


class Reader:
    """One notification stream."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Notification] = asyncio.Queue(QUEUED_NOTIFICATIONS)
        self._cut: asyncio.Timeout | None = None

    def put(self, notification: Notification) -> None:
        """Queue a line; cut the reader off when it does not keep up."""
        try:
            self._queue.put_nowait(notification)
        except asyncio.QueueFull:
            self.cut()

    def cut(self) -> None:
        """End the stream, even while it waits for a socket that takes nothing."""
        if self._cut is not None and not self._cut.expired():
            self._cut.reschedule(0.0)

    async def run(self, receive: Receive, send: Send) -> None:
        """Write lines until the reader goes or is cut off."""
        headers = [(b"content-type", b"application/x-ndjson"), (b"cache-control", b"no-store")]
        try:
            async with asyncio.timeout(None) as self._cut, asyncio.TaskGroup() as tasks:
                writing = tasks.create_task(self._write(send, headers))
                while (await receive())["type"] != "http.disconnect":
                    pass
                writing.cancel()
        except TimeoutError:
            return

    async def _write(self, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while True:
            line = msgspec.json.encode(await self._queue.get()) + b"\n"
            await send({"type": "http.response.body", "body": line, "more_body": True})


class Control:
    """The HTTP application of one worker."""

    def __init__(self, secret: str) -> None:
        """Take requests that carry `secret`, once `shell`, `load`, `recorder` and `spool` are set."""
        self.shell: Shell
        self.recorder: Recorder
        self.spool: Spool
        self.load: Load
        self._secret = secret.encode()
        self._readers: set[Reader] = set()
        self.app = Starlette(
            routes=[
                Route("/v1/join", self._join, methods=["POST"]),
                Route("/v1/bind", self._bind, methods=["POST"]),
                Route("/v1/leave", self._leave, methods=["POST"]),
                Route("/v1/drain", self._drain, methods=["POST"]),
                Route("/v1/discard", self._discard, methods=["POST"]),
                Route("/v1/spool", self._list, methods=["GET"]),
                Route("/v1/spool/{room}/{segment}", self._segment, methods=["GET"]),
                Route("/v1/notifications", _Stream(self), methods=["GET"]),
                Route("/v1/health", self._health, methods=["GET"]),
                Route("/v1/statistics", self._statistics, methods=["GET"]),
            ],
            exception_handlers={RvwError: _fault},
        )

    def notify(self, notification: Notification) -> None:
        """Tell every reader."""
        for reader in self._readers:
            reader.put(notification)

    async def keep_alive(self) -> None:
        """Tell every reader once a second that the worker lives. Runs until cancelled."""
        while True:
            await asyncio.sleep(ALIVE_S)
            self.notify(self.load.now())

    def close(self) -> None:
        """End every stream."""
        for reader in self._readers:
            reader.cut()

    def authorise(self, request: Request) -> None:
        """Raise `NotSignedIn` unless the request carries the control secret."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode("latin-1"), self._secret):
            raise NotSignedIn("the request does not carry this worker's control secret")

    async def stream(self, request: Request, receive: Receive, send: Send) -> None:
        """Serve one reader until it goes."""
        self.authorise(request)
        if len(self._readers) >= MOST_READERS:
            raise TooMany(f"this worker has {MOST_READERS} readers of notifications already")
        reader = Reader()
        reader.put(self.shell.worker.started())
        reader.put(self.load.now())
        self._readers.add(reader)
        try:
            await reader.run(receive, send)
        finally:
            self._readers.discard(reader)

    async def _join(self, request: Request) -> Response:
        return _json(self.shell.join(await self._read(request, Join)))

    async def _bind(self, request: Request) -> Response:
        bind = await self._read(request, Bind)
        bound = self.shell.bind(bind)
        if not bind.taps:  # whoever has ended a recording may fetch it when it is answered
            await self.recorder.ended(bind.room)
        return _json(bound)

    async def _leave(self, request: Request) -> Response:
        return _json(self.shell.leave(await self._read(request, Leave)))

    async def _drain(self, request: Request) -> Response:
        self.load.draining = (await self._read(request, Drain)).draining
        alive = self.load.now()
        self.notify(alive)
        return _json(alive)

    async def _discard(self, request: Request) -> Response:
        room = (await self._read(request, Discard)).room
        if self.recorder.being_written(room):
            raise NotPossible(f"the room {room} is being recorded")
        await asyncio.to_thread(self.spool.discard, room)
        return _json(Discarded(room))

    async def _list(self, request: Request) -> Response:
        self.authorise(request)
        try:
            return _json(m.Spool(await asyncio.to_thread(self.spool.rooms, self.recorder.being_written)))
        except OSError as error:
            raise Unavailable(f"the spool cannot be read: {error.strerror}") from error

    async def _segment(self, request: Request) -> Response:
        self.authorise(request)
        chunks = self.spool.read(request.path_params["room"], request.path_params["segment"])
        return StreamingResponse(chunks, media_type="application/octet-stream")

    async def _health(self, _: Request) -> Response:
        peers, rooms, _received = self.shell.worker.count()
        load = {"peers": peers, "rooms": rooms, "draining": self.load.draining, "dropped_datagrams": self.shell.dropped}
        return _json({"ok": True, "epoch": self.shell.worker.epoch, "compiled": self.shell.compiled, **load})

    async def _statistics(self, request: Request) -> Response:
        self.authorise(request)
        return _json(self.shell.worker.statistics())

    async def _read(self, request: Request, kind: type[Message]) -> Message:
        self.authorise(request)
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > MAX_BODY_BYTES:
                raise InvalidInput(f"the request is longer than {MAX_BODY_BYTES} bytes")
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.MsgspecError as error:
            raise InvalidInput(f"the request is not a {kind.__name__}: {error}") from error


class _Stream:
    """The notification stream as an ASGI application: only there can a write that hangs be ended."""

    def __init__(self, control: Control) -> None:
        self._control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._control.stream(Request(scope), receive, send)


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")


async def _fault(_: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, RvwError) else 500
    code = error.code if isinstance(error, RvwError) else "unavailable"
    return Response(msgspec.json.encode(Fault(code, str(error))), status, media_type="application/json")
