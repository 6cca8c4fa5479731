"""Papers: what is handed in, asked for, accepted and sent back; the checklist; telephones; what the record holds."""

import msgspec
import pytest

from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.audit import Store, audit
from rvw.domain.catalogue import rules_of
from rvw.domain.companion import together
from rvw.domain.handover import dossier
from rvw.domain.papers import PAPERS, Papers, ShownPage, checked_name, checklist, complete, missing
from rvw.domain.papers.decide import MAX_BYTES, MAX_PAGES, MAX_PHONES, PHONE_S
from rvw.domain.people import SYSTEM, Actor, Role
from rvw.errors import FileName, InvalidInput
from rvw.protocol.codec import CLIENT, encode
from tests.fakes.counter import Counter, run
from tests.fakes.town import HOST_CHEN, HOST_ELSEWHERE, KIOSK_ONE, KIOSK_TWO, LEAD_FENG, OFFICER_CITY, OFFICER_LI, TOWN

LINK = "0f4c1b2a9d8e7f60a1b2c3d4e5f60718"
PHONE = Actor(f"phone:{LINK}", Role.GUEST, "手机", "baoshan")


def file(number: int = 1, size: int = 1000) -> e.PaperFile:
    """A file with a hash of its own."""
    name = f"{number:064x}"
    return e.PaperFile(name, size, "image/jpeg", (e.Picture(3264, 2448, name, f"{number + 1000:064x}"),), name)


def page(material: str = "identity-card", number: int = 1, size: int = 1000) -> c.AddPage:
    """A page that has come."""
    return c.AddPage(material, "", "camera", file(number, size))


@pytest.fixture
def counter() -> Counter:
    """Kiosk and Li are there."""
    made = Counter()
    for actor in (KIOSK_ONE, OFFICER_LI):
        made.perform(actor, c.SetPresence("ready"))
    return made


@pytest.fixture
def visit(counter: Counter) -> str:
    """Li and the resident talk about the card, the host is with them."""
    visit = counter.perform(KIOSK_ONE, c.Open("card", "310113"))
    counter.match()
    counter.perform(OFFICER_LI, c.Accept(), visit)
    counter.perform(HOST_CHEN, c.Enter(), visit)
    return visit


def papers(counter: Counter, visit: str) -> Papers:
    """The papers now."""
    return run(counter.ledger.beside(PAPERS, visit))


def stands(counter: Counter, visit: str) -> dict[str, str]:
    """How each material stands."""
    return {one.material.id: one.stand for one in checklist(rules_of(TOWN, "card"), papers(counter, visit))}


def test_the_checklist_follows_the_papers(counter: Counter, visit: str) -> None:
    """Missing, there, sent back, there again, accepted; a page that is taken again opens the question again."""
    pack = rules_of(TOWN, "card")
    assert stands(counter, visit) == {"identity-card": "missing", "lease": "missing", "photo": "missing"}
    assert [one.material.id for one in missing(checklist(pack, papers(counter, visit)))] == ["identity-card"]

    counter.perform(KIOSK_ONE, page(), visit)
    assert stands(counter, visit)["identity-card"] == "there"
    counter.perform(OFFICER_LI, c.ReturnPaper("identity-card", "反光"), visit)
    assert stands(counter, visit)["identity-card"] == "returned"
    returned = next(one for one in checklist(pack, papers(counter, visit)) if one.material.id == "identity-card")
    assert (returned.note, returned.pages) == ("反光", (1,))

    counter.perform(KIOSK_ONE, c.ReplacePage(1, "camera", file(2)), visit)
    assert stands(counter, visit)["identity-card"] == "there"
    assert (papers(counter, visit).pages[0].retakes, papers(counter, visit).pages[0].file) == (1, file(2))
    counter.perform(OFFICER_LI, c.AcceptPaper("identity-card", papers(counter, visit).version), visit)
    assert stands(counter, visit)["identity-card"] == "accepted"
    assert complete(pack, papers(counter, visit))

    counter.perform(KIOSK_ONE, page(number=3), visit)
    assert stands(counter, visit)["identity-card"] == "there", "a further page was not looked at"


