"""The resident's right to a copy (个人信息保护法 art. 45): the record of the own visit, without what is of others.

The copy is a dossier like any other, sealed and checked by `rvw verify`, in which what others have said or are called is
empty, and their files are only named by their hash. Others are guests and supervisors; officers and clerks act for the
authority, and are named. Of what was recorded the resident gets the own voice, picture and screen.
"""

from collections.abc import Collection, Iterator
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from rvw.clock import Instant
from rvw.domain.chain import Link, Redacted
from rvw.domain.events import Entered, Invited, Said, ShareStarted
from rvw.domain.handover import RECORDED, TEXTS, Dossier, redacted
from rvw.domain.people import Role, by_link, by_phone

BASIS: Final = "个人信息保护法第四十五条：查阅、复制；不含他人信息"

OTHERS: Final = frozenset({Role.GUEST, Role.SUPERVISOR})

IdentityShown = Literal["card", "document", "agent"]
"""How whoever asks has shown who they are: the card by a reader; a document that was looked at; somebody who acts for the
resident, with an authorisation and both documents."""

Reason = Annotated[str, Meta(max_length=200)]


def copied(content: Dossier, sha256: str, own: Collection[str], by: str, now: Instant, seed: bytes) -> Dossier:
    """Return what the resident gets of a record.

    `sha256` is that of the sealed record, `own` are the files of the resident's own voice, picture and screen, `seed` is
    fresh: the old one could bring back the salts of what is left out.
    """
    others = frozenset(one.actor for one in content.parties if one.role in OTHERS and not by_phone(one.actor))
    events = tuple(f"{link.stream}/{link.version}" for link in content.events if _of(others, link))
    files = tuple(one.sha256 for one in content.files if one.removed is None and not _is_own(one.what, one.sha256, own))
    order = Redacted(events=events, files=files, reason="copy for the resident", basis=BASIS)
    made = redacted(content, sha256, order, by, now, seed)
    return msgspec.structs.replace(made, number=content.number)


def _is_own(what: str, sha256: str, own: Collection[str]) -> bool:
    return what not in RECORDED or sha256 in own


def _of(others: Collection[str], link: Link) -> bool:
    """Tell whether the event has words that are not the resident's own: said by others, or naming them."""
    if link.removed is not None or not any(_texts(link)):
        return False
    if link.by in others:
        return True
    event = link.event
    if isinstance(event, Invited):  # also who was invited and never came
        return event.actor in others or by_link(event.actor)
    return isinstance(event, Entered | Said | ShareStarted) and event.actor in others


def _texts(link: Link) -> Iterator[str]:
    for name in link.event.__struct_fields__:
        if name in TEXTS:
            yield str(getattr(link.event, name))
