"""The socket of the simulated bridge: pages of this window's origin at `/`, script lines at `/script`.

It listens on the loopback address only. A page of any other origin is refused before a word is said: browsers let every
page open sockets to this machine, and name the origin truthfully (RFC 6455, section 10.2). Script lines come from programs,
which have no origin; a page cannot leave its own out.
"""

import asyncio
import base64
import os
import stat
import sys
import tomllib
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

import msgspec
from websockets.asyncio.client import connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from rvw.cli.devices import pictures
from rvw.cli.devices.bench import Bench, Makers, SimPerson
from rvw.cli.devices.issuer import Issuer
from rvw.clock import Clock, Seconds
from rvw.errors import InvalidInput, InvalidSettings, Unavailable
from rvw.protocol import devices as d
from rvw.protocol.codec import Codec, encode

MAX_MESSAGE_BYTES = d.MAX_PAPER + 10_000
PAGE: Codec[d.PageToBridge] = Codec(d.PageToBridge)


class _People(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    person: tuple[SimPerson, ...]


def people_of(text: str) -> Mapping[str, SimPerson]:
    """Return the made-up people of a file. Raises `InvalidSettings`."""
    try:
        found = msgspec.convert(tomllib.loads(text), _People)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InvalidSettings(f"the people of device-sim: {error}") from error
    return {person.id: person for person in found.person}


class Bridge:
    """The simulated bridge of one kiosk."""

    def __init__(self, people: Mapping[str, SimPerson], issuer: Issuer, origins: tuple[str, ...], printed: Path) -> None:
        self._origins = origins
        self._printed = printed
        self._page: ServerConnection | None = None
        makers = Makers(pictures.face, pictures.paper, issuer.code, issuer.verdict)
        self.bench = Bench(people, makers, self._say)
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._outbox: asyncio.Queue[tuple[ServerConnection, bytes]] = asyncio.Queue()

    async def listen(self, port: int) -> Server:
        """Listen at the loopback address."""
        return await serve(
            self._serve, "127.0.0.1", port, process_request=self._check, max_size=MAX_MESSAGE_BYTES, close_timeout=1
        )

    async def write(self) -> None:
        """Send what the bench says, in its order."""
        while True:
            page, message = await self._outbox.get()
            try:
                await page.send(message.decode())
            except ConnectionClosed:
                continue

    def _check(self, connection: ServerConnection, request: Request) -> Response | None:
        origin = request.headers.get("Origin")
        known = origin in self._origins if request.path == "/" else request.path == "/script" and origin is None
        return None if known else connection.respond(HTTPStatus.FORBIDDEN, "this origin has no business here\n")

    async def _serve(self, connection: ServerConnection) -> None:
        scripted = connection.request is not None and connection.request.path == "/script"
        try:
            async for text in connection:
                if scripted:
                    await connection.send(self.script(text if isinstance(text, str) else text.decode()))
                else:
                    self._take(connection, text)
        except ConnectionClosed:
            pass
        finally:
            if self._page is connection:
                self._page = None

    def script(self, line: str) -> str:
        """Do what a line says, and return what was done, or why not."""
        try:
            return self.bench.script(line)
        except InvalidInput as error:
            return f"no: {error}"

    def _take(self, page: ServerConnection, text: str | bytes) -> None:
        try:
            message = PAGE.decode(text)
        except InvalidInput as error:
            answer = d.DeviceFailed("", "not_understood", str(error))
            self._outbox.put_nowait((page, encode(answer)))
            return
        if isinstance(message, d.AttachBridge):
            self._page = page
        elif page is not self._page:
            return  # another page has taken its place
        if isinstance(message, d.ReadCard | d.ReadCode | d.TakeSignature | d.AskVerdict):
            loop = asyncio.get_running_loop()
            self._timers[message.ref] = loop.call_later(message.within_s, self._expire, message.ref)
        self.bench.take(message)
        self._keep_printed()

    def _expire(self, ref: str) -> None:
        self._timers.pop(ref, None)
        self.bench.expire(ref)

    def _say(self, message: d.BridgeToPage, delay_s: Seconds) -> None:
        if timer := self._timers.pop(getattr(message, "ref", ""), None):
            timer.cancel()
        page = self._page
        if page is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(delay_s, self._outbox.put_nowait, (page, encode(message)))

    def _keep_printed(self) -> None:
        for name, pdf in self.bench.printed:
            self._printed.mkdir(parents=True, exist_ok=True)
            number = len(list(self._printed.iterdir())) + 1
            (self._printed / f"{number:03d}.pdf").write_bytes(base64.b64decode(pdf))
            print(f"printed {name} as {self._printed / f'{number:03d}.pdf'}", flush=True)
        self.bench.printed.clear()


async def run(port: int, origins: tuple[str, ...], people: str, data: Path, clock: Clock) -> None:
    """Run the bridge, and take script lines from the keyboard. Raises `InvalidSettings`."""
    bridge = Bridge(people_of(people), Issuer(data, clock), origins, data / "printed")
    try:
        listening = await bridge.listen(port)
    except OSError as error:
        raise InvalidSettings(f"port {port} of this machine: {error.strerror}") from error
    async with listening, asyncio.TaskGroup() as tasks:
        tasks.create_task(bridge.write())
        print(f"devices of a kiosk at ws://127.0.0.1:{port}, for pages of {', '.join(origins)}", flush=True)
        await _read_lines(bridge)


async def _read_lines(bridge: Bridge) -> None:
    """Do what is typed; what is typed no more leaves the devices as they are."""
    if not (sys.stdin.isatty() or stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode)):
        return  # nobody types: a file, or nothing at all
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := (await reader.readline()).decode().strip():
        print(bridge.script(line), flush=True)


async def say(port: int, line: str) -> str:
    """Let a running bridge do what a line says, and return its answer. Raises `Unavailable` when there is none."""
    try:
        async with connect(f"ws://127.0.0.1:{port}/script") as connection:
            await connection.send(line)
            answer = await connection.recv()
    except (OSError, ConnectionClosed) as error:
        raise Unavailable(f"no rvw device-sim runs at port {port}: {error}") from error
    return answer if isinstance(answer, str) else answer.decode()
