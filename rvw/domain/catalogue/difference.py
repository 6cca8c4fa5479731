"""What is different between two catalogues, in words: what a dry run prints, and the log after a reload."""

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import asdict

from rvw.domain.catalogue.whole import Catalogue

MADE = frozenset(("pinyin",))
"""Fields that follow from others: their changes are not told."""

PARTS = ("matters", "items", "rules", "desks", "regions")


class Change(Struct, frozen=True):
    """One thing that is there in one of the two only, or not the same in both."""

    kind: str
    """`added`, `changed` or `removed`."""
    part: str
    code: str
    name: str
    fields: tuple[tuple[str, str, str], ...] = ()
    """Of a change: field, old value, new value."""

    def __str__(self) -> str:
        """Return the change as a line for people."""
        told = "; ".join(f"{name}: {_short(old)} → {_short(new)}" for name, old, new in self.fields)
        return f"{self.kind:8}{self.part[:-1]} {self.code} {self.name}".rstrip() + (f": {told}" if told else "")


def difference(old: Catalogue, new: Catalogue) -> tuple[Change, ...]:
    """Return every change, part by part, in the order of the files."""
    return tuple(change for part in PARTS for change in _changes(part, getattr(old, part), getattr(new, part)))


def summary(changes: tuple[Change, ...]) -> str:
    """Return the counts in one line; "no difference" for none."""
    counted = [
        f"{count} {part} {kind}"
        for part in PARTS
        for kind in ("added", "changed", "removed")
        if (count := sum(1 for change in changes if (change.part, change.kind) == (part, kind)))
    ]
    return ", ".join(counted) or "no difference"


def _changes(part: str, old: Mapping[str, Struct], new: Mapping[str, Struct]) -> Iterator[Change]:
    for code, thing in new.items():
        if code not in old:
            yield Change("added", part, code, _name(thing))
        elif fields := tuple(_fields(old[code], thing)):
            yield Change("changed", part, code, _name(thing), fields)
    for code, thing in old.items():
        if code not in new:
            yield Change("removed", part, code, _name(thing))


def _fields(old: Struct, new: Struct) -> Iterator[tuple[str, str, str]]:
    before, after = asdict(old), asdict(new)
    for name, value in after.items():
        if name not in MADE and before[name] != value:
            yield name, str(before[name]), str(value)


def _name(thing: Struct) -> str:
    return str(getattr(thing, "name", "") or getattr(thing, "organisation", ""))


def _short(text: str, longest: int = 60) -> str:
    return (text if len(text) <= longest else text[: longest - 1] + "…") or "(empty)"
