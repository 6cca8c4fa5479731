"""Case systems for tests: one in memory that fails as told, the real one on a port, and visits to hand over to them."""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import uvicorn
from starlette.types import ASGIApp

from rvw.clock import Instant
from rvw.domain import events as e
from rvw.domain.fold import evolve
from rvw.domain.people import Role
from rvw.domain.visit import Visit
from signaling.dossiers.keys import open_keys
from signaling.dossiers.sealing import Render, Sealer
from signaling.handover.port import Parcel, Rejected, Temporary
from signaling.records.archive import Record

T0: Instant = 1_800_000_000.0

Mood = Literal["takes", "fails", "takes, then fails", "rejects", "hangs"]


class FakeCaseSystem:
    """Keeps records in memory; what it does next is told by `mood`."""

    def __init__(self) -> None:
        self.mood: Mood = "takes"
        self.records: dict[str, bytes] = {}
        self.arrived: list[tuple[str, int]] = []
        """Each version of each visit when it was new."""
        self.types: list[str] = []
        """And of what kind it was."""
        self.receipts: dict[str, str] = {}
        self.deliveries = 0

    async def deliver(self, parcel: Parcel) -> str:
        """Take the parcel once, and give the same receipt each time."""
        self.deliveries += 1
        if self.mood == "rejects":
            raise Rejected("as told")
        if self.mood == "fails":
            raise Temporary("as told")
        if self.mood == "hangs":
            await asyncio.Event().wait()
        if (parcel.visit, parcel.number) not in self.arrived:
            self.arrived.append((parcel.visit, parcel.number))
            self.types.append(parcel.type)
            self.records[parcel.visit] = parcel.content
        receipt = self.receipts.setdefault(parcel.visit, f"SL-{len(self.receipts) + 1:06d}")
        if self.mood == "takes, then fails":
            raise Temporary("as told, too late")
        return receipt


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an application on a free port of loopback; gives its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # who connects before the server is up waits for it
        port = listening.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, ws="none", log_level="critical", timeout_graceful_shutdown=1))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve(sockets=[listening]))
            yield f"http://127.0.0.1:{port}"
            server.should_exit = True
        for connection in list(server.server_state.connections):
            cast(Any, connection).transport.abort()  # those that hang are not waited for


def sealer(folder: Path, render: Render = lambda _content, _seal, sealed: b"%PDF " + sealed) -> Sealer:
    """Return one with a key in the folder; its evidence is no PDF unless it is told to render one."""
    return Sealer(open_keys(folder, T0), lambda: T0 + 1000.0, render)


@cache
def _shared_sealer() -> Sealer:
    return sealer(Path(tempfile.mkdtemp(prefix="rvw-keys-")))


def make_record(visit: Visit, events: Sequence[e.Recorded]) -> Record:
    """Return the record of a visit, for tests to which seals do not matter."""
    return _shared_sealer().first(visit, events)


def told(visit: str, events: Sequence[e.VisitEvent], start: Instant = T0) -> tuple[Visit, tuple[e.Recorded, ...]]:
    """Return a visit and its events, one each ten seconds."""
    state: Visit | None = None
    recorded = []
    for number, event in enumerate(events):
        at = start + 10.0 * number
        recorded.append(e.Recorded(f"visit:{visit}", number + 1, at, "somebody", f"ref-{number}", event))
        state = evolve(state, recorded[-1])
    assert state is not None
    return state, tuple(recorded)


def opened(start: Instant = T0) -> e.Opened:
    """Return the beginning of a visit at Pudong's first kiosk."""
    return e.Opened(
        authority="pudong",
        kiosk="kiosk-pudong-1",
        kiosk_name="浦东一号终端",
        hall="pudong-hall",
        matter="social-card",
        region="310115",
        language="zh",
        desks=("pudong",),
        priority=0,
        ticket="A001",
        deadline=start + 7200.0,
    )


def closed_visit(visit: str, start: Instant = T0) -> tuple[Visit, tuple[e.Recorded, ...]]:
    """Return a visit that was answered, talked in, and closed as accepted."""
    return told(
        visit,
        [
            opened(start),
            e.Offered("pudong1", "pudong", start + 30.0),
            e.Accepted("pudong1", "李示例", start + 14_400.0),
            e.Entered("hall-pudong", Role.HOST, "陈帮办", 2, "join"),
            e.Said("pudong1", "李示例", Role.OFFICER, f"您好 <b>{visit}</b>"),
            e.Departed("hall-pudong", "left"),
            e.Ended("officer", start + 600.0),
            e.Closed("done", "accepted", "已受理"),
        ],
        start,
    )
