"""The catalogue's structs to the texts of its CSV files; `reading` reads them back to the same."""

import csv
import io
from collections.abc import Iterable

from msgspec.structs import asdict

from rvw.domain.catalogue.item import Item
from rvw.domain.catalogue.matter import Matter
from rvw.domain.catalogue.region import Region

MATTER_COLUMNS = (
    "code", "name", "name_en", "category", "category_en", "audience", "level", "minutes", "rules", "listed", "words",
    "pinyin",
)  # fmt: skip
REGION_COLUMNS = ("code", "name", "level", "parent", "kind", "name_en")
ITEM_COLUMNS = ("code", "matter", "organisation")


def matters_text(matters: Iterable[Matter]) -> str:
    """Return the text of `matters.csv`."""
    return _text(MATTER_COLUMNS, matters)


def regions_text(regions: Iterable[Region]) -> str:
    """Return the text of `regions.csv`."""
    return _text(REGION_COLUMNS, regions)


def items_text(items: Iterable[Item]) -> str:
    """Return the text of `items.csv`."""
    return _text(ITEM_COLUMNS, items)


def _text(columns: tuple[str, ...], things: Iterable[Matter | Region | Item]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    for thing in things:
        cells = asdict(thing)
        writer.writerow([_cell(cells[name]) for name in columns])
    return stream.getvalue()


def _cell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
