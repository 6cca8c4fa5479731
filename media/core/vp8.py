"""The VP8 payload descriptor (RFC 7741, section 4.2): where a frame starts, and the two counters a switch would break.

A decoder expects PictureID and TL0PICIDX to go on without a jump when the source in a slot changes, so both are rewritten.
"""

from media.core.rtp import Packet


def describe(packet: Packet) -> None:
    """Fill in the VP8 fields of `packet`. A payload that is too short or no VP8 leaves them as they were."""
    payload = packet.payload
    size = len(payload)
    if size < 2:
        return
    position = 1
    if payload[0] & 0x80:
        position = _read_counters(packet, payload, size)
    # S set and partition 0: the frame begins here; its first bit says whether it needs no other (section 4.3).
    packet.keyframe = payload[0] & 0x17 == 0x10 and position < size and not payload[position] & 1


def _read_counters(packet: Packet, payload: bytes, size: int) -> int:
    flags = payload[1]
    position = 2
    if flags & 0x80 and position + 1 < size:
        packet.picture_at = position
        packet.picture_wide = payload[position] >= 0x80
        if packet.picture_wide:
            packet.picture_id = (payload[position] & 0x7F) << 8 | payload[position + 1]
            position += 2
        else:
            packet.picture_id = payload[position]
            position += 1
    if flags & 0x40 and position < size:
        packet.tl0_at = position
        packet.tl0_index = payload[position]
        position += 1
    return position + 1 if flags & 0x30 else position


def rewrite(packet: Packet, picture_shift: int, tl0_shift: int) -> bytes:
    """Return the payload with both counters moved on; the packet itself stays as it is."""
    if not (picture_shift and packet.picture_at) and not (tl0_shift and packet.tl0_at):
        return packet.payload
    payload = bytearray(packet.payload)
    at = packet.picture_at
    if at and packet.picture_wide:
        moved = packet.picture_id + picture_shift & 0x7FFF
        payload[at] = 0x80 | moved >> 8
        payload[at + 1] = moved & 0xFF
    elif at:
        payload[at] = packet.picture_id + picture_shift & 0x7F
    if packet.tl0_at:
        payload[packet.tl0_at] = packet.tl0_index + tl0_shift & 0xFF
    return bytes(payload)