def test_nobody_accepts_what_they_have_not_seen(counter: Counter, visit: str) -> None:
    """The resident takes the page again while the officer's hand is on the button."""
    counter.perform(KIOSK_ONE, page(), visit)
    seen = papers(counter, visit).version
    counter.perform(KIOSK_ONE, c.ReplacePage(1, "camera", file(2)), visit)
    assert counter.refusal(OFFICER_LI, c.AcceptPaper("identity-card", seen), visit) == "conflict"
    counter.perform(OFFICER_LI, c.AcceptPaper("identity-card", papers(counter, visit).version), visit)


def test_an_officer_asks_for_a_paper_that_is_on_no_list(counter: Counter, visit: str) -> None:
    """It is asked for until it comes, and stands on the checklist from then on."""
    counter.perform(OFFICER_LI, c.AskPaper(title="租房合同", note="请翻到第一页"), visit)
    wanted = papers(counter, visit).wanted
    assert wanted is not None
    assert (wanted.material, wanted.note) == ("x1", "请翻到第一页")
    assert stands(counter, visit)["x1"] == "missing"
    counter.perform(HOST_CHEN, c.AddPage("x1", "", "upload", file()), visit)
    assert papers(counter, visit).wanted is None
    assert stands(counter, visit)["x1"] == "there"
    assert counter.refusal(OFFICER_LI, c.AskPaper(title="  "), visit) == "not_possible"
    assert counter.refusal(OFFICER_LI, c.AskPaper("passport"), visit) == "not_found"


def test_a_page_is_renamed_moved_and_removed(counter: Counter, visit: str) -> None:
    """Whatever it belonged to is open again; what nobody asked for has a place of its own."""
    counter.perform(KIOSK_ONE, page(), visit)
    counter.perform(OFFICER_LI, c.AcceptPaper("identity-card", 1), visit)
    counter.perform(OFFICER_LI, c.NamePage(1, "identity-card", "正面"), visit)
    assert stands(counter, visit)["identity-card"] == "accepted", "a name changes nothing"
    counter.perform(OFFICER_LI, c.NamePage(1, "other", "驾驶证"), visit)
    assert stands(counter, visit) == {
        "identity-card": "missing", "lease": "missing", "photo": "missing", "other": "there",
    }  # fmt: skip
    counter.perform(KIOSK_ONE, c.RemovePage(1), visit)
    assert papers(counter, visit).pages == ()
    assert counter.refusal(KIOSK_ONE, c.RemovePage(1), visit) == "not_found"


def test_all_look_at_a_page_together(counter: Counter, visit: str) -> None:
    """The officer shows a page, turned; the clerk shows another; what is taken again or removed is shown no more."""
    counter.perform(KIOSK_ONE, page(), visit)
    counter.perform(KIOSK_ONE, page(number=2), visit)
    counter.perform(OFFICER_LI, c.ShowPage(1, turn=90), visit)
    first = papers(counter, visit)
    assert first.shown == ShownPage(1, 0, 90, OFFICER_LI.name, counter.clock())
    counter.perform(OFFICER_LI, c.ShowPage(1, turn=90), visit)
    assert papers(counter, visit).version == first.version, "it is shown already"
    counter.perform(HOST_CHEN, c.ShowPage(2), visit)
    shown = papers(counter, visit).shown
    assert shown is not None
    assert shown.page == 2
    assert counter.refusal(OFFICER_LI, c.ShowPage(2, picture=1), visit) == "not_found"
    assert counter.refusal(OFFICER_LI, c.ShowPage(9), visit) == "not_found"
    assert counter.refusal(KIOSK_ONE, c.ShowPage(1), visit) == "not_allowed"
    counter.perform(KIOSK_ONE, c.ReplacePage(2, "camera", file(3)), visit)
    assert papers(counter, visit).shown is None
    counter.perform(OFFICER_LI, c.ShowPage(1), visit)
    counter.perform(OFFICER_LI, c.HidePage(), visit)
    assert papers(counter, visit).shown is None


