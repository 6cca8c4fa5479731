"""The papers as a companion of the visit."""

from typing import Final, get_args

from rvw.domain import events as e
from rvw.domain.companion import Companion
from rvw.domain.papers.decide import PaperCommand, decide
from rvw.domain.papers.fold import Papers, evolve

PAPERS: Final[Companion[Papers]] = Companion(
    kind="papers",
    commands=get_args(PaperCommand),
    events=get_args(e.PaperEvent),
    empty=lambda visit: Papers(visit=visit),
    decide=decide,
    evolve=evolve,
)
