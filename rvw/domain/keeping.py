"""When what is kept of a visit is deleted: the rule that holds, what stands in the way, and the steps of a deletion.

A hold beats every rule: while anybody with a right to has said that a visit must stay, nothing of it goes. What is deleted
leaves a certificate (`certificate`). Knows no place where anything is kept, and no clock.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

import msgspec
from msgspec import Struct

from rvw.clock import DAY_S, Instant
from rvw.domain.catalogue.retention import Kind, Retention, rule_for
from rvw.domain.people import Actor, Role
from rvw.domain.policy import authorities
from rvw.errors import InvalidInput, NotAllowed, NotFound, NotPossible

Step = Literal["begun", "blobs", "rows", "live", "gone", "compacted", "certified", "done"]
"""How far a deletion has come; each step may be done again, and a process that is killed leaves it to the next.

`begun`: it is decided, and what the certificate will say is written down. `blobs`: the key of the visit, then its files.
`rows`: what SQL has. `live`: streams, board and log of the live store. `gone`: copies on disks, so that nothing is left.
`compacted`: what databases remember of what they have deleted. `certified`: the certificate is sealed.
`done`: it is in the audit log, and every process has been told."""

STEPS: Final[tuple[Step, ...]] = ("begun", "blobs", "rows", "live", "gone", "compacted", "certified", "done")

Obstacle = Literal["held", "not_handed_over", "open_tasks"]

MAX_HOLD_S: Final = 3_660 * DAY_S
"""How far ahead a hold may end: ten years. One without an end is looked at again by whoever made it."""


class Kept(Struct, frozen=True, kw_only=True):
    """What is known of a visit that is over, without opening anything of it."""

    visit: str
    authority: str
    matter: str
    closed_at: Instant
    held: bool
    handed_over: bool
    """Every version of its record has arrived, or was replaced by a later one."""
    open_tasks: int


class Due(Struct, frozen=True):
    """Something that is to be deleted."""

    visit: str
    kind: Kind
    rule: Retention
    since: Instant


class Hold(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """That nothing of a visit is deleted: for a court, an appeal, an inspection."""

    id: str
    visit: str
    authority: str
    by: str
    why: str
    since: Instant
    until: Instant | None = None
    """It ends by itself then; `None`: it has to be lifted."""
    lifted_at: Instant | None = None
    lifted_by: str = ""
    lifted_why: str = ""


def due(kept: Kept, kind: Kind, rules: Iterable[Retention], pack: str, now: Instant) -> Due | None:
    """Return what of this kind is to be deleted now; `None` if nothing is. What stands in the way is another question."""
    rule = rule_for(rules, kind, kept.matter, pack)
    if rule is None or now < (since := kept.closed_at + rule.days * DAY_S):
        return None
    return Due(kept.visit, kind, rule, since)


def obstacle(kept: Kept) -> Obstacle | None:
    """Return why nothing of the visit may be deleted now."""
    if kept.held:
        return "held"
    if not kept.handed_over:
        return "not_handed_over"
    return "open_tasks" if kept.open_tasks else None


class Group(Struct, frozen=True):
    """The matters that one rule is for: those named, or all others."""

    rule: Retention
    matters: tuple[str, ...]
    others: bool
    """`matters` are those that it is not for."""


def groups(rules: Iterable[Retention], kind: Kind, packs: Mapping[str, str]) -> tuple[Group, ...]:
    """Return the rules of a kind with the matters that each is for, so that no visit is looked at before it may be due.

    `packs` has the rule pack of every matter of the catalogue; for a matter that is not in it any more, the rule for all
    holds.
    """
    own = tuple(rule for rule in rules if rule.kind == kind)
    nearest = {matter: rule_for(own, kind, matter, pack) for matter, pack in packs.items()}
    return tuple(_group(rule, nearest) for rule in own)


def _group(rule: Retention, nearest: Mapping[str, Retention | None]) -> Group:
    if rule.matters or rule.packs:
        return Group(rule, tuple(matter for matter, holds in nearest.items() if holds is rule), others=False)
    return Group(rule, tuple(matter for matter, holds in nearest.items() if holds is not rule), others=True)


def in_force(hold: Hold, now: Instant) -> bool:
    """Tell whether the hold holds."""
    return hold.lifted_at is None and (hold.until is None or now < hold.until)


def place(hold: Hold, actor: Actor, now: Instant) -> Hold:
    """Return a hold as it may be placed. Raises `NotAllowed`, `NotFound` for a visit of others, and `InvalidInput`."""
    _check(actor, hold)
    if not hold.why.strip():
        raise InvalidInput("say why it must stay: the case, the appeal, who asks")
    if hold.until is not None and not now < hold.until <= now + MAX_HOLD_S:
        raise InvalidInput("a hold ends after now, and within ten years")
    return hold


def lift(hold: Hold, actor: Actor, why: str, now: Instant) -> Hold:
    """Return the hold, lifted. Raises as `place`, and `NotPossible` for one that holds no more."""
    _check(actor, hold)
    if not why.strip():
        raise InvalidInput("say why it may go")
    if not in_force(hold, now):
        raise NotPossible("this hold is over")
    return msgspec.structs.replace(hold, lifted_at=now, lifted_by=actor.id, lifted_why=why.strip())


def _check(actor: Actor, hold: Hold) -> None:
    if actor.role not in (Role.SUPERVISOR, Role.SYSTEM):
        raise NotAllowed("supervisors say what must stay")
    if actor.role is Role.SUPERVISOR and hold.authority not in authorities(actor):
        raise NotFound("there is no such record")
