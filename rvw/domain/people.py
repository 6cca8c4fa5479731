"""Who acts: roles and actors. An actor comes from a verified token, never from what a page says of itself."""

from enum import StrEnum

from msgspec import Struct


class Role(StrEnum):
    """What somebody is at the window."""

    KIOSK = "kiosk"
    """The resident, at a kiosk: the device is the identity, the resident is nobody's account."""
    HOST = "host"
    """The hall clerk beside the resident."""
    OFFICER = "officer"
    """The one who owns the matter."""
    GUEST = "guest"
    """An expert, an interpreter, a partner-hall or city-level officer, invited into one visit."""
    SUPERVISOR = "supervisor"
    """Watches queues and officers of an authority."""
    SYSTEM = "system"
    """Timers, the matcher, the media notifications, the outbox."""


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


SYSTEM = Actor("system", Role.SYSTEM, "system", "")
"""The actor of everything that happens because time has passed or a part has failed."""
