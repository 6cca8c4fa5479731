"""What wraps the keys of visits: a port, and a file of ours behind it.

A key service (KMS, HSM) is one more class with the two methods. The file is made at the first use; lose it, and everything
that is encrypted is lost: back it up, in another place than the data.
"""

import fcntl
import hashlib
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.errors import InvalidSettings
from signaling import owner_only

FILE: Final = "data-keys.json"
KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
SETTLE_S: Final[Seconds] = 60.0
"""How long after a rotation a process may still write what it has wrapped before: six times what a busy database takes."""


class Wrapped(Struct, frozen=True):
    """A key of a visit, as it may be kept."""

    by: str
    """The id of the key that wraps it."""
    data: bytes


class KeyProvider(Protocol):
    """Wraps keys, each for one place. Both methods raise `Unavailable` when it does not answer."""

    async def wrap(self, key: bytes, place: str) -> Wrapped:
        """Return the key wrapped with the wrapping key in use."""
        ...

    async def unwrap(self, wrapped: Wrapped, place: str) -> bytes:
        """Return the key. Raises `InvalidSettings` if its wrapping key is gone, or it was wrapped for another place."""
        ...


class NoKeys:
    """No provider: for programs that have nothing to do with what is kept of visits."""

    async def wrap(self, key: bytes, place: str) -> Wrapped:
        """Raise `InvalidSettings`."""
        raise InvalidSettings("say where the key file is (blobs.key_file)")

    async def unwrap(self, wrapped: Wrapped, place: str) -> bytes:
        """Raise `InvalidSettings`."""
        raise InvalidSettings("say where the key file is (blobs.key_file)")


class _Key(Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    key: str
    """In base64."""
    made_at: Instant = 0.0
    """0 for one from before this was noted."""
    retired_at: Instant | None = None


class _Kept(Struct, frozen=True, forbid_unknown_fields=True):
    current: _Key
    retired: tuple[_Key, ...] = ()
    """Until everything is wrapped with the current one."""


class FileKeys:
    """Wrapping keys in a file. Notices when it changes, so that a rotation needs no restart."""

    def __init__(self, file: Path) -> None:
        """Make the file if there is none. Raises `InvalidSettings`."""
        self._file = file
        try:
            owner_only.make(file, lambda: msgspec.json.encode(_Kept(_made())))
        except OSError as error:
            raise InvalidSettings(f"{file} cannot be made: {error.strerror}") from error
        self._at = (0, 0)
        self._kept = self._now()

    async def wrap(self, key: bytes, place: str) -> Wrapped:
        """Encrypt it with AES-256-GCM, bound to its place."""
        nonce, current = secrets.token_bytes(_NONCE_BYTES), self._now().current
        return Wrapped(current.id, nonce + _cipher(current).encrypt(nonce, key, place.encode()))

    async def unwrap(self, wrapped: Wrapped, place: str) -> bytes:
        """Decrypt it."""
        kept = self._now()
        known = {one.id: one for one in (kept.current, *kept.retired)}
        if wrapped.by not in known:
            raise InvalidSettings(f"{self._file} does not hold the key {wrapped.by}: is it that of another installation?")
        data = wrapped.data
        try:
            return _cipher(known[wrapped.by]).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise InvalidSettings(f"a key of a visit does not fit the key {wrapped.by} of {self._file}") from error

    def rotate(self, now: Instant) -> str:
        """Make a new wrapping key, used from now on beside the old ones; return its id. Raises `OSError`."""
        kept, fresh = self._now(), _made(now)
        before = msgspec.structs.replace(kept.current, retired_at=now)
        owner_only.replace(self._file, msgspec.json.encode(_Kept(fresh, (before, *kept.retired))))
        return fresh.id

    def current(self) -> str:
        """Return the id of the wrapping key in use."""
        return self._now().current.id

    def since(self) -> Instant:
        """Return when the wrapping key in use was made."""
        return self._now().current.made_at

    def left_over(self) -> bool:
        """Tell whether there is another one: a rotation is under way, or was broken off."""
        return bool(self._now().retired)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Give whether no other process changes the wrapping key; none does until this ends. Raises `OSError`."""
        with self._file.with_name(f"{self._file.name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def destroy_retired(self, now: Instant) -> int:
        """Destroy wrapping keys retired `SETTLE_S` ago or longer; return how many. Wrap everything anew before.

        What only they could open, in whatever backup, is gone for good. Raises `OSError`.
        """
        kept = self._now()
        left = tuple(one for one in kept.retired if one.retired_at is None or one.retired_at > now - SETTLE_S)
        if left != kept.retired:
            owner_only.replace(self._file, msgspec.json.encode(_Kept(kept.current, left)))
        return len(kept.retired) - len(left)

    def _now(self) -> _Kept:
        try:
            state = self._file.stat()
        except OSError as error:
            raise InvalidSettings(f"{self._file} is gone: {error.strerror}") from error
        at = (state.st_ino, state.st_mtime_ns)
        if at != self._at:
            try:
                self._kept = msgspec.json.decode(owner_only.read(self._file), type=_Kept)
            except msgspec.DecodeError as error:
                raise InvalidSettings(f"{self._file} holds no keys: {error}") from error
            self._at = at
        return self._kept


def _made(now: Instant = 0.0) -> _Key:
    key = secrets.token_bytes(KEY_BYTES)
    return _Key(hashlib.sha256(b"rvw wrapping key" + key).hexdigest()[:16], b64encode(key).decode(), now)


def _cipher(key: _Key) -> AESGCM:
    return AESGCM(b64decode(key.key))
