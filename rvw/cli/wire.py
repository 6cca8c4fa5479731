"""A page without a browser: one WebSocket of the browser protocol, for the probe, tests and load."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import httpx2
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from rvw.domain.commands import ClientCommand
from rvw.domain.events import Recorded
from rvw.domain.visit import Visit
from rvw.errors import InvalidInput, NotAllowed, RvwError, Unavailable
from rvw.protocol import client, rest, server
from rvw.protocol.codec import SERVER, encode

PING_S = 5.0

Message = TypeVar("Message")
Answer = TypeVar("Answer", bound=server.Done | server.Joined)


class RefusedError(RvwError):
    """The server has refused a command; `code` is the server's."""

    def __init__(self, refused: server.Refused) -> None:
        super().__init__(f"{refused.code}: {refused.text}")
        self.refused = refused


class Wire:
    """A connection after `welcome`. Messages are kept, so that waiting for one that has come returns at once."""

    def __init__(self, connection: ClientConnection, welcome: server.Welcome) -> None:
        self.welcome = welcome
        self.messages: list[server.ServerMessage] = []
        self.arrived: list[float] = []
        """When each message came (`time.monotonic`)."""
        self._connection = connection
        self._news = asyncio.Condition()
        self._refs = 0
        self._closed = False

    async def run(self) -> None:
        """Read until the connection closes."""
        try:
            async for text in self._connection:
                self.messages.append(SERVER.decode(text))
                self.arrived.append(time.monotonic())
                await self._tell()
        except ConnectionClosed:
            pass
        self._closed = True
        await self._tell()

    async def ping(self) -> None:
        """Say every five seconds that the page is alive."""
        while not self._closed:
            await asyncio.sleep(PING_S)
            with suppress(ConnectionClosed):  # `run` tells
                await self._connection.send(encode(client.Ping()).decode())

    async def follow(self) -> AsyncIterator[server.ServerMessage]:
        """Yield every message, those that have come already first, until the connection closes."""
        at = 0
        while True:
            while at < len(self.messages):
                yield self.messages[at]
                at += 1
            async with self._news:
                while at == len(self.messages):
                    if self._closed:
                        return
                    await self._news.wait()

    def drop(self) -> None:
        """Break the connection as a pulled plug does: nobody says goodbye."""
        self._connection.transport.abort()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def until(self, wanted: Callable[[server.ServerMessage], Message | None], since: int = 0) -> Message:
        """Return what `wanted` makes of the first message it does not return `None` for, from message `since` on.

        Raises `Unavailable` when the connection closes first.
        """
        at = since
        async with self._news:
            while True:
                while at < len(self.messages):
                    found = wanted(self.messages[at])
                    at += 1
                    if found is not None:
                        return found
                if self._closed:
                    raise Unavailable("the server has closed the connection")
                await self._news.wait()

    async def event(self, kind: type[Message], visit: str = "", since: int = 0) -> Message:
        """Return the next event of that kind (of that visit)."""

        def wanted(message: server.ServerMessage) -> Message | None:
            if not isinstance(message, server.Happened) or not isinstance(message.recorded.event, kind):
                return None
            of = message.recorded.stream.removeprefix("visit:")
            return message.recorded.event if visit in ("", of) else None

        return await self.until(wanted, since)

    async def shown(self, visit: str) -> Visit:
        """Return the visit, whole, when it is first shown."""
        return await self.until(lambda m: m.visit if isinstance(m, server.Shown) and m.visit.id == visit else None)

    async def do(self, command: ClientCommand, visit: str = "", ref: str = "") -> str:
        """Carry out a command and return the visit's id. Give a `ref` to repeat one whose answer was lost with a line.

        Raises `RefusedError`, and `Unavailable` when the connection closes before the answer.
        """
        ref = ref or self._ref()
        since = len(self.messages)
        await self._send(client.Do(ref, command, visit))
        return (await self.until(_answer(server.Done, ref), since)).visit

    async def join(self, offer: str) -> str:
        """Return the media server's answer to the offer. Raises `RefusedError`."""
        ref = self._ref()
        since = len(self.messages)
        await self._send(client.Join(ref, offer))
        return (await self.until(_answer(server.Joined, ref), since)).answer

    async def _send(self, message: client.ClientMessage) -> None:
        try:
            await self._connection.send(encode(message).decode())
        except ConnectionClosed as error:
            raise Unavailable("the server has closed the connection") from error

    def _ref(self) -> str:
        self._refs += 1
        return f"{id(self):x}-{time.monotonic_ns():x}-{self._refs}"


