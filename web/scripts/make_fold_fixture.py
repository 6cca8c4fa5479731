"""Write `src/visit/fold.fixture.json`: sequences of events and what the Python folds make of them.

Run with the project's Python from anywhere: `.venv/bin/python web/scripts/make_fold_fixture.py`; with `--check` it only
compares. The walk takes every transition of the table and stops when one is missing, so that a new event cannot be
forgotten here. No clock, no randomness: the same code writes the same bytes.
"""

import sys
from pathlib import Path

import msgspec

from rvw.domain import events as e
from rvw.domain import fold
from rvw.domain import shift as shifts
from rvw.domain import visit as visits
from rvw.domain.people import Role, Skill

TARGET = Path(__file__).parent.parent / "src" / "visit" / "fold.fixture.json"

OPENED = e.Opened(
    authority="pudong",
    kiosk="kiosk-1",
    kiosk_name="浦东一号终端",
    hall="pudong-hall",
    matter="social-card",
    region="310115",
    language="zh",
    desks=("pudong", "shanghai"),
    priority=0,
    ticket="P4-7731",
    deadline=8200.0,
    waits_s=(0.0, 45.0),
    case="SL-2026-0001",
    recording_rule="allowed",
)
NEXT: dict[type[e.VisitEvent], e.VisitEvent] = {
    e.StepReached: e.StepReached("shanghai", (e.Passed("pudong", "busy"),), None),
    e.Offered: e.Offered("officer-1", "pudong", 1020.0, "best_grade"),
    e.TurnedDown: e.TurnedDown("officer-1", "missed", 1080.0),
    e.Accepted: e.Accepted("officer-1", "李示例", 15400.0),
    e.Entered: e.Entered("host-1", Role.HOST, "陈帮办", 2, "join"),
    e.Departed: e.Departed("host-1", "left"),
    e.Said: e.Said("kiosk-1", "浦东一号终端", Role.KIOSK, "您好"),
    e.ShareStarted: e.ShareStarted("host-1", "陈帮办"),
    e.ShareStopped: e.ShareStopped("host-1"),
    e.MarksAllowed: e.MarksAllowed(True),
    e.Held: e.Held(1600.0),
    e.Resumed: e.Resumed(15400.0),
    e.Interrupted: e.Interrupted("officer-1", 1060.0),
    e.Restored: e.Restored("officer-1"),
    e.Requeued: e.Requeued("officer_lost", "", 1100.0, 3600, 8200.0),
    e.Prioritised: e.Prioritised("elder", "", 600),
    e.Transferred: e.Transferred(("shanghai", "jiaxing"), "市级事项", 3600, 8200.0, (0.0, 60.0)),
    e.MovedKiosk: e.MovedKiosk("kiosk-2", "浦东二号终端", "pudong-hall"),
    e.Invited: e.Invited("officer-2", "郑示例", 1100.0),
    e.Uninvited: e.Uninvited("officer-2", "missed"),
    e.ConsentAnswered: e.ConsentAnswered(
        "kiosk-1", "浦东一号终端", Role.KIOSK, "recording", "given", "consent", "resident-2026-11", "0" * 64, "zh"
    ),
    e.TakenOver: e.TakenOver("officer-2", "郑示例", "shanghai", 15400.0),
    e.RecordingStarted: e.RecordingStarted(("kiosk-1", "officer-1")),
    e.RecordingStalled: e.RecordingStalled("full"),
    e.RecordingResumed: e.RecordingResumed(),
    e.RecordingStopped: e.RecordingStopped("held"),
    e.UnresolvedNoted: e.UnresolvedNoted("t1", "soon", Role.KIOSK, "系统里查不到我的参保记录"),
    e.Ended: e.Ended("officer", 1600.0),
    e.Closed: e.Closed("done", "accepted", "已受理", "七个工作日内寄出", "外省参保怎么并"),
    e.HandedOver: e.HandedOver("R-0001"),
}
PATHS: dict[visits.State, tuple[type[e.VisitEvent], ...]] = {
    visits.State.WAITING: (),
    visits.State.OFFERED: (e.Offered,),
    visits.State.LIVE: (e.Offered, e.Accepted, e.Entered, e.Interrupted, e.Invited),
    visits.State.HELD: (e.Offered, e.Accepted, e.Entered, e.Invited, e.Held),
    visits.State.WRAPPING: (e.Offered, e.Accepted, e.Ended),
    visits.State.CLOSED: (e.Offered, e.Accepted, e.Ended, e.Closed),
}
"""How each state is reached from a new visit."""

