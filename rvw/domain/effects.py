"""Effects: what the shell must now do. One kind so far: who sees and hears whom.

Routes are a function of the visit alone, all of them at once, never a difference: applying them twice, or again after a
crash, is harmless.
"""

from typing import NamedTuple, assert_never

from rvw.domain.people import Role
from rvw.domain.visit import Participant, State, Visit


class Route(NamedTuple):
    """What `source` sends in its slot `out` appears in the slot `into` of `target`."""

    source: str
    out: str
    target: str
    into: str


def routes(visit: Visit | None) -> tuple[Route, ...]:
    """Return who sees and hears whom while live: everybody everybody else, as their modes permit; nobody otherwise."""
    if visit is None or visit.state is not State.LIVE:
        return ()
    return (*_talk(visit), *_share(visit))


def _talk(visit: Visit) -> tuple[Route, ...]:
    return tuple(
        Route(source.actor, out, target.actor, f"{into}{place(source.seat, target.seat)}")
        for target in visit.participants
        for source in visit.participants
        if source.actor != target.actor
        for out, into in heard_and_seen(source, target)
    )


def _share(visit: Visit) -> tuple[Route, ...]:
    """The screen that is shown reaches all others, also those who only listen."""
    if visit.share is None:
        return ()
    owner = visit.share.actor
    return tuple(Route(owner, "share", p.actor, "share") for p in visit.participants if p.actor != owner)


def heard_and_seen(source: Participant, target: Participant) -> tuple[tuple[str, str], ...]:
    """Return what of `source` reaches `target`: nothing of a listener; of a whisperer the voice, to officers alone."""
    match source.mode:
        case "join":
            return (("mic", "voice"), ("camera", "face"))
        case "whisper":
            return (("mic", "voice"),) if target.role is Role.OFFICER else ()
        case "listen":
            return ()
        case _:
            assert_never(source.mode)


def place(source_seat: int, target_seat: int) -> int:
    """Return in which of the target's places, 1 to 7, the source appears: it stays when others come and go."""
    return source_seat if source_seat > target_seat else source_seat + 1
