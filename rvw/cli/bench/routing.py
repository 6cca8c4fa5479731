"""`rvw bench routing`: what one change costs on a large board, and how many offers a second are really written.

The board and the residents are made up from a seed. The write path is the product's own: `Matcher`, `Office`, `Ledger`
and the script, on a Valkey started as `rvw up` starts it, with every append on the disk before it is answered.
"""

import asyncio
import cProfile
import gc
import itertools
import pstats
import random
import resource
import shutil
import subprocess
import tempfile
import time
import tracemalloc
from asyncio import TaskGroup
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from rvw.cli.bench.figures import percentile
from rvw.domain import commands as c
from rvw.domain.board import Board, Line
from rvw.domain.catalogue import Catalogue, Desk, Matter, Region
from rvw.domain.estimate import Pace, estimate
from rvw.domain.people import Actor, Role
from rvw.domain.routing import route
from rvw.domain.shift import Shift
from rvw.domain.terms import Terms
from rvw.domain.visit import State, Visit
from rvw.errors import Unavailable
from rvw.ids import make_id

OFFICERS_A_DESK = 25
DISTRICTS_A_CITY = 10
NOW = 1_790_000_000.0
CHANGES = 2_000
"""How many single changes are timed."""
WRITERS = 32
"""How many residents open at a time while the queue is made."""
GROWTH = (100, 300, 1_000, 3_000, 10_000)
TOP = 10
PACE = Pace()


