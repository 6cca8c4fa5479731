"""Write `src/papers/papers.fixture.json`: events of papers, and what the Python fold and checklist make of them.

Run with the project's Python from anywhere; with `--check` it only compares. Every kind of event is in it, so that a new one
cannot be forgotten on the pages.
"""

import sys
from pathlib import Path
from typing import get_args

import msgspec

from rvw.domain import events as e
from rvw.domain.catalogue import Field, Material, RulePack
from rvw.domain.papers import PAPERS, checklist

TARGET = Path(__file__).parent.parent / "src" / "papers" / "papers.fixture.json"

PACK = RulePack(
    "social-card",
    "社保卡",
    "Social security cards",
    materials=(
        Material("identity-card", "居民身份证", "Identity card", "original", licence="identity-card"),
        Material("lease", "租房合同", "Lease", "copy", required=False, when="租房时", when_en="for tenants"),
        Material("application", "申领登记表", "Application form", "form"),
    ),
    fields=(Field("phone", "手机号码", "Mobile number", "phone"),),
)
LICENCE = e.Licence("lic-1", "identity-card", "居民身份证", "3101**********0011", "王*", "公安局", "")


def file(number: int) -> e.PaperFile:
    """A file."""
    name = f"{number:064x}"
    return e.PaperFile(name, 1000 * number, "image/jpeg", (e.Picture(3264, 2448, name, f"{number + 99:064x}"),), name)


ADDED = e.PageAdded("identity-card", "正面", "camera", file(1), "一号终端")
SCENES: dict[str, tuple[e.PaperEvent, ...]] = {
    "nothing yet": (),
    "a page, accepted, then taken again": (
        ADDED,
        e.PaperAccepted("identity-card", "李示例"),
        e.PageReplaced(1, "camera", file(2), "一号终端"),
    ),
    "sent back": (ADDED, e.PaperReturned("identity-card", "反光", "李示例")),
    "asked for, and come": (
        e.PaperAsked("", "居住证", "请放平", "李示例"),
        e.PageAdded("x1", "", "phone", file(3), "手机"),
    ),
    "asked for, and accepted in the original": (
        e.PaperAsked("lease", "", "", "李示例"),
        e.PaperAccepted("lease", "李示例"),
    ),
    "shown to all, then taken again": (
        ADDED,
        e.PageShown(1, 0, 90, "李示例"),
        e.PageHidden("李示例"),
        e.PageShown(1, 0, 0, "李示例"),
        e.PageReplaced(1, "camera", file(2), "一号终端"),
    ),
    "shown to all, then removed": (ADDED, e.PageShown(1, 0, 0, "陈示例"), e.PageRemoved(1, "一号终端")),
    "shown to all": (ADDED, e.PageShown(1, 0, 270, "陈示例")),
    "moved, named, removed": (
        ADDED,
        e.PaperAccepted("identity-card", "李示例"),
        e.PageNamed(1, "identity-card", "人像面", "李示例"),
        e.PageNamed(1, "other", "驾驶证", "李示例"),
        e.PageAdded("lease", "", "upload", file(4), "陈帮办"),
        e.PageRemoved(5, "陈帮办"),
        e.PageRemoved(99, "陈帮办"),
    ),
    "a licence": (e.PaperReferred("identity-card", LICENCE, "一号终端"), e.PaperAccepted("identity-card", "李示例")),
    "telephones": (
        e.PhoneInvited("a" * 32, 2000.0, "一号终端"),
        e.PhoneInvited("b" * 32, 2100.0, "一号终端"),
        e.PhoneCame("a" * 32),
        e.PhoneDismissed("b" * 32),
    ),
    "a notice": (ADDED, e.NoticeGiven(("lease",), file(5), "李示例")),
}


def scene(name: str, events: tuple[e.PaperEvent, ...]) -> dict[str, object]:
    """Fold the events."""
    papers, history = PAPERS.empty("v1"), []
    for event in events:
        number = papers.version + 1
        recorded = e.Recorded("papers:v1", number, 1000.0 + number, "kiosk-1", f"r{number}", event)
        history.append(recorded)
        papers = PAPERS.evolve(papers, recorded)
    return {"name": name, "pack": PACK, "events": history, "after": papers, "checklist": checklist(PACK, papers)}


def main() -> int:
    """Write the fixture, or compare it with what is there."""
    used = {type(event) for events in SCENES.values() for event in events}
    assert used == set(get_args(e.PaperEvent)), f"no scene has {set(get_args(e.PaperEvent)) - used}"
    scenes = [scene(name, events) for name, events in SCENES.items()]
    text = msgspec.json.format(msgspec.json.encode(scenes), indent=1).decode() + "\n"
    if "--check" not in sys.argv:
        TARGET.write_text(text, encoding="utf-8")
    elif TARGET.read_text(encoding="utf-8") != text:
        print(f"{TARGET} does not fit the Python fold: run {__file__}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
