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
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import structlog
from websockets.asyncio.client import ClientConnection, connect

from rvw.cli.bench.figures import percentile
from rvw.cli.machine import free_port
from rvw.cli.wire import open_wire
from rvw.domain import commands as c
from rvw.domain.marks import FULL, pack
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


class Page:
    """One page: sends its strokes at their times, and notes when events come."""

    def __init__(self, socket: ClientConnection, actor: str) -> None:
        self.socket = socket
        self.actor = actor
        self.delays: list[float] = []
        self.sizes: list[int] = []
        self.refused = 0

    async def read(self, sent: dict[str, float]) -> None:
        """Take what comes until the connection ends. Only strokes of others count: pages see their own by themselves."""
        async for data in self.socket:
            now, text = time.perf_counter(), str(data)
            if '"drawn"' in text:
                told = msgspec.json.decode(text)
                began = sent.get(told["recorded"]["ref"])
                if began is not None and told["recorded"]["by"] != self.actor:
                    self.delays.append(now - began)
                    self.sizes.append(len(text.encode()))
            elif '"goodbye"' in text:
                raise Unavailable(f"the server has closed {self.actor}: {text}")
            elif '"refused"' in text:
                self.refused += 1

    async def draw(self, visit: str, every_s: float, offset_s: float, until: float, sent: dict[str, float]) -> None:
        """Send a stroke at each of its times, whether the last was answered or not, as a hand does."""
        serial, due = 0, time.perf_counter() + offset_s
        while due < until:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            points = pack(stroke(POINTS, zlib.crc32(f"{self.actor} {serial}".encode())))
            ref = f"{self.actor[-10:]}-{serial}"
            message = encode(client.Do(ref, c.Draw("page:form/1", "pen", "red", points), visit)).decode()
            sent[ref] = time.perf_counter()
            await self.socket.send(message)
            serial, due = serial + 1, due + every_s


def measure(visits: int, strokes_per_s: float, seconds: int) -> dict[str, Any]:
    """Run a server and draw in so many visits at once."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    return asyncio.run(_measure(visits, strokes_per_s, seconds))


async def _measure(visits: int, strokes_per_s: float, seconds: int) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="rvw-bench-"))
    try:
        async with AsyncExitStack() as stack:
            server = stack.enter_context(running(folder))
            seats = await _seats(folder, visits)
            await _answering(server)
            pages = [await stack.enter_async_context(_visit(server, seat)) for seat in seats]
            figures = await _draw(server, pages, strokes_per_s, seconds)
        return {"visits": visits, **figures}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _draw(
    server: "Server", visits: list[tuple[str, list[Page]]], strokes_per_s: float, seconds: int
) -> dict[str, Any]:
    sent: dict[str, float] = {}
    pages = [page for _, three in visits for page in three]
    every = len(visits[0][1]) / strokes_per_s
    gc.collect()
    gc.freeze()
    async with asyncio.TaskGroup() as tasks:
        reading = [tasks.create_task(page.read(sent)) for page in pages]
        until = time.perf_counter() + seconds
        cpu, began = server.cpu_s(), time.perf_counter()
        async with asyncio.TaskGroup() as hands:
            for at, (visit, three) in enumerate(visits):
                for turn, page in enumerate(three):
                    offset = every * (turn / len(three) + at / len(visits) / len(three))
                    hands.create_task(page.draw(visit, every, offset, until, sent))
        took = time.perf_counter() - began
        await asyncio.sleep(LINGER_S)
        spent = {name: now - cpu[name] for name, now in server.cpu_s().items()}
        for task in reading:
            task.cancel()
    delays = [delay for page in pages for delay in page.delays]
    sizes = [size for page in pages for size in page.sizes]
    return {
        "pages": len(pages),
        "strokes": len(sent),
        "strokes_per_s": round(len(sent) / took),
        "refused": sum(page.refused for page in pages),
        "arrived": len(delays),
        "expected": len(sent) * (len(visits[0][1]) - 1),
        "delay_ms": {f"p{at}": round(1000 * percentile(delays, at), 1) for at in (50, 90, 99, 100)},
        "bytes": {f"p{at}": round(percentile(sizes, at)) for at in (50, 99, 100)},
        "cpu_us_a_stroke": {name: round(1e6 * used / max(1, len(sent))) for name, used in spent.items()},
        "client_cpu_share": round(_own_cpu_s() / (time.perf_counter() - STARTED), 2),
        "load": round(os.getloadavg()[0], 1),
    }


LINGER_S = 2.0
"""How long the last strokes may take."""

STARTED = time.perf_counter()


def _own_cpu_s() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime


class Server(msgspec.Struct, frozen=True):
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

    port, socket = free_port("127.0.0.1"), folder / "valkey.sock"
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


class Seat(msgspec.Struct, frozen=True):
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
async def _visit(server: Server, seat: Seat) -> AsyncIterator[tuple[str, list[Page]]]:
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
        pages = []
        for name, token in zip(names, tokens, strict=True):
            url = f"ws{server.origin.removeprefix('http')}/ws"
            socket = await sockets.enter_async_context(connect(url, proxy=None, compression=None))
            await socket.send(encode(client.Hello(token)).decode())
            pages.append(Page(socket, name))
        yield visit, pages


def table(figures: dict[str, Any]) -> str:
    """Return what people read."""
    delay, size, cpu = figures["delay_ms"], figures["bytes"], figures["cpu_us_a_stroke"]
    return "\n".join(
        [
            f"{figures['visits']} visits of 3 pages, {figures['strokes_per_s']} strokes/s of {POINTS} points, "
            f"{figures['arrived']} of {figures['expected']} arrived, {figures['refused']} refused, load {figures['load']}",
            f"pointer-up to the other's event: p50 {delay['p50']} ms, p90 {delay['p90']} ms, p99 {delay['p99']} ms",
            f"a stroke on the wire: p50 {size['p50']} bytes, at most {size['p100']}",
            f"processor time a stroke: signaling {cpu['signaling']} µs, valkey {cpu['valkey']} µs",
        ]
    )
