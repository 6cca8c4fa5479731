"""RTCP (RFC 3550, section 6; feedback RFC 4585, 5104): read from and written to bytes.

`split` never raises: what is cut off, of another version or unknown is left out. The readers take one block's body, that
is what follows its first four bytes, and return nothing where it is too short.
"""

from collections.abc import Iterable, Iterator, Sequence
from struct import Struct
from typing import NamedTuple

SENDER_REPORT = 200
RECEIVER_REPORT = 201
SOURCE_DESCRIPTION = 202
TRANSPORT_FEEDBACK = 205
PAYLOAD_FEEDBACK = 206

NACK = 1
TRANSPORT_CC = 15
PLI = 1
FIR = 4
REMB = 15

MAX_LOST = 0x7FFFFF
"""The cumulative number of lost packets is a signed 24-bit field."""

_HEAD = Struct(">BBH")
_TWO = Struct(">II")
_PAIR = Struct(">HH")
_SENDER = Struct(">IQIII")
_REPORT = Struct(">IIIIII")


class Block(NamedTuple):
    """One packet of a compound: its type, the five bits beside the version, and its body."""

    kind: int
    format: int
    body: bytes


class SenderInfo(NamedTuple):
    """A sender's statement: at `ntp` (64 bits) its stream's clock was at `timestamp` (32 bits)."""

    ssrc: int
    ntp: int
    timestamp: int


class Report(NamedTuple):
    """What one receiver says of one stream (RFC 3550, section 6.4.1). `fraction` is lost/256, `jitter` in clock ticks."""

    ssrc: int
    fraction: int
    lost: int
    highest: int
    jitter: int
    last_report: int
    delay: int


def split(data: bytes) -> Iterator[Block]:
    """Yield the blocks of a compound packet, up to the first one that is not whole."""
    position = 0
    size = len(data)
    while position + 4 <= size:
        first, kind, words = _HEAD.unpack_from(data, position)
        end = position + 4 + 4 * words
        if first >> 6 != 2 or end > size:
            return
        body = data[position + 4 : end]
        if first & 0x20 and body:
            body = body[: max(0, len(body) - body[-1])]
        yield Block(kind, first & 31, body)
        position = end


def read_sender_info(block: Block) -> SenderInfo | None:
    """Return the statement of a sender report."""
    if len(block.body) < 24:
        return None
    ssrc, ntp, timestamp, _, _ = _SENDER.unpack_from(block.body)
    return SenderInfo(ssrc, ntp, timestamp)


def read_reports(block: Block) -> Iterator[Report]:
    """Yield the report blocks of a sender or receiver report."""
    start = 24 if block.kind == SENDER_REPORT else 4
    for position in range(start, min(len(block.body) - 23, start + 24 * block.format), 24):
        ssrc, loss, highest, jitter, last, delay = _REPORT.unpack_from(block.body, position)
        lost = loss & 0xFFFFFF
        yield Report(ssrc, loss >> 24, lost - (lost >> 23 << 24), highest, jitter, last, delay)


def read_media_ssrc(block: Block) -> int | None:
    """Return which stream a feedback block is about."""
    return int(_TWO.unpack_from(block.body)[1]) if len(block.body) >= 8 else None


def read_nack(block: Block) -> Iterator[int]:
    """Yield the 16-bit sequence numbers that a generic NACK asks for (RFC 4585, section 6.2.1)."""
    for position in range(8, len(block.body) - 3, 4):
        first, mask = _PAIR.unpack_from(block.body, position)
        yield first
        while mask:
            low = mask & -mask
            yield first + low.bit_length() & 0xFFFF
            mask ^= low


def read_fir(block: Block) -> Iterator[int]:
    """Yield the streams that a full intra request names (RFC 5104, section 4.3.1)."""
    for position in range(8, len(block.body) - 7, 8):
        yield int(_TWO.unpack_from(block.body, position)[0])


def read_remb(block: Block) -> int | None:
    """Return the bits per second of a receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03)."""
    body = block.body
    if len(body) < 16 or body[8:12] != b"REMB":
        return None
    return ((body[13] & 3) << 16 | body[14] << 8 | body[15]) << (body[13] >> 2)


def pack(kind: int, count: int, body: bytes) -> bytes:
    """Return a block; `body` is padded to whole words as RFC 3550, section 6.4.1 wants it."""
    padding = -len(body) % 4
    if padding:
        body += bytes(padding - 1) + bytes((padding,))
    return _HEAD.pack(0xA0 | count if padding else 0x80 | count, kind, len(body) // 4) + body


def write_sender_report(info: SenderInfo, packets: int, octets: int, cname: bytes) -> bytes:
    """Return a sender report and the source description that belongs to it."""
    report = _SENDER.pack(info.ssrc, info.ntp, info.timestamp, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
    chunk = info.ssrc.to_bytes(4) + bytes((1, len(cname))) + cname
    chunk += bytes(4 - len(chunk) % 4)
    return pack(SENDER_REPORT, 0, report) + pack(SOURCE_DESCRIPTION, 1, chunk)


def write_receiver_report(sender: int, reports: Sequence[Report]) -> bytes:
    """Return a receiver report with up to 31 blocks."""
    body = sender.to_bytes(4)
    for report in reports[:31]:
        lost = max(-MAX_LOST - 1, min(MAX_LOST, report.lost)) & 0xFFFFFF
        loss = report.fraction << 24 | lost
        body += _REPORT.pack(report.ssrc, loss, report.highest, report.jitter, report.last_report, report.delay)
    return pack(RECEIVER_REPORT, min(len(reports), 31), body)


def write_nack(sender: int, media: int, sequences: Iterable[int]) -> bytes:
    """Return a generic NACK for these numbers, which come in ascending order and are cut to 16 bits."""
    body = _TWO.pack(sender, media)
    first, mask = -1, 0
    for sequence in sequences:
        if first >= 0 and 0 < sequence - first <= 16:
            mask |= 1 << sequence - first - 1
            continue
        if first >= 0:
            body += _PAIR.pack(first & 0xFFFF, mask)
        first, mask = sequence, 0
    return pack(TRANSPORT_FEEDBACK, NACK, body + _PAIR.pack(first & 0xFFFF, mask))


def write_pli(sender: int, media: int) -> bytes:
    """Return a picture loss indication: please send a keyframe (RFC 4585, section 6.3.1)."""
    return pack(PAYLOAD_FEEDBACK, PLI, _TWO.pack(sender, media))


def write_remb(sender: int, bitrate_bps: int, ssrcs: Sequence[int]) -> bytes:
    """Return a receiver estimated maximum bitrate for these streams together."""
    exponent = max(0, bitrate_bps.bit_length() - 18)
    mantissa = bitrate_bps >> exponent
    head = bytes((len(ssrcs), exponent << 2 | mantissa >> 16)) + (mantissa & 0xFFFF).to_bytes(2)
    body = _TWO.pack(sender, 0) + b"REMB" + head + b"".join(ssrc.to_bytes(4) for ssrc in ssrcs)
    return pack(PAYLOAD_FEEDBACK, REMB, body)
