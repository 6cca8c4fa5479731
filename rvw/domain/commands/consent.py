"""Commands of consent: see `rvw.domain.consent`."""

from typing import Annotated

from msgspec import Meta, Struct

from rvw.domain.events.words import ConsentSubject, Tagged

Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody says to one question."""

    subject: ConsentSubject
    given: bool
    sha256: Digest
    """Of the words that were read: `GET /api/consent` tells it with them."""


class AnswerConsent(Tagged, frozen=True, tag="answer_consent"):
    """Say whether one may be recorded, or whether sensitive data may be used; also take back what was said before."""

    answer: Answer
