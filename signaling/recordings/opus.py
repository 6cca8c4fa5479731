"""Opus packets: how long each lasts, and one that is silent. Pure; RFC 6716, section 3.1."""

from typing import Final

from rvw.clock import Seconds

SILENCE: Final = b"\xf8\xff\xfe"
"""20 ms of CELT, full band, one channel: nothing is in it."""

SILENCE_S: Final[Seconds] = 0.02

_SILK, _HYBRID, _CELT = (0.01, 0.02, 0.04, 0.06), (0.01, 0.02), (0.0025, 0.005, 0.01, 0.02)


def lasts(packet: bytes) -> Seconds:
    """Return for how long a packet sounds; 0 for one that is none."""
    if not packet:
        return 0.0
    config, code = packet[0] >> 3, packet[0] & 3
    if config < 12:
        frame = _SILK[config % 4]
    elif config < 16:
        frame = _HYBRID[config % 2]
    else:
        frame = _CELT[config % 4]
    if code == 3:
        return frame * (packet[1] & 63) if len(packet) > 1 else 0.0
    return frame * (2 if code else 1)