def test_a_licence_stands_for_a_paper(counter: Counter, visit: str) -> None:
    """Only for one that the rule pack lets stand; pages need not come any more."""
    licence = e.Licence("lic-1", "identity-card", "居民身份证", "3101**********0011", "王*", "公安局", "")
    counter.perform(KIOSK_ONE, c.ReferTo("identity-card", licence), visit)
    assert stands(counter, visit)["identity-card"] == "referred"
    assert missing(checklist(rules_of(TOWN, "card"), papers(counter, visit))) == ()
    assert counter.refusal(KIOSK_ONE, c.ReferTo("photo", licence), visit) == "not_possible"
    counter.perform(OFFICER_LI, c.AcceptPaper("identity-card", 1), visit)
    assert stands(counter, visit)["identity-card"] == "accepted"


def test_a_telephone_sends_pictures_until_its_time_is_over(counter: Counter, visit: str) -> None:
    """Not before it has come, once for each link, not after half an hour, and not when it was dismissed."""
    assert counter.refusal(PHONE, page(), visit) == "not_allowed"
    counter.perform(KIOSK_ONE, c.InvitePhone(LINK), visit)
    assert counter.refusal(PHONE, page(), visit) == "not_allowed", "nobody has come by the link yet"
    counter.perform(PHONE, c.ComeByPhone(LINK), visit)
    assert counter.refusal(PHONE, c.ComeByPhone(LINK), visit) == "not_found", "a link is used once"
    counter.perform(PHONE, page(), visit)
    assert (papers(counter, visit).pages[0].source, papers(counter, visit).pages[0].by) == ("phone", PHONE.id)
    counter.perform(KIOSK_ONE, page(number=2), visit)
    assert counter.refusal(PHONE, c.ReplacePage(4, "phone", file(9)), visit) == "not_allowed"
    assert counter.refusal(PHONE, c.RemovePage(3), visit) == "not_allowed"
    assert counter.refusal(PHONE, c.Say("hello"), visit) == "not_allowed"
    counter.clock.pass_(PHONE_S + 1)
    assert counter.refusal(PHONE, page(), visit) == "not_allowed"

    for number in range(MAX_PHONES):
        counter.perform(KIOSK_ONE, c.InvitePhone(f"{number:032x}"), visit)
    assert counter.refusal(KIOSK_ONE, c.InvitePhone("f" * 32), visit) == "too_many"
    counter.perform(KIOSK_ONE, c.DismissPhone(f"{0:032x}"), visit)
    stranger = msgspec.structs.replace(PHONE, id=f"phone:{0:032x}")
    assert counter.refusal(stranger, c.ComeByPhone(f"{0:032x}"), visit) == "not_found"


def test_who_may_do_what(counter: Counter, visit: str) -> None:
    """Those who take part hand in; the visit's officer decides; others are refused, and so is everybody afterwards."""
    for actor in (HOST_ELSEWHERE, KIOSK_TWO, OFFICER_CITY, LEAD_FENG):
        assert counter.refusal(actor, page(), visit) == "not_allowed", actor.id
    for actor in (KIOSK_ONE, HOST_CHEN, OFFICER_LI):
        counter.perform(actor, page(), visit)
    for actor in (KIOSK_ONE, HOST_CHEN, OFFICER_CITY):
        assert counter.refusal(actor, c.AcceptPaper("identity-card", 9), visit) == "not_allowed"
        assert counter.refusal(actor, c.ReturnPaper("identity-card", "不清楚"), visit) == "not_allowed"
    assert counter.refusal(KIOSK_ONE, c.AskPaper("photo"), visit) == "not_allowed"
    counter.perform(OFFICER_LI, c.End(), visit)
    assert counter.refusal(KIOSK_ONE, page(), visit) == "not_possible"
    counter.perform(OFFICER_LI, c.AcceptPaper("identity-card", 9), visit)
    counter.perform(OFFICER_LI, c.Close("accepted"), visit)
    assert counter.refusal(OFFICER_LI, c.ReturnPaper("identity-card", "不清楚"), visit) == "not_possible"


