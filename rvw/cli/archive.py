"""`rvw archive`: a month of records as a BagIt bag for the archive, checked after writing and by whoever receives it."""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from rvw.domain.seal import public_keys
from rvw.errors import InvalidInput, NotWhole
from rvw.settings import load

app = typer.Typer(no_args_is_help=True, help="Records for the archive.")

NOT_WHOLE = 1


@app.command("export")
def export(
    month: Annotated[str, typer.Option(help="The month in which visits were closed: 2026-10.")],
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="A new folder.")],
    config: Annotated[Path | None, typer.Option(help="The settings file.")] = None,
    data: Annotated[Path, typer.Option(help="The data folder.")] = Path("var"),
) -> None:
    """Write a month of records, with the hand-over list, and check what was written."""
    from signaling.app import open_records
    from signaling.blobs.opening import open_blobs
    from signaling.dossiers import archiving
    from signaling.dossiers.keys import open_keys

    since, until = archiving.month(month)
    settings = load(config.read_text() if config else "", os.environ, {"store.data": str(data.absolute())})
    keys = open_keys(Path(settings.store.data), time.time()).public()

    async def run() -> archiving.Bag:
        async with open_records(settings) as store:
            blobs = open_blobs(settings, store.keys)
            return await archiving.export(store.archive, blobs, since, until, to, keys)

    bag = asyncio.run(run())
    print(f"{bag.visits} visits, {bag.bytes} bytes, written to {to} and checked")


@app.command("tidy")
def tidy(
    config: Annotated[Path | None, typer.Option(help="The settings file.")] = None,
    data: Annotated[Path, typer.Option(help="The data folder.")] = Path("var"),
) -> None:
    """Drop tables that only an earlier version used: when all its processes have been replaced."""
    from signaling.app import open_records
    from signaling.records import migrations

    settings = load(config.read_text() if config else "", os.environ, {"store.data": str(data.absolute())})

    async def run() -> tuple[str, ...]:
        async with open_records(settings) as store:
            return await migrations.tidy(store.database)

    print(", ".join(asyncio.run(run())) or "nothing", "dropped")


@app.command("verify")
def verify(
    folder: Path,
    keys: Annotated[Path, typer.Option(help="The public keys, as the issuer publishes them.")],
) -> None:
    """Check a bag and every dossier in it; exit with 1 and name the first thing that does not fit."""
    from signaling.dossiers import archiving

    try:
        known = public_keys(keys.read_bytes())
    except OSError as error:
        raise InvalidInput(f"{keys} cannot be read: {error.strerror}") from error
    try:
        bag = archiving.verify(folder, known)
    except NotWhole as error:
        print(f"NOT WHOLE: {error}")
        sys.exit(NOT_WHOLE)
    print(f"WHOLE: {bag.visits} visits, {bag.bytes} bytes")
