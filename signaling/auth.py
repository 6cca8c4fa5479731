"""Who somebody is: passwords, enrolment codes, and the signed tokens that both lead to.

A token names an account or a kiosk and its generation; what that account may do now is asked of the store, so that a
changed desk or a revoked device counts at once (within `FRESH_S`) though a device token lives for a year. Roles come from
nowhere else. Not here: which role may do what (`rvw.domain.policy`), and sign-in at an identity provider.
"""

import asyncio
import hashlib
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final, Literal, TypeVar

import msgspec
import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from msgspec import Struct

from rvw.clock import Clock, Instant, Seconds
from rvw.domain.people import SYSTEM, Actor, Role
from rvw.domain.policy import authorities
from rvw.errors import (
    InvalidInput,
    InvalidSettings,
    NotAllowed,
    NotFound,
    NotSignedIn,
    TooMany,
    Unavailable,
    WrongCredentials,
)
from rvw.ids import ALPHABET
from rvw.protocol.rest import NewEnrolment, Session
from rvw.settings import Security
from signaling.limits import Buckets
from signaling.records import Store
from signaling.records.people import Account, Known, People

log = structlog.get_logger(__name__)

CODE_CHARACTERS: Final = 12
"""60 bits: with 10 tries a minute for each address, a million addresses need 200,000 years on average."""

FRESH_S: Final = 10.0
"""For how long an answer of the store about somebody is believed."""

MAX_FRESH: Final = 20_000
"""How many of these answers are kept."""

HASHES_AT_ONCE: Final = 2
"""How many passwords are checked at the same time: each takes 64 MiB and a core (RFC 9106, section 4)."""

MAX_HASHES: Final = 64
"""How many may be checked or wait for it; one more is told to try again."""

MIN_PASSWORD: Final = 10
"""The fewest characters of a password that somebody chooses."""

_ADDRESS_FACTOR = 10
"""A hall has one address for all its people, and an account may be tried from many addresses."""

_ALGORITHM: Final = "Ed25519"  # the name of RFC 9864; "EdDSA" is deprecated there
_ISSUER: Final = "rvw"

USER_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")

ROLES_WITH_PASSWORD: Final = frozenset({Role.OFFICER, Role.HOST, Role.SUPERVISOR})
"""A kiosk enrols, a guest is invited, the system is nobody."""

Result = TypeVar("Result")
Kind = Literal["session", "device", "guest"]


class Claims(Struct, frozen=True, forbid_unknown_fields=True):
    """What a token says (RFC 7519, section 4.1)."""

    iss: str
    aud: Kind
    iat: int
    exp: float
    gen: int
    act: Actor


