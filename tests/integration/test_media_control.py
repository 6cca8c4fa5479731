"""A media worker as its own process, spoken to over HTTP as signaling does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx2
import msgspec
import pytest
import pytest_asyncio

from rvw.protocol.media import Alive, Fault, Joined, Notification, WorkerStarted
from tests.browser.media_worker import RunningWorker, media_worker
from tests.unit.media.browser import offer_text


@pytest_asyncio.fixture(scope="module")
async def worker() -> AsyncIterator[RunningWorker]:
    async with media_worker() as running:
        yield running


def fault(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, msgspec.json.decode(response.content, type=Fault).code


async def test_a_join_is_answered_with_every_candidate(worker: RunningWorker) -> None:
    """And with the epoch that the health check tells."""
    joined = msgspec.convert(await worker.ask("join", {"peer": "kiosk", "offer": offer_text()}), Joined)
    assert f" 127.0.0.1 {worker.udp_port} typ host" in joined.answer
    health = (await worker.http.get("/v1/health", headers={"authorization": ""})).json()
    assert (health["ok"], health["epoch"], health["peers"]) == (True, joined.epoch, 1)
    assert await worker.ask("leave", {"peer": "kiosk"}) == {"peer": "kiosk"}


async def test_refusals_are_faults(worker: RunningWorker) -> None:
    """Each with the status and code of its error."""
    post = worker.http.post
    assert fault(await post("/v1/join", json={"peer": "kiosk", "offer": "v=0"})) == (400, "bad_offer")
    assert fault(await post("/v1/join", json={"peer": "kiosk"})) == (400, "bad_request")
    assert fault(await post("/v1/leave", json={"peer": "kiosk", "more": 1})) == (400, "bad_request")
    assert fault(await post("/v1/bind", content=b"{")) == (400, "bad_request")
    assert fault(await post("/v1/bind", content=b"x" * 300_000)) == (400, "bad_request")
    binding = {"source": "a", "out": "mic", "target": "b", "into": "face1"}
    assert fault(await post("/v1/bind", json={"room": "r", "version": 1, "bindings": [binding]})) == (400, "bad_request")
    assert (await worker.http.get("/v1/nothing")).status_code == 404


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic a secret for tests", "Bearer ä"])
async def test_nobody_controls_it_without_the_secret(worker: RunningWorker, header: str) -> None:
    """Not even a look at the statistics."""
    headers = {b"authorization": header.encode("latin-1")}
    for method, path in (
        ("POST", "join"),
        ("POST", "bind"),
        ("POST", "leave"),
        ("GET", "notifications"),
        ("GET", "statistics"),
    ):
        response = await worker.http.request(method, f"/v1/{path}", headers=headers)
        assert fault(response) == (401, "not_signed_in")


async def test_notifications_begin_with_the_epoch_and_go_on(worker: RunningWorker) -> None:
    """A line a second says that it lives, and how much it has to do."""
    await worker.ask("bind", {"room": "r", "version": 3, "bindings": [
        {"source": "a", "out": "mic", "target": "b", "into": "voice1"}]})  # fmt: skip
    async with worker.http.stream("GET", "/v1/notifications", timeout=10) as stream:
        lines = stream.aiter_lines()
        first = msgspec.json.decode(await anext(lines), type=Notification)
        assert isinstance(first, WorkerStarted)
        assert first.epoch == (await worker.http.get("/v1/health")).json()["epoch"]
        load = msgspec.json.decode(await anext(lines), type=Notification)
        assert isinstance(load, Alive)
        assert (load.peers, load.rooms, load.draining) == (0, 1, False)
        assert 0 <= load.core_share < 1.5
    bound = await worker.ask("bind", {"room": "r", "version": 2, "bindings": []})
    assert (bound["version"], bound["epoch"]) == (3, first.epoch)


async def test_stops_at_once_although_somebody_listens() -> None:
    """The stream ends, and so does the process, within a second."""
    async with media_worker() as running, running.http.stream("GET", "/v1/notifications", timeout=10) as stream:
        lines = stream.aiter_lines()
        await anext(lines)
        started = asyncio.get_running_loop().time()
        running.process.terminate()
        with suppress(httpx2.HTTPError):
            async for line in lines:
                assert "alive" in line
        await running.process.wait()
        assert asyncio.get_running_loop().time() - started < 1.5


async def test_a_worker_that_drains_says_so_to_everybody(worker: RunningWorker) -> None:
    """At once, and until it is told otherwise; whoever is there stays."""
    async with worker.http.stream("GET", "/v1/notifications", timeout=10) as stream:
        lines = stream.aiter_lines()
        for draining in (True, False):
            answer = await worker.ask("drain", {"draining": draining})
            assert answer["draining"] is draining
            assert (await worker.http.get("/v1/health")).json()["draining"] is draining
            async for line in lines:
                load = msgspec.json.decode(line, type=Notification)
                if isinstance(load, Alive) and load.draining is draining:
                    break
