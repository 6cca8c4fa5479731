"""AV1 out of RTP (RTP payload format for AV1 1.0, section 4), into temporal units as files have them. Pure.

In a packet units stand without their sizes, and the first and last may be pieces of one; in a file each says its size.
"""

from collections.abc import Sequence
from typing import Final

_CONTINUES, _GOES_ON, _NEW_SEQUENCE = 0x80, 0x40, 0x08
_EXTENDED, _SIZED = 0x04, 0x02
_DELIMITER: Final = b"\x12\x00"
"""What a temporal unit begins with; muxers leave it out again."""


def begins(payload: bytes) -> bool:
    """Return whether the packet does not begin in the middle of a unit."""
    return not payload[0] & _CONTINUES


def is_key(payload: bytes) -> bool:
    """Return whether a coded video sequence begins with the packet: what is before it is not needed."""
    return payload[0] & (_CONTINUES | _NEW_SEQUENCE) == _NEW_SEQUENCE


def temporal_unit(payloads: Sequence[bytes]) -> bytes:
    """Return the picture in the payloads of all its packets, in order. Raises `IndexError` for payloads that are none."""
    units: list[bytearray] = []
    for payload in payloads:
        pieces = _pieces(payload)
        if payload[0] & _CONTINUES:
            units[-1] += pieces.pop(0)
        units += [bytearray(piece) for piece in pieces]
    return _DELIMITER + b"".join(_sized(bytes(unit)) for unit in units if unit)


def _pieces(payload: bytes) -> list[bytes]:
    """Return the units and pieces of units in a packet: the last one without a length, if their number is told."""
    count, at = payload[0] >> 4 & 3, 1
    made: list[bytes] = []
    while at < len(payload):
        length = len(payload) - at
        if not count or len(made) < count - 1:
            length, at = _length(payload, at)
        if at + length > len(payload):
            raise IndexError("a unit is longer than its packet")
        made.append(payload[at : at + length])
        at += length
    if not made:
        raise IndexError("a packet without units")
    return made


def _sized(unit: bytes) -> bytes:
    if unit[0] & _SIZED:
        return unit
    head = 2 if unit[0] & _EXTENDED else 1
    if len(unit) < head:
        raise IndexError("a unit ends within its head")
    return bytes((unit[0] | _SIZED,)) + unit[1:head] + _leb128(len(unit) - head) + unit[head:]


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Read a number as LEB128 writes it, of eight bytes at most; return it and where it ends."""
    value = 0
    for shift in range(0, 56, 7):
        octet = data[at]
        at += 1
        value |= (octet & 0x7F) << shift
        if not octet & 0x80:
            return value, at
    raise IndexError("a length that does not end")


def _leb128(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)
