"""Telephones that send pictures by a one-time link: no account, one visit, until a deadline or until it ends."""

from rvw.clock import Instant
from rvw.domain.papers.fold import PaperPhone, Papers
from rvw.domain.people import PHONE_PREFIX, by_phone


def phone_of(papers: Papers, actor: str, now: Instant) -> PaperPhone | None:
    """Return the telephone that may send something now, or `None`."""
    if not by_phone(actor):
        return None
    link = actor.removeprefix(PHONE_PREFIX)
    return next((one for one in papers.phones if one.link == link and one.came and one.until > now), None)
