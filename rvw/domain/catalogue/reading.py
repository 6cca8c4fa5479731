"""The texts of `config/catalogue` to structs. Every fault names file and line; finding the files is the shell's work.

`config/catalogue/README.md` describes the format.
"""

from collections.abc import Iterator, Mapping
from datetime import date

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
from rvw.domain.catalogue.texts import Lines, by_name, read_rows, read_tables
from rvw.domain.catalogue.whole import Catalogue, ancestry
from rvw.errors import InvalidCatalogue

REGIONS, MATTERS, DESKS, RULES, ITEMS = "regions.csv", "matters.csv", "desks.toml", "rules.toml", "items.csv"
HOLIDAYS, CONSENT, KEEPING = "holidays.toml", "consent.toml", "keeping.toml"
FILES = (REGIONS, MATTERS, DESKS, RULES, ITEMS, HOLIDAYS, CONSENT, KEEPING)
OPTIONAL = (ITEMS, HOLIDAYS, CONSENT, KEEPING)
"""Files that may be missing."""

MAX_CHAIN = 12
"""How many desks a chain may have: no resident waits for a thirteenth."""


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
    places, place_lines = by_name(((line, one.code, one) for line, one in read_rows(REGIONS, regions, Region)), REGIONS)
    queues, desk_lines = by_name(((line, one.id, one) for line, one in read_tables(DESKS, desks, "desk", Desk)), DESKS)
    packs, pack_lines = by_name(
        ((line, one.id, one) for line, one in read_tables(RULES, rules or "", "pack", RulePack)), RULES
    )
    minutes = {id: pack.minutes for id, pack in packs.items()}
    rows = read_rows(MATTERS, matters, Matter, lambda row: {"minutes": minutes.get(row.get("rules", ""), 12)} | row)
    known, matter_lines = by_name(((line, one.code, one) for line, one in rows), MATTERS)
    carried, item_lines = by_name(((line, one.code, one) for line, one in _items(items)), ITEMS)
    feasts, feast_lines = by_name(
        ((line, one.id, one) for line, one in read_tables(HOLIDAYS, holidays, "holiday", Holiday)), HOLIDAYS
    )
    _check_holidays(feasts, feast_lines)
    words = read_tables(CONSENT, consent, "text", ConsentText)
    told, told_lines = by_name(((line, one.version, one) for line, one in words), CONSENT)
    _check_texts(told, told_lines)
    kept, kept_lines = by_name(
        ((line, one.id, one) for line, one in read_tables(KEEPING, keeping, "rule", Retention)), KEEPING
    )
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
