"""Telephones that send pictures into a visit by a one-time link: no account, nothing of it but their own pictures.

A link is the visit's id and a secret of 128 bits, of which the papers hold the hash alone (`signaling.guests` has the same
for coming into a talk). Coming uses the link up; the session it gives ends with the link's time, the visit, or a dismissal.
"""

import secrets
from collections.abc import Callable

from rvw.clock import Clock
from rvw.domain.catalogue import Catalogue, Material, rules_of
from rvw.domain.commands import ComeByPhone, InvitePhone
from rvw.domain.papers import OTHER, PAPERS, Papers, checklist, phone_of
from rvw.domain.people import PHONE_PREFIX, Actor, Role
from rvw.domain.visit import Visit
from rvw.errors import NotAllowed, NotFound, NotPossible, TooMany
from rvw.protocol.papers import PhoneComes, PhoneLink, PhoneSession, PhoneWanted, SendNotice, SendPage, SendView
from signaling.auth import Auth
from signaling.guests import OVER, SECRET_BYTES, hashed
from signaling.ledger import Ledger
from signaling.limits import Buckets
from signaling.office import Office
from signaling.tickets import drawn

NAME = "手机"
"""How the pages call a telephone: it is whoever has the link, and nobody has asked who that is."""


class Phones:
    """Makes links, lets in who has one, and shows them what they may send."""

    def __init__(
        self,
        office: Office,
        ledger: Ledger,
        auth: Auth,
        catalogue: Callable[[], Catalogue],
        clock: Clock,
        randomness: Callable[[int], str] = secrets.token_urlsafe,
    ) -> None:
        self._office = office
        self._ledger = ledger
        self._auth = auth
        self._catalogue = catalogue
        self._clock = clock
        self._randomness = randomness
        self._per_address = Buckets(burst=20, per_s=20 / 60)

    async def invite(self, actor: Actor, visit_id: str, wanted: PhoneWanted) -> PhoneLink:
        """Make a link. Raises `NotAllowed`, `NotPossible`, `NotFound`, `TooMany` as the policy and the papers say."""
        secret = self._randomness(SECRET_BYTES)
        link = hashed(secret)
        await self._office.perform(actor, InvitePhone(link), visit_id)
        papers = await self._ledger.beside(PAPERS, visit_id)
        until = next((one.until for one in papers.phones if one.link == link), self._clock())
        url = f"{wanted.origin}/send#{visit_id}.{secret}"
        return PhoneLink(link, url, drawn(url), until)

    async def come(self, comes: PhoneComes, address: str) -> PhoneSession:
        """Use a link up, and return a session for what it is good for.

        Raises `NotFound` for a link that is wrong, used, over or taken back, in the same words, and `TooMany` after too
        many tries from one address.
        """
        if not self._per_address.take(address, self._clock()):
            raise TooMany("too many tries: wait a minute")
        visit_id, _, secret = comes.link.partition(".")
        link = hashed(secret)
        try:
            visit = await self._ledger.visit(visit_id)
            phone = Actor(f"{PHONE_PREFIX}{link}", Role.GUEST, NAME, visit.authority)
            await self._office.perform(phone, ComeByPhone(link), visit_id)
        except (NotFound, NotPossible, NotAllowed) as error:
            raise NotFound(OVER) from error
        papers = await self._ledger.beside(PAPERS, visit_id)
        until = next(one.until for one in papers.phones if one.link == link)
        return PhoneSession(self._auth.guest(phone, until - self._clock()), visit_id)

    async def view(self, actor: Actor, visit_id: str) -> SendView:
        """Return what a telephone is shown. Raises `NotFound` for one whose time is over, or of another visit."""
        visit, papers = await self._ledger.visit(visit_id), await self._ledger.beside(PAPERS, visit_id)
        phone = phone_of(papers, actor.id, self._clock())
        if phone is None:
            raise NotFound(OVER)
        matter = self._catalogue().matters.get(visit.matter)
        return SendView(
            matter=matter.name if matter else "",
            matter_en=matter.name_en if matter else "",
            until=phone.until,
            materials=_materials(self._catalogue(), visit, papers),
            wanted=papers.wanted.material if papers.wanted else "",
            pages=tuple(
                SendPage(page.id, page.material, page.title, page.file.pictures[0].thumbnail)
                for page in papers.pages
                if page.by == actor.id
            ),
            notices=tuple(SendNotice(notice.file, notice.at) for notice in papers.notices),
        )


def _materials(catalogue: Catalogue, visit: Visit, papers: Papers) -> tuple[Material, ...]:
    """Return what may still be handed in by a picture: not what was accepted, nor what is filled in here."""
    items = checklist(rules_of(catalogue, visit.matter), papers)
    done = ("accepted", "referred", "here")
    return tuple(one.material for one in items if one.stand not in done and one.material.id != OTHER)
