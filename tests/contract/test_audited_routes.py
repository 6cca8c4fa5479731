"""Every route is judged: does it show something of a record, and is that written down? A new one has to be put into a list.

The routes are those of the table in `signaling/PROTOCOL.md`, which another test keeps the code's.
"""

import re
from pathlib import Path

import signaling

NOTED: dict[str, tuple[str, str, dict[str, object] | None, str]] = {
    "GET /api/visits/{visit}/events": ("lead", "/api/visits/{visit}/events", None, "saw events"),
    "GET /api/visits/{visit}/marks": ("lead", "/api/visits/{visit}/marks", None, "saw marks"),
    "GET /api/visits/{visit}/papers": ("lead", "/api/visits/{visit}/papers", None, "saw papers"),
    "GET /api/visits/{visit}/application": ("lead", "/api/visits/{visit}/application", None, "saw application"),
    "GET /api/records": ("officer", "/api/records?visit={visit}", None, "saw list of records, 1"),
    "GET /api/records/{visit}/playback": ("officer", "/api/records/{visit}/playback", None, "saw dossier 1"),
    "POST /api/records/{visit}/copies": (
        "lead", "/api/records/{visit}/copies", {"identity": "card", "note": "凭条遗失"},
        "took copy for the resident, dossier 1, card, no ticket",
    ),
    "POST /api/keeping/holds": ("lead", "/api/keeping/holds", {"visit": "{visit}", "why": "复议"}, "changed hold"),
    "POST /api/records/{visit}/corrections": (
        "officer", "/api/records/{visit}/corrections", {"reason": "笔误", "note": "改正"}, "changed dossier 2, corrected",
    ),
    "POST /api/records/{visit}/removals": (
        "lead", "/api/records/{visit}/removals", {"reason": "申请", "basis": "法", "events": ["visit:{visit}/{said}"]},
        "deleted dossier 3, texts or files by law",
    ),
}  # fmt: skip
"""By route: who asks, where, with what, and the line that must be there."""

IN_A_TALK = {
    "GET /api/visits/{visit}/files/{sha256}", "GET /api/visits/{visit}/earlier", "GET /api/tasks/{task}/number",
    "GET /api/visits/{visit}/documents/{sha256}", "GET /api/visits/{visit}/documents/{sha256}/file",
    "POST /api/visits/{visit}/identity/numbers/{proof}", "GET /api/visits/{visit}/identity/photos/{sha256}",
}  # fmt: skip
"""Tried in a talk with papers, in the second test below."""

ELSEWHERE = {
    "GET /api/visits/{visit}/chat/{line}/{language}": "tests/unit/translation/test_translation_api.py",
    "POST /api/records/{visit}/viewings": "tests/integration/test_watching.py",
    "GET /api/records/{visit}/files/{sha256}": "tests/integration/test_watching.py: the asking for its ticket is noted",
    "GET /api/handover/parcels/{visit}/{number}": "tests/integration/test_fetching.py",
    "POST /api/handover/stuck/{visit}/{number}/again": "tests/integration/test_fetching.py",
    "POST /api/keeping/holds/{hold}/lift": "tests/integration/test_past.py",
    "GET /api/keeping/deletions/{visit}/{kind}": "tests/integration/test_past.py",
}
"""Tried where it takes a recording, a case system, or a deletion."""

NOTHING_OF_A_RECORD = {
    "GET /api/health", "GET /api/catalogue", "GET /api/matters", "GET /api/matters/{code}", "GET /api/consent",
    "GET /api/colleagues", "GET /api/media", "GET /api/ice", "GET /api/devices", "GET /api/figures", "GET /api/line-tests",
    "POST /api/line-tests", "GET /.well-known/rvw-seal-keys.json", "POST /api/login", "POST /api/enrol",
    "POST /api/kiosks/{kiosk}/enrolment", "GET /api/handover/parcels", "GET /api/handover/stuck", "GET /api/keeping",
    "POST /api/handover/parcels/{visit}/{number}/acknowledge", "GET /api/halls", "GET /api/translator",
    "GET /api/cases/{case}", "GET /api/visits/{visit}/closing",
}  # fmt: skip
"""Names, figures, ids and states: no word of a resident."""

BY_WHO_TAKES_PART = {
    "POST /api/visits/{visit}/uploads", "PUT /api/visits/{visit}/uploads/{upload}", "POST /api/visits/{visit}/guests",
    "POST /api/guests", "GET /api/visits/{visit}/ticket", "POST /api/tickets", "GET /api/visits/{visit}/ways",
    "POST /api/visits/{visit}/promises", "POST /api/appointments/{task}", "POST /api/promises/{task}/call-off",
    "POST /api/visits/{visit}/rating", "GET /api/visits/{visit}/summary", "POST /api/unresolved", "POST /api/ratings",
    "POST /api/summaries", "POST /api/summaries/pdf", "POST /api/summaries/notice", "GET /api/tasks",
    "POST /api/tasks/{task}",
    "POST /api/visits/{visit}/identity", "POST /api/visits/{visit}/identity/code",
    "POST /api/visits/{visit}/identity/challenge", "POST /api/visits/{visit}/identity/verdict",
    "POST /api/visits/{visit}/form/numbers", "POST /api/visits/{visit}/form/confirmation",
    "POST /api/visits/{visit}/consent",
    "POST /api/visits/{visit}/signatures", "POST /api/visits/{visit}/signatures/links", "POST /api/signing",
    "POST /api/signing/ink", "POST /api/phones",
    "POST /api/visits/{visit}/phones", "GET /api/visits/{visit}/send",
    "POST /api/visits/{visit}/notices", "POST /api/visits/{visit}/licences",
    "POST /api/visits/{visit}/licences/search",
}  # fmt: skip
"""Of the own visit, by the resident, the officer, who has the ticket or a link; what is done is an event, or the task's own
history."""


def test_every_route_is_judged() -> None:
    """Whether it shows something of a record, somebody decides, and says so in one of the lists above."""
    document = (Path(signaling.__file__).parent / "PROTOCOL.md").read_text(encoding="utf-8")
    table = document.partition("## 8. HTTP")[2].partition("## 9.")[0]
    served = {f"{method} {path}" for method, path in re.findall(r"^\| `([A-Z]+)` \| `([^`]+)`", table, re.MULTILINE)}
    lists = (NOTED.keys(), IN_A_TALK, ELSEWHERE.keys(), NOTHING_OF_A_RECORD, BY_WHO_TAKES_PART)
    assert served == set().union(*lists)
    assert len(served) == sum(map(len, lists)), "none is in two lists"