def measure(officers: int, waiting: int, written: int, seed: int = 7) -> dict[str, Any]:
    """Return every figure."""
    curve = [pure(n, max(1, waiting * n // officers), seed) for n in GROWTH if n < officers]
    return {
        "officers": officers,
        "waiting": waiting,
        "pure": pure(officers, waiting, seed),
        "growth": curve,
        "written": asyncio.run(_written(written)),
        "resident_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def town(officers: int) -> Catalogue:
    """Return desks for so many officers: districts, and a city above each ten of them."""
    count = max(1, officers // OFFICERS_A_DESK)
    regions, desks = {}, {}
    for number in range(count):
        city, code = f"c{number // DISTRICTS_A_CITY:03d}", f"d{number:04d}"
        regions[city] = Region(city, city, "prefecture")
        regions[code] = Region(code, code, "district", city)
        desks[code] = Desk(code, "a", code, code, code)
        desks[city] = Desk(city, "a", city, city, city)
    card = Matter("card", "社保卡", "Card", "社保", "Social", "person", 10)
    return Catalogue(regions=regions, matters={"card": card}, desks=desks)


def pure(officers: int, waiting: int, seed: int) -> dict[str, Any]:
    """Time `put` and `route` for single changes on a full board: an officer becomes free, and is given somebody.

    In time of the processor, so that what else runs on the machine does not count.
    """
    catalogue, rng = town(officers), random.Random(seed)  # noqa: S311 - made-up people
    gc.collect()
    tracemalloc.start()
    board = _board(catalogue, officers, waiting, rng)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    names = [f"o{number:05d}" for number in range(officers)]
    took, offered, estimates = [], 0, []
    for step in range(CHANGES):
        name = rng.choice(names)
        began = time.thread_time()
        shift = msgspec.structs.replace(board.shifts[name], visit="", idle_since=NOW + step)
        board.put(f"shift:{name}", shift)
        plan = route(board, catalogue, NOW + step)
        took.append(time.thread_time() - began)
        for one in plan.proposals:
            offered += 1
            row = msgspec.structs.replace(board.lines[one.visit], state=State.OFFERED, officer=one.officer)
            board.put(f"visit:{one.visit}", row)
            board.put(f"shift:{one.officer}", msgspec.structs.replace(board.shifts[one.officer], visit=one.visit))
        estimates.append(_estimate_took(board, f"v{rng.randrange(waiting):06d}"))
    return {
        "officers": officers,
        "waiting": waiting,
        "changes": CHANGES,
        "offers": offered,
        "change_ms": _spread(took),
        "estimate_ms": _spread(estimates),
        "board_mb": round(grown / 1e6, 1),
    }


def _estimate_took(board: Board, visit: str) -> float:
    began = time.thread_time()
    estimate(board, visit, {"card": 10}, PACE, NOW)
    return time.thread_time() - began


def _board(catalogue: Catalogue, officers: int, waiting: int, rng: random.Random) -> Board:
    districts = [one for one in catalogue.desks if one.startswith("d")]
    board = Board()
    for number in range(officers):
        name, desk = f"o{number:05d}", districts[number % len(districts)]
        desks = (desk, catalogue.regions[desk].parent) if number % 10 == 0 else (desk,)
        board.put(f"shift:{name}", Shift(actor=name, presence="ready", role=Role.OFFICER, desks=desks, visit="busy"))
    for number in range(waiting):
        visit, desk = f"v{number:06d}", rng.choice(districts)
        board.put(f"visit:{visit}", Line(
            id=visit, state=State.WAITING, authority="a", hall="h", kiosk=f"k{number}", matter="card", region=desk,
            desks=(desk, catalogue.regions[desk].parent), priority=rng.choice((0, 0, 0, 0, 10)),
            since=NOW - rng.random() * 3600,
        ))  # fmt: skip
    return board


def _spread(seconds: list[float]) -> dict[str, float]:
    return {f"p{at}": round(percentile(seconds, at) * 1000, 4) for at in (50, 90, 99, 100)}


async def _written(count: int) -> dict[str, Any]:
    """Let so many residents wait for as many officers, then let the matcher offer them all; profile a second time."""
    with _valkey() as url:
        plain, _ = await _offered(url, "plain", count, None)
        profile = cProfile.Profile()
        _, profiled = await _offered(url, "profiled", max(1, count // 4), profile)
    return {**plain, "profile": profiled}


async def _offered(url: str, cell: str, count: int, profile: cProfile.Profile | None) -> tuple[dict[str, Any], list[str]]:
    from signaling.board import SharedBoard
    from signaling.hub import Hub
    from signaling.keys import Keys
    from signaling.ledger import Ledger, connect
    from signaling.matcher import Matcher
    from signaling.office import Office

    catalogue, serials, keys = town(count), itertools.count(), Keys(cell)

    async def ticket(_visit: str) -> str:
        return "A001"

    async def nothing(_before: Visit | None, _after: Visit) -> None:
        """Media is another bench's."""

    async with connect(url) as client:
        await _answers(SharedBoard(client, keys))
        ledger, shared, board = Ledger(client, keys), SharedBoard(client, keys), Board()
        make = lambda: make_id(time.time(), next(serials).to_bytes(8))  # noqa: E731 - as short as it is
        office = Office(ledger, lambda: catalogue, Terms(offer_s=3600), time.time, make, ticket, nothing)
        opened = time.perf_counter()
        await _open(office, catalogue, count)
        opened = time.perf_counter() - opened
        hub, matcher = Hub(ledger, shared, board), Matcher(office, board, lambda: catalogue, time.time)
        await hub.begin()
        async with TaskGroup() as tasks:
            following = tasks.create_task(hub.run())
            if profile is not None:
                profile.enable()
            began, cpu = time.perf_counter(), time.process_time()
            while board.waiting.lanes:  # noqa: ASYNC110 - as the matcher's own loop, but it ends
                await asyncio.sleep(min(await matcher.look(), 0.01))
            took, cpu = time.perf_counter() - began, time.process_time() - cpu
            if profile is not None:
                profile.disable()
            following.cancel()
        figures = {
            "offers": count,
            "offers_per_s": round(count / took),
            "cpu_share": round(cpu / took, 2),
            "steps_per_s_while_filling": round(3 * count / opened),
        }
    return figures, _top(profile) if profile is not None else []


async def _open(office: Any, catalogue: Catalogue, count: int) -> None:
    """Let officers sign in, and residents take tickets, in all districts alike."""
    districts = [one for one in catalogue.desks if one.startswith("d")]
    numbers = iter(range(count))

    async def write() -> None:
        for number in numbers:
            desk = districts[number % len(districts)]
            await office.perform(Actor(f"o{number:05d}", Role.OFFICER, "o", "a", desks=(desk,)), c.SetPresence("ready"))
            kiosk = Actor(f"k{number:05d}", Role.KIOSK, "k", "a", hall="h")
            await office.perform(kiosk, c.SetPresence("ready"))
            await office.perform(kiosk, c.Open("card", desk))

    async with TaskGroup() as tasks:
        for _ in range(WRITERS):
            tasks.create_task(write())


async def _answers(shared: Any) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                await shared.ping()
                return
            except Unavailable:
                await asyncio.sleep(0.01)


@contextmanager
def _valkey() -> Iterator[str]:
    from rvw.cli.product import valkey

    folder = Path(tempfile.mkdtemp(prefix="rvw-bench-"))
    part = valkey(folder / "valkey.sock", folder)
    process = subprocess.Popen(part.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"unix://{folder / 'valkey.sock'}"
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _top(profile: cProfile.Profile) -> list[str]:
    stats = pstats.Stats(profile)
    rows = sorted(stats.stats.items(), key=lambda item: -item[1][2])[:TOP]  # type: ignore[attr-defined]  # typeshed lacks it
    whole = stats.total_tt or 1.0  # type: ignore[attr-defined]  # the same
    return [
        f"{100 * own / whole:5.1f} % {calls:8d}× {Path(file).name}:{name}"
        for (file, _line, name), (_, calls, own, _total, _callers) in rows
    ]


def table(figures: dict[str, Any]) -> str:
    """Return what people read."""
    lines = [f"{'officers':>9} {'waiting':>8} {'change p50':>11} {'p99':>9} {'estimate p99':>13} {'board':>9}"]
    lines += [
        f"{one['officers']:9d} {one['waiting']:8d} {one['change_ms']['p50']:8.3f} ms {one['change_ms']['p99']:6.3f} ms "
        f"{one['estimate_ms']['p99']:10.3f} ms {one['board_mb']:6.1f} MB"
        for one in (*figures["growth"], figures["pure"])
    ]
    written = figures["written"]
    lines.append(f"\n{written['offers_per_s']} offers/s written ({written['offers']}, {written['cpu_share']} of a core)")
    lines.append(f"{figures['resident_mb']:.0f} MB resident at most, board, ledger's memory and bench together")
    lines += ["", "where the time goes (profiled):", *written["profile"]]
    return "\n".join(lines)
