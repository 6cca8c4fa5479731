"""A bad line on one machine: a UDP relay with delay, loss and a rate, from a seed.

Browsers are told the relay's port instead of the worker's. Each browser gets a socket of its own towards the worker, so
the worker sees as many addresses as there are browsers, and a line of its own: a rate is not shared. A link may become
better or worse while it runs.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias, cast

Address: TypeAlias = tuple[str, int]

LONGEST_QUEUE_S = 0.3
"""What waits longer for a slow line is dropped, as a router's buffer does."""


@dataclass(frozen=True)
class Line:
    """One direction. `rate_bps` 0 is as fast as the machine."""

    delay_s: float = 0.0
    loss: float = 0.0
    rate_bps: int = 0


class Link:
    """A running relay. `up` and `down` may be changed: what comes from then on goes over the new line."""

    def __init__(self, port: int, up: Line, down: Line) -> None:
        self.port = port
        """Where browsers send to."""
        self.up = up
        self.down = down


class _Direction:
    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._free_at = 0.0

    def carry(self, line: Line, transport: asyncio.DatagramTransport, data: bytes, address: Address | None) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        start = max(now, self._free_at)
        if self._chance.random() < line.loss or start - now > LONGEST_QUEUE_S:
            return
        self._free_at = start + (8 * len(data) / line.rate_bps if line.rate_bps else 0.0)
        loop.call_at(self._free_at + line.delay_s, _send, transport, data, address)


def _send(transport: asyncio.DatagramTransport, data: bytes, address: Address | None) -> None:
    if not transport.is_closing():
        transport.sendto(data, address)


class _Inside(asyncio.DatagramProtocol):
    """The socket of one browser towards the worker."""

    def __init__(self, outside: "_Outside", browser: Address) -> None:
        self._outside = outside
        self._browser = browser
        self._down = _Direction(browser[1])

    def datagram_received(self, data: bytes, _: Address) -> None:
        self._down.carry(self._outside.link.down, self._outside.transport, data, self._browser)


class _Outside(asyncio.DatagramProtocol):
    """The port that browsers send to."""

    def __init__(self, worker: Address, up: Line, down: Line, tasks: asyncio.TaskGroup) -> None:
        self.link = Link(0, up, down)
        self.transport: asyncio.DatagramTransport
        self.inside: dict[Address, asyncio.Future[asyncio.DatagramTransport]] = {}
        self._worker = worker
        self._ways: dict[Address, _Direction] = {}
        self._tasks = tasks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)
        self.link.port = int(transport.get_extra_info("sockname")[1])

    def datagram_received(self, data: bytes, browser: Address) -> None:
        known = self.inside.get(browser)
        if known is None:
            self._ways[browser] = _Direction(browser[1])
            self.inside[browser] = self._tasks.create_task(self._open(browser))
        elif known.done():
            self._ways[browser].carry(self.link.up, known.result(), data, None)

    async def _open(self, browser: Address) -> asyncio.DatagramTransport:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Inside(self, browser), remote_addr=self._worker)
        return transport


@asynccontextmanager
async def link(worker_port: int, up: Line, down: Line) -> AsyncIterator[Link]:
    """Relay to the worker on this machine."""
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as tasks:
        transport, outside = await loop.create_datagram_endpoint(
            lambda: _Outside(("127.0.0.1", worker_port), up, down, tasks), local_addr=("127.0.0.1", 0)
        )
        try:
            yield outside.link
        finally:
            for inside in outside.inside.values():
                if inside.done():
                    inside.result().close()
            transport.close()
