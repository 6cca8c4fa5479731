"""A WebSocket that costs its process next to nothing, so that what is measured beside it is the server.

Eight thousand messages a second, read by a library in one Python process, fill a core: then the bench is late, and not
the server. This one knows just enough of RFC 6455 for a server of ours: text that is neither fragmented nor compressed,
pings answered, everything else taken for the end.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import cast

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from rvw.errors import Unavailable

Hear = Callable[[bytes, float], None]
"""Called with each message and when it was read (`time.perf_counter`)."""

_SHORT, _LONG = 126, 127
"""RFC 6455, section 5.2: these lengths say that the real one follows in two or in eight bytes."""


def frames(data: bytearray) -> Iterator[tuple[int, bytes]]:
    """Take the whole frames from the front of `data`, as opcode and content. What a server sends is not masked."""
    at = 0
    while len(data) - at >= 2:
        size, head = data[at + 1], 2
        if size == _SHORT:
            size, head = int.from_bytes(data[at + 2 : at + 4]), 4
        elif size == _LONG:
            size, head = int.from_bytes(data[at + 2 : at + 10]), 10
        if len(data) - at < head + size:
            break
        yield data[at] & 15, bytes(data[at + head : at + head + size])
        at += head + size
    del data[:at]


class ThinSocket(asyncio.Protocol):
    """One connection; `opened` when the server has agreed."""

    def __init__(self, url: str, hear: Hear) -> None:
        self._handshake = ClientProtocol(parse_uri(url))
        self._hear = hear
        self._data = bytearray()
        self._transport: asyncio.Transport
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        self._transport = cast("asyncio.Transport", transport)
        self._handshake.send_request(self._handshake.connect())
        self._transport.writelines(self._handshake.data_to_send())

    def data_received(self, data: bytes) -> None:
        """Hand over what is whole."""
        now = time.perf_counter()
        if not self.opened.done():  # a server of ours says nothing between its agreeing and our hello
            self._handshake.receive_data(data)
            self._agree(self._handshake.handshake_exc)
            return
        self._data += data
        for kind, content in frames(self._data):
            if kind == Opcode.TEXT:
                self._hear(content, now)
            elif kind == Opcode.PING:
                self._transport.write(Frame(Opcode.PONG, content).serialize(mask=True))
            else:
                self._transport.close()

    def _agree(self, error: Exception | None) -> None:
        if error is not None:
            self.opened.set_exception(error)
        elif self._handshake.events_received():
            self.opened.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let nobody wait for the server's agreeing."""
        if not self.opened.done():
            self._agree(exc or Unavailable("the server has closed the connection"))

    def send(self, message: bytes) -> None:
        """Send a text."""
        self._transport.write(Frame(Opcode.TEXT, message).serialize(mask=True))


@asynccontextmanager
async def open_thin(origin: str, hear: Hear) -> AsyncIterator[ThinSocket]:
    """Connect to the product at `origin` (`http://host:port`). Raises `OSError`, `Unavailable` or the handshake's error."""
    place = origin.removeprefix("http://")
    host, _, port = place.partition(":")
    loop = asyncio.get_running_loop()
    transport, socket = await loop.create_connection(lambda: ThinSocket(f"ws://{place}/ws", hear), host, int(port))
    try:
        await socket.opened
        yield socket
    finally:
        transport.close()
