"""`signaling/PROTOCOL.md` is the protocol: every example decodes, every type has one, every table is the code's.

A table that differs is printed as it should be: copy it into the document, and read what you have changed.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
import pytest

import signaling
from rvw import errors
from rvw.domain import commands, events, policy
from rvw.domain.fold import TRANSITIONS
from rvw.domain.people import Role
from rvw.domain.visit import State
from rvw.protocol import client, media, schema, server
from rvw.protocol.codec import encode
from rvw.settings import Settings

DOCUMENT: Final = (Path(signaling.__file__).parent / "PROTOCOL.md").read_text(encoding="utf-8")

EXAMPLE: Final = re.compile(r"<!-- example: (\w+) (\w+) -->\n+```json\n(.*?)\n```", re.DOTALL)

MEDIA: Final = (
    media.Join,
    media.Joined,
    media.Bind,
    media.Bound,
    media.Leave,
    media.Left,
    media.Drain,
    media.Spool,
    media.Discard,
    media.Discarded,
    media.Register,
    media.Registered,
    media.Fault,
)


def _named(kinds: Iterable[type]) -> Mapping[str, type]:
    return {kind.__name__: kind for kind in kinds}


KINDS: Final[Mapping[str, Mapping[str, type]]] = {
    "client": _named(get_args(client.ClientMessage)),
    "server": _named(get_args(server.ServerMessage)),
    "command": _named(get_args(commands.Command)),
    "event": _named(get_args(events.Event)),
    "recorded": _named((events.Recorded,)),
    "media": _named((*MEDIA, *get_args(media.Notification))),
    "rest": _named(schema.REST),
}
"""What must have an example, by the first word of its tag."""

EXAMPLES: Final = EXAMPLE.findall(DOCUMENT)


@pytest.mark.parametrize(("group", "name", "text"), EXAMPLES, ids=[f"{one[0]} {one[1]}" for one in EXAMPLES])
def test_an_example_means_what_it_says(group: str, name: str, text: str) -> None:
    """Decoded by the real types, which refuse unknown fields, and encoded again, it is the same."""
    decoded: object = msgspec.json.decode(text, type=KINDS[group][name])
    assert json.loads(encode(decoded)) == json.loads(text)


def test_every_type_has_one_example() -> None:
    """A message, command or event that is added is documented in the same commit."""
    expected = sorted((group, name) for group, kinds in KINDS.items() for name in kinds)
    assert sorted((group, name) for group, name, _ in EXAMPLES) == expected


def test_no_json_stands_without_a_tag() -> None:
    """An example that no test decodes grows old unseen."""
    assert DOCUMENT.count("```json") == len(EXAMPLES)


def test_every_example_of_the_wire_is_decoded_by_the_unions() -> None:
    """The field `type` alone tells which message it is."""
    unions: Mapping[str, Any] = {
        "client": client.ClientMessage,
        "server": server.ServerMessage,
        "command": commands.Command,
        "event": events.Event,
    }
    for group, name, text in EXAMPLES:
        if group in unions:
            assert type(msgspec.json.decode(text, type=unions[group])).__name__ == name


def transitions() -> str:
    """Return the table of a visit's transitions: events by states."""
    lines = [_row("event", *State), _row(*["---"] * (1 + len(State)))]
    for kind in get_args(events.VisitEvent):
        cells = [TRANSITIONS.get((state, kind)) for state in State]
        if any(cells):
            lines.append(_row(f"`{_tag(kind)}`", *(cell or "—" for cell in cells)))
    return "\n".join(lines)


def permissions() -> str:
    """Return the table of who may do what in which states."""
    lines = [_row("command", *Role), _row(*["---"] * (1 + len(Role)))]
    for kind in get_args(commands.Command):
        cells = [_permitted(kind, role) for role in Role]
        lines.append(_row(f"`{_tag(kind)}`", *cells))
    return "\n".join(lines)


def _permitted(kind: type, role: Role) -> str:
    if kind in policy.BESIDE:
        return "any time" if role in policy.BESIDE[kind] else "—"
    states = policy.TABLE[kind].get(role)
    if states is None:
        return "—"
    if states == frozenset(State):
        return "any"
    return ", ".join([*(state for state in State if state in states), *(["new"] if None in states else [])])


def refusals() -> str:
    """Return the table of errors."""
    lines = [_row("code", "status", "meaning"), _row("---", "---", "---")]
    for kind in _all_errors(errors.RvwError):
        meaning = (kind.__doc__ or "").splitlines()[0]
        lines.append(_row(f"`{kind.code}`", str(kind.status), meaning))
    return "\n".join(lines)


def _all_errors(kind: type[errors.RvwError]) -> Iterable[type[errors.RvwError]]:
    for one in kind.__subclasses__():
        if one.__module__ == errors.__name__:
            yield one
            yield from _all_errors(one)


def sections() -> str:
    """Return the table of the media sections of an offer."""
    lines = [_row("section", "slot", "kind", "direction", "in the offer"), _row(*["---"] * 5)]
    for number, slot in enumerate(media.LAYOUT):
        attribute = "a=sendonly" if slot.direction == "out" else "a=recvonly"
        lines.append(_row(str(number), f"`{slot.name}`", slot.kind, slot.direction, f"`{attribute}`"))
    return "\n".join(lines)


TABLES: Final = {"transitions": transitions, "permissions": permissions, "refusals": refusals, "sections": sections}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_the_code_s(name: str) -> None:
    """The table under its tag is the one made from the code."""
    found = re.search(rf"<!-- table: {name} -->\n+((?:\|.*\n)+)", DOCUMENT)
    expected = TABLES[name]()
    assert found is not None, expected
    assert found.group(1).rstrip() == expected, f"\n{expected}\n"


def test_the_diagram_is_the_table_of_transitions() -> None:
    """Each arrow is a transition to another state, and each of those is an arrow."""
    diagram = re.search(r"```mermaid\nstateDiagram-v2\n(.*?)```", DOCUMENT, re.DOTALL)
    assert diagram is not None
    arrows = set(re.findall(r"^ +(\S+) --> (\S+) : (\S+)$", diagram.group(1), re.MULTILINE))
    moves = {(str(state), str(to), _tag(kind)) for (state, kind), to in TRANSITIONS.items() if state is not to}
    assert arrows == moves | {("[*]", str(State.WAITING), _tag(events.Opened))}


def test_every_setting_it_names_is_there() -> None:
    """Limits are told by the key that sets them."""
    tree = msgspec.to_builtins(Settings())
    sections = "|".join(name for name, part in tree.items() if isinstance(part, dict))
    names = re.findall(rf"`((?:{sections})\.[a-z_]+)`", DOCUMENT)
    assert names
    for name in names:
        part, _, key = name.partition(".")
        assert key in tree[part], name


def test_every_endpoint_of_the_table_is_told() -> None:
    """The HTTP interface has one table of routes; the document has a line for each."""
    sources = sorted(Path(signaling.__file__).parent.glob("rest_*.py"))
    paths = [path for file in sources for path in re.findall(r'"(/api/[^"]+)"', file.read_text(encoding="utf-8"))]
    assert len(paths) > len(sources)
    for path in paths:
        assert f"`{path}`" in DOCUMENT


def _tag(kind: type) -> str:
    tag = msgspec.inspect.type_info(kind).tag  # type: ignore[attr-defined]  # a struct's
    return str(tag)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
