"""H.264 in RTP (RFC 6184): where a picture starts that needs no other. Nothing in the payload is rewritten.

That is where the parameter sets are: a decoder that has just been given another source can do nothing with an IDR slice
before them. WebRTC encoders send them with each keyframe, alone or aggregated.
"""

from media.core.rtp import Packet

_NAL_TYPE = 0x1F
_SPS, _STAP_A = 7, 24


def describe(packet: Packet) -> None:
    """Set `keyframe` for the packet that carries a sequence parameter set."""
    payload = packet.payload
    size = len(payload)
    kind = payload[0] & _NAL_TYPE if size > 1 else 0
    if kind != _STAP_A:
        packet.keyframe = kind == _SPS
        return
    position = 1  # section 5.7.1: two bytes of size before each unit
    while position + 2 < size and not packet.keyframe:
        packet.keyframe = payload[position + 2] & _NAL_TYPE == _SPS
        position += 2 + (payload[position] << 8 | payload[position + 1])
