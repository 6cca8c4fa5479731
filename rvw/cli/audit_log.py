"""`rvw audit export` and `rvw audit verify`: who saw or changed what, for an auditor who trusts nobody."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from rvw.domain.chain import canonical
from rvw.domain.people import Actor, Role
from rvw.domain.seal import PublicKeys, public_keys
from rvw.domain.trail import Check, Intact, Line
from rvw.errors import InvalidInput, InvalidSettings, NotWhole
from rvw.settings import Settings, load

NOT_WHOLE = 1

Config = Annotated[Path | None, typer.Option(help="The settings file.")]
Data = Annotated[Path, typer.Option(metavar="DIR", help="The data folder.")]

LINE: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)


def operator() -> Actor:
    """Return who types at this machine, as the audit log names them."""
    name = os.environ.get("SUDO_USER") or os.environ.get("USER") or str(os.getuid())
    return Actor(f"cli:{name}", Role.SYSTEM, name, "")


def settings_of(config: Path | None, data: Path) -> Settings:
    """Return the settings that processes of this data folder have. Raises `InvalidSettings`."""
    try:
        text = config.read_text(encoding="utf-8") if config else ""
    except OSError as error:
        raise InvalidSettings(f"{config} cannot be read: {error.strerror}") from error
    return load(text, os.environ, {"store.data": str(data.absolute())})


def add_to(app: typer.Typer) -> None:
    """Make these commands of `rvw audit`."""
    app.command()(export)
    app.command()(verify)


def export(
    to: Annotated[Path, typer.Option(metavar="FILE", help="A new file: one entry or seal a line, as JSON.")],
    config: Config = None,
    data: Data = Path("var"),
) -> None:
    """Write the whole audit log, sealed up to its end, into a file."""
    from signaling.app import open_records
    from signaling.dossiers.keys import open_keys
    from signaling.keeping.audit import Audit

    settings = settings_of(config, data)

    async def run() -> int:
        keys = open_keys(Path(settings.store.data), time.time())
        async with open_records(settings) as store:
            audit = Audit(store.trail, keys, time.time)
            await audit.note(operator(), "took", "", "audit log")
            await audit.seal()
            return await _write(store.trail.lines(), to)

    print(f"{asyncio.run(run())} lines written to {to}")


def verify(
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="An exported log; without it: the database.")] = None,
    keys: Annotated[Path | None, typer.Option(help="The public keys, as published; without it: the data folder's.")] = None,
    config: Config = None,
    data: Data = Path("var"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Check the audit log; exit with 1 and name the first entry that does not fit."""
    settings = settings_of(config, data)
    try:
        intact = (
            _checked_file(file, _keys(keys, settings)) if file else asyncio.run(_checked(settings, _keys(keys, settings)))
        )
    except NotWhole as error:
        print(json.dumps({"ok": False, "fault": str(error)}, ensure_ascii=False) if as_json else f"NOT WHOLE: {error}")
        sys.exit(NOT_WHOLE)
    print(json.dumps({"ok": True, **msgspec.to_builtins(intact)}, indent=2) if as_json else _told(intact))


def _checked_file(file: Path, known: PublicKeys) -> Intact:
    check = Check(known)
    try:
        for line in _lines(file):
            _feed(check, line)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}") from error
    return check.end()


async def _checked(settings: Settings, known: PublicKeys) -> Intact:
    from signaling.app import open_records

    check = Check(known)
    async with open_records(settings) as store:
        async for line in store.trail.lines():
            _feed(check, line)
    return check.end()


def _feed(check: Check, line: Line) -> None:
    if line.entry is not None:
        check.entry(line.entry)
    else:
        check.seal(line.sealed.encode())


def _lines(file: Path) -> Iterator[Line]:
    with file.open("rb") as opened:
        for number, text in enumerate(opened, 1):
            try:
                yield LINE.decode(text)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise NotWhole(f"line {number} is no line of an audit log: {error}") from error


async def _write(lines: AsyncIterator[Line], to: Path) -> int:
    count = 0
    try:
        with to.open("xb") as file:
            async for line in lines:
                file.write(canonical(line) + b"\n")
                count += 1
    except OSError as error:
        raise InvalidInput(f"{to} cannot be written: {error.strerror}") from error
    return count


def _keys(keys: Path | None, settings: Settings) -> PublicKeys:
    from signaling.dossiers.keys import open_keys

    if keys is None:
        return open_keys(Path(settings.store.data), time.time()).public()
    try:
        return public_keys(keys.read_bytes())
    except OSError as error:
        raise InvalidInput(f"{keys} cannot be read: {error.strerror}") from error


def _told(intact: Intact) -> str:
    young = intact.entries - intact.sealed
    lines = [f"WHOLE: {intact.entries} entries, sealed {intact.seals} times", f"the last link is {intact.head}"]
    if young:
        lines.append(f"the last {young} are not sealed yet: only those could have been cut off unnoticed")
    return "\n".join(lines)
