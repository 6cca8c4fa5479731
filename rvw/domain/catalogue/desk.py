"""A queue with its policy, and which desks answer for a matter in a region."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from rvw.clock import Seconds
from rvw.domain.catalogue.matter import Level, Matter


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """A further desk of a chain."""

    desk: str
    after_s: Annotated[Seconds, Meta(ge=0)]
    """How long the desk before has the visit for itself, while it is open and somebody is there."""


class Phrase(Struct, frozen=True, forbid_unknown_fields=True):
    """A line that officers of a desk write often."""

    zh: Annotated[str, Meta(min_length=1, max_length=200)]
    en: Annotated[str, Meta(min_length=1, max_length=400)]


class Desk(Struct, frozen=True, forbid_unknown_fields=True):
    """A queue with its policy: which matters, for which region, in which languages, when, and who is asked next."""

    id: str
    authority: str
    region: str
    name: str
    name_en: str
    matters: tuple[str, ...] = ("*",)
    """Codes of matters, or `*` for every listed one."""
    levels: tuple[Level, ...] = ()
    """Of `*`, only matters that are decided at these levels; empty: at any."""
    patience_s: Annotated[Seconds, Meta(ge=0)] = 45.0
    """After how long a visit for this desk is also offered to the desk of the region above; a `chain` says its own."""
    languages: tuple[Literal["zh", "en"], ...] = ()
    """In which languages it serves; empty: in every one."""
    hours: tuple[str, ...] = ()
    """`mon-fri 09:00-17:00`, `holiday 10:00-15:00`, …; empty: always open. See `openings`."""
    lunch: str = ""
    """`11:30-13:00`: closed in between."""
    lunch_rota: tuple[str, ...] = ()
    """The days on which it is this desk's turn to stay open over lunch."""
    counter: Annotated[str, Meta(max_length=80)] = ""
    """Where one goes in person: the address, as people should read it."""
    counter_en: Annotated[str, Meta(max_length=160)] = ""
    phone: Annotated[str, Meta(pattern=r"^[0-9+() -]*$", max_length=30)] = ""
    chain: tuple[Step, ...] | None = None
    """Who is asked after this desk, in order; without one, the desks of the regions above."""
    phrases: tuple[Phrase, ...] = ()
    """What its officers may write at a touch, in the resident's language."""


def takes(desk: Desk, matter: Matter) -> bool:
    """Tell whether the desk answers for the matter."""
    if matter.code in desk.matters:
        return True
    return "*" in desk.matters and matter.listed and (not desk.levels or matter.level in desk.levels)


def speaks(desk: Desk, language: str) -> bool:
    """Tell whether the desk serves in the language."""
    return not desk.languages or language in desk.languages