class Auth:
    """Signs people and devices in, and says who holds a token."""

    def __init__(
        self,
        store: Store,
        security: Security,
        clock: Clock = time.time,
        passwords: "Passwords | None" = None,
        randomness: Callable[[int], bytes] = secrets.token_bytes,
        oversees: Callable[[str], tuple[str, ...]] = lambda _authority: (),
    ) -> None:
        """Derive the signing key from `security.secret`: all processes with the same secret know each other's tokens.

        `oversees` tells which authorities are below one: a supervisor's, asked anew each time.

        Raises `InvalidSettings` if the secret is empty.
        """
        self._people = store.people
        self._security = security
        self._clock = clock
        self._randomness = randomness
        self._oversees = oversees
        self._passwords = passwords or Passwords()
        self._key = _signing_key(security.secret)
        self._fresh: OrderedDict[tuple[Kind, str], tuple[Instant, Known | None]] = OrderedDict()
        each = float(security.logins_per_minute)
        self._per_both = Buckets(each, each / 60)
        self._per_user = Buckets(each * _ADDRESS_FACTOR, each * _ADDRESS_FACTOR / 60)
        self._per_address = Buckets(each * _ADDRESS_FACTOR, each * _ADDRESS_FACTOR / 60)
        self._per_enrolling = Buckets(each, each / 60)

    async def login(self, user: str, password: str, address: str = "") -> Session:
        """Return a session for the account.

        Raises `TooMany` after too many wrong tries and `WrongCredentials` otherwise; an unknown name takes as long as a
        wrong password, and is told in the same words.
        """
        now = self._clock()
        tries = ((self._per_both, f"{address} {user}"), (self._per_user, user), (self._per_address, address))
        _take(tries, now)
        known = await self._people.account(user)
        right = await self._passwords.check(known.password_hash if known else "", password)
        if known is None or not right:
            log.info("login_refused")
            raise WrongCredentials("the name or the password is wrong")
        _give_back(tries)
        return self._session("session", known, now, self._security.session_s)

    async def enrol(self, code: str, address: str = "") -> Session:
        """Return a device token for the kiosk the one-time code was made for. The code is used up by it, and an
        earlier device's token is worthless from then on.

        Raises `TooMany` after too many wrong tries from one address, `WrongCredentials` if the code is unknown, used
        or over.
        """
        now = self._clock()
        tries = ((self._per_enrolling, address),)
        _take(tries, now)
        kiosk = await self._people.take_code(_code_hash(code), now)
        if kiosk:
            await self._people.revoke_kiosk(kiosk)  # the device that was this kiosk until now
        known = await self._people.kiosk(kiosk) if kiosk else None
        if known is None:
            log.info("enrolment_refused")
            raise WrongCredentials("the enrolment code is wrong, used or over")
        _give_back(tries)
        log.info("kiosk_enrolled", kiosk=known.actor.id)
        return self._session("device", known, now, self._security.device_s)

    async def new_enrolment(self, actor: Actor, kiosk: str) -> NewEnrolment:
        """Return a new one-time code for a kiosk of the supervisor's authority.

        Raises `NotAllowed` for another role, `NotFound` for another authority's kiosk or none.
        """
        if actor.role is not Role.SUPERVISOR:
            raise NotAllowed("only a supervisor enrols kiosks")
        known = await self._people.kiosk(kiosk)
        if known is None or known.actor.authority not in authorities(actor):
            raise NotFound(f"there is no kiosk {kiosk}")
        return await _new_code(self._people, kiosk, self._clock(), self._security.enrolment_s, self._randomness)

    def guest(self, actor: Actor, lives_s: Seconds) -> Session:
        """Return a session for one who has come by a one-time link. Raises `NotAllowed` for another role."""
        if actor.role is not Role.GUEST:
            raise NotAllowed("only guests come by a link")
        return self._session("guest", Known(actor, 0), self._clock(), lives_s)

    def verify(self, token: str, now: Instant) -> Actor:
        """Return the actor a token was given to. Asks nobody: for a decision, use `actor`. Raises `NotSignedIn`."""
        return self._claims(token, now).act

    async def actor(self, token: str) -> Actor:
        """Return who holds the token, as the store knows them now.

        Raises `NotSignedIn` if the token is not ours, over or revoked, `Unavailable` if the store does not answer.
        """
        now = self._clock()
        claims = self._claims(token, now)
        if claims.aud == "guest":
            return (
                claims.act
            )  # nobody's account: what a guest may do follows from the visit that has, or has not, invited them
        known = await self._known(claims.aud, claims.act.id, now)
        if known is None or known.generation < claims.gen:  # newer than what is remembered: enrolled a moment ago
            self._fresh.pop((claims.aud, claims.act.id), None)
            known = await self._known(claims.aud, claims.act.id, now)
        if known is None or known.generation != claims.gen:
            raise NotSignedIn("this sign-in has been revoked")
        return self._seated(known.actor)

    def forget(self) -> None:
        """Believe no earlier answer of the store any more: revocations count at once."""
        self._fresh.clear()

    def _session(self, kind: Kind, known: Known, now: Instant, lives_s: float) -> Session:
        expires_at = now + lives_s
        claims = Claims(_ISSUER, kind, int(now), expires_at, known.generation, known.actor)
        token = jwt.encode({"alg": _ALGORITHM}, msgspec.to_builtins(claims), self._key, algorithms=[_ALGORITHM])
        return Session(token, self._seated(known.actor), expires_at)

    def _seated(self, actor: Actor) -> Actor:
        """Return the actor with what follows from the catalogue."""
        if actor.role is not Role.SUPERVISOR:
            return actor
        return msgspec.structs.replace(actor, oversees=self._oversees(actor.authority))

    def _claims(self, token: str, now: Instant) -> Claims:
        try:
            decoded = jwt.decode(token, self._key, algorithms=[_ALGORITHM])
            claims = msgspec.convert(decoded.claims, Claims)
        except (JoseError, msgspec.ValidationError, ValueError) as error:
            raise NotSignedIn("this is no sign-in of ours") from error
        if claims.iss != _ISSUER or claims.exp <= now:
            raise NotSignedIn("the sign-in is over: sign in again")
        return claims

    async def _known(self, kind: Kind, name: str, now: Instant) -> Known | None:
        at, known = self._fresh.get((kind, name), (0.0, None))
        if not at <= now < at + FRESH_S:
            known = await (self._people.kiosk(name) if kind == "device" else self._people.account(name))
            self._fresh[kind, name] = (now, known)
            self._fresh.move_to_end((kind, name))
            if len(self._fresh) > MAX_FRESH:
                self._fresh.popitem(last=False)
        return known


