"""AV1 in RTP (AOM's RTP payload format 1.0, section 4.4): where a coded video sequence starts. Nothing is rewritten.

The aggregation header says so by its N bit, and only in the first packet, which cannot begin with the rest of another unit.
"""

from media.core.rtp import Packet

_CONTINUES, _NEW_SEQUENCE = 0x80, 0x08


def describe(packet: Packet) -> None:
    """Set `keyframe` for the first packet of a coded video sequence."""
    payload = packet.payload
    packet.keyframe = len(payload) > 1 and payload[0] & (_CONTINUES | _NEW_SEQUENCE) == _NEW_SEQUENCE
