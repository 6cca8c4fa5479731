"""A line of a visit's chat in another language, over HTTP: who may ask, what is asked for once, what is not there."""

from collections.abc import Callable
from typing import cast

import pytest
from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.testclient import TestClient

from rvw.domain.people import Actor, Role
from rvw.domain.translation import Tongue
from rvw.domain.visit import ChatLine, State, Visit
from rvw.errors import NotFound, Unavailable
from signaling.keeping.audit import Audit
from signaling.ledger import Ledger
from signaling.rest_translation import KEPT_LINES, TranslationApi
from signaling.routes import routes
from signaling.translation import Translator
from tests.fakes.town import KIOSK_ONE, KIOSK_TWO, LEAD_FENG

VISIT = Visit(
    id="v-1",
    version=7,
    state=State.LIVE,
    authority="baoshan",
    kiosk=KIOSK_ONE.id,
    hall="hall-1",
    matter="card",
    region="310113",
    language="en",
    desks=("baoshan",),
    ticket="A001",
    priority=0,
    opened_at=0.0,
    waiting_since=0.0,
    waiting_deadline=60.0,
    deadline=60.0,
    chat=tuple(ChatLine(1.0, "li", "李示例", Role.OFFICER, text) for text in ("请签名。", "Please sign.", "138-0000")),
)


class Shouting:
    """Translates by shouting, and counts; `fails` so often first."""

    name = "shouting"

    def __init__(self, fails: int = 0) -> None:
        self.asked = 0
        self.fails = fails

    async def translate(self, text: str, source: Tongue, target: Tongue) -> str:
        """Return the line in capitals."""
        self.asked += 1
        if self.asked <= self.fails:
            raise Unavailable("out of breath")
        return f"{source}>{target} {text.upper()}"


class OneVisit:
    """A ledger with one visit, which may grow."""

    def __init__(self) -> None:
        self.held = VISIT
        self.noted: list[tuple[str, str, str, str]] = []

    async def visit(self, visit: str) -> Visit:
        """Return it."""
        if visit != self.held.id:
            raise NotFound("there is no such visit")
        return self.held


class Noting:
    """An audit log that keeps its lines with the visit."""

    def __init__(self, ledger: OneVisit) -> None:
        self._ledger = ledger

    async def note(self, actor: Actor, did: str, visit: str, what: str) -> None:
        """Keep a line."""
        self._ledger.noted.append((actor.id, did, visit, what))


async def identify(token: str) -> Actor:
    """Believe the name."""
    return {"one": KIOSK_ONE, "two": KIOSK_TWO, "lead": LEAD_FENG}[token]


@pytest.fixture
def ledger() -> OneVisit:
    """The one that is asked."""
    return OneVisit()


def asks(ledger: OneVisit, translator: Translator | None) -> Callable[..., tuple[int, dict[str, str]]]:
    """Return how a page asks: with a path, as a kiosk."""
    api = TranslationApi(translator, cast("Ledger", ledger), cast("Audit", Noting(ledger)))
    http = TestClient(Starlette(routes=[*routes(api.table(), identify)]))

    def ask(path: str, who: str = "one") -> tuple[int, dict[str, str]]:
        answer = http.get(f"/api/{path}", headers={"Authorization": f"Bearer {who}"})
        return answer.status_code, answer.json()

    return ask


def test_a_supervisor_who_reads_a_line_is_written_down(ledger: OneVisit) -> None:
    """The resident, who was there, is not."""
    ask = asks(ledger, Shouting())
    for who in ("one", "lead"):
        assert ask("visits/v-1/chat/0/en", who)[0] == 200
    assert ledger.noted == [("feng", "saw", "v-1", "line 0 of the chat")]


def test_a_line_is_translated_once_for_all_who_read_it(ledger: OneVisit) -> None:
    """Asked for twice, translated once; a line in the reader's language or without words is not translated at all."""
    shouting = Shouting()
    ask = asks(ledger, shouting)
    told = {"text": "zh>en 请签名。", "language": "en", "translator": "shouting"}
    assert [ask("visits/v-1/chat/0/en") for _ in range(2)] == [(200, told)] * 2
    assert ask("visits/v-1/chat/1/zh")[1]["text"] == "en>zh PLEASE SIGN."
    assert [ask(f"visits/v-1/chat/{line}/en")[1]["text"] for line in (1, 2)] == ["", ""]
    assert shouting.asked == 2


@pytest.mark.parametrize(
    "path", ["v-1/chat/3/en", "v-1/chat/-1/en", "v-1/chat/x/en", "v-1/chat/1²/en", "v-1/chat/0/fr", "v-2/chat/0/en"]
)
def test_what_is_not_there_is_not_found(ledger: OneVisit, path: str) -> None:
    """Another line, another language, another visit."""
    assert asks(ledger, Shouting())(f"visits/{path}")[0] == 404


def test_nobody_reads_the_lines_of_others(ledger: OneVisit) -> None:
    """The kiosk beside does not learn what was said, and the translator is not asked."""
    shouting = Shouting()
    assert asks(ledger, shouting)("visits/v-1/chat/0/en", who="two")[0] == 404
    assert shouting.asked == 0


def test_pages_are_told_whether_somebody_translates(ledger: OneVisit) -> None:
    """Off: an empty name, and nothing is there to ask for."""
    assert asks(ledger, Shouting())("translator")[1] == {"name": "shouting"}
    ask = asks(ledger, None)
    assert ask("translator")[1] == {"name": ""}
    assert ask("visits/v-1/chat/0/en")[0] == 404


def test_a_translator_that_failed_is_asked_again(ledger: OneVisit) -> None:
    """A failure is told and not remembered."""
    ask = asks(ledger, Shouting(fails=1))
    assert ask("visits/v-1/chat/0/en")[0] == 503
    assert ask("visits/v-1/chat/0/en")[0] == 200


def test_what_is_remembered_has_a_bound(ledger: OneVisit) -> None:
    """After very many lines the oldest is asked for anew, the newest is not."""
    shouting = Shouting()
    ask = asks(ledger, shouting)
    line = VISIT.chat[0]
    ledger.held = replace(VISIT, chat=tuple(replace(line, text=f"请签名 {n}") for n in range(KEPT_LINES + 1)))
    for n in range(KEPT_LINES + 1):
        assert ask(f"visits/v-1/chat/{n}/en")[0] == 200
    ask(f"visits/v-1/chat/{KEPT_LINES}/en")
    assert shouting.asked == KEPT_LINES + 1
    ask("visits/v-1/chat/0/en")
    assert shouting.asked == KEPT_LINES + 2
