"""Consent: what somebody who takes part has answered."""

from rvw.domain.events.words import ConsentAnswer, ConsentBasis, ConsentSubject, Tagged
from rvw.domain.people import Role


class ConsentAnswered(Tagged, frozen=True, tag="consent_answered"):
    """Somebody who takes part has answered, or has taken an answer back."""

    actor: str
    name: str
    role: Role
    subject: ConsentSubject
    answer: ConsentAnswer
    basis: ConsentBasis
    text: str
    """The version of what was read: `rvw.domain.catalogue.consent`."""
    sha256: str
    """Of the very words."""
    language: str
