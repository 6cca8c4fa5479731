"""`rvw bench annotation`: strokes through the real server, with its own Valkey, over real WebSockets, on loopback.

Each visit has a kiosk, an officer and a host; strokes come from the three by turns, as on pointer-up. Measured: from
sending a stroke to its event at another page of the visit; bytes of that message; processor time of the server.
"""

import asyncio
import gc
import logging
import math
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import structlog
import uvloop
from msgspec import Struct

from rvw.cli.bench.figures import percentile
from rvw.cli.bench.thin import ThinSocket, open_thin
from rvw.cli.machine import free_port
from rvw.cli.wire import open_wire
from rvw.domain import commands as c
from rvw.domain.marks import FULL, MARKS, pack
from rvw.errors import Unavailable
from rvw.protocol import client
from rvw.protocol.codec import encode
from rvw.settings import Settings

POINTS = 100
"""Of each stroke: about a second of writing."""


def stroke(points: int, seed: int) -> list[tuple[int, int]]:
    """Return a stroke as a hand makes it: smooth turns at a changing speed, with the tremor and rounding of a mouse."""
    rng = random.Random(seed)  # noqa: S311 - made-up strokes
    x, y, angle, speed = rng.uniform(2000, 8000), rng.uniform(2000, 8000), rng.uniform(0, 6.28), rng.uniform(10, 30)
    turn, found = rng.uniform(-0.08, 0.08), []
    for step in range(points):
        if step % 25 == 0:
            turn = rng.uniform(-0.15, 0.15)
        angle += turn
        pace = speed * (1 + 0.5 * math.sin(step / 9))
        x, y = x + pace * math.cos(angle) + rng.gauss(0, 1), y + pace * math.sin(angle) + rng.gauss(0, 1)
        found.append((min(max(round(x), 0), FULL), min(max(round(y), 0), FULL)))
    return found


class Hand(Struct, frozen=True):
    """How somebody draws."""

    every_s: float
    offset_s: float
    """From the beginning to the first stroke."""
    until: float


class _Stroke(Struct, frozen=True):
    by: str
    ref: str
    stream: str


class _Told(Struct, frozen=True):
    """Of any message of the server, what is measured by."""

    type: str
    recorded: _Stroke | None = None
    code: str = ""


TOLD: msgspec.json.Decoder[_Told] = msgspec.json.Decoder(_Told)


class Page:
    """One page: sends its strokes at their times, and notes when those of others come."""

    def __init__(self, actor: str, visit: str, sent: dict[str, float]) -> None:
        """`sent`: when each stroke of any page was sent, by its `ref`."""
        self.actor = actor
        self.visit = visit
        self.socket: ThinSocket
        self.delays: list[float] = []
        self.sizes: list[int] = []
        self.late: list[float] = []
        """By how much the bench itself missed the time of each stroke: that is not the server's."""
        self.done = 0
        self.refused = 0
        self.lost = ""
        """Why the server has closed the connection."""
        self._sent = sent

    def hear(self, message: bytes, now: float) -> None:
        """Take a message. Only strokes of others count: pages see their own by themselves."""
        told = TOLD.decode(message)
        if told.recorded is not None:
            began = self._sent.get(told.recorded.ref)
            if began is not None and told.recorded.by != self.actor:
                self.delays.append(now - began)
                self.sizes.append(len(message))
        elif told.type == "done":
            self.done += 1
        elif told.type == "goodbye":
            self.lost = told.code
        elif told.type == "refused":
            self.refused += 1

    async def draw(self, hand: Hand, strokes: Sequence[str]) -> None:
        """Send a stroke at each of its times, whether the last was answered or not, as a hand does."""
        serial, due = 0, time.perf_counter() + hand.offset_s
        while due < hand.until:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            ref = f"{self.actor[-10:]}-{serial}"
            points = strokes[zlib.crc32(ref.encode()) % len(strokes)]
            message = encode(client.Do(ref, c.Draw("page:form/1", "pen", "red", points), self.visit))
            now = self._sent[ref] = time.perf_counter()
            self.socket.send(message)
            self.late.append(now - due)
            serial, due = serial + 1, due + hand.every_s


