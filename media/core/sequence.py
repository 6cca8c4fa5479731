"""Numbers that wrap on the wire, unwrapped.

RTP sequence numbers have 16 bits and wrap every few minutes; comparing them as they are freezes a picture after 32,768
packets. Inside the core every sequence number is a plain integer that never wraps; only the wire sees the low bits.
"""

from rvw.clock import Seconds

FIRST_LAP = 1 << 16
"""Added to the first number seen, so that packets which overtook each other at the start are not negative."""

_M32 = 0xFFFFFFFF


def unwrap(reference: int, wire: int) -> int:
    """Return the number nearest to `reference` whose low 16 bits are `wire` (RFC 3711, section 3.3.1)."""
    return reference + ((wire - reference + 0x8000) & 0xFFFF) - 0x8000


def signed_difference(later: int, earlier: int) -> int:
    """Return `later - earlier` of two 32-bit timestamps, the short way round: -2^31 … 2^31 - 1."""
    return ((later - earlier + 0x80000000) & _M32) - 0x80000000


def elapsed_send_time(later: int, earlier: int, about_s: Seconds) -> Seconds:
    """Return the seconds between two abs-send-time stamps (6.18 fixed point, wrapping every 64 s).

    `about_s` is roughly how long it was by another clock: it chooses the lap.
    """
    within = ((later - earlier) & 0xFFFFFF) / (1 << 18)
    return within + 64.0 * round((about_s - within) / 64.0)