PROFILE = ("李示例", Role.OFFICER, "pudong", ("pudong",), ("zh", "en"), (Skill("social-card", 1),))


def recorded(stream: str, version: int, event: e.Event, ref: str = "") -> e.Recorded:
    """Return `event` as the `version`-th of its stream, one second after the one before."""
    return e.Recorded(stream, version, 1000.0 + version, "somebody", ref, event)


def visit_scene(name: str, events: list[e.VisitEvent], split: int, ref: str = "") -> dict[str, object]:
    """Return a scene whose snapshot is the visit after `split` events."""
    history = [recorded("visit:v1", n, event, f"{ref}{n}" if ref else "") for n, event in enumerate(events, 1)]
    before: visits.Visit | None = None
    for one in history[:split]:
        before = fold.evolve(before, one)
    after = before
    for one in history[split:]:
        after = fold.evolve(after, one)
    return {"name": name, "kind": "visit", "snapshot": before, "events": history[split:], "after": after}


def shift_scene(name: str, events: list[e.ShiftEvent]) -> dict[str, object]:
    """Return a scene of an officer's shift, from nothing."""
    history = [recorded("shift:officer-1", n, event) for n, event in enumerate(events, 1)]
    after = shifts.Shift(actor="officer-1")
    for one in history:
        after = shifts.evolve(after, one)
    return {"name": name, "kind": "shift", "snapshot": None, "events": history, "after": after}