def _answer(kind: type[Answer], ref: str) -> Callable[[server.ServerMessage], Answer | None]:
    """Return what finds the answer to `ref` among the messages, and raises `RefusedError` if it is a refusal."""

    def wanted(message: server.ServerMessage) -> Answer | None:
        if isinstance(message, server.Refused) and message.ref == ref:
            raise RefusedError(message)
        return message if isinstance(message, kind) and message.ref == ref else None

    return wanted


@asynccontextmanager
async def open_wire(origin: str, token: str, resume: str = "") -> AsyncIterator[Wire]:
    """Connect to the product at `origin` (`https://host:port`) with a token. Raises `NotAllowed` or `Unavailable`."""
    url = f"ws{origin.removeprefix('http')}/ws"
    try:
        async with connect(url, ssl=_ssl(origin), proxy=None, max_size=None) as connection:
            await connection.send(encode(client.Hello(token, resume)).decode())
            welcome = SERVER.decode(await connection.recv())
            if isinstance(welcome, server.Goodbye) and welcome.code == "stopping":
                raise Unavailable(f"{origin} answers that one should come back: {welcome.text}")
            if not isinstance(welcome, server.Welcome):
                raise NotAllowed(f"the server answers {type(welcome).__name__.lower()}")
            wire = Wire(connection, welcome)
            async with asyncio.TaskGroup() as tasks:
                owned = [tasks.create_task(wire.run()), tasks.create_task(wire.ping())]
                try:
                    yield wire
                finally:
                    for task in owned:
                        task.cancel()
    except (OSError, WebSocketException) as error:
        raise Unavailable(f"{origin} does not answer: {type(error).__name__}") from error


def _ssl(origin: str) -> ssl.SSLContext | None:
    """Return a context that takes the self-made certificate of a machine of our own, as the tests of it must."""
    if not origin.startswith("https"):
        return None
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Http:
    """The REST interface, as the pages use it."""

    def __init__(self, origin: str) -> None:
        self._origin = origin

    async def login(self, user: str, password: str) -> rest.Session:
        """Sign in."""
        return await self._post("/api/login", rest.Login(user, password), rest.Session)

    async def enrol(self, code: str) -> rest.Session:
        """Enrol a kiosk."""
        return await self._post("/api/enrol", rest.Enrol(code), rest.Session)

    async def new_enrolment(self, kiosk: str, token: str) -> rest.NewEnrolment:
        """Make a one-time code for a kiosk."""
        return await self._post(f"/api/kiosks/{kiosk}/enrolment", None, rest.NewEnrolment, token)

    async def media(self, token: str) -> rest.MediaPool:
        """Return the media workers, as supervisors are shown them."""
        return await self._ask("GET", "/api/media", None, rest.MediaPool, token)

    async def health(self) -> rest.Health:
        """Return whether every part answers."""
        return await self._ask("GET", "/api/health", None, rest.Health, "")

    async def events(self, visit: str, token: str) -> tuple[Recorded, ...]:
        """Return what has happened in a visit, for a supervisor."""
        return (await self._ask("GET", f"/api/visits/{visit}/events", None, rest.Events, token)).events

    async def ice(self, token: str) -> rest.IceServers:
        """Return the relays, with credentials."""
        return await self._ask("GET", "/api/ice", None, rest.IceServers, token)

    async def _post(self, path: str, body: msgspec.Struct | None, answer: type[Message], token: str = "") -> Message:
        return await self._ask("POST", path, body, answer, token)

    async def _ask(self, method: str, path: str, body: msgspec.Struct | None, answer: type[Message], token: str) -> Message:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            async with httpx2.AsyncClient(verify=_ssl(self._origin) or True, timeout=10.0) as http:
                content = encode(body) if body else None
                response = await http.request(method, f"{self._origin}{path}", content=content, headers=headers)
        except httpx2.HTTPError as error:
            raise Unavailable(f"{self._origin} does not answer: {type(error).__name__}") from error
        try:
            if response.status_code == httpx2.codes.OK or answer is rest.Health:  # ill health is an answer too
                return msgspec.json.decode(response.content, type=answer)
            problem = msgspec.json.decode(response.content, type=rest.Problem)
        except msgspec.DecodeError as error:
            raise InvalidInput(f"{path} answers {response.status_code}, which is not of this product") from error
        raise NotAllowed(f"{path}: {problem.code}: {problem.text}")
