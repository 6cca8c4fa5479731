"""What a visit must have before it may be closed with an outcome: the rule pack's demands, checked on what is there.

Nothing is believed of the page: consent is the visit's, papers and application are folds beside it (`Evidence`). An officer
who is told what is missing may always close with another outcome: nobody is kept waiting by a rule.
"""

from typing import Literal

from msgspec import Struct

from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.catalogue import Catalogue, rules_of
from rvw.domain.catalogue.matter import Level
from rvw.domain.catalogue.rules import Must, RulePack
from rvw.domain.consent import consents, may_use_sensitive
from rvw.domain.visit import Visit
from rvw.errors import Incomplete, NotFound

Missing = Literal[Must, "sensitive", "level"]
"""`sensitive`: consent to the use of sensitive data, without which no identity is verified. `level`: this desk guides and
hands on, and may not accept."""

LEVEL_OF: dict[str, tuple[Level, ...]] = {
    "street": ("street",),
    "district": ("district",),
    "county": ("district",),
    "county-city": ("district",),
    "functional-area": ("district",),
    "prefecture": ("city",),
    "municipality": ("city", "province"),
    "city": ("city",),
    "province": ("province",),
}
"""What a desk of a region counts as: a municipality (直辖市) is a city and a province."""


class Evidence(Struct, frozen=True, kw_only=True):
    """What is kept beside a visit, as far as closing asks for it. `None`: nobody keeps it, so nobody can demand it."""

    materials: bool | None = None
    notice: bool | None = None
    form: bool | None = None
    identity: bool | None = None
    signature: bool | None = None


UNKNOWN = Evidence()


def check(visit: Visit, command: c.Close, catalogue: Catalogue, evidence: Evidence) -> None:
    """Raise `Incomplete`, naming what is missing, unless the visit has what the matter demands of this outcome."""
    lacks = tuple(one for one in missing(visit, command.outcome, catalogue, evidence) if not _said(one, command))
    if lacks:
        raise Incomplete(f"missing for {command.outcome}: {', '.join(lacks)}")


def missing(visit: Visit, outcome: e.Outcome, catalogue: Catalogue, evidence: Evidence) -> tuple[Missing, ...]:
    """Return what is not there, in the order of the rule pack; words that belong to the closing itself are always named."""
    try:
        pack = rules_of(catalogue, visit.matter)
    except NotFound:  # of another day's catalogue: what it demanded is not known any more
        return ()
    musts = {"accepted": pack.accepted, "returned": pack.returned}.get(outcome, ())
    lacks: list[Missing] = [must for must in musts if not _there(must, visit, evidence)]
    if outcome == "accepted":
        lacks += _beyond(visit, pack, catalogue)
    return tuple(lacks)


def _there(must: Must, visit: Visit, evidence: Evidence) -> bool:
    match must:
        case "recording":
            return consents(visit, visit.kiosk, "recording")
        case "note" | "next-step":
            return False
        case _:
            return getattr(evidence, must) is not False


def _said(lack: Missing, command: c.Close) -> bool:
    """Tell whether the closing itself has the words."""
    return bool({"note": command.note, "next-step": command.next_step}.get(lack, "").strip())


def _beyond(visit: Visit, pack: RulePack, catalogue: Catalogue) -> list[Missing]:
    """Return what follows from the pack without being one of its musts."""
    lacks: list[Missing] = []
    if "identity" in pack.accepted and pack.identity == "verified" and not may_use_sensitive(visit):
        lacks.append("sensitive")
    desk = catalogue.desks.get(visit.desk)
    region = catalogue.regions.get(desk.region) if desk else None
    if region is not None and not set(LEVEL_OF.get(region.level, pack.levels)) & set(pack.levels):
        lacks.append("level")
    return lacks
