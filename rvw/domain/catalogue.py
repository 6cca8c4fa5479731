"""What the window can be asked for: regions, matters, desks. Data, read from the texts of `config/catalogue`.

Parsing takes text and returns structs; finding the files is the shell's work. Every fault names file and line.
"""

import csv
import io
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from rvw.errors import InvalidCatalogue, NoDesk, NotFound


class Region(Struct, frozen=True, forbid_unknown_fields=True):
    """行政区划, a code of GB/T 2260: six digits for a city or district, nine for a street."""

    code: str
    name: str
    level: str
    """`municipality`, `province`, `city`, `district`, `county` or `street`."""
    parent: str = ""
    kind: str = "admin"
    name_en: str = ""


class Matter(Struct, frozen=True, forbid_unknown_fields=True):
    """事项: what a resident comes for."""

    code: str
    name: str
    name_en: str
    category: str
    category_en: str
    audience: str
    """`person`, `business` or `both`."""
    minutes: int = 12
    """How long a visit about it typically lasts: the first guess of the estimated wait."""
    words: str = ""
    """What people also call it, separated by spaces, for the search."""
    listed: bool = True
    """Shown at kiosks. The matter of the probe is not."""


class Desk(Struct, frozen=True, forbid_unknown_fields=True):
    """A queue with its policy: which matters, for which region."""

    id: str
    authority: str
    region: str
    name: str
    name_en: str
    matters: tuple[str, ...] = ("*",)
    """Codes of matters, or `*` for every listed one."""
    patience_s: float = 45.0
    """After how long a visit for this desk is also offered to the next desk of its chain."""


class Catalogue(Struct, frozen=True):
    """Regions, matters and desks by code."""

    regions: Mapping[str, Region]
    matters: Mapping[str, Matter]
    desks: Mapping[str, Desk]


def parse(regions: str, matters: str, desks: str) -> Catalogue:
    """Return the catalogue of two CSV texts and a TOML text with a `[[desk]]` table a desk.

    Raises `InvalidCatalogue` with file and line for what cannot be understood, is there twice, or points nowhere.
    """
    catalogue = Catalogue(
        regions=_by_code(_rows("regions.csv", regions, Region), "regions.csv"),
        matters=_by_code(_rows("matters.csv", matters, Matter), "matters.csv"),
        desks={desk.id: desk for desk in _desks(desks)},
    )
    _check(catalogue)
    return catalogue


Row = TypeVar("Row", Region, Matter)


def _rows(file: str, text: str, kind: type[Row]) -> Iterator[tuple[int, Row]]:
    reader = csv.DictReader(io.StringIO(text))
    for row in reader:
        try:
            yield reader.line_num, msgspec.convert(row, kind, strict=False)
        except msgspec.ValidationError as error:
            raise InvalidCatalogue(f"{file}, line {reader.line_num}: {error}") from error


def _by_code(rows: Iterable[tuple[int, Row]], file: str) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for line, row in rows:
        if row.code in found:
            raise InvalidCatalogue(f"{file}, line {line}: {row.code} is there twice")
        found[row.code] = row
    return found


def _desks(text: str) -> tuple[Desk, ...]:
    try:
        tree: dict[str, Any] = tomllib.loads(text)
        return msgspec.convert(tree.get("desk", []), tuple[Desk, ...])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InvalidCatalogue(f"desks: {error}") from error


def _check(catalogue: Catalogue) -> None:
    for region in catalogue.regions.values():
        if region.parent and region.parent not in catalogue.regions:
            raise InvalidCatalogue(f"regions.csv: the parent of {region.code}, {region.parent}, is not there")
    for desk in catalogue.desks.values():
        if desk.region not in catalogue.regions:
            raise InvalidCatalogue(f"desk {desk.id}: there is no region {desk.region}")
        for code in desk.matters:
            if code != "*" and code not in catalogue.matters:
                raise InvalidCatalogue(f"desk {desk.id}: there is no matter {code}")


def takes(desk: Desk, matter: Matter) -> bool:
    """Tell whether the desk answers for the matter."""
    return matter.code in desk.matters or ("*" in desk.matters and matter.listed)


def ancestry(catalogue: Catalogue, region: str) -> Iterator[str]:
    """Yield the region's code, its parent's, and so on up."""
    seen: set[str] = set()
    while region and region not in seen:
        seen.add(region)
        yield region
        region = catalogue.regions[region].parent


def chain(catalogue: Catalogue, matter: str, region: str) -> tuple[Desk, ...]:
    """Return the desks that answer for `matter` in `region`: the region's own first, then its parent's.

    Raises `NotFound` for a matter or region that is not in the catalogue, `NoDesk` when no desk answers.
    """
    if matter not in catalogue.matters:
        raise NotFound(f"there is no matter {matter}")
    if region not in catalogue.regions:
        raise NotFound(f"there is no region {region}")
    wanted = catalogue.matters[matter]
    desks = tuple(
        desk
        for place in ancestry(catalogue, region)
        for desk in catalogue.desks.values()
        if desk.region == place and takes(desk, wanted)
    )
    if not desks:
        raise NoDesk(f"no desk answers for {wanted.name} in {catalogue.regions[region].name}")
    return desks
