"""Texts of CSV and TOML to structs, one a row or table. Every fault names file and line.

Knows no catalogue: what may stand where, and what points where, is looked at in `reading`.
"""

import csv
import io
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import fields

from rvw.errors import InvalidCatalogue

Thing = TypeVar("Thing", bound=Struct)

Lines = Mapping[str, int]
"""The line at which each code or id is told of."""

Fill = Callable[[dict[str, Any]], dict[str, Any]]


def read_rows(file: str, text: str, kind: type[Thing], fill: Fill = dict) -> Iterator[tuple[int, Thing]]:
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


def _check_header(file: str, names: Iterable[str], kind: type[Struct]) -> None:
    known = {field.name: field.required for field in fields(kind)}
    strange = [name for name in names if name not in known]
    missing = [name for name, required in known.items() if required and name not in names]
    if strange:
        raise InvalidCatalogue(f"{file}, line 1: there is no column {', '.join(strange)}")
    if missing:
        raise InvalidCatalogue(f"{file}, line 1: the column {', '.join(missing)} is missing")


def _struct(file: str, line: int, row: dict[str | Any, Any], kind: type[Thing], fill: Fill) -> Thing:
    if None in row or None in row.values():
        raise InvalidCatalogue(f"{file}, line {line}: it has not as many cells as the first line")
    optional = {field.name for field in fields(kind) if not field.required}
    told = {name: cell.strip() for name, cell in row.items() if cell.strip() or name not in optional}
    try:
        return msgspec.convert(fill(told), kind, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidCatalogue(f"{file}, line {line}: {error}") from error


def read_tables(file: str, text: str, name: str, kind: type[Thing]) -> Iterator[tuple[int, Thing]]:
    """Yield line and struct of each `[[name]]`. Raises `InvalidCatalogue`."""
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


def by_name(rows: Iterable[tuple[int, str, Thing]], file: str) -> tuple[dict[str, Thing], Lines]:
    """Return the things by name, and their lines. Raises `InvalidCatalogue` for a name that is there twice."""
    found: dict[str, Thing] = {}
    lines: dict[str, int] = {}
    for line, name, thing in rows:
        if name in found:
            raise InvalidCatalogue(f"{file}, line {line}: {name} is there twice, first in line {lines[name]}")
        found[name], lines[name] = thing, line
    return found, lines
