"""The simulated device bridge as a process: pages of the window's origin are served, all others turned away."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from rvw.cli.devices.bridge import say
from rvw.cli.machine import free_port

WINDOW = "https://window.example"


@pytest_asyncio.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """A running bridge for the pages of `WINDOW`."""
    number = free_port("127.0.0.1")
    words = ["device-sim", "run", "--port", str(number), "--origin", WINDOW, "--data", str(tmp_path)]
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "rvw.cli", *words, stdin=PIPE, stdout=PIPE)
    assert process.stdout is not None
    await process.stdout.readline()
    yield number
    process.terminate()
    await process.communicate()


async def ask(page: ClientConnection, **message: object) -> dict[str, object]:
    """Say something as a page, and return the answer."""
    await page.send(json.dumps(message))
    answer: dict[str, object] = json.loads(await page.recv())
    return answer


async def test_the_window_s_page_is_served_and_a_later_one_takes_over(port: int) -> None:
    """A card is read; the page is opened anew, and the old one hears nothing more."""
    async with connect(f"ws://127.0.0.1:{port}/", origin=Origin(WINDOW)) as page:
        assert (await ask(page, type="attach", version=1))["type"] == "attached"
        assert await say(port, "insert card wang") == "done: insert card wang"
        card = await ask(page, type="read_card", ref="1", within_s=60)
        assert (card["name"], card["number"]) == ("王示例", "310115195203079026")
        assert (await ask(page, type="read_card", ref="1", within_s=0))["code"] == "not_understood"
        async with connect(f"ws://127.0.0.1:{port}/", origin=Origin(WINDOW)) as newer:
            assert (await ask(newer, type="attach", version=1))["type"] == "attached"
            await page.send(json.dumps({"type": "read_card", "ref": "2", "within_s": 60}))
            assert (await ask(newer, type="read_card", ref="3", within_s=60))["ref"] == "3"
        assert await say(port, "nonsense") != "done: nonsense"


@pytest.mark.parametrize(
    ("path", "origin"), [("/", "https://evil.example"), ("/", None), ("/script", WINDOW), ("/other", WINDOW)]
)
async def test_pages_of_other_origins_are_turned_away(port: int, path: str, origin: str | None) -> None:
    """Nor may a page, of whatever origin, write script lines."""
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://127.0.0.1:{port}{path}", origin=Origin(origin) if origin else None)
    assert refused.value.response.status_code == 403
