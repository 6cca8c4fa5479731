"""People sign in, kiosks enrol, tokens tell who it is, and revoking one counts."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from joserfc import jwt
from joserfc.jwk import OctKey

from rvw.domain.people import Role
from rvw.errors import (
    Conflict,
    InvalidInput,
    InvalidSettings,
    NotAllowed,
    NotFound,
    NotSignedIn,
    TooMany,
    WrongCredentials,
)
from rvw.settings import Security
from signaling.auth import CODE_CHARACTERS, FRESH_S, Auth, Passwords, add_account, mint_enrolment
from signaling.records import Store
from signaling.records.people import MAX_CODES_PER_KIOSK, Account
from signaling.tenancy import parse, seed

DEMO = Path(__file__).parents[3] / "config" / "demo.toml"
SECURITY = Security(secret="a secret for tests, long enough for all")


class Now:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    """Hashes that cost next to nothing."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
async def auth(store: Store, now: Now, passwords: Passwords) -> Auth:
    """Sign-in for the demo tenancy."""
    await seed(store, parse(DEMO.read_text()), passwords)
    return Auth(store, SECURITY, now, passwords)


async def test_an_officer_signs_in(auth: Auth, now: Now) -> None:
    """Name and password lead to a token, and the token back to the officer."""
    session = await auth.login("pudong1", "demo-window")
    assert session.actor.role is Role.OFFICER
    assert session.actor.desks == ("pudong",)
    assert session.actor.languages == ("zh", "en")
    assert session.expires_at == now() + SECURITY.session_s
    assert auth.verify(session.token, now()) == session.actor
    assert await auth.actor(session.token) == session.actor


@pytest.mark.parametrize(("user", "password"), [("pudong1", "wrong"), ("nobody", "demo-window"), ("", "")])
async def test_a_wrong_name_and_a_wrong_password_are_told_alike(auth: Auth, user: str, password: str) -> None:
    """Nobody learns which names exist."""
    with pytest.raises(WrongCredentials, match="the name or the password is wrong"):
        await auth.login(user, password)


