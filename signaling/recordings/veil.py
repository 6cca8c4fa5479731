"""A file that only this process can read: what is made of a talk lies on the disk encrypted, under a key nobody keeps.

AES in counter mode at any position: muxers seek back and write again. The key lives as long as the object; what a crash
leaves behind are random bytes.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

BLOCK = 16
CHUNK_BYTES = 256 * 1024


class Veiled:
    """A binary file for reading and writing, as PyAV wants it."""

    def __init__(self, folder: Path) -> None:
        """Make a file without a name in `folder`. Raises `OSError`."""
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - it is closed by `close`
        self._key, self._nonce = os.urandom(32), os.urandom(8)
        self._at = 0
        self.size = 0

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
