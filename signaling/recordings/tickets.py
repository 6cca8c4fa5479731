"""Tickets for recorded files: what a media element sends instead of a token, which it cannot send.

A ticket is good for one file of one visit, for who has asked for it, for some minutes; it is a MAC, so nothing is kept. It
stands in the query of an address, where logs of proxies and a browser's history may see it: it is worth nothing soon.
"""

import hmac
from base64 import urlsafe_b64encode
from typing import Final
from urllib.parse import urlencode

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rvw.clock import Clock, Seconds
from rvw.errors import NotSignedIn
from rvw.protocol.playback import FileTicket

TICKET_S: Final[Seconds] = 300.0
"""How long a ticket is good: a page that plays on asks for another, and each is written down in the audit log."""


class FileTickets:
    """Gives tickets, and checks them."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._key = HKDF(SHA256(), 32, salt=None, info=b"rvw recorded files 1").derive(secret.encode())
        self._clock = clock

    def until(self) -> int:
        """Return until when a ticket is good that is given now."""
        return int(self._clock() + TICKET_S)

    def query(self, visit: str, sha256: str, viewer: str, until: int) -> str:
        """Return the ticket as it stands in an address."""
        return urlencode({"viewer": viewer, "until": until, "proof": self._proof(visit, sha256, viewer, until)})

    def check(self, visit: str, sha256: str, ticket: FileTicket) -> None:
        """Raise `NotSignedIn` unless the ticket is for this file of this visit, and its time is not over."""
        proof = self._proof(visit, sha256, ticket.viewer, ticket.until)
        if not hmac.compare_digest(proof.encode(), ticket.proof.encode()):
            raise NotSignedIn("this ticket is not for this file")
        if ticket.until <= self._clock():
            raise NotSignedIn("the time of this ticket is over: ask for another")

    def _proof(self, visit: str, sha256: str, viewer: str, until: int) -> str:
        said = "\n".join((visit, sha256, viewer, str(until)))
        return urlsafe_b64encode(hmac.digest(self._key, said.encode(), "sha256")).decode().rstrip("=")
