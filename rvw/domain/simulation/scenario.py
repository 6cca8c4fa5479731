"""What a simulated day is made of: places, people, matters, and what goes wrong. Data, read from a TOML file."""

from typing import Annotated

from msgspec import Meta, Struct

from rvw.clock import Seconds
from rvw.domain.catalogue import Catalogue, Desk, Matter, Region

Share = Annotated[float, Meta(ge=0, le=1)]
Hour = Annotated[float, Meta(ge=0, le=24)]
"""Of the day: 8.5 is half past eight."""


class Place(Struct, frozen=True, forbid_unknown_fields=True):
    """A desk with its kiosks."""

    id: str
    name: str
    visits: Annotated[float, Meta(ge=0, le=1_000_000)]
    """How many residents come on the day, on average."""
    officers: Annotated[int, Meta(ge=0, le=10_000)]
    next: str = ""
    """The desk that is asked when this one's patience is over."""
    group: str = ""
    """What disturbances may name beside the id: a province, a city."""


class Kind(Struct, frozen=True, forbid_unknown_fields=True):
    """A matter: how often, and how long."""

    code: str
    name: str
    weight: Annotated[float, Meta(gt=0)]
    minutes: Annotated[int, Meta(ge=1, le=240)]
    listed_minutes: Annotated[int, Meta(ge=0, le=240)] = 0
    """What the catalogue believes; 0: the truth."""


class Trouble(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that goes wrong at places for a while."""

    places: tuple[str, ...] = ("*",)
    """Ids or groups, or `*` for all."""
    since: Hour
    until: Hour
    share: Share = 1.0
    """Of the officers."""
    officers: bool = True
    kiosks: bool = False
    lines_drop: bool = False
    """Talks under way are cut; otherwise officers finish them."""


class Scenario(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One day."""

    name: str
    places: tuple[Place, ...]
    matters: tuple[Kind, ...]
    opens: Hour = 8.5
    closes: Hour = 17.0
    arrivals: tuple[Annotated[float, Meta(ge=0)], ...]
    """How many come in each hour of the day, from midnight, compared with the others."""
    troubles: tuple[Trouble, ...] = ()
    fall_back: bool = True
    """Whether the next desk is asked at all."""
    desk_patience_s: Annotated[Seconds, Meta(ge=0)] = 30.0
    resident_patience_s: Annotated[Seconds, Meta(gt=0)] = 900.0
    """The mean time after which a resident leaves."""
    spread: Annotated[float, Meta(ge=0, le=2)] = 0.5
    """Sigma of the lognormal lengths of talks."""
    wrapping_s: Annotated[Seconds, Meta(gt=0)] = 45.0
    reaction_s: Annotated[Seconds, Meta(ge=0, le=20)] = 6.0
    """How long an officer takes to accept, on average."""
    missed: Share = 0.02
    """Of the offers."""
    back_after_s: Annotated[Seconds, Meta(ge=0)] = 120.0
    """When an officer who was paused notices."""
    own_counter: Share = 0.1
    """How often an officer serves somebody at the own counter after a visit."""
    own_counter_s: Annotated[Seconds, Meta(gt=0)] = 300.0
    lunch_from: Hour = 11.5
    lunch_until: Hour = 13.0
    lunch_s: Annotated[Seconds, Meta(ge=0)] = 1800.0


def catalogue(scenario: Scenario) -> Catalogue:
    """Return the scenario's catalogue. The chain of a region is that of its parents: each place is one region."""
    regions, desks = {}, {}
    for one in scenario.places:
        parent = one.next if scenario.fall_back else ""
        regions[one.id] = Region(one.id, one.name, "district", parent)
        desks[one.id] = Desk(one.id, one.id, one.id, one.name, one.name, patience_s=scenario.desk_patience_s)
    matters = {
        one.code: Matter(one.code, one.name, one.name, "所有", "All", "both", one.listed_minutes or one.minutes)
        for one in scenario.matters
    }
    return Catalogue(regions=regions, matters=matters, desks=desks)
