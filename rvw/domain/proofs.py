"""What the companions of a visit prove when it is closed: identity confirmed, form and signature there.

Papers prove nothing yet: the pages have no place where an officer accepts them or gives the notice of missing ones, and
what nobody can do is not demanded (`Evidence.materials` and `notice` stay `None`). `papers.complete` has the answer then.
"""

from collections.abc import Mapping
from typing import Any

from rvw.domain.application import APPLICATION, Application, fulfilled
from rvw.domain.catalogue.rules import RulePack
from rvw.domain.closing import Evidence


def evidence(beside: Mapping[str, Any], pack: RulePack) -> Evidence:
    """Return what is there of a matter's demands, from the folds of the companions by their kind."""
    application: Application = beside[APPLICATION.kind]
    done = fulfilled(application, pack)
    return Evidence(
        form="form" in done,
        identity="identity" in done,
        signature="signature" in done,
    )