async def test_an_unknown_name_costs_as_many_hashes(auth: Auth, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown name is checked against a hash of nobody's, with the same parameters."""
    checked: list[str] = []
    verify = PasswordHasher.verify

    def counting(self: PasswordHasher, kept: str, password: str) -> bool:
        checked.append(kept)
        return bool(verify(self, kept, password))

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    for user in ("pudong1", "nobody"):
        with pytest.raises(WrongCredentials):
            await auth.login(user, "wrong")
    known, unknown = (kept.split("$")[:4] for kept in checked)
    assert known == unknown


async def test_wrong_tries_are_limited_right_ones_are_not(auth: Auth, now: Now) -> None:
    """Thirty right sign-ins in a row pass; the eleventh wrong one in a minute does not; later it does again."""
    for _ in range(30):
        await auth.login("pudong1", "demo-window", "10.0.0.1")
    for _ in range(SECURITY.logins_per_minute):
        with pytest.raises(WrongCredentials):
            await auth.login("pudong1", "wrong", "10.0.0.1")
    with pytest.raises(TooMany):
        await auth.login("pudong1", "demo-window", "10.0.0.1")
    await auth.login("pudong1", "demo-window", "10.0.0.2")
    now.now += 60
    await auth.login("pudong1", "demo-window", "10.0.0.1")


async def test_wrong_codes_are_limited(auth: Auth) -> None:
    """Guessing codes ends after a few."""
    for _ in range(SECURITY.logins_per_minute):
        with pytest.raises(WrongCredentials):
            await auth.enrol("0000-0000-0000", "10.0.0.1")
    with pytest.raises(TooMany):
        await auth.enrol("0000-0000-0000", "10.0.0.1")


async def test_a_kiosk_enrols_once_with_a_code(auth: Auth, now: Now) -> None:
    """The supervisor makes a code, the kiosk uses it, nobody can use it again."""
    lead = (await auth.login("lead-pudong", "demo-window")).actor
    enrolment = await auth.new_enrolment(lead, "kiosk-pudong-1")
    session = await auth.enrol(enrolment.code.upper().replace("-", " "))
    assert (session.actor.id, session.actor.role) == ("kiosk-pudong-1", Role.KIOSK)
    assert (session.actor.authority, session.actor.hall) == ("pudong", "pudong-hall")
    assert session.expires_at == now() + SECURITY.device_s
    assert await auth.actor(session.token) == session.actor
    with pytest.raises(WrongCredentials):
        await auth.enrol(enrolment.code)


async def test_a_device_that_takes_a_kiosks_place_is_known_at_once_and_the_old_one_no_more(
    auth: Auth, store: Store, now: Now
) -> None:
    """A kiosk is exchanged: the new device may connect in the same second, although the old one was just remembered."""
    old, new = [await mint_enrolment(store, "kiosk-pudong-1", 60, now) for _ in range(2)]
    before = await auth.enrol(old.code)
    assert (await auth.actor(before.token)).id == "kiosk-pudong-1"
    after = await auth.enrol(new.code)
    assert (await auth.actor(after.token)).id == "kiosk-pudong-1"
    with pytest.raises(NotSignedIn):
        await auth.actor(before.token)


async def test_of_many_kiosks_with_one_code_one_enrols(auth: Auth, store: Store, now: Now) -> None:
    """Eight use the same code at the same time."""
    enrolment = await mint_enrolment(store, "kiosk-pudong-1", 60, now)
    answers = await asyncio.gather(*(auth.enrol(enrolment.code) for _ in range(8)), return_exceptions=True)
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert sum(isinstance(answer, WrongCredentials) for answer in answers) == 7


async def test_a_code_is_over_after_its_time(auth: Auth, store: Store, now: Now) -> None:
    """A day later the code is worth nothing."""
    enrolment = await mint_enrolment(store, "kiosk-pudong-1", SECURITY.enrolment_s, now)
    now.now += SECURITY.enrolment_s
    with pytest.raises(WrongCredentials):
        await auth.enrol(enrolment.code)


async def test_codes_are_long_and_few(auth: Auth, store: Store, now: Now) -> None:
    """A code has 60 bits; of too many for a kiosk the oldest are forgotten."""
    codes = []
    for _ in range(MAX_CODES_PER_KIOSK + 1):
        now.now += 1
        codes.append((await mint_enrolment(store, "kiosk-pudong-1", 60, now)).code)
    assert len(set(codes)) == len(codes)
    assert all(len(code.replace("-", "")) == CODE_CHARACTERS for code in codes)
    with pytest.raises(WrongCredentials):
        await auth.enrol(codes[0])
    for code in codes[1:]:
        await auth.enrol(code)


async def test_who_may_make_a_code(auth: Auth) -> None:
    """An officer may not; a supervisor of another authority does not see the kiosk."""
    officer = (await auth.login("pudong1", "demo-window")).actor
    with pytest.raises(NotAllowed):
        await auth.new_enrolment(officer, "kiosk-pudong-1")
    lead = (await auth.login("lead-baoshan", "demo-window")).actor
    for kiosk in ("kiosk-pudong-1", "no-such-kiosk"):
        with pytest.raises(NotFound):
            await auth.new_enrolment(lead, kiosk)


async def test_a_token_is_over_after_its_time(auth: Auth, now: Now) -> None:
    """Twelve hours later the officer signs in again."""
    session = await auth.login("pudong1", "demo-window")
    now.now = session.expires_at
    with pytest.raises(NotSignedIn):
        await auth.actor(session.token)
    with pytest.raises(NotSignedIn):
        auth.verify(session.token, now())


async def test_processes_share_tokens_by_the_secret(auth: Auth, store: Store, now: Now, passwords: Passwords) -> None:
    """Another process with the same secret knows the token, one with another secret does not."""
    session = await auth.login("pudong1", "demo-window")
    assert await Auth(store, SECURITY, now, passwords).actor(session.token) == session.actor
    stranger = Auth(store, Security(secret="another secret, as long as the first one"), now, passwords)
    with pytest.raises(NotSignedIn):
        await stranger.actor(session.token)


FORGERIES: dict[str, Callable[[str], str]] = {
    "empty": lambda token: "",
    "no token": lambda token: "abc",
    "three dots": lambda token: "a.b.c",
    "other claims": lambda token: ".".join([token.split(".")[0], "e30", token.split(".")[2]]),
    "no signature": lambda token: ".".join([*token.split(".")[:2], ""]),
    "no algorithm": lambda token: "eyJhbGciOiJub25lIn0." + token.split(".")[1] + ".",
    "shared secret": lambda token: jwt.encode({"alg": "HS256"}, {"sub": "x"}, OctKey.import_key(SECURITY.secret * 2)),
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
async def test_a_forged_token_is_refused(auth: Auth, now: Now, forgery: Callable[[str], str]) -> None:
    """Whatever is not signed with our key is no sign-in."""
    session = await auth.login("pudong1", "demo-window")
    with pytest.raises(NotSignedIn):
        auth.verify(forgery(session.token), now())


async def test_a_revoked_kiosk_is_out_within_seconds(auth: Auth, store: Store, now: Now) -> None:
    """A stolen kiosk is revoked; after `FRESH_S` its token is worth nothing; a new code brings it back."""
    enrolled = await auth.enrol((await mint_enrolment(store, "kiosk-pudong-1", 60, now)).code)
    assert await auth.actor(enrolled.token) == enrolled.actor
    await store.people.revoke_kiosk("kiosk-pudong-1")
    now.now += FRESH_S
    with pytest.raises(NotSignedIn):
        await auth.actor(enrolled.token)
    again = await auth.enrol((await mint_enrolment(store, "kiosk-pudong-1", 60, now)).code)
    auth.forget()
    assert await auth.actor(again.token) == again.actor


async def test_a_disabled_account_stays_out_though_the_tenancy_is_loaded_again(
    auth: Auth, store: Store, passwords: Passwords
) -> None:
    """Disabling counts for tokens and sign-in, and seeding does not bring it back."""
    session = await auth.login("pudong1", "demo-window")
    await store.people.revoke_account("pudong1", disable=True)
    await seed(store, parse(DEMO.read_text()), passwords)
    with pytest.raises(NotSignedIn):
        await auth.actor(session.token)
    with pytest.raises(WrongCredentials):
        await auth.login("pudong1", "demo-window")


async def test_the_staff_add_an_account(auth: Auth, store: Store, passwords: Passwords) -> None:
    """A new officer signs in; the name cannot be taken twice, nor be a kiosk's or the system's."""
    account = Account("wang.li", Role.OFFICER, "王示例", "pudong", desks=("pudong",))
    await add_account(store, account, "long enough", passwords)
    assert (await auth.login("wang.li", "long enough")).actor.name == "王示例"
    for taken in ("wang.li", "kiosk-pudong-1"):
        with pytest.raises(Conflict):
            await add_account(store, Account(taken, Role.OFFICER, "x", "pudong"), "long enough", passwords)
    for refused in ("system", "", "Wang", "a b"):
        with pytest.raises(InvalidInput):
            await add_account(store, Account(refused, Role.OFFICER, "x", "pudong"), "long enough", passwords)
    with pytest.raises(InvalidInput):
        await add_account(store, Account("short", Role.OFFICER, "x", "pudong"), "short", passwords)
    with pytest.raises(InvalidInput):
        await add_account(store, Account("robot", Role.SYSTEM, "x", "pudong"), "long enough", passwords)
    with pytest.raises(NotFound):
        await add_account(store, Account("lost", Role.OFFICER, "x", "atlantis"), "long enough", passwords)


async def test_no_secret_no_sign_in(store: Store) -> None:
    """Without a secret the process does not start."""
    with pytest.raises(InvalidSettings):
        Auth(store, Security())
