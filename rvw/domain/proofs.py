"""What the companions of a visit prove when it is closed: papers accepted, notice given, identity confirmed, form and
signature there."""

from collections.abc import Mapping
from typing import Any

from rvw.domain.application import APPLICATION, Application, fulfilled
from rvw.domain.catalogue.rules import RulePack
from rvw.domain.closing import Evidence
from rvw.domain.papers import PAPERS, Papers, complete


def evidence(beside: Mapping[str, Any], pack: RulePack) -> Evidence:
    """Return what is there of a matter's demands, from the folds of the companions by their kind."""
    application: Application = beside[APPLICATION.kind]
    papers: Papers = beside[PAPERS.kind]
    done = fulfilled(application, pack)
    return Evidence(
        materials=complete(pack, papers),
        notice=bool(papers.notices),
        form="form" in done,
        identity="identity" in done,
        signature="signature" in done,
    )
