"""Media workers come and go while signaling runs; where a room is, is decided once."""

import asyncio

import httpx2
import pytest

from rvw.cli.machine import own_secrets
from rvw.cli.wire import Http
from rvw.errors import NotAllowed
from signaling.board import SharedBoard
from signaling.keys import Keys
from signaling.ledger import connect
from tests.browser.media_worker import media_worker
from tests.fakes.product import PASSWORD, Product
from tests.fakes.valkey import running_valkey

SOON_S = 30.0


async def states(running: Product) -> dict[str, str]:
    """Return the state of each worker, as a supervisor is shown it."""
    http = Http(running.origin)
    token = (await http.login("lead-pudong", PASSWORD)).token
    return {one.url: one.state for one in (await http.media(token)).workers}


async def test_a_worker_joins_the_pool_by_being_started(running: Product) -> None:
    """Signaling is not restarted; when the new worker stops, it is away, and after its lease forgotten."""
    secret = own_secrets(running.data).control_secret
    assert list((await states(running)).values()) == ["serving"]
    async with media_worker(f"media.signaling={running.origin}", secret=secret) as newcomer, asyncio.timeout(SOON_S):
        while (await states(running)).get(newcomer.control) != "serving":  # noqa: ASYNC110 - it is polled
            await asyncio.sleep(0.2)
    async with asyncio.timeout(SOON_S):
        assert (await states(running))[newcomer.control] == "away"
        while newcomer.control in await states(running):  # noqa: ASYNC110 - it is polled
            await asyncio.sleep(0.5)
    await only_workers_register(running, secret)
    await only_supervisors_look(running)


async def only_workers_register(running: Product, secret: str) -> None:
    """With the control secret, and an address that is one."""
    async with httpx2.AsyncClient(base_url=running.origin) as http:
        for header in ("", "Bearer wrong", f"Basic {secret}"):
            answer = await http.post("/media/workers", json={"url": "http://a:1"}, headers={"authorization": header})
            assert answer.status_code == 401
        for body in ({"url": "ftp://a"}, {"url": "http://a:1/path"}, {}):
            answer = await http.post("/media/workers", json=body, headers={"authorization": f"Bearer {secret}"})
            assert answer.status_code == 400


async def only_supervisors_look(running: Product) -> None:
    """An officer has no business with workers."""
    http = Http(running.origin)
    officer = await http.login("pudong1", PASSWORD)
    with pytest.raises(NotAllowed):
        await http.media(officer.token)


async def test_whoever_comes_first_decides_where_a_room_is() -> None:
    """Eight at once, each for another worker: all are told the same; a dead worker's room is claimed from it once."""
    async with running_valkey() as valkey, connect(valkey.url) as client:
        shared = SharedBoard(client, Keys("rooms"))
        assert await shared.room("v") == ""
        told = await asyncio.gather(*(shared.claim_room("v", f"http://{n}", "") for n in range(8)))
        first = told[0]
        assert set(told) == {first}
        assert await shared.room("v") == first
        assert await shared.claim_room("v", "http://other", "http://somewhere") == first
        told = await asyncio.gather(*(shared.claim_room("v", f"http://new-{n}", first) for n in range(8)))
        assert set(told) == {told[0]} != {first}
        await shared.forget_room("v")
        assert await shared.room("v") == ""


async def test_a_registration_holds_as_long_as_its_lease() -> None:
    """One that is renewed stays."""
    async with running_valkey() as valkey, connect(valkey.url) as client:
        shared = SharedBoard(client, Keys("workers"))
        await shared.register_worker("http://a", 10.0)
        await shared.register_worker("http://b", 10.0)
        await shared.register_worker("http://b", 20.0)
        assert sorted(await shared.registered_workers(9.0)) == ["http://a", "http://b"]
        assert await shared.registered_workers(11.0) == ["http://b"]
        assert await shared.registered_workers(21.0) == []
