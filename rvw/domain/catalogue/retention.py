"""How long what is kept of a visit is kept, as data: a rule says the kind, the matters, the days, and the law.

The nearest rule holds: one that names the matter before one that names its rule pack before one for all. Where no rule
holds, nothing is ever deleted.
"""

from collections.abc import Collection, Iterable
from typing import Annotated, Literal

from msgspec import Meta, Struct

from rvw.domain.catalogue.rules import Id

Kind = Literal["dossier", "recording", "papers", "rating", "tasks"]
"""What is kept. `dossier` is the record with everything that is left of the visit: with it, its key is destroyed.
`papers` are the files that are no recording: what was handed in, filled in, signed."""

KINDS: tuple[Kind, ...] = ("recording", "papers", "rating", "tasks", "dossier")
"""In the order in which they are looked at."""

PARTS: tuple[Kind, ...] = ("recording", "papers", "rating", "tasks")
"""What may go before the dossier."""


class Retention(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule."""

    id: Id
    """What certificates name it by: never used again for another one."""
    kind: Kind
    days: Annotated[int, Meta(ge=0, le=36_525)]
    """From the closing of the visit on; 0: as soon as the record has arrived at the case system."""
    basis: Annotated[str, Meta(min_length=1, max_length=200)]
    """The law or decision."""
    matters: tuple[str, ...] = ()
    """Codes of matters."""
    packs: tuple[str, ...] = ()
    """Ids of rule packs. With neither, it is for all matters."""


def rule_for(rules: Iterable[Retention], kind: Kind, matter: str, pack: str) -> Retention | None:
    """Return the rule that holds for what is kept of a visit about the matter; `None` if it is kept for ever."""
    found: dict[int, Retention] = {}
    for rule in rules:
        if rule.kind == kind and (rank := _rank(rule, matter, pack)):
            found.setdefault(rank, rule)
    return found[max(found)] if found else None


def _rank(rule: Retention, matter: str, pack: str) -> int:
    if matter in rule.matters:
        return 3
    if pack and pack in rule.packs:
        return 2
    return int(not rule.matters and not rule.packs)


def fault(rules: Collection[Retention], matters: Collection[str], packs: Collection[str]) -> tuple[str, str]:
    """Return the id of the first rule that is wrong, and why; two empty texts for none."""
    said: dict[tuple[Kind, str], str] = {}
    for rule in rules:
        for code in rule.matters:
            if code not in matters:
                return rule.id, f"there is no matter {code}"
        for pack in rule.packs:
            if pack not in packs:
                return rule.id, f"there is no rule pack {pack}"
        names = [*(f"matter {one}" for one in rule.matters), *(f"pack {one}" for one in rule.packs)]
        for name in names or ["all matters"]:
            if other := said.get((rule.kind, name)):
                return rule.id, f"{other} says already how long the {rule.kind} of {name} is kept"
            said[(rule.kind, name)] = rule.id
    return "", ""
