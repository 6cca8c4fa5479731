"""`rvw bench chaos`, small: real processes are killed, and whoever is lost is named."""

import json

from typer.testing import CliRunner, Result

from rvw.cli.bench import app
from rvw.cli.bench.chaos.page import Seen
from rvw.cli.bench.chaos.verdict import Evidence, report
from rvw.domain.audit import Store

SMALL = ("--kiosks", "30", "--officers", "8", "--seconds", "15", "--every", "5")


def test_nobody_is_lost_when_processes_are_killed() -> None:
    """Thirty kiosks, eight officers, two kills: every visit has one ending and one record, and pages came back."""
    ran = chaos(*SMALL)
    told = json.loads(ran.stdout)
    assert told["violations"] == [], json.dumps(told, ensure_ascii=False, indent=1)
    assert ran.exit_code == 0
    visits = told["visits"]
    assert visits["opened"] >= visits["acknowledged"] > 0
    assert visits["opened"] == visits["closed"] == visits["filed"]
    assert told["kills"] == 2
    assert told["reconnects"]["count"] > 0
    assert told["offers"] > 0
    assert told["complaints"] == []


def test_a_visit_offered_twice_is_found() -> None:
    """One visit is spoilt before the audit: it is named, and the exit code says so."""
    ran = chaos("--kiosks", "3", "--officers", "2", "--seconds", "5", "--every", "9", "--plant")
    told = json.loads(ran.stdout)
    assert ran.exit_code == 1
    assert not told["ok"]
    assert told["offered_twice"] == 1
    assert any(line.startswith("two_officers: visit:") for line in told["violations"])


def test_a_promise_to_a_page_that_was_not_kept_is_found() -> None:
    """A kiosk was told that its visit is open, a line that it was written, a page saw a hole: none is in the store."""
    seen = Seen(opened={"v1": "kiosk-1"}, said={"v1": ["您好"]}, gaps=["kiosk-1: visit:v1 3 after 1"])
    told = report(Evidence(store=Store(streams={}), findings=(), filed=frozenset(), seen=seen))
    assert (told["ok"], told["lost"]) == (False, 1)
    assert [line.partition(":")[0] for line in told["violations"]] == ["lost", "line", "gap"]


def chaos(*words: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["chaos", *words, "--json"])
