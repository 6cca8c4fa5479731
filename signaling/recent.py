"""The latest known state of many streams, bounded: who was not asked for longest goes first.

What is here may be behind the ledger, because another process has written; it is never ahead. A step decided on it is
appended only if it was not behind (the append's version check), and a refusal is told only after a fresh read.
"""

from collections import OrderedDict
from typing import Generic, Protocol, TypeVar


class Versioned(Protocol):
    """A fold of a stream."""

    @property
    def version(self) -> int:
        """How many events it has had."""


Folded = TypeVar("Folded", bound=Versioned)


class Recent(Generic[Folded]):
    """States by name, at most so many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._states: OrderedDict[str, Folded] = OrderedDict()

    def __len__(self) -> int:
        return len(self._states)

    def get(self, name: str) -> Folded | None:
        """Return the state last known."""
        state = self._states.get(name)
        if state is not None:
            self._states.move_to_end(name)
        return state

    def put(self, name: str, state: Folded) -> None:
        """Remember a state, unless a later one is known: a slow read may come in after a quick write."""
        known = self._states.get(name)
        if known is None or known.version < state.version:
            self._states[name] = state
        self._states.move_to_end(name)
        while len(self._states) > self._most:
            self._states.popitem(last=False)

    def drop(self, name: str) -> None:
        """Forget the state: it was not what the ledger holds."""
        self._states.pop(name, None)