def test_a_visit_takes_so_much_and_no_more(counter: Counter, visit: str) -> None:
    """Pages by number, files by bytes; what was removed counts still, because it came."""
    for _ in range(MAX_PAGES):
        counter.perform(KIOSK_ONE, page(), visit)
    assert counter.refusal(KIOSK_ONE, page(), visit) == "too_many"
    counter.perform(KIOSK_ONE, c.RemovePage(1), visit)
    counter.perform(KIOSK_ONE, page(size=MAX_BYTES - 1000 * MAX_PAGES), visit)
    counter.perform(KIOSK_ONE, c.RemovePage(2), visit)
    assert counter.refusal(KIOSK_ONE, page(size=1), visit) == "too_many"


def test_a_repeated_upload_adds_one_page(counter: Counter, visit: str) -> None:
    """A page that did not hear the answer asks again."""
    for _ in range(2):
        counter.perform(KIOSK_ONE, page(), visit, ref="upload-1")
    assert len(papers(counter, visit).pages) == 1


@pytest.mark.parametrize(
    "command",
    [page(), c.ReplacePage(1, "camera", file()), c.InvitePhone(LINK), c.ComeByPhone(LINK), c.GiveNotice((), file())],
)
def test_pages_cannot_write_what_the_server_has_to_see_to(command: c.Command) -> None:
    """A hash that nobody has verified is no page."""
    with pytest.raises(InvalidInput):
        CLIENT.decode(encode({"type": "do", "ref": "r", "visit": "v", "command": msgspec.to_builtins(command)}))


def test_the_record_names_each_page_by_its_hash(counter: Counter, visit: str) -> None:
    """The dossier has the events of papers between those of the visit, and the audit finds nothing."""
    counter.perform(KIOSK_ONE, page(), visit)
    counter.perform(OFFICER_LI, c.AcceptPaper("identity-card", 1), visit)
    counter.perform(OFFICER_LI, c.Close("accepted"), visit)
    streams = counter.ledger.streams
    events = together(streams[f"visit:{visit}"], streams[f"papers:{visit}"])
    made = dossier(counter.visit(visit), events, b"s" * 32)
    added = [link.event for link in made.events if isinstance(link.event, e.PageAdded)]
    assert [one.file.sha256 for one in added] == [f"{1:064x}"]
    counter.perform(SYSTEM, c.Acknowledge("R-1"), visit)


@pytest.mark.parametrize("name", ["身份证.jpg", "lease (1).pdf", " IMG_0001.HEIC ", "a" * 120])
def test_a_name_is_taken(name: str) -> None:
    """Names as telephones and people make them."""
    assert checked_name(name) == name.strip()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "../../etc/passwd",
        "a/b.jpg",
        "C:\\x.jpg",
        "..",
        ".htaccess",
        "a\0.jpg",
        "fdp.\u202egpj",
        "a%2fb",
        "a" * 121,
        "a\nb",
    ],
)
def test_a_name_is_no_place(name: str) -> None:
    """Paths, hidden files, characters that lie about the order of reading."""
    with pytest.raises(FileName):
        checked_name(name)


def test_the_audit_knows_papers(counter: Counter, visit: str) -> None:
    """Nothing is wrong with a stream of papers; an event of another kind in it, or no visit beside it, is found."""
    counter.perform(KIOSK_ONE, page(), visit)
    entries: dict[str, list[tuple[int, e.Recorded | None]]] = {
        name: [(r.version, r) for r in found] for name, found in counter.ledger.streams.items()
    }
    assert audit(Store(streams=entries), counter.clock()) == ()
    strange = e.Recorded(f"papers:{visit}", 2, counter.clock(), "chen", "", e.Cleared("share:1"))
    alone = {f"papers:{visit}": entries[f"papers:{visit}"]}
    entries[f"papers:{visit}"] = [*entries[f"papers:{visit}"], (2, strange)]
    assert [f.kind for f in audit(Store(streams=entries), counter.clock())] == ["impossible"]
    assert [f.kind for f in audit(Store(streams=alone), counter.clock())] == ["row"]
