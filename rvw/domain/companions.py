"""Which companions a visit has. A further one is a module like `marks` and a line here."""

from collections.abc import Mapping
from typing import Any, Final

from rvw.domain.application import APPLICATION
from rvw.domain.companion import Companion
from rvw.domain.marks import MARKS
from rvw.domain.papers import PAPERS

COMPANIONS: Final[tuple[Companion[Any], ...]] = (MARKS, PAPERS, APPLICATION)

KINDS: Final[Mapping[str, Companion[Any]]] = {one.kind: one for one in COMPANIONS}

OF_COMMAND: Final[Mapping[type, Companion[Any]]] = {command: one for one in COMPANIONS for command in one.commands}


def visit_of(stream: str) -> str:
    """Return the visit that a companion's stream is beside; empty for any other stream."""
    kind, _, visit = stream.partition(":")
    return visit if kind in KINDS else ""
