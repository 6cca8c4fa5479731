"""The shipped configuration of coturn leads to media workers and nowhere else: it is no way into the network behind it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aioice import stun, turn

from rvw.domain.people import Actor, Role
from rvw.settings import Turn
from signaling.turn import Relays
from tests.fakes.relay import SECRET, relay

FORBIDDEN = 403
"""RFC 8656, section 18.6."""


class Ear(asyncio.DatagramProtocol):
    """A socket that notes what comes."""

    def __init__(self) -> None:
        self.heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, _: Any) -> None:
        if not self.heard.done():
            self.heard.set_result(data)


@asynccontextmanager
async def ear(host: str) -> AsyncIterator[tuple[Ear, tuple[str, int]]]:
    """Listen at any port of `host`."""
    transport, one = await asyncio.get_running_loop().create_datagram_endpoint(Ear, local_addr=(host, 0))
    try:
        yield one, transport.get_extra_info("sockname")
    finally:
        transport.close()


async def test_a_peer_that_is_no_worker_is_refused(tmp_path: Path) -> None:
    """A page with good credentials: what it sends to the worker's address arrives, elsewhere it is refused and does not."""
    async with (
        relay(tmp_path / "relay") as running,
        ear("127.0.0.1") as (worker, allowed),
        ear("127.0.0.2") as (other, forbidden),
    ):
        relays = Relays(Turn(urls=(running.udp,), secret=SECRET), ("VP8",), time.time)
        server = relays.servers(Actor("kiosk-1", Role.KIOSK, "Kiosk 1", "pudong")).servers[0]
        host, port = running.udp.removeprefix("turn:").split("?")[0].split(":")
        relayed, _ = await turn.create_turn_endpoint(
            asyncio.DatagramProtocol, (host, int(port)), server.username, server.credential
        )
        inner: Any = vars(relayed)["_TurnTransport__inner_protocol"]  # `sendto` tells nobody of a refusal
        try:
            await inner.send_data(b"to a worker", allowed)
            assert await asyncio.wait_for(worker.heard, 5) == b"to a worker"
            for elsewhere in (forbidden, ("10.0.0.1", 22), ("169.254.169.254", 80)):
                with pytest.raises(stun.TransactionFailed) as refused:
                    await inner.send_data(b"to somebody else", elsewhere)
                assert refused.value.response.attributes["ERROR-CODE"][0] == FORBIDDEN
            assert not other.heard.done()
        finally:
            relayed.close()
