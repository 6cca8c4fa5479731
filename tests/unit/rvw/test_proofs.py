"""What stands beside a visit is believed at its closing, and nothing else."""

from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.catalogue import rules_of
from rvw.domain.closing import Evidence
from rvw.domain.companions import COMPANIONS
from rvw.domain.proofs import evidence
from tests.fakes.counter import Counter, run
from tests.fakes.town import KIOSK_ONE, OFFICER_LI, TOWN

FILE = e.PaperFile("0" * 64, 1000, "image/jpeg", (e.Picture(30, 40, "0" * 64, "1" * 64),), "0" * 64)


def proven(counter: Counter, visit: str) -> Evidence:
    """What the companions prove now."""
    beside = {one.kind: run(counter.ledger.beside(one, visit)) for one in COMPANIONS}
    return evidence(beside, rules_of(TOWN, "card"))


def test_papers_prove_what_was_accepted_and_told() -> None:
    """A page alone proves nothing; accepted it does, until it is taken again; a notice is proven by being given."""
    counter = Counter()
    for actor in (KIOSK_ONE, OFFICER_LI):
        counter.perform(actor, c.SetPresence("ready"))
    visit = counter.perform(KIOSK_ONE, c.Open("card", "310113"))
    counter.match()
    counter.perform(OFFICER_LI, c.Accept(), visit)
    counter.perform(KIOSK_ONE, c.AddPage("identity-card", "", "camera", FILE), visit)
    assert (proven(counter, visit).materials, proven(counter, visit).notice) == (False, False)
    counter.perform(OFFICER_LI, c.AcceptPaper("identity-card", 1), visit)
    assert proven(counter, visit).materials
    counter.perform(KIOSK_ONE, c.ReplacePage(1, "camera", FILE), visit)
    assert not proven(counter, visit).materials
    counter.perform(OFFICER_LI, c.GiveNotice(("identity-card",), FILE), visit)
    assert proven(counter, visit).notice
