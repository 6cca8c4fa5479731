"""Workers that die while they are spoken to."""

import httpx2
import pytest

from rvw.errors import Unavailable
from signaling.media_client import Wire, Worker


async def test_a_worker_killed_while_it_is_called_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket is closed between connecting and looking at it, where anyio raises what is no HTTP error."""

    async def closed(self: httpx2.AsyncHTTPTransport, request: httpx2.Request) -> httpx2.Response:
        raise AttributeError("'NoneType' object has no attribute 'getpeername'")

    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", closed)
    async with httpx2.AsyncClient(transport=Wire()) as http:
        worker = Worker("http://127.0.0.1:9", http)
        with pytest.raises(Unavailable):
            await worker.spooled()
        with pytest.raises(Unavailable):
            async for _ in worker.notifications():
                pass
        with pytest.raises(Unavailable):
            await worker.join("k1", "v=0")
