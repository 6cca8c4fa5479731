"""The texts of `config/catalogue` to structs. Every fault names file and line; finding the files is the shell's work.

`config/catalogue/README.md` describes the format.
"""

import csv
import io
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, TypeVar

import msgspec
from msgspec.structs import fields

from rvw.domain.catalogue import consent as consent_of
from rvw.domain.catalogue import holidays as feasts_of
from rvw.domain.catalogue import openings
from rvw.domain.catalogue import retention as retention_of
from rvw.domain.catalogue.consent import ConsentText
from rvw.domain.catalogue.desk import Desk
from rvw.domain.catalogue.holidays import Holiday, days_of
from rvw.domain.catalogue.item import Item, fault
from rvw.domain.catalogue.matter import Matter, spoken, syllables
from rvw.domain.catalogue.region import Region
from rvw.domain.catalogue.retention import Retention
from rvw.domain.catalogue.rules import RulePack, contradiction
from rvw.domain.catalogue.whole import Catalogue, ancestry
from rvw.errors import InvalidCatalogue

REGIONS, MATTERS, DESKS, RULES, ITEMS = "regions.csv", "matters.csv", "desks.toml", "rules.toml", "items.csv"
HOLIDAYS, CONSENT, KEEPING = "holidays.toml", "consent.toml", "keeping.toml"
FILES = (REGIONS, MATTERS, DESKS, RULES, ITEMS, HOLIDAYS, CONSENT, KEEPING)
OPTIONAL = (ITEMS, HOLIDAYS, CONSENT, KEEPING)
"""Files that may be missing."""

MAX_CHAIN = 12
"""How many desks a chain may have: no resident waits for a thirteenth."""

Row = TypeVar("Row", Region, Matter, Item)
Table = TypeVar("Table", Desk, RulePack, Holiday, ConsentText, Retention)
Lined = tuple[int, Table]

Lines = Mapping[str, int]
"""The line at which each code or id is told of."""


Fill = Callable[[dict[str, Any]], dict[str, Any]]


def parse(
    regions: str,
    matters: str,
    desks: str,
    rules: str | None = None,
    items: str = "",
    holidays: str = "",
    consent: str = "",
    keeping: str = "",
) -> Catalogue:
    """Return the catalogue of the texts of `FILES`.

    Without `rules`, rule packs are not looked for; empty `items`, `holidays`, `consent` or `keeping` mean none. Raises
    `InvalidCatalogue` with file and line for what cannot be understood, is there twice, or points nowhere.
    """
    places, place_lines = _by(((line, one.code, one) for line, one in read_rows(REGIONS, regions, Region)), REGIONS)
    queues, desk_lines = _by(((line, one.id, one) for line, one in _tables(DESKS, desks, "desk", Desk)), DESKS)
    packs, pack_lines = _by(((line, one.id, one) for line, one in _tables(RULES, rules or "", "pack", RulePack)), RULES)
    minutes = {id: pack.minutes for id, pack in packs.items()}
    rows = read_rows(MATTERS, matters, Matter, lambda row: {"minutes": minutes.get(row.get("rules", ""), 12)} | row)
    known, matter_lines = _by(((line, one.code, one) for line, one in rows), MATTERS)
    carried, item_lines = _by(((line, one.code, one) for line, one in _items(items)), ITEMS)
    feasts, feast_lines = _by(
        ((line, one.id, one) for line, one in _tables(HOLIDAYS, holidays, "holiday", Holiday)), HOLIDAYS
    )
    _check_holidays(feasts, feast_lines)
    words = _tables(CONSENT, consent, "text", ConsentText)
    told, told_lines = _by(((line, one.version, one) for line, one in words), CONSENT)
    _check_texts(told, told_lines)
    kept, kept_lines = _by(((line, one.id, one) for line, one in _tables(KEEPING, keeping, "rule", Retention)), KEEPING)
    days = days_of(feasts.values())
    catalogue = Catalogue(places, known, queues, packs, carried, days, tuple(told.values()), tuple(kept.values()))
    _check_packs(catalogue, pack_lines)
    if rules is not None:
        _check_rules(catalogue, matter_lines)
    _check_regions(catalogue, place_lines)
    _check_pinyin(catalogue, matter_lines)
    _check_items(catalogue, item_lines)
    _check_desks(catalogue, desk_lines)
    _check_keeping(catalogue, kept_lines)
    return catalogue


