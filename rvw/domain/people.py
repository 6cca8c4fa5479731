"""Who acts: roles and actors. An actor comes from a verified token, never from what a page says of itself."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

BEST_GRADE = 1


class Role(StrEnum):
    """What somebody is at the window."""

    KIOSK = "kiosk"
    """The resident, at a kiosk: the device is the identity, the resident is nobody's account."""
    HOST = "host"
    """The hall clerk beside the resident."""
    OFFICER = "officer"
    """The one who owns the matter."""
    GUEST = "guest"
    """An expert, an interpreter, a partner-hall or city-level officer, invited into one visit; also by a one-time link."""
    SUPERVISOR = "supervisor"
    """Watches queues and officers of an authority."""
    SYSTEM = "system"
    """Timers, the matcher, the media notifications, the outbox."""


GUEST_PREFIX = "guest:"
"""What the ids of guests by one-time link begin with; the rest is the hash of the link's secret."""


def by_link(actor: str) -> bool:
    """Tell whether this is a guest without an account, who comes by a one-time link into one visit and no other."""
    return actor.startswith(GUEST_PREFIX)


PHONE_PREFIX = "phone:"
"""What the ids of telephones that send pictures begin with; the rest is the hash of their link's secret."""


def by_phone(actor: str) -> bool:
    """Tell whether this is a telephone by a one-time link: it sends pictures to one visit, and sees nothing of it."""
    return actor.startswith(PHONE_PREFIX)


class Skill(Struct, frozen=True, forbid_unknown_fields=True):
    """How well an officer knows a matter."""

    matter: Annotated[str, Meta(min_length=1, max_length=64)]
    """The code of a matter, or of a rule pack for all its matters, or `*` for every other."""
    grade: Annotated[int, Meta(ge=BEST_GRADE, le=9)]
    """1 is best."""


def grade(skills: Iterable[Skill], matter: str, rules: str = "") -> int | None:
    """Return the grade for a matter: what is said of it, of its rule pack, of all; who says nothing can do everything.

    `None` for one who cannot.
    """
    said = {skill.matter: skill.grade for skill in skills}
    if not said:
        return BEST_GRADE
    return said.get(matter) or (said.get(rules) if rules else None) or said.get("*")


class Actor(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who may send commands; also the identity of a peer. One actor has one connection at a time."""

    id: str
    role: Role
    name: str
    authority: str
    hall: str = ""
    """The hall a kiosk stands in, or a host works in."""
    desks: tuple[str, ...] = ()
    """The desks an officer answers for."""
    languages: tuple[str, ...] = ("zh",)
    oversees: tuple[str, ...] = ()
    """The authorities below the own one, which a supervisor sees too: a city's lead those of its districts."""
    skills: tuple[Skill, ...] = ()
    """What an officer can do; nothing said: everything."""
    halls: tuple[str, ...] = ()
    """The halls one works in beside `hall`: a host stands by in all, an officer has a counter in one of them a day."""


def halls_of(actor: Actor) -> tuple[str, ...]:
    """Return every hall the actor works in, the usual one first."""
    return tuple(dict.fromkeys(one for one in (actor.hall, *actor.halls) if one))


SYSTEM = Actor("system", Role.SYSTEM, "system", "")
"""The actor of everything that happens because time has passed or a part has failed."""

SWEEPER = Actor("sweeper", Role.SYSTEM, "sweeper", "")
"""The system, when it mends what should not have been."""
