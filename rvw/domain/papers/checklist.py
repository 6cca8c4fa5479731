"""The checklist of a visit: what the rule pack asks for, and how it stands. Pure, and the same on every page.

`web/src/papers/checklist.ts` is its twin; `papers.fixture.json` holds both to the same.
"""

from typing import Literal, TypeAlias

from msgspec import Struct

from rvw.domain.catalogue.rules import Material, RulePack
from rvw.domain.papers.fold import OTHER, ExtraPaper, Papers

Stand: TypeAlias = Literal["missing", "there", "referred", "accepted", "returned", "here"]
"""`there`: pages have come, and nobody has decided yet. `here`: a form that is filled in at the window."""


class Item(Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the checklist."""

    material: Material
    stand: Stand
    pages: tuple[int, ...]
    """The pages that have come for it."""
    note: str
    """Why it was returned."""
    extra: bool = False
    """Not of the rule pack."""


def checklist(pack: RulePack, papers: Papers) -> tuple[Item, ...]:
    """Return the materials of the pack, then those asked for besides, then `other` if something has come for it."""
    asked = tuple(_asked(one) for one in papers.extras)
    other = (
        (_asked(ExtraPaper(OTHER, "其他材料"), "Other papers"),) if any(p.material == OTHER for p in papers.pages) else ()
    )
    filled_here = bool(pack.fields)
    own = tuple(_item(one, papers, filled_here) for one in pack.materials)
    return (*own, *(_item(one, papers, filled_here, extra=True) for one in (*asked, *other)))


def missing(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Return what must be there and is not, or was sent back."""
    return tuple(one for one in items if one.stand == "returned" or (one.stand == "missing" and one.material.required))


def complete(pack: RulePack, papers: Papers) -> bool:
    """Tell whether every paper that must be there was accepted: what closing as accepted asks for."""
    items = checklist(pack, papers)
    open_still = [
        one for one in items if one.material.required and one.stand in ("missing", "there", "referred", "returned")
    ]
    return not open_still


def _asked(extra: ExtraPaper, english: str = "") -> Material:
    return Material(extra.id, extra.title, english or extra.title, "copy", required=extra.id != OTHER)


def _item(material: Material, papers: Papers, filled_here: bool, extra: bool = False) -> Item:
    pages = tuple(page.id for page in papers.pages if page.material == material.id)
    verdict = next((one for one in papers.verdicts if one.material == material.id), None)
    stand: Stand
    if verdict is not None:
        stand = "accepted" if verdict.accepted else "returned"
    elif any(one.material == material.id for one in papers.referred):
        stand = "referred"
    elif pages:
        stand = "there"
    else:
        stand = "here" if material.kind == "form" and filled_here else "missing"
    return Item(material, stand, pages, verdict.note if verdict else "", extra)
