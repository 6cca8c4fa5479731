"""The board: every open visit and every shift, as short lines, kept current by the same entries that pages receive.

A board is made from a snapshot and the entries after it; each process keeps one. It holds what routing, estimates and
the operations page need, and nothing of a visit's content.
"""

from collections.abc import Mapping

from msgspec import Struct, field

from rvw.clock import Instant
from rvw.domain.shift import Shift
from rvw.domain.visit import Refusal, State, Visit


class Line(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An open visit, as the board shows it."""

    id: str
    state: State
    authority: str
    hall: str
    kiosk: str
    matter: str
    region: str
    desks: tuple[str, ...]
    priority: int
    since: Instant
    """Since when the resident waits: never reset, so that nobody loses the place by being offered in vain."""
    officer: str = ""
    others: tuple[str, ...] = ()
    """Hosts and guests who take part."""
    refusals: tuple[Refusal, ...] = ()
    interrupted: bool = False
    """The resident's own connection is lost."""


def line(visit: Visit) -> Line | None:
    """Return the visit's line; a closed visit has none."""
    if visit.state is State.CLOSED:
        return None
    return Line(
        id=visit.id,
        state=visit.state,
        authority=visit.authority,
        hall=visit.hall,
        kiosk=visit.kiosk,
        matter=visit.matter,
        region=visit.region,
        desks=visit.desks,
        priority=visit.priority,
        since=visit.waiting_since,
        officer=visit.officer,
        others=tuple(p.actor for p in visit.participants if p.actor not in (visit.kiosk, visit.officer)),
        refusals=visit.refusals,
        interrupted=any(i.actor == visit.kiosk for i in visit.interruptions),
    )


class Board(Struct):
    """The lines and shifts now."""

    lines: dict[str, Line] = field(default_factory=dict)
    shifts: dict[str, Shift] = field(default_factory=dict)

    def put(self, stream: str, row: Line | Shift | None) -> None:
        """Replace the row of `visit:<id>` or `shift:<actor>`; `None` takes it away."""
        kind, _, name = stream.partition(":")
        rows: dict[str, Line] | dict[str, Shift] = self.lines if kind == "visit" else self.shifts
        if row is None:
            rows.pop(name, None)
        else:
            rows[name] = row  # type: ignore[assignment]  # the stream's kind decides the row's


def queue(lines: Mapping[str, Line]) -> list[Line]:
    """Return the visits that wait, or are on offer, in the order of service: priority, then the longest waiting."""
    waiting = [one for one in lines.values() if one.state in (State.WAITING, State.OFFERED)]
    return sorted(waiting, key=lambda one: (-one.priority, one.since, one.id))
