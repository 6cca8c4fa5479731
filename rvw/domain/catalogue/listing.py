"""An authority's own list of matters, as its other systems export it, and the catalogue that follows from it.

The list is the whole truth about the organisations in it, and about nothing else: what they no longer carry out goes,
what others carry out stays. A matter's code never changes and is never taken away; a matter nobody carries out any more
is not listed. Texts become structs here; files and pinyin are the shell's work.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from rvw.domain.catalogue.item import LENGTH, ORGANISATION, Item, basic_code, fault
from rvw.domain.catalogue.matter import Audience, Level, Matter
from rvw.domain.catalogue.search import squeezed
from rvw.domain.catalogue.whole import Catalogue
from rvw.errors import InvalidCatalogue

HEADERS: Mapping[str, tuple[str, ...]] = {
    "item": ("实施编码", "事项实施编码", "实施清单编码", "事项编码", "implementation code", "item", "item code"),
    "name": ("事项名称", "实施事项名称", "名称", "事项", "办理事项", "name", "title", "matter"),
    "name_en": ("英文名称", "事项英文名称", "name_en", "english name"),
    "code": ("本系统编码", "code"),
    "category": ("分类", "类别", "主题分类", "主题", "事项分类", "category"),
    "category_en": ("英文分类", "category_en"),
    "organisation": ("实施主体", "实施机构", "实施部门", "部门名称", "部门", "organisation", "organization", "department"),
    "audience": ("服务对象", "办理对象", "面向对象", "对象", "audience"),
    "level": ("行使层级", "办理层级", "层级", "level"),
    "minutes": ("办理时长", "办理时长（分钟）", "预计分钟", "分钟", "minutes"),
    "words": ("别名", "关键词", "通俗名称", "俗称", "words", "keywords", "synonyms"),
    "rules": ("规则包", "rules", "rule pack"),
}
"""What a column of the list may be called. Spaces, brackets and capitals do not matter."""

HEADER_WITHIN = 10
"""The line with the names of the columns is one of the first so many: titles often stand above it."""

MAX_ROWS, MAX_FAULTS = 50_000, 20
"""Longer lists are refused; more faults are not told at once."""

LEVELS: tuple[tuple[str, Level], ...] = (
    ("街", "street"), ("镇", "street"), ("乡", "street"), ("村", "street"), ("社区", "street"), ("street", "street"),
    ("县", "district"), ("区", "district"), ("district", "district"), ("county", "district"),
    ("市", "city"), ("city", "city"), ("省", "province"), ("国", "province"), ("province", "province"),
)  # fmt: skip
"""The first word that a cell has tells the level, so that of several levels the lowest counts."""

PERSON = ("个人", "自然人", "居民", "person", "citizen")
BUSINESS = ("法人", "企业", "单位", "组织", "个体", "business", "company")


class Listed(Struct, frozen=True):
    """One row: cells by the names of `HEADERS`, without the empty ones."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """Return the cell, or empty."""
        return self.cells.get(name, "")


class Listing(Struct, frozen=True):
    """A list as it was understood."""

    rows: tuple[Listed, ...]
    unused: tuple[str, ...]
    """Columns that say nothing the window needs."""


def read_list(file: str, rows: Iterable[Sequence[str]]) -> Listing:
    """Return the list of which `rows` are all lines. Raises `InvalidCatalogue` with file and line of every fault."""
    lines = [(number, [cell.strip() for cell in row]) for number, row in enumerate(rows, 1)]
    if len(lines) > MAX_ROWS:
        raise InvalidCatalogue(f"{file} has more than {MAX_ROWS} lines")
    at, columns = _header(file, lines)
    listed = tuple(
        Listed(number, {columns[n]: cell for n, cell in enumerate(row) if cell and n in columns})
        for number, row in lines[at + 1 :]
        if any(row)
    )
    faults = [f"{file}, line {row.line}: {said}" for row in listed for said in _faults(row)]
    faults += _twice(file, listed)
    if faults:
        more = [f"and {len(faults) - MAX_FAULTS} more"] if len(faults) > MAX_FAULTS else []
        raise InvalidCatalogue("\n".join([*faults[:MAX_FAULTS], *more]))
    return Listing(listed, tuple(name for n, name in enumerate(lines[at][1]) if name and n not in columns))


def _header(file: str, lines: list[tuple[int, list[str]]]) -> tuple[int, dict[int, str]]:
    names = {squeezed(name): field for field, known in HEADERS.items() for name in known}
    for at, (_, row) in enumerate(lines[:HEADER_WITHIN]):
        columns: dict[int, str] = {}
        for n, cell in enumerate(row):
            field = names.get(squeezed(cell))
            if field and field not in columns.values():
                columns[n] = field
        if "name" in columns.values():
            return at, columns
    raise InvalidCatalogue(
        f"{file}: none of the first {HEADER_WITHIN} lines has a column {' or '.join(HEADERS['name'][:3])}"
    )


def _faults(row: Listed) -> Iterable[str]:
    if not row["name"]:
        yield "the name of the matter is missing"
    if row["item"] and (said := fault(row["item"])):
        yield said
    if not row["item"] and not row["code"]:
        yield "neither an 实施编码 nor a code of the catalogue"
    if row["minutes"] and not row["minutes"].isdecimal():
        yield f"minutes: {row['minutes']} is not a whole number"
    if row["audience"] and not _audience(row["audience"]):
        yield f"audience: {row['audience']} names neither persons nor businesses"
    if row["level"] and not _level(row["level"]):
        yield f"level: {row['level']} is none that is known"


def _twice(file: str, rows: Iterable[Listed]) -> list[str]:
    first: dict[str, int] = {}
    found = []
    for row in rows:
        if row["item"] in first:
            found.append(f"{file}, line {row.line}: {row['item']} is there twice, first in line {first[row['item']]}")
        elif row["item"]:
            first[row["item"]] = row.line
    return found


def _audience(cell: str) -> Audience | None:
    told = cell.lower()
    person, business = any(w in told for w in (*PERSON, "both")), any(w in told for w in (*BUSINESS, "both"))
    return "both" if person and business else "person" if person else "business" if business else None


def _level(cell: str) -> Level | None:
    return next((level for word, level in LEVELS if word in cell.lower()), None)


def merged(catalogue: Catalogue, listing: Listing) -> Catalogue:
    """Return the catalogue after the list: matters added and changed, 实施编码 of its organisations replaced.

    A row means the matter of its `code`, else of its 实施编码, else of its name, else of its basic code, else a new one,
    whose code is made from the basic code. New and changed matters have no pinyin yet.
    """
    known = _Known(catalogue)
    for row in listing.rows:
        known.take(row)
    organisations = {row["item"][:ORGANISATION] for row in listing.rows if row["item"]}
    others = {code: item for code, item in catalogue.items.items() if code[:ORGANISATION] not in organisations}
    items = {**others, **known.items}
    carried = {item.matter for item in items.values()}
    left = {item.matter for item in catalogue.items.values()} - carried
    matters = {code: replace(one, listed=False) if code in left else one for code, one in known.matters.items()}
    return replace(catalogue, matters=matters, items=items)


class _Known:
    """The matters so far, found by all that a row may know them by."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.matters = dict(catalogue.matters)
        self.items: dict[str, Item] = {}
        self._by_item = {item.code: item.matter for item in catalogue.items.values()}
        self._by_name = {squeezed(matter.name): matter.code for matter in catalogue.matters.values()}
        self._by_basic = {basic_code(item.code): item.matter for item in catalogue.items.values()}

    def take(self, row: Listed) -> None:
        item, name = row["item"], squeezed(row["name"])
        own = row["code"] or self._by_item.get(item, "")
        code = own or self._by_name.get(name) or self._by_basic.get(basic_code(item)) or f"m-{basic_code(item)}"
        old = self.matters.get(code)
        new = _changed(old, row, renamed=bool(own)) if old else _new(code, row)
        spelt_the_same = old is not None and (old.name, old.words) == (new.name, new.words)
        self.matters[code] = new if spelt_the_same else replace(new, pinyin="")
        self._by_name.setdefault(name, code)
        if len(item) == LENGTH:
            self.items[item] = Item(item, code, row["organisation"])
            self._by_basic.setdefault(basic_code(item), code)


def _new(code: str, row: Listed) -> Matter:
    blank = Matter(code, row["name"], row["name_en"], row["category"] or "其他", row["category_en"] or "Other", "both")
    return _changed(blank, row, renamed=True)


def _changed(matter: Matter, row: Listed, renamed: bool) -> Matter:
    """Return the matter with what the row tells. A name that is only the authority's own becomes a word of the search."""
    words = [*matter.words.split(), *row["words"].replace("、", " ").replace("，", " ").replace(";", " ").split()]
    if not renamed and squeezed(row["name"]) != squeezed(matter.name):
        words.append("".join(row["name"].split()))
    return replace(
        matter,
        name=row["name"] if renamed else matter.name,
        name_en=row["name_en"] or matter.name_en,
        category=row["category"] or matter.category,
        category_en=row["category_en"] or matter.category_en,
        audience=_audience(row["audience"]) or matter.audience,
        level=_level(row["level"]) or matter.level,
        minutes=int(row["minutes"] or matter.minutes),
        rules=row["rules"] or matter.rules,
        words=" ".join(dict.fromkeys(words)),
        listed=True,
    )
