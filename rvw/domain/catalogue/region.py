"""行政区划: the places a matter can be done for."""

from typing import Literal

from msgspec import Struct

RegionLevel = Literal[
    "municipality", "province", "prefecture", "city", "district", "county", "county-city", "functional-area", "street"
]


class Region(Struct, frozen=True, forbid_unknown_fields=True):
    """行政区划, a code of GB/T 2260: six digits for a city or district, nine for a street (GB/T 10114)."""

    code: str
    name: str
    level: RegionLevel
    parent: str = ""
    kind: Literal["admin", "functional"] = "admin"
    """`functional` for a development zone or farm: it has a code and desks, but is no unit of local government."""
    name_en: str = ""
