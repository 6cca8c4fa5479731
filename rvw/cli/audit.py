"""`rvw audit queue`: reads the whole live store and says whether anybody is lost. It changes nothing.

The store goes on living while it is read: what looks wrong is read again, and only what is wrong every time is told.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from msgspec import Struct

from rvw.domain.audit import GRACE_S, Finding, Store, audit
from rvw.domain.events import Recorded
from rvw.errors import InvalidInput, InvalidSettings, RvwError
from rvw.protocol.codec import RECORDED
from rvw.settings import Queue

app = typer.Typer(no_args_is_help=True, help="Ask whether what must hold does hold.")

PASSES = 3
"""How often the live store is read before something is told of it."""

PAUSE_S = 1.5
"""Between two readings: longer than the tick in which deadlines are noticed."""


class Source(Struct, frozen=True):
    """Where the live store is; `sql` empty: which visits are recorded is not asked."""

    redis: str
    cell: str
    sql: str = ""


@app.callback()
def _group() -> None:
    """Ask whether what must hold does hold."""


@app.command()
def queue(
    redis: Annotated[str, typer.Option(metavar="URL", help="The live store: redis://… or unix://…")] = "",
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="The data folder of a running `rvw up`.")] = None,
    file: Annotated[Path | None, typer.Option(metavar="NDJSON", help="Events, one a line; only they are asked.")] = None,
    cell: Annotated[str, typer.Option(help="The routing cell (queue.cell).")] = Queue().cell,
    sql: Annotated[str, typer.Option(metavar="URL", help="The records, to ask for closed visits.")] = "",
    grace: Annotated[float, typer.Option(min=0, help="Seconds a deadline may be late.")] = GRACE_S,
    at: Annotated[float | None, typer.Option(help="With --file: the moment, in seconds since 1970 (UTC).")] = None,
) -> None:
    """Look for visits that are lost, offered twice, or not on the board; exit with 1 if there are any."""
    if file is not None:
        store = read_file(file)
        latest = max((r.at for s in store.streams.values() for _, r in s if r is not None), default=0.0)
        findings = audit(store, latest if at is None else at, grace)
    else:
        store, findings = asyncio.run(confirmed(_source(redis, data, cell, sql), grace))
    print(json.dumps(report(store, findings), ensure_ascii=False, indent=2))
    for one in findings:
        print(f"{one.kind}: {one.stream}: {one.words}", file=sys.stderr)
    print(f"{len(store.streams)} streams, {len(findings)} violations", file=sys.stderr)
    sys.exit(1 if findings else 0)


def report(store: Store, findings: tuple[Finding, ...]) -> dict[str, Any]:
    """Return what is printed as JSON."""
    return {
        "ok": not findings,
        "visits": sum(1 for stream in store.streams if stream.startswith("visit:")),
        "shifts": sum(1 for stream in store.streams if stream.startswith("shift:")),
        "events": sum(map(len, store.streams.values())),
        "asked": {
            "board": store.rows is not None,
            "deadlines": store.deadlines is not None,
            "unrecorded": store.unrecorded is not None,
            "records": store.recorded is not None,
        },
        "violations": msgspec.to_builtins(findings),
    }


def _source(redis: str, data: Path | None, cell: str, sql: str) -> Source:
    if data is not None:
        note = data / "run" / "redis.url"
        if not note.exists():
            raise InvalidSettings(f"{note} is not there: is `rvw up --data {data}` running?")
        records = (data / "rvw.sqlite3").absolute()
        return Source(note.read_text().strip(), cell, sql or (f"sqlite:///{records}" if records.exists() else ""))
    if not redis:
        raise InvalidSettings("say where to look: --redis URL, --data DIR or --file EVENTS.ndjson")
    return Source(redis, cell, sql)


def read_file(file: Path) -> Store:
    """Return the streams of a file of events. Raises `InvalidInput` with the line."""
    streams: dict[str, list[tuple[int, Recorded | None]]] = {}
    with file.open(encoding="utf-8") as lines:
        for number, text in enumerate(lines, 1):
            try:
                recorded = RECORDED.decode(text)
            except RvwError as error:
                raise InvalidInput(f"{file}, line {number}: {error}") from error
            streams.setdefault(recorded.stream, []).append((recorded.version, recorded))
    return Store(streams=streams)


async def confirmed(source: Source, grace: float) -> tuple[Store, tuple[Finding, ...]]:
    """Return the store as last read, and what was wrong each time. Raises `Unavailable`."""
    store = await read(source)
    findings = audit(store, time.time(), grace)
    for _ in range(PASSES - 1):
        if not findings:
            break
        await asyncio.sleep(PAUSE_S)
        before = {(one.kind, one.stream) for one in findings}
        store = await read(source)
        findings = tuple(one for one in audit(store, time.time(), grace) if (one.kind, one.stream) in before)
    return store, findings


async def read(source: Source) -> Store:
    """Return what the live store holds. Raises `Unavailable`."""
    from signaling.keys import Keys
    from signaling.ledger import connect
    from signaling.survey import Survey

    async with connect(source.redis) as client:
        store = await Survey(client, Keys(source.cell)).whole()
    store.recorded = await _recorded(source.sql, store.streams) if source.sql else None
    return store


async def _recorded(sql: str, streams: dict[str, list[tuple[int, Recorded | None]]]) -> frozenset[str]:
    """Return which closed visits without receipt SQL holds."""
    from rvw.domain.reckoning import reckon
    from signaling.records import open_store

    closed = []
    for stream, entries in streams.items():
        own, _ = reckon(recorded for _, recorded in entries if recorded is not None)
        if stream.startswith("visit:") and own.state == "closed" and not own.receipt:
            closed.append(stream)
    async with open_store(sql) as store:
        return frozenset([one for one in closed if await store.archive.record(one.removeprefix("visit:")) is not None])
