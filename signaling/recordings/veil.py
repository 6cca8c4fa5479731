"""A file that only this process can read: what is made of a talk lies on the disk encrypted, under a key nobody keeps.

AES in counter mode at any position: muxers seek back and write again. The key lives as long as the object; what a crash
leaves behind are random bytes.
"""

import os
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from msgspec import Struct

BLOCK = 16
CHUNK_BYTES = 256 * 1024


class Veil(Struct, frozen=True, forbid_unknown_fields=True):
    """What a process is told that inherits an open file: where it is, and how to read it."""

    descriptor: int
    key: str
    nonce: str
    size: int


class Veiled:
    """A binary file for reading and writing, as PyAV wants it."""

    def __init__(self, file: FileIO, key: bytes, nonce: bytes, size: int = 0) -> None:
        self._file = file
        self._key, self._nonce = key, nonce
        self._at = 0
        self.size = size

    @classmethod
    def fresh(cls, folder: Path) -> "Veiled":
        """Make a file without a name in `folder`. Raises `OSError`."""
        file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - it is closed by `close`
        return cls(file, os.urandom(32), os.urandom(8))

    @classmethod
    def inherited(cls, veil: Veil) -> "Veiled":
        """Open what the process that started this one has written. Raises `OSError`."""
        return cls(FileIO(veil.descriptor, "r+"), b64decode(veil.key), b64decode(veil.nonce), veil.size)

    def veil(self) -> Veil:
        """Return what a process must be told that is to read it, besides inheriting its descriptor."""
        key, nonce = (b64encode(one).decode() for one in (self._key, self._nonce))
        return Veil(self._file.fileno(), key, nonce, self.size)

    def again(self) -> "Veiled":
        """Return the same file with a position of its own, to read what was written so far."""
        return Veiled(FileIO(os.dup(self._file.fileno()), "r+"), self._key, self._nonce, self.size)

    def write(self, data: bytes) -> int:
        """Write at the position."""
        sealed = self._turn(bytes(data))
        self._file.seek(self._at)
        rest = memoryview(sealed)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._at += len(sealed)
        self.size = max(self.size, self._at)
        return len(sealed)

    def read(self, count: int = -1) -> bytes:
        """Read from the position; less at the end."""
        count = self.size - self._at if count < 0 else min(count, self.size - self._at)
        self._file.seek(self._at)
        plain = self._turn(self._file.read(max(0, count)))
        self._at += len(plain)
        return plain

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move the position."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def chunks(self) -> Iterator[bytes]:
        """Yield all of it."""
        self._at = 0
        while data := self.read(CHUNK_BYTES):
            yield data

    def close(self) -> None:
        """Forget it."""
        self._file.close()

    def _turn(self, data: bytes) -> bytes:
        """Encrypt or decrypt what lies at the position: the same (counter mode)."""
        within = self._at % BLOCK
        counter = self._nonce + (self._at // BLOCK).to_bytes(8)
        stream = Cipher(AES(self._key), modes.CTR(counter)).encryptor()
        return stream.update(bytes(within) + data)[within:]
