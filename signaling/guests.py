"""One-time links for guests without an account: made by the officer of a visit, good for coming into it once.

A link is the visit's id and a secret of 128 bits. Events hold the secret's hash alone, as the invited guest's id; coming in
uses the invitation up, and a deadline or the officer ends it before. Nothing else is kept, so there is nothing to clean up.
"""

import hashlib
import secrets
from collections.abc import Callable

from rvw.clock import Clock, Seconds
from rvw.domain.commands import InviteGuest
from rvw.domain.people import GUEST_PREFIX, Actor, Role
from rvw.errors import NotFound, TooMany
from rvw.protocol import rest
from signaling.auth import Auth
from signaling.ledger import Ledger
from signaling.limits import Buckets
from signaling.office import Office
from signaling.tickets import drawn

SECRET_BYTES = 16
HASH_CHARACTERS = 32


class Guests:
    """Makes links, and lets in who has one."""

    def __init__(
        self,
        office: Office,
        ledger: Ledger,
        auth: Auth,
        clock: Clock,
        lives_s: Seconds,
        randomness: Callable[[int], str] = secrets.token_urlsafe,
    ) -> None:
        """`lives_s`: how long a guest's session is good, at most as long as a talk."""
        self._office = office
        self._ledger = ledger
        self._auth = auth
        self._clock = clock
        self._lives_s = lives_s
        self._randomness = randomness
        self._per_address = Buckets(burst=20, per_s=20 / 60)

    async def invite(self, actor: Actor, visit_id: str, wanted: rest.GuestWanted) -> rest.GuestLink:
        """Make a link. Raises `NotAllowed`, `NotPossible`, `NotFound`, `TooMany` as the policy and the visit say."""
        secret = self._randomness(SECRET_BYTES)
        link = hashed(secret)
        await self._office.perform(actor, InviteGuest(link, wanted.name), visit_id)
        visit = await self._ledger.visit(visit_id)
        until = next((i.deadline for i in visit.invitations if i.actor == f"{GUEST_PREFIX}{link}"), self._clock())
        url = f"{wanted.origin}/join#{visit_id}.{secret}"
        return rest.GuestLink(f"{GUEST_PREFIX}{link}", url, drawn(url), until)

    async def come(self, comes: rest.GuestComes, address: str) -> rest.Session:
        """Return a session for the guest whom the link invites.

        Raises `NotFound` for a link that is wrong, used, over or taken back, in the same words, and `TooMany` after too
        many tries from one address.
        """
        if not self._per_address.take(address, self._clock()):
            raise TooMany("too many tries: wait a minute")
        visit_id, _, secret = comes.link.partition(".")
        guest = f"{GUEST_PREFIX}{hashed(secret)}"
        try:
            visit = await self._ledger.visit(visit_id)
        except NotFound as error:
            raise NotFound(OVER) from error
        invitation = next((i for i in visit.invitations if i.actor == guest), None)
        if invitation is None or invitation.deadline <= self._clock():
            raise NotFound(OVER)
        name = " ".join(comes.name.split())
        if not name:
            raise NotFound("say your name")
        return self._auth.guest(Actor(guest, Role.GUEST, name, visit.authority), self._lives_s)


OVER = "this link is used, over, or was taken back: ask for a new one"


def hashed(secret: str) -> str:
    """Return what may be known of a link's secret: of 128 random bits no salt is needed."""
    return hashlib.sha256(b"rvw guest link " + secret.encode()).hexdigest()[:HASH_CHARACTERS]
