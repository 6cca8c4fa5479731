"""The wrapping key, changed: every visit's key is wrapped anew, and the old wrapping key is destroyed.

With it goes whatever it could still open: wrapped keys of deleted visits in backups, replicas, and a database's own log. A
process that has read the old key a moment before may still write with it, so everything is wrapped once more after
`SETTLE_S`, and only then is it destroyed. Killed in between, nothing is lost: it is done again from the beginning.
"""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from rvw.clock import Clock, Seconds
from signaling.keeping.provider import SETTLE_S, FileKeys
from signaling.keeping.visit_keys import VisitKeys


class Rotated(Struct, frozen=True):
    """What has been done."""

    key: str
    """The id of the wrapping key in use."""
    wrapped: int
    """How many keys of visits were wrapped anew."""
    destroyed: int
    """How many wrapping keys are no more."""


async def rotate(
    wrapping: FileKeys, visits: VisitKeys, clock: Clock, wait: Callable[[Seconds], Awaitable[None]]
) -> Rotated:
    """Change the wrapping key.

    Raises `Unavailable`, and `InvalidSettings` if a key of a visit cannot be unwrapped; then no wrapping key is destroyed.
    """
    key = wrapping.rotate(clock())
    wrapped = await visits.rewrap(key)
    await wait(SETTLE_S)
    wrapped += await visits.rewrap(key)
    return Rotated(key, wrapped, wrapping.destroy_retired(clock()))
