"""What the window can be asked for: regions, matters, desks, rule packs. Data, read from the texts of `config/catalogue`.

`region`, `matter`, `desk` and `rules` are its nouns, `whole` is the catalogue, `reading` makes it from text. `search`
finds a matter by what people say; `listing` and `difference` take over an authority's own list.
"""

from rvw.domain.catalogue.desk import Desk, takes
from rvw.domain.catalogue.item import Item
from rvw.domain.catalogue.matter import Matter
from rvw.domain.catalogue.reading import FILES, parse
from rvw.domain.catalogue.region import Region
from rvw.domain.catalogue.rules import PLAIN, Field, Material, RulePack
from rvw.domain.catalogue.whole import Catalogue, ancestry, chain, follow, rules_of

__all__ = [
    "FILES",
    "PLAIN",
    "Catalogue",
    "Desk",
    "Field",
    "Item",
    "Material",
    "Matter",
    "Region",
    "RulePack",
    "ancestry",
    "chain",
    "follow",
    "parse",
    "rules_of",
    "takes",
]