def scenes() -> list[dict[str, object]]:
    """Return one scene a transition, a few long ones, and the shifts."""
    found = []
    for state, kind in fold.TRANSITIONS:
        events = [OPENED, *(NEXT[step] for step in PATHS[state]), NEXT[kind]]
        found.append(visit_scene(f"{state} × {NEXT[kind].__struct_config__.tag}", events, len(events) - 1))
    turned = [OPENED, NEXT[e.Offered], NEXT[e.TurnedDown]]
    again = [NEXT[e.Offered], e.TurnedDown("officer-1", "declined", 1200.0), e.Offered("officer-2", "shanghai", 1300.0)]
    talk = [e.Accepted("officer-2", "郑示例", 15400.0), NEXT[e.Entered], NEXT[e.Said], NEXT[e.Held], NEXT[e.Resumed]]
    gone = [e.Interrupted("officer-2", 1400.0), NEXT[e.Requeued], e.Offered("officer-1", "pudong", 1500.0)]
    end = [
        NEXT[e.Accepted],
        e.Entered("host-1", Role.HOST, "陈帮办", 3, "join"),
        NEXT[e.Ended],
        NEXT[e.Closed],
        NEXT[e.HandedOver],
    ]
    guest = e.Entered("officer-2", Role.GUEST, "郑示例", 3, "join")
    warm = [NEXT[e.Accepted], NEXT[e.Entered], NEXT[e.Invited], guest, NEXT[e.TakenOver], NEXT[e.Transferred]]
    found.append(visit_scene("a warm transfer, then a cold one", [OPENED, NEXT[e.Offered], *warm], 3))
    watch = [e.Entered("lead-1", Role.SUPERVISOR, "孙督导", 3, mode) for mode in ("listen", "whisper", "join")]
    back = e.Requeued("officer", "换专窗", 1100.0, 3600, 8200.0)
    share, mine = NEXT[e.ShareStarted], e.ShareStarted("officer-1", "李示例")
    talking = [OPENED, NEXT[e.Offered], NEXT[e.Accepted], NEXT[e.Entered]]
    for end_of_share in (e.Departed, e.Held, e.Transferred, e.Ended):
        name = f"a share ends with {NEXT[end_of_share].__struct_config__.tag}"
        found.append(visit_scene(name, [*talking, share, NEXT[end_of_share]], 5))
    handed = [NEXT[e.Invited], e.Entered("officer-2", Role.GUEST, "郑示例", 3, "join"), NEXT[e.TakenOver]]
    found.append(visit_scene("a share ends with its officer", [*talking, mine, *handed], 5))
    found.append(visit_scene("a share goes on when another leaves", [*talking, mine, NEXT[e.Departed]], 5))
    found.append(visit_scene("drawing is the officer's to allow", [*talking, NEXT[e.MarksAllowed], NEXT[e.Requeued]], 4))
    found.append(visit_scene("a supervisor in every mode", [OPENED, NEXT[e.Offered], NEXT[e.Accepted], *watch, back], 3))
    found.append(visit_scene("a whole visit with everything", [*turned, *again, *talk, *gone, *end], 0, "ref-"))
    found.append(visit_scene("more commands than are remembered", [*turned[:2], *talk[:1], *[NEXT[e.Said]] * 70], 0, "r"))
    moves = [NEXT[e.Interrupted], e.Interrupted("kiosk-1", 1060.0), e.MovedKiosk("kiosk-9", "宝山一号终端", "baoshan-hall")]
    found.append(visit_scene("a kiosk in another hall", [OPENED, NEXT[e.Offered], NEXT[e.Accepted], NEXT[e.Entered], *moves], 3))
    host = e.ConsentAnswered("host-1", "陈帮办", Role.HOST, "recording", "refused", "consent", "joining-2026-11", "1" * 64, "zh")
    back = msgspec.structs.replace(NEXT[e.ConsentAnswered], answer="withdrawn")
    said = [NEXT[e.ConsentAnswered], host, e.MovedKiosk("kiosk-2", "浦东二号终端", "pudong-hall"), NEXT[e.Departed]]
    found.append(visit_scene("answers stay with the resident and go with who leaves", [*talking, *said], 4))
    found.append(visit_scene("an answer is taken back", [*talking, NEXT[e.ConsentAnswered], back], 4))
    ready, away = e.PresenceSet("ready", *PROFILE), e.PresenceSet("on_break", *PROFILE)
    found.append(shift_scene("ready, engaged, free", [ready, e.Engaged("v1"), e.Released("v1", False)]))
    found.append(shift_scene("an offer missed", [ready, e.Engaged("v1"), e.Released("v1", True)]))
    missed = [e.Engaged("v1"), e.Released("v1", False, True), e.Engaged("v2"), e.Released("v2", True, True)]
    found.append(shift_scene("two offers missed, then ready again", [ready, *missed, ready]))
    found.append(shift_scene("a break with its reason", [ready, e.PresenceSet("on_break", *PROFILE, "午饭"), ready]))
    elsewhere = msgspec.structs.replace(ready, hall="hall-2", desks=("city",), away=("pudong",))
    found.append(shift_scene("another hall, fewer desks, and back", [ready, elsewhere, ready]))
    found.append(shift_scene("missed while on a break", [ready, e.Engaged("v1"), away, e.Released("v1", True)]))
    found.append(shift_scene("ready twice keeps the idle time", [ready, ready, away, ready]))
    return found


def main() -> int:
    """Write the fixture, or compare it with what is there."""
    text = msgspec.json.format(msgspec.json.encode(scenes()), indent=1).decode() + "\n"
    if "--check" not in sys.argv:
        TARGET.write_text(text, encoding="utf-8")
    elif TARGET.read_text(encoding="utf-8") != text:
        print(f"{TARGET} does not fit the Python folds: run {__file__}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
