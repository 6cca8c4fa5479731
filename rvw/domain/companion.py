"""Companions: streams beside a visit's, each with a fold of its own.

A visit's snapshot is copied at each change and sent whole, so what grows with the work (marks, papers, what is stated
and signed) is not in it. A companion is appended on condition that the visit is still what was looked at: nothing is added
after the closing, and whoever may change it is asked of the visit. Each is one module with commands, `decide`, `evolve`
and the fold; which there are is in `companions`.
"""

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct

from rvw.clock import Instant
from rvw.domain import events as e
from rvw.domain.decide import Around
from rvw.domain.people import Actor
from rvw.domain.visit import Visit


class Folded(Protocol):
    """The fold of a companion's events."""

    @property
    def visit(self) -> str:
        """The visit that it is beside."""

    @property
    def version(self) -> int:
        """How many events it has had."""

    @property
    def refs(self) -> tuple[str, ...]:
        """The last commands, to recognise repetitions."""


State = TypeVar("State", bound=Folded)


class Scene(Struct, frozen=True):
    """What a companion's decision looks at beside its own state: `policy.check` has said yes before."""

    visit: Visit
    actor: Actor
    around: Around
    now: Instant


class Companion(Struct, Generic[State], frozen=True):
    """One kind of stream beside a visit's, `<kind>:<visit id>`."""

    kind: str
    commands: tuple[type, ...]
    events: tuple[type, ...]
    empty: Callable[[str], State]
    """The fold of no events, for a visit id."""
    decide: Callable[[State, Any, Scene], tuple[e.CompanionEvent, ...]]
    """Which events a command makes happen; none when there is nothing to do. Raises the errors of a refusal."""
    evolve: Callable[[State, e.Recorded], State]
    """The fold after one more event. Raises `NotPossible` for an event that is not its own."""


def audience(visit: Visit) -> tuple[str, ...]:
    """Return who is told of a companion's events: those who take part. Others read the fold when they come in."""
    return tuple(sorted(p.actor for p in visit.participants))


def together(visit: list[e.Recorded], *others: list[e.Recorded]) -> list[e.Recorded]:
    """Return the events of a visit and of its companions in one order: by time, none after the closing.

    Each stream keeps its own order. A companion is appended only to a visit that is not closed, so what a fast clock puts
    after the closing was before it.
    """
    for other in others:
        visit = _merged(visit, other)
    return visit


def _merged(visit: list[e.Recorded], other: list[e.Recorded]) -> list[e.Recorded]:
    found: list[e.Recorded] = []
    rest = list(reversed(other))
    for recorded in visit:
        closing = isinstance(recorded.event, e.Closed)
        while rest and (closing or rest[-1].at < recorded.at):
            found.append(rest.pop())
        found.append(recorded)
    return [*found, *reversed(rest)]
