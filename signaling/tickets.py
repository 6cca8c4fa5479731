"""Tickets: a code in turn for each visit, and the proof that whoever shows one was given it.

The code is a letter and three digits, from the start each day (UTC+8, the window's own day), and is known to everybody who
sees the visit. Four digits beside it, and the longer proof in the QR code, are shown at the resident's own kiosk alone.
Both follow from the visit's id and a secret, so there is nothing to keep and nothing to steal from a database.

A code with its digits is good at kiosks only, for as many wrong tries as `Tickets.check` allows: ten a minute at a kiosk,
five for a ticket and one more every ten minutes, in each process. Of 10,000 possibilities that leaves a stranger two in a
hundred in a whole day of standing there.
"""

import hmac
from hashlib import sha256

import segno
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rvw.clock import DAY_S, Clock, wall
from rvw.errors import NotFound, TooMany
from rvw.ids import ALPHABET, ticket_code
from signaling.board import SharedBoard
from signaling.limits import Buckets

KEPT_DAYS = 8
"""For so many days a code finds its visit: an appointment is at most a week away."""

CODE_CHARACTERS = 4
PIN_DIGITS = 4
PROOF_CHARACTERS = 16
"""Of the QR code: 80 bits."""

QR_PREFIX = "rvw:"
"""What our QR codes begin with, so that a scanner's other findings are told apart."""


class Tickets:
    """Codes in turn, over all processes, and their proofs."""

    def __init__(self, shared: SharedBoard, clock: Clock, secret: str) -> None:
        self._shared = shared
        self._clock = clock
        self._key = HKDF(SHA256(), 32, salt=None, info=b"rvw tickets 1").derive(secret.encode())
        self._per_kiosk = Buckets(burst=10, per_s=10 / 60)
        self._per_code = Buckets(burst=5, per_s=1 / 600)

    async def next(self, visit: str) -> str:
        """Return the day's next code, which finds the visit from now on."""
        day = self._day(0)
        code = ticket_code(await self._shared.next_ticket(day))
        await self._shared.keep_ticket(day, code, visit, int(KEPT_DAYS * DAY_S))
        return code

    def pin(self, visit: str) -> str:
        """Return the digits beside the code."""
        return f"{int.from_bytes(self._mac('pin', visit)[:8]) % 10**PIN_DIGITS:0{PIN_DIGITS}d}"

    def qr(self, visit: str) -> str:
        """Return the text of the QR code."""
        return f"{QR_PREFIX}{visit}.{self._proof(visit)}"

    async def check(self, shown: str, kiosk: str) -> str:
        """Return the visit of a ticket: `A012 4821` as typed, or the text of its QR code.

        Raises `NotFound` for a wrong one, in the same words whether there is such a ticket or not, and `TooMany` after
        too many wrong ones.
        """
        now = self._clock()
        if not self._per_kiosk.take(kiosk, now):
            raise TooMany("too many wrong tickets: wait a minute")
        visit = await self._of_qr(shown) if shown.startswith(QR_PREFIX) else await self._of_typed(shown)
        self._per_kiosk.give_back(kiosk)
        return visit

    def is_of(self, visit: str, code: str, shown: str) -> bool:
        """Tell whether this is the ticket of a visit whose code is known: `A012 4821` as typed, or the text of its QR code.

        Good for as long as the record is kept. Whoever asks is signed in, and answers for asking.
        """
        if shown.startswith(QR_PREFIX):
            return hmac.compare_digest(shown.encode(), self.qr(visit).encode())
        typed = "".join(shown.upper().split()).replace("-", "")
        return bool(code) and hmac.compare_digest(typed.encode(), f"{code}{self.pin(visit)}".encode())

    async def _of_qr(self, text: str) -> str:
        visit, _, proof = text.removeprefix(QR_PREFIX).partition(".")
        if not hmac.compare_digest(proof.encode(), self._proof(visit).encode()):
            raise NotFound("there is no such ticket")
        return visit

    async def _of_typed(self, text: str) -> str:
        typed = "".join(text.upper().split()).replace("-", "")
        code, pin = typed[:CODE_CHARACTERS], typed[CODE_CHARACTERS:]
        if not self._per_code.take(code, self._clock()):
            raise TooMany("this ticket was typed wrong too often: wait ten minutes, or show its QR code")
        days = [self._day(ago) for ago in range(KEPT_DAYS)]
        for visit in await self._shared.visits_of_ticket(code, days):
            if hmac.compare_digest(pin.encode(), self.pin(visit).encode()):
                self._per_code.give_back(code)
                return visit
        raise NotFound("there is no such ticket")

    def _proof(self, visit: str) -> str:
        return "".join(ALPHABET[byte % 32] for byte in self._mac("qr", visit)[:PROOF_CHARACTERS])

    def _mac(self, use: str, visit: str) -> bytes:
        return hmac.digest(self._key, f"{use} {visit}".encode(), sha256)

    def _day(self, ago: int) -> str:
        return f"{wall(self._clock() - ago * DAY_S):%Y-%m-%d}"


def drawn(text: str) -> str:
    """Return a QR code as an SVG in a `data:` address: dark on white whatever the page's colours, or no camera reads it."""
    return segno.make(text, error="m", micro=False).svg_data_uri(border=3, dark="#000", light="#fff", omitsize=True)
