"""A page's WebSocket, over real ones: what is written at once and what had to wait come in one order, each exactly once."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import connect

from rvw.domain.people import Actor, Role
from rvw.protocol import server
from rvw.protocol.codec import SERVER
from signaling.gateway import Limits, Parts, Socket
from signaling.sockets import ReadyProtocol, framed, writer
from signaling.texts import Texts

Serve = Callable[[WebSocket], Awaitable[None]]


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[str]:
    """Serve WebSockets as the product does; give their address. Who connects before it is up waits for it."""
    application = Starlette(routes=[WebSocketRoute("/ws", serve)])
    config = uvicorn.Config(
        application,
        ws=ReadyProtocol,
        ws_per_message_deflate=False,
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    one = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(one.serve(sockets=[listener]))
            try:
                yield f"ws://127.0.0.1:{listener.getsockname()[1]}/ws"
            finally:
                one.should_exit = True


@pytest.mark.parametrize("text", ["", "短", "a" * 125, "a" * 126, "字" * 30_000, "a" * 70_000])
async def test_a_frame_of_any_length_is_read_as_the_text_it_was(text: str) -> None:
    """Lengths of RFC 6455 in one, two and eight bytes."""

    async def serve(websocket: WebSocket) -> None:
        await websocket.accept()
        assert writer(websocket)(framed(text.encode()))
        await websocket.receive()

    async with serving(serve) as url, connect(url, max_size=None) as client:
        assert await client.recv() == text


async def test_nothing_is_written_to_a_page_that_is_gone() -> None:
    """Nor to one that has said that it goes: the caller is told, and keeps what it has."""
    told: asyncio.Future[list[bool]] = asyncio.get_running_loop().create_future()

    async def serve(websocket: WebSocket) -> None:
        await websocket.accept()
        write, answers = writer(websocket), []
        answers.append(write(framed(b"here")))
        while (await websocket.receive())["type"] != "websocket.disconnect":
            pass
        answers.append(write(framed(b"gone")))
        told.set_result(answers)

    async with serving(serve) as url:
        async with connect(url) as client:
            assert await client.recv() == "here"
        assert await told == [True, False]


BURST = 4_000
"""Messages of two kilobytes: more than all buffers between the two hold."""


async def test_a_page_that_is_behind_gets_everything_in_order_when_it_reads_again() -> None:
    """What finds no room waits in the socket's outbox; what comes later does not overtake it."""
    sockets: asyncio.Queue[Socket] = asyncio.Queue()
    serve = partial(_page, sockets, BURST)
    async with serving(serve) as url, connect(url, max_size=None, max_queue=1) as client:
        page = await sockets.get()
        for number in range(BURST):
            page.send(server.Done(f"{number}", "v" * 2_000))
        assert len(page._outbox) > 0, "the page was to be behind"
        for number in range(BURST):
            said = SERVER.decode(await client.recv())
            assert isinstance(said, server.Done)
            assert said.ref == f"{number}"
        page.send(server.Done("last"))
        assert SERVER.decode(await client.recv()) == server.Done("last")
        assert not page._outbox


async def test_a_page_that_never_reads_is_closed_as_slow() -> None:
    """Its outbox is bounded, whatever is written at once."""
    sockets: asyncio.Queue[Socket] = asyncio.Queue()
    serve = partial(_page, sockets, 10)
    async with serving(serve) as url, connect(url, max_size=None, max_queue=1) as client:
        page = await sockets.get()
        for number in range(BURST):
            page.send(server.Done(f"{number}", "v" * 2_000))
        assert len(page._outbox) == 10
        assert page._closing.is_set()
        assert page._goodbye.code == "slow"
        client.transport.abort()  # it answers no closing either


async def _page(sockets: asyncio.Queue[Socket], outbox: int, websocket: WebSocket) -> None:
    """Serve a page with the gateway's own socket and nothing around it, until the page goes."""
    await websocket.accept()
    nothing: dict[str, Any] = dict.fromkeys(Parts.__struct_fields__)
    parts = Parts(**nothing | {"texts": Texts(), "clock": lambda: 0.0, "limits": Limits(1 << 20, outbox, 10.0)})
    page = Socket(websocket, Actor("kiosk-1", Role.KIOSK, "终端", "pudong"), "token", parts)
    try:
        async with asyncio.TaskGroup() as tasks:
            writing = tasks.create_task(page._write())
            await asyncio.sleep(0)  # it rests now
            sockets.put_nowait(page)
            while (await websocket.receive())["type"] != "websocket.disconnect":
                pass
            writing.cancel()
    except* WebSocketDisconnect:
        pass  # while it was being written to
