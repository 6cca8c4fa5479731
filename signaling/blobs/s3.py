"""Blobs in a store that speaks S3. The one place that knows obstore."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import obstore
from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from rvw.errors import InvalidSettings, NoRoom, NotFound, ReadOnly, Unavailable
from rvw.settings import Blobs as Chosen

ANSWER_S: Final = 30
"""How long the store may take for one request, of a few megabytes at most."""
TRIES_S: Final = 10
"""How long a request that failed by itself is tried again."""

_FULL = ("QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "507")
"""What stores say that have no room: S3 itself has no such answer."""


class S3Objects:
    """Objects of one bucket."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    async def add(self, name: str, file: Path) -> None:
        """Send the file, in parts if it is long; it appears under its name when the last has arrived."""
        with _told():
            await obstore.put_async(self._store, name, file)

    async def length(self, name: str) -> int:
        """Ask for the object's length."""
        with _told():
            return int((await obstore.head_async(self._store, name))["size"])

    async def part(self, name: str, start: int, end: int) -> bytes:
        """Return a part of the object."""
        with _told():
            return bytes(await obstore.get_range_async(self._store, name, start=start, end=end))

    async def remove(self, name: str) -> None:
        """Delete the object; S3 does not mind if there is none."""
        with _told():
            await obstore.delete_async(self._store, name)

    async def under(self, folder: str) -> Sequence[str]:
        """List the visit's objects."""
        with _told():
            batches = obstore.list(self._store, prefix=f"{folder}/")
            return sorted([str(one["path"]) async for batch in batches for one in batch])


def open_s3(chosen: Chosen) -> S3Objects:
    """Return the bucket of the settings; nothing is asked of it yet. Raises `InvalidSettings`."""
    try:
        store = S3Store(
            chosen.bucket,
            prefix=chosen.prefix or None,
            endpoint=chosen.endpoint or None,
            region=chosen.region,
            access_key_id=chosen.access_key,
            secret_access_key=chosen.secret_key,
            virtual_hosted_style_request=False,
            client_options={"allow_http": chosen.endpoint.startswith("http://"), "timeout": f"{ANSWER_S}s"},
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=TRIES_S)},
        )
    except BaseError as error:
        raise InvalidSettings(f"blobs: this is no store: {error}") from error
    return S3Objects(store)


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the store says into errors of ours; its own text may hold addresses and names, and is not told."""
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise NotFound("there is no such file") from error
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise ReadOnly("the blob store does not let us in, or takes no writes") from error
    except (BaseError, OSError) as error:
        if any(word in str(error) for word in _FULL):
            raise NoRoom("the blob store is full") from error
        raise Unavailable(f"the blob store does not answer: {type(error).__name__}") from error
