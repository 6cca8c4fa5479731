"""The notice of what is missing: everything at once, in the resident's language, the same bytes for the same papers."""

from io import BytesIO

import pikepdf
import pypdfium2
import pytest

from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.catalogue import rules_of
from rvw.domain.papers import PAPERS, checklist
from rvw.domain.visit import Visit
from signaling.papers.notices import notice_view
from signaling.papers.sheet import NoticeView, painted, render
from tests.fakes.counter import Counter, run
from tests.fakes.town import KIOSK_ONE, OFFICER_LI, TOWN

NOW = 1_795_334_500.0
FILE = e.PaperFile("0" * 64, 1000, "image/jpeg", (e.Picture(30, 40, "0" * 64, "1" * 64),), "0" * 64)


def view(counter: Counter, visit: str, note: str = "") -> NoticeView:
    """What a notice would say now."""
    seen: Visit = run(counter.ledger.visit(visit))
    items = checklist(rules_of(TOWN, seen.matter), run(counter.ledger.beside(PAPERS, visit)))
    return notice_view(seen, items, note, "李示例", TOWN, NOW)


def words(pdf: bytes) -> str:
    """What can be read in a PDF, without white space."""
    document = pypdfium2.PdfDocument(pdf)
    return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in document)


@pytest.fixture
def counter() -> Counter:
    """Kiosk and Li are there."""
    made = Counter()
    for actor in (KIOSK_ONE, OFFICER_LI):
        made.perform(actor, c.SetPresence("ready"))
    return made


def talk(counter: Counter, language: str = "zh") -> str:
    """Li and the resident talk about the card."""
    visit = counter.perform(KIOSK_ONE, c.Open("card", "310113", language=language))
    counter.match()
    counter.perform(OFFICER_LI, c.Accept(), visit)
    return visit


def test_it_says_what_is_missing_and_why(counter: Counter) -> None:
    """One paper has not come, one was sent back, one is accepted: each stands where it belongs, in readable words."""
    visit = talk(counter)
    counter.perform(KIOSK_ONE, c.AddPage("lease", "", "camera", FILE), visit)
    counter.perform(OFFICER_LI, c.ReturnPaper("lease", "没有盖章"), visit)
    counter.perform(OFFICER_LI, c.AskPaper(title="居住证"), visit)
    counter.perform(OFFICER_LI, c.AcceptPaper("photo", 0), visit)
    said = view(counter, visit, "周三下午窗口不办理")
    assert [row[:2] for row in said.missing] == [
        ("居民身份证", "还没有提交"),
        ("租房合同", "需重新提交：没有盖章"),
        ("居住证", "还没有提交"),
    ]
    assert said.accepted == ("证件照",)
    read = words(render(said, NOW))
    for one in ("一次性告知单", "居民身份证", "租房合同", "没有盖章", "居住证", "周三下午窗口不办理", "证件照", "李示例"):
        assert one in read


def test_it_is_in_the_language_of_the_resident(counter: Counter) -> None:
    """Who took the ticket in English reads English."""
    read = words(render(view(counter, talk(counter, "en")), NOW))
    assert "Noticeofwhatismissing" in read
    assert "一次性" not in read


def test_the_same_papers_give_the_same_bytes(counter: Counter) -> None:
    """It is a PDF/A-3b, whose pages have pictures in two sizes."""
    visit = talk(counter)
    first = render(view(counter, visit), NOW)
    assert first == render(view(counter, visit), NOW)
    with pikepdf.open(BytesIO(first)) as pdf:
        assert pdf.open_metadata().pdfa_status == "3B"
    (page,) = painted(first)
    assert (page.width, page.height) == (1191, 1684)
    assert len(page.thumbnail) < len(page.view)
