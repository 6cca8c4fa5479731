"""What is owed when the time of a promise has passed and nobody came. Pure.

A resident who does not come has perhaps waited at a closed door, or could not come: the desk rings, if there is a number,
and either finds another time or learns that all is well. What the desk itself has let pass stays its task, and becomes a
supervisor's besides (`anomalies`).
"""

from rvw.clock import Instant
from rvw.domain.task import RULES, Kind, Owed, Task, TaskTerms, is_overdue


def missed(task: Task, terms: TaskTerms, now: Instant) -> Owed | None:
    """Return what the desk owes for an appointment that nobody came to; `None` for anything else, and before its end."""
    if RULES[task.kind].expires_as != "missed" or not is_overdue(task, now):
        return None
    return Owed(
        kind=Kind.MISSED,
        authority=task.authority,
        desk=task.desk,
        subject=task.subject,
        visit=task.visit,
        ticket=task.ticket,
        language=task.language,
        name=task.name,
        text=task.text,
        deadline=now + terms.missed_s,
    )