def _items(text: str) -> Iterator[tuple[int, Item]]:
    return read_rows(ITEMS, text, Item) if text else iter(())


def read_rows(file: str, text: str, kind: type[Row], fill: Fill = dict) -> Iterator[tuple[int, Row]]:
    """Yield line and struct of each row; an empty cell means what `fill` puts there, else the field's own default.

    Raises `InvalidCatalogue`.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        _check_header(file, reader.fieldnames or (), kind)
        for row in reader:
            yield reader.line_num, _struct(file, reader.line_num, row, kind, fill)
    except csv.Error as error:
        raise InvalidCatalogue(f"{file}, line {reader.reader.line_num}: {error}") from error


def _check_header(file: str, names: Iterable[str], kind: type[Row]) -> None:
    known = {field.name: field.required for field in fields(kind)}
    strange = [name for name in names if name not in known]
    missing = [name for name, required in known.items() if required and name not in names]
    if strange:
        raise InvalidCatalogue(f"{file}, line 1: there is no column {', '.join(strange)}")
    if missing:
        raise InvalidCatalogue(f"{file}, line 1: the column {', '.join(missing)} is missing")


def _struct(file: str, line: int, row: dict[str | Any, Any], kind: type[Row], fill: Fill) -> Row:
    if None in row or None in row.values():
        raise InvalidCatalogue(f"{file}, line {line}: it has not as many cells as the first line")
    optional = {field.name for field in fields(kind) if not field.required}
    told = {name: cell.strip() for name, cell in row.items() if cell.strip() or name not in optional}
    try:
        return msgspec.convert(fill(told), kind, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidCatalogue(f"{file}, line {line}: {error}") from error


def _tables(file: str, text: str, name: str, kind: type[Table]) -> Iterator[Lined[Table]]:
    try:
        tree: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidCatalogue(f"{file}: {error}") from error
    if strange := [key for key in tree if key != name]:
        raise InvalidCatalogue(f"{file}, line {_line_of(text, strange[0])}: there is no table {strange[0]}")
    headers = [number for number, line in enumerate(text.splitlines(), 1) if re.match(rf"\s*\[\[\s*{name}\s*\]\]", line)]
    for number, table in enumerate(tree.get(name, ())):
        try:
            yield headers[number], msgspec.convert(table, kind)
        except msgspec.ValidationError as error:
            line = _nearest(text, headers[number], str(error))
            said = table.get("id", table.get("name", number + 1))
            raise InvalidCatalogue(f"{file}, line {line}, {name} {said}: {error}") from error


def _line_of(text: str, key: str) -> int:
    pattern = re.compile(rf"\s*(\[\[?\s*)?{re.escape(key)}\b")
    return next((number for number, line in enumerate(text.splitlines(), 1) if pattern.match(line)), 1)


def _nearest(text: str, header: int, said: str) -> int:
    """Return the line of what a `ValidationError` says, such as `… - at $.materials[1].kind`, below the table's header."""
    path = re.search(r"`\$\.?([^`]*)`", said)
    steps = re.findall(r"[a-z_]+|\d+", path.group(1)) if path else []
    unknown = re.search(r"unknown field `([^`]+)`", said)
    lines = text.splitlines()
    at = header
    for step, following in zip(steps, [*steps[1:], ""], strict=False):
        if step.isdigit():
            continue
        key = re.compile(rf"\s*{step}\s*=")
        at = next((number + 1 for number in range(at, len(lines)) if key.match(lines[number])), at)
        if following.isdigit():
            elements = [number for number in range(at, len(lines)) if lines[number].lstrip().startswith("{")]
            at = elements[int(following)] + 1 if int(following) < len(elements) else at
    if unknown:
        wanted = re.compile(rf"\s*{re.escape(unknown.group(1))}\s*=|.*[{{,]\s*{re.escape(unknown.group(1))}\s*=")
        at = next((number + 1 for number in range(at, len(lines)) if wanted.match(lines[number])), at)
    return at


Thing = TypeVar("Thing", Region, Matter, Desk, RulePack, Item, Holiday, ConsentText, Retention)


