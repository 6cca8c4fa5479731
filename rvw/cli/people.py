"""`rvw tenancy`, `rvw account`, `rvw kiosk`: who exists, told to the database by the IT staff of an authority."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from rvw.domain.people import BEST_GRADE, Role, Skill
from rvw.errors import InvalidInput, InvalidSettings
from rvw.settings import Settings, load

tenancy = typer.Typer(no_args_is_help=True, help="Authorities, halls and kiosks.")
account = typer.Typer(no_args_is_help=True, help="Accounts of officers, hosts and supervisors.")
kiosk = typer.Typer(no_args_is_help=True, help="Kiosks.")

Config = Annotated[Path | None, typer.Option(help="The settings file.")]
Data = Annotated[Path, typer.Option(help="The data folder, when the records are in SQLite.")]


def _settings(config: Path | None, data: Path) -> Settings:
    return load(_text(config) if config else "", os.environ, {"store.data": str(data.absolute())})


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidSettings(f"{file} cannot be read: {error}") from error


@tenancy.command("load")
def load_tenancy(file: Path, config: Config = None, data: Data = Path("var")) -> None:
    """Make the authorities, halls, kiosks and accounts of a TOML file exist (its form: config/demo.toml)."""
    from signaling.app import open_records
    from signaling.tenancy import parse, seed

    told = parse(_text(file))

    async def run() -> None:
        async with open_records(_settings(config, data)) as store:
            await seed(store, told)

    asyncio.run(run())


@account.command("add")
def add(
    user: str,
    role: Annotated[Role, typer.Option()],
    name: Annotated[str, typer.Option(help="The name people see.")],
    authority: Annotated[str, typer.Option()],
    password: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True)],
    hall: Annotated[
        list[str] | None,
        typer.Option(help="Of a host, or of an officer's own counter; the usual one first, may be repeated."),
    ] = None,
    desk: Annotated[list[str] | None, typer.Option(help="Of an officer; may be repeated.")] = None,
    skill: Annotated[
        list[str] | None,
        typer.Option(metavar="MATTER=GRADE", help="A matter, a rule pack or *, and 1 (best) to 9; may be repeated."),
    ] = None,
    language: Annotated[list[str] | None, typer.Option(help="zh, en; may be repeated.")] = None,
    config: Config = None,
    data: Data = Path("var"),
) -> None:
    """Add an account. Asks for its password."""
    from signaling.app import open_records
    from signaling.auth import add_account
    from signaling.records.people import Account

    made = Account(
        user=user,
        role=role,
        name=name,
        authority=authority,
        hall=next(iter(hall or ()), ""),
        halls=tuple(hall or ())[1:],
        desks=tuple(desk or ()),
        languages=tuple(language or ("zh",)),
        skills=tuple(map(skill_of, skill or ())),
    )

    async def run() -> None:
        async with open_records(_settings(config, data)) as store:
            await add_account(store, made, password)

    asyncio.run(run())


def skill_of(text: str) -> Skill:
    """Return the skill written as `social-card=1`. Raises `InvalidInput` that says how to write it."""
    matter, _, grade = text.rpartition("=")
    try:
        return msgspec.convert({"matter": matter, "grade": grade}, Skill, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"--skill {text}: write MATTER=GRADE, the grade from {BEST_GRADE} (best) to 9") from error


@kiosk.command("code")
def code(name: Annotated[str, typer.Argument(metavar="KIOSK")], config: Config = None, data: Data = Path("var")) -> None:
    """Print a one-time code that sets the kiosk up: open /kiosk?enrol=CODE on it."""
    from signaling.app import open_records
    from signaling.auth import mint_enrolment

    async def run() -> str:
        settings = _settings(config, data)
        async with open_records(settings) as store:
            return (await mint_enrolment(store, name, settings.security.enrolment_s)).code

    print(asyncio.run(run()))
