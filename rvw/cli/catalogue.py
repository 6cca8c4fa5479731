"""`rvw catalogue`: check it, look into it as a kiosk does, complete it, take over an authority's own list."""

import csv
import io
import os
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec.structs import replace

import config
from rvw.domain.catalogue import Catalogue, parse
from rvw.domain.catalogue.difference import difference, summary
from rvw.domain.catalogue.listing import MAX_ROWS, merged, read_list
from rvw.domain.catalogue.search import Index
from rvw.domain.catalogue.writing import items_text, matters_text, regions_text
from rvw.errors import InvalidInput

catalogue = typer.Typer(no_args_is_help=True, help="Regions, matters, desks and rule packs (config/catalogue).")

MAX_FILE_BYTES = 32 * 1024 * 1024
"""Longer lists are refused unread."""

Folder = Annotated[Path, typer.Option(help="The catalogue's folder, as in the setting `catalogue`.")]
SHIPPED = config.FOLDER / "catalogue"


@catalogue.command()
def check(folder: Annotated[Path, typer.Argument()] = SHIPPED) -> None:
    """Read the whole folder and count what is in it; a fault is told with file and line, and the exit code is 2."""
    whole = read(folder)
    for line in counts(whole):
        print(line)
    for line in hints(whole):
        print(f"hint: {line}")


@catalogue.command()
def find(words: list[str], folder: Folder = SHIPPED, limit: Annotated[int, typer.Option(min=1, max=100)] = 8) -> None:
    """Show what a resident finds who types WORDS."""
    for matter in Index(read(folder).matters.values()).find(" ".join(words), limit):
        print(f"{matter.code:28} {matter.name}  ({matter.name_en})")


@catalogue.command()
def spell(
    folder: Folder = SHIPPED,
    everything: Annotated[bool, typer.Option("--all", help="All pinyin anew, not only where there is none.")] = False,
) -> None:
    """Fill in pinyin of matters and English names of regions that are empty."""
    whole = read(folder)
    new = spelt(whole, everything)
    write(folder, whole, new)
    matters = sum(1 for code, matter in new.matters.items() if matter != whole.matters[code])
    regions = sum(1 for code, region in new.regions.items() if region != whole.regions[code])
    print(f"{matters} matters and {regions} regions spelt")


@catalogue.command("import")
def take_over(
    file: Path,
    folder: Folder = SHIPPED,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be different.")] = False,
) -> None:
    """Take over an authority's own list of matters (.csv, .xlsx) with its 实施编码, as config/catalogue/README.md tells."""
    whole = read(folder)
    listing = read_list(file.name, rows_of(file))
    new = spelt(merged(whole, listing))
    changes = difference(whole, new)
    if listing.unused:
        print(f"not used: {', '.join(listing.unused)}")
    for change in changes:
        print(change)
    print(f"{len(listing.rows)} rows: {summary(changes)}")
    checked = parse(**{**_found(folder), **_texts(new)})
    if dry_run:
        print("nothing has been written")
    elif changes:
        write(folder, whole, checked)
        print(f"written to {folder}; a running server takes it within seconds")


def read(folder: Path) -> Catalogue:
    """Return the catalogue of a folder. Raises `InvalidCatalogue`."""
    return parse(**_found(folder))


def _found(folder: Path) -> dict[str, str]:
    from signaling.catalogue_watch import texts  # it brings what a server needs, which other commands would wait for

    return texts(folder)


def spelt(whole: Catalogue, everything: bool = False) -> Catalogue:
    """Return the catalogue with pinyin and English names of places where there are none."""
    from rvw.cli.spelling import english_place, with_pinyin

    matters = {code: with_pinyin(m) if everything or not m.pinyin else m for code, m in whole.matters.items()}
    regions = {code: r if r.name_en else replace(r, name_en=english_place(r)) for code, r in whole.regions.items()}
    return replace(whole, matters=matters, regions=regions)


