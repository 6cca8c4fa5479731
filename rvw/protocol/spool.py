"""The spool's format: what a media worker has tapped of a room, as files that survive a power cut up to their last frame.

A segment is a head and frames, appended one after another and flushed to the disk. A frame is a length and that many bytes
of AES-256-GCM; its plaintext is a row of entries of 32 bytes, each with its payload. A frame cut short by a crash is the
end of its segment. Nothing of a talk can be read without the key, which is never on the same disk.
"""

import struct
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Final, Literal, NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from rvw.clock import Instant
from rvw.errors import NotWhole

MAGIC: Final = b"rvw-spool-1\n"
SALT_BYTES: Final = 16
HEAD_BYTES: Final = len(MAGIC) + SALT_BYTES
KEY_BYTES: Final = 32
LONGEST_FRAME: Final = 16 * 1024 * 1024
"""A frame longer than this is none: a worker writes at most its reel, a few megabytes."""

LENGTH: Final = struct.Struct("<I")
ENTRY: Final = struct.Struct("<dqIiHH2xBB")
"""Arrival, sequence, timestamp, lap, track, length, kind, marker: `struct entry` of `media.core.rows`."""

REPORT: Final = struct.Struct("<d")


class Kind(IntEnum):
    """What an entry is."""

    PACKET = 1
    REPORT = 2
    TRACK = 3
    BEAT = 4
    REEL = 5


class Entry(NamedTuple):
    """One entry. `sequence` is unwrapped; `lap` grows when the publisher's RTP clock has stood still."""

    arrival: Instant
    sequence: int
    timestamp: int
    lap: int
    track: int
    kind: int
    marker: int
    payload: bytes

    def pack(self) -> bytes:
        """Return its bytes: a multiple of eight."""
        head = ENTRY.pack(
            self.arrival, self.sequence, self.timestamp, self.lap, self.track, len(self.payload), self.kind, self.marker,
        )  # fmt: skip
        return head + self.payload + bytes(-len(self.payload) % 8)


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """What a track number stands for: an out-slot of one connection of a peer. A rejoin gets another number."""

    peer: str
    out: str
    codec: Literal["OPUS", "VP8", "VP9", "H264", "AV1"]
    clock_rate: int


def source_entry(number: int, source: Source, now: Instant) -> Entry:
    """Return the entry that says what a track number stands for."""
    return Entry(now, 0, 0, 0, number, Kind.TRACK, 0, msgspec.json.encode(source))


def read_source(entry: Entry) -> Source:
    """Return what a track number stands for. Raises `NotWhole`."""
    try:
        return msgspec.json.decode(entry.payload, type=Source)
    except msgspec.MsgspecError as error:
        raise NotWhole(f"a track of the spool cannot be read: {error}") from error


def reel_entry(begun: Instant) -> Entry:
    """Return the first entry of a segment: track numbers mean the same in all segments with the same one."""
    return Entry(begun, 0, 0, 0, 0, Kind.REEL, 0, b"")


def beat_entry(lost: int, now: Instant) -> Entry:
    """Return the entry that says: recorded until now, also when nobody has sent anything; so many packets were lost."""
    return Entry(now, lost, 0, 0, 0, Kind.BEAT, 0, b"")


class Cipher:
    """Encrypts and decrypts the frames of one segment: a key of its own, and frames counted as nonces."""

    def __init__(self, key: bytes, salt: bytes, room: str) -> None:
        """`key` is the room's, of 32 bytes; `salt` has never been used with it before."""
        self.head = MAGIC + salt
        self._about = self.head + room.encode()
        self._cipher = AESGCM(HKDF(SHA256(), KEY_BYTES, salt, b"rvw spool segment").derive(key))
        self._count = 0

    def seal(self, plain: bytes) -> bytes:
        """Return the next frame."""
        sealed = self._cipher.encrypt(self._count.to_bytes(12), plain, self._about)
        self._count += 1
        return LENGTH.pack(len(sealed)) + sealed

    def open(self, sealed: bytes) -> bytes:
        """Return the plaintext of the next frame. Raises `InvalidTag`."""
        plain = self._cipher.decrypt(self._count.to_bytes(12), sealed, self._about)
        self._count += 1
        return plain


def frames(chunks: Iterable[bytes], key: bytes, room: str) -> Iterator[bytes]:
    """Yield the plaintext of every whole frame of a segment, in order; what a crash has cut short is its end.

    Raises `NotWhole` for bytes that are no segment, or whose first frame is another room's or key's.
    """
    pieces = iter(chunks)
    held = bytearray()

    def have(count: int) -> bool:
        while len(held) < count:
            piece = next(pieces, None)
            if piece is None:
                return False
            held.extend(piece)
        return True

    if not have(HEAD_BYTES):
        return
    if not held.startswith(MAGIC):
        raise NotWhole("this is no segment of the spool")
    cipher = Cipher(key, bytes(held[len(MAGIC) : HEAD_BYTES]), room)
    del held[:HEAD_BYTES]
    first = True
    while have(LENGTH.size):
        (length,) = LENGTH.unpack_from(held)
        if length > LONGEST_FRAME or not have(LENGTH.size + length):
            return
        try:
            plain = cipher.open(bytes(held[LENGTH.size : LENGTH.size + length]))
        except InvalidTag as error:
            if first:
                raise NotWhole("the segment is of another room, or under another key") from error
            return
        first = False
        yield plain
        del held[: LENGTH.size + length]


def entries(plain: bytes) -> Iterator[Entry]:
    """Yield the entries of a frame. Raises `NotWhole` for bytes that are none."""
    position, end = 0, len(plain)
    while position < end:
        if position + ENTRY.size > end:
            raise NotWhole("a frame of the spool ends within an entry")
        arrival, sequence, timestamp, lap, track, length, kind, marker = ENTRY.unpack_from(plain, position)
        position += ENTRY.size
        if position + length > end:
            raise NotWhole("a frame of the spool ends within a payload")
        payload = plain[position : position + length]
        position += length + -length % 8
        yield Entry(arrival, sequence, timestamp, lap, track, kind, marker, payload)
