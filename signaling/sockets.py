"""WebSockets as the gateway writes to them: frames that are ready, at once, without a task being woken for each.

A stroke goes to three pages, a change of the board to hundreds. uvicorn's protocol encodes and frames each message for each
socket, through five coroutines and a task that has to wake up first; here a message is framed once (`texts`) and handed to
the transport, which sends what one turn of the loop has written together. A page that is behind is not written to: its
messages wait in the socket's bounded outbox.
"""

from collections.abc import Callable
from typing import TypeAlias

from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN

WriteNow: TypeAlias = Callable[[bytes], bool]
"""Writes a whole frame. False: the page is behind, or gone, and nothing was written."""

_EXTENSION = "rvw.write"


class ReadyProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, which also takes frames that are ready: an extension of ASGI, in the scope."""

    async def run_asgi(self) -> None:
        """Serve the connection."""
        self.scope["extensions"][_EXTENSION] = self._write_now  # type: ignore[assignment]  # its own are typed
        await super().run_asgi()

    def _write_now(self, frame: bytes) -> bool:
        behind = not self.writable.is_set()
        over = self.disconnected or self.close_sent or not self.handshake_complete or self.conn.state is not OPEN
        if behind or over:
            return False
        self.transport.write(frame)
        return True


def writer(websocket: WebSocket) -> WriteNow:
    """Return what writes to the socket at once. It is served by `ReadyProtocol`."""
    write_now: WriteNow = websocket.scope["extensions"][_EXTENSION]
    return write_now


def framed(text: bytes) -> bytes:
    """Return a text as a frame of the server: whole, not masked (RFC 6455, section 5.1), not compressed."""
    return Frame(Opcode.TEXT, text).serialize(mask=False)
