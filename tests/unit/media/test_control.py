"""Readers of notifications, in step with the worker or cut off."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.types import Message

from media.control import QUEUED_NOTIFICATIONS, Reader
from rvw.protocol.media import PeerConnected


class Line:
    """The ASGI end of a client that reads `taken` messages and then hangs, until it goes."""

    def __init__(self, taken: int) -> None:
        self.sent: list[Message] = []
        self.full = asyncio.Event()
        self.gone = asyncio.Event()
        self._taken = taken

    async def send(self, message: Message) -> None:
        if len(self.sent) >= self._taken:
            self.full.set()
            await asyncio.Event().wait()
        self.sent.append(message)

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}


@pytest.fixture
async def tasks() -> AsyncIterator[asyncio.TaskGroup]:
    async with asyncio.TaskGroup() as group:
        yield group


async def test_a_slow_reader_is_cut_off(tasks: asyncio.TaskGroup) -> None:
    """Even while it hangs in the middle of a write; what waits for it is bounded."""
    reader, line = Reader(), Line(taken=1)
    running = tasks.create_task(reader.run(line.receive, line.send))
    reader.put(PeerConnected("kiosk"))
    await line.full.wait()
    for _ in range(QUEUED_NOTIFICATIONS):
        reader.put(PeerConnected("kiosk"))
    assert not running.done()
    reader.put(PeerConnected("kiosk"))
    reader.put(PeerConnected("kiosk"))
    await asyncio.wait_for(running, 5)


async def test_a_reader_that_goes_ends_its_stream(tasks: asyncio.TaskGroup) -> None:
    """Having read what was there, a line each."""
    reader, line = Reader(), Line(taken=3)
    running = tasks.create_task(reader.run(line.receive, line.send))
    reader.put(PeerConnected("kiosk"))
    reader.put(PeerConnected("officer"))
    reader.put(PeerConnected("host"))
    await line.full.wait()
    line.gone.set()
    await asyncio.wait_for(running, 5)
    assert line.sent[0]["status"] == 200
    assert [message["body"] for message in line.sent[1:]] == [
        b'{"type":"peer_connected","peer":"kiosk"}\n',
        b'{"type":"peer_connected","peer":"officer"}\n',
    ]