class Passwords:
    """Argon2id hashes, made and checked in threads, a few at a time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash("nobody has this password")
        self._turns = asyncio.Semaphore(HASHES_AT_ONCE)
        self._busy = 0

    async def hash(self, password: str) -> str:
        """Return what may be kept of a password. Raises `Unavailable` if too many are waiting."""
        return await self._in_turn(lambda: self._hasher.hash(password))

    async def check(self, kept: str, password: str) -> bool:
        """Tell whether this is the password of which `kept` was kept.

        With an empty `kept` it is not, and this takes as long. Raises `Unavailable` if too many are waiting.
        """
        right = await self._in_turn(lambda: self._matches(kept or self._nobody, password))
        return right and bool(kept)

    def _matches(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_turn(self, work: Callable[[], Result]) -> Result:
        if self._busy >= MAX_HASHES:
            raise Unavailable("too many people are signing in: try again")
        self._busy += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work)
        finally:
            self._busy -= 1


async def add_account(store: Store, account: Account, password: str, passwords: Passwords | None = None) -> None:
    """Add an account, for the IT staff.

    Raises `InvalidInput` if the name, the role or the password will not do, `Conflict` if the name is taken, `NotFound`
    if there is no such authority or hall.
    """
    if not USER_NAME.fullmatch(account.user) or account.user == SYSTEM.id:
        raise InvalidInput("a user name is 1 to 64 of a-z, 0-9, dot, dash and underscore, beginning with a letter or digit")
    if account.role not in ROLES_WITH_PASSWORD:
        raise InvalidInput(f"an account is one of {', '.join(sorted(ROLES_WITH_PASSWORD))}")
    if len(password) < MIN_PASSWORD:
        raise InvalidInput(f"a password has at least {MIN_PASSWORD} characters")
    await store.people.add_account(account, await (passwords or Passwords()).hash(password))


async def mint_enrolment(
    store: Store,
    kiosk: str,
    enrolment_s: Seconds,
    clock: Clock = time.time,
    randomness: Callable[[int], bytes] = secrets.token_bytes,
) -> NewEnrolment:
    """Return a new one-time code for a kiosk, for the IT staff. Raises `NotFound`."""
    return await _new_code(store.people, kiosk, clock(), enrolment_s, randomness)


async def _new_code(
    people: People, kiosk: str, now: Instant, enrolment_s: Seconds, randomness: Callable[[int], bytes]
) -> NewEnrolment:
    characters = "".join(ALPHABET[byte % len(ALPHABET)] for byte in randomness(CODE_CHARACTERS))
    code = "-".join(characters[i : i + 4] for i in range(0, CODE_CHARACTERS, 4))
    await people.put_code(_code_hash(code), kiosk, now + enrolment_s, now)
    return NewEnrolment(kiosk, code, now + enrolment_s)


def _code_hash(code: str) -> str:
    """Return what is kept of a code: however it was typed, as Crockford's base 32 is meant to be read."""
    characters = code.lower().translate(_READ_AS)
    return hashlib.sha256(b"rvw enrolment " + characters.encode()).hexdigest()


_READ_AS: Final = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, " ": None})


def _take(tries: Iterable[tuple[Buckets, str]], now: Instant) -> None:
    if not all(limit.take(key, now) for limit, key in tries):
        raise TooMany("too many wrong tries: try again in a minute")


def _give_back(tries: Iterable[tuple[Buckets, str]]) -> None:
    for limit, key in tries:
        limit.give_back(key)


def _signing_key(secret: str) -> OKPKey:
    if not secret:
        raise InvalidSettings("security.secret is empty: nobody could sign in")
    seed = HKDF(SHA256(), 32, salt=None, info=b"rvw session tokens 1").derive(secret.encode())
    private = Ed25519PrivateKey.from_private_bytes(seed)
    return OKPKey.import_key(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
