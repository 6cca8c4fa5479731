"""The form of an encrypted blob: frames that can be read from the middle, in a file of which no bit is free.

    header   "RVWBLOB1" (8) ‖ salt (32) ‖ bond (32)
    frames   AES-256-GCM over 65,536 plain bytes each, the last one shorter; each 16 bytes longer than its text

The file's two keys are HKDF-SHA256(key of the visit, salt): no two files share one, so nonces can simply count. A nonce is
the frame's number (11 bytes) and whether it is the last (1 byte), as in STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015)
and age: frames that were moved, doubled or cut off do not open. The bond is HMAC-SHA256 over the SHA-256 and the length of
the plain bytes: a whole file put in the place of another one is noticed before a byte of it is read.

Nothing here knows where the bytes lie, and nothing waits.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from rvw.errors import NotWhole

MAGIC: Final = b"RVWBLOB1"
SALT_BYTES: Final = 32
BOND_BYTES: Final = 32
HEADER_BYTES: Final = len(MAGIC) + SALT_BYTES + BOND_BYTES
TEXT_BYTES: Final = 65_536
"""Plain bytes of a frame: 0.02 % is lost to tags, and a range read opens at most this much too much on each side."""
TAG_BYTES: Final = 16
FRAME_BYTES: Final = TEXT_BYTES + TAG_BYTES
KEY_BYTES: Final = 32


class Writer:
    """Writes one blob into a file that can be read and written at any place. Not for two threads at once."""

    def __init__(self, file: BinaryIO, key: bytes, randomness: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._file = file
        self._salt = randomness(SALT_BYTES)
        cipher_key, self._bond_key = _keys(key, self._salt)
        self._cipher = AESGCM(cipher_key)
        self._sha256 = hashlib.sha256()
        self._held = bytearray()
        self._frames = 0
        self.bytes = 0
        """How many plain bytes it has taken."""
        file.write(MAGIC + self._salt + bytes(BOND_BYTES))

    def feed(self, data: bytes) -> None:
        """Take the next plain bytes. At most a frame of them is held back. Raises `OSError`."""
        self._sha256.update(data)
        self.bytes += len(data)
        self._held += data
        at = 0
        while len(self._held) - at > TEXT_BYTES:  # a full frame may be the last: one is held until more comes
            self._frame(bytes(self._held[at : at + TEXT_BYTES]), last=False)
            at += TEXT_BYTES
        del self._held[:at]

    def finish(self) -> str:
        """Write what is left and the bond; return the SHA-256 of the plain bytes. Raises `OSError`."""
        self._frame(bytes(self._held), last=True)
        sha256 = self._sha256.hexdigest()
        self._file.seek(len(MAGIC) + SALT_BYTES)
        self._file.write(_bond(self._bond_key, sha256, self.bytes))
        self._file.flush()
        return sha256

    def _frame(self, text: bytes, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._frames, last), text, None))
        self._frames += 1


class Reader:
    """Opens the frames of one blob."""

    def __init__(self, header: bytes, plain: int, key: bytes, sha256: str) -> None:
        """Raises `NotWhole` unless these are the first bytes of the stored file of that content, `plain` bytes long."""
        self.bytes = plain
        if len(header) != HEADER_BYTES or not header.startswith(MAGIC):
            raise NotWhole(f"blob {sha256}: the file does not begin as one of ours")
        salt, bond = header[len(MAGIC) : -BOND_BYTES], header[-BOND_BYTES:]
        cipher_key, bond_key = _keys(key, salt)
        if not hmac.compare_digest(bond, _bond(bond_key, sha256, self.bytes)):
            raise NotWhole(f"blob {sha256}: the file is not that of this hash and length")
        self._cipher = AESGCM(cipher_key)
        self._sha256 = sha256
        self._frames = frames_of(self.bytes)

    def opened(self, first: int, data: bytes) -> bytes:
        """Return the plain bytes of whole frames, the first of which has that number. Raises `NotWhole`."""
        return b"".join(
            self._opened(first + number, data[at : at + FRAME_BYTES])
            for number, at in enumerate(range(0, len(data), FRAME_BYTES))
        )

    def _opened(self, number: int, frame: bytes) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(number, number == self._frames - 1), frame, None)
        except (InvalidTag, ValueError) as error:
            raise NotWhole(f"blob {self._sha256}: frame {number} is damaged or not in its place") from error


class Span(Struct, frozen=True):
    """Which frames hold a range, and what of their plain bytes does not belong to it."""

    first: int
    frames: int
    begin: int
    """In the stored file, of the first frame."""
    end: int


def span_of(start: int, end: int, plain: int) -> Span:
    """Return where the plain bytes `[start, end)`, which are not empty, are in the stored file of `plain` bytes."""
    first, last = start // TEXT_BYTES, (end - 1) // TEXT_BYTES
    begin = HEADER_BYTES + first * FRAME_BYTES
    return Span(first, last - first + 1, begin, min(HEADER_BYTES + (last + 1) * FRAME_BYTES, stored_length(plain)))


def frames_of(plain: int) -> int:
    """Return how many frames hold so many plain bytes: at least one."""
    return max(1, -(-plain // TEXT_BYTES))


def stored_length(plain: int) -> int:
    """Return how long the stored file of so many plain bytes is."""
    return HEADER_BYTES + plain + frames_of(plain) * TAG_BYTES


def plain_length(stored: int) -> int:
    """Return how many plain bytes a stored file of that length holds. Raises `NotWhole` if it can be none."""
    body = stored - HEADER_BYTES
    plain = body - max(1, -(-body // FRAME_BYTES)) * TAG_BYTES
    if plain < 0 or stored_length(plain) != stored:
        raise NotWhole(f"a file of {stored} bytes is no blob: it was cut off")
    return plain


def _keys(key: bytes, salt: bytes) -> tuple[bytes, bytes]:
    derived = HKDF(SHA256(), 2 * KEY_BYTES, salt=salt, info=b"rvw blob 1").derive(key)
    return derived[:KEY_BYTES], derived[KEY_BYTES:]


def _bond(key: bytes, sha256: str, plain: int) -> bytes:
    return hmac.digest(key, bytes.fromhex(sha256) + plain.to_bytes(8), "sha256")


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11) + bytes([last])
