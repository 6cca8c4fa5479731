"""What a simulated day came to: one row a place, and one for all."""

from msgspec import Struct

from rvw.clock import Seconds
from rvw.domain.figures import Figures, Load, Rates, Statistics
from rvw.domain.simulation.scenario import Place, Scenario


class Row(Struct, frozen=True, kw_only=True):
    """The figures of a place."""

    place: str
    visits: int
    wait_p50_s: Seconds | None
    wait_p90_s: Seconds | None
    prompt_share: float | None
    """021: answered within a minute."""
    abandoned_share: float | None
    elsewhere: int
    """Answered by a desk further along the chain."""
    load: float | None
    """The share of the officers' time in which they were in a visit or wrote one up."""


class Outcome(Struct, frozen=True, kw_only=True):
    """A day. Same scenario and seed, same outcome."""

    scenario: str
    seed: int
    fall_back: bool
    total: Row
    places: tuple[Row, ...]
    events: int
    unanswered: int
    solved_share: float | None
    inside_share: float | None
    """How many of the waits that ended with an answer were inside the interval said at the ticket."""
    inside_waited_share: float | None
    """The same of those who had to wait for more than a minute."""
    open_at_the_end: int


def outcome(
    scenario: Scenario,
    seed: int,
    figures: Figures,
    at: dict[str, str],
    inside: tuple[float | None, float | None],
    events: int,
) -> Outcome:
    """Return the outcome; `at` gives each officer's place."""
    told = figures.statistics()
    loads: dict[str, list[Load]] = {}
    for officer, load in told.officers.items():
        loads.setdefault(at.get(officer, ""), []).append(load)
    rows = tuple(_row(one, told, loads.get(one.id, [])) for one in scenario.places)
    everybody = [load for some in loads.values() for load in some]
    return Outcome(
        scenario=scenario.name,
        seed=seed,
        fall_back=scenario.fall_back,
        total=_share("all", told.total, everybody),
        places=rows,
        events=events,
        unanswered=told.total.unanswered,
        solved_share=_rounded(told.total.solved_share),
        inside_share=_rounded(inside[0]),
        inside_waited_share=_rounded(inside[1]),
        open_at_the_end=told.open,
    )


def _row(one: Place, told: Statistics, loads: list[Load]) -> Row:
    nothing = Figures().statistics().total
    return _share(one.name, told.desks.get(one.id, nothing), loads)


def _share(name: str, share: Rates, loads: list[Load]) -> Row:
    busy = sum(one.in_visit_s + one.wrapping_s for one in loads)
    free = sum(one.ready_s for one in loads)
    return Row(
        place=name,
        visits=share.opened,
        wait_p50_s=share.wait_p50_s,
        wait_p90_s=share.wait_p90_s,
        prompt_share=_rounded(share.prompt_share),
        abandoned_share=_rounded(share.abandoned_share),
        elsewhere=share.elsewhere,
        load=_rounded(busy / (busy + free) if busy + free else None),
    )


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
