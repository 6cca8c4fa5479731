"""One WebSocket: hello, then snapshot and events out, commands in. Decides nothing.

Messages are written at once. Those for a page that is behind wait in a bounded outbox; one that overflows closes the socket
as slow, and the page resumes with what it missed. Nothing the page says about its identity is believed but the token.
"""

import secrets
from asyncio import Event, TaskGroup, sleep, timeout
from collections import deque
from collections.abc import Awaitable, Callable

import structlog
from msgspec import Struct
from starlette.websockets import WebSocket, WebSocketDisconnect

from rvw.clock import Clock
from rvw.domain.board import Board, visit_of
from rvw.domain.commands import Enter, Restore, SetPresence
from rvw.domain.effects import routes
from rvw.domain.notice import heard
from rvw.domain.people import SYSTEM, Actor, Role
from rvw.domain.policy import authorities, concerns, listens_to, may_see
from rvw.domain.shift import Shift
from rvw.domain.visit import Visit
from rvw.errors import InvalidInput, NotFound, NotSignedIn, RvwError, TooMany, Unavailable
from rvw.protocol import client, server
from rvw.protocol.codec import CLIENT, encode
from signaling.board import SharedBoard
from signaling.doorway import Doorway
from signaling.effects import Bindings
from signaling.gestures import Gestures
from signaling.glances import Glances
from signaling.hub import Hub, deliver, shown_to
from signaling.keeping.audit import Audit
from signaling.ledger import Ledger
from signaling.limits import Buckets
from signaling.media_client import MediaWorkers
from signaling.office import Office
from signaling.qualities import Qualities
from signaling.rejoin import Rejoins
from signaling.sockets import writer
from signaling.tail import Missed
from signaling.texts import Texts

log = structlog.get_logger()

HELLO_S = 10.0
"""How long a socket may stay open without saying who it is."""

SIGNED_IN_CHECK_S = 30.0
"""How long a revoked account may still have an open page."""

GOODBYE_S = 1.0
"""How long a goodbye may take."""


class Limits(Struct, frozen=True):
    """The bounds of one socket."""

    max_message_bytes: int
    outbox_messages: int
    lease_s: float


class Closing(Exception):
    """Raised inside a socket's tasks to close it with a goodbye."""

    def __init__(self, goodbye: server.Goodbye) -> None:
        super().__init__(goodbye.code)
        self.goodbye = goodbye


class Parts(Struct, frozen=True):
    """What a socket works with."""

    hub: Hub
    office: Office
    ledger: Ledger
    shared: SharedBoard
    board: Board
    media: MediaWorkers
    bindings: Bindings
    rejoins: Rejoins
    qualities: Qualities
    gestures: Gestures
    glances: Glances
    texts: Texts
    audit: Audit
    identify: Callable[[str], Awaitable[Actor]]
    gone: Callable[[str], Awaitable[None]]
    commands: Buckets
    doorway: Doorway
    clock: Clock
    limits: Limits


