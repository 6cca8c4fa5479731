"""What the window can be asked for: regions, matters, desks, rule packs. Data, read from the texts of `config/catalogue`.

`region`, `matter`, `desk`, `holidays` and `rules` are its nouns, `whole` is the catalogue, `reading` makes it from text.
`openings` says when a desk is open; `search` finds a matter by what people say; `listing` and `difference` take over an
authority's own list.
"""

from rvw.domain.catalogue.desk import Desk, Step, speaks, takes
from rvw.domain.catalogue.holidays import Days, Holiday
from rvw.domain.catalogue.item import Item
from rvw.domain.catalogue.matter import Matter
from rvw.domain.catalogue.openings import Shut, Slot, next_opening, shut, slots, spans
from rvw.domain.catalogue.reading import FILES, parse
from rvw.domain.catalogue.region import Region
from rvw.domain.catalogue.rules import PLAIN, Field, Material, RulePack
from rvw.domain.catalogue.whole import Catalogue, ancestry, chain, follow, overseen, rules_of, steps

__all__ = [
    "FILES",
    "PLAIN",
    "Catalogue",
    "Days",
    "Desk",
    "Field",
    "Holiday",
    "Item",
    "Material",
    "Matter",
    "Region",
    "RulePack",
    "Shut",
    "Slot",
    "Step",
    "ancestry",
    "chain",
    "follow",
    "next_opening",
    "overseen",
    "parse",
    "rules_of",
    "shut",
    "slots",
    "spans",
    "speaks",
    "steps",
    "takes",
]
