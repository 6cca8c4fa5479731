"""Who exists on the first day: a tenancy read from a TOML file and written to the store.

`parse` is pure and names what is wrong; `seed` may run at every start. The demo tenancy has a password that everybody
knows: `check_production` is what keeps it, and the demo's other secrets, out of a real installation.
"""

import tomllib
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct

from rvw.domain.people import SYSTEM, Role
from rvw.errors import InvalidSettings
from rvw.settings import Settings
from signaling.auth import ROLES_WITH_PASSWORD, USER_NAME, Passwords
from signaling.records import Store
from signaling.records.people import Account, Authority, Hall, Kiosk

DEMO_SECRET: Final = "demo-secret-of-the-remote-virtual-window"  # noqa: S105 - refused in production, see below
"""What a demo signs with when nothing else is given."""

MIN_SECRET: Final = 32
"""The fewest characters of a secret in production."""

_WELL_KNOWN: Final = frozenset({DEMO_SECRET, "change-me", "changeme", "secret", "demo", "demo-window"})


class Tenancy(Struct, frozen=True, kw_only=True):
    """Authorities with their halls, kiosks and people."""

    authorities: tuple[Authority, ...]
    halls: tuple[Hall, ...]
    kiosks: tuple[Kiosk, ...]
    accounts: tuple[Account, ...]
    password: str
    """Of every account."""


class _File(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    password: str
    authority: tuple[Authority, ...] = ()
    hall: tuple[Hall, ...] = ()
    kiosk: tuple[Kiosk, ...] = ()
    account: tuple[Account, ...] = ()


def parse(text: str) -> Tenancy:
    """Return the tenancy in a TOML text. Raises `InvalidSettings` that names the entry."""
    try:
        file = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InvalidSettings(f"the tenancy cannot be read: {error}") from error
    _check(file)
    return Tenancy(
        authorities=file.authority, halls=file.hall, kiosks=file.kiosk, accounts=file.account, password=file.password
    )


async def seed(store: Store, tenancy: Tenancy, passwords: Passwords | None = None) -> None:
    """Make everybody of the tenancy exist. Repeatable; what is revoked or disabled stays so. Raises `Unavailable`."""
    kept = await (passwords or Passwords()).hash(tenancy.password)
    accounts = [(account, kept) for account in tenancy.accounts]
    await store.people.put(tenancy.authorities, tenancy.halls, tenancy.kiosks, accounts)


def check_production(settings: Settings) -> None:
    """Raise `InvalidSettings`, naming the key, if this is no demo and a secret is missing, short or well known."""
    if settings.security.demo:
        return
    names = ("secret", "control_secret", "contact_secret")
    secrets: dict[str, str] = {f"security.{name}": getattr(settings.security, name) for name in names}
    if settings.handover.adapter == "http":
        secrets["handover.secret"] = settings.handover.secret
    if settings.turn.urls:
        secrets["turn.secret"] = settings.turn.secret
    for key, secret in secrets.items():
        if secret in _WELL_KNOWN or secret.startswith("demo"):
            raise InvalidSettings(f"{key} is one that everybody knows: choose another, or start with --demo")
        if len(secret) < MIN_SECRET:
            raise InvalidSettings(f"{key} has fewer than {MIN_SECRET} characters: choose another, or start with --demo")


def signing_secret(settings: Settings) -> str:
    """Return the secret that tokens are signed with: the one of the settings, or the demo's."""
    return settings.security.secret or (DEMO_SECRET if settings.security.demo else "")


def contact_secret(settings: Settings) -> str:
    """Return the secret that telephone numbers are encrypted with: the one of the settings, or the demo's."""
    return settings.security.contact_secret or (DEMO_SECRET if settings.security.demo else "")


def _check(file: _File) -> None:
    authorities = {authority.id for authority in file.authority}
    halls = {hall.id for hall in file.hall}
    actors = [SYSTEM.id, *(kiosk.id for kiosk in file.kiosk), *(account.user for account in file.account)]
    for kind, names in (("authority", [a.id for a in file.authority]), ("hall", [h.id for h in file.hall])):
        _each_once(kind, names)
    _each_once("kiosk or account", actors)
    for hall in file.hall:
        _must(hall.authority in authorities, f"hall {hall.id}: there is no authority {hall.authority}")
    for kiosk in file.kiosk:
        _must(kiosk.hall in halls, f"kiosk {kiosk.id}: there is no hall {kiosk.hall}")
    for account in file.account:
        _check_account(account, authorities, halls)


def _check_account(account: Account, authorities: set[str], halls: set[str]) -> None:
    who = f"account {account.user}"
    _must(USER_NAME.fullmatch(account.user), f"{who}: this is no user name")
    _must(account.role in ROLES_WITH_PASSWORD, f"{who}: {account.role} is no role of an account")
    _must(account.authority in authorities, f"{who}: there is no authority {account.authority}")
    for hall in (account.hall, *account.halls):
        _must(not hall or hall in halls, f"{who}: there is no hall {hall}")
    _must(account.role is not Role.OFFICER or account.desks, f"{who}: an officer has at least one desk")
    _must(account.role is not Role.HOST or account.hall, f"{who}: a host has a hall")


def _each_once(kind: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        _must(bool(name) and name not in seen, f"{kind} {name}: the name is empty or taken")
        seen.add(name)


def _must(holds: Any, otherwise: str) -> None:
    if not holds:
        raise InvalidSettings(f"the tenancy: {otherwise}")
