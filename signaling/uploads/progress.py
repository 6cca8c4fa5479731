"""How far uploads have come, shared by all processes: a page goes on with whichever it reaches.

Of each upload Redis holds what was announced and which pieces have come, by their place; the pieces themselves lie
encrypted with the visit's files. What is given up is forgotten after an hour here, and with the visit there.
"""

from typing import Final

import msgspec
from msgspec import Struct

from rvw.errors import NotFound, TooMany
from rvw.protocol.papers import UploadWanted
from signaling.keys import Keys
from signaling.ledger import Client, reachable

KEPT_S: Final = 3600
"""How long an upload may rest before it has to begin anew."""

MAX_OPEN: Final = 16
"""How many uploads of one visit may be under way."""


class Piece(Struct, frozen=True):
    """A part of a file that has come."""

    start: int
    bytes: int
    sha256: str


class Announced(Struct, frozen=True):
    """What an upload is to be, and who has begun it."""

    visit: str
    actor: str
    wanted: UploadWanted


class Underway(Struct, frozen=True):
    """An upload, with its pieces in order and without a gap."""

    announced: Announced
    pieces: tuple[Piece, ...]

    @property
    def offset(self) -> int:
        """How many bytes have come."""
        return sum(piece.bytes for piece in self.pieces)


_ANNOUNCED = msgspec.json.Decoder(Announced)
_PIECE = msgspec.json.Decoder(Piece)
HEAD: Final = "announced"


class Progress:
    """The uploads under way. Every method raises `Unavailable` when Redis does not answer."""

    def __init__(self, redis: Client, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys

    async def begin(self, upload: str, announced: Announced) -> None:
        """Remember an upload; one that is there already stays as it is. Raises `TooMany`."""
        own, all_of = self._own(announced.visit, upload), self._all(announced.visit)
        with reachable():
            if not await self._redis.sismember(all_of, upload) and await self._redis.scard(all_of) >= MAX_OPEN:
                raise TooMany(f"at most {MAX_OPEN} files of a visit are on their way at a time")
            await self._redis.sadd(all_of, upload)
            await self._redis.expire(all_of, KEPT_S)
            await self._redis.hsetnx(own, HEAD, msgspec.json.encode(announced).decode())
            await self._redis.expire(own, KEPT_S)

    async def of(self, visit: str, upload: str) -> Underway:
        """Return how far it is. Raises `NotFound` for one that never began, or rests too long."""
        with reachable():
            fields = await self._redis.hgetall(self._own(visit, upload))
        if HEAD not in fields:
            raise NotFound("this upload is over: begin it anew")
        by_start = {piece.start: piece for name, text in fields.items() if name != HEAD for piece in (_PIECE.decode(text),)}
        pieces, at = [], 0
        while at in by_start:
            pieces.append(by_start[at])
            at += by_start[at].bytes
        return Underway(_ANNOUNCED.decode(fields[HEAD]), tuple(pieces))

    async def add(self, visit: str, upload: str, piece: Piece) -> None:
        """Remember a piece, unless another process was faster with that place."""
        own = self._own(visit, upload)
        with reachable():
            await self._redis.hsetnx(own, str(piece.start), msgspec.json.encode(piece).decode())
            await self._redis.expire(own, KEPT_S)

    async def forget(self, visit: str, upload: str) -> None:
        """It is done, or was refused."""
        with reachable():
            await self._redis.delete(self._own(visit, upload))
            await self._redis.srem(self._all(visit), upload)

    def _own(self, visit: str, upload: str) -> str:
        return self._keys.of(f"upload:{visit}:{upload}")

    def _all(self, visit: str) -> str:
        return self._keys.of(f"uploads:{visit}")