def rows_of(file: Path) -> list[Sequence[str]]:
    """Return the lines of a .csv (UTF-8 or GB 18030) or of the first sheet of an .xlsx. Raises `InvalidInput`."""
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise InvalidInput(f"{file} is longer than {MAX_FILE_BYTES} bytes")
        return (
            _sheet(file) if file.suffix.lower() == ".xlsx" else list(csv.reader(io.StringIO(_decoded(file.read_bytes()))))
        )
    except (OSError, csv.Error) as error:
        raise InvalidInput(f"{file} cannot be read: {error}") from error


def _decoded(data: bytes) -> str:
    """Office programs of the region save CSV as UTF-8 with a mark, or as GB 18030."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError as error:
            raise InvalidInput(f"neither UTF-8 nor GB 18030: {error}") from error


def _sheet(file: Path) -> list[Sequence[str]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(file, read_only=True, data_only=True)
        rows: Any = book.worksheets[0].iter_rows(values_only=True, max_row=MAX_ROWS + 1)
        return [[_cell(value) for value in row] for row in rows]
    except (BadZipFile, InvalidFileException, KeyError, IndexError, ValueError) as error:
        raise InvalidInput(f"{file} is not a workbook: {error}") from error


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def write(folder: Path, old: Catalogue, new: Catalogue) -> None:
    """Replace the files that differ, each at once; in an order in which every state between is a whole catalogue."""
    before = _texts(old)
    for name, text in _texts(new).items():
        if text != before[name]:
            _replace(folder / f"{name}.csv", text)


def _texts(whole: Catalogue) -> dict[str, str]:
    return {
        "regions": regions_text(whole.regions.values()),
        "matters": matters_text(whole.matters.values()),
        "items": items_text(whole.items.values()),
    }


def _replace(file: Path, text: str) -> None:
    """Write beside the file and rename: a reader sees the old or the new text, also after a power cut."""
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o644
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", dir=file.parent, delete=False) as stream:
        stream.write(text)
        stream.flush()
        os.fchmod(stream.fileno(), mode)
        os.fsync(stream.fileno())
    Path(stream.name).replace(file)


def counts(whole: Catalogue) -> list[str]:
    """Return what there is, in lines."""
    levels = Counter(region.level for region in whole.regions.values())
    cities = levels["municipality"] + levels["prefecture"]
    listed = [matter for matter in whole.matters.values() if matter.listed]
    return [
        f"{len(whole.regions)} regions: {cities} cities; {_told(levels)}",
        f"{len(listed)} matters listed of {len(whole.matters)}, in {len({m.category for m in listed})} categories:"
        f" {_told(Counter(m.audience for m in listed))}; {_told(Counter(m.level for m in listed))}",
        f"{len(whole.rules)} rule packs, {sum(len(pack.materials) for pack in whole.rules.values())} materials",
        f"{len(whole.desks)} desks of {len({desk.authority for desk in whole.desks.values()})} authorities",
        f"{len(whole.items)} 实施编码 of {len({item.code[:18] for item in whole.items.values()})} organisations",
    ]


def _told(counted: Mapping[Any, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counted.items())


def hints(whole: Catalogue) -> list[str]:
    """Return what is allowed but makes the window worse, in sentences."""
    listed = [matter for matter in whole.matters.values() if matter.listed]
    unused = set(whole.rules) - {matter.rules for matter in whole.matters.values()}
    told = (
        ("has no pinyin: run `rvw catalogue spell`", [m.code for m in listed if not m.pinyin]),
        ("has no English name", [m.code for m in listed if not m.name_en]),
        ("has no rule pack", [m.code for m in listed if not m.rules]),
        ("has no English name: run `rvw catalogue spell`", [r.code for r in whole.regions.values() if not r.name_en]),
        ("is the rule pack of no matter", sorted(unused)),
    )
    return [f"{', '.join(codes[:5])}{' …' if len(codes) > 5 else ''} {said}" for said, codes in told if codes]
