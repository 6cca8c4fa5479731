"""The pages of the reference case system: Chinese first, then English; no scripts, one style sheet, everything escaped."""

from collections.abc import Sequence
from html import escape
from typing import Final

from rvw.clock import Instant, to_the_second
from rvw.domain.certificate import Certificate
from rvw.domain.events import Outcome
from rvw.domain.handover import Dossier
from rvw.domain.people import Role

HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1a1f26; --soft: #4d5866; --line: #c9d0d9; --ground: #fff; --accent: #0b57a4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eef1f5; --soft: #b3bdc9; --line: #414a56; --ground: #14181d; --accent: #8cc1ff; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1.5rem; background: var(--ground); color: var(--ink);
  font: 1.0625rem/1.6 "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
.en { color: var(--soft); font-size: .9375rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin-top: 1rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
a { color: var(--accent); }
a:focus-visible, .scroll:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
dl { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .35rem 1.5rem; margin: 1rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
"""

_OUTCOMES: Final[dict[Outcome, str]] = {
    "accepted": "受理 Accepted",
    "guided": "指导 Guided",
    "returned": "退回补正 Returned",
    "transferred": "转办 Transferred",
    "unresolved": "办不成事 Unresolved",
    "left": "群众离开 Left",
}

_ROLES: Final[dict[str, str]] = {
    Role.KIOSK: "群众 Resident",
    Role.HOST: "帮办 Host",
    Role.OFFICER: "经办 Officer",
    Role.GUEST: "受邀 Guest",
    Role.SUPERVISOR: "督导 Supervisor",
    Role.SYSTEM: "系统 System",
}


def index(cases: Sequence[tuple[str, str, Instant]]) -> str:
    """Return the list of records: visit, receipt, when received."""
    rows = [
        (_link(f"/records/{visit}", receipt), escape(to_the_second(received_at)), escape(visit))
        for visit, receipt, received_at in cases
    ]
    heads = ("受理编号 Receipt", "收到时间 Received", "窗口记录 Visit")
    content = _table("收到的记录 Records received", heads, rows) if rows else _both("还没有记录", "No record yet")
    return _page("受理平台（参考实现）", "Case system (reference)", content)


def record(receipt: str, received_at: Instant, dossier: Dossier) -> str:
    """Return one record in readable form."""
    facts = (
        ("受理编号 Receipt", receipt),
        ("收到时间 Received", to_the_second(received_at)),
        ("窗口记录 Visit", dossier.visit),
        ("取号 Ticket", dossier.ticket),
        ("事项 Matter", dossier.matter),
        ("区划 Region", dossier.region),
        ("机构 Authority", dossier.authority),
        ("大厅 Hall", dossier.hall),
        ("终端 Kiosk", dossier.kiosk),
        ("窗口 Desk", dossier.desk),
        ("取号时间 Opened", to_the_second(dossier.opened_at)),
        ("接听用时 First answer", _length(dossier.first_answer_s)),
        ("结束时间 Closed", to_the_second(dossier.closed_at)),
        ("办理结果 Outcome", _OUTCOMES.get(dossier.outcome, dossier.outcome)),  # type: ignore[call-overload]
        ("备注 Note", dossier.note),
    )
    content = "".join([_facts(facts), _parties(dossier), _chat(dossier), _events(dossier)])
    return _page(f"记录 {receipt}", "Record", content, back=True)


def deleted(receipt: str, received_at: Instant, gone: Certificate) -> str:
    """Return what is left of a record that was deleted where it came from, and here."""
    facts = (
        ("受理编号 Receipt", receipt),
        ("收到时间 Received", to_the_second(received_at)),
        ("窗口记录 Visit", gone.visit),
        ("事项 Matter", gone.matter),
        ("机构 Authority", gone.authority),
        ("结束时间 Closed", to_the_second(gone.closed_at)),
        ("删除时间 Deleted", to_the_second(gone.done_at)),
        ("依据 By", f"{gone.rule.id} · {gone.rule.basis}"),
        ("文件 Files", str(len(gone.files))),
    )
    said = _both("记录已按规定删除，只留证明。", "The record was deleted by rule; its certificate is left.")
    content = said + _facts(facts)
    return _page(f"记录 {receipt}", "Record", content, back=True)


def missing() -> str:
    """Return what is shown when there is no such record."""
    return _page("没有这条记录", "There is no such record", "", back=True)


def _parties(dossier: Dossier) -> str:
    rows = [
        tuple(map(escape, (_ROLES[party.role], party.name, to_the_second(party.entered_at), to_the_second(party.left_at))))
        for party in dossier.parties
    ]
    return _section("参加人", "Parties", ("角色 Role", "姓名 Name", "进入 Entered", "离开 Left"), rows)


def _chat(dossier: Dossier) -> str:
    rows = [tuple(map(escape, (to_the_second(line.at), line.name, line.text))) for line in dossier.chat]
    return _section("文字交流", "Chat", ("时间 Time", "姓名 Name", "内容 Text"), rows)


def _events(dossier: Dossier) -> str:
    rows = [
        tuple(map(escape, (str(event.version), to_the_second(event.at), type(event.event).__name__, event.by)))
        for event in dossier.events
    ]
    return _section("过程", "Events", ("序号 No.", "时间 Time", "事件 Event", "由 By"), rows)


def _section(title: str, english: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    heading = f'<h2>{escape(title)} <span class="en" lang="en">{escape(english)}</span></h2>'
    return heading + (_table(f"{title} {english}", heads, rows) if rows else _both("无", "None"))


def _table(name: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(name)}">{table}</div>'


def _facts(facts: Sequence[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(text) or '—'}</dd>" for name, text in facts) + "</dl>"


def _link(address: str, text: str) -> str:
    return f'<a href="{escape(address)}">{escape(text)}</a>'


def _both(chinese: str, english: str) -> str:
    return f'<p>{escape(chinese)} <span class="en" lang="en">{escape(english)}</span></p>'


def _page(title: str, english: str, content: str, *, back: bool = False) -> str:
    link = '<p><a href="/">全部记录 <span lang="en">All records</span></a></p>' if back else ""
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/style.css"></head>'
        f'<body><main><h1>{escape(title)}</h1><p class="en" lang="en">{escape(english)}</p>{content}{link}</main></body>'
        "</html>"
    )


def _length(seconds: float | None) -> str:
    return "未接听 Not answered" if seconds is None else f"{seconds:.0f} 秒 s"