class Socket:
    """The connection of one actor; also the listener that the hub knows."""

    def __init__(self, websocket: WebSocket, actor: Actor, token: str, parts: Parts) -> None:
        self.actor = actor
        self._token = token
        self.id = secrets.token_hex(8)
        self.heard_at = parts.clock()
        self._websocket = websocket
        self._parts = parts
        self._write_now = writer(websocket)
        self._outbox: deque[server.ServerMessage | str] = deque()
        self._ready = Event()
        self._resting = False
        """Nothing is being written by `_write`: with an empty outbox, nothing comes before what is written at once."""
        self._closing = Event()
        self._goodbye = server.Goodbye("stopping")
        self._shown: dict[str, int] = {}

    def send(self, message: server.ServerMessage) -> None:
        """Write a message to the page, after what waits for it."""
        if self._resting and not self._outbox:
            told = self._told(message)
            if told is None or self._write_now(self._parts.texts.of(told).frame):
                return
        self._queue(message)

    def show(self, visit: str) -> None:
        """Queue a whole visit for the page."""
        self._queue(visit)

    def close(self, goodbye: server.Goodbye) -> None:
        """Let the socket say goodbye and close, leaving what is queued."""
        if not self._closing.is_set():
            self._goodbye = goodbye
            self._closing.set()

    def _queue(self, item: server.ServerMessage | str) -> None:
        if len(self._outbox) >= self._parts.limits.outbox_messages:
            self.close(server.Goodbye("slow", "too many messages were waiting"))
            return
        self._outbox.append(item)
        self._ready.set()

    async def run(self, resume: str) -> None:
        """Serve the page until either side ends it."""
        await self._welcome(resume)
        try:
            async with TaskGroup() as tasks:
                tasks.create_task(self._write())
                tasks.create_task(self._read())
                tasks.create_task(self._watch())
                tasks.create_task(self._stay_signed_in())
        except* WebSocketDisconnect:
            pass
        except* Closing as group:
            closing = group.exceptions[0]
            if isinstance(closing, Closing):
                await _refuse(self._websocket, closing.goodbye)

    async def _welcome(self, resume: str) -> None:
        parts = self._parts
        seq = parts.hub.seq
        missed = self._missed(resume) if resume else None
        visits, shifts = ((), ()) if missed is not None else (await self._visits(), self._shifts())
        now = parts.clock()
        notices = () if missed is not None else heard(parts.board.notices.values(), listens_to(self.actor), now)
        welcome = server.Welcome(self.actor, seq, now, missed is not None, visits, shifts, notices)
        later, self._outbox = self._outbox, deque([welcome])
        self._shown = {visit.id: visit.version for visit in visits}
        for one, entry in missed or []:
            deliver(self, entry, server.Happened(one, entry.recorded))
        self._outbox.extend(later)
        for quality in parts.qualities.about(self.actor.id):
            self.send(quality)
        if resume and await parts.rejoins.resumed(self.actor, parts.media.workers):
            self.send(server.Rejoin("lost"))
        self._ready.set()

    def _missed(self, resume: str) -> Missed | None:
        """Return the entries to replay; `None` when a snapshot is shorter or the log's tail does not reach back."""
        missed = self._parts.hub.tail.after(resume)
        topics = listens_to(self.actor)
        seen = [one for one in missed or [] if not topics.isdisjoint((*one[1].to, *one[1].gone))]
        return None if missed is None or len(seen) > self._parts.limits.outbox_messages // 4 else seen

    async def _visits(self) -> tuple[Visit, ...]:
        found = []
        for line in [one for one in self._parts.board.lines.values() if concerns(self.actor, one)]:
            try:
                visit = await self._parts.ledger.visit(line.id)
            except NotFound:
                continue
            if may_see(self.actor, visit):  # the board may be a moment behind
                found.append(shown_to(self.actor, visit))
        return tuple(found)

    def _shifts(self) -> tuple[Shift, ...]:
        shifts = self._parts.board.shifts.values()
        if self.actor.role is Role.SUPERVISOR:
            return tuple(shift for shift in shifts if shift.authority in authorities(self.actor))
        return tuple(shift for shift in shifts if shift.actor == self.actor.id)

    async def _write(self) -> None:
        while True:
            self._resting = True
            await self._ready.wait()
            self._resting = False
            self._ready.clear()
            while self._outbox:
                message = await self._resolved(self._outbox.popleft())
                if message is not None:
                    await self._websocket.send_text(self._parts.texts.of(message).text.decode())

    async def _watch(self) -> None:
        """Close when asked to: apart from `_write`, which a page that reads nothing keeps waiting for ever."""
        await self._closing.wait()
        raise Closing(self._goodbye)

    async def _resolved(self, item: server.ServerMessage | str) -> server.ServerMessage | None:
        """Return what to send now: a visit whole for its id, or what `_told` says."""
        if isinstance(item, str):
            try:
                visit = await self._parts.ledger.visit(item)
            except RvwError:
                return server.Hidden(self._parts.hub.seq, item)
            self._shown[item] = visit.version
            return server.Shown(self._parts.hub.seq, shown_to(self.actor, visit))
        return self._told(item)

    def _told(self, item: server.ServerMessage) -> server.ServerMessage | None:
        """Return the message, or nothing for an event that a snapshot already holds."""
        if isinstance(item, server.Happened):
            held = self._shown.get(item.recorded.stream.removeprefix("visit:"), 0)
            return None if item.recorded.version <= held else item
        if isinstance(item, server.Hidden):
            self._shown.pop(item.visit, None)
        return item

    async def _stay_signed_in(self) -> None:
        """Close when the account or kiosk has been revoked, or the token's time is over."""
        while True:
            await sleep(SIGNED_IN_CHECK_S)
            try:
                await self._parts.identify(self._token)
            except NotSignedIn as error:
                raise Closing(server.Goodbye("not_signed_in", str(error))) from error
            except Unavailable:
                continue  # the records do not answer: nobody is sent away for that

    async def _read(self) -> None:
        while True:
            text = await _text(self._websocket)
            self.heard_at = self._parts.clock()
            if len(text) > self._parts.limits.max_message_bytes:
                raise Closing(server.Goodbye("bad_request", "the message is too long"))
            try:
                message = CLIENT.decode(text)
            except InvalidInput as error:
                raise Closing(server.Goodbye("bad_request", str(error))) from error
            await self._take(message)

    async def _take(self, message: client.ClientMessage) -> None:
        match message:
            case client.Ping():
                self.send(server.Pong(self._parts.clock()))
            case client.Do(ref) | client.Join(ref) | client.Echo(ref):
                try:
                    await self._serve(message)
                except RvwError as error:
                    self.send(server.Refused(ref, error.code, str(error)))
            case client.Gesture() | client.Typing():
                await self._parts.gestures.relay(self.actor, message, self._parts.clock())
            case client.Glance():
                await self._parts.glances.relay(self.actor, message, self._parts.clock())
            case client.Hello():
                raise Closing(server.Goodbye("bad_request", "hello is said once"))

    async def _serve(self, message: client.Do | client.Join | client.Echo) -> None:
        if not self._parts.commands.take(self.actor.id, self._parts.clock()):
            raise TooMany("too many commands at once: slower, please")
        match message:
            case client.Do(ref, command, visit):
                if self.actor.role is Role.SUPERVISOR and isinstance(command, Enter):
                    await self._parts.audit.note(self.actor, "saw", visit, f"talk, to {command.mode}")
                done = await self._parts.office.perform(self.actor, command, visit, ref)
                self.send(server.Done(ref, done))
            case client.Join(ref, offer):
                self.send(server.Joined(ref, await self._join(offer)))
            case client.Echo(ref, path, offer):
                self.send(server.Joined(ref, await self._parts.media.echo(f"echo:{self.actor.id}:{path}", offer)))

    async def _join(self, offer: str) -> str:
        """Connect the page's media at its node, and bind what the visit demands should the node not know."""
        parts, actor = self._parts, self.actor
        visit = await self._current()
        while True:
            worker = await parts.bindings.home(actor.id, visit)
            try:
                answer = await worker.join(actor.id, offer)
                break
            except Unavailable:
                if worker.alive:
                    raise
        await parts.shared.place(actor.id, worker.url)
        if visit is not None and routes(visit):
            await parts.bindings.apply(visit)
        return answer

    async def _current(self) -> Visit | None:
        """Return the open visit the actor takes part in."""
        visit = visit_of(self._parts.board, self.actor.id)
        return await self._parts.ledger.visit(visit) if visit else None

    async def present(self) -> None:
        """Tell that the actor is here: a kiosk is ready, and a visit that missed the actor is whole again."""
        parts = self._parts
        if self.actor.role is Role.KIOSK:
            await parts.office.perform(self.actor, SetPresence("ready"))
        visit = await self._current()
        if visit is not None and any(i.actor == self.actor.id for i in visit.interruptions):
            await parts.office.perform(SYSTEM, Restore(self.actor.id), visit.id)


