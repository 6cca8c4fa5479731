"""Files of an application in the blob store: photographs, documents, signatures, and whole numbers.

A number is kept with random salt, under the hash of both: the hash may be seen by everybody and binds a signature to the
number, and nobody can find the number by trying all there are. It is encrypted under the key of its visit, so that
forgetting the visit forgets it.
"""

import secrets
from collections.abc import AsyncIterator, Callable

import msgspec
from msgspec import Struct

from rvw.domain.numbers import Subject
from rvw.errors import NotFound
from signaling.blobs.store import Blob, Blobs

MAX_FILE_BYTES = 8_000_000
"""The longest document or signed PDF."""

SALT_BYTES = 16


class KnownBy(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is kept of a number: a file of the dossier, for the case system."""

    subject: Subject
    name: str
    number: str
    salt: str


class Kept:
    """Puts and gets whole files."""

    def __init__(self, blobs: Blobs, randomness: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._blobs = blobs
        self._randomness = randomness

    async def put(self, visit: str, data: bytes) -> Blob:
        """Keep a file. Raises `TooLarge`, `Unavailable`."""
        return await self._blobs.put(visit, _once(data), MAX_FILE_BYTES)

    async def get(self, visit: str, sha256: str) -> bytes:
        """Return a file. Raises `NotFound`, `NotWhole`, `Unavailable`."""
        return b"".join([piece async for piece in self._blobs.read(visit, sha256)])

    async def size(self, visit: str, sha256: str) -> int:
        """Return the length of a file. Raises `NotFound`, `Unavailable`."""
        return await self._blobs.size(visit, sha256)

    async def put_number(self, visit: str, subject: Subject, name: str, number: str) -> str:
        """Keep a number, and return its proof."""
        known = KnownBy(subject=subject, name=name, number=number, salt=self._randomness(SALT_BYTES).hex())
        return (await self.put(visit, msgspec.json.encode(known))).sha256

    async def number(self, visit: str, proof: str) -> str:
        """Return a whole number. Raises `NotFound`."""
        try:
            return msgspec.json.decode(await self.get(visit, proof), type=KnownBy).number
        except msgspec.DecodeError as error:
            raise NotFound("there is no such number") from error


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
