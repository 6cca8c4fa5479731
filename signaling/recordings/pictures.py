"""Frames out of RTP payloads, without decoding: VP8 (RFC 7741), VP9 (RFC 9628), H.264 (RFC 6184), AV1, Opus (RFC 7587).

Takes a track's packets in order and yields whole frames. A picture that has lost a packet for good is left out, and those
after it up to the next keyframe: they would be shown wrong. Pure.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple, Protocol

from signaling.recordings import av1

START_CODE: Final = b"\0\0\0\1"
MOST_OF_A_FRAME: Final = 4 * 1024 * 1024
"""Bytes; a frame that is longer is none."""


class Piece(NamedTuple):
    """A packet of one track; `at` is when it was made, in seconds on the recording's clock."""

    sequence: int
    timestamp: int
    marker: int
    payload: bytes
    at: float


class Frame(NamedTuple):
    """A frame as a decoder takes it."""

    at: float
    data: bytes
    key: bool
    size: tuple[int, int] = (0, 0)
    """Width and height, where a keyframe says it."""


class Part(NamedTuple):
    """What one packet adds to a frame."""

    data: bytes
    begins: bool
    key: bool
    size: tuple[int, int] = (0, 0)


class Format(Protocol):
    """Reads the payloads of one codec."""

    def __call__(self, payload: bytes) -> Part | None:
        """Return what the payload adds; `None` for one that is broken."""


class Pictures:
    """Puts the frames of one stream together. `dropped` counts those left out."""

    def __init__(self, read: Format, join: Callable[[Sequence[bytes]], bytes] = b"".join) -> None:
        """`join` makes a frame of what its packets have added; `IndexError` is for what makes none."""
        self._read = read
        self._join = join
        self._parts: list[Part] = []
        self._bytes = 0
        self._next = -1
        self._timestamp = -1
        self._whole = False
        self._shown = False
        """The decoder has all that the next frame builds on."""
        self._begun = False
        self.dropped = 0

    def take(self, piece: Piece) -> Iterator[Frame]:
        """Yield the frame that this packet completes, if it does."""
        if piece.sequence != self._next or piece.timestamp != self._timestamp:
            self._begin(piece)
        self._next = piece.sequence + 1
        part = self._read(piece.payload)
        self._bytes += len(piece.payload)
        if part is None or self._bytes > MOST_OF_A_FRAME or (not self._parts and not part.begins):
            self._whole = False
        elif self._whole:
            self._parts.append(part)
        if piece.marker:
            yield from self._end(piece.at)

    def _begin(self, piece: Piece) -> None:
        if self._parts or piece.sequence != self._next:
            self._lose()
        self._parts, self._bytes, self._timestamp, self._whole = [], 0, piece.timestamp, True

    def _end(self, at: float) -> Iterator[Frame]:
        parts, self._parts = self._parts, []
        self._timestamp = -1
        if not (self._whole and parts):
            return self._lose()
        first = parts[0]
        key = any(part.key for part in parts)
        self._shown = self._shown or key
        if self._shown:
            size = next((part.size for part in parts if part.size[0]), first.size)
            try:
                data = self._join([part.data for part in parts])
            except IndexError:
                return self._lose()
            self._begun = True
            yield Frame(at, data, key, size)
        else:
            self.dropped += self._begun

    def _lose(self) -> None:
        self.dropped += self._shown
        self._shown = False


class Sounds:
    """Opus: each packet is a frame, and each frame stands for itself."""

    dropped = 0

    def take(self, piece: Piece) -> Iterator[Frame]:
        """Yield the packet."""
        if piece.payload:
            yield Frame(piece.at, piece.payload, key=True)


def vp8(payload: bytes) -> Part | None:
    """Read a VP8 payload."""
    if len(payload) < 2:
        return None
    at = 1
    if payload[0] & 0x80:
        extra = payload[1]
        at = 2
        if extra & 0x80:
            at += 2 if len(payload) > at and payload[at] & 0x80 else 1
        at += bool(extra & 0x40) + bool(extra & 0x30)
    data = payload[at:]
    begins = payload[0] & 0x17 == 0x10
    if not data:
        return None
    key = begins and not data[0] & 1
    size = (0, 0)
    if key and len(data) >= 10:
        size = (int.from_bytes(data[6:8], "little") & 0x3FFF, int.from_bytes(data[8:10], "little") & 0x3FFF)
    return Part(data, begins, key, size)


def vp9(payload: bytes) -> Part | None:
    """Read a VP9 payload; of scalability, the first spatial layer is what our pages send."""
    try:
        flags, at = payload[0], 1
        if flags & 0x80:
            at += 2 if payload[at] & 0x80 else 1
        if flags & 0x20:
            at += 1 if flags & 0x10 else 2
        if flags & 0x50 == 0x50:
            while payload[at] & 1:
                at += 1
            at += 1
        size = (0, 0)
        if flags & 0x02:
            at, size = _structure(payload, at)
    except IndexError:
        return None
    begins = bool(flags & 0x08)
    return Part(payload[at:], begins, begins and not flags & 0x40, size) if at < len(payload) else None


def _structure(payload: bytes, at: int) -> tuple[int, tuple[int, int]]:
    """Read over the scalability structure; return where it ends and the size it tells."""
    head = payload[at]
    at += 1
    size = (0, 0)
    if head & 0x10:
        for _ in range((head >> 5) + 1):
            size = (int.from_bytes(payload[at : at + 2]), int.from_bytes(payload[at + 2 : at + 4]))
            at += 4
    if head & 0x08:
        pictures = payload[at]
        at += 1
        for _ in range(pictures):
            at += 1 + (payload[at] >> 2 & 3)
    return at, size


def h264(payload: bytes) -> Part | None:
    """Read an H.264 payload, into NAL units with start codes."""
    if len(payload) < 2:
        return None
    kind = payload[0] & 31
    if 1 <= kind <= 23:
        return Part(START_CODE + payload, True, kind in (5, 7))
    if kind == 24:
        return _aggregate(payload)
    if kind == 28:
        begins = bool(payload[1] & 0x80)
        unit = bytes((payload[0] & 0xE0 | payload[1] & 31,))
        data = (START_CODE + unit if begins else b"") + payload[2:]
        return Part(data, begins, begins and payload[1] & 31 == 5)
    return None


def _aggregate(payload: bytes) -> Part | None:
    at, units = 1, []
    while at + 2 < len(payload):
        length = int.from_bytes(payload[at : at + 2])
        units.append(payload[at + 2 : at + 2 + length])
        at += 2 + length
    if not units or not all(units):
        return None
    return Part(b"".join(START_CODE + unit for unit in units), True, any(unit[0] & 31 in (5, 7) for unit in units))


def av1_part(payload: bytes) -> Part | None:
    """Read an AV1 payload: it stays as it is until the whole picture is there."""
    return Part(payload, av1.begins(payload), av1.is_key(payload)) if len(payload) > 1 else None


FORMATS: Final[dict[str, Format]] = {"VP8": vp8, "VP9": vp9, "H264": h264, "AV1": av1_part}


def assembler(codec: str) -> "Pictures | Sounds":
    """Return what puts the frames of a codec together."""
    if codec == "OPUS":
        return Sounds()
    return Pictures(FORMATS[codec], av1.temporal_unit) if codec == "AV1" else Pictures(FORMATS[codec])
