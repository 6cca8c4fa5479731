"""`rvw keep`: how long what is kept of visits is kept; what must stay; what is deleted, with a certificate."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from rvw.cli.audit_log import operator, settings_of
from rvw.cli.media import control_secret
from rvw.clock import DAY_S, Instant
from rvw.domain.catalogue.retention import Kind
from rvw.domain.keeping import obstacle
from rvw.errors import InvalidInput, NotFound
from rvw.settings import Settings

if TYPE_CHECKING:  # what takes long to import is imported by the command that needs it
    from signaling.keeping.deleting import Deleting
    from signaling.keeping.holding import Holding
    from signaling.records import Store

app = typer.Typer(no_args_is_help=True, help="How long what is kept of visits is kept.")

Config = Annotated[Path | None, typer.Option(help="The settings file.")]
Data = Annotated[Path, typer.Option(metavar="DIR", help="The data folder.")]
Visit = Annotated[str, typer.Argument(metavar="VISIT")]
Why = Annotated[str, typer.Option(help="The case, the appeal, who asks: it is shown and kept.")]

HERE = Path("var")


@app.command("due")
def show_due(config: Config = None, data: Data = HERE) -> None:
    """List what is to be deleted now, by which rule, and what stands in the way, as JSON."""

    async def found(deleting: "Deleting") -> list[dict[str, Any]]:
        return [
            {
                "visit": one.visit, "kind": one.kind, "rule": one.rule.id, "due": _day(one.since),
                "obstacle": obstacle(kept) or "",
            }
            async for one, kept in deleting.due()
        ]  # fmt: skip

    _tell(_with_deleting(settings_of(config, data), data, "", found))


@app.command("run")
def run_now(
    redis: Annotated[str, typer.Option(metavar="URL", help="The live store; else that of a running `rvw up`.")] = "",
    config: Config = None,
    data: Data = HERE,
) -> None:
    """Delete now what is due, at any hour; say what was deleted. The product does so by itself (keeping.from_hour)."""

    async def gone(deleting: "Deleting") -> list[dict[str, Any]]:
        return [
            {"visit": one.visit, "kind": one.kind, "rule": one.rule.id, "files": len(one.files)}
            for one in await deleting.once()
        ]

    _tell(_with_deleting(settings_of(config, data), data, redis or _redis_of(data), gone))


@app.command()
def hold(
    visit: Visit,
    why: Why,
    until: Annotated[
        str, typer.Option(help="It ends by itself after that day: 2027-01-31. Without: it must be lifted.")
    ] = "",
    config: Config = None,
    data: Data = HERE,
) -> None:
    """Let nothing of a visit be deleted, whatever the rules say."""
    from signaling.days import day

    end = day(until) + DAY_S if until else None
    _tell(_with_holding(settings_of(config, data), lambda holding: holding.place(operator(), visit, why, end)))


@app.command()
def lift(
    hold_id: Annotated[str, typer.Argument(metavar="HOLD")], why: Why, config: Config = None, data: Data = HERE
) -> None:
    """Let the rules hold again for what was held."""
    _tell(_with_holding(settings_of(config, data), lambda holding: holding.lift(operator(), hold_id, why)))


@app.command()
def certificate(
    visit: Visit,
    kind: Annotated[Kind, typer.Option(help="What was deleted.")] = "dossier",
    config: Config = None,
    data: Data = HERE,
) -> None:
    """Print the certificate of a deletion, byte for byte: for `rvw verify`."""
    from signaling.app import open_records

    async def found() -> bytes:
        async with open_records(settings_of(config, data)) as store:
            deletion = await store.deletions.find(visit, kind)
            return deletion.certificate if deletion else b""

    if not (sealed := asyncio.run(found())):
        raise NotFound(f"no {kind} of {visit} has been deleted")
    typer.echo(sealed, nl=False)


def _with_holding(settings: Settings, do: Callable[["Holding"], Coroutine[Any, Any, object]]) -> object:
    from signaling.app import open_records
    from signaling.dossiers.keys import open_keys
    from signaling.keeping.audit import Audit
    from signaling.keeping.holding import Holding
    from signaling.live import new_id

    async def run() -> object:
        keys = open_keys(Path(settings.store.data), time.time())
        async with open_records(settings) as store:
            return await do(Holding(store.holds, Audit(store.trail, keys, time.time), time.time, new_id))

    return asyncio.run(run())


def _with_deleting(
    settings: Settings, data: Path, redis: str, do: Callable[["Deleting"], Coroutine[Any, Any, object]]
) -> object:
    async def run() -> object:
        from signaling.app import open_records

        async with open_records(settings) as store, _deleting(settings, data, redis, store) as deleting:
            return await do(deleting)

    return asyncio.run(run())


@asynccontextmanager
async def _deleting(settings: Settings, data: Path, redis: str, store: "Store") -> "AsyncIterator[Deleting]":
    """Give what deletes, as a signaling process has it."""
    import httpx2

    import config
    from signaling.blobs.opening import open_blobs
    from signaling.catalogue_watch import read
    from signaling.dossiers.amending import Amendments
    from signaling.dossiers.keys import open_keys
    from signaling.dossiers.sealing import Sealer
    from signaling.handover.opening import way_of
    from signaling.keeping.audit import Audit
    from signaling.keeping.removal import open_deleting
    from signaling.keys import Keys
    from signaling.ledger import connect
    from signaling.media_client import Worker
    from signaling.recordings.opening import open_gathering
    from signaling.traces import Traces

    catalogue = read(Path(settings.catalogue) if settings.catalogue else config.FOLDER / "catalogue")
    keys = open_keys(Path(settings.store.data), time.time())

    def way(matter: str) -> str:
        return way_of(catalogue, matter, settings.handover)

    amendments = Amendments(store.archive, Sealer(keys, time.time), way, lambda: None, time.time)
    headers = {"Authorization": f"Bearer {control_secret(data)}", "Content-Type": "application/json"}
    async with connect(redis or "unix:///none") as client, httpx2.AsyncClient(headers=headers) as http:
        workers = [Worker(url, http) for url in _workers_of(settings, data)]
        yield open_deleting(
            settings,
            store,
            open_blobs(settings, store.keys),
            Traces(client, Keys(settings.queue.cell)),
            keys,
            Audit(store.trail, keys, time.time),
            amendments,
            open_gathering(settings, lambda: workers).let_go,
            lambda: catalogue,
            way,
            time.time,
        )


def _workers_of(settings: Settings, data: Path) -> list[str]:
    running = [file.read_text().strip() for file in sorted((data / "run").glob("media-*.url"))]
    return running or list(settings.media_workers)


def _redis_of(data: Path) -> str:
    try:
        return (data / "run" / "redis.url").read_text().strip()
    except OSError as error:
        raise InvalidInput(f"{data} is not that of a running `rvw up`: name the live store by --redis") from error


def _day(at: Instant) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def _tell(found: object) -> None:
    print(json.dumps(msgspec.to_builtins(found), ensure_ascii=False, indent=2))
