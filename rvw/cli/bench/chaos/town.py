"""Who takes part: made-up kiosks and officers, signed in, at the desks of the product's own catalogue."""

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout

from argon2 import PasswordHasher
from msgspec import Struct

from rvw.domain.catalogue import Catalogue, Desk, steps
from rvw.domain.people import Role
from rvw.protocol.rest import Session
from rvw.settings import Security

MATTER = "social-card"
PASSWORD = "chaos-has-no-secrets"  # noqa: S105 - of accounts that live as long as the run
ENROLMENT_S = 600.0


class Town(Struct, frozen=True):
    """Everybody's sign-in, and where visits go."""

    kiosks: tuple[Session, ...]
    officers: tuple[Session, ...]
    desks: tuple[Desk, ...]
    """One a region: each is the first of its own region's chain."""


def places(catalogue: Catalogue) -> tuple[Desk, ...]:
    """Return the desks that residents of their own region are given first."""
    return tuple(d for d in catalogue.desks.values() if steps(catalogue, MATTER, d.region)[0].desk == d.id)


async def settle(sql: str, secret: str, desks: Sequence[Desk], kiosks: int, officers: int) -> Town:
    """Write so many people into the records at `sql` and sign them in. Raises `Unavailable`."""
    from signaling.auth import Auth, Passwords, mint_enrolment
    from signaling.records import open_store
    from signaling.records.people import Account, Authority, Hall, Kiosk

    names = sorted({desk.authority for desk in desks})
    halls = [Hall(f"hall-{name}", name, "示例大厅", "Sample hall") for name in names]
    stands = [Kiosk(f"kiosk-{n:04d}", halls[n % len(halls)].id, f"示例终端 {n}") for n in range(kiosks)]
    accounts = []
    for number in range(officers):
        desk, name = desks[number % len(desks)], f"officer-{number:03d}"
        accounts.append(Account(name, Role.OFFICER, f"示例 {number}", desk.authority, desks=(desk.id,)))
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    async with open_store(sql) as store:
        kept = await quick.hash(PASSWORD)
        known = [Authority(name, name, name) for name in names]
        await store.people.put(known, halls, stands, [(one, kept) for one in accounts])
        auth = Auth(store, Security(secret=secret), passwords=quick)
        with redirect_stdout(sys.stderr):  # logs: the standard output is for the command's answer
            enrolled = [await auth.enrol((await mint_enrolment(store, k.id, ENROLMENT_S)).code) for k in stands]
        signed_in = [await auth.login(one.user, PASSWORD) for one in accounts]
    return Town(tuple(enrolled), tuple(signed_in), tuple(desks))
