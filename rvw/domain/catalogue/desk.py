"""A queue with its policy, and which desks answer for a matter in a region."""

from msgspec import Struct

from rvw.clock import Seconds
from rvw.domain.catalogue.matter import Matter


class Desk(Struct, frozen=True, forbid_unknown_fields=True):
    """A queue with its policy: which matters, for which region."""

    id: str
    authority: str
    region: str
    name: str
    name_en: str
    matters: tuple[str, ...] = ("*",)
    """Codes of matters, or `*` for every listed one."""
    patience_s: Seconds = 45.0
    """After how long a visit for this desk is also offered to the next desk of its chain."""


def takes(desk: Desk, matter: Matter) -> bool:
    """Tell whether the desk answers for the matter."""
    return matter.code in desk.matters or ("*" in desk.matters and matter.listed)