def measure(visits: int, strokes_per_s: float, seconds: int) -> dict[str, Any]:
    """Run a server and draw in so many visits at once."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    return uvloop.run(_measure(visits, strokes_per_s, seconds))


async def _measure(visits: int, strokes_per_s: float, seconds: int) -> dict[str, Any]:
    folder, sent = Path(tempfile.mkdtemp(prefix="rvw-bench-")), dict[str, float]()
    try:
        async with AsyncExitStack() as stack:
            server = stack.enter_context(running(folder))
            seats = await _seats(folder, visits)
            await _answering(server)
            pages = [await stack.enter_async_context(_visit(server, seat, sent)) for seat in seats]
            figures = await _draw(server, pages, strokes_per_s, seconds)
            kept = await _in_ledger(folder, [three[0].visit for three in pages])
        arrived = {"strokes": len(sent), "expected": len(sent) * (THREE - 1), "in_ledger": kept}
        return {"visits": visits, "pages": THREE * visits, **arrived, **figures}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _draw(server: "Server", visits: list[list[Page]], strokes_per_s: float, seconds: int) -> dict[str, Any]:
    pages, every = [page for three in visits for page in three], THREE / strokes_per_s
    strokes = [pack(stroke(POINTS, seed)) for seed in range(DIFFERENT)]
    gc.collect()
    gc.freeze()
    cpu, own, began = server.cpu_s(), _own_cpu_s(), time.perf_counter()
    async with asyncio.TaskGroup() as hands:
        for at, page in enumerate(pages):  # those of one visit a third of the time apart, visits evenly in between
            visit, turn = divmod(at, THREE)
            hand = Hand(every, every * (turn + visit / len(visits)) / THREE, began + seconds)
            hands.create_task(page.draw(hand, strokes))
    took = time.perf_counter() - began
    own = (_own_cpu_s() - own) / took
    await asyncio.sleep(LINGER_S)
    spent = {name: now - cpu[name] for name, now in server.cpu_s().items()}
    return {**_figures(pages, took, spent), "client_core_share": round(own, 2), "load": round(os.getloadavg()[0], 1)}


def _figures(pages: list[Page], took: float, spent: dict[str, float]) -> dict[str, Any]:
    """Return what the pages have seen. Raises `Unavailable` when one of them was sent away."""
    if lost := [f"{page.actor}: {page.lost}" for page in pages if page.lost]:
        raise Unavailable(f"the server has closed {lost[0]}")
    delays = [delay for page in pages for delay in page.delays]
    sizes = [size for page in pages for size in page.sizes]
    late = [one for page in pages for one in page.late]
    return {
        "strokes_per_s": round(len(late) / took),
        "acknowledged": sum(page.done for page in pages),
        "refused": sum(page.refused for page in pages),
        "arrived": len(delays),
        "delay_ms": {f"p{at}": round(1000 * percentile(delays, at), 1) for at in (50, 90, 99, 100)},
        "client_late_ms": {f"p{at}": round(1000 * percentile(late, at), 1) for at in (50, 99)},
        "bytes": {f"p{at}": round(percentile(sizes, at)) for at in (50, 99, 100)},
        "cpu_us_a_stroke": {name: round(1e6 * used / max(1, len(late))) for name, used in spent.items()},
    }


async def _in_ledger(folder: Path, visits: Iterable[str]) -> int:
    """Return how many marks the ledger holds: none that was acknowledged may be missing."""
    from signaling.keys import Keys
    from signaling.ledger import Ledger, connect

    async with connect(f"unix://{folder / SOCKET}") as redis:
        ledger = Ledger(redis, Keys(Settings().queue.cell))
        return sum([len((await ledger.beside(MARKS, visit)).marks) for visit in visits])


THREE = 3
"""Pages of a visit."""

DIFFERENT = 200
"""Strokes that are drawn by turns: made beforehand, because making one takes the bench longer than its way takes."""

SOCKET = "valkey.sock"

LINGER_S = 2.0
"""How long the last strokes may take."""


def _own_cpu_s() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime


class Server(Struct, frozen=True):
    """A running Valkey and signaling process."""

    origin: str
    processes: dict[str, int]

    def cpu_s(self) -> dict[str, float]:
        """Return the processor time each has used (proc(5))."""
        ticks = os.sysconf("SC_CLK_TCK")
        fields = {
            name: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for name, pid in self.processes.items()
        }
        return {name: (int(found[11]) + int(found[12])) / ticks for name, found in fields.items()}


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Run Valkey and one signaling process, as `rvw up` does, on loopback."""
    from rvw.cli.product import valkey

    port, socket = free_port("127.0.0.1"), folder / SOCKET
    store = subprocess.Popen(valkey(socket, folder).command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    words = [f"web.port={port}", f"store.redis=unix://{socket}", f"store.data={folder}", "queue.lease_s=60"]
    words += ["web.max_sockets=10000", "security.demo=true", "log_level=error", f"security.secret={SECRET}"]
    command = [sys.executable, "-m", "signaling", *(part for word in words for part in ("--set", word))]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield Server(f"http://127.0.0.1:{port}", {"signaling": process.pid, "valkey": store.pid})
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
        store.kill()
        store.wait()


async def _answering(server: Server) -> None:
    """Return when the server takes connections."""
    host, _, port = server.origin.removeprefix("http://").partition(":")
    async with asyncio.timeout(START_S):
        while True:
            try:
                _, writer = await asyncio.open_connection(host, int(port))
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


START_S = 60.0

SECRET = "a-bench-runs-on-loopback-with-a-secret-of-its-own"  # noqa: S105 - of a server that lives for a minute


class Seat(Struct, frozen=True):
    """The tokens of the three of a visit."""

    kiosk: str
    officer: str
    host: str


async def _seats(folder: Path, count: int) -> list[Seat]:
    """Make the people of so many visits, each in a hall of its own, and sign them in. Waits for the server's tables."""
    from argon2 import PasswordHasher

    from rvw.settings import Security
    from signaling import auth, tenancy
    from signaling.app import open_records

    lines = ['password = "bench-window"', '[[authority]]\nid = "pudong"\nname = "b"\nname_en = "b"']
    for n in range(count):
        lines += [
            f'[[hall]]\nid = "hall-{n}"\nauthority = "pudong"\nname = "h"\nname_en = "h"',
            f'[[kiosk]]\nid = "bench-kiosk-{n}"\nhall = "hall-{n}"\nname = "终端"',
            f'[[account]]\nuser = "bench-host-{n}"\nrole = "host"\nname = "陈帮办"\nauthority = "pudong"\n'
            f'hall = "hall-{n}"',
            f'[[account]]\nuser = "bench-officer-{n}"\nrole = "officer"\nname = "李示例"\nauthority = "pudong"\n'
            f'desks = ["pudong"]',
        ]
    quick = auth.Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    settings = msgspec.convert({"store": {"data": str(folder)}}, Settings)
    async with open_records(settings) as store:
        await tenancy.seed(store, tenancy.parse("\n".join(lines)), quick)
        signs = auth.Auth(store, Security(secret=SECRET, demo=True), passwords=quick)
        seats = []
        for n in range(count):
            code = (await auth.mint_enrolment(store, f"bench-kiosk-{n}", 600.0)).code
            kiosk = await signs.enrol(code, f"address-{n}")
            people = [
                await signs.login(f"bench-{role}-{n}", "bench-window", f"address-{n}") for role in ("officer", "host")
            ]
            seats.append(Seat(kiosk.token, people[0].token, people[1].token))
    return seats


@asynccontextmanager
async def _visit(server: Server, seat: Seat, sent: dict[str, float]) -> AsyncIterator[list[Page]]:
    """Let the three talk, and give their pages."""
    tokens = (seat.kiosk, seat.officer, seat.host)
    async with AsyncExitStack() as wires:
        kiosk, officer, host = [await wires.enter_async_context(open_wire(server.origin, token)) for token in tokens]
        await officer.do(c.SetPresence("ready"))
        visit = await kiosk.do(c.Open("social-card", "310115"))
        await officer.shown(visit)
        await officer.do(c.Accept(), visit)
        await host.do(c.Enter(), visit)
        await officer.do(c.AllowMarks(True), visit)
        names = [wire.welcome.you.id for wire in (kiosk, officer, host)]
    async with AsyncExitStack() as sockets:
        pages = [Page(name, visit, sent) for name in names]
        for page, token in zip(pages, tokens, strict=True):
            page.socket = await sockets.enter_async_context(open_thin(server.origin, page.hear))
            page.socket.send(encode(client.Hello(token)))
        yield pages


def table(figures: dict[str, Any]) -> str:
    """Return what people read."""
    delay, size, cpu = figures["delay_ms"], figures["bytes"], figures["cpu_us_a_stroke"]
    return "\n".join(
        [
            f"{figures['visits']} visits of {THREE} pages, {figures['strokes_per_s']} strokes/s of {POINTS} points, "
            f"{figures['arrived']} of {figures['expected']} arrived, {figures['refused']} refused, load {figures['load']}",
            f"{figures['acknowledged']} acknowledged, {figures['in_ledger']} in the ledger",
            f"pointer-up to the other's event: p50 {delay['p50']} ms, p90 {delay['p90']} ms, p99 {delay['p99']} ms; "
            f"the bench itself is {figures['client_late_ms']['p99']} ms late (p99), with "
            f"{100 * figures['client_core_share']:.0f} % of a core",
            f"a stroke on the wire: p50 {size['p50']} bytes, at most {size['p100']}",
            f"processor time a stroke: signaling {cpu['signaling']} µs, valkey {cpu['valkey']} µs",
        ]
    )
