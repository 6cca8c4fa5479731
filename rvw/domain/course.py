"""How a day went: who came to the queue, who left it, and who was answered in time, by slots of five minutes.

Like all figures a course needs no order between streams, so two can be added. How many waited at an instant is how many had
come before it less those who had gone.
"""

from collections.abc import Iterator

from msgspec import Struct, field

from rvw.clock import Instant, Seconds

SLOT_S: Seconds = 300.0
"""The width of a slot."""

MAX_SLOTS = 1_152
"""Four days: further slots are not kept."""


class Slot(Struct):
    """What happened in one slot."""

    came: int = 0
    """Began to wait: new visits, and those that wait again."""
    went: int = 0
    """Waited no longer, for whatever reason."""
    prompt: int = 0
    """First answers within the target."""
    late: int = 0
    """Visits that passed the target without an answer."""


class Point(Struct, frozen=True, forbid_unknown_fields=True):
    """One slot as it is drawn."""

    at: Instant
    """When the slot begins."""
    waiting: int
    """How many wait when it ends, or now."""
    came: int
    prompt: int
    late: int


class Course(Struct):
    """The slots of a day, by their number since the epoch. Slots of nothing are not there."""

    slots: dict[int, Slot] = field(default_factory=dict)

    def at(self, instant: Instant) -> Slot:
        """Return the slot of an instant, to count in it."""
        number = int(instant // SLOT_S)
        if number not in self.slots and len(self.slots) >= MAX_SLOTS:
            return Slot()
        return self.slots.setdefault(number, Slot())

    def merge(self, other: "Course") -> None:
        """Count everything that `other` has counted."""
        for number, theirs in other.slots.items():
            own = self.slots.setdefault(number, Slot())
            for name in Slot.__struct_fields__:
                setattr(own, name, getattr(own, name) + getattr(theirs, name))

    def points(self, until: Instant) -> Iterator[Point]:
        """Yield every slot from the first in which something happened up to the one of `until`."""
        if not self.slots:
            return
        waiting = 0
        last = min(int(until // SLOT_S), min(self.slots) + MAX_SLOTS)
        for number in range(min(self.slots), max(last, max(self.slots)) + 1):
            slot = self.slots.get(number) or Slot()
            waiting += slot.came - slot.went
            yield Point(number * SLOT_S, waiting, slot.came, slot.prompt, slot.late)
