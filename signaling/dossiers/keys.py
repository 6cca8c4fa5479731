"""The key that dossiers are sealed with: one file in the data folder, made at the first start.

The file holds the private key in use and every public key that ever was: old seals stay verifiable. It is readable by its
owner only, written whole or not at all, and two processes that start at once get the same key.
"""

from base64 import b64decode, b64encode
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from rvw.clock import Instant
from rvw.domain.seal import Ed25519Signer, PublicKey, PublicKeys
from rvw.errors import InvalidSettings
from signaling import owner_only

FILE: Final = "seal-keys.json"


class _Kept(Struct, frozen=True, forbid_unknown_fields=True):
    private: str
    """In base64."""
    current: PublicKey
    retired: tuple[PublicKey, ...]


class SealKeys:
    """The signer in use, and what may be published. Notices when the key is changed, so a rotation needs no restart."""

    def __init__(self, file: Path) -> None:
        """Raises `InvalidSettings` if the file holds no keys, or others may read it."""
        self._file = file
        self._read()

    def signer(self) -> Ed25519Signer:
        """Return what seals now. Raises `InvalidSettings`."""
        if self._file.stat().st_mtime_ns != self._at:
            self._read()
        return self._signer

    def public(self) -> PublicKeys:
        """Return all public keys, the one in use first. Raises `InvalidSettings`."""
        self.signer()
        return self._public

    def _read(self) -> None:
        self._at = self._file.stat().st_mtime_ns
        kept = _read(self._file)
        self._signer = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(b64decode(kept.private)))
        self._public = PublicKeys((kept.current, *kept.retired))


def open_keys(folder: Path, now: Instant) -> SealKeys:
    """Return the keys of a data folder; make the first one, which begins `now`, if there is none.

    Raises `InvalidSettings` if they cannot be used.
    """
    file = folder / FILE
    owner_only.make(file, lambda: msgspec.json.encode(_made(now, ())))
    return SealKeys(file)


def rotate(folder: Path, now: Instant) -> SealKeys:
    """Make a new key, from which on everything is sealed with it.

    The private half of the old key is gone, its public half stays. Raises `InvalidSettings` if there is no key yet.
    """
    file = folder / FILE
    kept = _read(file)
    old = msgspec.structs.replace(kept.current, until=now)
    owner_only.replace(file, msgspec.json.encode(_made(now, (old, *kept.retired))))
    return SealKeys(file)


def _made(now: Instant, retired: tuple[PublicKey, ...]) -> _Kept:
    private = Ed25519PrivateKey.generate()
    public = Ed25519Signer(private).public(now)
    return _Kept(b64encode(private.private_bytes_raw()).decode(), public, retired)


def _read(file: Path) -> _Kept:
    try:
        return msgspec.json.decode(owner_only.read(file), type=_Kept)
    except msgspec.DecodeError as error:
        raise InvalidSettings(f"{file} holds no keys: {error}") from error