def _by(rows: Iterable[tuple[int, str, Thing]], file: str) -> tuple[dict[str, Thing], Lines]:
    found: dict[str, Thing] = {}
    lines: dict[str, int] = {}
    for line, name, thing in rows:
        if name in found:
            raise InvalidCatalogue(f"{file}, line {line}: {name} is there twice, first in line {lines[name]}")
        found[name], lines[name] = thing, line
    return found, lines


def _check_regions(catalogue: Catalogue, lines: Lines) -> None:
    for region in catalogue.regions.values():
        at = f"{REGIONS}, line {lines[region.code]}"
        if region.parent and region.parent not in catalogue.regions:
            raise InvalidCatalogue(f"{at}: the parent of {region.code}, {region.parent}, is not there")
        if region.parent and catalogue.regions[tuple(ancestry(catalogue, region.code))[-1]].parent:
            raise InvalidCatalogue(f"{at}: {region.code} is its own ancestor")


def _check_packs(catalogue: Catalogue, lines: Lines) -> None:
    for pack in catalogue.rules.values():
        if said := contradiction(pack):
            raise InvalidCatalogue(f"{RULES}, line {lines[pack.id]}, pack {pack.id}: {said}")


def _check_rules(catalogue: Catalogue, lines: Lines) -> None:
    for matter in catalogue.matters.values():
        if matter.rules and matter.rules not in catalogue.rules:
            raise InvalidCatalogue(f"{MATTERS}, line {lines[matter.code]}: there is no rule pack {matter.rules}")


def _check_pinyin(catalogue: Catalogue, lines: Lines) -> None:
    for matter in catalogue.matters.values():
        phrases, spelt = spoken(matter), syllables(matter)
        if spelt and (len(phrases) != len(spelt) or not all(spelt)):
            raise InvalidCatalogue(
                f"{MATTERS}, line {lines[matter.code]}: pinyin has {len(spelt)} phrases, the name and the Chinese words"
                f" are {len(phrases)}; empty the cell and run `rvw catalogue spell`"
            )


def _check_items(catalogue: Catalogue, lines: Lines) -> None:
    for item in catalogue.items.values():
        said = fault(item.code) or ("" if item.matter in catalogue.matters else f"there is no matter {item.matter}")
        if said:
            raise InvalidCatalogue(f"{ITEMS}, line {lines[item.code]}: {said}")


def _check_texts(texts: Mapping[str, ConsentText], lines: Lines) -> None:
    for one in texts.values():
        if wrong := consent_of.fault(one):
            raise InvalidCatalogue(f"{CONSENT}, line {lines[one.version]}, text {one.version}: {wrong}")


def _check_keeping(catalogue: Catalogue, lines: Lines) -> None:
    rule, wrong = retention_of.fault(catalogue.keeping, catalogue.matters, catalogue.rules)
    if wrong:
        raise InvalidCatalogue(f"{KEEPING}, line {lines[rule]}, rule {rule}: {wrong}")


def _check_holidays(feasts: Mapping[str, Holiday], lines: Lines) -> None:
    said: dict[date, str] = {}
    for one in feasts.values():
        at = f"{HOLIDAYS}, line {lines[one.id]}, holiday {one.name}"
        if wrong := feasts_of.fault(one):
            raise InvalidCatalogue(f"{at}: {wrong}")
        for day in days_of([one]):
            if day in said:
                raise InvalidCatalogue(f"{at}: {day} is also told of by {said[day]}")
            said[day] = one.name


def _check_desks(catalogue: Catalogue, lines: Lines) -> None:
    for desk in catalogue.desks.values():
        at = f"{DESKS}, line {lines[desk.id]}, desk {desk.id}"
        if desk.region not in catalogue.regions:
            raise InvalidCatalogue(f"{at}: there is no region {desk.region}")
        for code in desk.matters:
            if code != "*" and code not in catalogue.matters:
                raise InvalidCatalogue(f"{at}: there is no matter {code}")
        if wrong := openings.fault(desk) or _chain_fault(desk, catalogue):
            raise InvalidCatalogue(f"{at}: {wrong}")


def _chain_fault(desk: Desk, catalogue: Catalogue) -> str:
    asked = [desk.id]
    for step in desk.chain or ():
        if step.desk not in catalogue.desks:
            return f"there is no desk {step.desk} for its chain"
        if step.desk in asked:
            return f"{step.desk} is in its chain twice"
        asked.append(step.desk)
    return "" if len(asked) <= MAX_CHAIN else f"a chain has at most {MAX_CHAIN} desks"
