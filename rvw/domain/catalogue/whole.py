"""The whole catalogue, and the questions that need more than one part of it."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from rvw.domain.catalogue.consent import ConsentText
from rvw.domain.catalogue.desk import Desk, Step, speaks, takes
from rvw.domain.catalogue.holidays import Days
from rvw.domain.catalogue.item import Item
from rvw.domain.catalogue.matter import Matter
from rvw.domain.catalogue.region import Region
from rvw.domain.catalogue.retention import Retention
from rvw.domain.catalogue.rules import PLAIN, RulePack
from rvw.errors import NoDesk, NotFound


class Catalogue(Struct, frozen=True):
    """Regions, matters, desks, rule packs and 实施编码 by code."""

    regions: Mapping[str, Region]
    matters: Mapping[str, Matter]
    desks: Mapping[str, Desk]
    rules: Mapping[str, RulePack] = {}
    items: Mapping[str, Item] = {}
    days: Days = {}
    """Holidays and make-up days."""
    texts: tuple[ConsentText, ...] = ()
    """What people are told before they are asked for consent, in the order of the file."""
    keeping: tuple[Retention, ...] = ()
    """How long what is kept is kept."""


def rules_of(catalogue: Catalogue, matter: str) -> RulePack:
    """Return the rule pack of a matter. Raises `NotFound`."""
    if matter not in catalogue.matters:
        raise NotFound(f"there is no matter {matter}")
    return catalogue.rules.get(catalogue.matters[matter].rules, PLAIN)


def ancestry(catalogue: Catalogue, region: str) -> Iterator[str]:
    """Yield the region's code, its parent's, and so on up."""
    seen: set[str] = set()
    while region and region not in seen:
        seen.add(region)
        yield region
        region = catalogue.regions[region].parent


def chain(catalogue: Catalogue, matter: str, region: str, language: str = "") -> tuple[Desk, ...]:
    """Return the desks that answer for `matter` in `region`, in the order in which they are asked: see `steps`."""
    return tuple(catalogue.desks[step.desk] for step in steps(catalogue, matter, region, language))


def steps(catalogue: Catalogue, matter: str, region: str, language: str = "") -> tuple[Step, ...]:
    """Return who is asked for `matter` in `region`, in order, and after how long.

    The first is the region's own desk, or that of the nearest region above. Its `chain` says who follows; without one,
    the desks of the regions above do, each after the patience of the one before. A desk that does not serve in the
    language is left out, unless none does. Raises `NotFound` for a matter or region that is not in the catalogue,
    `NoDesk` when no desk answers.
    """
    if matter not in catalogue.matters:
        raise NotFound(f"there is no matter {matter}")
    if region not in catalogue.regions:
        raise NotFound(f"there is no region {region}")
    wanted = catalogue.matters[matter]
    above = [
        desk
        for place in ancestry(catalogue, region)
        for desk in catalogue.desks.values()
        if desk.region == place and takes(desk, wanted)
    ]
    if not above:
        raise NoDesk(f"no desk answers for {wanted.name} in {catalogue.regions[region].name}")
    return _spoken(catalogue, _asked(catalogue, above, wanted), language)


def _asked(catalogue: Catalogue, above: Sequence[Desk], matter: Matter) -> tuple[Step, ...]:
    first = above[0]
    if first.chain is None:
        waits = [0.0, *(desk.patience_s for desk in above)]
        return tuple(Step(desk.id, wait) for desk, wait in zip(above, waits, strict=False))
    further = (step for step in first.chain if step.desk in catalogue.desks)
    return (Step(first.id, 0.0), *(step for step in further if takes(catalogue.desks[step.desk], matter)))


def _spoken(catalogue: Catalogue, asked: tuple[Step, ...], language: str) -> tuple[Step, ...]:
    spoken = tuple(step for step in asked if not language or speaks(catalogue.desks[step.desk], language))
    return (replace(spoken[0], after_s=0.0), *spoken[1:]) if spoken else asked


def overseen(catalogue: Catalogue, authority: str) -> tuple[str, ...]:
    """Return the other authorities with a desk below a region in which `authority` has one: a city's are its districts."""
    own = {desk.region for desk in catalogue.desks.values() if desk.authority == authority}
    below = {
        desk.authority
        for desk in catalogue.desks.values()
        if desk.authority != authority and not own.isdisjoint(list(ancestry(catalogue, desk.region))[1:])
    }
    return tuple(sorted(below))


def follow(old: Catalogue, new: Catalogue) -> Catalogue:
    """Return `new` with what visits of today may still refer to: nothing that was there vanishes under them.

    A desk that is gone takes no new matter but keeps its queue; a matter that is gone is not listed; regions and rule
    packs stay. A restart forgets them. 实施编码 are those of `new`: a hand-over uses what holds on the day.
    """
    desks = {id: replace(desk, matters=()) for id, desk in old.desks.items() if id not in new.desks}
    matters = {code: replace(one, listed=False) for code, one in old.matters.items() if code not in new.matters}
    return Catalogue(
        regions={**new.regions, **{code: one for code, one in old.regions.items() if code not in new.regions}},
        matters={**new.matters, **matters},
        desks={**new.desks, **desks},
        rules={**new.rules, **{id: pack for id, pack in old.rules.items() if id not in new.rules}},
        items=new.items,
        days=new.days,
        texts=new.texts,
        keeping=new.keeping,
    )
