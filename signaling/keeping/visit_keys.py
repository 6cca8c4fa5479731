"""One key for each visit, under which everything of it is encrypted: blobs, and what of it lies in SQL.

Keys are kept wrapped (see `provider`), one row each. To destroy a row's key is to delete the visit, wherever copies of its
data may be: on disks, in replicas, in backups. The row stays, so that nothing makes the visit another key. No key is
remembered in a process: what is destroyed is gone for all of them at once.
"""

import secrets
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rvw.clock import Clock
from rvw.errors import NotFound, NotPossible, NotWhole
from signaling.keeping.provider import KEY_BYTES, KeyProvider, Wrapped

if TYPE_CHECKING:  # the store makes keys of these rows, so importing them here would be a circle
    from signaling.records.wrapped_keys import WrappedKeys

NONCE_BYTES: Final = 12
MANY: Final = 200
"""How many keys are wrapped anew in one go."""


class VisitKeys:
    """Keys of visits. All methods raise `Unavailable`."""

    def __init__(
        self,
        rows: "WrappedKeys",
        provider: KeyProvider,
        clock: Clock,
        randomness: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._rows = rows
        self._provider = provider
        self._clock = clock
        self._randomness = randomness

    async def of(self, visit: str) -> bytes:
        """Return the visit's key. Raises `NotFound` if it has none, or it is destroyed."""
        found = await self.many([visit])
        if visit not in found:
            raise NotFound(f"nothing is kept of the visit {visit}")
        return found[visit]

    async def many(self, visits: Collection[str]) -> dict[str, bytes]:
        """Return the keys of several visits, without those that have none, or whose key is destroyed."""
        found = await self._rows.many(visits) if visits else {}
        return {visit: await self._provider.unwrap(one, visit) for visit, one in found.items() if one is not None}

    async def made(self, visit: str) -> bytes:
        """Return the visit's key, made now if it has none. Raises `NotPossible` if it is destroyed."""
        found = (await self._rows.many([visit])).get(visit)
        if found is None:
            fresh = await self._provider.wrap(self._randomness(KEY_BYTES), visit)
            found = await self._rows.add(visit, fresh, self._clock())
        if found is None:
            raise NotPossible("what was kept of this visit has been deleted: nothing is added to it any more")
        return await self._provider.unwrap(found, visit)

    async def destroy(self, visit: str) -> None:
        """Destroy the visit's key, or make sure that it never gets one. Again is harmless."""
        await self._rows.destroy(visit, self._clock())

    async def rewrap(self, by: str) -> int:
        """Wrap every key with the wrapping key in use, whose id is `by`; return how many were wrapped with another."""
        count = 0
        while found := await self._rows.not_wrapped_by(by, MANY):
            fresh: dict[str, tuple[Wrapped, Wrapped]] = {}
            for visit, before in found.items():
                key = await self._provider.unwrap(before, visit)
                fresh[visit] = (before, await self._provider.wrap(key, visit))
            count += await self._rows.replace(fresh)
        return count


def seal(key: bytes, place: str, data: bytes, randomness: Callable[[int], bytes] = secrets.token_bytes) -> bytes:
    """Return short data encrypted under a visit's key for one place: a table, a column, a row of the visit."""
    nonce = randomness(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, data, place.encode())


def unseal(key: bytes, place: str, data: bytes) -> bytes:
    """Return what was sealed for the place. Raises `NotWhole` for anything else."""
    try:
        return _cipher(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError) as error:
        raise NotWhole(f"{place} is damaged, or was not sealed for this place") from error


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=None, info=b"rvw rows 1").derive(key))