async def serve(websocket: WebSocket, parts: Parts) -> None:
    """Serve one WebSocket from hello to goodbye."""
    await websocket.accept()
    address = websocket.client.host if websocket.client else ""
    try:
        with parts.doorway.enter(address, len(parts.hub)):
            hello = await _hello(websocket)
            actor = await parts.identify(hello.token)
    except Closing as closing:
        await _refuse(websocket, closing.goodbye)
        return
    except TooMany as error:
        await _refuse(websocket, server.Goodbye("too_many", str(error)))
        return
    except NotSignedIn as error:
        await _refuse(websocket, server.Goodbye("not_signed_in", str(error)))
        return
    except (WebSocketDisconnect, Unavailable):
        return
    socket = Socket(websocket, actor, hello.token, parts)
    try:  # before the hub has it: who looks in between would take the newest socket for one that is superseded
        await parts.shared.come(actor.id, socket.id, parts.clock() + parts.limits.lease_s)
    except Unavailable:
        await _refuse(websocket, server.Goodbye("stopping", "the live store does not answer"))
        return
    earlier = parts.hub.add(socket)
    if isinstance(earlier, Socket):
        earlier.close(server.Goodbye("superseded", "the same account has connected elsewhere"))
    try:
        await socket.present()
        await socket.run(hello.resume)
    except Unavailable:
        await _refuse(websocket, server.Goodbye("stopping", "the live store does not answer"))
    except WebSocketDisconnect:
        pass
    finally:
        parts.hub.remove(socket)
        if parts.hub.of(actor.id) is None:
            await _gone(actor.id, parts)


async def _gone(actor: str, parts: Parts) -> None:
    try:
        await parts.gone(actor)
    except Unavailable:
        return  # the lease runs out by itself


async def _hello(websocket: WebSocket) -> client.Hello:
    try:
        async with timeout(HELLO_S):
            message = CLIENT.decode(await _text(websocket))
    except (TimeoutError, InvalidInput) as error:
        raise Closing(server.Goodbye("bad_request", "the first message is hello")) from error
    if not isinstance(message, client.Hello):
        raise Closing(server.Goodbye("bad_request", "the first message is hello"))
    return message


async def _text(websocket: WebSocket) -> str:
    """Return the next text frame. Raises `Closing` for a binary one, `WebSocketDisconnect` at the end."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"], message.get("reason"))
    text: str | None = message.get("text")
    if text is None:
        raise Closing(server.Goodbye("bad_request", "messages are text, not binary"))
    return text


async def _refuse(websocket: WebSocket, goodbye: server.Goodbye) -> None:
    """Say goodbye and close, without waiting long for a page that does not read."""
    try:
        async with timeout(GOODBYE_S):
            await websocket.send_text(encode(goodbye).decode())
            await websocket.close()
    except (RuntimeError, WebSocketDisconnect, TimeoutError):
        return
