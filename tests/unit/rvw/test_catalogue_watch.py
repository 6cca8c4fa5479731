"""The catalogue is read again while it serves: whole or not at all, and nothing is lost by it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from rvw.cli.catalogue import SHIPPED
from signaling.catalogue_watch import CatalogueWatch, Current, read

SOON_S = 5.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped catalogue."""
    for file in SHIPPED.glob("*.*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


@asynccontextmanager
async def watching(folder: Path, look_s: float) -> AsyncIterator[tuple[Current, asyncio.Event]]:
    """Watch in a task; the event is set at each replacement."""
    current, replaced = Current(read(folder)), asyncio.Event()
    current.watchers.append(replaced.set)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(CatalogueWatch(current, folder, look_s).run())
        await asyncio.sleep(0)
        yield current, replaced
        task.cancel()


def edit(file: Path, was: str, becomes: str) -> None:
    """Replace text of a file."""
    text = file.read_text(encoding="utf-8")
    assert was in text
    file.write_text(text.replace(was, becomes), encoding="utf-8")


async def test_a_change_is_taken_and_searched(folder: Path) -> None:
    """A word that is added is found within moments."""
    async with watching(folder, 0.02) as (current, replaced):
        assert current.index.find("哈哈镜") == []
        edit(folder / "matters.csv", "搬家 搬了家", "搬家 搬了家 哈哈镜")
        edit(folder / "matters.csv", "ban jia / ban le jia", "ban jia / ban le jia / ha ha jing")
        await asyncio.wait_for(replaced.wait(), SOON_S)
        assert [one.code for one in current.index.find("哈哈镜")] == ["residence-permit"]


async def test_a_fault_is_not_taken_and_mending_it_is(folder: Path) -> None:
    """The one that serves stays; the fault does not have to be mended before anything else works."""
    current = Current(read(folder))
    watch = CatalogueWatch(current, folder)
    served = current.catalogue
    edit(folder / "rules.toml", 'identity = "verified"', 'identity = "sworn"')
    assert not await watch.reload()
    assert current.catalogue is served
    edit(folder / "rules.toml", 'identity = "sworn"', 'identity = "none"')
    assert not await watch.reload(), "packs that want an identity at the end contradict this"
    edit(folder / "rules.toml", 'identity = "none"', 'identity = "verified"')
    assert await watch.reload()


async def test_a_desk_that_is_gone_keeps_its_queue(folder: Path) -> None:
    """Visits that wait there are still routed; no new one comes."""
    current = Current(read(folder))
    edit(folder / "desks.toml", 'id = "yangpu"', 'id = "yangpu-two"')
    assert await CatalogueWatch(current, folder).reload()
    assert current.catalogue.desks["yangpu"].matters == ()
    assert current.catalogue.desks["yangpu-two"].matters == ("*",)


async def test_a_hang_up_signal_reads_at_once(folder: Path) -> None:
    """Without waiting for the next look, and even if nothing looks changed."""
    async with watching(folder, 3600.0) as (_, replaced):
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.wait_for(replaced.wait(), SOON_S)


async def test_a_folder_that_goes_away_is_a_fault_like_any_other(folder: Path) -> None:
    """The catalogue that serves is in memory."""
    current = Current(read(folder))
    watch = CatalogueWatch(current, folder)
    (folder / "matters.csv").unlink()
    assert not await watch.reload()
    assert len(current.catalogue.matters) == 276
