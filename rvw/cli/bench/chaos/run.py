"""The run: people do what they do, processes are killed, everything is brought to an end, and the store is asked."""

import asyncio
import random
import time
from asyncio import Event, Task, TaskGroup
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from msgspec import Struct

import config
from rvw.cli import audit
from rvw.cli.bench.chaos.crowd import Officer, Resident
from rvw.cli.bench.chaos.page import Page, Seen
from rvw.cli.bench.chaos.pair import Pair, folder
from rvw.cli.bench.chaos.town import Town, places, settle
from rvw.cli.bench.chaos.verdict import Evidence, report
from rvw.domain import events as e
from rvw.domain.audit import GRACE_S
from rvw.domain.catalogue import Catalogue
from rvw.ids import RANDOM_BYTES, make_id
from rvw.protocol.codec import encode
from rvw.settings import Queue

END_S = 240.0
"""How long everything may take to come to its end: longer than the longest deadline of `pair.TERMS` after another."""

LOOK_S = 0.5


class Chaos(Struct, frozen=True, kw_only=True):
    """What is asked for."""

    kiosks: int
    officers: int
    seconds: float
    every: float
    """A process is killed each so many seconds."""
    sql: str = ""
    seed: int = 7
    plant: bool = False
    """Spoil one visit before the audit, to see that it is found."""


async def chaos(asked: Chaos, tell: Callable[[str], None]) -> dict[str, Any]:
    """Return every figure and every violation. Raises `Unavailable` when the processes do not come up."""
    async with folder() as at:
        pair = Pair(at, asked.sql)
        desks = places(_catalogue())
        town = await settle(pair.sql, pair.secrets.secret, desks, asked.kiosks, asked.officers)
        tell(f"{asked.kiosks} kiosks and {asked.officers} officers signed in")
        seen = Seen()
        async with pair.running():
            ended_s = await _play(asked, pair, town, seen, tell)
            if asked.plant:
                await _plant(pair)
            found = await _evidence(pair, seen)
        return {
            "kiosks": asked.kiosks,
            "officers": asked.officers,
            "seconds": asked.seconds,
            "every_s": asked.every,
            "seed": asked.seed,
            "records": pair.sql.partition(":")[0],
            "kills": pair.kills,
            "ending_s": round(ended_s, 1),
            **report(found),
        }


def _catalogue() -> Catalogue:
    from signaling.catalogue_watch import read

    return read(config.FOLDER / "catalogue")


async def _play(asked: Chaos, pair: Pair, town: Town, seen: Seen, tell: Callable[[str], None]) -> float:
    """Let everybody do what they do, and everything come to its end; return how long the end took."""
    dice = random.Random(asked.seed)  # noqa: S311 - a made-up crowd
    ending = Event()

    def own() -> random.Random:
        return random.Random(dice.getrandbits(64))  # noqa: S311 - as above

    kiosks = [Page(pair.origins, one, seen, own()) for one in town.kiosks]
    officers = [Page(pair.origins, one, seen, own()) for one in town.officers]
    async with TaskGroup() as tasks:
        owned: list[Task[None]] = [tasks.create_task(page.run()) for page in (*officers, *kiosks)]
        owned += [tasks.create_task(Officer(page, town.desks, seen, own(), ending).run()) for page in officers]
        residents = [tasks.create_task(Resident(page, town.desks, seen, own(), ending).run()) for page in kiosks]
        await _kill(asked, pair, dice, seen, tell)
        await pair.ready()
        ending.set()
        for page in (*kiosks, *officers):
            page.look()
        began = time.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(END_S):
                await _ended(pair)
        for task in (*owned, *residents):
            task.cancel()
    return time.monotonic() - began


async def _kill(asked: Chaos, pair: Pair, dice: random.Random, seen: Seen, tell: Callable[[str], None]) -> None:
    """Kill one of the two every so often, until the time is over."""
    until = time.monotonic() + asked.seconds
    while (left := until - time.monotonic()) > 0:
        await asyncio.sleep(min(asked.every, left))
        if time.monotonic() >= until:
            return
        victim = dice.randrange(len(pair.origins))
        pair.kill(victim)
        tell(f"{until - time.monotonic():4.0f} s left: signaling-{victim} killed; {len(seen.opened)} visits opened so far")


async def _ended(pair: Pair) -> None:
    """Return when the board is empty and every closed visit is filed."""
    from signaling.board import SharedBoard
    from signaling.keys import Keys
    from signaling.ledger import Ledger, connect

    keys = Keys(Queue().cell)
    async with connect(pair.redis) as client:
        board, ledger = SharedBoard(client, keys), Ledger(client, keys)
        while (await board.rows()).lines or await ledger.unrecorded():  # noqa: ASYNC110 - asked from outside
            await asyncio.sleep(LOOK_S)


async def _evidence(pair: Pair, seen: Seen) -> Evidence:
    from signaling.records import open_store

    store, findings = await audit.confirmed(audit.Source(pair.redis, Queue().cell, pair.sql), GRACE_S)
    async with open_store(pair.sql) as records:
        filed = frozenset(await records.archive.closed_between(0.0, time.time()))
    return Evidence(store=store, findings=findings, filed=filed, seen=seen, complaints=pair.complaints())


async def _plant(pair: Pair) -> None:
    """Write a visit that was offered to two officers at once, as no product of ours would."""
    from signaling.keys import Keys
    from signaling.ledger import connect

    now = time.time()
    visit = f"visit:{make_id(now, b'p' * RANDOM_BYTES)}"
    desk = "planted"
    events: tuple[e.VisitEvent, ...] = (
        e.Opened(
            authority="a", kiosk="k", kiosk_name="k", hall="h", matter="m", region="r", language="zh", desks=(desk,),
            priority=0, ticket="A001", deadline=now, waits_s=(0.0,),
        ),
        e.Offered("first", desk, now),
        e.Offered("second", desk, now),
    )  # fmt: skip
    async with connect(pair.redis) as client:
        for version, event in enumerate(events, 1):
            recorded = encode(e.Recorded(visit, version, now, "system", "", event))
            await client.xadd(Keys(Queue().cell).stream(visit), {"r": recorded}, id=f"{version}-0")
