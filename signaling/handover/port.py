"""What a case system is to us: something that takes a parcel and gives a receipt, or says why not.

HandoverError
├── Temporary    not now: the parcel waits and is sent again
└── Rejected     never: somebody has to look at it
"""

from typing import Protocol

from msgspec import Struct

from rvw.clock import Instant
from signaling.handover.kinds import EventType

MAX_RECEIPT = 200
"""The most characters of a receipt number."""


class HandoverError(Exception):
    """The root. `str(error)` names what went wrong and nothing of the record: it is kept and shown to the IT staff."""


class Temporary(HandoverError):
    """Not now: unreachable, too slow, overloaded, or an answer that is no receipt."""


class Rejected(HandoverError):
    """Never: the receiver has understood, and will not take this record."""


class Parcel(Struct, frozen=True):
    """The record of one visit, or that it is deleted, to be handed over."""

    visit: str
    number: int
    """The version of the dossier: 1, one more for each change of it, and one more for its deletion."""
    adapter: str
    """The way it goes."""
    authority: str
    matter: str
    region: str
    closed_at: Instant
    sha256: str
    """Of `content`, in hexadecimal."""
    content: bytes
    """The sealed dossier, or the certificate of its deletion: canonical JSON in UTF-8."""
    type: EventType = "rvw.dossier.sealed.v2"

    @property
    def key(self) -> str:
        """The idempotency key: the same version of the same visit is the same, however often it arrives."""
        return f"{self.visit}.{self.number}"


class CaseSystem(Protocol):
    """A receiver of records."""

    async def deliver(self, parcel: Parcel) -> str:
        """Hand the parcel over and return the receipt, of 1 to `MAX_RECEIPT` printable characters.

        The same visit may be delivered again and gets the same receipt. When this is cancelled or raises, the receiver
        may have the parcel or not. Raises `Temporary` or `Rejected`.
        """
        ...


def checked_receipt(receipt: object) -> str:
    """Return the receipt if it can be one. Raises `Temporary` otherwise: an answer that makes no sense is no answer."""
    if isinstance(receipt, str) and receipt.strip() and len(receipt) <= MAX_RECEIPT and receipt.isprintable():
        return receipt.strip()
    raise Temporary("the answer holds no receipt")
