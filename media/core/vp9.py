"""The VP9 payload descriptor (RFC 9628, section 4.2): where a keyframe starts, and PictureID and TL0PICIDX.

Both counters are written as in VP8, so `vp8.rewrite` moves them on; references between pictures are differences and stay.
"""

from media.core.rtp import Packet

_HAS_PICTURE, _PREDICTED, _HAS_LAYERS, _FLEXIBLE, _BEGINS = 0x80, 0x40, 0x20, 0x10, 0x08
_SPATIAL = 0x0E


def describe(packet: Packet) -> None:
    """Fill in the counters and `keyframe` of `packet`. A descriptor that is cut off leaves what it does not say."""
    payload = packet.payload
    size = len(payload)
    if size < 2:
        return
    flags, position, spatial = payload[0], 1, 0
    if flags & _HAS_PICTURE and position + 1 < size:
        packet.picture_at = position
        packet.picture_wide = payload[position] >= 0x80
        if packet.picture_wide:
            packet.picture_id = (payload[position] & 0x7F) << 8 | payload[position + 1]
            position += 2
        else:
            packet.picture_id = payload[position]
            position += 1
    if flags & _HAS_LAYERS and position < size:
        spatial = payload[position] & _SPATIAL
        position += 1
        if not flags & _FLEXIBLE and position < size:
            packet.tl0_at = position
            packet.tl0_index = payload[position]
            position += 1
    packet.keyframe = flags & (_PREDICTED | _BEGINS) == _BEGINS and not spatial and position < size
